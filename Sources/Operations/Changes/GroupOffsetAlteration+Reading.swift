// What a change of committed offsets means now: the commits, where the logs begin and end, and what
// the lag becomes.
package import ClusterModel
package import KafkaClient
package import Planning

extension GroupOffsetAlteration {
    /// Names of the values of a request: one of the wishes.
    package enum Asked: String, CaseIterable, Sendable {
        case earliest, latest, offset, shift, time, group, delete
    }

    /// The commits of the group among the subjects; topics and partitions narrow them. One value
    /// says where to.
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        var group: String?
        for case .group(let id) in request.subjects { group = id }
        var change = GroupOffsetAlteration(group ?? "", [], .earliest)
        change.scope = request.subjects.filter { subject in
            if case .group = subject { false } else { true }
        }
        let wish = request.values.first.flatMap { value in
            Asked(rawValue: value.key).flatMap {
                Self.wish($0, value.value ?? "", nowMs: cluster.takenAtWall.ms)
            }
        }
        change.wish = wish ?? .exact
        var proposal = Proposal(change)
        if wish == nil {
            let value = request.values.first
            proposal.refusal = "\(value?.key ?? "") \(value?.value ?? "") is no place to reset to"
        }
        return proposal
    }

    /// Nil where the text does not say where to.
    package static func wish(_ asked: Asked, _ text: String, nowMs: Int64) -> Wish? {
        switch asked {
        case .earliest: .earliest
        case .latest: .latest
        case .offset: Int64(text).flatMap { $0 >= 0 ? .offset($0) : nil }
        case .shift: Int64(text).map { .shift($0) }
        case .time: Moment.milliseconds(text, nowMs: nowMs).map { .time($0) }
        case .group: text.isEmpty ? nil : .group(text)
        case .delete: .delete
        }
    }

    // MARK: Reading

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        var topics: Set<String> = []
        for subject in scope { if case .topic(let name) = subject { topics.insert(name) } }
        client.readPartitions(ofTopics: topics.sorted()) { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let known):
                client.readGroup(group) { result in
                    switch result {
                    case .failure(let error): completion(.failure(error))
                    case .success(let reading):
                        readOther(client, known, reading, completion)
                    }
                }
            }
        }
    }

    /// The other group, where its commits are the target.
    private func readOther(
        _ client: KafkaClient, _ known: PartitionReading, _ reading: GroupReading,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        guard case .group(let other) = wish else {
            return readLogs(client, known, reading, nil, completion)
        }
        client.readGroup(other) { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let target): readLogs(client, known, reading, target, completion)
            }
        }
    }

    /// The partitions that are meant, ascending.
    private func partitions(
        _ known: PartitionReading, _ reading: GroupReading, _ target: GroupReading?
    ) -> [PartitionName] {
        let all: [PartitionName]
        if wish == .exact {
            all = items.map { PartitionName($0.partition) }
        } else if scope.isEmpty {
            all = Array(Set(reading.commits.keys).union(target?.commits.keys.map { $0 } ?? []))
        } else {
            var named: Set<PartitionName> = []
            for subject in scope {
                switch subject {
                case .topic(let name):
                    named.formUnion(known.states.keys.filter { $0.topic == name })
                    // Of a deleted topic nothing is left but the commits.
                    named.formUnion(reading.commits.keys.filter { $0.topic == name })
                case .partition(let key): named.insert(PartitionName(key))
                default: break
                }
            }
            all = Array(named)
        }
        return all.sorted { ($0.topic, $0.number) < ($1.topic, $1.number) }
    }

    private func readLogs(
        _ client: KafkaClient, _ known: PartitionReading, _ reading: GroupReading,
        _ target: GroupReading?,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        let partitions = partitions(known, reading, target)
        client.readPartitions(ofTopics: Set(partitions.map(\.topic)).sorted()) { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let led):
                func log(
                    _ place: LogPlace, _ next: @escaping ([PartitionName: LogOffset]) -> Void
                ) {
                    client.readLogs(
                        of: partitions, at: place, leaders: led.states, completion: next)
                }
                func end(_ times: [PartitionName: LogOffset]?) {
                    log(.start) { starts in
                        log(.end) { ends in
                            var facts = GroupFacts.facts(group, reading)
                            let topics = Set(partitions.map(\.topic)).sorted()
                            facts += GroupFacts.readers(of: topics, group, reading)
                            facts += GroupFacts.known(topics, group, reading)
                            for partition in partitions {
                                facts += self.facts(
                                    partition, reading, target, starts[partition],
                                    ends[partition], times?[partition])
                            }
                            completion(
                                .success(FactReading(clusterID: known.clusterID, facts: facts)))
                        }
                    }
                }
                if case .time(let ms) = wish { log(.time(ms)) { end($0) } } else { end(nil) }
            }
        }
    }

    private func facts(
        _ partition: PartitionName, _ reading: GroupReading, _ target: GroupReading?,
        _ start: LogOffset?, _ end: LogOffset?, _ time: LogOffset?
    ) -> [Fact] {
        let subject = "\(partition.resource) of group \(group)"
        var fault: String?
        func offset(_ told: LogOffset?) -> String? {
            switch told {
            case .known(let offset): return offset.map { "\($0)" }
            case .unknown(let why):
                fault = fault ?? why
                return nil
            case nil: return nil
            }
        }
        let place = target.map { $0.commits[partition]?.text } ?? offset(time)
        var facts = [
            Fact(subject, GroupFacts.committed, reading.commits[partition]?.text),
            Fact(subject, GroupFacts.start, offset(start)),
            Fact(subject, GroupFacts.end, offset(end)),
            Fact(subject, GroupFacts.target, place),
        ]
        if let fault { facts.append(Fact(subject, GroupFacts.fault, fault)) }
        return facts
    }

    // MARK: What is meant

    package func rebased(on facts: [Fact]) -> GroupOffsetAlteration {
        let now = FactTable(facts)
        var next = self
        next.members =
            now.value(GroupFacts.subject(group), GroupFacts.members, else: members)
            ?? GroupFacts.nobody
        let told = GroupFacts(group, facts)
        next.told = told ?? self.told
        if let told { next.isShare = told.type == "share" }
        if wish != .exact, told != nil {
            next.resolve(facts, now)
            next.keepHalfTopics(now)
            return next
        }
        next.items = items.map { item in
            let subject = subject(item.partition)
            var item = item
            item.before = now.value(subject, GroupFacts.committed, else: item.before?.text)
                .flatMap { CommittedOffset(text: $0) }
            item.start = now.value(subject, GroupFacts.start, else: item.start.map { "\($0)" })
                .flatMap { Int64($0) }
            item.end = now.value(subject, GroupFacts.end, else: item.end.map { "\($0)" })
                .flatMap { Int64($0) }
            return item
        }
        if told != nil { next.keepHalfTopics(now) }
        return next
    }

    /// A share group knows of a topic's partitions or of none: where only some are to go they stay.
    private mutating func keepHalfTopics(_ now: FactTable) {
        guard isShare else { return }
        var left: [String: Int] = [:]
        for item in items where item.after == nil && item.before != nil {
            left[item.partition.topic, default: 0] += 1
        }
        let own = GroupFacts.subject(group)
        let halves = left.filter { topic, count in
            now.value(own, GroupFacts.known(topic), else: nil) != "\(count)"
        }
        guard !halves.isEmpty else { return }
        let kept = items.filter { $0.after == nil && halves[$0.partition.topic] != nil }
        let why = "a share group's offsets of a topic are deleted as a whole: name no partitions"
        let skips = kept.map { Proposal.Skip(subject($0.partition), why) }
        skipped += skips
        items.removeAll { $0.after == nil && halves[$0.partition.topic] != nil }
    }

    /// Makes exact items of the wish.
    private mutating func resolve(_ facts: [Fact], _ now: FactTable) {
        items = []
        skipped = []
        clamped = []
        readers = [:]
        let own = GroupFacts.subject(group)
        let asked = GroupFacts.readers("")
        for fact in facts where fact.subject == own && fact.property.hasPrefix(asked) {
            readers[String(fact.property.dropFirst(asked.count))] = fact.value
        }
        let suffix = " of group \(group)"
        for fact in facts
        where fact.property == GroupFacts.committed && fact.subject.hasSuffix(suffix) {
            guard let key = PartitionKey(parsing: String(fact.subject.dropLast(suffix.count)))
            else { continue }
            var item = Item(
                key, from: fact.value.flatMap { CommittedOffset(text: $0) }, to: nil)
            func value(_ property: String) -> String? {
                now.value(fact.subject, property, else: nil)
            }
            item.start = value(GroupFacts.start).flatMap { Int64($0) }
            item.end = value(GroupFacts.end).flatMap { Int64($0) }
            do throws(NoTarget) {
                item.after = try target(
                    item, value(GroupFacts.target), fault: value(GroupFacts.fault))
            } catch {
                skipped.append(.init(subject(key), error.reason))
                continue
            }
            let isSame =
                wish == .delete
                ? item.before == nil : item.before?.offset == item.after?.offset
            if !isSame { items.append(item) }
        }
    }

    /// Why a partition has no offset to go to.
    private struct NoTarget: Error { var reason: String }

    private mutating func target(
        _ item: Item, _ read: String?, fault: String?
    ) throws(NoTarget) -> CommittedOffset? {
        if wish == .delete {
            guard item.before != nil, let readers = readers[item.partition.topic] else {
                return nil
            }
            throw NoTarget(
                reason: "group \(group) is active on its topic: its members are \(readers); "
                    + "stop them first")
        }
        if case .group(let other) = wish {
            guard let commit = read.flatMap({ CommittedOffset(text: $0) }) else {
                throw NoTarget(reason: "group \(other) has committed nothing for it")
            }
            // The metadata is the other's own.
            return CommittedOffset(commit.offset, leaderEpoch: commit.leaderEpoch)
        }
        guard let start = item.start, let end = item.end else {
            throw NoTarget(reason: "its log cannot be read: \(fault ?? "no offset was told")")
        }
        switch wish {
        case .earliest: return CommittedOffset(start)
        case .latest: return CommittedOffset(end)
        case .time:
            if let fault { throw NoTarget(reason: "its log cannot be read: \(fault)") }
            // No record is so young.
            return CommittedOffset(read.flatMap { Int64($0) } ?? end)
        case .offset(let offset): return within(offset, start, end, item.partition)
        case .shift(let count):
            guard let before = item.before else {
                throw NoTarget(reason: "nothing is committed, so that there is no place to go from")
            }
            let (sum, isOver) = before.offset.addingReportingOverflow(count)
            let wanted = isOver ? (count < 0 ? 0 : Int64.max) : sum
            return within(wanted, start, end, item.partition)
        case .exact, .group, .delete: return item.after
        }
    }

    private mutating func within(
        _ wanted: Int64, _ start: Int64, _ end: Int64, _ partition: PartitionKey
    ) -> CommittedOffset {
        let offset = min(max(wanted, start), max(start, end))
        if offset != wanted {
            clamped.append(
                "\(partition): \(wanted) is outside the log, which has \(start) to \(end): "
                    + "\(offset) is set")
        }
        return CommittedOffset(offset)
    }

    // MARK: The proposal

    package func complete(_ proposal: inout Proposal) {
        func lag(_ commit: CommittedOffset?, _ item: Item) -> Int64? {
            guard let commit, let end = item.end else { return nil }
            return max(0, end - commit.offset)
        }
        func words(_ commit: CommittedOffset?, _ item: Item) -> String? {
            commit.map { _ in lag(commit, item).map { "\($0)" } ?? "unknown" }
        }
        proposal.preview = items.map { item in
            ValueChange(
                resource: subject(item.partition), property: "lag",
                before: words(item.before, item), after: words(item.after, item))
        }
        func sum(_ commit: (Item) -> CommittedOffset?) -> Int {
            Int(items.reduce(Int64(0)) { $0 &+ (lag(commit($1), $1) ?? 0) })
        }
        proposal.counts = [
            .init("partitions", items.count),
            .init("topics", Set(items.map(\.partition.topic)).count),
            .init("lag before", sum(\.before)), .init("lag after", sum(\.after)),
        ]
        proposal.skipped = skipped
        proposal.warnings = warnings
        guard let told else { return }
        proposal.refusal = refusal(told)
        if proposal.refusal == nil, items.isEmpty {
            proposal.isSettled = skipped.isEmpty
            proposal.refusal =
                skipped.isEmpty
                ? told.isListed || !scope.isEmpty
                    ? "nothing would change" : "the cluster has no group \(group)"
                : "none of the partitions asked about can be changed: \(skipped[0].reason)"
            if !told.isListed, scope.isEmpty { proposal.isSettled = false }
        }
    }

    private var warnings: [String] {
        var warnings = Array(clamped.prefix(Limits.namedLosses))
        var again: Int64 = 0
        var unread: Int64 = 0
        for item in items {
            guard let before = item.before, let after = item.after else { continue }
            let (step, isOver) = after.offset.subtractingReportingOverflow(before.offset)
            guard !isOver else { continue }
            if step < 0 { again &+= -step } else { unread &+= step }
        }
        if again > 0 { warnings.append("records that are read once more: \(again)") }
        if unread > 0 { warnings.append("records that the group never reads: \(unread)") }
        let lost = items.count { $0.after == nil }
        if lost > 0 {
            warnings.append(
                "without a commit a consumer begins where its auto.offset.reset says: "
                    + "\(counted(lost, "partition"))")
        }
        if told?.isListed == false, items.contains(where: { $0.after != nil }) {
            warnings.append("the cluster has no group \(group): it is made with these offsets")
        }
        return warnings
    }

    private func refusal(_ told: GroupFacts) -> String? {
        if wish == .delete, !isShare { return nil }
        return told.activity(group, members)
    }
}
