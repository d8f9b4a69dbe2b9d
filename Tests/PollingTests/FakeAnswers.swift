// What the fake cluster answers, API by API.
import KafkaWire

extension FakeCluster.State {
    mutating func each(ledBy id: Int32, _ body: (inout FakeCluster.Partition) -> Void) {
        for name in topics.keys {
            for number in (topics[name] ?? []).indices where topics[name]?[number].leader == id {
                guard var partition = topics[name]?[number] else { continue }
                body(&partition)
                topics[name]?[number] = partition
            }
        }
    }

    /// The answer's frame, or nil where the connection is to end.
    mutating func answer(_ frame: [UInt8], broker: Int32, now: UInt64) -> [UInt8]? {
        var key: Int16 = -1
        frame.withUnsafeBytes { key = (try? RequestHeader(peeking: $0))?.apiKey ?? -1 }
        seen[[broker, Int32(key)], default: 0] += 1
        switch key {
        case 18: return versions(frame)
        case 3: return reply(MetadataRequest.self, frame) { $0.metadata($1, broker) }
        case 2: return reply(ListOffsetsRequest.self, frame) { $0.offsets($1, broker, now) }
        case 16: return reply(ListGroupsRequest.self, frame) { state, _ in state.list(broker) }
        case 15: return reply(DescribeGroupsRequest.self, frame) { $0.describe($1, broker) }
        case 9: return reply(OffsetFetchRequest.self, frame) { $0.fetch($1, broker, now) }
        case 32: return reply(DescribeConfigsRequest.self, frame) { $0.configs($1, broker) }
        case 35: return reply(DescribeLogDirsRequest.self, frame) { $0.dirs($1, broker, now) }
        case 55: return reply(DescribeQuorumRequest.self, frame) { state, _ in state.quorum() }
        case 60: return reply(DescribeClusterRequest.self, frame) { state, _ in state.fenced() }
        case 46:
            return reply(ListPartitionReassignmentsRequest.self, frame) { state, _ in
                var response = ListPartitionReassignmentsResponse()
                response.error = state.errors[46] ?? .none
                return response
            }
        default: return nil
        }
    }

    private mutating func reply<R: KafkaRequest>(
        _ type: R.Type, _ frame: [UInt8], _ make: (inout Self, R) -> R.Response
    ) -> [UInt8]? {
        var told: (header: RequestHeader, request: R)?
        frame.withUnsafeBytes { told = try? decodeRequest(type, frame: $0) }
        guard let told else { return nil }
        let response = make(&self, told.request)
        return try? encodeResponse(
            type, response, version: told.header.version, correlationID: told.header.correlationID)
    }

    private func versions(_ frame: [UInt8]) -> [UInt8]? {
        var header: RequestHeader?
        frame.withUnsafeBytes { header = try? RequestHeader(peeking: $0) }
        guard let header else { return nil }
        var response = ApiVersionsResponse()
        response.apiKeys = versions.sorted { $0.key < $1.key }.map { key, range in
            var entry = ApiVersionsResponse.ApiVersion()
            entry.apiKey = key
            entry.minVersion = range.lowerBound
            entry.maxVersion = range.upperBound
            return entry
        }
        return try? encodeResponse(
            ApiVersionsRequest.self, response, version: header.version,
            correlationID: header.correlationID)
    }

    private func metadata(_ request: MetadataRequest, _ broker: Int32) -> MetadataResponse {
        var response = MetadataResponse()
        response.throttleTimeMs = brokers[broker]?.throttleMs ?? 0
        response.clusterID = "fake"
        response.controllerID = controller
        for (id, member) in brokers.sorted(by: { $0.key < $1.key }) where member.isListed {
            var entry = MetadataResponse.Broker()
            entry.nodeID = id
            entry.host = "10.0.0.\(id)"
            entry.port = 9092
            response.brokers.append(entry)
        }
        let wanted = request.topics.map { Set($0.compactMap(\.name)) }
        response.topics = topics.filter { wanted?.contains($0.key) ?? true }.map { name, all in
            told(
                name,
                all.enumerated().map { number, one in
                    told(
                        Int32(number), leader: one.leader, epoch: one.epoch,
                        replicas: one.replicas, isr: one.isr,
                        offline: one.replicas.filter { brokers[$0]?.isListed != true })
                })
        }
        return response
    }

    private mutating func offsets(
        _ request: ListOffsetsRequest, _ broker: Int32, _ now: UInt64
    ) -> ListOffsetsResponse {
        var response = ListOffsetsResponse()
        response.throttleTimeMs = brokers[broker]?.throttleMs ?? 0
        for topic in request.topics {
            var entry = ListOffsetsResponse.Topic()
            entry.name = topic.name
            for asked in topic.partitions {
                var partition = ListOffsetsResponse.Partition()
                partition.partitionIndex = asked.partitionIndex
                let number = Int(asked.partitionIndex)
                if let error = errors[2] {
                    partition.error = error
                } else if let one = topics[topic.name]?[number], one.replicas.contains(broker) {
                    if request.replicaID == -1 && one.leader != broker {
                        partition.error = .notLeaderOrFollower
                    } else {
                        partition.offset = asked.timestamp == -2 ? one.start : one.end(now)
                        if request.isolationLevel == 1 { partition.offset -= one.openRecords }
                        let kind = asked.timestamp == -2 ? "start " : ""
                        if request.replicaID == -2 {
                            self.asked[broker, default: []].insert("\(kind)\(topic.name)-\(number)")
                        }
                    }
                } else {
                    partition.error = .unknownTopicOrPartition
                }
                entry.partitions.append(partition)
            }
            response.topics.append(entry)
        }
        return response
    }

