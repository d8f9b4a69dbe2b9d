// Hours of one session under chaos: what a short trial cannot show, such as growth, drift, and
// wounds that only heal badly the tenth time.
internal import Session
internal import SimulatedCluster

/// A trial that goes on for hours of simulated time: periods of random scenarios and keys, and
/// between them periods without faults in which the picture must become right again.
package struct Soak {
    package let seed: UInt64
    /// Simulated hours.
    package let hours: Double
    private var trial: Trial
    private let lines = RecentLines()

    /// Seconds with faults, and the most that recovery may take.
    private static let faultSeconds = 600.0
    private static let recoverySeconds = 300.0

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
        trial.shape.faultRates.drop = 0.005
        trial.shape.faultRates.silence = 0.001
        trial.shape.faultRates.delay = 0.01
        trial.shape.faultRates.error = 0.005
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

    /// Runs to the end or to the first fault; `progress` is called once a simulated hour.
    package mutating func run(_ progress: (Progress) -> Void) -> TrialReport {
        let session = DrivenSession(trial.shape, trial.options)
        defer { session.end() }
        session.network.listen { [lines] in lines.add($0) }
        var inspector = Inspector(hasFaults: true)
        var faults: [String] = []
        var reported = 0
        while session.seconds < hours * 3_600, faults.isEmpty {
            injectFaults(session, &inspector)
            faults = inspector.faults
            if faults.isEmpty {
                faults = inspector.recover(session, atMost: Self.recoverySeconds, refresh: 5)
            }
            if Int(session.seconds / 3_600) > reported {
                reported = Int(session.seconds / 3_600)
                progress(
                    Progress(
                        hours: session.seconds / 3_600,
                        exchanges: session.network.inspect(\.exchanges),
                        pictures: session.publicationCount, keys: session.keys.count))
            }
        }
        return TrialReport(seed: seed, faults: faults, session)
    }

    /// The last lines of the trace, for a report.
    package var recentTrace: [String] { lines.all }

    private mutating func injectFaults(_ session: DrivenSession, _ inspector: inout Inspector) {
        let stories = Scenario.allCases
        let story = stories[trial.dice(stories.count)]
        let number = trial.dice(8)
        session.network.change { $0.startFaults(story, number: number) }
        let end = session.seconds + Self.faultSeconds
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
}
