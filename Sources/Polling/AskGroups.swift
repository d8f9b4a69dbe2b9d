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
        let isDue = groupListAt == 0 || now &- groupListAt >= Limits.groupListInterval
        if isOnce || (isDue && !(isLarge && isListingGroups)) {
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

    /// The lists of one round, while they come in.
    private final class Lists {
        var told: [Int32: [ListGroupsResponse.Group]] = [:]
        var left: Int
        var failed = 0
        var timer: TimerID?
        /// Groups that this round has asked about already.
        var asked: Set<String> = []
        let startedAt: UInt64
        init(_ count: Int, startedAt: UInt64) {
            left = count
            self.startedAt = startedAt
        }
    }

    /// Asks every listed broker for its own groups; what the silent ones coordinate stays as it is,
    /// and nobody waits for them.
    private func listGroups() {
        let brokers = draft.cluster.brokers.filter(\.isListed).map(\.id.value)
        guard !brokers.isEmpty else { return }
        let lists = Lists(brokers.count, startedAt: loop.now)
        isListingGroups = true
        for broker in brokers { listGroups(of: broker, into: lists) }
    }

    private func listGroups(of broker: Int32, into lists: Lists) {
        ask(
            .groups, to: .broker(broker), { _ in ListGroupsRequest() },
            failed: { [weak self] in
                lists.failed += 1
                self?.listEnded(lists)
            }
        ) { [weak self] answer in
            guard let self else { return }
            let error = answer.value.error
            if error == .coordinatorLoadInProgress, isOnce, loop.now < lists.startedAt + patience {
                // This coordinator is reading its log: a moment later it knows its groups.
                outstanding += 1
                loop.after(Limits.loadingRetry) { [weak self] in
                    self?.outstanding -= 1
                    self?.listGroups(of: broker, into: lists)
                }
                return
            }
            if error.isError {
                lists.failed += 1
                note(
                    error, api: "ListGroups", broker: BrokerID(broker), section: .groups,
                    message: "Broker \(broker) did not list its groups: \(error).")
            } else {
                lists.told[broker] = answer.value.groups
            }
            listEnded(lists)
        }
    }

    private func listEnded(_ lists: Lists) {
        lists.left -= 1
        if lists.left == 0 {
            isListingGroups = false
            if let timer = lists.timer { loop.cancel(timer) }
            work(on: lists, isLast: true)
        } else if lists.timer == nil {
            lists.timer = loop.after(Limits.groupListGrace) { [weak self] in
                lists.timer = nil
                self?.work(on: lists, isLast: false)
            }
        }
    }

    private func work(on lists: Lists, isLast: Bool) {
        if !lists.told.isEmpty {
            draft.fold(
                groupLists: lists.told, isLast: isLast, isWhole: lists.failed == 0, now: loop.now)
        }
        let isSwept = !isOnce && draft.cluster.groups.count > budget.groupsPerRound
        // A sweep moves on by one piece a round, however many lists come late.
        if isSwept && hasAskedAllGroups && !lists.asked.isEmpty { return }
        let ids = due().filter { lists.asked.insert($0).inserted }
        if isLast { hasAskedAllGroups = true }
        askGroups(ids)
    }

    /// All groups where they are few or were never asked; else those in view and the next piece of
    /// the sweep.
    private func due() -> [String] {
        let groups = draft.cluster.groups
        let most = budget.groupsPerRound * (interest.wantsAllGroups ? budget.haste : 1)
        if isOnce || groups.count <= budget.groupsPerRound {
            setInterval(.groups, ns: refreshNs)
            return groups.map(\.id)
        }
        let rounds = (groups.count + most - 1) / most
        setInterval(.groups, ns: UInt64(rounds) * refreshNs)
        if !hasAskedAllGroups { return groups.map(\.id) }
        let from = groupCursor < groups.count ? groupCursor : 0
        let to = min(groups.count, from + most)
        groupCursor = to == groups.count ? 0 : to
        defer { groupsToRepeat = [] }
        return interest.groups + groupsToRepeat.sorted() + groups[from..<to].map(\.id)
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
            // Share groups have no committed offsets: their coordinator would refuse.
            if group.type == "share" { continue }
            groupsBusy.insert(id)
            offsets[coordinator, default: []].append(id)
            switch group.type {
            case "consumer": consumers[coordinator, default: []].append(id)
            case "streams": break
            case _ where group.state == "Empty" && group.type != nil:
                draft.fold(emptyGroup: id, now: loop.now)
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

    private func pieces(_ ids: [String], of most: Int? = nil) -> [[String]] {
        let size = most ?? budget.groupsPerRequest
        return stride(from: 0, to: ids.count, by: size).map {
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
            for group in answer.value.groups { draft.fold(described: group, now: loop.now) }
            report(
                answer.value.groups.map { ($0.groupID, $0.error) }, api: "DescribeGroups",
                broker: broker, subject: ids.first ?? "")
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
            for group in answer.value.groups { draft.fold(described: group, now: loop.now) }
            report(
                answer.value.groups.map { ($0.groupID, $0.error) }, api: "ConsumerGroupDescribe",
                broker: broker, subject: ids.first ?? "")
        }
    }

    /// The version from which OffsetFetch takes many groups; v10 names topics by id and leaves the
    /// offsets of deleted topics out in silence, so v9 is the last we use.
    private static let manyGroups: Int16 = 8
    private static let lastByName: Int16 = 9

    private func fetch(_ ids: [String], at broker: Int32) {
        let most = client.version(of: OffsetFetchRequest.self, broker: broker)
        let size = (most ?? 0) >= Self.manyGroups ? budget.groupsPerRequest : 1
        for piece in pieces(ids, of: size) {
            let asked = loop.now
            ask(
                .groups, to: .broker(broker), greatestVersion: Self.lastByName,
                subject: piece.first ?? "",
                { version in Self.offsetFetch(piece, version: version) },
                failed: { [weak self] in
                    self?.groupsBusy.subtract(piece)
                    self?.groupsToRepeat.formUnion(piece)
                }
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
        var errors: [(group: String, error: KafkaError)] = []
        func fold(
            _ id: String, _ error: KafkaError, _ told: [Draft.Committed]
        ) {
            errors.append((id, error))
            if !error.isError { draft.fold(offsets: told, of: id, asked: asked, now: now) }
        }
        if answer.version >= Self.manyGroups {
            for group in answer.value.groups {
                let told = group.topics.flatMap { topic in
                    draft.committed(topic.name, topic.partitions) {
                        ($0.partitionIndex, $0.committedOffset, $0.error)
                    }
                }
                fold(group.groupID, group.error, told)
            }
        } else {
            let told = answer.value.topics.flatMap { topic in
                draft.committed(topic.name, topic.partitions) {
                    ($0.partitionIndex, $0.committedOffset, $0.error)
                }
            }
            fold(ids.first ?? "", answer.value.error, told)
        }
        report(errors, api: "OffsetFetch", broker: broker, subject: ids.first ?? "")
    }

    /// A coordinator that has moved is found by listing again, and a group that is gone is no
    /// failure; other errors are said once for all groups of an answer.
    private func report(
        _ groups: [(group: String, error: KafkaError)], api: String, broker: Int32, subject: String
    ) {
        var count = 0
        var worst: (group: String, error: KafkaError)?
        for told in groups where told.error.isError {
            if told.error == .groupIDNotFound || Self.moved.contains(told.error) {
                groupListAt = 0
                if told.error == .groupIDNotFound { continue }
            }
            count += 1
            if worst.map({ told.group < $0.group }) ?? true { worst = told }
        }
        guard let worst else { return }
        let others = count > 1 ? " and \(count - 1) more" : ""
        note(
            worst.error, api: api, broker: BrokerID(broker), section: .groups,
            message: "Group \(worst.group)\(others) could not be read from the coordinator, broker "
                + "\(broker): \(worst.error).",
            subject: subject)
    }

    private static let moved: Set<KafkaError> = [
        .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress,
    ]
}
