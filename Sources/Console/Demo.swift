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
        // The last release that keeps its state there.
        let needsZooKeeper = shape.scenario == .zooKeeperLeaderLost
        if needsZooKeeper || invocation.has("zookeeper-mode") {
            shape.coordination = .zookeeper
            shape.release = .v39
            shape.zooKeeper.words = ["srvr", "mntr", "ruok", "stat", "conf", "cons", "wchs"]
        }
        if let name = invocation.value("release"), let release = Release(rawValue: name) {
            shape.release = release
        }
        if let text = invocation.value("speed") {
            guard let speed = Double(text), speed >= 0.1, speed <= 1_000 else {
                throw Ending(
                    code: .usage,
                    sentence: "highwater: --speed is how much faster than real, 0.1 to 1000")
            }
            self.speed = speed
        }
        servesOnly = invocation.has("serve")
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

    /// How often is looked, and for how long before the curtain at the most: coarsely where only
    /// the long graphs remember it, more finely for the hour and the five minutes.
    private static let paces: [(refreshNs: UInt64, spanNs: UInt64)] = [
        (120_000_000_000, 21_600_000_000_000),
        (150_000_000_000, 3_600_000_000_000),
        (12_000_000_000, 312_000_000_000),
    ]
    /// Pictures from just before the beginning are shown.
    private static let shownSpanNs: UInt64 = 10_000_000_000
    private static let longSeconds: UInt64 = 3_600
    private static let shortSeconds: UInt64 = 40
    /// Above so many partitions a long rehearsal would keep the operator waiting.
    private static let longRehearsalPartitions = 5_000

    static func seconds(_ shape: Shape) -> UInt64 {
        shape.partitions <= longRehearsalPartitions ? longSeconds : shortSeconds
    }

    var firstRefreshNs: UInt64 { Self.paces[0].refreshNs }

    /// Time stands at the beginning until it is reached.
    var now: UInt64 { max(system.now(), beginsNs) }

    func shows(_ now: UInt64) -> Bool { now + Self.shownSpanNs >= beginsNs }

    /// From when on it is looked how often before the curtain rises at `beginsNs`; nothing before
    /// the first. What happened longer ago than any graph remembers is not watched.
    static func plan(_ beginsNs: UInt64) -> [(atNs: UInt64, refreshNs: UInt64)] {
        paces.map { pace in
            (max(SimulatedSystem.startNs, beginsNs - min(beginsNs, pace.spanNs)), pace.refreshNs)
        }
    }

    /// Starts the observation and sets the pace of looking for every part of the rehearsal.
    func conduct(_ observation: Observation) {
        let plan = Self.plan(beginsNs)
        system.at(plan[0].atNs) { observation.start() }
        for (moment, refresh) in plan.dropFirst() {
            system.at(moment) { observation.setRefresh(ns: refresh) }
        }
        let refresh = refreshNs
        system.at(beginsNs - 100_000_000) { observation.setRefresh(ns: refresh) }
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
        title = "SIMULATED"
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
