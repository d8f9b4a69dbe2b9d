// FindCoordinator, ListGroups, DescribeGroups, ConsumerGroupDescribe, OffsetFetch: groups of both
// kinds, asked of the broker that coordinates them.
import KafkaWire
import Simulation

extension Handler {
    static let findCoordinator = reads(RequestContext.findCoordinator)
    static let listGroups = reads(RequestContext.listGroups)
    static let describeGroups = reads(RequestContext.describeGroups)
    static let describeConsumerGroups = reads(RequestContext.describeConsumerGroups)
    static let offsetFetch = reads(RequestContext.offsetFetch)
}

extension RequestContext {
    /// What brokers say where they have nothing of their own to say.
    static let malformed =
        "This most likely occurs because of a request being malformed by the client library or "
        + "the message was sent to an incompatible broker. See the broker logs for more details."

    /// Why this broker cannot speak for a group, or nil.
    func refusal(_ group: String) -> KafkaError? {
        if isHidden(group: group) { return .groupAuthorizationFailed }
        if machine.answersError { return .coordinatorLoadInProgress }
        return machine.coordinator(ofGroup: group) == brokerID ? nil : .notCoordinator
    }

    /// The group of this type that the request names, or why it is not described.
    func group(
        _ id: String, _ type: SimulatedGroup.GroupType
    ) -> (known: SimulatedGroup?, error: KafkaError, message: String?) {
        if let refusal = refusal(id) { return (nil, refusal, nil) }
        guard let index = machine.groupIndex[id] else {
            return (nil, .groupIDNotFound, "Group \(id) not found.")
        }
        let group = machine.groups[index]
        if group.type == type { return (group, .none, nil) }
        return (nil, .groupIDNotFound, "Group \(id) is not a \(type.rawValue) group.")
    }

    // MARK: FindCoordinator

    func findCoordinator(_ request: FindCoordinatorRequest) -> FindCoordinatorResponse {
        var response = FindCoordinatorResponse()
        func find(_ key: String) -> FindCoordinatorResponse.Coordinator {
            var entry = FindCoordinatorResponse.Coordinator()
            entry.key = key
            entry.nodeID = -1
            entry.port = -1
            // Transactions (1) and share groups (2) have coordinators of their own, which nobody
            // here has used.
            guard (0...(version >= 6 ? 2 : 1)).contains(request.keyType) else {
                entry.error = .invalidRequest
                entry.errorMessage = Self.malformed
                return entry
            }
            let id = request.keyType == 0 ? machine.coordinator(ofGroup: key) : -1
            if request.keyType == 0, isHidden(group: key) {
                entry.error = .groupAuthorizationFailed
                entry.errorMessage = "Not authorized to access group: \(key)"
            } else if let found = machine.brokerIndex(id) {
                entry.nodeID = id
                entry.host = machine.brokers[found].host
                entry.port = machine.brokers[found].port
                entry.errorMessage = version >= 4 ? "" : "NONE"
            } else {
                entry.error = .coordinatorNotAvailable
                entry.errorMessage = "The coordinator is not available."
            }
            return entry
        }
        if version >= 4 {
            response.coordinators = request.coordinatorKeys.map(find)
            return response
        }
        let found = find(request.key)
        response.error = found.error
        response.errorMessage = found.errorMessage
        response.nodeID = found.nodeID
        response.host = found.host
        response.port = found.port
        return response
    }

    // MARK: ListGroups

    func listGroups(_ request: ListGroupsRequest) -> ListGroupsResponse {
        var response = ListGroupsResponse()
        guard !machine.answersError else {
            response.error = .coordinatorLoadInProgress
            return response
        }
        let topic = machine.topics[machine.offsetsTopic]
        for slot in 0..<shape.offsetsPartitions
        where machine.leader[topic.firstPartition + slot] == brokerID {
            for index in machine.groupsOfSlot[slot] {
                let group = machine.groups[index]
                if isHidden(group: group.id) { continue }
                var entry = ListGroupsResponse.Group()
                entry.groupID = group.id
                entry.protocolType = group.type.protocolType
                entry.groupState = state(group)
                entry.groupType = group.type.rawValue
                guard Self.passes(entry.groupState, request.statesFilter),
                    Self.passes(entry.groupType, request.typesFilter)
                else { continue }
                response.groups.append(entry)
            }
        }
        return response
    }

    /// Kafka's filters look at neither case nor order; an empty one lets all through.
    private static func passes(_ text: String, _ filter: [String]) -> Bool {
        filter.isEmpty || filter.contains { $0.lowercased() == text.lowercased() }
    }

    func state(_ group: SimulatedGroup) -> String {
        if group.memberCount == 0 { return "Empty" }
        guard group.isRebalancing(t) else { return "Stable" }
        return switch group.type {
        case .classic: "PreparingRebalance"
        case .consumer, .streams: "Reconciling"
        case .share: "Stable"
        }
    }

    // MARK: Members

    struct Member {
        var id: String
        var clientID: String
        var host: String
        var assignment: [(topic: Int, partitions: IDList)]
    }

    /// Each topic's partitions are dealt out to the members in turn.
    func members(_ group: SimulatedGroup) -> [Member] {
        group.memberNumbers.enumerated().map { place, number in
            let tag = group.memberTag(number)
            var member = Member(
                id: group.memberID(number), clientID: group.clientID(number),
                host: "/10.20.\(tag >> 8 & 255).\(tag & 255)", assignment: [])
            for topic in group.topics {
                var list = IDList()
                var partition = place
                while partition < machine.topics[topic].partitionCount {
                    list.append(Int32(partition))
                    partition += group.memberCount
                }
                if !list.isEmpty { member.assignment.append((topic, list)) }
            }
            return member
        }
    }

