// Metadata, DescribeCluster, DescribeQuorum, ListPartitionReassignments: who is there, who leads,
// what moves.
import KafkaWire
import Simulation

extension Handler {
    static let metadata = reads(RequestContext.metadata)
    static let describeCluster = reads(RequestContext.describeCluster)
    static let describeQuorum = reads(RequestContext.describeQuorum)
    static let listReassignments = reads(RequestContext.listReassignments)
}

extension RequestContext {
    /// KRaft brokers name any live broker as the controller.
    private var namedController: Int32 {
        guard shape.coordination == .kraft else { return machine.controllerID }
        let live = machine.brokers.filter(\.isRegistered)
        guard !live.isEmpty else { return -1 }
        return live[Int(hashed(UInt64(t * 1000), shape.seed) % UInt64(live.count))].id
    }

    // MARK: Metadata

    func metadata(_ request: MetadataRequest) -> MetadataResponse {
        var response = MetadataResponse()
        response.brokers = machine.brokers.filter(\.isRegistered).map { broker in
            var entry = MetadataResponse.Broker()
            entry.nodeID = broker.id
            entry.host = broker.host
            entry.port = broker.port
            entry.rack = broker.rack
            return entry
        }
        response.clusterID = machine.clusterID
        response.controllerID = namedController
        if (8...10).contains(version), request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = clusterOperations
        }
        if let wanted = request.topics, !(wanted.isEmpty && version == 0) {
            response.topics = wanted.map(topic)
        } else {
            response.topics = machine.topics.indices
                .filter {
                    !machine.topics[$0].isDeleted && !isHidden(topic: machine.topics[$0].name)
                }.map(topic)
        }
        writeOperations(request, &response)
        return response
    }

    /// Kafka's rules for names of topics.
    static func isTopicName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 249
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
            }
    }

    private func writeOperations(_ request: MetadataRequest, _ response: inout MetadataResponse) {
        guard version >= 8, request.includeTopicAuthorizedOperations else { return }
        for place in response.topics.indices where response.topics[place].error == .none {
            response.topics[place].topicAuthorizedOperations = topicOperations
        }
    }

    private func topic(_ wanted: MetadataRequest.Topic) -> MetadataResponse.Topic {
        var entry = MetadataResponse.Topic()
        entry.name = wanted.name ?? (version >= 12 ? nil : "")
        entry.topicID = wanted.topicID
        let known: Int?
        if let name = wanted.name {
            known = machine.topicIndex[name]
            entry.error = Self.isTopicName(name) ? .unknownTopicOrPartition : .invalidTopic
        } else {
            known = machine.topicOfID[wanted.topicID]
            entry.error = .unknownTopicID
        }
        guard let known else { return entry }
        guard !isHidden(topic: machine.topics[known].name) else {
            entry.error = .topicAuthorizationFailed
            return entry
        }
        return topic(known)
    }

    private func topic(_ index: Int) -> MetadataResponse.Topic {
        let topic = machine.topics[index]
        var entry = MetadataResponse.Topic()
        entry.name = topic.name
        entry.topicID = version >= 10 && shape.release >= .v28 ? topic.id : .zero
        entry.isInternal = topic.isInternal
        if machine.answersError {
            entry.error = .leaderNotAvailable
            return entry
        }
        entry.partitions.reserveCapacity(topic.partitionCount)
        for row in topic.partitions {
            entry.partitions.append(partition(row, number: row - topic.firstPartition))
        }
        return entry
    }

    func partition(_ row: Int, number: Int) -> MetadataResponse.Partition {
        var entry = MetadataResponse.Partition()
        entry.partitionIndex = Int32(number)
        entry.leaderID = machine.leader[row]
        entry.leaderEpoch = machine.epoch[row]
        entry.replicaNodes = machine.replicas(row)
        entry.isrNodes = machine.inSyncBrokers(row)
        for id in entry.replicaNodes
        where !machine.brokers[Int(id) - 1].isRegistered || machine.isOffline(row, Int(id) - 1) {
            entry.offlineReplicas.append(id)
        }
        if let old = machine.formerLeader(row, answeredBy: index, t) {
            entry.leaderID = old.leader
            entry.leaderEpoch = old.epoch
        }
        guard entry.leaderID < 0 else { return entry }
        // How each release tells of a partition without a leader: seen on real brokers.
        switch shape.release {
        case .v24, .v28:
            entry.error = .listenerNotFound
            entry.leaderEpoch = -1
        case .v39: entry.error = .leaderNotAvailable
        case .v43:
            entry.error = .leaderNotAvailable
            entry.isrNodes = []
        }
        return entry
    }

    // MARK: DescribeCluster

    func describeCluster(_ request: DescribeClusterRequest) -> DescribeClusterResponse {
        var response = DescribeClusterResponse()
        guard request.endpointType == 1 else {
            response.error = .mismatchedEndpointType
            response.errorMessage =
                "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of "
                + "type CONTROLLER"
            return response
        }
        if machine.answersError {
            response.error = .requestTimedOut
            return response
        }
        response.clusterID = machine.clusterID
        response.controllerID = namedController
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = clusterOperations
        }
        for broker in machine.brokers where broker.isRegistered || request.includeFencedBrokers {
            var entry = DescribeClusterResponse.Broker()
            entry.brokerID = broker.id
            entry.host = broker.host
            entry.port = broker.port
            entry.rack = broker.rack
            entry.isFenced = version >= 2 && !broker.isRegistered
            response.brokers.append(entry)
        }
        return response
    }

    // MARK: DescribeQuorum

    func describeQuorum(_ request: DescribeQuorumRequest) -> DescribeQuorumResponse {
        var response = DescribeQuorumResponse()
        // Where there is nothing to say the newest version says "".
        if version >= 2 { response.errorMessage = "" }
        guard !shape.access.deniesCluster else {
            response.error = .clusterAuthorizationFailed
            if version >= 2 { response.errorMessage = "Cluster authorization failed." }
            return response
        }
        guard !machine.answersError else {
            response.error = .requestTimedOut
            return response
        }
        response.topics = request.topics.map { wanted in
            var topic = DescribeQuorumResponse.Topic()
            topic.topicName = wanted.topicName
            topic.partitions = wanted.partitions.map { partition in
                let isKnown =
                    wanted.topicName == "__cluster_metadata" && partition.partitionIndex == 0
                var entry = isKnown ? quorum() : DescribeQuorumResponse.Partition()
                entry.partitionIndex = partition.partitionIndex
                if version >= 2 { entry.errorMessage = "" }
                if !isKnown {
                    entry.error = .unknownTopicOrPartition
                    entry.errorMessage = "This server does not host this topic-partition."
                }
                return entry
            }
            return topic
        }
        let isAnswered = response.topics.contains { $0.partitions.contains { $0.leaderID > 0 } }
        guard version >= 2, isAnswered else { return response }
        response.nodes = Self.controllers.map { id in
            var node = DescribeQuorumResponse.Node()
            node.nodeID = id
            var listener = DescribeQuorumResponse.Listener()
            listener.name = "CONTROLLER"
            listener.host = "controller-\(id).simulated"
            listener.port = 9093
            node.listeners = [listener]
            return node
        }
        return response
    }

    private static let controllers: [Int32] = [3001, 3002, 3003]

    private func quorum() -> DescribeQuorumResponse.Partition {
        var entry = DescribeQuorumResponse.Partition()
        // The controller writes at least one record every half second.
        let end = Int64(1_200_000 + t * 2.2)
        entry.leaderID = machine.controllerID
        entry.leaderEpoch = machine.controllerEpoch
        entry.highWatermark = end
        let now = shape.wallStartMs + Int64(t * 1000)
        func replica(_ id: Int32, behindMs: Int64) -> DescribeQuorumResponse.Replica {
            var replica = DescribeQuorumResponse.Replica()
            replica.replicaID = id
            replica.logEndOffset = end - behindMs * 22 / 10_000
            if version >= 1 {
                replica.lastFetchTimestamp = now - behindMs
                replica.lastCaughtUpTimestamp = now - behindMs
            }
            return replica
        }
        entry.currentVoters = Self.controllers.map { id in
            let wait = Int64(hashed(UInt64(t), UInt64(id)) % 400)
            return replica(id, behindMs: id == entry.leaderID ? 0 : wait)
        }
        entry.observers = machine.brokers.map { broker in
            let stopped =
                broker.condition == .running
                ? nil : broker.pace.map { Int64((t - $0.since) * 1000) }
            let wait = Int64(hashed(UInt64(t), UInt64(broker.id)) % 450)
            return replica(broker.id, behindMs: stopped ?? wait)
        }
        return entry
    }

    // MARK: Moves

    func listReassignments(
        _ request: ListPartitionReassignmentsRequest
    ) -> ListPartitionReassignmentsResponse {
        var response = ListPartitionReassignmentsResponse()
        if shape.coordination == .zookeeper { response.errorMessage = "" }
        guard !shape.access.deniesCluster else {
            response.error = .clusterAuthorizationFailed
            response.errorMessage = "Cluster authorization failed."
            return response
        }
        if machine.answersError {
            response.error = .requestTimedOut
            return response
        }
        if shape.coordination == .zookeeper, machine.controllerID != broker.id {
            response.error = .notController
            response.errorMessage = "This is not the correct controller for this cluster."
            return response
        }
        var byTopic: [Int: [(Int32, Move)]] = [:]
        for (row, move) in machine.moves {
            byTopic[Int(machine.topicOf[Int(row)]), default: []].append((row, move))
        }
        for (index, moves) in byTopic.sorted(by: { $0.key < $1.key }) {
            let known = machine.topics[index]
            let wanted = request.topics.map { list in list.filter { $0.name == known.name } }
            if let wanted, wanted.isEmpty { continue }
            var topic = ListPartitionReassignmentsResponse.Topic()
            topic.name = known.name
            for (row, move) in moves.sorted(by: { $0.0 < $1.0 }) {
                let number = row - Int32(known.firstPartition)
                if let wanted, !wanted.contains(where: { $0.partitionIndexes.contains(number) }) {
                    continue
                }
                var entry = ListPartitionReassignmentsResponse.Partition()
                entry.partitionIndex = number
                entry.replicas = move.replicas
                entry.addingReplicas = move.adding
                entry.removingReplicas = move.removing
                topic.partitions.append(entry)
            }
            if !topic.partitions.isEmpty { response.topics.append(topic) }
        }
        return response
    }
}
