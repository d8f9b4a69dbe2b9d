// Verbs that change groups in plain values: committed offsets, members, the group itself. All are
// asked of the group's coordinator, once.
internal import KafkaWire

extension KafkaClient {
    /// Sets committed offsets as an administrator: taken only while the group has no members. A
    /// group that is not there is made.
    package func commitOffsets(
        _ commits: [(partition: PartitionName, commit: CommittedOffset)], of group: String,
        completion: @escaping (Result<[PartitionOutcome], ClientError>) -> Void
    ) {
        var request = OffsetCommitRequest()
        request.groupID = group
        let values = Dictionary(
            commits.map { ($0.partition, $0.commit) }, uniquingKeysWith: { _, last in last })
        request.topics = Self.byTopic(commits.map(\.partition)) { topic, own in
            var entry = OffsetCommitRequest.Topic()
            entry.name = topic
            entry.partitions = own.map { partition in
                var commit = OffsetCommitRequest.Partition()
                commit.partitionIndex = partition.number
                commit.committedOffset = values[partition]?.offset ?? 0
                commit.committedLeaderEpoch = values[partition]?.leaderEpoch ?? -1
                commit.committedMetadata = values[partition]?.metadata ?? ""
                return commit
            }
            return entry
        }
        atCoordinator(of: group, request, completion) { response in
            let told = response.topics.flatMap { topic in
                topic.partitions.map { entry in
                    (PartitionName(topic: topic.name, number: entry.partitionIndex), entry.error)
                }
            }
            return Self.outcomes(told, whole: .none, commits.map(\.partition))
        }
    }

    /// Makes committed offsets absent; of a group with members only those of topics that none of
    /// them subscribes to (Kafka 2.4 and later).
    package func deleteOffsets(
        of partitions: [PartitionName], of group: String,
        completion: @escaping (Result<[PartitionOutcome], ClientError>) -> Void
    ) {
        var request = OffsetDeleteRequest()
        request.groupID = group
        request.topics = Self.byTopic(partitions) { topic, own in
            var entry = OffsetDeleteRequest.Topic()
            entry.name = topic
            entry.partitions = IDList(own.map(\.number))
            return entry
        }
        atCoordinator(of: group, request, completion) { response in
            let told = response.topics.flatMap { topic in
                topic.partitions.map { entry in
                    (PartitionName(topic: topic.name, number: entry.partitionIndex), entry.error)
                }
            }
            return Self.outcomes(told, whole: response.error, partitions)
        }
    }

    /// Sets where a share group without members begins to read (Kafka 4.1 and later).
    package func setShareOffsets(
        _ offsets: [(partition: PartitionName, offset: Int64)], of group: String,
        completion: @escaping (Result<[PartitionOutcome], ClientError>) -> Void
    ) {
        var request = AlterShareGroupOffsetsRequest()
        request.groupID = group
        let values = Dictionary(
            offsets.map { ($0.partition, $0.offset) }, uniquingKeysWith: { _, last in last })
        request.topics = Self.byTopic(offsets.map(\.partition)) { topic, own in
            var entry = AlterShareGroupOffsetsRequest.Topic()
            entry.topicName = topic
            entry.partitions = own.map { partition in
                var wanted = AlterShareGroupOffsetsRequest.Partition()
                wanted.partitionIndex = partition.number
                wanted.startOffset = values[partition] ?? 0
                return wanted
            }
            return entry
        }
        atCoordinator(of: group, request, completion) { response in
            let told = response.responses.flatMap { topic in
                topic.partitions.map { entry in
                    (
                        PartitionName(topic: topic.topicName, number: entry.partitionIndex),
                        entry.error, entry.errorMessage
                    )
                }
            }
            return Self.outcomes(
                told, whole: (response.error, response.errorMessage), offsets.map(\.partition))
        }
    }

