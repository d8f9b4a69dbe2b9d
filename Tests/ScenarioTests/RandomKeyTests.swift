// Nobody changes a cluster by leaning on the keyboard: ten thousand keys at random open reviews of
// every kind, and no request for a change leaves without a word that was typed for it.
import ClusterModel
import Drawing
import Screens
import Session
import SimulatedCluster
import Simulation
import Testing
import Transport

@Suite struct RandomKeyTests {
    private static let keyCount = 10_000
    private static let changes = [
        "ElectLeaders", "AlterConfigs", "AlterPartitionReassignments", "AlterReplicaLogDirs",
        "DeleteTopics", "OffsetCommit", "OffsetDelete", "DeleteGroups", "LeaveGroup",
        "DeleteRecords", "AlterShareGroupOffsets", "DeleteShareGroupOffsets", "API 43", "API 45",
    ]
    /// Leads from wherever the keys have come to a change that is about to be reviewed; Kafka is
    /// asked beforehand whether it would take some of them, which sends their requests too.
    private static let starts = [
        "Le", "LE", "Nd", "Nvjjd", "Ncd", "NcGd", "Ce", "Od", "Oo", "PU", "Pe", "Bcd", "Ju",
        ":elect all\n", ":copy-configs ", ":create-topic new partitions 2 rf 1\n",
    ]

    /// Every key that does anything, every letter, and often what confirms.
    private static let keys: [Key] =
        Keymap.all.flatMap(\.keys) + (0x20..<0x7F).map { .character(Unicode.Scalar($0)) }
        + [.enter, .enter, .enter, .enter, .character("y"), .character("e"), .character("s")]
        + [.character("e"), .character("E"), .character("L"), .character("y"), .paste("yes")]

    /// Broker 2 is lost again and again: there is always something to elect.
    private func session() -> (DrivenSession, Locked<Int>) {
        var shape = Shape()
        shape.seed = 7
        shape.brokers = 3
        shape.partitions = 12
        shape.offsetsPartitions = 3
        shape.groups = 1
        shape.storyAtSeconds = 1e9
        var options = SessionOptions()
        (options.width, options.height) = (100, 30)
        let session = DrivenSession(shape, options)
        let network = session.network
        for round in 0..<30 {
            session.at(5 + 150 * Double(round)) { network.change { $0.apply(.kill, to: 2) } }
            session.at(30 + 150 * Double(round)) { network.change { $0.apply(.start, to: 2) } }
        }
        let sent = Locked(0)
        network.listen { line in
            if Self.changes.contains(where: { line.contains(" \($0) ") }) {
                sent.withLock { $0 += 1 }
            }
        }
        session.run(until: 70)
        return (session, sent)
    }

    @Test func keysAtRandomChangeNothing() {
        var dice = SeededGenerator(seed: 0x9E37_79B9_7F4A_7C15)
        let (session, sent) = session()
        defer { session.end() }
        let before = truth(session)
        var pressed = 0
        var reviews = 0
        while pressed < Self.keyCount {
            // One key held down, or some at random.
            let held = Bool.random(using: &dice) ? nil : Self.keys.randomElement(using: &dice)
            let count = Int.random(in: 1...12, using: &dice)
            for _ in 0..<count {
                session.press(held ?? Self.keys.randomElement(using: &dice) ?? .enter)
            }
            pressed += count
            session.run(seconds: 0.5)
            if session.text.contains("and press Enter to begin") { reviews += 1 }
            // A way on from wherever the keys have led.
            if Int.random(in: 0..<4, using: &dice) == 0 {
                session.press(.escape, .escape)
                for scalar in (Self.starts.randomElement(using: &dice) ?? "").unicodeScalars {
                    session.press(scalar == "\n" ? .enter : .character(scalar))
                }
                session.run(seconds: 1)
                if session.text.contains("and press Enter to begin") { reviews += 1 }
            }
        }
        #expect(reviews > 100, "\(reviews) reviews were opened")
        #expect(sent.withLock { $0 } == 0)
        #expect(truth(session) == before)
    }

    /// Topics with their sizes and overrides, as the brokers keep them.
    private func truth(_ session: DrivenSession) -> [String] {
        session.network.inspect { $0.topicsTruth }
    }

    /// The same ears hear a change that is typed for.
    @Test func aTypedWordIsHeard() throws {
        let (session, sent) = session()
        defer { session.end() }
        let id = try #require(session.cluster.clusterID)
        session.press("LE")
        session.run(seconds: 0.5)
        session.press(id)
        session.press(.enter)
        #expect(session.run(atMost: 30) { $0.text.contains("Over.") })
        #expect(sent.withLock { $0 } == 1)
    }
}
