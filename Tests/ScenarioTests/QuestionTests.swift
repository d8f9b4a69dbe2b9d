// What an operator asks at three in the morning, and how many keys the answer takes: three at most
// from the start.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing

@Suite struct QuestionTests {
    /// A cluster of three brokers that has been watched for a while.
    private func session(width: Int = 80, height: Int = 24) -> DrivenSession {
        var shape = smallShape()
        shape.brokers = 3
        shape.partitions = 18
        shape.storyAtSeconds = 1e9
        var options = SessionOptions()
        (options.width, options.height) = (width, height)
        let session = DrivenSession(shape, options)
        session.run(until: 8)
        return session
    }

    private func answer(
        _ session: DrivenSession, keys: String, _ wanted: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(keys.unicodeScalars.count <= 3, sourceLocation: sourceLocation)
        session.press(keys)
        for text in wanted { session.expect(text, sourceLocation: sourceLocation) }
    }

    @Test func isItWell() {
        let session = session()
        answer(session, keys: "", "off 0", "minISR 0", "ill 0", "rec/s")
        session.end()
    }

    @Test func whichPartitionStopsWrites() {
        let session = session()
        session.network.change { machine in
            machine.apply(.kill, to: 2)
            machine.apply(.kill, to: 3)
        }
        session.run(seconds: 20)
        answer(session, keys: "", "writes with acks=all stop")
        // The rows behind it: one of three in sync.
        answer(session, keys: "2", "under min ISR", "1/3")
        session.end()
    }

    @Test func whichPartitionTakesNothingAtAll() {
        let session = session()
        session.network.change { machine in for id in 1...3 { machine.apply(.kill, to: Int32(id)) }
        }
        session.run(seconds: 4)
        session.network.change { $0.apply(.start, to: 1) }
        session.run(seconds: 14)
        answer(session, keys: "1", "offline", "none")
        session.end()
    }

    @Test func whoIsSilentAndSinceWhen() {
        let session = session()
        session.network.change { $0.apply(.freeze, to: 2) }
        session.run(seconds: 7)
        answer(session, keys: "", "broker 2 silent", "cannot be written: broker 2")
        answer(session, keys: "B", "silent")
        session.end()
    }

    @Test func whoIsBehindAndWhenWillTheyCatchUp() {
        let session = session()
        session.network.change { $0.apply(.kill, to: 3) }
        session.leave()
        session.setRefresh(seconds: 20)
        session.run(seconds: 300)
        session.network.change { $0.apply(.start, to: 3) }
        session.setRefresh(seconds: 2)
        session.watch()
        session.press("R")
        session.run(seconds: 8)
        let ids = session.cluster.partitions.replicaBroker
        let behind = ids.indices.filter { ids[$0] == 3 }.compactMap { row in
            let replica = session.cluster.replica(row)
            return (replica.lag ?? 0) > 1_000 ? replica.secondsToCatchUp : nil
        }
        #expect(behind.contains { $0.isFinite && $0 > 0 }, "\(session.text)")
        session.expect("sort: lag")
        // The whole is caught up within what was said, give and take.
        let longest = behind.filter(\.isFinite).max() ?? 0
        session.run(seconds: longest * 2 + 10)
        #expect(session.cluster.counts["under_replicated", default: 0] == 0)
        session.end()
    }

    @Test func whichGroupIsBehindAndWhen() {
        var shape = smallShape(.stuckConsumer)
        shape.partitions = 18
        shape.storyAtSeconds = 6
        let session = DrivenSession(shape)
        session.run(until: 60)
        answer(session, keys: "O", "groups", "stopped", "sort: verdict")
        session.end()
    }

    @Test func whoShouldLeadAndDoesNot() {
        let session = session()
        session.network.change { $0.apply(.kill, to: 3) }
        session.run(seconds: 20)
        session.network.change { $0.apply(.start, to: 3) }
        session.run(seconds: 20)
        #expect(session.cluster.counts["wrong_leader", default: 0] > 0)
        answer(session, keys: "5", "wrong leader", "3")
        session.end()
    }

    @Test func whatWouldOneElectionChange() {
        let session = session(width: 120, height: 40)
        session.network.change { $0.apply(.kill, to: 3) }
        session.run(seconds: 20)
        session.network.change { $0.apply(.start, to: 3) }
        // Until the broker is in sync again an election would change nothing.
        #expect(session.run(atMost: 120) { Leadership($0.cluster).electable > 0 })
        let sums = Leadership(session.cluster)
        answer(
            session, keys: "L", "One election moves \(plural(sums.electable))",
            "Leaders that moved   in 5 min", "from 3 to")
        answer(session, keys: "f", "faults only")
        session.end()
    }

    private func plural(_ count: Int) -> String { "\(count) leader\(count == 1 ? ":" : "s:")" }

    @Test func howMuchFlowsIntoTheBusiestTopic() {
        let session = session(width: 120, height: 40)
        answer(session, keys: "NT", "throughput")
        session.end()
    }

    @Test func whereIsThatGroupStuck() {
        let session = session()
        answer(session, keys: "O", "groups")
        session.run(seconds: 2)
        session.press(.enter)
        session.expect("keeps up")
        session.expect(" s old")
        session.end()
    }

    @Test func atFortyColumnsTooTheWorstIsSaid() {
        let session = session(width: 40, height: 12)
        session.network.change { machine in
            machine.apply(.kill, to: 2)
            machine.apply(.kill, to: 3)
        }
        session.run(seconds: 20)
        answer(session, keys: "", "min")
        session.end()
    }
}
