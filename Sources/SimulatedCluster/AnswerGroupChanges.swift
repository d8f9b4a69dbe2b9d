// OffsetCommit, OffsetDelete, DeleteGroups, LeaveGroup: groups as an administrator changes them,
// refused as real coordinators refuse it.
import KafkaWire

extension Handler {
    static let offsetCommit = changes { $0.commitOffsets($1, $2) }
    static let offsetDelete = changes { $0.deleteOffsets($1, $2) }
    static let deleteGroups = changes { $0.deleteGroups($1, $2) }
    static let leaveGroup = changes { $0.leaveGroup($1, $2) }
}

extension Machine {
    /// Why this broker does not change the group, or nil.
    func groupRefusal(_ group: String, _ order: Order) -> KafkaError? {
        let isHidden =
            shape.access.hiddenGroupPrefix.map { group.hasPrefix($0) } ?? false
            || self.isHidden(group)
        if isHidden || shape.access.isReadOnly { return .groupAuthorizationFailed }
        if answersError { return .coordinatorLoadInProgress }
        return coordinator(ofGroup: group) == brokers[order.index].id ? nil : .notCoordinator
    }

    func rowToChange(_ topic: String, _ number: Int32) -> (row: Int?, error: KafkaError) {
        let isHidden =
            shape.access.hiddenTopicPrefix.map { topic.hasPrefix($0) } ?? false
            || self.isHidden(topic)
        if isHidden { return (nil, .topicAuthorizationFailed) }
        let row = topicIndex[topic].flatMap { self.row($0, number) }
        return (row, row == nil ? .unknownTopicOrPartition : .none)
    }

    // MARK: Commits

    mutating func commitOffsets(
        _ request: OffsetCommitRequest, _ order: Order
    ) -> OffsetCommitResponse {
        let refusal = groupRefusal(request.groupID, order) ?? strangerRefusal(request)
        var response = OffsetCommitResponse()
        response.topics = request.topics.map { wanted in
            var topic = OffsetCommitResponse.Topic()
            topic.name = wanted.name
            topic.partitions = wanted.partitions.map { commit in
                var entry = OffsetCommitResponse.Partition()
                entry.partitionIndex = commit.partitionIndex
                let (row, error) = rowToChange(wanted.name, commit.partitionIndex)
                entry.error = refusal ?? error
                if let row, !entry.error.isError { pin(request.groupID, row, commit) }
                return entry
            }
            return topic
        }
        return response
    }

    /// A commit of a stranger is taken only by a group without members, or makes one.
    private func strangerRefusal(_ request: OffsetCommitRequest) -> KafkaError? {
        if request.groupID.isEmpty { return .invalidGroupID }
        guard let index = groupIndex[request.groupID] else {
            return request.generationID < 0 ? nil : .unknownMemberID
        }
        if groups[index].type == .share { return .groupIDNotFound }
        let isStranger = request.generationID < 0 && request.memberID.isEmpty
        return isStranger && groups[index].memberCount == 0 ? nil : .unknownMemberID
    }

    private mutating func pin(
        _ group: String, _ row: Int, _ commit: OffsetCommitRequest.Partition
    ) {
        let index = groupIndex[group] ?? addGroup(group)
        groups[index].pinned[Int32(row)] = PinnedCommit(
            offset: max(0, commit.committedOffset), epoch: commit.committedLeaderEpoch,
            metadata: commit.committedMetadata ?? "")
        groups[index].resumedAt = nil
    }

    mutating func deleteOffsets(
        _ request: OffsetDeleteRequest, _ order: Order
    ) -> OffsetDeleteResponse {
        var response = OffsetDeleteResponse()
        if let refusal = groupRefusal(request.groupID, order) {
            response.error = refusal
            return response
        }
        guard let index = groupIndex[request.groupID], groups[index].type != .share else {
            response.error = .groupIDNotFound
            return response
        }
        response.topics = request.topics.map { wanted in
            var topic = OffsetDeleteResponse.Topic()
            topic.name = wanted.name
            let isRead =
                groups[index].memberCount > 0
                && topicIndex[wanted.name].map { groups[index].topics.contains($0) } ?? false
            topic.partitions = wanted.partitions.map { number in
                var entry = OffsetDeleteResponse.Partition()
                entry.partitionIndex = number
                let (row, error) = rowToChange(wanted.name, number)
                entry.error = error.isError ? error : isRead ? .groupSubscribedToTopic : .none
                if let row, !entry.error.isError {
                    groups[index].pinned[Int32(row)] = PinnedCommit(offset: -1)
                }
                return entry
            }
            return topic
        }
        return response
    }

    // MARK: Groups and members

    mutating func deleteGroups(
        _ request: DeleteGroupsRequest, _ order: Order
    ) -> DeleteGroupsResponse {
        var response = DeleteGroupsResponse()
        response.results = request.groups.map { id in
            var result = DeleteGroupsResponse.Result()
            result.groupID = id
            if let refusal = groupRefusal(id, order) {
                result.error = refusal
            } else if let index = groupIndex[id] {
                if groups[index].memberCount > 0 {
                    result.error = .nonEmptyGroup
                } else {
                    removeGroup(index)
                }
            } else {
                result.error = .groupIDNotFound
            }
            return result
        }
        return response
    }

    mutating func leaveGroup(_ request: LeaveGroupRequest, _ order: Order) -> LeaveGroupResponse {
        var response = LeaveGroupResponse()
        if let refusal = groupRefusal(request.groupID, order) {
            response.error = refusal
            return response
        }
        if order.version < 3 {
            response.error = remove(request.memberID, from: request.groupID)
            return response
        }
        response.members = request.members.map { wanted in
            var entry = LeaveGroupResponse.Member()
            entry.memberID = wanted.memberID
            entry.groupInstanceID = wanted.groupInstanceID
            // No member here is static.
            entry.error =
                wanted.groupInstanceID == nil
                ? remove(wanted.memberID, from: request.groupID) : .unknownMemberID
            return entry
        }
        return response
    }

    private mutating func remove(_ member: String, from id: String) -> KafkaError {
        guard let index = groupIndex[id], groups[index].type != .share,
            // Coordinators of 3.9 take no member of the newer protocol out.
            groups[index].type == .classic || shape.release > .v39,
            let number = groups[index].memberNumbers.first(where: {
                groups[index].memberID($0) == member
            })
        else { return .unknownMemberID }
        if groups[index].memberCount == 1 { pinCommits(index) }
        groups[index].removed.insert(number)
        groups[index].memberCount -= 1
        return .none
    }
}