    func describeGroups(_ request: DescribeGroupsRequest) -> DescribeGroupsResponse {
        var response = DescribeGroupsResponse()
        response.groups = request.groups.map { id in
            var entry = DescribeGroupsResponse.Group()
            entry.groupID = id
            if version >= 3, shape.release == .v24 { entry.authorizedOperations = 0 }
            let (found, error, message) = group(id, .classic)
            guard let group = found else {
                guard error == .groupIDNotFound else {
                    entry.error = error
                    return entry
                }
                entry.groupState = "Dead"
                if (3...5).contains(version), request.includeAuthorizedOperations {
                    entry.authorizedOperations = groupOperations
                }
                if version >= 6 { (entry.error, entry.errorMessage) = (error, message) }
                return entry
            }
            entry.groupState = state(group)
            entry.protocolType = "consumer"
            // During a rebalance nobody has anything yet, and no assignor is chosen.
            let isStable = entry.groupState == "Stable"
            entry.protocolData = isStable ? group.assignor : ""
            entry.members = members(group).map { described($0, isStable: isStable) }
            if version >= 3, request.includeAuthorizedOperations {
                entry.authorizedOperations = groupOperations
            }
            return entry
        }
        return response
    }

    private func described(_ member: Member, isStable: Bool) -> DescribeGroupsResponse.Member {
        var entry = DescribeGroupsResponse.Member()
        entry.memberID = member.id
        entry.clientID = member.clientID
        entry.clientHost = member.host
        guard isStable else { return entry }
        entry.memberMetadata = Self.subscription(
            member.assignment.map {
                machine.topics[$0.topic].name
            })
        var assignment = ConsumerAssignment()
        assignment.assignedPartitions = member.assignment.map { part in
            var topic = ConsumerAssignment.TopicPartition()
            topic.topic = machine.topics[part.topic].name
            topic.partitions = part.partitions
            return topic
        }
        entry.memberAssignment = (try? assignment.encoded()) ?? []
        return entry
    }

    /// What a consumer tells of itself when it joins: version 1, its topics, no user data and no
    /// partitions of its own.
    private static func subscription(_ topics: [String]) -> [UInt8] {
        func number(_ value: Int32) -> [UInt8] {
            withUnsafeBytes(of: value.bigEndian) { Array($0) }
        }
        var bytes: [UInt8] = [0, 1] + number(Int32(topics.count))
        for topic in topics { bytes += number(Int32(topic.utf8.count)).suffix(2) + topic.utf8 }
        return bytes + number(-1) + number(0)
    }

    func describeConsumerGroups(
        _ request: ConsumerGroupDescribeRequest
    ) -> ConsumerGroupDescribeResponse {
        var response = ConsumerGroupDescribeResponse()
        response.groups = request.groupIDs.map { id in
            var entry = ConsumerGroupDescribeResponse.Group()
            entry.groupID = id
            let (found, error, message) = group(id, .consumer)
            guard let group = found else {
                let isOld = shape.release == .v39
                let isAbsent = error == .groupIDNotFound
                entry.error =
                    isAbsent && isOld && machine.isZooKeeper ? .unsupportedVersion : error
                entry.errorMessage = isOld ? nil : message
                return entry
            }
            entry.groupState = state(group)
            entry.groupEpoch = 12
            entry.assignmentEpoch = 12
            entry.assignorName = group.assignor
            entry.members = members(group).map(described)
            if request.includeAuthorizedOperations { entry.authorizedOperations = groupOperations }
            return entry
        }
        return response
    }

    private func described(_ member: Member) -> ConsumerGroupDescribeResponse.Member {
        var entry = ConsumerGroupDescribeResponse.Member()
        entry.memberID = member.id
        entry.memberEpoch = 12
        entry.clientID = member.clientID
        entry.clientHost = member.host
        entry.subscribedTopicNames = member.assignment.map { machine.topics[$0.topic].name }
        entry.subscribedTopicRegex = ""
        entry.assignment = assignment(member)
        entry.targetAssignment = entry.assignment
        if version >= 1 { entry.memberType = 1 }
        return entry
    }

    func assignment(_ member: Member) -> ConsumerGroupDescribeResponse.Assignment {
        var assignment = ConsumerGroupDescribeResponse.Assignment()
        assignment.topicPartitions = member.assignment.map { part in
            var topic = ConsumerGroupDescribeResponse.TopicPartitions()
            topic.topicID = machine.topics[part.topic].id
            topic.topicName = machine.topics[part.topic].name
            topic.partitions = part.partitions
            return topic
        }
        return assignment
    }

    // MARK: OffsetFetch

    func offsetFetch(_ request: OffsetFetchRequest) -> OffsetFetchResponse {
        var response = OffsetFetchResponse()
        if version >= 8 {
            response.groups = request.groups.map(offsets)
            return response
        }
        if let refusal = refusal(request.groupID) {
            if version >= 2 { response.error = refusal }
            return response
        }
        response.topics = committed(request.groupID, request.topics)
        return response
    }

    private func offsets(_ asked: OffsetFetchRequest.Group) -> OffsetFetchResponse.Group {
        var group = OffsetFetchResponse.Group()
        group.groupID = asked.groupID
        if let refusal = refusal(asked.groupID) {
            group.error = refusal
            return group
        }
        group.topics = committed(asked.groupID, asked.topics)
        return group
    }
}
