// The whole path under virtual time: a live observation of a scripted cluster, well and ill.
import ClusterModel
import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import Polling

@Suite struct ObserverTests {
    private typealias Picture = (at: Double, cluster: Cluster)

    /// 3 brokers, 4 topics of 3 partitions with 1,000 records a second each, 3 groups.
    private func cluster(seed: UInt64 = 1) -> FakeCluster {
        let cluster = FakeCluster(seed: seed)
        cluster.addTopics(4, partitions: 3, perSecond: 1_000)
        cluster.change { state in
            for id: Int32 in 1...3 { state.groups["g\(id)"] = .init(coordinator: id) }
        }
        return cluster
    }

    private func last(_ pictures: [Picture], before seconds: Double) -> Cluster {
        pictures.last { $0.at <= seconds }?.cluster ?? Cluster()
    }

    private func state(_ cluster: Cluster, _ id: Int32) -> String {
        switch cluster.broker(BrokerID(id))?.state {
        case .answering: "answering"
        case .slow: "slow"
        case .throttled(let seconds): "throttled \(seconds)"
        case .silent: "silent"
        case .unreachable: "unreachable"
        case .missing: "missing"
        case .fenced: "fenced"
        case .unknown: "unknown"
        case nil: "gone"
        }
    }

    /// What must hold in every picture whatever happens to the cluster.
    private func check(_ pictures: [Picture], bound: Double = 1_101, rows: Int = 12) {
        var wrong = 0
        for picture in pictures {
            let table = picture.cluster.partitions
            for rate in table.recordsPerSecond
            where !(rate.isNaN || (rate >= 0 && rate <= Float(bound))) {
                wrong += 1
            }
            if picture.cluster.layout > 0 && table.count != rows { wrong += 1 }
            if let sum = picture.cluster.totals.recordsPerSecond, sum < 0 || sum > bound * 12 {
                wrong += 1
            }
        }
        #expect(wrong == 0)
    }

    /// Only a broker that answers can tell where the ensemble is.
    @Test func whereTheEnsembleIsIsAskedOfABrokerThatAnswers() {
        let cluster = FakeCluster()
        cluster.change { $0.versions = FakeCluster.old }
        cluster.freeze(1)
        _ = observe(cluster, .once(limitNs: 20 * second), sections: [.metadata, .coordinator])
        let asked = cluster.state.withLock { state in
            (2...3).compactMap { state.seen[[$0, 32]] }.reduce(0, +)
        }
        #expect(asked == 1)
    }

    @Test func firstPictureAndRates() throws {
        let cluster = cluster()
        let pictures = observe(cluster, seconds: 31)
        let first = try #require(pictures.first { $0.cluster.layout > 0 })
        #expect(first.at < 0.2)
        #expect(first.cluster.partitions.count == 12)
        let early = last(pictures, before: 0.7)
        for section in Section.allCases {
            #expect(early.health(section).state == .fresh, "\(section)")
        }
        #expect(early.failures.isEmpty)
        #expect(early.kind == .kraft)
        #expect(early.kafkaVersion == "4.3")
        #expect(early.controller == BrokerID(2))
        #expect(early.groups.map(\.id) == ["g1", "g2", "g3"])
        #expect(early.groups.allSatisfy { $0.members?.count == 1 && ($0.lag ?? -1) >= 900 })
        #expect(early.totals.recordsPerSecond == nil, "one sample is no rate")
        #expect(early.partition(0).logStart == 0)
        #expect(early.logDirs.count == 3)
        #expect(early.topics.indices.allSatisfy { early.overrides(topic: $0)?.count == 1 })
        check(pictures)
        let sums = pictures.filter { $0.at > 1 }.compactMap(\.cluster.totals.recordsPerSecond)
        #expect(sums.count >= 14)
        let mean = sums.reduce(0, +) / Double(sums.count)
        #expect(abs(mean - 12_000) < 120)
        for rate in last(pictures, before: 31).partitions.recordsPerSecond {
            #expect(abs(rate - 1_000) < 10)
        }
        #expect(last(pictures, before: 31).totals.staleRateCount == 0)
        #expect(pictures.count < 80)
    }

