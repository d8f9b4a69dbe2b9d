// Groups: lists from every broker, descriptions and offsets from their coordinators.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

extension Observer {
    /// Lists groups when it is time; describes and reads offsets of the groups whose turn it is.
    func askGroups() {
        guard sections.contains(.groups) else { return }
        let now = loop.now
        if isOnce || groupListAt == 0 || now &- groupListAt >= Limits.groupListInterval {
            groupListAt = now
            listGroups()
        } else {
            askGroups(due())
        }
    }

    func askGroupsInView() {
        guard sections.contains(.groups) else { return }
        askGroups(interest.groups)
    }

    /// Asks every listed broker for its own groups; what the silent ones coordinate stays as it is.
    private func listGroups() {
        let brokers = draft.cluster.brokers.filter(\.isListed).map(\.id.value)
        guard !brokers.isEmpty else { return }
        var lists: [Int32: [ListGroupsResponse.Group]] = [:]
        var left = brokers.count
        func ended() {
            left -= 1
            guard left == 0 else { return }
            if !lists.isEmpty { draft.fold(groupLists: lists, now: loop.now) }
            askGroups(due())
        }
        for broker in brokers {
            ask(
                .groups, to: .broker(broker), { _ in ListGroupsRequest() },
                failed: { ended() }
            ) { [weak self] answer in
                guard let self else { return }
                let error = answer.value.error
                if error.isError {
                    note(
                        error, api: "ListGroups", broker: BrokerID(broker), section: .groups,
                        message: "Broker \(broker) did not list its groups: \(error).")
                } else {
                    lists[broker] = answer.value.groups
                }
                ended()
            }
        }
    }

    /// All groups where they are few; else those in view and the next piece of the sweep.
    private func due() -> [String] {
        let groups = draft.cluster.groups
        if isOnce || groups.count <= Limits.groupsPerRound {
            setInterval(.groups, rounds: 1)
            return groups.map(\.id)
        }
        setInterval(.groups, rounds: Double(groups.count) / Double(Limits.groupsPerRound))
        var ids = interest.groups
        let from = groupCursor % groups.count
        let to = min(groups.count, from + Limits.groupsPerRound)
        groupCursor = to >= groups.count ? 0 : to
        ids += groups[from..<to].map(\.id)
        return ids
    }

    /// Describes groups and reads their offsets, in requests of many groups a coordinator. A group
    /// that is still being asked is not asked again.
    private func askGroups(_ ids: [String]) {
        var described: [Int32: [String]] = [:]
        var consumers: [Int32: [String]] = [:]
        var offsets: [Int32: [String]] = [:]
        for id in ids {
            guard let index = draft.groupIndex(id), !groupsBusy.contains(id) else { continue }
            let group = draft.cluster.groups[index]
            let coordinator = group.coordinator.value
            guard let broker = draft.cluster.broker(group.coordinator), broker.isListed else {
                continue
            }
            groupsBusy.insert(id)
            offsets[coordinator, default: []].append(id)
            switch group.type {
            case "consumer": consumers[coordinator, default: []].append(id)
            case "share", "streams": break
            case _ where group.state == "Empty" && group.type != nil:
                draft.cluster.groups[index].members = []
                draft.cluster.groups[index].describedAt = Instant(ns: loop.now)
            default: described[coordinator, default: []].append(id)
            }
        }
        for (broker, all) in described.sorted(by: { $0.key < $1.key }) {
            for ids in pieces(all) { describeClassic(ids, at: broker) }
        }
        for (broker, all) in consumers.sorted(by: { $0.key < $1.key }) {
            for ids in pieces(all) { describeConsumer(ids, at: broker) }
        }
        for (broker, all) in offsets.sorted(by: { $0.key < $1.key }) { fetch(all, at: broker) }
    }

    private func pieces(_ ids: [String], of size: Int = Limits.groupsPerRequest) -> [[String]] {
        stride(from: 0, to: ids.count, by: size).map {
            Array(ids[$0..<min(ids.count, $0 + size)])
        }
    }

