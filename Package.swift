// swift-tools-version: 6.2
import PackageDescription

// Every Swift target is built with these; warnings become errors only in CI (a newer compiler's new
// warning must not stop a user's build).
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

let themes = [
    "dark", "light", "mono", "colour-blind", "high-contrast", "solarized-dark", "solarized-light",
    "gruvbox", "nord", "dracula",
]

// What every simulated exchange goes through. Tests live through days of them, so debug builds
// optimise these too: the tests take half the processor, the build a third more.
// HIGHWATER_UNOPTIMIZED=1 leaves it out, for a debugger.
let busy: Set<String> = [
    "KafkaWire", "Transport", "Simulation", "KafkaClient", "ClusterModel", "Health", "Polling",
    "SimulatedCluster", "Planning", "Drawing", "Screens", "Session",
]
let isOptimized = Context.environment["HIGHWATER_UNOPTIMIZED"] == nil
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

func module(_ name: String, _ uses: [String] = []) -> Target {
    .target(
        name: name, dependencies: uses.map { .init(stringLiteral: $0) },
        swiftSettings: strict + (isOptimized && busy.contains(name) ? optimized : []))
}

func tests(_ name: String, _ uses: [String] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: uses.map { .init(stringLiteral: $0) },
        exclude: exclude, swiftSettings: strict)
}

