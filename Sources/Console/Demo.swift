// `highwater demo`: the whole console on a simulated cluster inside the process, with some history
// before the curtain rises.
import Arguments
import Glibc
import KafkaClient
import Polling
import Settings
import SimulatedCluster
import Transport

/// What the command line says of a demo.
struct DemoOptions {
    var shape = Shape()
    var speed = 1.0
    var servesOnly = false
    /// Nil: the live console.
    var print: PrintOptions?
    /// Hours of simulated time to be tested for.
    var soakHours: Double?

    struct PrintOptions {
        var afterNs: UInt64
        var screen: String
        var width: Int
        var height: Int
    }

    init(_ invocation: Invocation) throws(Ending) {
        shape.brokers = try Self.count(invocation, "brokers", 1...2_000) ?? shape.brokers
        shape.partitions = try Self.count(invocation, "partitions", 1...400_000) ?? shape.partitions
        shape.groups = try Self.count(invocation, "groups", 0...20_000) ?? shape.groups
        let seed = try Self.count(invocation, "seed", 0...Int(Int32.max)).map { UInt64($0) }
        shape.seed = seed ?? 1
        if let name = invocation.value("scenario"), let scenario = Scenario(rawValue: name) {
            shape.scenario = scenario
            // An upgrade needs a release to go to.
            if scenario == .rollingUpgrade { shape.release = .v39 }
        }
        if let name = invocation.value("release"), let release = Release(rawValue: name) {
            shape.release = release
        }
        if invocation.has("zookeeper-mode") { shape.coordination = .zookeeper }
        if let text = invocation.value("speed") {
            guard let speed = Double(text), speed >= 0.1, speed <= 1_000 else {
                throw Ending(
                    code: .usage,
                    sentence: "highwater: --speed is how much faster than real, 0.1 to 1000")
            }
            self.speed = speed
        }
        servesOnly = invocation.has("serve")
        soakHours = invocation.duration("soak").map { Double($0.nanoseconds) / 3.6e12 }
        if invocation.has("print") { print = try Self.printOptions(invocation) }
    }

    private static func printOptions(_ invocation: Invocation) throws(Ending) -> PrintOptions {
        let after = invocation.duration("after") ?? .seconds(60)
        guard after <= .seconds(7 * 86_400) else {
            throw Ending(code: .usage, sentence: "highwater: --after takes a week at most")
        }
        let sides = (invocation.value("size") ?? "120x40").split(separator: "x")
            .map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1],
            (1...1_000).contains(width), (1...1_000).contains(height)
        else {
            throw Ending(
                code: .usage, sentence: "highwater: --size is COLUMNSxROWS, such as 120x40")
        }
        return PrintOptions(
            afterNs: after.nanoseconds, screen: invocation.value("screen") ?? "overview",
            width: width, height: height)
    }

    private static func count(
        _ invocation: Invocation, _ option: String, _ range: ClosedRange<Int>
    ) throws(Ending) -> Int? {
        guard let text = invocation.value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Ending(
                code: .usage,
                sentence: "highwater: --\(option) is a number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }
}

/// What happens before the operator sees anything: the simulated cluster has been watched for a
/// while, so that graphs have something to show.
struct Rehearsal: Sendable {
    let system: SimulatedSystem
    /// When the curtain rises, in the simulation's clock.
    let beginsNs: UInt64
    let refreshNs: UInt64

    /// Watched coarsely first, then as finely as graphs show it.
    private static let coarseNs: UInt64 = 30_000_000_000
    private static let fineNs: UInt64 = 4_000_000_000
    private static let fineSpanNs: UInt64 = 320_000_000_000
    /// Pictures from just before the beginning are shown.
    private static let shownSpanNs: UInt64 = 6_000_000_000
    private static let longSeconds: UInt64 = 3_600
    private static let shortSeconds: UInt64 = 40
    /// Above so many partitions a long rehearsal would keep the operator waiting.
    private static let longRehearsalPartitions = 5_000

    static func seconds(_ shape: Shape) -> UInt64 {
        shape.partitions <= longRehearsalPartitions ? longSeconds : shortSeconds
    }

    var firstRefreshNs: UInt64 { Self.coarseNs }
    static var firstRefreshSeconds: Double { Double(coarseNs) / 1e9 }

    /// Time stands at the beginning until it is reached.
    var now: UInt64 { max(system.now(), beginsNs) }

    func shows(_ now: UInt64) -> Bool { now + Self.shownSpanNs >= beginsNs }

    /// From which second of a rehearsal of so many on it is watched every so many seconds; before
    /// the first every `firstRefreshNs`.
    static func paces(_ seconds: UInt64, last: Double) -> [(from: Double, refresh: Double)] {
        let fineSpan = Double(fineSpanNs) / 1e9
        return [
            (max(0, Double(seconds) - fineSpan), Double(fineNs) / 1e9),
            (Double(seconds) - 0.1, last),
        ]
    }

    /// Sets the pace of looking for every part of the rehearsal.
    func conduct(_ observation: Observation) {
        let seconds = (beginsNs - SimulatedSystem.startNs) / 1_000_000_000
        for (from, refresh) in Self.paces(seconds, last: Double(refreshNs) / 1e9) {
            let ns = UInt64(refresh * 1e9)
            system.at(SimulatedSystem.startNs + UInt64(from * 1e9)) {
                observation.setRefresh(ns: ns)
            }
        }
    }
}

extension Stage {
    /// A simulated cluster in this process whose clock follows the real one.
    init(demo options: DemoOptions, _ preferences: Preferences) {
        var shape = options.shape
        let rehearsed = Rehearsal.seconds(shape)
        shape.storyAtSeconds = Double(rehearsed) + 15 * options.speed.squareRoot()
        shape.wallStartMs = LocalClock.wallMs - Int64(rehearsed) * 1000
        let begins = SimulatedSystem.startNs + rehearsed * 1_000_000_000
        let system = SimulatedSystem(
            seed: shape.seed, cuts: false, wallStartMs: shape.wallStartMs,
            following: (begins, options.speed))
        let network = ClusterNetwork(shape, on: system)
        title = "simulated"
        sentence = "starting a simulated cluster"
        client = ClientConfig(bootstrap: network.bootstrap)
        client.softwareVersion = toolVersion
        client.allowedKeys = ApiNames.readOnlyKeys
        self.preferences = preferences
        isReadOnly = false
        // As often as ever for the eye, however fast time runs.
        refreshNs = UInt64(Double(preferences.refresh.nanoseconds) * max(1, options.speed))
        startLoop = { () throws(Ending) -> Loop in
            let loop = Loop(network.system)
            guard loop.start() else {
                throw Ending(
                    code: .cannotRun,
                    sentence: "highwater: no thread could be started for the simulation")
            }
            return loop
        }
        identityWarning = { _ in nil }
        let rehearsal = Rehearsal(system: system, beginsNs: begins, refreshNs: refreshNs)
        self.rehearsal = rehearsal
        now = { rehearsal.now }
        let startMs = shape.wallStartMs
        wallMs = { startMs + Int64((rehearsal.now - SimulatedSystem.startNs) / 1_000_000) }
    }
}
