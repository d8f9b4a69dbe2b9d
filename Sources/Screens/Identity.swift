// What a screen is about, and what it sees of the cluster.

internal import ClusterModel
internal import Drawing

/// The faults that the health strip counts by partition.
enum Fault: String, CaseIterable, Sendable {
    case offline
    case underMinISR = "under min ISR"
    case underReplicated = "under-replicated"
    case wrongLeader = "wrong leader"
    case moving

    /// Whether the partition at `row` has the fault; false where that is unknown.
    func holds(_ cluster: Cluster, _ row: Int) -> Bool {
        let table = cluster.partitions
        switch self {
        case .offline: return table.isOffline(row)
        case .underMinISR: return cluster.isUnderMinISR(row)
        case .underReplicated: return table.isUnderReplicated(row)
        case .wrongLeader: return table.isWrongLeader(row)
        case .moving: return table.isMoving(row)
        }
    }
}

extension Cluster {
    /// Fewer in sync than `min.insync.replicas`; false where the topic's setting is unknown.
    func isUnderMinISR(_ row: Int) -> Bool {
        guard let least = topics[Int(partitions.topic[row])].minInsyncReplicas else { return false }
        let replicas = partitions.replicas(of: row).count
        return partitions.inSyncCount(row) < min(least, max(1, replicas))
    }

    /// How bad the partition's state is: 5 offline, 4 writes refused, 3 under-replicated, 2 not led
    /// by the preferred replica, 1 moving, 0 well.
    func trouble(_ row: Int) -> Int {
        if partitions.isOffline(row) { return 5 }
        if isUnderMinISR(row) { return 4 }
        if partitions.isUnderReplicated(row) { return 3 }
        if partitions.isWrongLeader(row) { return 2 }
        return partitions.isMoving(row) ? 1 : 0
    }
}

/// What a screen is about: all of the cluster, or a part of it.
struct Scope: Hashable, Sendable {
    var topic: String?
    var broker: BrokerID?
    var group: String?
    var partition: PartitionKey?
    var fault: Fault?
}

/// What a table's closures see: the picture, the time, and what the screen is about, resolved once.
struct Scene: Sendable {
    let picture: Picture
    /// The picture's cluster, here as well so that reading a column retains nothing.
    let cluster: Cluster
    let now: Instant
    let scope: Scope
    /// The room below the trail and above the footer.
    let body: Rect
    /// Indices of the scope's topic, group and partition; nil where the picture has none.
    let topicIndex: Int?
    let groupIndex: Int?
    let partitionRow: Int?
    /// Seconds to add to monotonic seconds to get the local time of day; nil before the first tick.
    let clockOffset: Double?

    init(
        picture: Picture, now: Instant, scope: Scope = Scope(), body: Rect, clockOffset: Double?
    ) {
        self.picture = picture
        cluster = picture.cluster
        self.now = now
        self.scope = scope
        self.body = body
        self.clockOffset = clockOffset
        topicIndex = scope.topic.flatMap { picture.cluster.topicIndex(named: $0) }
        groupIndex = scope.group.flatMap { picture.cluster.groupIndex($0) }
        partitionRow = scope.partition.flatMap { picture.cluster.row(of: $0) }
    }

    /// The same scene for another screen.
    func about(_ scope: Scope) -> Scene {
        Scene(picture: picture, now: now, scope: scope, body: body, clockOffset: clockOffset)
    }

    /// Seconds since `moment`, by the newest tick or picture; nil for never.
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