    private func list(_ broker: Int32) -> ListGroupsResponse {
        var response = ListGroupsResponse()
        response.error = errors[16] ?? .none
        response.groups = groups.filter { $0.value.coordinator == broker }.map { id, _ in
            var entry = ListGroupsResponse.Group()
            entry.groupID = id
            entry.protocolType = "consumer"
            entry.groupState = "Stable"
            entry.groupType = "Classic"
            return entry
        }
        return response
    }

    private func describe(
        _ request: DescribeGroupsRequest, _ broker: Int32
    ) -> DescribeGroupsResponse {
        var response = DescribeGroupsResponse()
        response.groups = request.groups.map { id in
            var entry = DescribeGroupsResponse.Group()
            entry.groupID = id
            guard groups[id]?.coordinator == broker else {
                entry.error = .notCoordinator
                return entry
            }
            entry.error = errors[15] ?? .none
            entry.groupState = "Stable"
            entry.protocolType = "consumer"
            var member = DescribeGroupsResponse.Member()
            member.memberID = "member-" + id
            entry.members = [member]
            return entry
        }
        return response
    }

    private func committed(_ id: String, _ now: UInt64) -> Int64 {
        guard let group = groups[id] else { return -1 }
        return group.follows ? topics[group.topic]?[0].end(now) ?? -1 : group.committed
    }

    private mutating func fetch(
        _ request: OffsetFetchRequest, _ broker: Int32, _ now: UInt64
    ) -> OffsetFetchResponse {
        var response = OffsetFetchResponse()
        func error(_ id: String) -> KafkaError {
            groups[id]?.coordinator == broker ? errors[9] ?? .none : .notCoordinator
        }
        func topic(_ id: String) -> OffsetFetchResponse.Topic {
            var partition = OffsetFetchResponse.Partition()
            partition.committedOffset = committed(id, now)
            var topic = OffsetFetchResponse.Topic()
            topic.name = groups[id]?.topic ?? ""
            topic.partitions = [partition]
            return topic
        }
        if request.groups.isEmpty {
            groupsAsked.insert(request.groupID)
            response.error = error(request.groupID)
            response.topics = [topic(request.groupID)]
        }
        for asked in request.groups {
            groupsAsked.insert(asked.groupID)
            var entry = OffsetFetchResponse.Group()
            entry.groupID = asked.groupID
            entry.error = error(asked.groupID)
            entry.topics = [topic(asked.groupID)]
            response.groups.append(entry)
        }
        return response
    }

    private mutating func configs(
        _ request: DescribeConfigsRequest, _ broker: Int32
    ) -> DescribeConfigsResponse {
        var response = DescribeConfigsResponse()
        // Each connection asks who answers: no question of a collector.
        if request.resources.first?.configurationKeys == ["broker.id"] {
            seen[[broker, 32], default: 0] -= 1
        }
        response.results = request.resources.map { resource in
            var result = DescribeConfigsResponse.Result()
            result.resourceName = resource.resourceName
            result.error = errors[32] ?? .none
            var config = DescribeConfigsResponse.Config()
            config.name = "min.insync.replicas"
            config.value = minInsyncReplicas
            config.configSource = 1
            result.configs = [config]
            return result
        }
        return response
    }

    private func dirs(
        _ request: DescribeLogDirsRequest, _ broker: Int32, _ now: UInt64
    ) -> DescribeLogDirsResponse {
        var response = DescribeLogDirsResponse()
        if let error = errors[35] {
            response.error = error
            return response
        }
        var entries: [(String, Int32, Int64, Bool)] = []
        for (name, all) in topics.sorted(by: { $0.key < $1.key }) {
            for (number, one) in all.enumerated() where one.replicas.contains(broker) {
                entries.append((name, Int32(number), one.end(now) * 100, false))
            }
        }
        response.results = [dir("/data", entries)]
        return response
    }

    private func quorum() -> DescribeQuorumResponse {
        var response = DescribeQuorumResponse()
        response.error = errors[55] ?? .none
        guard !response.error.isError else { return response }
        var partition = DescribeQuorumResponse.Partition()
        partition.leaderID = controller
        partition.leaderEpoch = 7
        var topic = DescribeQuorumResponse.Topic()
        topic.topicName = "__cluster_metadata"
        topic.partitions = [partition]
        response.topics = [topic]
        return response
    }

    private func fenced() -> DescribeClusterResponse {
        var response = DescribeClusterResponse()
        response.brokers = brokers.sorted { $0.key < $1.key }.map { id, member in
            var entry = DescribeClusterResponse.Broker()
            entry.brokerID = id
            entry.host = "10.0.0.\(id)"
            entry.port = 9092
            entry.isFenced = !member.isListed
            return entry
        }
        return response
    }
}
