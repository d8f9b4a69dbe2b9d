// Log directories of all brokers: how full their volumes are, and which is full first.

internal import ClusterModel
internal import Drawing

/// The table of log directories, those that are full first, then the fullest.
struct VolumesScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "volumes", title: "volumes", help: "log directories: how full their volumes are")
    var state = TableState(spec)

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.wantsSizes = true
        return interest
    }

    static func isHome(of id: ObjectID) -> Bool {
        if case .volume = id { true } else { false }
    }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        home(of: .broker(scene.cluster.logDirs[row].broker), scene)
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .volume(let broker, let path) = row,
            let dir = scene.cluster.logDirs.first(where: { $0.broker == broker && $0.path == path })
        else { return nil }
        var lines: [[Run]] = []
        if let error = scene.cluster.errorName(dir.errorCode) {
            lines.append([
                Run("The broker has taken it offline (\(error)).", .critical)
            ])
        }
        if dir.totalBytes == nil {
            lines.append([
                Run("volume ?", .unknown), Run(": brokers tell their volumes from Kafka 3.3 on."),
            ])
        }
        if let age = scene.age(dir.answeredAt) { lines.append([Run("Answered \(ago(age)) ago.")]) }
        if let state = scene.cluster.broker(broker)?.stateSentence(scene) {
            lines.append([Run(capitalised(state) + ".")])
        }
        if let place = Self.spec.find(scene, row) { lines += whatIfLines(ofLogDir: place, scene) }
        return Explanation(title: "\(path) of broker \(broker)", lines: lines)
    }

    static let spec = TableSpec(
        noun: "log directories", section: .logDirs, columns: columns, sort: "fills",
        tiebreak: "used",
        identityIdeal: { scene in
            scene.cluster.logDirs.reduce(20) {
                max($0, min(Limits.nameColumns, displayWidth(of: $1.path)))
            }
        },
        rows: { Array(0..<Int32($0.cluster.logDirs.count)) },
        id: { scene, row in
            .volume(scene.cluster.logDirs[row].broker, path: scene.cluster.logDirs[row].path)
        },
        find: { scene, id in
            guard case .volume(let broker, let path) = id else { return nil }
            return scene.cluster.logDirs.firstIndex { $0.broker == broker && $0.path == path }
        },
        matching: matchingByName { scene, row in
            "\(scene.cluster.logDirs[row].broker) \(scene.cluster.logDirs[row].path)"
        },
        mark: { scene, row in
            let dir = scene.cluster.logDirs[row]
            if dir.errorCode != 0 { return Run(String(Glyph.critical), .critical) }
            switch volumeRole(dir.usedFraction, scene.cluster.thresholds) {
            case .critical: return Run(String(Glyph.critical), .critical)
            case .warning: return Run(String(Glyph.warning), .warning)
            default: return nil
            }
        },
        isFault: { scene, row in
            let dir = scene.cluster.logDirs[row]
            return dir.errorCode != 0 || dir.fill(scene.cluster.thresholds) ?? .roomy > .roomy
        },
        mayLack: { scene in
            // What a broker told once stays: only one that never told may have more.
            let told = Set(scene.cluster.logDirs.lazy.map(\.broker))
            return scene.cluster.absence(in: .logDirs) == .noneTold
                && scene.cluster.brokers.contains { !told.contains($0.id) }
        })

    private static func isStale(_ scene: Scene, _ dir: LogDir) -> Bool {
        scene.cluster.isStale(dir.answeredAt, in: .logDirs, from: dir.broker)
    }

    private static let columns: [Column] = [
        Column(
            "path", "log directory", least: 20, align: .left, priority: 0,
            text: { scene, row, _ in [Run(shownName(scene.cluster.logDirs[row].path))] }),
        Column(
            "broker", "broker", least: 6, priority: 1, ascending: true,
            value: { Float($0.cluster.logDirs[$1].broker.value) },
            text: { scene, row, _ in [Run(scene.cluster.logDirs[row].broker.description)] }),
        Column(
            "used", "used", least: 7, priority: 1,
            value: { sortValue($0.cluster.logDirs[$1].usedFraction) },
            text: { scene, row, _ in
                let dir = scene.cluster.logDirs[row]
                if dir.errorCode != 0 { return [Run("offline", .critical)] }
                return figure(
                    dir.usedFraction.map { NumberFormat.percent($0) }, isStale: isStale(scene, dir),
                    role: volumeRole(dir.usedFraction, scene.cluster.thresholds))
            }),
        Column(
            "fills", "full in", least: 8, priority: 3, ascending: true,
            value: { sortValue($0.cluster.logDirs[$1].secondsToFull) },
            text: { scene, row, _ in
                let dir = scene.cluster.logDirs[row]
                return [Run(dir.fillsIn ?? (dir.secondsToFull == nil ? "?" : "-"), .dim)]
            }),
        Column(
            "bar", "of the volume", least: 14, ideal: 40, align: .left, priority: 5,
            text: { scene, row, width in
                let used = scene.cluster.logDirs[row].usedFraction
                guard let used else { return [] }
                let role = volumeRole(used, scene.cluster.thresholds)
                return [Run(bar(used, width: width), role == .text ? .graph : role)]
            }),
        Column(
            "free", "free", least: 7, priority: 2, ascending: true,
            value: { sortValue($0.cluster.logDirs[$1].usableBytes) },
            text: { scene, row, _ in
                figure(scene.cluster.logDirs[row].usableBytes, NumberFormat.bytes)
            }),
        .figure("total", "volume", least: 7, priority: 4, NumberFormat.bytes) {
            $0.cluster.logDirs[$1].totalBytes
        },
        .figure("size", "stored", least: 7, priority: 3, NumberFormat.bytes) {
            $0.cluster.logDirs[$1].sizeBytes
        },
        .figure("replicas", "replicas", least: 8, priority: 6, NumberFormat.count) {
            $0.cluster.logDirs[$1].replicaCount
        },
    ]
}
