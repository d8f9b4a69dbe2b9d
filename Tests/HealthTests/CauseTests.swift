// What stands beneath what: the order of findings, and causes that are told in one line.

import ClusterModel
import ModelTesting
import Testing

@testable import Health

/// The worst first, and whatever follows from another right beneath that.
func expectInOrder(_ findings: [Finding]) {
    var weights: [(Finding.Severity, Finding.Cost)] = []
    for (place, finding) in findings.enumerated() {
        guard let cause = finding.cause else {
            weights.append((finding.severity, finding.cost))
            continue
        }
        let before = findings[..<place].last { $0.cause == nil || $0.id == cause }
        let isBeneath = before?.id == cause || before?.cause != nil
        #expect(isBeneath, "\(finding.text)")
        weights[weights.count - 1].0 = max(weights[weights.count - 1].0, finding.severity)
        weights[weights.count - 1].1 = max(weights[weights.count - 1].1, finding.cost)
    }
    for (a, b) in zip(weights, weights.dropFirst()) {
        #expect(a.0 > b.0 || a.0 == b.0 && a.1 >= b.1)
    }
}

@Suite struct CauseTests {
    private func judged(_ cluster: Cluster) -> Cluster {
        var cluster = cluster
        cluster.summarise()
        var health = HealthState()
        health.advance(&cluster)
        return cluster
    }

    /// A cluster on KRaft whose brokers 1 to 3 vote, with broker `lost` silent.
    private func combined(lost: Int?, leader: Int32 = 1) -> Cluster {
        var cluster = SampleCluster.huge(brokers: 6, partitions: 60, groups: 0, topics: 6)
        cluster.kind = .kraft
        cluster.controller = BrokerID(leader)
        cluster.quorum = Quorum(
            leader: BrokerID(leader), leaderEpoch: 3, highWatermark: 90,
            voters: (1...3).map { id in
                let isLost = id == lost
                return Quorum.Replica(
                    id: BrokerID(Int32(id)), logEndOffset: 90,
                    lastFetchAt: WallTime(
                        ms: cluster.takenAtWall.ms - (isLost ? 60_000 : 100)))
            }, observers: [])
        cluster.sections[.quorum] = SectionHealth(state: .fresh, answeredAt: cluster.takenAt)
        if let lost, let place = cluster.brokerIndex(BrokerID(Int32(lost))) {
            let since = Instant(ns: cluster.takenAt.ns - 30_000_000_000)
            cluster.brokers[place].state = .silent(since: since)
        }
        return cluster
    }

    /// "One more loss" follows from the loss there was.
    @Test func aLossOfTheQuorumStandsBeneathTheBrokerThatCausedIt() {
        let judged = judged(combined(lost: 2))
        expectInOrder(judged.findings)
        let ill = judged.findings.first { $0.rule == "brokers_ill" }
        let quorum = judged.findings.first { $0.rule == "coordinator_quorum" }
        #expect(ill != nil && quorum?.severity == .warning && quorum?.cause == ill?.id)
        #expect(judged.findings.first { $0.rule == "coordinator_member" }?.cause == ill?.id)
    }

    /// What only a frozen controller could have told stands beneath its line.
    @Test func aFrozenControllerIsOneLine() {
        var cluster = combined(lost: nil, leader: 3001)
        cluster.quorum?.voters = (3001...3003).map { id in
            Quorum.Replica(
                id: BrokerID(id), logEndOffset: 90,
                lastFetchAt: WallTime(ms: cluster.takenAtWall.ms - 100))
        }
        var address = ControllerAddress(id: BrokerID(3001), endpoints: ["c:1"])
        address.error = "does not answer"
        address.failingSince = cluster.takenAt
        cluster.coordinator.controllers = [address]
        let told = Instant(ns: cluster.takenAt.ns - 60_000_000_000)
        cluster.sections[.quorum] = SectionHealth(
            state: .failed("no controller answers"), answeredAt: told)
        cluster.failures = [
            ObservationFailure(
                api: "DescribeQuorum", broker: BrokerID(2), code: "TIMED_OUT",
                message: "Nobody answered.", section: .quorum),
            ObservationFailure(
                api: "ListOffsets", broker: BrokerID(2), code: "TIMED_OUT",
                message: "Nobody answered.", section: .offsets),
        ]
        let judged = judged(cluster)
        expectInOrder(judged.findings)
        let member = judged.findings.first { $0.rule == "coordinator_member" }
        #expect(member?.text.hasSuffix("controller 3001, the active one, does not answer") == true)
        let beneath = judged.findings.filter { $0.cause == member?.id }
        #expect(beneath.contains { $0.rule == "section_failed" })
        #expect(beneath.contains { $0.text.hasPrefix("nobody answered") })
        #expect(judged.findings.count { $0.rule == "request_failed" && $0.cause == nil } == 1)
    }

    /// That others lead for a dead broker is said, and that nothing is to be pressed for it.
    @Test func leadersThatMovedAreTold() {
        var cluster = combined(lost: 2)
        var moved = 0
        for row in 0..<cluster.partitions.count where cluster.partitions.leader[row] == 2 {
            let other = cluster.partitions.replicas(of: row)
                .map { cluster.partitions.replicaBroker[$0] }.first { $0 != 2 }
            cluster.partitions.leader[row] = other ?? -1
            moved += 1
        }
        #expect(moved > 0)
        let finding = judged(cluster).findings.first { $0.rule == "brokers_ill" }
        #expect(finding?.text.contains("others lead the ") == true, "\(finding?.text ?? "")")
        #expect(finding?.advice.hasPrefix("There is nothing to press") == true)
    }

    /// That its leaders moved follows from its loss, unless others lead where they should not too.
    @Test func movedLeadersStandBeneathTheBrokerTheyLeft() throws {
        var cluster = combined(lost: 2)
        for row in 0..<cluster.partitions.count {
            let brokers = cluster.partitions.replicas(of: row)
                .map { cluster.partitions.replicaBroker[$0] }
            let first = try #require(brokers.first)
            cluster.partitions.leader[row] = first == 2 ? brokers[1] : first
        }
        let key = PartitionKey(topic: "orders", partition: 0)
        let change = LeaderChange(
            partition: key, from: BrokerID(2), to: BrokerID(3), at: cluster.takenAt)
        cluster.append(leaderChanges: [change])
        func causes(_ cluster: Cluster) -> [String?] {
            let found = judged(cluster).findings
            return ["wrong_leader", "leaders_changed"].map { rule in
                found.first { $0.rule == rule }?.cause?.rule
            }
        }
        #expect(causes(cluster) == ["brokers_ill", "brokers_ill"])
        // One that left a healthy broker.
        let row = try #require(
            (0..<cluster.partitions.count).first { cluster.partitions.preferredLeader($0) != 2 })
        let last = try #require(cluster.partitions.replicas(of: row).last)
        cluster.partitions.leader[row] = cluster.partitions.replicaBroker[last]
        cluster.append(leaderChanges: [
            LeaderChange(partition: key, from: BrokerID(5), to: BrokerID(3), at: cluster.takenAt)
        ])
        #expect(causes(cluster) == [nil, nil])
    }
}
