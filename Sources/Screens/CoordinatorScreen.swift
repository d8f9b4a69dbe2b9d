// The coordinator: who keeps the cluster's state and who leads it, how the ensemble or the quorum
// stands, what waits to be done, and what happened last.

internal import ClusterModel
internal import Drawing

/// The coordinator's members beneath what holds for the whole, and the event log beneath them.
struct CoordinatorScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "coordinator", aliases: ["zookeeper", "zk", "quorum", "controller"], key: "K",
        title: "coordinator", help: "ZooKeeper or the quorum, its controller")
    var state = TableState(spec)

    private func headHeight(_ scene: Scene) -> Int {
        min(scene.body.height >= 16 ? 4 : scene.body.height >= 10 ? 3 : 2, scene.body.height)
    }

    func tableRect(_ scene: Scene) -> Rect {
        let below = scene.body.split(top: headHeight(scene)).1
        guard below.height >= 12 else { return below }
        let wanted = min(scene.view.members.count + 2, below.height * 3 / 5)
        return below.split(top: wanted).0
    }

    static func isHome(of id: ObjectID) -> Bool {
        switch id {
        case .controller, .ensemble, .server, .voter: true
        default: false
        }
    }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        guard case .registration(let id) = scene.view.members[row].id else { return nil }
        return home(of: .broker(id), scene)
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard let member = scene.view.members.first(where: { $0.id == row }) else { return nil }
        var lines = Screens.explain(member, scene)
        switch row {
        case .voter(let id): lines += whatIfLines(ofVoter: id, scene)
        case .server(let name): lines += whatIfLines(ofServer: name, scene)
        case .registration(let id): lines += whatIfLines(ofBroker: id, scene)
        default: break
        }
        return Explanation(title: member.name, lines: lines)
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.wantsCoordinator = true
        return interest
    }

    func renderAround(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        for (line, runs) in head(scene).prefix(headHeight(scene)).enumerated() {
            frame.runs(runs, x: body.x + 1, y: body.y + line, width: body.width - 2, align: .left)
        }
        let table = tableRect(scene)
        let rest = Rect(
            x: body.x, y: table.bottom, width: body.width, height: body.bottom - table.bottom)
        guard rest.height >= 3 else { return }
        frame.runs(
            [Run("What happened", .header), Run("   V all of it", .dim)], x: rest.x + 1, y: rest.y)
        // The loss of a broker moves leaders by the dozen: those are in the log, and here the
        // election would drown in them.
        let events = scene.cluster.events.events.filter {
            $0.kind != .leadership && $0.kind != .isr
        }
        .suffix(rest.height - 1)
        if events.isEmpty {
            frame.text(
                "nothing since the start", x: rest.x + 1, y: rest.y + 1, role: .dim, within: rest)
        }
        for (line, event) in events.reversed().enumerated() {
            let runs =
                [Run(scene.clock(event.at) ?? "", .dim), Run("  ")]
                + [Run("\(event.subject)  ", event.isLoss ? .warning : .accent), Run(event.text)]
            frame.runs(
                runs, x: rest.x + 1, y: rest.y + 1 + line, width: rest.width - 2, align: .left)
        }
    }

    private func head(_ scene: Scene) -> [[Run]] {
        switch scene.cluster.kind {
        case .zookeeper: zooKeeperHead(scene)
        case .kraft: kraftHead(scene)
        case nil:
            [[Run("Which kind of coordinator this cluster has is not known yet.", .unknown)]]
        }
    }

    private func controller(_ scene: Scene) -> [Run] {
        let cluster = scene.cluster
        var runs = [Run("controller ", .dim)]
        switch cluster.controller {
        case nil: runs.append(Run(NumberFormat.unknown, .unknown))
        case let id? where id.exists:
            runs += figure("\(id)", isStale: cluster.isControllerStale, role: .accent)
        default: runs.append(Run("none", .critical))
        }
        if let since = cluster.coordinator.controllerSince {
            let seconds = Double(cluster.takenAtWall.ms &- since.ms) / 1000
            let more = cluster.coordinator.isSinceSeen ? "+" : ""
            runs.append(
                Run(" for \(NumberFormat.duration(max(0, seconds).wholeBelow))\(more)", .dim))
        }
        if let epoch = cluster.controllerEpoch {
            runs += [Run("   epoch ", .dim), Run("\(epoch)")]
        }
        let elections = cluster.events.newest(9, of: .election).count { !$0.isLoss }
        if elections > 0 { runs.append(Run("   \(plural(elections, "election")) seen", .dim)) }
        return runs
    }

    private func zooKeeperHead(_ scene: Scene) -> [[Run]] {
        let coordinator = scene.cluster.coordinator
        let count = coordinator.ensembleSize ?? coordinator.servers.count
        var first = [
            Run("ZooKeeper", .accent),
            Run(count == 0 ? "" : " of \(plural(count, "server"))"),
        ]
        switch coordinator.session {
        case .none: first.append(Run("   no session", .unknown))
        case .connecting: first.append(Run("   connecting", .unknown))
        case .connected(let server, let isReadOnly):
            first.append(Run("   through \(server)", .dim))
            if isReadOnly { first.append(Run(" read-only", .warning)) }
        case .lost(let since, let why):
            let age = scene.age(since).map { " for \(ago($0))" } ?? ""
            first.append(Run("   no session\(age): \(why)", .critical))
        }
        if !coordinator.chroot.isEmpty {
            first.append(Run("   chroot \(coordinator.chroot)", .dim))
        }
        var words: [Run] = lossRun(scene.cluster).map { [$0] } ?? []
        if case .failed(let why) = scene.cluster.health(.coordinator).state {
            words = [Run(why, .warning)]
        }
        func queue(_ title: String, _ count: Int?) -> [Run] {
            [Run(title, .dim)]
                + [
                    count == 0
                        ? Run("0", .dim) : figure(count, NumberFormat.count, role: .moving)[0]
                ]
        }
        var queues =
            queue("reassignments ", coordinator.pending.reassignments)
            + queue("   elections ", coordinator.pending.preferredElections)
            + queue("   deletions ", coordinator.pending.topicDeletions)
        if let topics = coordinator.topicCount {
            queues += [Run("   topics ", .dim), Run(NumberFormat.count(topics))]
        }
        if let migration = coordinator.migration {
            queues.append(Run("   migration: \(migration)", .moving))
        }
        if !coordinator.protectedPaths.isEmpty {
            let paths = coordinator.protectedPaths.joined(separator: " ")
            queues.append(Run("   protected by ACL: \(paths)", .unknown))
        }
        return [first, controller(scene), words, queues]
    }

    private func kraftHead(_ scene: Scene) -> [[Run]] {
        let cluster = scene.cluster
        guard let quorum = cluster.quorum else {
            var why = "The quorum has not been read yet."
            if case .failed(let reason) = cluster.health(.quorum).state { why = reason }
            return [[Run("KRaft", .accent), Run("   \(why)", .unknown)]]
        }
        var first = [
            Run("KRaft", .accent), Run(" quorum of \(plural(quorum.voters.count, "voter"))"),
        ]
        if let loss = lossRun(cluster) { first += [Run("   "), loss] }
        let end = quorum.highWatermark < 0 ? nil : quorum.highWatermark
        var log: [Run] =
            [Run("high watermark ", .dim)]
            + figure(end, NumberFormat.grouped, isStale: !cluster.isQuorumFresh)
        if cluster.isQuorumFresh, let rate = cluster.coordinator.highWatermarkPerSecond {
            log.append(
                Run(
                    rate > 0 ? " +\(NumberFormat.rate(rate))/s" : " stands still",
                    rate > 0 ? .dim : .warning))
        }
        // The release all others follow stands first: room is short.
        let all = cluster.coordinator.features.filter { $0.finalized != nil }
        let shown =
            all.filter { $0.name == "metadata.version" }
            + all.filter { $0.name != "metadata.version" }
        var features: [Run] = []
        for feature in shown {
            let level = feature.finalized.map { "\($0)" } ?? "?"
            let most = feature.supported.map { $0.upperBound }
            features.append(Run("\(features.isEmpty ? "" : "   ")\(feature.name) ", .dim))
            features.append(Run(level))
            if let most, let finalized = feature.finalized, most > finalized {
                features.append(Run(" (up to \(most))", .dim))
            }
        }
        return [first, controller(scene), log, features]
    }

    static let spec = TableSpec(
        noun: "members of the coordinator", section: .coordinator, columns: columns,
        sort: "order",
        identityIdeal: { scene in
            scene.view.members.reduce(14) {
                max($0, min(Limits.nameColumns, displayWidth(of: $1.name)))
            }
        },
        rows: { Array(0..<Int32($0.view.members.count)) },
        id: { $0.view.members[$1].id },
        find: { scene, id in scene.view.members.firstIndex { $0.id == id } },
        matching: matchingByName { scene, row in
            let member = scene.view.members[row]
            return "\(member.name) \(member.role) \(member.endpoints)"
        },
        mark: { scene, row in
            switch scene.view.members[row].trouble {
            case 2: Run(String(Glyph.critical), .critical)
            case 1: Run(String(Glyph.unknown), .unknown)
            default: nil
            }
        },
        isFault: { $0.view.members[$1].trouble > 0 },
        isShown: { scene, column in
            let isKRaft = scene.cluster.kind == .kraft
            return !(isKRaft ? onlyZooKeeper : onlyKRaft).contains(column)
        })
}