    private func describeClassic(_ ids: [String], at broker: Int32) {
        ask(
            .groups, to: .broker(broker), subject: ids.first ?? "",
            { _ in
                var request = DescribeGroupsRequest()
                request.groups = ids
                return request
            }
        ) { [weak self] answer in
            guard let self else { return }
            for group in answer.value.groups {
                draft.fold(described: group, now: loop.now)
                report(group.error, "DescribeGroups", group.groupID, broker)
            }
        }
    }

    private func describeConsumer(_ ids: [String], at broker: Int32) {
        ask(
            .groups, to: .broker(broker), subject: ids.first ?? "",
            { _ in
                var request = ConsumerGroupDescribeRequest()
                request.groupIDs = ids
                return request
            }
        ) { [weak self] answer in
            guard let self else { return }
            for group in answer.value.groups {
                draft.fold(described: group, now: loop.now)
                report(group.error, "ConsumerGroupDescribe", group.groupID, broker)
            }
        }
    }

    /// The version from which OffsetFetch takes many groups; v10 names topics by id and leaves the
    /// offsets of deleted topics out in silence, so v9 is the last we use.
    private static let manyGroups: Int16 = 8
    private static let lastByName: Int16 = 9

    private func fetch(_ ids: [String], at broker: Int32) {
        let most = client.version(of: OffsetFetchRequest.self, broker: broker)
        let size = (most ?? 0) >= Self.manyGroups ? Limits.groupsPerRequest : 1
        for piece in pieces(ids, of: size) {
            let asked = loop.now
            ask(
                .groups, to: .broker(broker), greatestVersion: Self.lastByName,
                subject: piece.first ?? "",
                { version in Self.offsetFetch(piece, version: version) },
                failed: { [weak self] in self?.groupsBusy.subtract(piece) }
            ) { [weak self] answer in
                guard let self else { return }
                groupsBusy.subtract(piece)
                fold(answer, piece, asked: asked, broker: broker)
            }
        }
    }

    private static func offsetFetch(_ ids: [String], version: Int16) -> OffsetFetchRequest {
        var request = OffsetFetchRequest()
        if version >= manyGroups {
            request.groups = ids.map { id in
                var group = OffsetFetchRequest.Group()
                group.groupID = id
                group.topics = nil
                return group
            }
        } else {
            request.groupID = ids.first ?? ""
            // Null, all topics, is known from version 2 on.
            request.topics = version >= 2 ? nil : []
        }
        return request
    }

    private func fold(
        _ answer: Answer<OffsetFetchResponse>, _ ids: [String], asked: UInt64, broker: Int32
    ) {
        let now = loop.now
        guard answer.version >= Self.manyGroups else {
            let id = ids.first ?? ""
            report(answer.value.error, "OffsetFetch", id, broker)
            guard !answer.value.error.isError else { return }
            let told = answer.value.topics.flatMap { topic in
                topic.partitions.map {
                    Draft.Committed(
                        partition: PartitionKey(topic: topic.name, partition: $0.partitionIndex),
                        offset: $0.committedOffset, errorCode: $0.error.code)
                }
            }
            draft.fold(offsets: told, of: id, asked: asked, now: now)
            return
        }
        for group in answer.value.groups {
            report(group.error, "OffsetFetch", group.groupID, broker)
            guard !group.error.isError else { continue }
            let told = group.topics.flatMap { topic in
                topic.partitions.map {
                    Draft.Committed(
                        partition: PartitionKey(topic: topic.name, partition: $0.partitionIndex),
                        offset: $0.committedOffset, errorCode: $0.error.code)
                }
            }
            draft.fold(offsets: told, of: group.groupID, asked: asked, now: now)
        }
    }

    /// A coordinator that has moved is found by listing again; other errors are said.
    private func report(_ error: KafkaError, _ api: String, _ group: String, _ broker: Int32) {
        guard error.isError else {
            draft.settle(api, broker: BrokerID(broker), subject: "group " + group)
            return
        }
        if error == .notCoordinator || error == .coordinatorNotAvailable
            || error == .coordinatorLoadInProgress
        {
            groupListAt = 0
        }
        note(
            error, api: api, broker: BrokerID(broker), section: .groups,
            message: "Group \(group) could not be read from its coordinator, broker \(broker): "
                + "\(error).", subject: "group " + group)
    }
}
