// Command lines that end without a terminal: exit codes, the table of commands and options, and
// words of others on standard error.
import Arguments
import Glibc
import Testing
import TransportTesting

@testable import Commands

@MainActor
@Suite(.onOwnThread) struct CommandLineTests {
    @Test func exitCodesAreAsDocumented() throws {
        let cases: [(line: String, code: ExitCode, words: String)] = [
            ("--help", .done, ""), ("--version", .done, ""), ("man", .done, ""),
            ("themes", .done, ""), ("completions bash", .done, ""), ("snapshot --help", .done, ""),
            ("contexts", .done, "no contexts: put NAME.properties into"),
            ("snapshto", .usage, "unknown command snapshto: did you mean snapshot?"),
            ("--nonsense", .usage, "unknown option --nonsense"),
            ("completions", .usage, "completions needs SHELL"),
            ("demo --brokers 0", .usage, "--brokers is a number from 1 to 2000"),
            ("demo --speed 0", .usage, "--speed is how much faster than real"),
            ("demo --print --size 80", .usage, "--size is COLUMNSxROWS"),
            ("demo --print --after 8d", .usage, "--after takes a week at most"),
            ("demo --print --screen topcis", .usage, "no command topcis; did you mean topics?"),
            ("demo --print --screen", .usage, "--screen"),
            ("demo --theme drak --print", .usage, "no theme drak"),
            ("demo --theme drak", .usage, "did you mean dark?"),
            ("themes --theme drak", .usage, "no theme drak"),
            ("demo --soak 6h", .usage, "unknown option --soak"),
            ("snapshot", .usage, "bootstrap"),
            ("snapshot -b a:99999", .usage, "99999"),
            ("snapshot -b a --timeout 0", .usage, "--timeout must be more than nothing"),
            ("snapshot -b a --sections , ", .usage, "--sections names none"),
            ("snapshot -b a --sections topcis", .usage, "did you mean topics?"),
            ("snapshot -b a --only offlin", .usage, "did you mean offline?"),
            ("snapshot -b a --only group_stuck", .usage, "--only: group_stuck is not one of"),
            ("--context nowhere", .usage, "nowhere"),
        ]
        for (line, code, words) in cases {
            let ended = try highwater(line)
            #expect(ended.code == code.rawValue, "\(line): \(ended.errors)")
            #expect(ended.errors.contains(words), "\(line): \(ended.errors)")
            #expect(ended.errors.isEmpty || ended.errors.hasPrefix("highwater: "), "\(line)")
            #expect(ended.output.isEmpty == (code != .done || line == "contexts"), "\(line)")
        }
    }

    @Test func aSignalIsCountedAsShellsDo() {
        #expect(ExitCode.signal(15).rawValue == 143)
    }

    @Test func everyCommandStandsInTheTableOnce() throws {
        let names = allSubcommands.map { $0.entry.name }
        #expect(Set(names).count == names.count)
        let help = try highwater("--help").output
        let manual = try highwater("man").output
        for command in allSubcommands.dropFirst() {
            #expect(help.contains("  \(command.entry.name) "), "\(command.entry.name)")
            #expect(help.contains(command.entry.summary), "\(command.entry.name)")
            #expect(manual.contains(command.entry.name))
            let own = try highwater("\(command.entry.name) --help").output
            for option in command.entry.options { #expect(own.contains(option.usage)) }
        }
    }

    @Test func noOptionIsGivenTwice() {
        for command in allSubcommands {
            let options = program.options + command.entry.options
            #expect(Set(options.map(\.name)).count == options.count, "\(command.entry.name)")
            let letters = options.compactMap(\.short)
            #expect(Set(letters).count == letters.count, "\(command.entry.name)")
        }
    }

    @Test func wordsOfOthersDoNothingToTheTerminal() throws {
        for words in [
            ["snap\u{1b}[31m"], ["-b", "a\u{9b}2J:1", "snapshot"], ["--context", "x\u{7}y"],
        ] {
            let ended = try highwater(words)
            #expect(ended.code == ExitCode.usage.rawValue)
            let isPlain = ended.errors.unicodeScalars.allSatisfy {
                $0 == "\n" || $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value)
            }
            #expect(isPlain, "\(ended.errors.debugDescription)")
        }
    }

