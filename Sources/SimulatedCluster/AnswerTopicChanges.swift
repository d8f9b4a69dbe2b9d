// CreateTopics, DeleteTopics, CreatePartitions: topics as an administrator changes them, refused as
// real controllers refuse it.
import KafkaConfigs
import KafkaWire

extension Handler {
    static let createTopics = changes { $0.createTopics($1, $2) }
    static let deleteTopics = changes { $0.deleteTopics($1, $2) }
    static let createPartitions = changes { $0.createPartitions($1, $2) }
}

/// Why replicas cannot be placed so, or where they are.
private enum Placed {
    case at([IDList])
    case refused(Verdict)
}

extension Machine {
    /// Why nobody changes topics now, or nil.
    private func refusal(_ name: String, _ order: Order) -> Verdict? {
        let isHidden =
            shape.access.hiddenTopicPrefix.map { name.hasPrefix($0) } ?? false
            || self.isHidden(name)
        if isHidden || shape.access.isReadOnly || shape.access.deniesCluster {
            return Verdict(.topicAuthorizationFailed, "Topic authorization failed.")
        }
        if answersError || isWithoutQuorum {
            return Verdict(.requestTimedOut, "The request timed out.")
        }
        guard speaksForController(order) else {
            return Verdict(.notController, "This is not the correct controller for this cluster.")
        }
        return nil
    }

    // MARK: Create

    mutating func createTopics(
        _ request: CreateTopicsRequest, _ order: Order
    ) -> CreateTopicsResponse {
        var response = CreateTopicsResponse()
        let names = request.topics.map(\.name)
        let all = request.topics.reduce(0) {
            $0 + max(Int($1.numPartitions), $1.assignments.count)
        }
        response.topics = request.topics.map { wanted in
            var entry = CreateTopicsResponse.Topic()
            entry.name = wanted.name
            let verdict =
                names.count { $0 == wanted.name } > 1
                ? Verdict(.invalidRequest, "Duplicate topic name.")
                : all > Limits.changesPerRequest
                    ? Verdict(
                        .policyViolation, "Excessively large number of partitions per request.")
                    : create(wanted, order, validatesOnly: request.validateOnly, &entry)
            entry.error = verdict.error
            entry.errorMessage = verdict.message
            return entry
        }
        return response
    }

    private mutating func create(
        _ wanted: CreateTopicsRequest.Topic, _ order: Order, validatesOnly: Bool,
        _ entry: inout CreateTopicsResponse.Topic
    ) -> Verdict {
        if let refusal = refusal(wanted.name, order) { return refusal }
        guard RequestContext.isTopicName(wanted.name) else {
            return Verdict(
                .invalidTopic,
                "Topic name is invalid: '\(wanted.name)' contains one or more characters other "
                    + "than ASCII alphanumerics, '.', '_' and '-'")
        }
        guard topicIndex[wanted.name] == nil else {
            return Verdict(.topicAlreadyExists, "Topic '\(wanted.name)' already exists.")
        }
        for config in wanted.configs {
            guard let known = ConfigCatalogue.of(shape.release.kafka).topic(config.name) else {
                return Verdict(.invalidConfig, "Unknown topic config name: \(config.name)")
            }
            if let fault = known.fault(in: config.value ?? "") {
                return Verdict(.invalidConfig, fault)
            }
        }
        switch place(wanted) {
        case .refused(let verdict): return verdict
        case .at(let lists):
            entry.numPartitions = Int32(lists.count)
            entry.replicationFactor = Int16(lists.first?.count ?? 0)
            entry.configs = []
            guard !validatesOnly else { return Verdict() }
            addTopic(
                wanted.name, lists,
                wanted.configs.map { ConfigEntry($0.name, $0.value ?? "") })
            if let index = topicIndex[wanted.name] { entry.topicID = topics[index].id }
            return Verdict()
        }
    }

    private mutating func place(_ wanted: CreateTopicsRequest.Topic) -> Placed {
        guard wanted.assignments.isEmpty else {
            guard wanted.numPartitions == -1, wanted.replicationFactor == -1 else {
                return .refused(
                    Verdict(
                        .invalidRequest,
                        "A manual partition assignment was specified, but numPartitions was not "
                            + "set to -1."))
            }
            let ordered = wanted.assignments.sorted { $0.partitionIndex < $1.partitionIndex }
            guard ordered.enumerated().allSatisfy({ $0.offset == Int($0.element.partitionIndex) })
            else {
                return .refused(
                    Verdict(
                        .invalidReplicaAssignment,
                        "Partitions should be a consecutive 0-based integer sequence"))
            }
            return checked(ordered.map(\.brokerIDs))
        }
        let count = wanted.numPartitions == -1 ? 1 : Int(wanted.numPartitions)
        guard count > 0 else {
            return .refused(
                Verdict(
                    .invalidPartitions,
                    "Number of partitions was set to an invalid non-positive value."))
        }
        let factor = wanted.replicationFactor == -1 ? 1 : Int(wanted.replicationFactor)
        return spread(count, factor)
    }