    /// Broker 2 stops answering: what it alone knows is old and says so, all else is fresh.
    @Test func frozenBroker() throws {
        let cluster = cluster()
        let pictures = observe(
            cluster, seconds: 60,
            script: [
                (10.5, { _ in cluster.freeze(2) }), (35.5, { _ in cluster.thaw(2) }),
            ])
        check(pictures)
        let before = last(pictures, before: 10.4)
        let soon = last(pictures, before: 15)
        #expect(state(soon, 2) == "silent")
        let ill = last(pictures, before: 30)
        guard case .silent(let since) = ill.broker(BrokerID(2))?.state else {
            Issue.record("broker 2 is \(state(ill, 2))")
            return
        }
        #expect(ill.takenAt.seconds(since: since) > 15)
        #expect(state(ill, 1) == "answering" && state(ill, 3) == "answering")
        for row in 0..<12 {
            let view = ill.partition(row)
            let known = try #require(view.logEnd)
            #expect(view.isStale == (view.leader == BrokerID(2)))
            #expect(known >= before.partition(row).logEnd ?? 0, "values stay")
            if view.leader != BrokerID(2) {
                #expect(ill.takenAt.seconds(since: view.logEndAt) < 3)
                #expect(abs((view.recordsPerSecond ?? 0) - 1_000) < 10)
            } else {
                #expect(view.recordsPerSecond == nil)
            }
        }
        #expect(ill.totals.staleRateCount == 4)
        #expect(ill.health(.offsets).state == .partial)
        #expect(ill.failures.contains { $0.broker == BrokerID(2) && $0.api == "ListOffsets" })
        #expect(ill.failures.allSatisfy { $0.broker == BrokerID(2) })
        #expect(ill.groups.count == 3)
        #expect(ill.health(.metadata).state == .fresh)
        #expect(ill.takenAt.seconds(since: ill.health(.quorum).answeredAt) < 5)
        // Never more than 3 s without news of the others.
        var oldest = 0.0
        for picture in pictures where picture.at > 11 && picture.at < 35 {
            let view = picture.cluster.partitions
            for row in 0..<12 where view.leader[row] != 2 {
                let at = view.leaderReplica(row).map { view.replicaLogEndAt[$0] } ?? 0
                oldest = max(oldest, picture.cluster.takenAt.seconds(since: Instant(ns: at)))
            }
        }
        #expect(oldest < 3)
        // Right again without a prod.
        let well = last(pictures, before: 60)
        #expect(state(well, 2) == "answering")
        #expect(well.failures.isEmpty)
        #expect(well.totals.staleRateCount == 0)
        #expect(Section.allCases.allSatisfy { well.health($0).state == .fresh })
    }

    @Test func killedBroker() throws {
        let cluster = cluster()
        let pictures = observe(
            cluster, seconds: 60,
            script: [
                (10.5, { _ in cluster.kill(3, noticedNs: 6 * second) }),
                (30.5, { _ in cluster.restart(3) }),
            ])
        check(pictures)
        #expect(state(last(pictures, before: 14.9), 3) == "unreachable")
        let missing = last(pictures, before: 21)
        #expect(["missing", "fenced"].contains(state(missing, 3)))
        #expect(missing.counts["offline", default: 0] == 0)
        #expect(missing.counts["under_replicated", default: 0] == 12)
        #expect(missing.health(.offsets).state == .partial)
        #expect(missing.failures.contains { $0.broker == BrokerID(3) })
        #expect(missing.group("g3")?.coordinator == BrokerID(1))
        #expect(missing.partitions.recordsPerSecond.filter { abs($0 - 1_000) < 110 }.count >= 8)
        let well = last(pictures, before: 60)
        #expect(state(well, 3) == "answering")
        #expect(well.failures.isEmpty)
        #expect(well.counts["under_replicated", default: 0] == 0)
        #expect(well.totals.staleRateCount == 0)
    }