    /// A store that its password does not open is a fault of a file: nothing is asked.
    @Test func aStoreThatDoesNotOpenIsAWrongFile() throws {
        let (store, settings) = (try ScratchFile(), try ScratchFile())
        // A JKS store of version 2 without entries and with another password's check sum.
        try store.replace(
            [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 0] + Array(repeating: 7, count: 20))
        try settings.replace(
            Array(
                """
                security.protocol=SSL
                ssl.truststore.location=\(store.path)
                ssl.truststore.password=wrong
                """.utf8))
        let ended = try highwater("snapshot -b 127.0.0.1:1 --command-config \(settings.path)")
        // Where there is no OpenSSL that is the first reason.
        guard !ended.errors.contains("OpenSSL is not to be had") else { return }
        #expect(ended.code == ExitCode.usage.rawValue)
        #expect(
            ended.errors.contains("the password does not open \(store.path)"), "\(ended.errors)")
        #expect(ended.output.isEmpty)
    }

    /// Help that went nowhere is no success, and a reader that has seen enough is no fault.
    @Test func whatCannotBeWrittenIsSaid() throws {
        func help(into descriptor: Int32) throws -> Ended {
            defer { close(descriptor) }
            let errors = try ScratchFile()
            let host = Host(
                output: OutputStream(descriptor: descriptor),
                error: OutputStream(descriptor: errors.descriptor), environment: [:])
            let code = runHighwater(["--help"], host)
            return Ended(code: code.rawValue, output: "", errors: errors.text)
        }
        let full = try help(into: open("/dev/full", O_WRONLY))
        #expect(full.code == ExitCode.cannotRun.rawValue)
        #expect(full.errors.contains("No space left on device"), "\(full.errors)")
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        let gone = try help(into: ends[1])
        #expect(gone.code == 141 && gone.errors.isEmpty)
    }

    /// What a screen is about is known when there is a cluster: it is a fault all the same.
    @Test func aScreenAboutNothingIsAFault() throws {
        let ended = try highwater(
            [
                "demo", "--print", "--brokers", "3", "--partitions", "12", "--groups", "2",
                "--after",
                "12s", "--screen", "group nosuch",
            ])
        #expect(ended.code == ExitCode.usage.rawValue && ended.output.isEmpty)
        #expect(ended.errors.contains("--screen: ") && ended.errors.contains("nosuch"))
    }

    @Test func completionsKnowTheNames() throws {
        let script = try highwater("completions bash").output
        for words in ["highwater themes", "highwater contexts", "heat", "az-lost"] {
            #expect(script.contains(words), "\(words)")
        }
    }

    @Test func aSnapshotIsNamedByItsWholePath() {
        #expect(wholePath("/tmp/x.json") == "/tmp/x.json")
        let path = wholePath("x.json")
        #expect(path.hasPrefix("/") && path.hasSuffix("/x.json"))
    }

    @Test func everyFaultOfAFileHasALine() throws {
        let settings = try ScratchFile()
        try settings.replace(Array("bootstrap.servers=a:b\nsecurity.protocol=NONE\n".utf8))
        let ended = try highwater("snapshot --command-config \(settings.path)")
        #expect(ended.code == ExitCode.usage.rawValue)
        let lines = ended.errors.split(separator: "\n")
        #expect(lines.count == 2, "\(ended.errors)")
        for (index, line) in lines.enumerated() {
            #expect(line.hasPrefix("highwater: \(settings.path):\(index + 1):"), "\(line)")
        }
    }

    /// A DER sequence, as a PKCS12 store begins; JKS and PKCS12 stand for one another, as in Java.
    @Test func aStoreOfAnotherTypeIsRefused() throws {
        let store = try ScratchFile()
        let settings = try ScratchFile()
        func ended(_ bytes: [UInt8], _ type: String) throws -> Ended {
            try store.replace(bytes)
            let text = """
                bootstrap.servers=127.0.0.1:1
                security.protocol=SSL
                ssl.truststore.location=\(store.path)
                ssl.truststore.type=\(type)
                """
            try settings.replace(Array(text.utf8))
            return try highwater("snapshot --timeout 1s --command-config \(settings.path)")
        }
        let refused = try ended([0x30, 0x82, 1, 2], "PEM")
        #expect(refused.code == ExitCode.usage.rawValue)
        #expect(
            refused.errors.contains("ssl.truststore.type is PEM, and \(store.path) is a key store"),
            "\(refused.errors)")
        let text = try ended(Array("-----BEGIN CERTIFICATE-----".utf8), "PKCS12")
        #expect(text.code == ExitCode.usage.rawValue && text.errors.contains("is no key store"))
        // The type is none to object to; that the store is cut short is.
        let short = try ended([0x30, 0x82, 1, 2], "jks")
        #expect(short.code == ExitCode.usage.rawValue || short.errors.contains("OpenSSL is not"))
        #expect(!short.errors.contains("ssl.truststore.type"), "\(short.errors)")
    }

    @Test func theSameDemoPrintsTheSameFrame() throws {
        let line =
            "demo --print --brokers 3 --partitions 12 --groups 2 --size 60x15 --after 12s "
            + "--screen brokers --seed 5"
        let (first, second) = (try highwater(line), try highwater(line))
        #expect(first.code == 0 && first.output == second.output)
        let lines = first.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 16 && (40...60).contains(lines[0].count), "\(first.output)")
        #expect(first.output.contains("brokers") && first.output.contains("SIMULATED"))
    }

    /// Each story once, with what it is about.
    @Test func theDemoSaysItsStoriesOnce() throws {
        let help = try highwater("demo --help").output.split(whereSeparator: \.isWhitespace)
        for name in ["broker-lost", "quiet-day", "chaos"] {
            #expect(help.filter { $0 == name }.count == 1, "\(name)")
        }
    }

    /// The refresh interval grows finer towards the session, and nothing is before the beginning.
    @Test func aWarmUpGrowsFiner() {
        let start = WarmUp.plan(0).map(\.atNs).min() ?? 0
        for begins in [start + 40_000_000_000, start + 3_600_000_000_000, start * 2] {
            let plan = WarmUp.plan(begins)
            #expect(plan.map(\.atNs) == plan.map(\.atNs).sorted())
            #expect(plan.allSatisfy { $0.atNs >= start })
            #expect(plan.last?.refreshNs ?? .max < 15_000_000_000)
        }
    }
}