    /// A placement by hand: every broker must be there, and each partition have as many.
    private func checked(_ lists: [IDList]) -> Placed {
        for list in lists {
            if list.isEmpty || Set(list).count != list.count {
                return .refused(
                    Verdict(
                        .invalidReplicaAssignment,
                        "The manual partition assignment includes the broker \(list.first ?? -1) "
                            + "more than once."))
            }
            if let missing = list.first(where: { id in
                brokerIndex(id).map { !brokers[$0].isRegistered } ?? true
            }) {
                return .refused(
                    Verdict(
                        .invalidReplicaAssignment,
                        "The manual partition assignment includes broker \(missing), but no such "
                            + "broker is registered."))
            }
            if list.count != lists[0].count {
                return .refused(
                    Verdict(
                        .invalidReplicaAssignment,
                        "The manual partition assignment includes a partition with \(list.count) "
                            + "replica(s), but this is not consistent with previous partitions, "
                            + "which have \(lists[0].count) replica(s)."))
            }
        }
        return .at(lists)
    }

    /// The controller's own placement.
    private mutating func spread(_ count: Int, _ factor: Int) -> Placed {
        let live = brokers.filter(\.isRegistered).map(\.id)
        guard factor > 0 else {
            return .refused(
                Verdict(
                    .invalidReplicationFactor,
                    "Replication factor was set to an invalid non-positive value."))
        }
        guard factor <= live.count else {
            return .refused(
                Verdict(
                    .invalidReplicationFactor,
                    isZooKeeper
                        ? "Replication factor: \(factor) larger than available brokers: "
                            + "\(live.count)."
                        : "Unable to replicate the partition \(factor) time(s): The target "
                            + "replication factor of \(factor) cannot be reached because only "
                            + "\(live.count) broker(s) are registered."))
        }
        let start = Int(random.next() % UInt64(live.count))
        return .at(
            (0..<count).map { number in
                IDList((0..<factor).map { live[(start + number + $0) % live.count] })
            })
    }

    // MARK: Delete

    mutating func deleteTopics(
        _ request: DeleteTopicsRequest, _ order: Order
    ) -> DeleteTopicsResponse {
        var response = DeleteTopicsResponse()
        let wanted: [(name: String?, id: KafkaUUID)] =
            order.version >= 6
            ? request.topics.map { ($0.name, $0.topicID) }
            : request.topicNames.map { ($0, .zero) }
        response.responses = wanted.map { name, id in
            var entry = DeleteTopicsResponse.Result()
            let index = name.map { topicIndex[$0] } ?? topicOfID[id]
            entry.name = name ?? index.map { topics[$0].name } ?? (order.version >= 6 ? nil : "")
            if order.version >= 6 { entry.topicID = index.map { topics[$0].id } ?? id }
            let verdict =
                refusal(entry.name ?? "", order)
                ?? (index == nil
                    ? Verdict(
                        name == nil ? .unknownTopicID : .unknownTopicOrPartition,
                        "This server does not host this topic-partition.") : Verdict())
            entry.error = verdict.error
            if order.version >= 5 { entry.errorMessage = verdict.message }
            if let index, !verdict.error.isError { removeTopic(index) }
            return entry
        }
        return response
    }

    // MARK: Widen

    mutating func createPartitions(
        _ request: CreatePartitionsRequest, _ order: Order
    ) -> CreatePartitionsResponse {
        var response = CreatePartitionsResponse()
        let names = request.topics.map(\.name)
        response.results = request.topics.map { wanted in
            var entry = CreatePartitionsResponse.Result()
            entry.name = wanted.name
            let verdict =
                names.count { $0 == wanted.name } > 1
                ? Verdict(.invalidRequest, "Duplicate topic in request.")
                : widen(wanted, order, validatesOnly: request.validateOnly)
            entry.error = verdict.error
            entry.errorMessage = verdict.message
            return entry
        }
        return response
    }

    private mutating func widen(
        _ wanted: CreatePartitionsRequest.Topic, _ order: Order, validatesOnly: Bool
    ) -> Verdict {
        if let refusal = refusal(wanted.name, order) { return refusal }
        guard let index = topicIndex[wanted.name] else {
            return Verdict(
                .unknownTopicOrPartition, "This server does not host this topic-partition.")
        }
        let present = topics[index].partitionCount
        let more = Int(wanted.count) - present
        guard more > 0 else {
            return Verdict(
                .invalidPartitions,
                "The topic \(wanted.name) currently has \(present) partition(s); "
                    + "\(wanted.count) would not be an increase.")
        }
        if isZooKeeper, topics[index].partitions.contains(where: { moves[Int32($0)] != nil }) {
            return Verdict(
                .reassignmentInProgress,
                "A partition reassignment is in progress for the topic '\(wanted.name)'.")
        }
        guard more <= Limits.changesPerRequest else {
            return Verdict(
                .policyViolation, "Excessively large number of partitions per request.")
        }
        let placed: Placed
        if let assignments = wanted.assignments {
            guard assignments.count == more else {
                return Verdict(
                    .invalidReplicaAssignment,
                    "Attempted to add \(more) additional partition(s), but only "
                        + "\(assignments.count) assignment(s) were specified.")
            }
            placed = checked(assignments.map(\.brokerIDs))
        } else {
            placed = spread(more, topics[index].replicationFactor)
        }
        switch placed {
        case .refused(let verdict): return verdict
        case .at(let lists):
            // Rows of one topic have as many replicas each.
            guard lists.allSatisfy({ $0.count == topics[index].replicationFactor }) else {
                return Verdict(
                    .invalidReplicaAssignment,
                    "The manual partition assignment includes a partition with "
                        + "\(lists[0].count) replica(s), but this is not consistent with previous "
                        + "partitions, which have \(topics[index].replicationFactor) replica(s).")
            }
            if !validatesOnly { widen(index, lists) }
            return Verdict()
        }
    }
}
