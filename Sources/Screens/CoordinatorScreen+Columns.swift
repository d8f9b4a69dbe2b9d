// The columns of the Coordinator screen; those of the other kind of coordinator are left out.

internal import ClusterModel
internal import Drawing

extension CoordinatorScreen {
    static let onlyZooKeeper: Set<String> = [
        "zxid", "latency", "outstanding", "connections", "watches", "nodes", "data", "version",
        "registered", "epoch",
    ]
    static let onlyKRaft: Set<String> = ["end", "lag", "behind", "fetch"]

    private static func member(_ scene: Scene, _ row: Int) -> CoordinatorMember {
        scene.view.members[row]
    }

    /// Seconds from a moment of the cluster's clock to `now`, by default when it was published.
    private static func age(
        _ scene: Scene, _ moment: WallTime?, at now: WallTime? = nil
    ) -> Double? {
        let now = now ?? scene.cluster.takenAtWall
        return moment.map { max(0, Double(now.ms &- $0.ms) / 1000) }
    }

    /// The same by the quorum leader's own clock.
    private static func quorumAge(_ scene: Scene, _ moment: WallTime?) -> Double? {
        age(scene, moment, at: scene.cluster.quorum?.reportedAt)
    }

    /// A cell of a server's figures: empty for members that have none of them.
    private static func ofServer(
        _ scene: Scene, _ row: Int, _ runs: (ZooKeeperServer) -> [Run]
    ) -> [Run] {
        guard let server = member(scene, row).server else { return [] }
        return runs(server)
    }

    /// A figure that only servers have.
    private static func ofServer<Value: Figure>(
        _ id: String, _ title: String, _ least: Int, _ priority: Int,
        _ write: @escaping @Sendable (Value?) -> String,
        _ value: @escaping @Sendable (ZooKeeperServer) -> Value?
    ) -> Column {
        Column(
            id, title, least: least, priority: priority,
            value: { sortValue(member($0, $1).server.flatMap(value)) },
            text: { scene, row, _ in ofServer(scene, row) { figure(value($0), write) } })
    }

    private static func ofReplica(
        _ scene: Scene, _ row: Int, _ runs: (Quorum.Replica) -> [Run]
    ) -> [Run] {
        guard let replica = member(scene, row).replica else { return [] }
        return runs(replica)
    }

    /// What the quorum's leader told is of a while ago.
    private static func isOld(_ scene: Scene) -> Bool { !scene.cluster.isQuorumFresh }

    /// An age that is well below a few seconds.
    private static func ageRuns(_ seconds: Double?, _ scene: Scene) -> [Run] {
        guard let seconds else { return unknownFigure }
        if isOld(scene) {
            // It was so long ago when the leader told, and that is a while ago too.
            let told = scene.age(scene.cluster.health(.quorum).answeredAt) ?? 0
            return figure(ago(seconds + told), isStale: true)
        }
        if seconds < 1 { return [Run(NumberFormat.milliseconds(seconds), .dim)] }
        let isLate = seconds * 1000 >= Double(scene.cluster.lateVoterMs)
        return [Run(NumberFormat.duration(seconds.wholeBelow), isLate ? .warning : .text)]
    }

    static let columns: [Column] = common + zooKeeper + kraft + trailing

