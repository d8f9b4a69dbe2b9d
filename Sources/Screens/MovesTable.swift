// The table of the Moves screen: one line for each replica that is on its way, and why it is slow.

internal import ClusterModel
internal import Drawing
internal import Health

/// Why a new replica has not caught up yet, as far as the cluster tells.
struct MoveCause: Sendable {
    let isStraggling: Bool
    /// Words without a full stop.
    private let text: String

    /// - Parameter row: of the table of replicas.
    init(_ row: Int, _ scene: Scene) {
        let cluster = scene.cluster
        let table = cluster.partitions
        let partition = table.row(ofReplica: row)
        let replica = cluster.replica(row)
        let leader = BrokerID(table.leader[partition])
        let speed = table.lagPerSecond(row, of: partition)
        if cluster.broker(replica.broker)?.isIll == true {
            (isStraggling, text) = (true, "broker \(replica.broker) does not answer")
        } else if !leader.exists {
            (isStraggling, text) = (true, "nobody leads it: there is nothing to copy from")
        } else if cluster.broker(leader)?.isIll == true {
            (isStraggling, text) = (true, "its leader, broker \(leader), does not answer")
        } else if let full = Self.volume(replica, cluster), full > 0.97 {
            (isStraggling, text) = (
                true, "the volume it goes to is \(NumberFormat.percent(full)) full"
            )
        } else if replica.isStale {
            (isStraggling, text) = (false, "not known just now")
        } else if (replica.lag ?? 0) > 0, speed >= 0 {
            let isHeld = Self.isThrottled(partition, cluster)
            (isStraggling, text) = (
                true,
                isHeld
                    ? "its throttle lets through less than is written to it: raise it"
                    : "the link from broker \(leader) or its disk brings less than is written to it"
            )
        } else {
            isStraggling = false
            text =
                replica.isRemoving && !replica.isAdding
                ? "is taken away" : Self.isThrottled(partition, cluster) ? "throttled" : "copying"
        }
    }

    private static func volume(_ replica: ReplicaView, _ cluster: Cluster) -> Double? {
        guard let dir = replica.dir else { return nil }
        return cluster.logDirs(of: replica.broker).first { $0.path == dir }?.usedFraction
    }

    private static func isThrottled(_ partition: Int, _ cluster: Cluster) -> Bool {
        cluster.overrides(topic: Int(cluster.partitions.topic[partition]))?.contains {
            LeftThrottles.configs.contains($0.name) && $0.value?.isEmpty == false
        } ?? false
    }

    func runs(sentence: Bool) -> [Run] {
        [
            Run(
                sentence ? capitalised(text) + "." : text,
                isStraggling ? .warning : sentence ? .text : .dim)
        ]
    }
}

enum MovesTable {
    /// New replicas, and of partitions without any the one that goes.
    @Sendable static func rows(_ scene: Scene) -> [Int32] {
        let (cluster, table) = (scene.cluster, scene.cluster.partitions)
        guard let mark = partitionMark(ofRule: MovingPartitions.entry.name) else { return [] }
        let marks = cluster.partitionMarks
        var rows: [Int32] = []
        for row in 0..<min(table.count, marks.count) where marks[row] & mark != 0 {
            let replicas = table.replicas(of: row)
            let added = replicas.filter { table.replicaFlags[$0].contains(.adding) }
            let going = replicas.first { table.replicaFlags[$0].contains(.removing) }
            rows += (added.isEmpty ? going.map { [$0] } ?? [] : added).map {
                Int32(truncatingIfNeeded: $0)
            }
        }
        return rows
    }

    private static func partition(_ scene: Scene, _ row: Int) -> Int {
        scene.cluster.partitions.row(ofReplica: row)
    }

    /// Bytes that are there, and those of the leader; -1 unknown.
    private static func sizes(_ scene: Scene, _ row: Int) -> (done: Int64, whole: Int64) {
        let table = scene.cluster.partitions
        let leader = table.leaderReplica(partition(scene, row))
        return (table.replicaSize[row], leader.map { table.replicaSize[$0] } ?? -1)
    }

