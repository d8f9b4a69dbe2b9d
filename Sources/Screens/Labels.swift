// The wording of cells: unknown, stale, zero, states. One place, so that the same thing looks the
// same on every screen.

internal import ClusterModel
internal import Drawing
internal import Health

/// What stands where something is not known.
let unknownFigure = [Run(NumberFormat.unknown, .unknown)]

/// A figure: `?` where unknown, dimmed with `~` where stale, quiet where it is 0.
func figure<Value: Figure>(
    _ value: Value?, _ write: (Value?) -> String, isStale: Bool = false, role: Role = .text
) -> [Run] {
    // What is not equal to itself is not a number.
    guard let value, value == value else { return unknownFigure }
    return figure(write(value), isStale: isStale, role: value == 0 ? .dim : role)
}

/// A figure that is written already, or a word; nil where it is not known.
func figure(_ text: String?, isStale: Bool = false, role: Role = .text) -> [Run] {
    guard let text else { return unknownFigure }
    return isStale ? [Run(String(Glyph.stale) + text, .stale)] : [Run(text, role)]
}

/// An offset with all its digits where they fit, else with three of them: never cut.
func offsetRuns(_ offset: Int64?, isStale: Bool = false, _ width: Int) -> [Run] {
    let room = width - (isStale ? 1 : 0)
    let fits = NumberFormat.grouped(offset).count <= room
    return figure(offset, fits ? NumberFormat.grouped : NumberFormat.count, isStale: isStale)
}

extension PartitionView {
    /// The rates are old, or may be wrong.
    var isRateStale: Bool { isStale || isRateUnsure }
}

extension Broker {
    /// The state in a word or three, with its age.
    func stateRun(_ scene: Scene) -> Run {
        let age = state.since.flatMap { scene.age($0) }
        let text = state.label + (age.map { " " + NumberFormat.duration($0.wholeBelow) } ?? "")
        return switch state {
        case .unknown: Run(text, .unknown)
        case .answering: Run(text, .good)
        case .slow, .throttled: Run(text, .warning)
        case .silent, .unreachable, .missing, .fenced: Run(text, .critical)
        }
    }

    /// The state in a sentence, with what it means for what is shown.
    func stateSentence(_ scene: Scene) -> String {
        let since = state.since.flatMap { scene.age($0) }
        let text = "broker \(id) \(state.predicate(for: since.map { ago($0) }))"
        guard isIll else { return text }
        let answered = scene.age(answeredAt).map { "its last answer is \(ago($0)) old" }
        return "\(text); \(answered ?? "it has never answered")"
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
    scene.cluster.rules(at: row).first.map { ruleMark($0) }
}

/// The mark of a rule in the strip and before the rows for which it holds.
func ruleMark(_ rule: RuleEntry) -> Run { severityMark(rule.severity, isWork: rule.isWork) }

/// The mark of a severity; work that goes on has its own.
func severityMark(_ severity: Finding.Severity, isWork: Bool) -> Run {
    switch severity {
    case .critical: Run(String(Glyph.critical), .critical)
    case .warning: Run(String(Glyph.warning), .warning)
    case .notice where isWork: Run(String(Glyph.moving), .moving)
    case .notice: Run(String(Glyph.notPreferred), .warning)
    }
}

/// A partition's name; where room is short its number stays whole and the topic gives way.
func partitionRuns(_ key: PartitionKey, _ width: Int) -> [Run] {
    let number = "-\(key.partition)"
    return [Run(truncated(shownName(key.topic), to: width - number.count) + number)]
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

/// "8 s", "falls behind", "?": when a lag will be gone.
func catchUpRun(_ seconds: Double?, lag: Int64?) -> Run {
    guard let seconds, !seconds.isNaN else { return Run(NumberFormat.unknown, .unknown) }
    if lag == 0 || seconds == 0 { return Run("-", .dim) }
    if seconds == .infinity { return Run("falls behind", .warning) }
    return Run(NumberFormat.duration(seconds.wholeAbove))
}

/// A trend of the newest samples as a sparkline.
func trendRuns(
    _ scene: Scene, _ subject: History.Subject, _ measure: History.Measure, _ width: Int
) -> [Run] {
    let series = scene.cluster.history.series(
        subject, measure, .fiveMinutes, now: scene.cluster.takenAt)
    guard series.values.contains(where: { !$0.isNaN }) else { return [] }
    let (text, isFlat) = shapedSparkline(steadyColumns(series, count: width))
    return [Run(text, isFlat ? .dim : .graph)]
}

/// A series in so many columns whose edges stand still on the clock: until the newest is over only
/// that one changes, and nothing is sent for the others.
func steadyColumns(_ series: Series, count: Int) -> [Float] {
    let seconds = Double(series.values.count) * series.stepSeconds
    guard count > 0, seconds > 0, count <= series.values.count else {
        return resampled(series.values, to: count)
    }
    let column = seconds / Double(count)
    let end = Double(series.end.ns) / 1e9
    let newest = (end / column).wholeBelow
    return (0..<count).map { place in
        let from = (newest - Double(count - 1 - place)) * column
        // By how long ago its edges are; the newest is not over yet.
        let first = series.values.count - Int(((end - from) / series.stepSeconds).nearestWhole)
        let past = ((end - from - column) / series.stepSeconds).nearestWhole
        let last = series.values.count - max(0, Int(past))
        var (sum, known) = (Float(0), 0)
        for index in max(0, first)..<max(max(0, first), min(series.values.count, last))
        where !series.values[index].isNaN {
            sum += series.values[index]
            known += 1
        }
        return known == 0 ? .nan : sum / Float(known)
    }
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
func volumeRole(_ used: Double?, _ thresholds: Thresholds) -> Role {
    switch used.map({ VolumeFill($0, thresholds) }) {
    case nil: .unknown
    case .critical: .critical
    case .full: .warning
    case .roomy: .text
    }
}

/// A number that tables show and sort by.
protocol Figure: Comparable, ExpressibleByIntegerLiteral, Sendable {
    var sortValue: Float { get }
}

extension Int: Figure { var sortValue: Float { Float(self) } }
extension Int64: Figure { var sortValue: Float { Float(self) } }
extension Double: Figure { var sortValue: Float { Float(self) } }

/// A number for sorting; nil is unknown.
func sortValue(_ value: (some Figure)?) -> Float { value?.sortValue ?? .nan }
