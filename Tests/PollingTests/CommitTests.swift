// Commits against the log: beyond its end, below its start, of a topic that is gone; in a
// snapshot's one pass and while watching. A consumer that keeps up is none of these.
import ClusterModel
import KafkaWire
import Simulation
import Testing

@testable import Polling

@Suite struct CommitTests {
    /// Partition t0-0 holds 80 to 1,000.
    private func cluster(_ group: FakeCluster.Group) -> FakeCluster {
        let cluster = FakeCluster()
        cluster.addTopics(2, partitions: 2)
        cluster.change { state in
            state.topics["t0"]?[0].written = 1_000
            state.topics["t0"]?[0].start = 80
            state.groups["g"] = group
        }
        return cluster
    }

    private func last(
        _ mode: Observation.Mode, _ group: FakeCluster.Group
    ) throws -> (cluster: Cluster, group: ConsumerGroup, offset: GroupOffset) {
        let clusters = observe(cluster(group), mode, seconds: 12)
        let cluster = try #require(clusters.last).cluster
        let found = try #require(cluster.group("g"))
        return (cluster, found, try #require(found.offsets?.first))
    }

    private static let modes: [Observation.Mode] = [
        .once(limitNs: 10 * second), .live(refreshNs: 2 * second),
    ]

    private func findings(_ cluster: Cluster, _ rule: String) -> [String] {
        cluster.findings.filter { $0.rule == rule }.map(\.text)
    }

    @Test("a commit beyond the end is no lag of 0", arguments: [0, 1])
    func beyond(mode: Int) throws {
        let (cluster, group, offset) = try last(
            Self.modes[mode], .init(coordinator: 1, committed: 5_000))
        #expect(offset.beyondEnd == 4_000 && offset.lag == nil && offset.highWatermark == 1_000)
        #expect(group.lag == nil && group.unknownLagCount == 0)
        #expect(
            findings(cluster, "commits_outside_log") == [
                "group g has committed 4K records beyond the log's end in 1 partition"
            ])
    }

    @Test("a commit below the start says what is lost", arguments: [0, 1])
    func below(mode: Int) throws {
        let (cluster, group, offset) = try last(
            Self.modes[mode], .init(coordinator: 1, committed: 10))
        #expect(offset.lost == 70 && offset.beyondEnd == 0)
        #expect(offset.lag == 990 && group.lag == 990)
        // One look can know it: what is lost is lost. How far behind in time only watching tells.
        let isLive = mode == 1
        #expect(findings(cluster, "commits_outside_log") == [])
        #expect(
            findings(cluster, "groups_losing_data") == [
                "group g loses data: 70 records were deleted unread in 1 partition"
                    + (isLive ? ", " + group.standing.behindWords : "")
            ])
    }

    @Test("a commit of a deleted topic is gone, not unknown", arguments: [0, 1])
    func gone(mode: Int) throws {
        let (cluster, group, offset) = try last(
            Self.modes[mode], .init(coordinator: 1, topic: "tmp", committed: 50))
        #expect(offset.isGone && offset.lag == nil)
        #expect(group.unknownLagCount == 0 && group.goneCount == 1)
        #expect(
            findings(cluster, "commits_of_deleted_topics") == [
                "group g has commits of 1 partition of deleted topics"
            ])
        #expect(findings(cluster, "commits_outside_log").isEmpty)
    }

    /// The end is read before the commit: a commit of what was written meanwhile is no fault.
    @Test("a consumer that keeps up is never called beyond the end", arguments: [0, 1])
    func keepsUp(mode: Int) {
        let fake = cluster(.init(coordinator: 1, committed: 0, follows: true))
        fake.change { $0.topics["t0"]?[0].perSecond = 5_000 }
        for (at, cluster) in observe(fake, Self.modes[mode], seconds: 40) {
            let offset = cluster.group("g")?.offsets?.first
            #expect(offset?.beyondEnd ?? 0 == 0, "at \(at) s")
            #expect(findings(cluster, "commits_outside_log").isEmpty, "at \(at) s")
        }
    }

    /// The mark goes as soon as the group commits inside the log.
    @Test func aResetTakesTheMarkAway() throws {
        let fake = cluster(.init(coordinator: 1, committed: 5_000))
        fake.system.after(10 * second) {
            fake.change { $0.groups["g"]?.committed = 900 }
        }
        let clusters = observe(fake, seconds: 16)
        let before = try #require(clusters.last { $0.at < 10 }?.cluster.group("g")?.offsets?.first)
        #expect(before.beyondEnd == 4_000)
        let after = try #require(clusters.last?.cluster.group("g")?.offsets?.first)
        #expect(after.beyondEnd == 0 && after.lag == 100)
    }
}