// The graph is wide rather than deep: in a release build a module waits for all it imports.
// Tests/TidyTests holds the allowed arrows and reads every import.
let package = Package(
    name: "highwater",
    products: [.executable(name: "highwater", targets: ["Console"])],
    targets: [
        .systemLibrary(name: "CTerminal"),
        .systemLibrary(name: "CPseudoterminal", path: "Tests/CPseudoterminal"),
        .target(name: "CHost"),
        .target(
            name: "Themes", dependencies: ["Settings"], path: "Themes",
            resources: themes.map { .embedInCode($0 + ".theme") }, swiftSettings: strict),
        module("Arguments"),
        module("Settings"),
        module("JSON"),
        module("Transport", ["CHost"]),
        module("Simulation", ["Transport"]),
        module("Security", ["Transport", "CHost"]),
        module("KafkaWire"),
        module("KafkaConfigs"),
        module("KafkaClient", ["KafkaWire", "Transport"]),
        module("ZooKeeperClient", ["Transport", "JSON"]),
        module(
            "SimulatedCluster",
            [
                "KafkaWire", "KafkaConfigs", "ZooKeeperClient", "Simulation", "Transport", "JSON",
            ]),
        module("ClusterModel"),
        module("Health", ["ClusterModel"]),
        module(
            "Polling",
            [
                "KafkaClient", "KafkaWire", "ZooKeeperClient", "Transport", "ClusterModel",
                "Health", "JSON",
            ]),
        module("Planning", ["ClusterModel", "JSON"]),
        module(
            "Operations", ["KafkaClient", "KafkaConfigs", "Planning", "ClusterModel", "JSON"]),
        module("Export", ["ClusterModel", "Health", "JSON"]),
        module("Drawing"),
        module("Screens", ["ClusterModel", "Health", "KafkaConfigs", "Planning", "Drawing"]),
        module("TerminalIO", ["CTerminal", "Drawing", "Themes"]),
        module(
            "Session",
            [
                "SimulatedCluster", "Simulation", "KafkaClient", "Transport", "Polling",
                "ClusterModel", "Health", "Planning", "Operations", "Drawing", "Screens",
            ]),
        module(
            "Commands",
            [
                "Arguments", "Settings", "Transport", "Security", "KafkaClient", "KafkaConfigs",
                "ZooKeeperClient", "ClusterModel", "Health", "Planning", "Operations", "Polling",
                "Export",
                "JSON", "Drawing", "Screens", "TerminalIO", "Themes", "SimulatedCluster",
                "Simulation", "Session",
            ]),
        // Stripped: less than half the size with the static standard library.
        .executableTarget(
            name: "Console", dependencies: ["Commands"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-Xlinker", "-s"], .when(configuration: .release))]),
        .target(
            name: "ModelTesting", dependencies: ["ClusterModel", "Health", "Simulation"],
            path: "Tests/ModelTesting",
            swiftSettings: strict),
        .target(
            name: "GoldenFiles", dependencies: ["Drawing"], path: "Tests/GoldenFiles",
            swiftSettings: strict),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "AllocationCounter", "KafkaWire", "KafkaClient", "Transport", "ClusterModel",
                "Polling", "Drawing", "Screens", "Export", "JSON", "ModelTesting", "CTerminal",
                "CPseudoterminal",
                "TerminalIO", "Themes", "Settings", "SimulatedCluster", "ZooKeeperClient",
                "Session", "Planning", "Operations", "Simulation",
            ],
            path: "Tests/Benchmarks", swiftSettings: strict),
        .target(
            name: "TransportTesting", dependencies: ["Transport", "Simulation"],
            path: "Tests/TransportTesting",
            swiftSettings: strict),
        // The program tests itself for hours of virtual time; the scenarios use its inspections.
        .target(
            name: "SoakTesting",
            dependencies: [
                "Session", "SimulatedCluster", "Simulation", "ClusterModel", "Drawing", "Screens",
                "Transport",
            ],
            path: "Tests/SoakTesting", swiftSettings: strict),
        .executableTarget(
            name: "Soak", dependencies: ["SoakTesting", "Arguments"], path: "Tests/Soak",
            swiftSettings: strict),
        .executableTarget(
            name: "TerminalProbe",
            dependencies: ["TerminalIO", "Drawing", "Themes", "Settings"],
            path: "Tests/TerminalProbe", swiftSettings: strict),
        tests("Arguments", ["Arguments", "Settings"]),
        tests("Settings", ["Settings"]),
        tests("JSON", ["JSON"]),
        tests("Transport", ["Transport", "TransportTesting", "Simulation"]),
        tests("Simulation", ["Simulation", "Transport"]),
        tests("Security", ["Security", "Transport", "TransportTesting", "Simulation"]),
        tests("KafkaConfigs", ["KafkaConfigs", "Simulation"]),
        tests("KafkaWire", ["KafkaWire", "Simulation", "GoldenFiles"], exclude: ["Golden"]),
        tests(
            "KafkaClient",
            ["KafkaClient", "KafkaWire", "Transport", "TransportTesting", "Simulation"]),
        tests(
            "SimulatedCluster",
            [
                "SimulatedCluster", "Simulation", "KafkaWire", "ZooKeeperClient", "KafkaClient",
                "Transport", "Polling", "ClusterModel",
            ]),
        tests(
            "ZooKeeperClient",
            ["ZooKeeperClient", "Transport", "TransportTesting", "Simulation"]),
        tests(
            "Scenario",
            [
                "Session", "SoakTesting", "SimulatedCluster", "Simulation", "KafkaClient",
                "ZooKeeperClient",
                "Transport", "Polling", "ClusterModel", "Drawing", "Screens", "Export", "JSON",
                "GoldenFiles",
            ], exclude: ["Golden"]),
        tests("ClusterModel", ["ClusterModel", "ModelTesting", "Simulation"]),
        tests("Health", ["Health", "ClusterModel", "ModelTesting"]),
        tests(
            "Polling",
            [
                "Polling", "KafkaWire", "KafkaClient", "Transport", "ClusterModel",
                "TransportTesting", "ModelTesting", "Simulation", "ZooKeeperClient",
            ]),
        tests(
            "Planning",
            [
                "Planning", "Operations", "KafkaClient", "ClusterModel", "JSON", "ModelTesting",
                "Simulation",
            ]),
        tests(
            "Operations",
            [
                "Operations", "Planning", "KafkaClient", "ClusterModel", "JSON", "Polling",
                "SimulatedCluster", "Simulation", "Transport",
            ]),
        tests("Export", ["Export", "ClusterModel", "Health", "JSON", "ModelTesting"]),
        tests("Drawing", ["Drawing"]),
        tests(
            "Screens",
            [
                "Screens", "ClusterModel", "Health", "Planning", "Operations", "KafkaClient",
                "Drawing", "ModelTesting", "GoldenFiles",
            ],
            exclude: ["Golden"]),
        tests(
            "Commands",
            [
                "Commands", "Arguments", "JSON", "Operations", "SimulatedCluster", "KafkaClient",
                "KafkaWire", "Planning", "Transport", "TransportTesting", "Security", "Screens",
                "Settings",
            ]),
        tests("Themes", ["Themes", "Settings", "Drawing"]),
        tests("TerminalIO", ["TerminalIO", "Drawing", "Themes"]),
        tests("Tidy", ["GoldenFiles", "Drawing"]),
        tests("Pty", ["CPseudoterminal", "TransportTesting"]),
        tests(
            "Live",
            [
                "JSON", "KafkaWire", "KafkaConfigs", "SimulatedCluster", "Transport", "KafkaClient",
                "Polling",
                "ClusterModel", "TransportTesting", "ZooKeeperClient", "Screens", "Drawing",
                "Planning", "Operations", "Security",
            ]),
    ],
    swiftLanguageModes: [.v6])
