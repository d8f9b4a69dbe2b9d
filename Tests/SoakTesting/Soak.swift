// Hours of one session under chaos: what a short trial cannot show, such as growth, drift, and
// wounds that only heal badly the tenth time.
internal import Session
internal import SimulatedCluster

/// A trial that goes on for hours of simulated time: storms with random stories and keys, and calm
/// between them in which the picture must become right again.
package struct Soak {
    package let seed: UInt64
    /// Simulated hours.
    package let hours: Double
    private var trial: Trial
    private let lines = RecentLines()

    /// Every storm's length in seconds, and the most that a calm may take.
    private static let storm = 600.0
    private static let calm = 300.0

    package init(seed: UInt64, hours: Double) {
        self.seed = seed
        self.hours = hours
        trial = Trial(seed: seed)
        trial.shape.brokers = 3 + trial.dice(6)
        trial.shape.partitions = 20 + trial.dice(60)
        trial.shape.offsetsPartitions = 6
        trial.shape.groups = 8
        trial.shape.access = Access()
        // One exchange of fifty goes wrong in some way.
        trial.shape.mishaps.drop = 0.005
        trial.shape.mishaps.silence = 0.001
        trial.shape.mishaps.delay = 0.01
        trial.shape.mishaps.error = 0.005
        (trial.options.width, trial.options.height) = (120, 40)
        trial.options.refreshSeconds = 5
    }

    /// How far a soak has come.
    package struct Progress: Sendable {
        package var hours: Double
        package var exchanges: Int
        package var pictures: Int
        package var keys: Int
    }

    /// Runs to the end or to the first fault; `progress` is told once a simulated hour.
    package mutating func run(_ progress: (Progress) -> Void) -> TrialReport {
        let session = DrivenSession(trial.shape, trial.options)
        defer { session.end() }
        session.network.listen { [lines] in lines.add($0) }
        var inspector = Inspector(hasMishaps: true)
        var faults: [String] = []
        var told = 0
        while session.seconds < hours * 3_600, faults.isEmpty {
            weather(session, &inspector)
            faults = inspector.faults
            if faults.isEmpty { faults = clear(session, &inspector) }
            if Int(session.seconds / 3_600) > told {
                told = Int(session.seconds / 3_600)
                progress(
                    Progress(
                        hours: session.seconds / 3_600,
                        exchanges: session.network.inspect(\.exchanges),
                        pictures: session.pictureCount, keys: session.keys.count))
            }
        }
        return TrialReport(seed: seed, faults: faults, session)
    }

    /// The last lines of the trace, for a report.
    package var recentTrace: [String] { lines.all }

    private mutating func weather(_ session: DrivenSession, _ inspector: inout Inspector) {
        let stories = Scenario.allCases
        let story = stories[trial.dice(stories.count)]
        let number = trial.dice(8)
        session.network.change { $0.stir(story, number: number) }
        let end = session.seconds + Self.storm
        while session.seconds < end, inspector.faults.isEmpty {
            session.run(seconds: Double(1 + trial.dice(30)))
            for _ in 0..<trial.dice(5) {
                let key = trial.dealKey()
                lines.add("\(session.seconds)\tkey \(key)")
                session.press(key)
            }
            if trial.chance(20) {
                let (width, height) = trial.dealSize()
                session.resize(width: width, height: height)
            }
            inspector.look(at: session)
        }
    }

    private mutating func clear(
        _ session: DrivenSession, _ inspector: inout Inspector
    ) -> [String] {
        session.network.change { $0.calm() }
        session.setRefresh(seconds: 5)
        var untruths: [String] = []
        let isRight = session.run(atMost: Self.calm) { session in
            inspector.look(at: session)
            untruths = session.untruths()
            return untruths.isEmpty || !inspector.faults.isEmpty
        }
        if !inspector.faults.isEmpty || isRight { return inspector.faults }
        return untruths.prefix(Limits.faults).map { "\(Self.calm) s after all is calm: \($0)" }
    }
}
