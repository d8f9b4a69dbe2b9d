// Groups changed from the keyboard: a reset asked for with a key and a few words, reviewed with its
// lag, confirmed by the group's name, and taken back from the journal.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing

@Suite struct GroupChangeTests {
    private func session(isReadOnly: Bool = false) -> DrivenSession {
        var shape = smallShape()
        shape.groups = 20
        shape.release = .v43
        var options = SessionOptions()
        options.isReadOnly = isReadOnly
        (options.width, options.height) = (140, 44)
        let session = DrivenSession(shape, options)
        session.run(until: 20)
        return session
    }

    private func group(
        _ session: DrivenSession, _ isWanted: (ConsumerGroup) -> Bool
    ) throws -> ConsumerGroup {
        let found = session.cluster.groups.first { $0.type != "share" && isWanted($0) }
        return try #require(found)
    }

    private func empty(_ session: DrivenSession) throws -> ConsumerGroup {
        try group(session) { $0.state == "Empty" && ($0.offsets?.count ?? 0) > 0 }
    }

    private func confirm(_ session: DrivenSession, _ phrase: String) {
        session.run(seconds: 1)
        session.expect("Type \(phrase) and press Enter to begin")
        session.press("yes")
        session.press(.enter)
        session.expect("type \(phrase), exactly")
        session.press(.control("u"))
        session.press(phrase)
        session.press(.enter)
        #expect(session.run(atMost: 30) { $0.text.contains("Over.") })
    }

    @Test func aResetIsReviewedMadeAndTakenBack() throws {
        let session = session()
        defer { session.end() }
        let id = try empty(session).id
        let before = try #require(session.cluster.group(id)?.offsets?.map(\.committed))
        session.go("group \(id)")
        session.press("o")
        session.expect(":reset-offsets \(id)")
        session.press("earl")
        session.press(.tab)
        session.press(.enter)
        session.run(seconds: 1)
        session.expect("Reset the committed offset")
        session.expect("lag before")
        session.expect("Records that are read once more")
        session.expect("kafka-consumer-groups.sh")
        session.expect("To take it back: Set the committed offset")
        confirm(session, id)
        session.expect("Read again: as it was set.")
        session.press(.enter)
        #expect(
            session.run(atMost: 60) { session in
                let now = session.cluster.group(id)?.offsets?.map(\.committed)
                return now != before && now?.count == before.count
            })
        session.press("J")
        session.run(seconds: 1)
        session.press("u")
        confirm(session, id)
        session.press(.enter)
        #expect(
            session.run(atMost: 60) { $0.cluster.group(id)?.offsets?.map(\.committed) == before })
    }

    @Test func whatIsAskedForIsSaidWhereItCannotBe() throws {
        let session = session()
        defer { session.end() }
        let active = try group(session) { $0.state == "Stable" && ($0.memberCount ?? 0) > 0 }
        let member = try #require(active.members?.first)
        for (line, words) in [
            ("reset-offsets", "reset-offsets: which?"),
            ("reset-offsets nobody earliest", "no group nobody is known"),
            ("reset-offsets \(active.id)", "to where? earliest, latest"),
            ("reset-offsets \(active.id) nowhere", "to where?"),
            ("reset-offsets \(active.id) no.topic earliest", "no.topic"),
            ("remove-member \(active.id)", "which member?"),
        ] {
            session.go(line)
            session.expect(words)
            session.press(.escape)
        }
        session.go("reset-offsets \(active.id) offset soon")
        session.run(seconds: 1)
        session.expect("is no place to reset to")
        session.press(.escape)
        session.go("reset-offsets \(active.id) latest")
        session.run(seconds: 1)
        session.expect("is active (Stable): its members are")
        session.expect(member.clientID)
        session.press(.escape)
    }

    /// Marked partitions alone, and a member of the row.
    @Test func rowsOfAGroupAreActedOn() throws {
        let session = session()
        defer { session.end() }
        let found = try empty(session)
        let count = try #require(found.offsets?.count)
        session.go("group \(found.id)")
        session.press(" ")
        session.press("d")
        session.run(seconds: 1)
        session.expect("Delete the committed offset of ")
        confirm(session, found.id)
        session.press(.enter)
        #expect(
            session.run(atMost: 60) { $0.cluster.group(found.id)?.offsets?.count == count - 1 })
        let active = try group(session) {
            $0.type == "classic" && $0.state == "Stable" && ($0.memberCount ?? 0) > 1
        }
        let members = try #require(active.memberCount)
        session.go("group \(active.id)")
        session.run(seconds: 2)
        session.press("x")
        session.run(seconds: 1)
        session.expect("Remove member \(active.id)-")
        confirm(session, active.id)
        session.press(.enter)
        #expect(session.run(atMost: 60) { $0.cluster.group(active.id)?.memberCount == members - 1 })
    }

    @Test func aGroupIsDeleted() throws {
        let session = session()
        defer { session.end() }
        let id = try empty(session).id
        session.press("O")
        session.press("/\(id)")
        session.press(.enter)
        session.press("d")
        session.run(seconds: 1)
        session.expect("Delete group \(id)")
        confirm(session, id)
        session.press(.enter)
        #expect(session.run(atMost: 60) { $0.cluster.group(id) == nil })
    }

    @Test func aReadOnlySessionSaysSo() throws {
        let session = session(isReadOnly: true)
        defer { session.end() }
        session.press("O")
        for key in ["o", "d"] {
            session.press(key)
            session.expect("this session is read-only")
        }
        session.go("delete-group \(try empty(session).id)")
        session.expect("delete-group: this session is read-only")
    }
}
