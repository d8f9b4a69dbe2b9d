// Rules as tables: what they hold for, count and say, and that one predicate is behind all of it.

import ClusterModel
import ModelTesting
import Testing

@testable import Health

@Suite struct RuleTests {
    private func judged(_ cluster: Cluster) -> Cluster {
        var cluster = cluster
        cluster.summarise()
        var health = HealthState()
        health.advance(&cluster)
        return cluster
    }

    /// Numbers that look random and are the same in every run.
    private struct Chance {
        var state: UInt64
        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    /// A cluster with every kind of fault here and there.
    private func shaken(_ seed: UInt64) -> Cluster {
        var chance = Chance(state: seed)
        var cluster = SampleCluster.huge(brokers: 12, partitions: 600, groups: 8, topics: 60)
        for index in cluster.topics.indices {
            cluster.configs.setMinInsyncReplicas(
                [nil, 1, 2, 3][chance.below(4)], historyIndex: cluster.topics[index].historyIndex)
        }
        for index in cluster.brokers.indices {
            cluster.brokers[index].rack = [nil, "a", "b", "c"][chance.below(4)]
        }
        for row in 0..<cluster.partitions.count where chance.below(3) == 0 {
            cluster.partitions.leader[row] = Int32(chance.below(14)) - 1
            for index in cluster.partitions.replicas(of: row) where chance.below(2) == 0 {
                cluster.partitions.replicaFlags[index] = ReplicaFlags(
                    rawValue: UInt8(chance.below(16)))
            }
        }
        return judged(cluster)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func thePredicateIsWhatIsCountedAndMarked(_ seed: UInt64) {
        let cluster = shaken(seed)
        let scope = RowScope(
            assignments: Assignments(cluster.partitions), racks: RackIndex(cluster),
            lost: LeadersLost(cluster))
        for rule in partitionRules {
            let held = (0..<cluster.partitions.count).filter {
                rule.holds(cluster.facts($0), scope) == true
            }
            let name = rule.entry.name
            let isKnown = !held.isEmpty || rule.isKnown(cluster)
            #expect(cluster.counts[name] == (isKnown ? held.count : nil), "\(name)")
            let mark = partitionMark(ofRule: name) ?? 0
            #expect(
                cluster.partitionMarks.indices.filter { cluster.partitionMarks[$0] & mark != 0 }
                    == held, "\(name)")
            #expect(held.allSatisfy { row in cluster.rules(at: row).contains { $0.name == name } })
        }
        for row in 0..<cluster.partitions.count {
            let view = cluster.partition(row)
            let facts = cluster.facts(row)
            #expect(view.isOffline == facts.isOffline && view.isMoving == facts.isMoving)
            #expect(view.isUnderReplicated == facts.isUnderReplicated)
            #expect(view.isUnderMinISR == facts.isUnderMinISR)
            #expect(view.isWrongLeader == facts.isWrongLeader)
            #expect((cluster.trouble(row) > 0) == !cluster.rules(at: row).isEmpty)
        }
    }

    @Test func everyRuleHasANameOfItsOwn() {
        let entries = allRules.map { $0.entry }
        #expect(Set(entries.map(\.name)).count == entries.count)
        let always = stripRules.compactMap(\.strip).filter { !$0.isQuiet }
        #expect(always.map(\.number) == Array(1...8))
        #expect(partitionRules.count <= 16)
        for entry in entries {
            #expect(!entry.advice.isEmpty && ruleEntry(entry.name)?.title == entry.title)
        }
    }

