// The ten questions of an operator, each answered in at most two keys from the overview.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing

@Suite struct TenQuestionsTests {
    /// A cluster that has been watched for a while, before its story begins.
    private func session(
        _ scenario: Scenario = .quietDay, until seconds: Double = 20,
        _ change: (inout Shape) -> Void = { _ in }
    ) -> DrivenSession {
        var shape = smallShape(scenario)
        shape.storyAtSeconds = scenario == .quietDay ? 1e9 : 10
        change(&shape)
        var options = SessionOptions()
        (options.width, options.height) = (120, 40)
        let session = DrivenSession(shape, options)
        session.run(until: seconds)
        return session
    }

    /// Presses at most two keys on the overview, and expects the answer once it was asked for.
    private func answer(
        _ session: DrivenSession, keys: [Key], _ wanted: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(keys.count <= 2, sourceLocation: sourceLocation)
        session.press("0")
        for key in keys { session.press(key) }
        session.run(seconds: 3)
        for text in wanted { session.expect(text, sourceLocation: sourceLocation) }
    }

    @Test("1: which partition stops writes?") func whichPartitionStopsWrites() throws {
        let session = session { $0.brokers = 3 }
        session.network.change { machine in
            machine.apply(.kill, to: 2)
            machine.apply(.kill, to: 3)
        }
        session.run(seconds: 20)
        answer(session, keys: [.character("2")], ["under min ISR", "1/3"])
        let facts = session.cluster
        // Of many the one that costs most stands where one looks first.
        let rows = (0..<facts.partitions.count).filter {
            facts.partition($0).isUnderMinISR == true
        }
        let rates = facts.partitions.recordsPerSecond
        let row = try #require(rows.max { rates[$0] < rates[$1] })
        session.expect(facts.partition(row).topic)
        session.end()
    }

    @Test("2: who is behind, and until when?") func whoIsBehind() throws {
        let session = session(.stuckConsumer, until: 60)
        let stuck = session.network.inspect { $0.stuckGroupIDs.first ?? "?" }
        answer(session, keys: [.character("O")], [stuck, "stopped", "behind", "verdict↓"])
        session.end()
    }

    @Test("3: which broker is hot?") func whichBrokerIsHot() throws {
        let session = session(.hotPartition, until: 60)
        let hot = session.cluster.brokers.max {
            ($0.recordsPerSecond ?? 0) < ($1.recordsPerSecond ?? 0)
        }
        let id = try #require(hot?.id)
        // Its gauge on the overview is past its end, and a finding names it.
        answer(session, keys: [.character("W")], ["broker \(id) takes"])
        session.end()
    }

    @Test("4: may I restart broker 3?") func mayIRestartABroker() {
        let session = session()
        answer(session, keys: [.character("B")], ["safe to stop"])
        #expect(session.frame.lines.contains { $0.contains("      3 ") && $0.contains("yes") })
        // The reason stands behind one more key.
        answer(session, keys: [.character("B"), .character("i")], ["If it stops now: safe"])
        session.press(.escape)
        session.network.change { $0.apply(.kill, to: 2) }
        session.network.change { $0.apply(.kill, to: 4) }
        session.run(seconds: 25)
        answer(session, keys: [.character("B")], ["no"])
        session.end()
    }

    @Test("5: what changed in the last five minutes?") func whatChanged() {
        let session = session()
        session.network.change { $0.apply(.kill, to: 2) }
        session.run(seconds: 20)
        answer(session, keys: [.character("V")], ["broker 2", "leader"])
        session.end()
    }

    @Test("6: which disk fills first?") func whichDiskFillsFirst() {
        let session = session()
        answer(session, keys: [.character("8")], ["full in", "↑full in"])
        session.end()
    }

    @Test("7: leaders against where they should be?") func leadersWhereTheyShouldBe() {
        let session = session()
        session.network.change { $0.apply(.kill, to: 3) }
        session.run(seconds: 20)
        session.network.change { $0.apply(.start, to: 3) }
        #expect(session.run(atMost: 120) { Leadership($0.cluster).electable > 0 })
        let count = Leadership(session.cluster).electable
        answer(
            session, keys: [.character("L")],
            ["leaders/pref", "One election moves \(count) leader"])
        session.end()
    }

    @Test("8: which topic has which override?") func whichTopicHasWhichOverride() throws {
        let session = session()
        let cluster = session.cluster
        let index = try #require(
            cluster.topics.indices.first { cluster.overrides(topic: $0)?.isEmpty == false })
        let entry = try #require(cluster.overrides(topic: index)?.first)
        answer(session, keys: [.character("C")], [entry.name, "value"])
        session.end()
    }

    @Test("9: is the quorum or the ensemble healthy?", arguments: [false, true])
    func isTheCoordinatorHealthy(_ isZooKeeper: Bool) {
        let session = session {
            guard isZooKeeper else { return }
            $0.coordination = .zookeeper
            $0.release = .v39
        }
        answer(session, keys: [.character("K")], ["outlives the loss of"])
        session.end()
    }

    @Test("10: who reads a topic?") func whoReadsATopic() throws {
        let session = session(until: 30)
        answer(session, keys: [.character("N")], ["groups"])
        session.press(.enter)
        session.run(seconds: 3)
        let cluster = session.cluster
        session.expect("read by")
        let topic = try #require(
            session.frame.lines.dropFirst(2).first?.split(separator: " ").first {
                cluster.topicIndex(named: String($0)) != nil
            })
        let place = try #require(cluster.topicIndex(named: String(topic)))
        for reader in cluster.readers(ofTopic: place).prefix(5) {
            session.expect(String(cluster.groups[reader.group].id.prefix(6)))
        }
        session.end()
    }
}
