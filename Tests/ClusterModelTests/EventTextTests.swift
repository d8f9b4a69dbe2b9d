// The sentences of events, word for word: scripts read them in snapshots.

import ClusterModel
import Testing

@Suite struct EventTextTests {
    private static let one = BrokerID(1)
    private static let two = BrokerID(2)
    private static let key = PartitionKey(topic: "a-b", partition: 7)

    /// The subject, what changed, the line, and whether something was lost.
    private static let lines: [(ObjectID, ClusterEvent.Change, String, Bool)] = [
        (
            .controller, .elected(one, as: .broker, before: two),
            "election controller: broker 1 was elected, 2 before", false
        ),
        (
            .controller, .elected(one, as: .broker, before: BrokerID.none),
            "election controller: broker 1 was elected, after none", false
        ),
        (
            .controller, .elected(one, as: .migration, epoch: 9, missed: 3),
            "election controller: KRaft controller 1 was elected (epoch 9); "
                + "3 elections since it was seen last", false
        ),
        (
            .controller, .elected(one, as: .voter, epoch: 8, before: two),
            "election controller: 1 was elected (epoch 8), 2 before", false
        ),
        (
            .controller, .controllerLost(before: two, as: .broker),
            "election controller: none: broker 2 is it no more", true
        ),
        (
            .controller, .controllerLost(before: nil, as: .broker),
            "election controller: none: nobody is it no more", true
        ),
        (
            .controller, .controllerLost(before: two, as: .voter),
            "election controller: none: 2 leads no more", true
        ),
        (.broker(one), .joined, "registration broker 1: joined the cluster", false),
        (.broker(one), .left, "registration broker 1: left the cluster", true),
        (.broker(one), .registered(again: true), "registration broker 1: registered again", false),
        (.broker(one), .registered(again: false), "registration broker 1: registered", false),
        (.broker(one), .unregistered, "registration broker 1: its registration is gone", true),
        (
            .partition(key), .leader(from: one, to: two, epoch: 5),
            "leadership a-b-7: led by 2 instead of 1 (leader epoch 5)", false
        ),
        (
            .partition(key), .leader(from: .none, to: two, epoch: nil),
            "leadership a-b-7: led by 2 instead of none", false
        ),
        (
            .partition(key), .leader(from: one, to: .none, epoch: 6),
            "leadership a-b-7: has no leader, 1 before (leader epoch 6)", true
        ),
        (
            .broker(one), .leadersLost(count: 1, without: 0),
            "leadership broker 1: lost the lead of 1 partition", true
        ),
        (
            .broker(one), .leadersLost(count: 1204, without: 2),
            "leadership broker 1: lost the lead of 1204 partitions, 2 without leader now", true
        ),
        (
            .broker(one), .leadersGained(count: 7),
            "leadership broker 1: got the lead of 7 partitions", false
        ),
        (
            .partition(key), .inSync(from: [one, two], to: [two]),
            "isr a-b-7: in sync: 1, 2 to 2", true
        ),
        (.partition(key), .inSync(from: [], to: [two]), "isr a-b-7: in sync: none to 2", false),
        (
            .broker(one), .fellOutOfSync(count: 9),
            "isr broker 1: fell out of sync in 9 partitions", true
        ),
        (
            .broker(one), .backInSync(count: 9),
            "isr broker 1: is back in sync in 9 partitions", false
        ),
        (
            .partition(key), .moveBegan(adding: [two], removing: []),
            "reassignment a-b-7: is being moved: 2 come, none go", false
        ),
        (.partition(key), .moveEnded, "reassignment a-b-7: the move ended", false),
        (.cluster, .movesBegan(count: 40), "reassignment cluster: 40 moves began", false),
        (.cluster, .movesEnded(count: 40), "reassignment cluster: 40 moves ended", false),
        (.topic("t"), .config(key: "k", from: "1", to: "2"), "config t: k: 1 to 2", false),
        (.topic("t"), .config(key: "k", from: nil, to: "2"), "config t: k set to 2", false),
        (
            .topic("t"), .config(key: "k", from: "1", to: nil),
            "config t: k is not overridden any more (was 1)", false
        ),
        (
            .topic("t"), .overridesRead([ConfigOverride(name: "k", value: "1")]),
            "config t: overrides are now: k=1", false
        ),
        (
            .entity("users/u"), .overridesChanged(["a", "b"]),
            "config users/u: overrides changed: a, b", false
        ),
        (.entity("users/u"), .overridesChanged([]), "config users/u: no overrides any more", false),
        (.topic("t"), .created, "topic t: was created", false),
        (.topic("t"), .deleted, "topic t: was deleted", true),
        (.topic("t"), .grew(from: 3, to: 6), "topic t: grew from 3 to 6 partitions", false),
        (.server("z:1"), .stoppedServing, "coordinator z:1: does not serve any more", true),
        (
            .server("z:1"), .servesAgain(mode: "leader"), "coordinator z:1: serves again (leader)",
            false
        ),
        (
            .server("z:1"), .mode(from: "follower", to: "leader"),
            "coordinator z:1: is leader now, follower before", false
        ),
        (
            .ensemble, .sessionLost(why: "refused"),
            "coordinator ZooKeeper: our session has no server: refused", true
        ),
        (
            .ensemble, .sessionReadOnly(server: "z:1"),
            "coordinator ZooKeeper: only z:1 is left, read-only: what it keeps may be old", true
        ),
        (
            .ensemble, .sessionRestored(server: "z:1"),
            "coordinator ZooKeeper: our session goes on through z:1", false
        ),
        (
            .ensemble, .sessionExpired,
            "coordinator ZooKeeper: our session expired; a new one follows", true
        ),
        (.voter(one), .voterAdded, "coordinator controller 1: is a voter now", false),
        (.voter(one), .voterRemoved, "coordinator controller 1: is no voter any more", true),
        (.voter(one), .stoppedFetching, "coordinator controller 1: does not fetch any more", true),
        (.voter(one), .fetchesAgain, "coordinator controller 1: fetches again", false),
    ]

    @Test func eachChangeHasItsSentence() {
        for (subject, change, line, isLoss) in Self.lines {
            let event = ClusterEvent(
                at: WallTime(ms: 0), seenAt: .never, subject: subject, change: change, source: "")
            #expect("\(event.kind.rawValue) \(event.subject): \(event.text)" == line)
            #expect(event.isLoss == isLoss, "\(line)")
        }
        let kinds = Set(
            Self.lines.map {
                ClusterEvent(
                    at: WallTime(ms: 0), seenAt: .never, subject: $0.0, change: $0.1, source: ""
                ).kind
            })
        #expect(kinds == Set(ClusterEvent.Kind.allCases))
    }
}
