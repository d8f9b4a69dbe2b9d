// One seed: a small cluster on which a random choice of things goes wrong while somebody presses
// random keys. Swarm style: most seeds leave most faultRates out, so that rare combinations happen.
internal import ClusterModel
internal import Drawing
internal import Screens
internal import Session
package import SimulatedCluster
import Simulation

/// A session made from a seed alone.
package struct Trial {
    package let seed: UInt64
    var random: SeededGenerator
    package internal(set) var shape: Shape
    var options = SessionOptions()

    package init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed &* 0x9e37_79b9 &+ 17)
        shape = Shape()
        shape.seed = seed
        dealShape()
        chooseFaultRates()
        options.cutsStreams = chance(8)
        (options.width, options.height) = dealSize()
        options.refreshSeconds = [2, 2, 2, 1, 5][dice(5)]
    }

    /// A number below `count`.
    mutating func dice(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    /// True once in so many times.
    mutating func chance(_ times: Int) -> Bool { dice(times) == 0 }

    mutating func dealShape() {
        shape.brokers = 1 + dice(5)
        shape.racks = 1 + dice(3)
        shape.volumesPerBroker = 1 + dice(2)
        shape.partitions = 1 + dice(12)
        shape.offsetsPartitions = 1 + dice(3)
        shape.groups = dice(5)
        shape.hasOddNames = chance(4)
        let releases: [(Release, Coordination)] = [
            (.v24, .zookeeper), (.v28, .zookeeper), (.v39, .kraft), (.v39, .zookeeper),
            (.v43, .kraft),
        ]
        (shape.release, shape.coordination) = releases[dice(releases.count)]
        // The scenarios are begun by `startFaults`.
        shape.scenario = .quietDay
        shape.storyAtSeconds = 1e9
        if chance(8) { shape.access.hiddenTopicPrefix = "orders" }
        if chance(8) { shape.access.deniesCluster = true }
        if chance(12) { shape.access.deniesConfigs = true }
    }

    mutating func chooseFaultRates() {
        func share(_ most: Double, _ roll: UInt64) -> Double {
            roll & 3 != 0 ? 0 : Double(roll >> 32 & 255) / 255 * most
        }
        shape.faultRates.drop = share(0.05, random.next())
        shape.faultRates.silence = share(0.02, random.next())
        shape.faultRates.delay = share(0.3, random.next())
        shape.faultRates.error = share(0.15, random.next())
        if chance(4) {
            shape.faultRates.failingExchange = 1 + dice(60)
            shape.faultRates.failure = ExchangeFault.allCases[dice(4)]
        }
    }

    mutating func dealSize() -> (Int, Int) {
        let sizes = [
            (80, 24), (80, 24), (40, 12), (120, 40), (30, 8), (20, 5), (19, 4), (100, 6), (1, 1),
        ]
        return sizes[dice(sizes.count)]
    }

    /// Every key that does anything, those that lead into a prompt and out of it more often.
    private static let keys: [Key] =
        Keymap.all.flatMap(\.keys)
        + "/:/:abe. ".unicodeScalars.map { .character($0) }
        + [
            .enter, .enter, .escape, .escape, .tab, .delete, .insert, .paste("re:[\n\u{1b}]"),
        ]

    mutating func dealKey() -> Key {
        if chance(12) { return .click(x: dice(200), y: dice(60)) }
        return Self.keys[dice(Self.keys.count)]
    }

    // MARK: The run

    /// Runs with faults, stops them, and waits until the picture is right again. `trace` takes
    /// every exchange, every happening and every key, a line each.
    package mutating func run(trace: (@Sendable (String) -> Void)? = nil) -> TrialReport {
        let session = DrivenSession(shape, options)
        defer { session.end() }
        if let trace {
            trace("\(shape)")
            session.network.listen(trace)
        }
        var inspector = Inspector(hasFaults: shape.faultRates != FaultRates())
        injectFaults(session, &inspector, trace)
        var faults = inspector.faults
        if faults.isEmpty {
            faults = recover(session, &inspector)
        }
        return TrialReport(seed: seed, faults: faults, session)
    }

    private mutating func injectFaults(
        _ session: DrivenSession, _ inspector: inout Inspector, _ trace: ((String) -> Void)?
    ) {
        let length = Limits.faultSpanSeconds * (0.5 + Double(dice(8)) / 8)
        let stories = Scenario.allCases
        if !chance(4) {
            let story = stories[dice(stories.count)]
            session.at(Double(dice(8))) { [network = session.network] in
                network.change { $0.startFaults(story) }
            }
        }
        while session.seconds < length, inspector.faults.isEmpty {
            session.run(seconds: [0.3, 1, 2, 4][dice(4)])
            for _ in 0..<dice(4) {
                let key = dealKey()
                trace?("\(session.seconds)\tkey \(key)")
                session.press(key)
            }
            if chance(10) {
                let (width, height) = dealSize()
                trace?("\(session.seconds)\tresized to \(width)x\(height)")
                session.resize(width: width, height: height)
            }
            inspector.look(at: session)
        }
    }

    private mutating func recover(
        _ session: DrivenSession, _ inspector: inout Inspector
    ) -> [String] {
        let faults = inspector.recover(session, atMost: Limits.recoverySeconds, refresh: 2)
        guard faults.isEmpty else { return faults }
        // Whatever was pressed, the way home is open.
        for _ in 0..<3 { session.press(.escape) }
        session.resize(width: 120, height: 40)
        session.go("overview")
        if session.text.contains("PAUSED") { session.press("p") }
        let text = session.text
        // Without a majority of controllers what was told before is shown as such.
        let offline = session.cluster.coordinatorHasQuorum == false ? "off ~0" : "off 0"
        let wanted = [offline, "rec/s", "What is wrong"].filter { !text.contains($0) }
        return wanted.map { "the overview lacks \"\($0)\" after the faults" }
    }
}

/// How one seed ended.
package struct TrialReport: Sendable {
    package let seed: UInt64
    /// Empty: all was as it must be.
    package let faults: [String]
    /// Virtual seconds, pictures and exchanges, so that a run that does nothing is seen.
    package let seconds: Double
    package let pictures: Int
    package let exchanges: Int
    package let lastFrame: String
    package let keys: String
    package let trace: UInt64

    init(seed: UInt64, faults: [String], _ session: DrivenSession) {
        self.seed = seed
        self.faults = faults
        seconds = session.seconds
        pictures = session.publicationCount
        exchanges = session.network.inspect(\.exchanges)
        lastFrame = session.text
        keys = session.keys.suffix(Limits.reportedKeys).map { "\($0)" }.joined(separator: " ")
        trace = session.trace
    }
}
