// ShareGroupDescribe and DescribeShareGroupOffsets: groups whose members share partitions.
import KafkaWire

extension Handler {
    static let describeShareGroups = reads(RequestContext.describeShareGroups)
    static let describeShareOffsets = reads(RequestContext.describeShareOffsets)
    static let alterShareOffsets = changes { $0.alterShareOffsets($1, $2) }
    static let deleteShareOffsets = changes { $0.deleteShareOffsets($1, $2) }
}

extension RequestContext {
    func describeShareGroups(_ request: ShareGroupDescribeRequest) -> ShareGroupDescribeResponse {
        var response = ShareGroupDescribeResponse()
        response.groups = request.groupIDs.map { id in
            var entry = ShareGroupDescribeResponse.Group()
            entry.groupID = id
            let (found, error, message) = group(id, .share)
            guard let group = found else {
                (entry.error, entry.errorMessage) = (error, message)
                return entry
            }
            entry.groupState = group.memberCount == 0 ? "Empty" : "Stable"
            entry.groupEpoch = 5
            entry.assignmentEpoch = 5
            entry.assignorName = group.assignor
            entry.members = members(group).map { member in
                var described = ShareGroupDescribeResponse.Member()
                described.memberID = member.id
                described.memberEpoch = 5
                described.clientID = member.clientID
                described.clientHost = member.host
                described.subscribedTopicNames = group.topics.map { machine.topics[$0].name }
                described.assignment = assignment(member)
                return described
            }
            if request.includeAuthorizedOperations { entry.authorizedOperations = groupOperations }
            return entry
        }
        return response
    }

    func describeShareOffsets(
        _ request: DescribeShareGroupOffsetsRequest
    ) -> DescribeShareGroupOffsetsResponse {
        var response = DescribeShareGroupOffsetsResponse()
        response.groups = request.groups.map { asked in
            var entry = DescribeShareGroupOffsetsResponse.Group()
            entry.groupID = asked.groupID
            if let refusal = refusal(asked.groupID) {
                entry.error = refusal
                return entry
            }
            let group = machine.groupIndex[asked.groupID].map { machine.groups[$0] }
            // A group that nobody knows has no offsets, which is no error.
            guard let group else { return entry }
            guard group.type == .share else {
                entry.error = .groupIDNotFound
                entry.errorMessage = "Group \(asked.groupID) is not a share group."
                return entry
            }
            let topics =
                asked.topics.map { list in
                    list.map { (machine.topicIndex[$0.topicName], $0.topicName, $0.partitions) }
                }
                ?? topics(group).map { index -> (Int?, String, IDList) in
                    let topic = machine.topics[index]
                    return (index, topic.name, IDList((0..<Int32(topic.partitionCount))))
                }
            entry.topics = topics.map { known, name, numbers in
                var topic = DescribeShareGroupOffsetsResponse.Topic()
                topic.topicName = name
                topic.topicID = known.map { machine.topics[$0].id } ?? .zero
                topic.partitions = numbers.map { shareOffset(group, known, $0) }
                return topic
            }
            return entry
        }
        return response
    }

    /// Those that it reads or was set to read, without those that were deleted from it.
    private func topics(_ group: SimulatedGroup) -> [Int] {
        let pinned = Set(group.pinned.keys.map { Int(machine.topicOf[Int($0)]) })
        return Set(group.topics).union(pinned).sorted().filter { index in
            machine.topics[index].partitions.contains { machine.commit(group, $0, t) != nil }
        }
    }

    private func shareOffset(
        _ group: SimulatedGroup, _ known: Int?, _ number: Int32
    ) -> DescribeShareGroupOffsetsResponse.Partition {
        var entry = DescribeShareGroupOffsetsResponse.Partition()
        entry.partitionIndex = number
        entry.startOffset = -1
        guard let known, let row = machine.row(known, number) else { return entry }
        let flown = machine.topic(of: row).wave.flown(t)
        guard let stored = machine.commit(group, row, t) else { return entry }
        entry.startOffset = stored.offset
        entry.leaderEpoch = stored.epoch
        if version >= 1 {
            entry.lag = machine.highWatermark(row, t, topicFlown: flown) - stored.offset
        }
        return entry
    }
}

extension Machine {
    /// Why the offsets of a share group cannot be changed now, or nil.
    private func shareFault(_ id: String, _ order: Order) -> (KafkaError, String?)? {
        if let refusal = groupRefusal(id, order) { return (refusal, nil) }
        guard let index = groupIndex[id] else {
            return (.groupIDNotFound, "Group \(id) not found.")
        }
        guard groups[index].type == .share else {
            return (.groupIDNotFound, "Group \(id) is not a share group.")
        }
        return groups[index].memberCount > 0 ? (.nonEmptyGroup, nil) : nil
    }

    mutating func alterShareOffsets(
        _ request: AlterShareGroupOffsetsRequest, _ order: Order
    ) -> AlterShareGroupOffsetsResponse {
        var response = AlterShareGroupOffsetsResponse()
        if let fault = shareFault(request.groupID, order) {
            (response.error, response.errorMessage) = fault
            return response
        }
        response.responses = request.topics.map { wanted in
            var topic = AlterShareGroupOffsetsResponse.Topic()
            topic.topicName = wanted.topicName
            topic.topicID = topicIndex[wanted.topicName].map { topics[$0].id } ?? .zero
            topic.partitions = wanted.partitions.map { place in
                var entry = AlterShareGroupOffsetsResponse.Partition()
                entry.partitionIndex = place.partitionIndex
                let (row, error) = rowToChange(wanted.topicName, place.partitionIndex)
                entry.error = error
                if let row, !error.isError, let index = groupIndex[request.groupID] {
                    groups[index].pinned[Int32(row)] = PinnedCommit(offset: place.startOffset)
                }
                return entry
            }
            return topic
        }
        return response
    }

    mutating func deleteShareOffsets(
        _ request: DeleteShareGroupOffsetsRequest, _ order: Order
    ) -> DeleteShareGroupOffsetsResponse {
        var response = DeleteShareGroupOffsetsResponse()
        if let fault = shareFault(request.groupID, order) {
            (response.error, response.errorMessage) = fault
            return response
        }
        response.responses = request.topics.map { wanted in
            var topic = DeleteShareGroupOffsetsResponse.Topic()
            topic.topicName = wanted.topicName
            let (_, error) = rowToChange(wanted.topicName, 0)
            topic.error = error
            guard !error.isError, let known = topicIndex[wanted.topicName],
                let index = groupIndex[request.groupID]
            else { return topic }
            topic.topicID = topics[known].id
            for row in topics[known].partitions {
                groups[index].pinned[Int32(row)] = PinnedCommit(offset: -1)
            }
            return topic
        }
        return response
    }
}
