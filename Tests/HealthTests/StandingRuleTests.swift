// Rules of what stands for days: volumes that fill, throttles left behind, dangerous configs,
// skew, moves that stand, upgrades that are not finished.

import ClusterModel
import ModelTesting
import Testing

@testable import Health

@Suite struct StandingRuleTests {
    private func judged(_ cluster: Cluster) -> Cluster {
        var cluster = cluster
        cluster.summarise()
        var health = HealthState()
        health.advance(&cluster)
        return cluster
    }

    private func findings(_ cluster: Cluster, _ rule: String) -> [Finding] {
        judged(cluster).findings.filter { $0.rule == rule }
    }

    private func huge() -> Cluster {
        SampleCluster.huge(brokers: 6, partitions: 120, groups: 0, topics: 6)
    }

    // MARK: Volumes

    /// Used bytes by minutes; what is said after so many.
    private func forecast(minutes: Int, _ used: (Int) -> Double) -> (Double?, [Finding]) {
        var cluster = Cluster()
        cluster.brokers = [Broker(id: BrokerID(1))]
        let total = 1e12
        cluster.logDirs = [LogDir(broker: BrokerID(1), path: "/d", totalBytes: Int64(total))]
        var health = HealthState()
        for minute in 0...minutes {
            let now = Instant(ns: UInt64(1_000 + minute * 60) * 1_000_000_000)
            cluster.takenAt = now
            cluster.logDirs[0].answeredAt = now
            cluster.logDirs[0].usableBytes = Int64(total - used(minute))
            health.advance(&cluster)
        }
        return (
            cluster.logDirs[0].secondsToFull,
            cluster.findings.filter { $0.rule == "volumes_filling" }
        )
    }