    /// One line for a rack, with what follows from it beneath; the same of a broker and a quorum.
    @Test func consequencesStandBeneathTheirCause() {
        var cluster = SampleCluster.huge(brokers: 12, partitions: 240, groups: 0, topics: 12)
        let rack = cluster.brokers[0].rack
        let gone = cluster.brokers.indices.filter { cluster.brokers[$0].rack == rack }
        for index in gone {
            cluster.brokers[index].state = .silent(since: cluster.takenAt)
            let id = cluster.brokers[index].id.value
            for place in cluster.partitions.replicaBroker.indices
            where cluster.partitions.replicaBroker[place] == id {
                cluster.partitions.replicaFlags[place] = []
            }
        }
        // Of one more broker a disk is gone.
        let other = cluster.brokers.indices.first { !gone.contains($0) } ?? 1
        cluster.logDirs[other].errorCode = 56
        let judged = judged(cluster)
        expectInOrder(judged.findings)
        let first = judged.findings[0]
        #expect(first.rule == "racks_gone" && first.subject == rack.map { .rack($0) })
        #expect(first.text.contains("cannot be written: rack \(rack ?? "") is gone, none of its 4"))
        let beneath = judged.findings.filter { $0.cause == first.id }
        #expect(beneath.count { $0.rule == "brokers_ill" } == gone.count)
        #expect(beneath.contains { $0.rule == "under_replicated" })
        let ill = beneath.filter { $0.rule == "brokers_ill" }
        #expect(ill.map(\.cost) == ill.map(\.cost).sorted(by: >))
        #expect(judged.findings.contains { $0.rule == "log_dir_offline" && $0.cause == nil })
    }

    @Test func whatIsHotIsToldByName() {
        var cluster = SampleCluster.huge(brokers: 6, partitions: 60, groups: 0, topics: 6)
        for row in 0..<cluster.partitions.count { cluster.partitions.recordsPerSecond[row] = 500 }
        #expect(!judged(cluster).findings.contains { $0.rule.hasPrefix("hot_") })
        cluster.partitions.recordsPerSecond[7] = 12_000
        let judged = judged(cluster)
        let hot = judged.findings.first { $0.rule == "hot_partition" }
        #expect(hot?.subject == .partition(judged.key(ofRow: 7)))
        #expect(hot?.text.contains("takes 24 times the mean of its topic's others: 12K") == true)
        #expect(hot?.evidence.first { $0.name == "times_others" }?.value == 24)
        let broker = judged.findings.first { $0.rule == "hot_broker" }
        #expect(broker?.subject == .broker(BrokerID(judged.partitions.leader[7])))
        #expect(broker?.cause == hot?.id)
        // Two of a topic, and next to nothing: no news.
        cluster.partitions.recordsPerSecond[7] = 900
        #expect(!self.judged(cluster).findings.contains { $0.rule == "hot_partition" })
    }

    /// Fields of the ill sample, one or more of each fault.
    @Test func whatIsFound() {
        let cluster = SampleCluster.ill()
        let found = Dictionary(grouping: cluster.findings, by: \.rule)
        for rule in [
            "brokers_ill", "offline", "under_min_isr", "under_replicated", "wrong_leader", "moving",
            "log_dir_offline", "volumes_full", "groups_stuck", "request_failed",
        ] {
            #expect(found[rule]?.isEmpty == false, "\(rule)")
        }
        expectInOrder(cluster.findings)
        #expect(cluster.counts["groups_stuck"] == 1)
        #expect(SampleCluster.healthy().findings.filter { $0.severity > .notice }.isEmpty)
    }

    @Test func unknownIsNotZero() {
        let loading = SampleCluster.loading()
        for rule in ["under_min_isr", "groups_stuck", "volumes_full", "offline"] {
            #expect(loading.counts[rule] == nil, "\(rule)")
        }
        // One of its brokers has not answered yet.
        #expect(loading.counts["brokers_ill"] == nil)
        #expect(SampleCluster.empty().counts["groups_stuck"] == 0)
        #expect(SampleCluster.empty().counts["offline"] == 0)
    }

    @Test func aSilentBrokerIsOneFinding() {
        var cluster = SampleCluster.healthy()
        let since = Instant(ns: cluster.takenAt.ns - 12_000_000_000)
        cluster.brokers[2].state = .silent(since: since)
        cluster.failures = [
            ObservationFailure(
                api: "ListOffsets", broker: cluster.brokers[2].id, code: "TIMED_OUT", message: "",
                section: .offsets)
        ]
        cluster = judged(cluster)
        #expect(cluster.counts["brokers_ill"] == 1)
        let warned = cluster.findings.filter { $0.subject == .broker(cluster.brokers[2].id) }
        #expect(warned.map(\.rule) == ["brokers_ill"])
        #expect(warned.first?.since == since && warned.first?.isSinceStart == false)
        #expect(!cluster.findings.contains { $0.rule == "request_failed" })
    }

