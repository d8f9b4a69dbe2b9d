// Groups: lists from every broker, descriptions and offsets from their coordinators.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Lists groups when it is time; describes and reads offsets of the groups whose turn it is.
final class GroupCollector: Collector {
    private unowned let observer: Observer
    private var listClock = Clock()
    /// Lists are still coming in.
    private var isListing = false
    private var cursor = 0
    /// Groups whose offsets are being read.
    private var busy: Set<String> = []
    /// Groups whose offsets were read since commits were judged last.
    private var toJudge: Set<String> = []
    /// Groups whose coordinator did not answer when it was their turn.
    private var toRepeat: Set<String> = []
    /// Every group was asked once: from now on large numbers of them are swept.
    private var hasAskedAll = false
    private var pace = GroupPace()

    init(_ observer: Observer) { self.observer = observer }

    func round(_ due: Due) {
        let now = observer.loop.now
        let isDue = listClock.isDue(
            due, every: pace.listInterval(groupCount, observer.budget), at: now)
        if isDue, due == .once || !isListing {
            listClock.start(at: now)
            listGroups(due)
        } else {
            ask(nextGroups(due))
        }
    }

    func lookAt(_ interest: Interest) { ask(interest.groups, isAll: true) }

    // MARK: Lists

    /// The lists of one round, while they come in.
    private final class Lists {
        let due: Due
        let startedAt: UInt64
        var received: [Int32: [ListGroupsResponse.Group]] = [:]
        var left: Int
        var failed = 0
        var timer: TimerID?
        /// Groups that this round has asked about already.
        var asked: Set<String> = []

        init(_ count: Int, _ due: Due, startedAt: UInt64) {
            left = count
            self.due = due
            self.startedAt = startedAt
        }
    }

    /// Asks every listed broker for its own groups; what the silent ones coordinate stays as it is,
    /// and nobody waits for them.
    private func listGroups(_ due: Due) {
        let listed = observer.working.cluster.brokers.filter(\.isListed).map(\.id)
        let brokers = listed.filter {
            !observer.isRefused(QuestionKey(api: ListGroupsRequest.name, broker: $0))
        }
        guard !brokers.isEmpty else { return ask(nextGroups(due)) }
        let lists = Lists(brokers.count, due, startedAt: observer.loop.now)
        lists.failed = listed.count - brokers.count
        isListing = true
        for broker in brokers { listGroups(of: broker.value, into: lists) }
    }

    private func listGroups(of broker: Int32, into lists: Lists) {
        var question = Question(.groups, to: .broker(broker))
        question.isLeading = true
        observer.ask(
            question, { _ in ListGroupsRequest() },
            failed: { [weak self] in
                lists.failed += 1
                self?.listEnded(lists)
            }
        ) { [weak self, question] answer in
            guard let self else { return }
            let error = answer.value.error
            let end = lists.startedAt + observer.patience
            if error == .coordinatorLoadInProgress, lists.due == .once, observer.loop.now < end {
                // This coordinator is reading its log: a moment later it knows its groups.
                observer.account.outstanding += 1
                observer.loop.after(Limits.loadingRetry) { [weak self] in
                    self?.observer.account.outstanding -= 1
                    self?.listGroups(of: broker, into: lists)
                }
                return
            }
            if error.isError {
                lists.failed += 1
                observer.note(
                    error, in: answer, to: question, api: ListGroupsRequest.name,
                    message: "Broker \(broker) did not list its groups: \(error.reason).")
            } else {
                lists.received[broker] = answer.value.groups
                pace.listBytes.note(answer.sizeBytes, of: answer.value.groups.count)
            }
            listEnded(lists)
        }
    }

    private func listEnded(_ lists: Lists) {
        lists.left -= 1
        if lists.left == 0 {
            isListing = false
            if let timer = lists.timer { observer.loop.cancel(timer) }
            work(on: lists, isLast: true)
        } else if lists.timer == nil {
            lists.timer = observer.loop.after(Limits.groupListGrace) { [weak self] in
                lists.timer = nil
                self?.work(on: lists, isLast: false)
            }
        }
    }

    private func work(on lists: Lists, isLast: Bool) {
        if !lists.received.isEmpty {
            observer.working.fold(
                groupLists: lists.received, isLast: isLast, isWhole: lists.failed == 0,
                now: observer.loop.now)
        }
        let isSwept =
            lists.due == .live
            && observer.working.cluster.groups.count > observer.budget.groupsPerRound
        // A sweep moves on by one piece a round, however many lists come late.
        if isSwept && hasAskedAll && !lists.asked.isEmpty { return }
        let ids = nextGroups(lists.due).filter { lists.asked.insert($0).inserted }
        if isLast { hasAskedAll = true }
        ask(ids)
    }

