// The wording of cells: unknown, stale, zero, states. One place, so that the same thing looks the
// same on every screen.

internal import ClusterModel
internal import Drawing

/// A figure: `?` where unknown, dimmed with `~` where stale, quiet where nothing.
func figure(_ text: String, isStale: Bool = false, role: Role = .text) -> [Run] {
    if text == NumberFormat.unknown { return [Run(text, .unknown)] }
    if isStale { return [Run(String(Glyph.stale) + text, .stale)] }
    return [Run(text, text == "0" ? .dim : role)]
}

/// An offset with all its digits where they fit, else with three of them: never cut.
func offsetRuns(_ offset: Int64?, isStale: Bool = false, _ width: Int) -> [Run] {
    let whole = NumberFormat.grouped(offset)
    let room = width - (isStale ? 1 : 0)
    return figure(whole.count <= room ? whole : NumberFormat.count(offset), isStale: isStale)
}

extension Broker {
    /// The state in a word or three, with its age.
    func stateRun(_ scene: Scene) -> Run {
        func since(_ moment: Instant) -> String {
            scene.age(moment).map { " " + NumberFormat.duration($0.wholeBelow) } ?? ""
        }
        return switch state {
        case .unknown: Run("not asked yet", .unknown)
        case .answering: Run("ok", .good)
        case .slow(let seconds): Run("slow \(NumberFormat.duration(seconds))", .warning)
        case .silent(let moment): Run("silent\(since(moment))", .critical)
        case .unreachable(let moment, _): Run("unreachable\(since(moment))", .critical)
        case .missing(let moment): Run("missing\(since(moment))", .critical)
        case .fenced(let moment): Run("fenced\(since(moment))", .critical)
        }
    }

    /// The state in a sentence, with what it means for what is shown.
    func stateSentence(_ scene: Scene) -> String {
        let answered =
            scene.age(answeredAt).map { "its last answer is \(ago($0)) old" }
            ?? "it has never answered"
        func since(_ moment: Instant) -> String {
            scene.age(moment).map { " for \(ago($0))" } ?? ""
        }
        return switch state {
        case .unknown: "broker \(id) has not been asked yet"
        case .answering: "broker \(id) answers"
        case .slow(let seconds): "broker \(id) takes \(NumberFormat.duration(seconds)) to answer"
        case .silent(let moment): "broker \(id) has been silent\(since(moment)); \(answered)"
        case .unreachable(let moment, let why):
            "broker \(id) cannot be reached\(since(moment)): \(why); \(answered)"
        case .missing(let moment):
            "broker \(id) has been missing from the cluster\(since(moment)); \(answered)"
        case .fenced(let moment): "broker \(id) has been fenced\(since(moment)); \(answered)"
        }
    }

    var mark: Run? {
        switch trouble {
        case 2...: Run(String(Glyph.critical), .critical)
        case 1: Run(String(Glyph.warning), .warning)
        default: state == .unknown ? Run(String(Glyph.unknown), .unknown) : nil
        }
    }
}

/// "12 s", in whole seconds: an age that does not flicker.
func ago(_ seconds: Double) -> String { NumberFormat.duration(seconds.wholeBelow) }

/// The mark of a partition: the worst thing about it.
func partitionMark(_ scene: Scene, _ row: Int) -> Run? {
    switch scene.cluster.trouble(row) {
    case 4...: return Run(String(Glyph.critical), .critical)
    case 3: return Run(String(Glyph.warning), .warning)
    case 2: return Run(String(Glyph.notPreferred), .warning)
    case 1: return Run(String(Glyph.moving), .moving)
    default: return nil
    }
}

/// The replicas of a partition: id and mark each; leader ●, in sync ·, behind ○, unknown ?.
func replicaRuns(_ view: PartitionView, _ scene: Scene) -> [Run] {
    var runs: [Run] = []
    for replica in view.replicas {
        if !runs.isEmpty { runs.append(Run(" ")) }
        let isIll = scene.cluster.broker(replica.broker)?.isIll == true
        let mark: Unicode.Scalar
        var role: Role
        if replica.isOffline || (isIll && !replica.isLeader) {
            mark = isIll ? Glyph.unknown : Glyph.behind
            role = .critical
        } else if replica.isLeader {
            mark = Glyph.leader
            role = isIll ? .critical : view.isWrongLeader ? .warning : .good
        } else if replica.isInSync {
            mark = Glyph.inSync
            role = .text
        } else {
            mark = Glyph.behind
            role = .warning
        }
        var text = "\(replica.broker)\(mark)"
        if replica.isAdding || replica.isRemoving {
            text += replica.isAdding ? "+" : "-"
            if role == .text { role = .moving }
        }
        runs.append(Run(text, role))
    }
    return runs
}

/// "in 8 s", "never", "?": when a lag will be gone.
func catchUpRun(_ seconds: Double?, lag: Int64?) -> Run {
    guard let seconds, !seconds.isNaN else { return Run(NumberFormat.unknown, .unknown) }
    if lag == 0 { return Run("-", .dim) }
    if seconds == .infinity { return Run("never", .warning) }
    return Run(NumberFormat.duration(seconds.wholeAbove))
}

/// A trend of the newest samples as a sparkline.
func trendRuns(
    _ scene: Scene, _ subject: History.Subject, _ measure: History.Measure, _ width: Int
) -> [Run] {
    let series = scene.cluster.history.series(
        subject, measure, .fiveMinutes, now: scene.cluster.takenAt)
    guard series.values.contains(where: { !$0.isNaN }) else { return [] }
    return [Run(sparkline(series.values, width: width), .graph)]
}

/// The volumes' fullest share on each broker.
func fullestVolumes(_ cluster: Cluster) -> [BrokerID: Double] {
    var fullest: [BrokerID: Double] = [:]
    for dir in cluster.logDirs {
        guard let used = dir.usedFraction else { continue }
        fullest[dir.broker] = max(used, fullest[dir.broker] ?? 0)
    }
    return fullest
}

/// The role of a volume filled to this share.
func volumeRole(_ used: Double?) -> Role {
    guard let used else { return .unknown }
    return used > 0.95 ? .critical : used > Limits.fullVolume ? .warning : .text
}

/// A number for sorting; nil is unknown.
func sortValue(_ value: Double?) -> Float { value.map { Float($0) } ?? .nan }
func sortValue(_ value: Int64?) -> Float { value.map { Float($0) } ?? .nan }
func sortValue(_ value: Int?) -> Float { value.map { Float($0) } ?? .nan }
