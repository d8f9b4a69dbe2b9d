// A change from the keyboard: reviewed, confirmed by a word, carried out once, and told truly.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing
import Transport

@Suite struct ReviewTests {
    /// Broker 2 was down for a while: what it led is led by others, and it is back in sync.
    private func session(
        isReadOnly: Bool = false, deniesCluster: Bool = false
    ) -> DrivenSession {
        var options = SessionOptions()
        options.isReadOnly = isReadOnly
        var shape = smallShape()
        shape.access.deniesCluster = deniesCluster
        let session = DrivenSession(shape, options)
        let network = session.network
        session.at(5) { network.change { $0.apply(.kill, to: 2) } }
        session.at(40) { network.change { $0.apply(.start, to: 2) } }
        session.run(until: 80)
        #expect(wrongLeaders(session) > 0)
        return session
    }

    private func wrongLeaders(_ session: DrivenSession) -> Int {
        let table = session.cluster.partitions
        return (0..<table.count).count { table.isWrongLeader($0) }
    }

    private func elections(_ session: DrivenSession) -> Locked<Int> {
        let count = Locked(0)
        session.network.listen { line in
            if line.contains(" ElectLeaders ") || line.contains(" API 43 ") {
                count.withLock { $0 += 1 }
            }
        }
        return count
    }

    @Test func allPreferredLeadersTakeTwoKeysAndAWord() throws {
        let session = session()
        defer { session.end() }
        let sent = elections(session)
        let id = try #require(session.cluster.clusterID)
        let wrong = wrongLeaders(session)
        session.press("LE")
        session.expect("Elect the preferred leader of \(wrong) partitions")
        session.expect("Type \(id) and press Enter to begin")
        session.expect("kafka-leader-election.sh --bootstrap-server")
        session.run(seconds: 0.5)
        session.press(id)
        #expect(sent.withLock { $0 } == 0)
        session.press(.enter)
        let isOver = session.run(atMost: 30) { $0.text.contains("Over.") }
        #expect(isOver)
        session.expect("Done: \(wrong)")
        #expect(sent.withLock { $0 } == 1)
        session.press(.enter)
        #expect(session.run(atMost: 30) { wrongLeaders($0) == 0 })
        session.expect("Every leader is the preferred one")
    }

    /// What was typed before the review was in sight, and what is not the word, begins nothing.
    @Test func nothingBeginsWithoutTheWord() throws {
        let session = session()
        defer { session.end() }
        let sent = elections(session)
        let id = try #require(session.cluster.clusterID)
        session.press("LE" + id)
        session.press(.enter)
        session.run(seconds: 5)
        session.expect("Type \(id) and press Enter to begin")
        session.press("y")
        session.press(.enter)
        session.expect("type \(id), exactly")
        session.press(.paste(id))
        session.press(.enter)
        session.run(seconds: 5)
        session.press(.escape)
        session.expect("One election moves")
        session.run(seconds: 5)
        #expect(sent.withLock { $0 } == 0)
    }

    @Test func aReadOnlySessionSaysSo() {
        let session = session(isReadOnly: true)
        defer { session.end() }
        session.press("L")
        for key in ["e", "E"] {
            session.press(key)
            session.expect("this session is read-only")
        }
        session.go("elect all")
        session.expect("elect: this session is read-only")
    }

    /// A right that is missing is said at the key: no review opens.
    @Test func aMissingRightIsSaidAtTheKey() {
        let session = session(deniesCluster: true)
        defer { session.end() }
        session.press("LE")
        session.expect("your principal lacks the right to it: Alter on the cluster")
        session.expectNot("and press Enter to begin")
    }

    /// The leader moves between review and Enter: nothing is sent, and it is asked again.
    @Test func whatChangedSinceTheReviewIsShown() throws {
        let session = session()
        defer { session.end() }
        let sent = elections(session)
        let table = session.cluster.partitions
        let row = try #require((0..<table.count).first { table.isWrongLeader($0) })
        let key = session.cluster.key(ofRow: row)
        let leader = table.leader[row]
        session.go("elect \(key)")
        session.expect("Elect the preferred leader of \(key)")
        session.network.change { $0.apply(.kill, to: leader) }
        session.run(seconds: 40)
        session.press("yes")
        session.press(.enter)
        #expect(session.run(atMost: 60) { $0.text.contains("Nothing was sent") })
        session.expect("changed since the review")
        #expect(sent.withLock { $0 } == 0)
        session.press(.enter)
        session.expect("review")
    }

    /// Kafka refuses: its own reason is shown, and nothing is called done.
    @Test func whatKafkaRefusesIsSaid() throws {
        let session = session()
        defer { session.end() }
        let table = session.cluster.partitions
        let row = try #require(
            (0..<table.count).first { table.isWrongLeader($0) && table.preferredLeader($0) == 2 })
        session.go("elect \(session.cluster.key(ofRow: row))")
        session.network.change { $0.apply(.kill, to: 2) }
        session.run(seconds: 3)
        session.press("yes")
        session.press(.enter)
        #expect(session.run(atMost: 60) { $0.text.contains("Over.") })
        session.expect("refused by Kafka: 1")
        session.expect("PREFERRED_LEADER_NOT_AVAILABLE")
    }
}
