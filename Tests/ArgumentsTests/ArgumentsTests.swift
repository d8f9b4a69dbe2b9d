// The command line by examples: what is taken, what is refused and with which words, and what is
// generated from the table.

import Arguments
import Glibc
import Settings
import Testing

private let program = Program(
    name: "probe-tool", summary: "a tool", version: "1.0",
    options: [
        Option("bootstrap-server", short: "b", value: "HOST:PORT", "brokers"),
        Option("command-config", value: "FILE", kind: .file, "a file"),
        Option("theme", value: "NAME", choices: ["default", "solarized-dark", "mono"], "looks"),
        Option("context", value: "NAME", completes: .output("contexts"), "which"),
        Option("screen", value: "COMMAND", completes: .words(["topics", "brokers"]), "what"),
        Option("read-only", short: "r", "change nothing"),
        Option("quick", short: "q", "be quick"),
        Option("refresh", value: "SECONDS", kind: .duration, "how often"),
        Option("help", short: "h", "explain"),
    ],
    commands: [
        CommandEntry("console", "watch"),
        CommandEntry(
            "record", "record what happens, isn't it",
            options: [Option("output", short: "o", value: "FILE", kind: .file, ".file to write")]),
        CommandEntry("shell", "print", arguments: [Argument("SHELL", choices: ["bash", "fish"])]),
        CommandEntry("offset", "seek", arguments: [Argument("OFFSET")]),
    ],
    notes: [("Exit codes", "0 well\n.2 not well")],
    nearest: { nearestName(to: $0, among: $1) })

private func parse(_ line: String) throws(UsageError) -> Invocation {
    try program.parse(line.split(separator: " ").map(String.init))
}

private func complaint(_ line: String) -> String {
    do throws(UsageError) {
        _ = try parse(line)
        return ""
    } catch {
        return error.description
    }
}

@Suite struct ParseTests {
    @Test func takesValuesInEveryForm() throws {
        for line in [
            "--bootstrap-server a:1", "--bootstrap-server=a:1", "-b a:1", "-ba:1", "-b=a:1",
        ] {
            #expect(try parse(line).value("bootstrap-server") == "a:1")
            #expect(try parse(line).command == "console")
        }
        let all = try parse("-b a --bootstrap-server b -rq --command-config -")
        #expect(all.all("bootstrap-server") == ["a", "b"])
        #expect(all.value("bootstrap-server") == "b")
        #expect(all.has("read-only") && all.has("quick") && !all.has("help"))
        #expect(all.value("command-config") == "-")
        #expect(try parse("--command-config=a=b").value("command-config") == "a=b")
    }

    @Test func findsTheCommandAmongOptions() throws {
        for line in [
            "-b a record --output f", "record -of -b a", "--bootstrap-server=a record -o f -b a",
            "-b record record -o f", "-qb a record -o f",
        ] {
            let found = try parse(line)
            #expect(found.command == "record", "\(line)")
            #expect(found.value("output") == "f")
        }
        #expect(try parse("shell bash").arguments == ["bash"])
        #expect(try parse("offset -3").arguments == ["-3"])
        #expect(try parse("offset -- --x").arguments == ["--x"])
        #expect(try parse("record --help --nonsense").has("help"))
    }

    @Test func saysWhatIsWrong() {
        let cases = [
            (
                "--bootstrp-server a",
                "unknown option --bootstrp-server: did you mean --bootstrap-server?"
            ),
            ("recrod", "unknown command recrod: did you mean record?"),
            ("zzz", "unknown command zzz"),
            (
                "--theme solarized-drak",
                "--theme: solarized-drak is not one of default, solarized-dark, mono: "
                    + "did you mean solarized-dark?"
            ),
            ("--read-only=yes", "--read-only takes no value"),
            ("--theme", "--theme needs a value: --theme NAME"),
            ("--theme --read-only", "--theme needs a value: --theme NAME"),
            ("--theme=", "--theme needs a value: --theme NAME"),
            ("--refresh -5", "--refresh: -5 is not a duration such as 10s, 500ms or 2m"),
            ("-x", "unknown option -x"),
            ("--output f", "--output belongs to the command record"),
            ("shell", "shell needs SHELL: bash, fish"),
            ("shell bsh", "shell: bsh is not one of bash, fish: did you mean bash?"),
            ("shell bash fish", "unexpected argument fish"),
            ("record x", "unexpected argument x"),
        ]
        for (line, words) in cases {
            #expect(complaint(line) == words, "\(line)")
        }
    }

