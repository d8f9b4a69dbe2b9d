// The architecture and the house rules, executable: reads every source file of the package.
import Foundation
import Testing

/// What each module may import besides the standard library; the order is that of design.md.
let allowedImports: [String: Set<String>] = [
    "Arguments": [],
    "Settings": ["Glibc"],
    "JSON": [],
    "Transport": ["CHost", "Glibc", "Synchronization"],
    "Simulation": ["Transport", "Glibc"],
    "Security": ["Transport", "CHost"],
    "KafkaWire": [],
    "KafkaConfigs": [],
    "KafkaClient": ["KafkaWire", "Transport"],
    "ZooKeeperClient": ["Transport", "JSON"],
    // The simulation speaks jute too: the records are ZooKeeperClient's.
    "SimulatedCluster": [
        "KafkaWire", "KafkaConfigs", "ZooKeeperClient", "Simulation", "Transport", "JSON", "Glibc",
    ],
    "ClusterModel": [],
    "Health": ["ClusterModel"],
    "Polling": [
        "KafkaClient", "KafkaWire", "ZooKeeperClient", "Transport", "ClusterModel", "Health",
        "JSON",
    ],
    "Planning": ["ClusterModel", "JSON"],
    "Operations": [
        "KafkaClient", "KafkaConfigs", "Planning", "ClusterModel", "JSON", "Glibc",
        "Synchronization",
    ],
    "Export": ["ClusterModel", "Health", "JSON"],
    "Drawing": [],
    "Screens": ["ClusterModel", "Health", "KafkaConfigs", "Planning", "Drawing"],
    "TerminalIO": ["CTerminal", "Drawing", "Themes", "Glibc", "Synchronization"],
    "Themes": ["Settings"],
    // The program under virtual time; TerminalIO and Settings stay out of it.
    "Session": [
        "SimulatedCluster", "Simulation", "KafkaClient", "Transport", "Polling", "ClusterModel",
        "Health", "Planning", "Operations", "Drawing", "Screens",
    ],
    "Commands": [
        "Arguments", "Settings", "Transport", "Security", "KafkaClient", "KafkaConfigs",
        "ZooKeeperClient",
        "ClusterModel", "Health", "Planning", "Operations", "Polling", "Export", "Drawing",
        "Screens",
        "TerminalIO", "Themes", "JSON", "SimulatedCluster", "Simulation",
        "Session", "Glibc", "Synchronization",
    ],
    "Console": ["Commands", "Glibc"],
]

/// Text that no source of the product may hold, and the files that may for a reason written there.
private let banned = [
    BannedText(text: "try!"),
    BannedText(text: "as!"),
    BannedText(text: "fatalError("),
    BannedText(text: "TODO"),
    BannedText(text: "FIXME"),
    BannedText(text: "Task.sleep"),
    BannedText(text: "Date()"),
    BannedText(text: "import Foundation"),
    // The one lock, and the one way to hold what lives on the loop's thread.
    BannedText(text: "@unchecked Sendable", exempt: ["Locked.swift", "LoopBound.swift"]),
    BannedText(text: "nonisolated(unsafe)"),
]

/// What the product declares without using it, and why it stays.
private let idleForAReason: Set<String> = [
    // `@main`.
    "Main",
    // The standard library reads it when a value that holds secrets is printed.
    "customMirror",
    // The lists that every test over all messages and over all screens goes through.
    "allRequests", "screenEntries",
    // The server's half of a conversation, which tests hold with the product's client.
    "decodeResponseFrame", "sayGoodbye", "renegotiate",
    // What tests of the loop wait for and measure.
    "waitUntilEnded", "heapCount",
]

/// Where a use by a test is a use: the simulation and the driven session are scripted and
/// questioned by tests, and the road for changes waits for the first command that goes over it.
private let scripted: Set<String> = [
    "SimulatedCluster", "Simulation", "Session", "Planning", "Operations",
]

// Read once: every rule goes over the same files.
private let product = sources(under: "Sources") + sources(under: "Themes")
private let tests = sources(under: "Tests")

@Suite struct Tidy {
    private func expectNone(_ findings: [Finding]) {
        for finding in findings { Issue.record("\(finding)") }
    }

    @Test func theProductIsRead() {
        #expect(product.count > 200)
        #expect(tests.count > 100)
    }

    @Test func importsFollowTheArrows() {
        expectNone(strangeArrows(product, allowedImports))
        expectNone(idleArrows(product, allowedImports))
    }

    @Test func filesAndLinesStayReadable() {
        expectNone(unreadableFiles(product))
        expectNone(longLines(product + tests))
        expectNone(longFunctions(product + tests))
    }

    @Test func bannedTextStaysOut() { expectNone(bannedText(product, banned)) }

    @Test func noClosureIsLockedBare() {
        expectNone(lockedClosures(product + tests.filter { $0.module != "TidyTests" }))
    }

    @Test func nothingIsDeclaredInVain() {
        let idle = idleDeclarations(product, exempt: idleForAReason)
        let idleForTests = Set(idleDeclarations(product + tests, exempt: []).map(\.place))
        expectNone(
            idle.filter { !scripted.contains(String($0.module)) || idleForTests.contains($0.place) }
        )
    }

    @Test func noMachineIsNamed() {
        for path in files(under: "Sources") + files(under: "Tests") + files(under: "Themes")
        where !path.hasPrefix("Tests/TidyTests/") {
            if let text = text(of: path) { expectNone(machinePaths(path, text)) }
        }
    }

    @Test func everyModuleHasTests() {
        // The driver is what the scenarios are told with.
        let elsewhere = ["Session": "Scenario"]
        for module in allowedImports.keys where module != "Console" {
            let name = elsewhere[module] ?? module
            let folder = packageRoot.appendingPathComponent("Tests/\(name)Tests").path
            #expect(FileManager.default.fileExists(atPath: folder), "\(module) has no tests")
        }
    }

    @Test func onlyWhatTheUserFixedStandsAtTheTop() throws {
        let fixed: Set<String> = ["Package.swift", "Sources", "Tests", "Themes", "README.md"]
        for name in try FileManager.default.contentsOfDirectory(atPath: packageRoot.path)
        where !name.hasPrefix(".") {
            #expect(fixed.contains(name), "\(name) may not stand at the top level")
        }
    }

    @Test func goldenFilesAreCompared() {
        expectNone(uncomparedGoldens(files(under: "Tests"), tests))
    }
}