    /// Directories of one broker that report one size and one room are one volume: counted once,
    /// told once.
    @Test func volumesAreCountedOnce() {
        var builder = ClusterBuilder(brokers: 2)
        func dir(_ broker: Int32, _ path: String, _ usable: Int64?) -> LogDir {
            LogDir(
                broker: BrokerID(broker), path: path, totalBytes: usable.map { _ in 1_000 },
                usableBytes: usable, sizeBytes: 5, answeredAt: builder.answeredAt)
        }
        builder.cluster.logDirs = [
            dir(1, "/a", 100), dir(1, "/b", 100), dir(1, "/c", 99), dir(1, "/d", 150),
            dir(2, "/a", 40), dir(2, "/e", nil),
        ]
        let cluster = builder.finish()
        #expect(cluster.counts["volumes_full"] == 3)
        #expect(cluster.brokers[0].sizeBytes == 20)
        let told = cluster.findings.filter { $0.rule == "volumes_full" }
        #expect(
            told.map(\.text) == [
                "broker 2 /a is 96 % full, 40B left", "broker 1 /a, /b is 90 % full, 100B left",
                "broker 1 /c is 90 % full, 99B left",
            ])
        #expect(told.map(\.severity) == [.critical, .warning, .warning])
    }

    /// A minimum above the number of replicas stops writes on brokers before 3.7 alone.
    @Test func aMinimumAboveTheReplicasIsTheVersionsMatter() {
        for caps in [true, false] {
            var builder = ClusterBuilder(brokers: 3)
            builder.addTopic("t")
            let row = builder.addPartition(replicas: [1, 2])
            builder.cluster.configs.setMinInsyncReplicas(3, historyIndex: 0)
            builder.cluster.capsMinISR = caps
            let cluster = builder.finish()
            #expect(cluster.facts(row).isUnderMinISR == !caps)
            #expect(cluster.partition(row).isUnderMinISR == !caps)
            #expect(cluster.counts["under_min_isr"] == (caps ? 0 : 1))
            #expect(cluster.counts["at_min_isr"] == 0)
            let told = cluster.findings.first { $0.rule == "under_min_isr" }?.text
            #expect(
                told
                    == (caps
                        ? nil
                        : "t-0: min.insync.replicas 3 is more than 2 replicas, writes with "
                            + "acks=all stop"))
        }
    }

    /// Replicas, those in sync, `min.insync.replicas`, and whether the partition is at that.
    @Test func atMinISR() {
        let cases: [(replicas: Int32, inSync: Int32, least: Int?, holds: Bool?)] = [
            (3, 2, 2, true), (3, 3, 2, false), (3, 1, 2, false), (3, 1, 1, true), (2, 2, 2, false),
            (1, 1, 1, false), (3, 3, 9, false), (3, 2, nil, nil),
        ]
        for (replicas, inSync, least, holds) in cases {
            var builder = ClusterBuilder(brokers: 3)
            builder.addTopic("t")
            let row = builder.addPartition(replicas: Array(1...replicas))
            for index in builder.cluster.partitions.replicas(of: row).dropFirst(Int(inSync)) {
                builder.cluster.partitions.replicaFlags[index] = []
            }
            builder.cluster.configs.setMinInsyncReplicas(least, historyIndex: 0)
            let cluster = builder.finish()
            let scope = RowScope(
                assignments: Assignments(cluster.partitions), racks: RackIndex(cluster),
                lost: LeadersLost(cluster))
            let name = "\(inSync) of \(replicas), at least \(least ?? -1)"
            #expect(AtMinISR.holds(cluster.facts(row), scope) == holds, "\(name)")
            let told = cluster.findings.first { $0.rule == "at_min_isr" }
            #expect((told != nil) == (holds == true) && told?.severity ?? .notice == .notice)
            #expect(cluster.counts["at_min_isr"] == holds.map { $0 ? 1 : 0 })
        }
    }

    /// The racks of brokers 1 to 4, the replicas with the one that is leaving, and whether two of
    /// those that stay share a rack that they need not.
    @Test func rackSpread() {
        let cases: [(racks: [String?], replicas: [Int32], leaving: Int32, holds: Bool?)] = [
            (["a", "b", "c", "a"], [1, 2, 3], 0, false),
            (["a", "b", "c", "a"], [1, 2, 4], 0, true),
            (["a", "b", "a", "b"], [1, 2, 3], 0, false), (["a", "b", "a", "b"], [1, 3], 0, true),
            (["a", "a", "a", "a"], [1, 2], 0, false), (["a", "b", "c", "a"], [1, 2, 4], 4, false),
            (["a", nil, "c", "a"], [1, 2, 4], 0, nil), ([nil, nil, nil, nil], [1, 2], 0, nil),
        ]
        for (racks, replicas, leaving, holds) in cases {
            var builder = ClusterBuilder(brokers: 4)
            for (index, rack) in racks.enumerated() { builder.cluster.brokers[index].rack = rack }
            builder.addTopic("t")
            let row = builder.addPartition(replicas: replicas)
            for index in builder.cluster.partitions.replicas(of: row)
            where builder.cluster.partitions.replicaBroker[index] == leaving {
                builder.cluster.partitions.replicaFlags[index] = [.inSync, .removing]
            }
            let cluster = builder.finish()
            let scope = RowScope(
                assignments: Assignments(cluster.partitions), racks: RackIndex(cluster),
                lost: LeadersLost(cluster))
            #expect(RackSpread.holds(cluster.facts(row), scope) == holds, "\(racks) \(replicas)")
            #expect(cluster.findings.contains { $0.rule == "rack_spread" } == (holds == true))
        }
    }

    /// At once, whatever Metadata says; back as soon as the leader answers.
    @Test func partitionsLedByASilentBrokerAreNotServed() throws {
        var cluster = SampleCluster.healthy()
        var health = HealthState()
        health.advance(&cluster)
        #expect(cluster.counts["not_served"] == 0)
        let led = (0..<cluster.partitions.count).filter { cluster.partitions.leader[$0] == 2 }
        let index = try #require(cluster.brokerIndex(BrokerID(2)))
        for state in [
            Broker.State.silent(since: cluster.takenAt),
            .unreachable(since: cluster.takenAt, why: "refused"), .fenced(since: cluster.takenAt),
        ] {
            cluster.brokers[index].state = state
            cluster.summarise()
            health.advance(&cluster)
            #expect(cluster.counts["not_served"] == led.count && !led.isEmpty)
            #expect(cluster.counts["offline"] == 0)
            let mark = partitionMark(ofRule: "not_served") ?? 0
            #expect(led.allSatisfy { cluster.partitionMarks[$0] & mark != 0 })
            #expect(led.allSatisfy { cluster.isServed($0) == false })
            #expect(cluster.topics.reduce(0) { $0 + $1.notServedCount } == led.count)
        }
        cluster.brokers[index].state = .answering
        cluster.summarise()
        health.advance(&cluster)
        #expect(cluster.counts["not_served"] == 0)
        #expect((0..<cluster.partitions.count).allSatisfy { cluster.isServed($0) == true })
        // One that was never asked: nobody knows.
        cluster.brokers[index].state = .unknown
        #expect(led.allSatisfy { cluster.isServed($0) == nil })
    }

    @Test func changedLeadersAreToldForMinutes() {
        var cluster = SampleCluster.healthy()
        let key = cluster.key(ofRow: 0)
        for seconds in [10, 20] as [UInt64] {
            cluster.append(leaderChanges: [
                LeaderChange(
                    partition: key, from: BrokerID(1), to: BrokerID(2),
                    at: Instant(ns: cluster.takenAt.ns + seconds * 1_000_000_000))
            ])
        }
        func told(_ seconds: UInt64) -> Finding? {
            var later = cluster
            later.takenAt.ns += seconds * 1_000_000_000
            return judged(later).findings.first { $0.rule == "leaders_changed" }
        }
        #expect(told(21)?.text == "2 leaders changed in 5 min, newest: \(key) from 1 to 2")
        #expect(told(21)?.link == .object(.partition(key)))
        #expect(told(315)?.text.hasPrefix("1 leader changed") == true)
        #expect(told(321) == nil)
    }
}