    private static func share(_ scene: Scene, _ row: Int) -> Double? {
        let (done, whole) = sizes(scene, row)
        return done >= 0 && whole > 0 ? min(1, Double(done) / Double(whole)) : nil
    }

    static let columns: [Column] = [
        Column(
            "name", "partition", least: 20, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, width in
                partitionRuns(scene.cluster.key(ofRow: partition(scene, row)), width)
            }),
        Column(
            "to", "from › to", least: 11, ideal: 16, align: .left, priority: 1,
            value: { Float($0.cluster.partitions.replicaBroker[$1]) },
            text: { scene, row, _ in
                let table = scene.cluster.partitions
                let leader = table.leader[partition(scene, row)]
                let isGoing = !table.replicaFlags[row].contains(.adding)
                return [
                    Run(leader < 0 ? "nobody" : "\(leader)", leader < 0 ? .critical : .dim),
                    Run(" \(Glyph.trail) ", .dim),
                    Run(
                        "\(table.replicaBroker[row])" + (isGoing ? " goes" : ""),
                        isGoing ? .dim : .accent),
                ]
            }),
        Column(
            "copied", "copied", least: 14, ideal: 16, priority: 2,
            value: { sortValue(share($0, $1)) },
            text: { scene, row, _ in
                let (done, whole) = sizes(scene, row)
                guard done >= 0 else { return unknownFigure }
                return [
                    Run(NumberFormat.bytes(done)), Run(" of ", .dim),
                    Run(whole < 0 ? NumberFormat.unknown : NumberFormat.bytes(whole)),
                ]
            }),
        Column(
            "share", "", least: 0, priority: 99, value: { sortValue(share($0, $1)) },
            text: { _, _, _ in [] }),
        Column(
            "lag", "records behind", least: 14, priority: 3,
            value: { scene, row in
                let lag = scene.cluster.partitions.lag(row, of: partition(scene, row))
                return lag < 0 ? .nan : Float(lag)
            },
            text: { scene, row, _ in
                let replica = scene.cluster.replica(row)
                return figure(replica.lag, NumberFormat.count, isStale: replica.isStale)
            }),
        Column(
            "change", "change/s", least: 8, ideal: 9, priority: 5,
            value: { scene, row in
                scene.cluster.partitions.lagPerSecond(row, of: partition(scene, row))
            },
            text: { scene, row, _ in
                let replica = scene.cluster.replica(row)
                let rate = replica.lagPerSecond
                let role: Role = (rate ?? 0) > 0 ? .warning : (rate ?? 0) < 0 ? .good : .text
                return figure(rate, NumberFormat.signedRate, isStale: replica.isStale, role: role)
            }),
        Column(
            "eta", "caught up in", least: 13, priority: 2,
            value: { scene, row in
                scene.cluster.partitions.secondsToCatchUp(row, of: partition(scene, row))
            },
            text: { scene, row, _ in
                let replica = scene.cluster.replica(row)
                if replica.isStale { return unknownFigure }
                return [catchUpRun(replica.secondsToCatchUp, lag: replica.lag)]
            }),
        Column(
            "by", "by", least: 6, align: .left, priority: 6,
            word: { ours($0, $1) ? "us" : "others" },
            text: { scene, row, _ in
                ours(scene, row) ? [Run("us", .dim)] : [Run("others", .moving)]
            }),
        Column(
            "why", "what holds it", least: 18, ideal: 70, align: .left, priority: 4,
            text: { scene, row, width in
                MoveCause(row, scene).runs(sentence: false).map {
                    Run(truncated($0.text, to: width, middle: false), $0.role)
                }
            }),
    ]

    /// It is of the plan that is carried out from here.
    private static func ours(_ scene: Scene, _ row: Int) -> Bool {
        guard let execution = scene.execution, execution.isUnderWay else { return false }
        return execution.resources.contains(
            "\(scene.cluster.key(ofRow: partition(scene, row)))")
    }
}