    @Test func allBrokersDownAndBack() {
        let cluster = cluster()
        let pictures = observe(
            cluster, seconds: 70,
            script: [
                (
                    10.5,
                    { _ in for id: Int32 in 1...3 { cluster.kill(id, noticedNs: 900 * second) } }
                ),
                (40.5, { _ in for id: Int32 in 1...3 { cluster.restart(id) } }),
            ])
        check(pictures)
        let down = last(pictures, before: 40)
        #expect(down.takenAt.seconds(since: pictures[0].cluster.takenAt) > 35, "pictures go on")
        for id: Int32 in 1...3 { #expect(state(down, id) == "unreachable") }
        #expect(down.health(.metadata).state == .partial)
        #expect(down.topics.count == 4 && down.groups.count == 3)
        #expect(down.totals.staleRateCount == 12)
        #expect(down.totals.recordsPerSecond == nil)
        let well = last(pictures, before: 70)
        for id: Int32 in 1...3 { #expect(state(well, id) == "answering") }
        #expect(well.failures.isEmpty)
        #expect(well.totals.staleRateCount == 0)
    }

    @Test func coordinatorMoves() {
        let cluster = cluster()
        let pictures = observe(
            cluster, seconds: 60,
            script: [
                (
                    11,
                    { _ in
                        cluster.change {
                            $0.groups["g1"]?.coordinator = 3
                            $0.groups["g1"]?.committed = 500
                            $0.groups["g2"] = nil
                        }
                    }
                )
            ])
        let moved = last(pictures, before: 20)
        #expect(moved.group("g1")?.coordinator == BrokerID(3))
        #expect(moved.group("g1")?.offsets?[0].committed == 500)
        let later = last(pictures, before: 60)
        #expect(later.groups.map(\.id) == ["g1", "g3"])
        #expect(later.failures.isEmpty)
        #expect(later.health(.groups).state == .fresh)
    }

    @Test func authorisationFailuresAreSaid() {
        let cluster = cluster()
        cluster.change { state in
            state.errors = [
                2: .topicAuthorizationFailed, 35: .clusterAuthorizationFailed,
                55: .clusterAuthorizationFailed, 46: .clusterAuthorizationFailed,
                32: .topicAuthorizationFailed, 9: .groupAuthorizationFailed,
            ]
        }
        let pictures = observe(cluster, seconds: 9)
        let picture = last(pictures, before: 9)
        #expect(
            Set(picture.failures.map(\.api)) == [
                "ListOffsets", "DescribeLogDirs", "DescribeQuorum", "ListPartitionReassignments",
                "DescribeConfigs", "OffsetFetch",
            ])
        #expect(picture.failures.count < 30)
        for section in [Section.logDirs, .quorum, .reassignments, .configs] {
            guard case .failed = picture.health(section).state else {
                Issue.record("\(section): \(picture.health(section).state)")
                continue
            }
        }
        #expect(picture.topics.count == 4)
        #expect(picture.groups.allSatisfy { $0.offsets == nil })
        // And it is over when the right is given.
        let given = cluster
        given.change { $0.errors = [:] }
        #expect(last(observe(given, seconds: 9), before: 9).failures.isEmpty)
    }

    /// Kafka 2.4 with ZooKeeper: what it lacks is said, and nothing of it is a failure.
    @Test func oldVersions() {
        let cluster = cluster()
        cluster.change {
            $0.versions = FakeCluster.old
            $0.controller = 3
        }
        let picture = last(observe(cluster, seconds: 9), before: 9)
        #expect(picture.kind == .zookeeper)
        #expect(picture.kafkaVersion == "2.4")
        #expect(picture.controller == BrokerID(3))
        #expect(picture.failures.allSatisfy { $0.section == .coordinator })
        for section in Section.allCases {
            // No ensemble is known here.
            if section == .coordinator { continue }
            if case .unsupported = picture.health(section).state {
                #expect(section == .quorum)
            } else {
                #expect(picture.health(section).state == .fresh, "\(section)")
            }
        }
        #expect(picture.groups.allSatisfy { $0.state == "Stable" && $0.lag != nil })
        #expect(abs((picture.totals.recordsPerSecond ?? 0) - 12_000) < 120)
        let asked = cluster.state.withLock { $0.seen }
        #expect((asked[[3, 46]] ?? 0) > 2)
        #expect(asked[[1, 46]] == nil && asked[[2, 46]] == nil, "only the controller can tell")
    }

    @Test func throttledBrokersAreLeftAlone() {
        let cluster = cluster()
        cluster.change { $0.brokers[1]?.throttleMs = 5_000 }
        let pictures = observe(cluster, seconds: 20)
        let asked = cluster.state.withLock { state in
            state.seen.filter { $0.key[0] == 1 }.values.reduce(0, +)
        }
        let others = cluster.state.withLock { state in
            state.seen.filter { $0.key[0] == 2 }.values.reduce(0, +)
        }
        #expect(asked <= others)
        check(pictures)
        let picture = last(pictures, before: 20)
        #expect(picture.partitions.count == 12)
        // It is a state of its own: neither silent nor slow, and what it alone knows is old.
        for seen in pictures where seen.at > 2 {
            #expect(state(seen.cluster, 1) == "throttled 5.0")
        }
        #expect(state(picture, 2) == "answering" && state(picture, 3) == "answering")
        #expect(picture.findings.contains { $0.id.rule == "broker_throttled" })
    }

    /// A short wait costs nothing but itself, also in a snapshot.
    @Test func aThrottledSnapshotIsWhole() throws {
        let cluster = cluster()
        cluster.change { state in
            for id: Int32 in 1...3 { state.brokers[id]?.throttleMs = 3_000 }
        }
        let pictures = observe(cluster, .once(limitNs: 30 * second), seconds: 40)
        let picture = try #require(pictures.last?.cluster)
        #expect(picture.failures.isEmpty, "\(picture.failures.map(\.message))")
        #expect(picture.partitions.replicaLogEnd.allSatisfy { $0 >= 0 })
        for id: Int32 in 1...3 { #expect(state(picture, id) == "throttled 3.0") }
    }

    /// Over links that are far, narrow or uneven the rates are true, or marked.
    @Test(arguments: [0.0, 0.05, 0.2, 0.4], [0.0, 0.02, 0.6])
    func ratesOverLinks(latency: Double, jitter: Double) throws {
        let cluster = cluster()
        var link = SimulatedLink()
        link.latencyNs = UInt64(latency * 1e9)
        link.jitterNs = UInt64(jitter * 1e9)
        cluster.system.setLink(link)
        let pictures = observe(cluster, seconds: 90)
        var sure = 0
        var sum = 0.0
        let shown = pictures.filter { $0.at > 15 && $0.cluster.totals.staleRateCount == 0 }
        #expect(shown.count > 20)
        for picture in shown {
            let totals = picture.cluster.totals
            let rate = try #require(totals.recordsPerSecond)
            sum += rate
            guard !totals.isRateUnsure else { continue }
            sure += 1
            #expect(abs(rate - 12_000) <= 240, "\(rate) at \(picture.at) s")
        }
        // Unsure or not, they are not biased.
        #expect(abs(sum / Double(max(1, shown.count)) - 12_000) < 240)
        if jitter < 0.1 { #expect(sure == shown.count, "\(sure) of \(shown.count)") }
        if jitter > 0.5 { #expect(sure < shown.count) }
    }

    @Test func sameSeedSamePictures() {
        func run(_ seed: UInt64) -> (UInt64, [Double]) {
            let cluster = cluster(seed: seed)
            let pictures = observe(
                cluster, seconds: 12, script: [(4.5, { _ in cluster.freeze(2) })])
            return (cluster.system.trace, pictures.map(\.at))
        }
        let (first, second, other) = (run(5), run(5), run(6))
        #expect(first == second)
        #expect(first != other)
    }
}