    /// Makes a share group without members know nothing of topics (Kafka 4.1 and later).
    /// - Parameter partitions: all that it knows of these topics.
    package func deleteShareOffsets(
        of partitions: [PartitionName], of group: String,
        completion: @escaping (Result<[PartitionOutcome], ClientError>) -> Void
    ) {
        var request = DeleteShareGroupOffsetsRequest()
        request.groupID = group
        request.topics = Set(partitions.map(\.topic)).sorted().map { topic in
            var entry = DeleteShareGroupOffsetsRequest.Topic()
            entry.topicName = topic
            return entry
        }
        atCoordinator(of: group, request, completion) { response in
            let byTopic = Dictionary(
                response.responses.map { ($0.topicName, $0) }, uniquingKeysWith: { _, last in last }
            )
            let told = partitions.compactMap { name in
                byTopic[name.topic].map { (name, $0.error, $0.errorMessage) }
            }
            return Self.outcomes(
                told, whole: (response.error, response.errorMessage), partitions)
        }
    }

    private static func outcomes(
        _ told: [(PartitionName, KafkaError, String?)], whole: (KafkaError, String?),
        _ partitions: [PartitionName]
    ) -> [PartitionOutcome] {
        var outcomes = outcomes(told.map { ($0.0, $0.1) }, whole: whole.0, partitions)
        let messages = Dictionary(
            told.map { ($0.0, $0.2) }, uniquingKeysWith: { _, last in last })
        for index in outcomes.indices where outcomes[index].error != nil {
            let own = whole.0.isError ? whole.1 : messages[outcomes[index].partition] ?? nil
            if let own, !own.isEmpty { outcomes[index].message = own }
        }
        return outcomes
    }

    /// Deletes a group that has no members, with all that it has committed; Kafka's name of the
    /// error, or nil.
    package func deleteGroup(
        _ group: String, completion: @escaping (Result<String?, ClientError>) -> Void
    ) {
        var request = DeleteGroupsRequest()
        request.groups = [group]
        atCoordinator(of: group, request, completion) { response in
            let told = response.results.first { $0.groupID == group }
            guard let told else { return "\(KafkaError.unknownServerError)" }
            return told.error.isError ? "\(told.error)" : nil
        }
    }

    /// Takes members out of a group (Kafka 2.4 and later); one outcome for each, in their order.
    /// - Parameter reason: for the broker's log.
    package func removeMembers(
        _ members: [(id: String, instanceID: String?)], of group: String, reason: String,
        completion: @escaping (Result<[String?], ClientError>) -> Void
    ) {
        var request = LeaveGroupRequest()
        request.groupID = group
        request.members = members.map { member in
            var entry = LeaveGroupRequest.Member()
            // A static member is named by its instance alone.
            entry.memberID = member.instanceID == nil ? member.id : ""
            entry.groupInstanceID = member.instanceID
            entry.reason = reason
            return entry
        }
        atCoordinator(of: group, leastVersion: 3, request, completion) { response in
            members.map { member in
                let told = response.members.first { entry in
                    member.instanceID == nil
                        ? entry.memberID == member.id : entry.groupInstanceID == member.instanceID
                }
                let error =
                    response.error.isError
                    ? response.error : told?.error ?? .unknownServerError
                return error.isError ? "\(error)" : nil
            }
        }
    }

    /// Sends a change to the broker that coordinates the group.
    private func atCoordinator<R: KafkaRequest, Outcome>(
        of group: String, leastVersion: Int16? = nil, _ request: R,
        _ completion: @escaping (Result<Outcome, ClientError>) -> Void,
        _ fold: @escaping (R.Response) -> Outcome
    ) {
        findCoordinator(of: group) { [weak self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let broker):
                self?.send(
                    to: .broker(broker), lane: .slow, leastVersion: leastVersion,
                    building: { _ in request }
                ) { result in completion(result.map { fold($0.value) }) }
            }
        }
    }

    private static func outcomes(
        _ told: [(PartitionName, KafkaError)], whole: KafkaError, _ partitions: [PartitionName]
    ) -> [PartitionOutcome] {
        let answers = Dictionary(told, uniquingKeysWith: { _, last in last })
        return partitions.map { partition in
            let error = whole.isError ? whole : answers[partition] ?? .unknownServerError
            let isMissing = !whole.isError && answers[partition] == nil
            return PartitionOutcome(
                partition: partition, error: error.isError ? "\(error)" : nil,
                message: isMissing ? "the answer does not name this partition" : nil)
        }
    }
}
