// The journal on the screen: what was changed stands there with who and what, two changes are
// compared, and what takes one back is reviewed like any other.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing
import Transport

@Suite struct JournalScreenTests {
    /// Broker 2 was down for a while: what it led is led by others, and it is back in sync.
    private func session(isReadOnly: Bool = false) -> DrivenSession {
        var options = SessionOptions()
        options.isReadOnly = isReadOnly
        let session = DrivenSession(smallShape(), options)
        let network = session.network
        session.at(5) { network.change { $0.apply(.kill, to: 2) } }
        session.at(40) { network.change { $0.apply(.start, to: 2) } }
        session.run(until: 80)
        return session
    }

    @Test func whatWasChangedStandsInTheJournal() throws {
        let session = session()
        defer { session.end() }
        session.press("J")
        session.expect("No changes here.")
        let table = session.cluster.partitions
        let row = try #require((0..<table.count).first { table.isWrongLeader($0) })
        let key = session.cluster.key(ofRow: row)
        session.go("elect \(key)")
        session.expect("Type yes and press Enter to begin")
        session.run(seconds: 0.5)
        session.press("yes")
        session.press(.enter)
        #expect(session.run(atMost: 30) { $0.text.contains("Over.") })
        session.expectNot("leave all as it is")
        session.press(.enter)
        session.press("J")
        session.run(seconds: 2)
        session.expect("elect the preferred leader of \(key)")
        session.expect("done")
        session.press(.enter)
        session.expect("\(key) leader")
        session.expect("kafka-leader-election.sh")
        session.expect("It cannot be taken back: Kafka has no request that takes it back.")
        session.press(.escape)
        session.press("u")
        session.expect("take back: Kafka has no request that takes it back")
        session.press("d")
        session.expect("compare: mark two changes with Space")
    }

    /// A partition without leader, and the word that an unclean election asks for.
    @Test func anUncleanElectionSaysWhatIsLost() throws {
        let session = session()
        defer { session.end() }
        session.run(until: 100)
        let table = session.cluster.partitions
        let row = try #require(
            (0..<table.count).first { table.leader[$0] >= 0 && table.replicas(of: $0).count == 3 })
        let key = session.cluster.key(ofRow: row)
        session.go("elect unclean \(key)")
        session.expect("leads it")
        session.press(.escape)
        session.go("elect unclean")
        session.expect("elect unclean: which?")
        session.press(.escape)
        // All but one replica die, the leader last: the one that is back first lacks records.
        let brokers = table.replicas(of: row).map { table.replicaBroker[$0] }
        let leader = table.leader[row]
        let network = session.network
        for broker in brokers where broker != leader {
            network.change { $0.apply(.kill, to: broker) }
        }
        session.run(seconds: 60)
        network.change { $0.apply(.kill, to: leader) }
        session.run(seconds: 5)
        let first = try #require(brokers.first { $0 != leader })
        network.change { $0.apply(.start, to: first) }
        let isLeaderless = session.run(atMost: 60) { session in
            guard let row = session.cluster.row(of: key) else { return false }
            return session.cluster.partitions.leader[row] < 0
                && session.cluster.broker(BrokerID(first))?.isListed == true
        }
        try #require(isLeaderless)
        session.run(seconds: 10)
        session.go("elect unclean \(key)")
        session.expect("Elect a leader of \(key) that was not in sync")
        session.expect("may be lost")
        session.expect("Type \(key) and press Enter to begin")
        session.run(seconds: 0.5)
        session.press("\(key)")
        session.press(.enter)
        #expect(session.run(atMost: 60) { $0.text.contains("Over.") })
        session.expect("Done: 1")
        session.press(.enter)
        #expect(
            session.run(atMost: 30) { session in
                guard let row = session.cluster.row(of: key) else { return false }
                return session.cluster.partitions.leader[row] == first
            })
    }
}