    /// All groups where they are few or were never asked; else those in view and the next piece of
    /// the sweep.
    private func nextGroups(_ due: Due) -> [String] {
        let groups = observer.working.cluster.groups
        pace.turn &+= 1
        let budget = observer.budget
        let most = budget.groupsPerRound * (observer.interest.wantsAllGroups ? budget.haste : 1)
        if due == .once || groups.count <= budget.groupsPerRound {
            pace.roundNs = observer.refreshNs
            observer.setInterval(.groups, ns: pace.interval(isSparing))
            return groups.map(\.id)
        }
        let rounds = (groups.count + most - 1) / most
        pace.roundNs = UInt64(rounds) * observer.refreshNs
        observer.setInterval(.groups, ns: pace.interval(isSparing))
        if !hasAskedAll { return groups.map(\.id) }
        let from = cursor < groups.count ? cursor : 0
        let to = min(groups.count, from + most)
        cursor = to == groups.count ? 0 : to
        defer { toRepeat = [] }
        return observer.interest.groups + toRepeat.sorted() + groups[from..<to].map(\.id)
    }

    // MARK: Descriptions and offsets

    private var groupCount: Int { observer.working.cluster.groups.count }

    /// Whether asking all groups in each of their turns would cost too much.
    private var isSparing: Bool {
        !observer.isOnce && pace.isSparing(groupCount, observer.budget)
    }

    /// What is asked about groups, by coordinator.
    private struct Questions {
        var described: [Int32: [String]] = [:]
        var consumers: [Int32: [String]] = [:]
        var offsets: [Int32: [String]] = [:]
        /// What their lists say is all there is to know of these.
        var empty: [String] = []
    }

    /// Describes groups and reads their offsets, in requests of many groups a coordinator: of all
    /// that are named, or of those whose turn it is.
    private func ask(_ ids: [String], isAll: Bool = false) {
        let questions = questions(
            ids, observer.working.cluster,
            always: isAll || !isSparing ? nil : toRepeat)
        for id in questions.empty {
            observer.working.fold(emptyGroup: id, now: observer.loop.now)
        }
        for (broker, all) in questions.described.sorted(by: { $0.key < $1.key }) {
            for ids in pieces(all) { describeClassic(ids, at: broker) }
        }
        for (broker, all) in questions.consumers.sorted(by: { $0.key < $1.key }) {
            for ids in pieces(all) { describeConsumer(ids, at: broker) }
        }
        for (broker, all) in questions.offsets.sorted(by: { $0.key < $1.key }) {
            fetch(all, at: broker)
        }
    }

    /// A group that is still being asked is not asked again, nor is one that was refused. `always`:
    /// those that are asked whatever their turn; nil: all are.
    private func questions(
        _ ids: [String], _ cluster: Cluster, always: Set<String>?
    ) -> Questions {
        var questions = Questions()
        let inView = always == nil ? [] : Set(observer.interest.groups)
        for id in ids {
            guard let index = cluster.groupIndex(id), !busy.contains(id) else { continue }
            let group = cluster.groups[index]
            let coordinator = group.coordinator.value
            guard let broker = cluster.brokerIndex(group.coordinator),
                cluster.brokers[broker].isListed
            else { continue }
            // Share groups have no committed offsets: their coordinator would refuse.
            if group.type == "share" { continue }
            let times = observer.working.groupTimes[id] ?? WorkingCluster.GroupTimes()
            let isAlways = always?.contains(id) ?? true
            func isTurn(still movedAt: UInt64) -> Bool {
                isAlways
                    || pace.isTurn(
                        group, still: movedAt, isInView: inView.contains(id),
                        observer.loop.now)
            }
            if isTurn(still: times.commitsMovedAt),
                !isRefused(OffsetFetchRequest.name, id, coordinator)
            {
                busy.insert(id)
                questions.offsets[coordinator, default: []].append(id)
            }
            guard isTurn(still: times.membersMovedAt) else { continue }
            switch group.type {
            case "consumer":
                if !isRefused(ConsumerGroupDescribeRequest.name, id, coordinator) {
                    questions.consumers[coordinator, default: []].append(id)
                }
            case "streams": break
            case _ where group.state == "Empty" && group.type != nil: questions.empty.append(id)
            default:
                if !isRefused(DescribeGroupsRequest.name, id, coordinator) {
                    questions.described[coordinator, default: []].append(id)
                }
            }
        }
        return questions
    }

    private func isRefused(_ api: String, _ id: String, _ broker: Int32) -> Bool {
        observer.isRefused(QuestionKey(api: api, broker: BrokerID(broker), subject: id))
    }

    private func pieces(_ ids: [String], of most: Int? = nil) -> [[String]] {
        let size = most ?? observer.budget.groupsPerRequest
        return stride(from: 0, to: ids.count, by: size).map { Array(ids[$0...].prefix(size)) }
    }

    private func describeClassic(_ ids: [String], at broker: Int32) {
        var request = DescribeGroupsRequest()
        request.groups = ids
        describe(request, ids, at: broker) { response, working, now in
            response.groups.map { group in
                working.fold(described: group, now: now)
                return (group.groupID, group.error)
            }
        }
    }

