// What a screen is about, and what it sees of the cluster.

internal import ClusterModel
internal import Drawing
internal import Planning

/// What a screen is about: all of the cluster, or a part of it.
struct Scope: Hashable, Sendable {
    var topic: String?
    var broker: BrokerID?
    var group: String?
    var partition: PartitionKey?
    /// Whose configs: a topic's, a broker's or, as `.cluster`, the default of all brokers.
    var configs: ObjectID?
    /// Other topics that a change of these configs is made on too.
    var others: [String] = []
    /// The name of a rule that holds for its partitions.
    var rule: String?
    /// What is planned.
    var plan: PlanRequest?
}

/// What a table's closures see: the cluster, the time, and what the screen is about, resolved once.
struct Scene: Sendable {
    let view: ClusterView
    /// The view's cluster, here as well so that reading a column retains nothing.
    let cluster: Cluster
    let now: Instant
    let scope: Scope
    /// The room below the trail and above the footer.
    let body: Rect
    /// Indices of the scope's topic, group and partition; nil where the cluster has none.
    let topicIndex: Int?
    let groupIndex: Int?
    let partitionRow: Int?
    /// Seconds to add to monotonic seconds to get the local time of day; nil before the first tick.
    let clockOffset: Double?
    /// Nothing may be changed in this session.
    let isReadOnly: Bool
    /// What was changed on this cluster from here.
    let journal: JournalView
    /// The plan that is carried out from here, or was last.
    let execution: ExecutionView?
    /// The contexts there are.
    let contexts: ContextList

    init(
        view: ClusterView, now: Instant, scope: Scope = Scope(), body: Rect, clockOffset: Double?,
        isReadOnly: Bool = false, journal: JournalView = .unread,
        execution: ExecutionView? = nil, contexts: ContextList = .none
    ) {
        self.execution = execution
        self.contexts = contexts
        self.journal = journal
        self.isReadOnly = isReadOnly
        self.view = view
        cluster = view.cluster
        self.now = now
        self.scope = scope
        self.body = body
        self.clockOffset = clockOffset
        topicIndex = scope.topic.flatMap { view.cluster.topicIndex(named: $0) }
        groupIndex = scope.group.flatMap { view.cluster.groupIndex($0) }
        partitionRow = scope.partition.flatMap { view.cluster.row(of: $0) }
    }

    /// The same scene for another screen.
    func about(_ scope: Scope) -> Scene {
        Scene(
            view: view, now: now, scope: scope, body: body, clockOffset: clockOffset,
            isReadOnly: isReadOnly, journal: journal, execution: execution, contexts: contexts)
    }

    /// Seconds since `moment`, by the newest tick or state; nil for never.
    func age(_ moment: Instant) -> Double? {
        moment.happened ? max(0, now.seconds(since: moment)) : nil
    }

    /// The local time of day at a moment of the wall clock, with days where it was not today.
    func clock(_ moment: WallTime) -> String? {
        let ago = Double(cluster.takenAtWall.ms &- moment.ms) / 1000
        // A moment before the process began has no monotonic time: only its age counts.
        guard let clockOffset, cluster.takenAt.happened else { return nil }
        if ago >= Limits.clockSeconds { return NumberFormat.shortDuration(ago.wholeBelow) + " ago" }
        let seconds = (Double(cluster.takenAt.ns) / 1e9 + clockOffset - ago).wholeBelow
        let day = Int(seconds) % 86_400
        return NumberFormat.clock(secondsOfDay: day < 0 ? day + 86_400 : day)
    }

    /// The local time of day at `moment`; nil before the first tick.
    func clock(_ moment: Instant) -> String? {
        clockOffset.map {
            NumberFormat.clock(secondsOfDay: Int((Double(moment.ns) / 1e9 + $0).wholeBelow))
        }
    }
}
