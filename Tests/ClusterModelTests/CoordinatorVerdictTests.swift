// Verdicts on the quorum count who takes part now: what its leader told a while ago is no evidence,
// and a node that answers nobody is none of the living.
import ClusterModel
import ModelTesting
import Testing

@Suite struct CoordinatorVerdictTests {
    /// Three nodes that are voters and brokers; node 1 leads and told `toldAgo` seconds ago.
    private func cluster(
        toldAgo: UInt64 = 1, lost: [Int32: UInt64] = [:], failing: [Int32: UInt64] = [:]
    ) -> Cluster {
        var builder = ClusterBuilder(brokers: 3)
        builder.addTopic("a")
        builder.addPartition(replicas: [1, 2, 3])
        var cluster = builder.finish()
        let now = cluster.takenAt.ns
        func ago(_ seconds: UInt64) -> Instant { Instant(ns: now - seconds * 1_000_000_000) }
        let wall = cluster.takenAtWall.ms
        cluster.quorum = Quorum(
            leader: BrokerID(1), leaderEpoch: 3, highWatermark: 10,
            voters: [1, 2, 3].map {
                Quorum.Replica(
                    id: BrokerID($0), logEndOffset: 10,
                    lastFetchAt: WallTime(ms: wall - ($0 == 1 ? 0 : 300)))
            }, observers: [])
        cluster.sections[.quorum]?.answeredAt = ago(toldAgo)
        for (id, seconds) in lost {
            cluster.brokers[Int(id) - 1].state = .unreachable(since: ago(seconds), why: "refused")
        }
        cluster.coordinator.controllers = [1, 2, 3].map {
            ControllerAddress(id: BrokerID($0), endpoints: [])
        }
        for (id, seconds) in failing {
            cluster.coordinator.controllers[Int(id) - 1].error = "refused"
            cluster.coordinator.controllers[Int(id) - 1].failingSince = ago(seconds)
        }
        return cluster
    }

    private func states(_ cluster: Cluster) -> [Bool?] {
        (cluster.quorum?.voters ?? []).map(cluster.takesPart)
    }

    @Test func whatWasToldJustNowCounts() {
        let cluster = cluster()
        #expect(states(cluster) == [true, true, true])
        #expect(cluster.coordinatorHasQuorum == true && cluster.survivesOneMoreLoss == true)
        #expect(!cluster.isControllerStale)
    }

    @Test func whatWasToldLongAgoSaysNothing() {
        let cluster = cluster(toldAgo: 60)
        #expect(states(cluster) == [nil, nil, nil])
        #expect(cluster.coordinatorHasQuorum == nil && cluster.survivesOneMoreLoss == nil)
        #expect(cluster.isControllerStale)
    }

    /// Two of three are gone: it is said with the next picture, not when the answer is old.
    @Test func whoIsGoneIsCountedAtOnce() {
        let cluster = cluster(toldAgo: 3, lost: [1: 2, 2: 2])
        #expect(states(cluster) == [false, false, true])
        #expect(cluster.coordinatorHasQuorum == false && cluster.survivesOneMoreLoss == false)
        let later = self.cluster(toldAgo: 600, lost: [1: 598], failing: [2: 590])
        #expect(states(later) == [false, false, nil])
        #expect(later.coordinatorHasQuorum == false && later.survivesOneMoreLoss == false)
    }

    /// One voter of three: the others are the majority, and no more may be lost.
    @Test func oneLoss() {
        let follower = cluster(toldAgo: 3, lost: [2: 2])
        #expect(follower.coordinatorHasQuorum == true && follower.survivesOneMoreLoss == false)
        // Without its leader they have to elect: whether they did is not known yet.
        let leader = cluster(toldAgo: 3, lost: [1: 2])
        #expect(leader.coordinatorHasQuorum == nil && leader.survivesOneMoreLoss == false)
    }

    /// Cut off from us and not from the quorum: its leader has heard of it since.
    @Test func whatTheLeaderHearsCountsMoreThanWhatWeDo() {
        let cluster = cluster(toldAgo: 0, lost: [2: 30, 3: 30])
        #expect(states(cluster) == [true, true, true])
        #expect(cluster.survivesOneMoreLoss == true)
    }

    /// Servers of an ensemble that do not answer are none that may be lost.
    @Test func serversThatDoNotAnswer() {
        var cluster = SampleCluster.zooKeeper()
        #expect(cluster.survivesOneMoreLoss == false)
        // The leader may hold one in step that has just gone: it does not answer us.
        cluster.coordinator.servers[1].syncedFollowers = 2
        #expect(cluster.survivesOneMoreLoss == false)
        cluster.coordinator.servers[2].isServing = true
        #expect(cluster.survivesOneMoreLoss == true)
        for index in cluster.coordinator.servers.indices {
            cluster.coordinator.servers[index].answeredAt = Instant(
                ns: cluster.takenAt.ns - 120_000_000_000)
        }
        #expect(cluster.survivesOneMoreLoss == nil)
    }
}
