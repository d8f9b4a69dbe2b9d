// Each rule against a file that breaks it and against one that does not.
import Foundation
import Testing

private func file(_ text: String, _ path: String = "Sources/Drawing/Sample.swift") -> SourceFile {
    SourceFile(path: path, text: text)
}

@Suite struct RuleTests {
    private let arrows = ["Drawing": Set(["JSON", "Glibc"])]

    @Test(arguments: [
        "import KafkaWire", "internal import KafkaWire", "package import KafkaWire",
        "@testable import KafkaWire", "@preconcurrency internal import KafkaWire",
        "private import struct KafkaWire.Frame", "import JSON; import KafkaWire",
        "  fileprivate import KafkaWire // why", "@_spi(Tests) import KafkaWire",
    ])
    func everyFormOfImportIsRead(line: String) {
        let found = strangeArrows([file("// A file.\n\(line)\n")], arrows)
        #expect(
            found == [
                Finding(
                    path: "Sources/Drawing/Sample.swift", line: 2,
                    text: "Drawing may not import KafkaWire")
            ])
    }

    @Test func whatIsNoImportIsNone() {
        let text = "// import KafkaWire\nlet a = \"import KafkaWire\"\nlet b = Kind.import\n"
        #expect(strangeArrows([file(text + "internal import JSON\n")], arrows) == [])
        #expect(strangeArrows([file("", "Sources/Other/A.swift")], arrows).count == 1)
    }

    @Test func idleArrowsAreFound() {
        let found = idleArrows([file("internal import JSON\n")], arrows)
        #expect(found == [Finding(path: "Drawing", text: "no file imports Glibc")])
        #expect(idleArrows([file("import JSON\nprivate import Glibc")], arrows) == [])
    }

    @Test func longFilesAndLinesAreFound() {
        let long = "// A file.\n" + String(repeating: "\n", count: 401)
        #expect(unreadableFiles([file(long)]).map(\.text) == ["403 lines"])
        #expect(unreadableFiles([file("let a = 1\n")]).count == 1)
        #expect(unreadableFiles([file("// A file.\n")]) == [])
        let lines =
            "// \(String(repeating: "x", count: 98))\n// é\(String(repeating: "x", count: 96))"
        #expect(longLines([file(lines)]).map(\.line) == [1])
    }

    @Test func bannedTextIsFound() {
        let rules = [BannedText(text: "try!", exempt: ["Other.swift"])]
        let text = "// try! in a comment\nlet a = try! b()\n"
        #expect(bannedText([file(text)], rules).map(\.line) == [2])
        #expect(bannedText([file(text, "Sources/Drawing/Other.swift")], rules) == [])
    }

    @Test func lockedClosuresAreFound() {
        let text = "let a: Locked<() -> Void>\nlet b: Locked<[() -> Void]>\nlet c: Locked<Int>\n"
        #expect(lockedClosures([file(text)]).map(\.line) == [1])
    }

    @Test(arguments: ["work", "root", "home", "Users", "farm"])
    func pathsOfAMachineAreFound(folder: String) {
        for line in ["let a = \"/\(folder)/x\"", "see /\(folder)/x", "/\(folder)/x"] {
            #expect(machinePaths("a", "\n\(line)\n").map(\.line) == [2], "\(line)")
        }
        #expect(machinePaths("a", "~/\(folder)/x kafka/\(folder)/x \\(base)/\(folder)/x") == [])
    }

    @Test func longFunctionsAreFound() {
        func text(_ lines: Int) -> String {
            let body = String(repeating: "    let a = \"}\" // {\n", count: lines - 2)
            return """
                protocol P { func short(); init(a: Int); subscript(a: Int) -> Int { get } }
                struct S {
                func f<T>(_ a: [T] = { [] }()) -> T where T: P {
                \(body)}
                }
                """
        }
        #expect(longFunctions([file(text(70))]) == [])
        #expect(longFunctions([file(text(71))]).map(\.text) == ["f has 71 lines"])
        let made = text(71).replacing(
            "func f<T>(_ a: [T] = { [] }()) -> T where T: P", with: "init?(a: P)")
        #expect(longFunctions([file(made)]).map(\.text) == ["init has 71 lines"])
    }

    @Test(arguments: [
        "func idle() {}", "package static func idle<T>() -> T", "struct idle {}",
        "final class idle: P {}", "enum idle {}", "protocol idle {}", "typealias idle = Int",
        "let idle = 1", "package var idle: Int { 1 }", "static let idle = \"idle\"",
        "enum Kind { case one(Int), idle }\nlet k = Kind.one\nlet m = k",
        "func idle() {}\nfunc idle(_ a: Int) {}", "var idle = 1 // idle",
    ])
    func whatNothingUsesIsFound(text: String) {
        let found = idleDeclarations([file(text)], exempt: [])
        #expect(found.contains { $0.text == "nothing uses idle" })
        #expect(
            !idleDeclarations([file(text)], exempt: ["idle"]).contains { $0.text.hasSuffix("idle") }
        )
        // Used in another file, once plain and once in the middle of a text.
        for use in ["idle", "\"\\(idle)\"", "#\"\"\"\n a \\#(a(b(idle)))\n\"\"\"#"] {
            let other = file("print(\(use))", "Sources/JSON/Other.swift")
            #expect(
                !idleDeclarations([file(text), other], exempt: []).contains {
                    $0.text == "nothing uses idle"
                }, "\(use)")
        }
    }

    @Test func patternsAndRawCasesAreNoDeclarations() {
        let text = """
            enum Code: Int { case first = 1, second }
            switch a { case .x(let bound): b; case pattern: c }
            if let found = a, case .y(let inner) = b { }
            for element in list { }
            """
        #expect(idleDeclarations([file(text)], exempt: ["Code"]) == [])
    }

    @Test func goldensThatNothingComparesAreFound() {
        let test = file("let a = GoldenFolder(\"ATests/Golden\")", "Tests/ATests/A.swift")
        let paths = [
            "Tests/ATests/Golden", "Tests/ATests/Golden/a.txt", "Tests/BTests/Golden/b.txt",
            "Tests/ATests/Golden/deep/c.txt",
        ]
        #expect(
            uncomparedGoldens(paths, [test]).map(\.path) == [
                "Tests/BTests/Golden/b.txt", "Tests/ATests/Golden/deep/c.txt",
            ])
    }

    @Test func stringsAndCommentsAreNoTokens() {
        let text =
            "/* a /* b */ c */ let s = \"d \\(e + \"f \\(g)\") h\" // i\n"
            + "let r = #\"j \\(k) \\#(l)\"#"
        #expect(
            Token.all(in: text).filter(\.isWord).map { String($0.text) } == [
                "let", "s", "e", "g", "let", "r", "l",
            ])
    }
}
