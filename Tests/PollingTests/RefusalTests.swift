// What brokers refuse is asked again after minutes only, and is told all the while.
import ClusterModel
import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import Polling

@Suite struct RefusalTests {
    private typealias Taken = [(at: Double, cluster: Cluster)]

    /// 3 brokers that refuse what an ordinary principal may not ask.
    private func cluster() -> FakeCluster {
        let cluster = FakeCluster()
        cluster.addTopics(4, partitions: 3, perSecond: 10)
        cluster.change { state in
            for id: Int32 in 1...3 { state.groups["g\(id)"] = .init(coordinator: id) }
            state.errors = [
                35: .clusterAuthorizationFailed, 55: .clusterAuthorizationFailed,
                46: .clusterAuthorizationFailed, 32: .topicAuthorizationFailed,
                9: .groupAuthorizationFailed, 15: .groupAuthorizationFailed,
            ]
        }
        return cluster
    }

    /// Requests received of log directories, quorum, reassignments, configs, offsets and groups.
    private func received(_ cluster: FakeCluster) -> [Int] {
        [35, 55, 46, 32, 9, 15].map { cluster.received($0) }
    }

    private func codes(_ taken: Taken, at seconds: Double) -> Set<String> {
        let cluster = taken.last { $0.at <= seconds }?.cluster
        return Set((cluster?.failures ?? []).map { "\($0.api) \($0.code)" })
    }

    private let all: Set<String> = [
        "DescribeLogDirs CLUSTER_AUTHORIZATION_FAILED",
        "DescribeQuorum CLUSTER_AUTHORIZATION_FAILED",
        "ListPartitionReassignments CLUSTER_AUTHORIZATION_FAILED",
        "DescribeConfigs TOPIC_AUTHORIZATION_FAILED", "OffsetFetch GROUP_AUTHORIZATION_FAILED",
        "DescribeGroups GROUP_AUTHORIZATION_FAILED",
    ]

    @Test func aRefusalIsNotAskedAgainForMinutesAndToldAllTheWhile() {
        let cluster = cluster()
        let counts = Locked<[[Int]]>([])
        let note: @Sendable (Observation) -> Void = { _ in
            let now = [35, 55, 46, 32, 9, 15].map { cluster.received($0) }
            counts.withLock { $0.append(now) }
        }
        let taken = observe(cluster, seconds: 330, script: [(1.9, note), (299, note)])
        let (first, before) = counts.withLock { ($0.first ?? [], $0.last ?? []) }
        #expect(first == [3, 1, 1, 1, 3, 3])
        #expect(before == first)
        #expect(received(cluster) == first.map { 2 * $0 })
        for at in [1.9, 30, 120, 298, 310] {
            #expect(codes(taken, at: at) == all, "at \(at) s")
        }
        let ill = taken.last { $0.at < 298 }?.cluster ?? Cluster()
        for section in [Section.logDirs, .quorum, .reassignments, .configs] {
            guard case .failed = ill.health(section).state else {
                Issue.record("\(section) is \(ill.health(section).state)")
                continue
            }
        }
        #expect(ill.health(.groups).state == .partial)
    }

    @Test func aRefreshAsksAtOnceAndWhatIsGrantedIsOver() {
        let cluster = cluster()
        let taken = observe(
            cluster, seconds: 40,
            script: [
                (20.5, { _ in cluster.change { $0.errors = [:] } }), (21, { $0.pollNow() }),
            ])
        #expect(codes(taken, at: 20.9) == all)
        #expect(codes(taken, at: 26) == [])
        let last = taken.last?.cluster ?? Cluster()
        #expect(Section.allCases.allSatisfy { last.health($0).state == .fresh })
        #expect(last.groups.allSatisfy { $0.members != nil && $0.offsets != nil })
    }

    @Test func aNewConnectionAsksAtOnce() {
        let cluster = cluster()
        _ = observe(cluster, seconds: 60, script: [(30.5, { _ in cluster.disconnect(2) })])
        let dirs = cluster.state.withLock { state in (1...3).map { state.seen[[$0, 35]] } }
        #expect(dirs == [1, 2, 1])
        let groups = cluster.state.withLock { state in (1...3).map { state.seen[[$0, 9]] } }
        #expect(groups == [1, 2, 1])
    }

    @Test func aRefusalLapsesAndIsKnownUntilItIsAnswered() {
        var refusals = Refusals()
        let key = QuestionKey(api: "A", broker: BrokerID(1))
        #expect(!refusals.isInForce(key, at: 0))
        refusals.remember([key], until: 10, broker: BrokerID(1), connections: 3)
        #expect(refusals.isInForce(key, at: 9) { $0 == BrokerID(1) ? 3 : 0 })
        #expect(!refusals.isInForce(key, at: 9) { _ in 4 })
        #expect(!refusals.isInForce(key, at: 10) { _ in 3 })
        refusals.lapse(at: 5)
        #expect(!refusals.isInForce(key, at: 6) { _ in 3 } && refusals.contains(key))
        refusals.remove(key)
        #expect(refusals.isEmpty && refusals.end(key) == 0)
    }
}
