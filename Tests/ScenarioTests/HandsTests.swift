// Changes from two consoles at once, notes for the journal, copies of overrides, unclean elections,
// rights that are missing: as whole sessions.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing
import Transport

@Suite struct HandsTests {
    private let topic = "orders.created"

    private func session(_ change: (inout Shape) -> Void = { _ in }) -> DrivenSession {
        var shape = smallShape()
        shape.storyAtSeconds = 1e9
        change(&shape)
        let session = DrivenSession(shape)
        session.run(until: 12)
        return session
    }

    private func truth(_ session: DrivenSession, _ topic: String, _ key: String) -> String? {
        session.network.inspect { $0.overrideTruth(topic, key) }
    }

    /// Opens the review of a value for a key of something with configs.
    private func edit(_ session: DrivenSession, _ what: String, _ key: String, _ value: String) {
        session.go("configs \(what)")
        session.run(seconds: 3)
        session.press("/\(key)")
        session.press(.enter)
        session.press("e")
        session.press(.control("u"))
        session.press(value)
        session.press(.enter)
        let isThere = session.run(atMost: 10) { $0.text.contains("and press Enter to begin") }
        #expect(isThere, "\(session.text)")
        session.run(seconds: 0.5)
    }

    private func begin(_ session: DrivenSession, _ word: String = "yes") {
        session.press(word)
        session.press(.enter)
    }

    /// Both review the same key; the second is told what the first has made of it, and asked again.
    @Test func ofTwoConsolesTheSecondIsAskedAgain() {
        let one = session()
        let two = DrivenSession(beside: one)
        defer {
            two.end()
            one.end()
        }
        two.run(seconds: 12)
        edit(one, topic, "segment.ms", "2h")
        edit(two, topic, "segment.ms", "3h")
        begin(one)
        #expect(one.run(atMost: 30) { $0.text.contains("Over.") }, "\(one.text)")
        #expect(truth(one, topic, "segment.ms") == "7200000")
        begin(two)
        #expect(two.run(atMost: 30) { $0.text.contains("Nothing was sent") }, "\(two.text)")
        two.expect("1 value changed since the review")
        two.expect("topic \(topic) segment.ms: reviewed not set, now 7200000")
        #expect(truth(one, topic, "segment.ms") == "7200000")
        // Asked again, of the values as they are; both undo to what each has seen.
        two.press(.enter)
        #expect(two.run(atMost: 10) { $0.text.contains("and press Enter to begin") }, two.message)
        two.expect("7200000 \(Glyph.trail) 10800000")
        two.run(seconds: 0.5)
        begin(two)
        #expect(two.run(atMost: 30) { $0.text.contains("Over.") }, "\(two.text)")
        #expect(truth(one, topic, "segment.ms") == "10800000")
        two.press(.enter)
        two.press("J")
        two.run(seconds: 2)
        two.press("u")
        two.run(seconds: 3)
        two.expect("10800000 \(Glyph.trail) 7200000")
    }

    /// Tab opens a line for why; what is typed there begins nothing, and the journal keeps it.
    @Test func aNoteIsKeptInTheJournal() {
        let session = session()
        defer { session.end() }
        edit(session, topic, "segment.ms", "2h")
        session.press(.tab)
        session.expect("Note for the journal:")
        session.press("yes")
        session.press(.enter)
        session.expect("Note: yes")
        session.run(seconds: 5)
        #expect(truth(session, topic, "segment.ms") == nil)
        session.press(.tab)
        session.press(.control("u"))
        session.press(.paste("OPS-17\nby ann"))
        session.press(.enter)
        // Another try is left as it was before.
        session.press(.tab)
        session.press("zzz")
        session.press(.escape)
        session.expect("Note: OPS-17 by ann")
        begin(session)
        #expect(session.run(atMost: 30) { $0.text.contains("Over.") }, "\(session.text)")
        session.press(.enter)
        session.press("J")
        session.run(seconds: 2)
        session.press(.enter)
        session.expect("OPS-17 by ann")
    }

    @Test func overridesAreCopiedToOtherTopics() throws {
        let session = session()
        defer { session.end() }
        let names = session.cluster.topics.filter { !$0.isInternal }.map(\.name)
        let other = try #require(names.first { $0 != topic })
        session.network.change { $0.setOverride(ofTopic: topic, "segment.ms", "7200000") }
        session.network.change { $0.setOverride(ofTopic: other, "flush.ms", "1000") }
        session.run(seconds: 70)
        session.go("configs \(topic)")
        session.run(seconds: 3)
        session.press("o")
        session.expect(":copy-configs \(topic)")
        session.press(other)
        session.press(.enter)
        #expect(session.run(atMost: 10) { $0.text.contains("and press Enter to begin") })
        session.expect("topic \(other) segment.ms")
        session.expectNot("flush.ms")
        session.press(.escape)
        session.go("copy-configs! \(topic) \(other)")
        #expect(session.run(atMost: 10) { $0.text.contains("and press Enter to begin") })
        session.expect("topic \(other) flush.ms")
        session.run(seconds: 0.5)
        begin(session)
        #expect(session.run(atMost: 30) { $0.text.contains("Over.") }, "\(session.text)")
        #expect(truth(session, other, "segment.ms") == "7200000")
        #expect(truth(session, other, "flush.ms") == nil)
    }

    /// A key proposes it where nobody leads, and says why not elsewhere.
    @Test func anUncleanElectionHasItsKey() throws {
        let session = session { $0.brokers = 3 }
        defer { session.end() }
        session.press("PU")
        session.expect("elect unclean: every partition has a leader")
        // Broker 3 falls out of sync before the others are lost, and comes back alone.
        session.network.change { $0.apply(.kill, to: 3) }
        session.run(seconds: 30)
        for id: Int32 in [1, 2] { session.network.change { $0.apply(.kill, to: id) } }
        session.run(seconds: 30)
        session.network.change { $0.apply(.start, to: 3) }
        session.run(seconds: 60)
        let table = session.cluster.partitions
        let row = try #require(
            (0..<table.count).first { row in
                table.isOffline(row)
                    && table.replicas(of: row).contains { table.replicaBroker[$0] == 3 }
            }, "\(session.text)")
        session.go("topic \(session.cluster.key(ofRow: row).topic)")
        session.run(seconds: 2)
        session.press("*U")
        session.run(seconds: 1)
        session.expect("that was not in sync")
        session.expectNot("Type yes and press Enter")
    }

    /// A right on a topic or a group that is missing is said at the key: no review opens.
    @Test func missingRightsAreSaidAtTheKey() throws {
        let session = session {
            $0.access.isReadOnly = true
            $0.groups = 20
        }
        defer { session.end() }
        session.press("N")
        session.run(seconds: 2)
        session.press("d")
        session.run(seconds: 3)
        session.expect("your principal lacks the right to it: Delete on topic")
        session.expectNot("and press Enter to begin")
        session.press("O")
        session.run(seconds: 5)
        let empty = try #require(
            session.cluster.groups.first { $0.state == "Empty" && $0.type != "share" }?.id)
        session.go("delete-group \(empty)")
        session.run(seconds: 3)
        session.expect("your principal lacks the right to it: Delete on group")
        session.expectNot("and press Enter to begin")
    }
}

extension DrivenSession {
    fileprivate var message: Comment { "\(text)" }
}