    private func describeConsumer(_ ids: [String], at broker: Int32) {
        var request = ConsumerGroupDescribeRequest()
        request.groupIDs = ids
        describe(request, ids, at: broker) { response, working, now in
            response.groups.map { group in
                working.fold(described: group, now: now)
                return (group.groupID, group.error)
            }
        }
    }

    /// Asks a coordinator for groups; `fold` takes them in and says how each of them was answered.
    private func describe<R: KafkaRequest>(
        _ request: R, _ ids: [String], at broker: Int32,
        fold: @escaping (R.Response, inout WorkingCluster, UInt64) -> [(String, KafkaError)]
    ) {
        var question = Question(.groups, to: .broker(broker), subject: ids.first ?? "")
        question.isAlone = true
        observer.ask(question, { _ in request }) { [weak self, question] answer in
            guard let self else { return }
            pace.memberBytes.note(answer.sizeBytes, of: ids.count)
            let answered = fold(answer.value, &observer.working, observer.loop.now)
            report(
                answered.map { (group: $0.0, error: $0.1) }, to: question, api: R.name)
        }
    }

    private func fetch(_ ids: [String], at broker: Int32) {
        let most = observer.client.version(of: OffsetFetchRequest.self, broker: broker)
        let size = (most ?? 0) >= OffsetFetches.manyGroups ? observer.budget.groupsPerRequest : 1
        for piece in pieces(ids, of: size) {
            var question = Question(.groups, to: .broker(broker), subject: piece.first ?? "")
            question.greatestVersion = OffsetFetches.lastByName
            let isAsked = observer.ask(
                question, { version in OffsetFetches.request(piece, version: version) },
                failed: { [weak self] in
                    self?.busy.subtract(piece)
                    self?.toRepeat.formUnion(piece)
                    self?.judgeCommits()
                }
            ) { [weak self, question] answer in
                guard let self else { return }
                busy.subtract(piece)
                fold(answer, piece, question)
            }
            if !isAsked { busy.subtract(piece) }
        }
    }

    private func fold(
        _ answer: Answer<OffsetFetchResponse>, _ ids: [String], _ question: Question
    ) {
        let now = observer.loop.now
        // Without what every exchange takes: on the side of the question, since `now` is an age.
        let asked = answer.receivedAtNs - observer.span(of: answer)
        pace.offsetBytes.note(answer.sizeBytes, of: ids.count)
        let groups = OffsetFetches.committed(answer, ids, observer.working)
        for group in groups where !group.error.isError {
            observer.working.fold(offsets: group.offsets, of: group.group, asked: asked, now: now)
        }
        report(groups.map { ($0.group, $0.error) }, to: question, api: OffsetFetchRequest.name)
        toJudge.formUnion(ids)
        judgeCommits()
    }

    /// Once no offsets are under way, the ends of logs are read again that some group has gone
    /// beyond: one small question a leader, however many groups there are.
    private func judgeCommits() {
        guard busy.isEmpty, !toJudge.isEmpty else { return }
        let ids = toJudge.sorted()
        toJudge = []
        let rows = observer.working.suspectCommits(
            of: ids, isOnce: observer.isOnce, now: observer.loop.now)
        observer.offsets.lookAgain(at: rows) { [weak self] ends in
            self?.observer.working.judgeCommits(of: ids, by: ends)
        }
    }

    /// A coordinator that has moved is found by listing again, and a group that is gone is no
    /// failure; other errors are said once for all groups of an answer.
    private func report(
        _ groups: [(group: String, error: KafkaError)], to question: Question, api: String
    ) {
        var failed: [(group: String, error: KafkaError)] = []
        var refused: [(group: String, error: KafkaError)] = []
        for answer in groups {
            let error = answer.error
            observer.answered(answer.group, of: question, api: api)
            if error == .groupIDNotFound || Self.moved.contains(error) { listClock.reset() }
            guard error.isError, error != .groupIDNotFound else { continue }
            if error.isRefusal { refused.append(answer) } else { failed.append(answer) }
        }
        func share(_ groups: [(group: String, error: KafkaError)]) -> FailedShare {
            let broker = question.target.brokerID.map { ", broker \($0)" } ?? ""
            let reason = groups.first?.error.reason ?? ""
            return FailedShare(
                groups.count, "group", example: (groups.first?.group).map(shownName),
                after: " could not be read from the coordinator\(broker): \(reason).")
        }
        failed.sort { $0.group < $1.group }
        refused.sort { $0.group < $1.group }
        if let first = failed.first {
            observer.note(
                first.error, api: api, broker: question.target.brokerID, section: .groups,
                share: share(failed), subject: question.subject)
        }
        if let first = refused.first {
            observer.note(
                first.error, of: refused.map(\.group), in: question, api: api,
                share: share(refused))
        }
    }

    private static let moved: Set<KafkaError> = [
        .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress,
    ]
}
