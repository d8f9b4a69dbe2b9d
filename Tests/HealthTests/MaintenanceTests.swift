// What is in maintenance is counted and not cried, with what follows from it, and nothing else is.

import ClusterModel
import ModelTesting
import Testing

@testable import Health

@Suite struct MaintenanceTests {
    private func judged(_ cluster: Cluster, _ objects: ObjectID...) -> Cluster {
        var cluster = cluster
        cluster.clusterID = "c"
        let since = WallTime(ms: cluster.takenAtWall.ms - 60_000)
        let entries = objects.map {
            Maintenance.Entry(
                $0, by: "ann", since: since, until: WallTime(ms: since.ms + 3_600_000),
                note: "new disk")
        }
        Judging { _ in Maintenance(entries) }.prepare(&cluster)
        cluster.summarise()
        var health = HealthState()
        health.watchPast(of: cluster)
        health.advance(&cluster)
        return cluster
    }

    /// Six brokers of which some do not answer, and lack in every ISR they should be in.
    private func without(_ ids: Int32...) -> Cluster {
        var cluster = SampleCluster.huge(brokers: 6, partitions: 120, groups: 0, topics: 6)
        for place in cluster.brokers.indices where ids.contains(cluster.brokers[place].id.value) {
            cluster.brokers[place].state = .silent(since: cluster.takenAt)
        }
        for place in cluster.partitions.replicaFlags.indices {
            cluster.partitions.replicaFlags[place] = .inSync
        }
        for row in 0..<cluster.partitions.count {
            cluster.partitions.leader[row] = cluster.partitions.preferredLeader(row)
            for place in cluster.partitions.replicas(of: row)
            where ids.contains(cluster.partitions.replicaBroker[place]) {
                cluster.partitions.replicaFlags[place].remove(.inSync)
            }
        }
        return cluster
    }

    private func cries(_ cluster: Cluster) -> [Finding] {
        cluster.findings.filter { $0.severity > .notice }
    }

    @Test func whatFollowsFromABrokerIsCountedBeneathIt() throws {
        let alarmed = judged(without(3))
        #expect(cries(alarmed).contains { $0.rule == "brokers_ill" })
        let calm = judged(without(3), .broker(BrokerID(3)))
        #expect(cries(calm).isEmpty, "\(cries(calm).map(\.text))")
        let work = try #require(calm.findings.first { $0.rule == "maintenance" })
        #expect(work.text == "broker 3 is in maintenance by ann, 59 m left: new disk")
        for rule in ["brokers_ill", "under_replicated"] {
            let finding = try #require(calm.findings.first { $0.rule == rule })
            #expect(finding.cause == work.id && finding.isInMaintenance, "\(rule)")
        }
        // The counts stay what they are.
        #expect(calm.counts["brokers_ill"] == 1 && calm.counts["maintenance"] == 1)
        #expect(calm.countsInMaintenance["brokers_ill"] == 1)
        let missing = calm.counts["under_replicated"] ?? 0
        #expect(missing > 0 && calm.countsInMaintenance["under_replicated"] == missing)
    }

    @Test func whatHasAnotherCauseCries() {
        let two = judged(without(3, 5), .broker(BrokerID(3)))
        #expect(
            cries(two).contains { $0.rule == "brokers_ill" && $0.subject == .broker(BrokerID(5)) })
        #expect(!cries(two).contains { $0.subject == .broker(BrokerID(3)) })
        // Of the partitions that lack both, one is to be told.
        #expect(
            two.counts["under_replicated"] ?? 0 > two.countsInMaintenance["under_replicated"] ?? 0)
        #expect(two.counts["brokers_ill"] == 2 && two.countsInMaintenance["brokers_ill"] == 1)
        // With both in maintenance nothing does.
        let both = judged(without(3, 5), .broker(BrokerID(3)), .broker(BrokerID(5)))
        #expect(cries(both).isEmpty, "\(cries(both).map(\.text))")
    }

    @Test func aRackIsItsBrokers() throws {
        let cluster = without(3)
        let rack = try #require(cluster.broker(BrokerID(3))?.rack)
        #expect(cries(judged(cluster, .rack(rack))).isEmpty)
        #expect(!cries(judged(cluster, .rack(rack + "x"))).isEmpty)
    }

    @Test func aGroupAndATopicStandForThemselves() throws {
        let ill = SampleCluster.ill()
        let group = try #require(
            judged(ill).findings.first { $0.rule == "groups_stuck" && $0.severity == .warning })
        let calm = judged(ill, group.subject)
        #expect(calm.findings.first { $0.id == group.id }?.isInMaintenance == true)
        #expect(calm.countsInMaintenance["groups_stuck"] == 1)
        let partition = try #require(
            judged(ill).findings.first { finding in
                if case .partition = finding.subject {
                    finding.severity == .critical
                } else {
                    false
                }
            })
        guard case .partition(let key) = partition.subject else { return }
        let topic = judged(ill, .topic(key.topic))
        #expect(topic.findings.first { $0.id == partition.id }?.severity == .notice)
    }

    @Test func itEndsByItself() {
        var cluster = without(3)
        cluster.clusterID = "c"
        let now = cluster.takenAtWall
        let entry = Maintenance.Entry(
            .broker(BrokerID(3)), by: "ann", since: WallTime(ms: now.ms - 2), until: now)
        Judging { _ in Maintenance([entry]) }.prepare(&cluster)
        #expect(cluster.maintenance.isEmpty)
    }

    /// Work on a voter explains that it is away, and never that nothing can be changed any more.
    @Test func noQuorumAlwaysCries() {
        var cluster = SampleCluster.kraftQuorum()
        for place in cluster.brokers.indices {
            cluster.brokers[place].state = .silent(since: Instant(ns: 1))
        }
        let objects = cluster.brokers.map { ObjectID.broker($0.id) }
        let judged = judged(cluster, objects[0], objects[1], objects[2])
        let quorum = judged.findings.filter { $0.rule == "coordinator_quorum" }
        #expect(quorum.allSatisfy { $0.severity > .notice }, "\(quorum.map(\.text))")
    }
}
