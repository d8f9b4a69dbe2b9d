// The architecture and the house rules, executable: reads every source file of the package.
import Foundation
import Testing

/// What each module may import besides the standard library; the order is that of design.md.
private let allowedImports: [String: Set<String>] = [
    "Arguments": [],
    "Settings": ["Glibc"],
    "JSON": ["Glibc"],
    "Transport": ["CHost", "Glibc", "Synchronization"],
    "Simulation": ["Transport", "Glibc"],
    "Security": ["Transport", "CHost"],
    "KafkaWire": [],
    "KafkaClient": ["KafkaWire", "Transport"],
    "ZooKeeperClient": ["Transport", "JSON"],
    // The simulation speaks jute too: the records are ZooKeeperClient's.
    "SimulatedCluster": ["KafkaWire", "ZooKeeperClient", "Simulation", "Transport", "Glibc"],
    "ClusterModel": [],
    "Polling": [
        "KafkaClient", "KafkaWire", "ZooKeeperClient", "Transport", "ClusterModel", "JSON",
    ],
    "Planning": ["ClusterModel", "JSON"],
    "Operations": [
        "KafkaClient", "Planning", "ClusterModel", "JSON", "Glibc", "Synchronization",
    ],
    "Export": ["ClusterModel", "JSON"],
    "Drawing": [],
    "Screens": ["ClusterModel", "Drawing"],
    "TerminalIO": ["CTerminal", "Drawing", "Themes", "Glibc", "Synchronization"],
    "Themes": ["Settings"],
    // The program under virtual time; TerminalIO and Settings stay out of it.
    "Session": [
        "SimulatedCluster", "Simulation", "KafkaClient", "Transport", "Polling", "ClusterModel",
        "Drawing", "Screens",
    ],
    "Commands": [
        "Arguments", "Settings", "Transport", "Security", "KafkaClient", "ZooKeeperClient",
        "ClusterModel",
        "Polling", "Export",
        "Drawing", "Screens", "TerminalIO", "Themes", "JSON", "SimulatedCluster", "Simulation",
        "Session", "Glibc",
    ],
    "Console": ["Commands", "Glibc"],
]

/// Text that no source may hold, and the files that may for a reason written there.
private let banned: [(text: String, exempt: Set<String>)] = [
    ("try!", []),
    ("as!", []),
    ("fatalError(", []),
    ("TODO", []),
    ("FIXME", []),
    ("Task.sleep", []),
    ("Date()", []),
    ("import Foundation", []),
    // The one lock, and the one way to hold what lives on the loop's thread.
    ("@unchecked Sendable", ["Locked.swift", "LoopBound.swift"]),
    ("nonisolated(unsafe)", []),
]

private struct SourceFile {
    var path: String
    var module: String
    var name: String
    var lines: [Substring]
}

private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

private func sources(under folder: String) -> [SourceFile] {
    let base = root.appendingPathComponent(folder)
    guard let all = FileManager.default.enumerator(atPath: base.path) else { return [] }
    return all.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().compactMap {
        path in
        guard
            let text = try? String(
                contentsOf: base.appendingPathComponent(path), encoding: .utf8)
        else { return nil }
        let parts = path.split(separator: "/")
        return SourceFile(
            path: "\(folder)/\(path)",
            module: parts.count > 1 ? String(parts[0]) : folder,
            name: String(parts.last ?? ""),
            lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
}

@Suite struct Tidy {
    private let product = sources(under: "Sources") + sources(under: "Themes")

    @Test func importsFollowTheArrows() {
        #expect(product.count > 20)
        for file in product {
            guard let allowed = allowedImports[file.module] else {
                Issue.record("\(file.path): module \(file.module) is not in the table of arrows")
                continue
            }
            for (index, line) in file.lines.enumerated() {
                let words = line.split(separator: " ")
                guard let at = words.firstIndex(of: "import"), words.count > at + 1,
                    words[..<at].allSatisfy({ $0 == "package" || $0.hasPrefix("@") })
                else { continue }
                let name = words[at + 1].split(separator: ".")[0]
                #expect(
                    allowed.contains(String(name)),
                    "\(file.path):\(index + 1): \(file.module) may not import \(name)")
            }
        }
    }

    @Test func filesAndLinesStayReadable() {
        for file in product {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines")
            #expect(
                file.lines.first?.hasPrefix("//") == true
                    || file.lines.first?.hasPrefix("import") == true,
                "\(file.path) does not say what it is for")
        }
        for file in product + sources(under: "Tests") {
            for (index, line) in file.lines.enumerated() where line.count > 100 {
                Issue.record("\(file.path):\(index + 1): \(line.count) columns")
            }
        }
    }

    @Test func bannedTextStaysOut() {
        for file in product {
            for (index, line) in file.lines.enumerated() {
                for rule in banned
                where line.contains(rule.text) && !rule.exempt.contains(file.name)
                    && !line.drop(while: { $0 == " " }).hasPrefix("//")
                {
                    Issue.record("\(file.path):\(index + 1): \(rule.text)")
                }
            }
        }
    }

    /// `Locked` says why.
    @Test func noClosureIsLockedBare() {
        for file in product + sources(under: "Tests") where file.name != "TidyTests.swift" {
            for (index, line) in file.lines.enumerated() {
                guard let at = line.range(of: "Locked<") else { continue }
                let value = line[at.upperBound...]
                #expect(
                    value.hasPrefix("[") || !value.contains("->"),
                    "\(file.path):\(index + 1): a closure is the whole value of a Locked")
            }
        }
    }

    @Test func everyModuleHasTests() {
        // The driver is what the scenarios are told with.
        let elsewhere = ["Session": "Scenario"]
        for module in allowedImports.keys where module != "Console" {
            let name = elsewhere[module] ?? module
            let folder = root.appendingPathComponent("Tests/\(name)Tests").path
            #expect(FileManager.default.fileExists(atPath: folder), "\(module) has no tests")
        }
    }

    @Test func onlyWhatTheUserFixedStandsAtTheTop() throws {
        let fixed: Set<String> = ["Package.swift", "Sources", "Tests", "Themes", "README.md"]
        for name in try FileManager.default.contentsOfDirectory(atPath: root.path)
        where !name.hasPrefix(".") {
            #expect(fixed.contains(name), "\(name) may not stand at the top level")
        }
    }

    /// A golden file that no test reads proves nothing.
    @Test func goldenFilesAreRead() {
        let tests = sources(under: "Tests").map { $0.lines.joined(separator: "\n") }.joined()
        let base = root.appendingPathComponent("Tests")
        let all = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
        for path in all ?? [] where path.contains("/Golden/") && !path.hasSuffix("/Golden") {
            let folder = path.split(separator: "/")[0]
            #expect(tests.contains("Golden"), "no test of \(folder) reads golden files")
        }
    }
}
