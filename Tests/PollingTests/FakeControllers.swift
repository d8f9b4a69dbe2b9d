// Controllers of the fake cluster that listen themselves, and an active one that can be frozen:
// brokers then hold the questions they forward, for 30 s as real ones do.
import KafkaWire
import Simulation
import Transport
import TransportTesting

@testable import Polling

/// Controllers 3001...300n at 10.0.1.n:9093; the first is active.
final class FakeControllers: Sendable {
    struct State: Sendable {
        var leader: Int32 = 3001
        var epoch: Int32 = 7
        var frozen: Set<Int32> = []
        /// Since when brokers hold what they forward.
        var heldSince: UInt64?
        /// Connections taken and questions answered, by controller.
        var opened: [Int32: Int] = [:]
        var asked: [Int32: Int] = [:]
    }

    let state = Locked(State())
    let ids: [Int32]
    /// Of the fake cluster; another one: their addresses lead elsewhere.
    private let clusterID: String
    private let cluster: FakeCluster
    private let servers: [Int32: FrameServer]
    private static let holdNs = 30 * second

    /// - Parameter isReachable: false: from here the controllers' addresses lead nowhere.
    init(
        _ cluster: FakeCluster, count: Int32 = 3, isReachable: Bool = true,
        clusterID: String = "fake"
    ) {
        self.cluster = cluster
        self.clusterID = clusterID
        ids = (1...count).map { 3000 + $0 }
        var servers: [Int32: FrameServer] = [:]
        for id in ids { servers[id] = FrameServer { _, _ in } }
        self.servers = servers
        for (id, server) in servers {
            let address = Address(10, 0, 1, UInt8(id - 3000), port: 9093)
            cluster.system.set(address, isReachable ? .serves(server) : .refuses)
            server.setAnswer { [weak self] frame, side in self?.take(frame, side, id) }
        }
        cluster.change { state in
            state.controller = 3001
            state.forward = { [weak self] frame, side in self?.forward(frame, side) }
        }
    }

    /// The active controller stands still; the others elect one of them `afterNs` later.
    func freezeLeader(electedAfterNs afterNs: UInt64) {
        let now = cluster.system.now()
        let next = state.withLock { state -> Int32 in
            state.frozen.insert(state.leader)
            state.heldSince = now
            return ids.first { !state.frozen.contains($0) } ?? -1
        }
        cluster.system.after(afterNs) { [weak self] in
            self?.state.withLock { state in
                state.leader = next
                state.epoch += 1
            }
        }
    }

    /// What a broker does about a question for the active controller.
    private func forward(_ frame: [UInt8], _ side: ServerSide) {
        let now = cluster.system.now()
        let held = state.withLock { $0.heldSince }
        guard let held, now < held + Self.holdNs else { return answer(frame, side, nil) }
        cluster.change { $0.heldUntil[side.handle] = held + Self.holdNs }
        cluster.system.after(held + Self.holdNs - now) { [weak self] in
            self?.answer(frame, side, nil)
        }
    }

    private func take(_ frame: [UInt8], _ side: ServerSide, _ id: Int32) {
        let isFrozen = state.withLock { state in
            state.opened[id, default: 0] += 1
            return state.frozen.contains(id)
        }
        if !isFrozen { answer(frame, side, id) }
    }

    /// The answer of controller `id`, or of the leader through a broker.
    private func answer(_ frame: [UInt8], _ side: ServerSide, _ id: Int32?) {
        let now = cluster.system.now()
        var header: RequestHeader?
        frame.withUnsafeBytes { header = try? RequestHeader(peeking: $0) }
        guard let header else { return side.end() }
        if header.apiKey == ApiVersionsRequest.apiKey {
            guard let bytes = cluster.state.withLock({ $0.answer(frame, broker: 0, now: now) })
            else { return side.end() }
            return side.send(bytes)
        }
        if let bytes = identity(frame, header) { return side.send(bytes) }
        // There is no Metadata on a controller.
        guard header.apiKey == DescribeQuorumRequest.apiKey else { return side.end() }
        let response = state.withLock { state in
            if let id { state.asked[id, default: 0] += 1 }
            return quorum(state, id)
        }
        let bytes = try? encodeResponse(
            DescribeQuorumRequest.self, response, version: header.version,
            correlationID: header.correlationID)
        if let bytes { side.send(bytes) }
    }

    /// What a controller says of itself: its cluster, and configs of itself alone.
    private func identity(_ frame: [UInt8], _ header: RequestHeader) -> [UInt8]? {
        switch header.apiKey {
        case DescribeClusterRequest.apiKey:
            var response = DescribeClusterResponse()
            response.clusterID = clusterID
            return try? encodeResponse(
                DescribeClusterRequest.self, response, version: header.version,
                correlationID: header.correlationID)
        case DescribeConfigsRequest.apiKey:
            var response = DescribeConfigsResponse()
            response.results = [.init()]
            return try? encodeResponse(
                DescribeConfigsRequest.self, response, version: header.version,
                correlationID: header.correlationID)
        default: return nil
        }
    }

    private func quorum(_ state: State, _ id: Int32?) -> DescribeQuorumResponse {
        var partition = DescribeQuorumResponse.Partition()
        var response = DescribeQuorumResponse()
        if id == nil || id == state.leader {
            partition.leaderID = state.leader
            partition.leaderEpoch = state.epoch
            partition.currentVoters = ids.map { voter in
                var replica = DescribeQuorumResponse.Replica()
                replica.replicaID = voter
                replica.logEndOffset = state.frozen.contains(voter) ? -1 : 100
                return replica
            }
            response.nodes = ids.map { id in
                var listener = DescribeQuorumResponse.Listener()
                listener.name = "CONTROLLER"
                listener.host = "10.0.1.\(id - 3000)"
                listener.port = 9093
                var node = DescribeQuorumResponse.Node()
                node.nodeID = id
                node.listeners = [listener]
                return node
            }
        } else {
            partition.error = .notLeaderOrFollower
        }
        var topic = DescribeQuorumResponse.Topic()
        topic.topicName = "__cluster_metadata"
        topic.partitions = [partition]
        response.topics = [topic]
        return response
    }
}