    private static let common: [Column] = [
        Column(
            "name", "member", least: 16, ideal: 28, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, _ in
                let isActive = ["active", "controller"].contains(member(scene, row).role)
                return [Run(member(scene, row).name, isActive ? .accent : .text)]
            }),
        Column(
            "role", "role", least: 10, align: .left, priority: 2,
            word: { member($0, $1).role },
            text: { scene, row, _ in
                let role = member(scene, row).role
                return [Run(role, role == NumberFormat.unknown ? .unknown : .text)]
            }),
        Column(
            "state", "state", least: 14, ideal: 18, align: .left, priority: 1,
            value: { Float(member($0, $1).trouble) }, word: { member($0, $1).state.text },
            text: { scene, row, _ in [member(scene, row).state] }),
    ]

    private static let zooKeeper: [Column] = [
        Column(
            "zxid", "zxid", least: 12, ideal: 14, priority: 4,
            text: { scene, row, _ in ofServer(scene, row) { figure($0.zxid) } }),
        Column(
            "latency", "avg/max ms", least: 10, priority: 3,
            value: { sortValue(member($0, $1).server?.latencyAverageMs) },
            text: { scene, row, _ in
                ofServer(scene, row) { server in
                    figure(
                        server.latencyAverageMs.map {
                            NumberFormat.rate($0) + "/"
                                + NumberFormat.count(server.latencyMaximumMs)
                        })
                }
            }),
        ofServer("outstanding", "queued", 6, 3, NumberFormat.count) { $0.outstanding },
        ofServer("connections", "conns", 6, 4, NumberFormat.count) { $0.connections },
        ofServer("watches", "watches", 7, 7, NumberFormat.count) { $0.watches },
        ofServer("nodes", "znodes", 7, 7, NumberFormat.count) { $0.nodes },
        ofServer("data", "size", 7, 8, NumberFormat.bytes) { $0.dataBytes },
        Column(
            "version", "version", least: 8, priority: 6,
            word: { member($0, $1).server?.version ?? "" },
            text: { scene, row, _ in ofServer(scene, row) { figure($0.version) } }),
        Column(
            "registered", "since", least: 8, priority: 2,
            value: { sortValue(age($0, member($0, $1).since)) },
            text: { scene, row, _ in
                guard case .registration = member(scene, row).id else { return [] }
                let since = age(scene, member(scene, row).since)
                return figure(since.map { NumberFormat.shortDuration($0.wholeBelow) })
            }),
        Column(
            "epoch", "broker epoch", least: 12, priority: 8,
            text: { scene, row, _ in
                guard let registration = member(scene, row).registration else { return [] }
                return figure(registration.epoch, NumberFormat.grouped)
            }),
    ]

    private static let kraft: [Column] = [
        Column(
            "end", "log end", least: 10, ideal: 13, priority: 4,
            value: { sortValue(member($0, $1).replica?.logEndOffset) },
            text: { scene, row, width in
                ofReplica(scene, row) {
                    offsetRuns(
                        $0.logEndOffset < 0 ? nil : $0.logEndOffset, isStale: isOld(scene), width)
                }
            }),
        Column(
            "lag", "lag", least: 6, priority: 2,
            value: { scene, row in
                sortValue(
                    member(scene, row).replica.flatMap { scene.cluster.quorum?.lag(of: $0) })
            },
            text: { scene, row, _ in
                ofReplica(scene, row) {
                    figure(
                        scene.cluster.quorum?.lag(of: $0), NumberFormat.count,
                        isStale: isOld(scene))
                }
            }),
        Column(
            "behind", "caught up", least: 9, priority: 2,
            value: { sortValue(quorumAge($0, member($0, $1).replica?.lastCaughtUpAt)) },
            text: { scene, row, _ in
                ofReplica(scene, row) { ageRuns(quorumAge(scene, $0.lastCaughtUpAt), scene) }
            }),
        Column(
            "fetch", "last fetch", least: 10, priority: 3,
            value: { sortValue(quorumAge($0, member($0, $1).replica?.lastFetchAt)) },
            text: { scene, row, _ in
                ofReplica(scene, row) { ageRuns(quorumAge(scene, $0.lastFetchAt), scene) }
            }),
    ]

    private static let trailing: [Column] = [
        Column(
            "rack", "rack", least: 6, ideal: 10, align: .left, priority: 5,
            word: { member($0, $1).rack ?? "" },
            text: { scene, row, _ in [Run(member(scene, row).rack.map(shownName) ?? "", .dim)] }),
        Column(
            "endpoints", "listens at", least: 14, ideal: 60, align: .left, priority: 6,
            word: { member($0, $1).endpoints },
            text: { scene, row, _ in
                let member = member(scene, row)
                if let error = member.server?.error { return [Run(error, .unknown)] }
                return [Run(member.endpoints, .dim)]
            }),
        .order("order", ascending: true) { _, row in Float(row) },
    ]
}