    @Test func daysToFull() {
        // A gigabyte a minute, and every tenth minute a segment of five is deleted: 0.5 a minute.
        func saw(_ minute: Int) -> Double {
            4e11 + 1e9 * Double(minute) - 5e9 * Double(minute / 10)
        }
        let (seconds, found) = forecast(minutes: 59, saw)
        let wanted = (1e12 - saw(59)) / (0.5e9 / 60)
        #expect(seconds.map { abs($0 - wanted) / wanted < 0.15 } == true, "\(seconds ?? -1)")
        #expect(found.count == 1)
        #expect(
            found.first?.text.hasPrefix("broker 1 /d is full in 19 h at this pace: ") == true
                || found.first?.text.contains(" h at this pace") == true, "\(found.map(\.text))")
        // Too early, and while no deletion was seen.
        #expect(forecast(minutes: 10, saw).0 == nil)
        #expect(forecast(minutes: 40) { 4e11 + 1e9 * Double($0) }.0 == nil)
        #expect(forecast(minutes: 61) { 4e11 + 1e9 * Double($0) }.0 != nil)
        // It shrinks, or stays.
        #expect(forecast(minutes: 90) { 9e11 - 1e9 * Double($0) }.0 == .infinity)
        #expect(forecast(minutes: 90) { _ in 9e11 }.0 == .infinity)
    }

    // MARK: Configs

    private func cluster(overrides: [String: String]) -> Cluster {
        var cluster = huge()
        cluster.sections[.reassignments] = SectionHealth(
            state: .fresh, answeredAt: cluster.takenAt)
        cluster.configs.set(
            overrides.map { ConfigOverride(name: $0.key, value: $0.value) },
            historyIndex: cluster.topics[0].historyIndex)
        return cluster
    }

    @Test func throttlesThatWereLeft() {
        var cluster = cluster(overrides: ["leader.replication.throttled.replicas": "0:1,1:2"])
        let found = findings(cluster, "throttles_left")
        #expect(found.count == 1 && found[0].key == "C")
        #expect(found[0].text.contains("topic \(cluster.topics[0].name) and nothing is moved"))
        // They belong to a move.
        cluster.partitions.replicaFlags[0] = [.inSync, .removing]
        #expect(findings(cluster, "throttles_left").isEmpty)
    }

    @Test func dangerousOverrides() {
        for (overrides, detail) in [
            (["unclean.leader.election.enable": "true"], "unclean"),
            (["min.insync.replicas": "3"], "min_isr_all"),
            (["min.insync.replicas": "1"], "min_isr_one"),
            (["retention.ms": "-1"], "never_deleted"),
            (["retention.ms": "3600000", "segment.ms": "7200000"], "segment_longer"),
        ] {
            let found = findings(cluster(overrides: overrides), "config_dangerous")
            #expect(found.map(\.id.detail) == [detail], "\(overrides)")
        }
        for harmless in [
            ["unclean.leader.election.enable": "false"], ["min.insync.replicas": "2"],
            ["retention.ms": "-1", "retention.bytes": "1000000"],
            ["retention.ms": "-1", "cleanup.policy": "compact"],
            ["retention.ms": "7200000", "segment.ms": "3600000"],
        ] {
            #expect(findings(cluster(overrides: harmless), "config_dangerous").isEmpty)
        }
    }

    // MARK: Placement

    @Test func skew() {
        var cluster = huge()
        #expect(findings(cluster, "leader_skew").isEmpty)
        #expect(findings(cluster, "replica_skew").isEmpty)
        for row in 0..<cluster.partitions.count where row % 2 == 0 {
            cluster.partitions.leader[row] = cluster.brokers[0].id.value
        }
        let found = findings(cluster, "leader_skew")
        #expect(found.map(\.subject) == [.broker(cluster.brokers[0].id)])
        #expect(found[0].text.hasSuffix("the mean is 20"))
    }

    @Test func movesThatStand() {
        var cluster = huge()
        let place = cluster.partitions.replicas(of: 4).lowerBound
        let broker = cluster.partitions.replicaBroker[place]
        cluster.partitions.replicaFlags[place] = .adding
        cluster.partitions.leader[4] = cluster.partitions.replicaBroker[place + 1]
        let behind = cluster.partitions.replicaLogEnd[place + 1] - 500
        cluster.partitions.replicaLogEnd[place] = behind
        cluster.summarise()
        var health = HealthState()
        func look(_ seconds: UInt64, end: Int64) -> [Finding] {
            cluster.takenAt.ns += seconds * 1_000_000_000
            cluster.partitions.replicaLogEnd[place] = end
            health.advance(&cluster)
            return cluster.findings.filter { $0.rule == "reassignment_stuck" }
        }
        #expect(look(0, end: behind).isEmpty)
        #expect(look(100, end: behind).isEmpty)
        #expect(look(100, end: behind + 10).isEmpty)
        #expect(look(119, end: behind + 10).isEmpty)
        let stuck = look(2, end: behind + 10)
        #expect(stuck.count == 1 && stuck[0].text.contains("broker gets nothing"))
        #expect(look(1, end: behind + 11).isEmpty)
        // To a broker that does not answer it is told at once.
        if let index = cluster.brokerIndex(BrokerID(broker)) {
            cluster.brokers[index].state = .silent(since: cluster.takenAt)
        }
        #expect(look(1, end: behind + 12).first?.text.hasSuffix("does not answer") == true)
    }

    @Test func upgrades() {
        var cluster = huge()
        for index in cluster.brokers.indices { cluster.brokers[index].release = "4.1" }
        #expect(findings(cluster, "upgrade_unfinished").isEmpty)
        cluster.coordinator.features = [
            Feature(name: "metadata.version", finalized: 25, supported: 1...27)
        ]
        #expect(
            findings(cluster, "upgrade_unfinished").map(\.text) == [
                "metadata.version is 25 and all brokers support 27: the upgrade is not finished"
            ])
        cluster.brokers[0].release = "4.0"
        #expect(
            findings(cluster, "upgrade_unfinished").map(\.text) == [
                "brokers of 2 releases: 1 of 4.0, 5 of 4.1"
            ])
    }

    // MARK: Copies, certificates, clocks

    @Test func oneCopyIsNoAlarm() throws {
        var cluster = huge()
        #expect(findings(cluster, "single_replica").isEmpty)
        cluster.topics[2].replicationFactor = 1
        let found = try #require(findings(cluster, "single_replica").first)
        #expect(
            found.isStanding && found.severity == .notice
                && found.subject == .topic(cluster.topics[2].name))
        #expect(found.text.hasSuffix("no broker may stop without them"))
    }

    @Test func certificatesEnd() throws {
        var cluster = huge()
        let now = cluster.takenAtWall.ms / 1_000
        cluster.brokers[0].certificateEnds = now + 40 * 86_400
        #expect(findings(cluster, "certificate_ends").isEmpty)
        for place in 0..<3 { cluster.brokers[place].certificateEnds = now + 5 * 86_400 - 1 }
        cluster.brokers[3].certificateEnds = now - 1
        let found = findings(cluster, "certificate_ends")
        #expect(found.map(\.severity) == [.critical, .warning])
        #expect(found.first?.text.hasSuffix("shows has ended: nobody can connect anew") == true)
        #expect(found.last?.text == "the certificate that 3 brokers show ends in 5 d")
        cluster.thresholds[.certificateEnds] = 3_600
        #expect(findings(cluster, "certificate_ends").count == 1)
    }

    @Test func clocksDiffer() throws {
        var cluster = SampleCluster.kraftQuorum()
        let leader = try #require(cluster.quorum?.leader)
        let place = try #require(cluster.quorum?.voters.firstIndex { $0.id == leader })
        let answered = cluster.health(.quorum).answeredAt
        let age = Int64((cluster.ageSeconds(answered) ?? 0) * 1_000)
        func found(_ aheadMs: Int64) -> [Finding] {
            let then = WallTime(ms: cluster.takenAtWall.ms - age + aheadMs)
            cluster.quorum?.voters[place].lastFetchAt = then
            return findings(cluster, "clock_apart")
        }
        #expect(found(2_000).isEmpty && found(-2_000).isEmpty)
        #expect(
            found(-90_000).map(\.text) == [
                "the clock of controller \(leader) is 90 s behind this machine's"
            ])
        #expect(found(90_000).first?.text.contains("ahead of") == true)
        #expect(found(Int64.min / 4).count == 1)
    }
}