    @Test func readsDurations() throws {
        let cases: [(String, Int?)] = [
            ("10s", 10_000), ("500ms", 500), ("2m", 120_000), ("1.5h", 5_400_000), ("3", 3_000),
            ("1d", 86_400_000), ("0.25", 250), ("", nil), ("s", nil), ("-1s", nil), ("1x", nil),
            ("1.s", nil), (".5", nil), ("1..2", nil), ("999999999999d", nil), ("1e3", nil),
        ]
        for (text, ms) in cases {
            #expect(parseDuration(text) == ms.map { .milliseconds($0) }, "\(text)")
        }
        #expect(try parse("--refresh 5").duration("refresh") == .seconds(5))
    }
}

@Suite struct GeneratedTextTests {
    @Test func helpNamesEverythingWithin80Columns() {
        let help = program.help() + program.help(for: "record") + program.help(for: "shell")
        for option in program.options + program.commands.flatMap(\.options) {
            #expect(help.contains(option.usage))
        }
        for command in program.commands.dropFirst() { #expect(help.contains(command.name)) }
        for line in help.split(separator: "\n") { #expect(line.count <= 80) }
        #expect(help.contains("solarized-dark, mono"))
    }

    @Test func completionsNameEverything() {
        for shell in Shell.allCases {
            let script = program.completions(for: shell)
            for option in program.options + program.commands.flatMap(\.options) {
                #expect(script.contains(option.name), "\(shell) \(option.name)")
            }
            for command in program.commands.dropFirst() {
                #expect(script.contains(command.name), "\(shell) \(command.name)")
            }
            #expect(script.contains("solarized-dark"))
            // Quotes are balanced: an apostrophe in a summary would break the script.
            #expect(script.filter { $0 == "'" }.count.isMultiple(of: 2), "\(shell)")
        }
    }

    /// Names that the program knows are asked of it when they are needed, by a real shell.
    @Test func namesAreAskedOfTheProgram() throws {
        let line = """
            probe-tool() { printf 'prod-eu\\t/a\\nprod-us\\t/b\\ntest\\t/c\\n'; }
            for words in "--context prod" "--screen bro" "--theme so"; do
                COMP_WORDS=(probe-tool $words); COMP_CWORD=2
                _probe_tool; echo "${COMPREPLY[@]}"
            done
            """
        let script = program.completions(for: .bash) + line
        let shell = try #require(popen("bash 2>&1 <<'END'\n\(script)\nEND\n", "r"))
        var text = ""
        while let byte = Optional(fgetc(shell)), byte != EOF {
            text.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: byte)))
        }
        #expect(pclose(shell) == 0)
        #expect(text == "prod-eu prod-us\nbrokers\nsolarized-dark\n", "\(text)")
        #expect(program.completions(for: .zsh).contains("probe-tool contexts 2>/dev/null | cut"))
        #expect(program.completions(for: .fish).contains("(probe-tool contexts 2>/dev/null"))
        #expect(program.completions(for: .fish).contains("-a 'topics brokers'"))
    }

    @Test func manualIsSafeForRoff() {
        let page = program.manual()
        #expect(page.hasPrefix(".TH PROBE\\-TOOL 1"))
        #expect(page.contains("\\&.file to write"))
        #expect(page.contains("\n\\&.2 not well"))
        for line in page.split(separator: "\n") where line.hasPrefix(".") {
            let macro = line.split(separator: " ")[0]
            #expect([".TH", ".SH", ".TP", ".RS", ".RE", ".B", ".PP"].contains(String(macro)))
        }
    }
}
