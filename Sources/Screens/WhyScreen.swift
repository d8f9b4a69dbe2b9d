// Why something is unknown, old or wrong: every row can be asked. A `?` without a reason would only
// be a politer lie.

internal import ClusterModel
internal import Drawing

/// A box of sentences over the screen below.
struct WhyScreen: ScreenContent {
    private let title: String
    private let lines: [[Run]]
    private var top = 0
    var kind: ScreenKind { .why }
    var crumb: String { "why" }

    init(_ id: ObjectID, _ scene: Scene) {
        (title, lines) = explain(id, scene)
    }

    mutating func observe(_ scene: Scene, isResting: Bool) {}

    mutating func update(_ action: Action, _ scene: Scene) -> [Outcome] {
        switch action {
        case .lines(let count): top += count
        case .pages(let share): top += Int(share * 10)
        case .first: top = 0
        case .last: top = lines.count
        default: return [.leave]
        }
        top = min(max(0, top), max(0, lines.count - 3))
        return []
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let width = min(body.width, 92)
        let text = lines.flatMap { wrapped($0, to: width - 4) }
        let height = min(body.height, text.count + 2)
        let rect = Rect(
            x: body.x + (body.width - width) / 2, y: body.y + max(0, (body.height - height) / 3),
            width: width, height: height)
        let inside = frame.box(rect, title: [Run(title, .title)], role: .accent)
        let first = min(top, max(0, text.count - inside.height))
        for (line, runs) in text.dropFirst(first).prefix(inside.height).enumerated() {
            frame.runs(runs, x: inside.x + 1, y: inside.y + line, within: inside)
        }
    }

    func interest(_ scene: Scene) -> Interest { Interest() }
}

/// Runs broken at blanks into lines of at most `width` columns.
func wrapped(_ runs: [Run], to width: Int) -> [[Run]] {
    guard width > 4, runs.width > width else { return [runs] }
    var lines: [[Run]] = []
    var line: [Run] = []
    for run in runs {
        for (index, word) in run.text.split(separator: " ", omittingEmptySubsequences: false)
            .enumerated()
        {
            // A run goes on where the one before ended; only its own blanks are places to break at.
            let gap = index > 0 && !line.isEmpty ? " " : ""
            let piece = truncated(String(word), to: width - 2)
            if !line.isEmpty && line.width + gap.count + displayWidth(of: piece) > width {
                lines.append(line)
                line = [Run("  " + piece, run.role)]
            } else {
                line.append(Run(gap + piece, run.role))
            }
        }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
}

/// What is known of a row, what is not, and why.
func explain(_ id: ObjectID, _ scene: Scene) -> (String, [[Run]]) {
    let cluster = scene.cluster
    switch id {
    case .broker(let id):
        guard let broker = cluster.broker(id) else { break }
        return ("broker \(id)", explain(broker, scene))
    case .topic(let name):
        guard let topic = cluster.topic(named: name) else { break }
        return (name, explain(topic, scene))
    case .partition(let key):
        guard let row = cluster.row(of: key) else { break }
        return (key.description, explain(cluster.partition(row), scene))
    case .replica(let key):
        guard let row = cluster.row(of: key.partition) else { break }
        let view = cluster.partition(row)
        return (
            "\(key.partition) on broker \(key.broker)",
            explain(view, scene, only: key.broker)
        )
    case .group(let id):
        guard let group = cluster.group(id) else { break }
        return (id, explain(group, scene))
    case .volume(let broker, let path):
        let dir = cluster.logDirs.first { $0.broker == broker && $0.path == path }
        return ("\(path) of broker \(broker)", explain(dir, broker, scene))
    case .server, .voter, .registration:
        guard let member = scene.picture.members.first(where: { $0.id == id }) else { break }
        return (member.name, explain(member, scene))
    case .event(let number):
        guard let event = cluster.events.events.first(where: { $0.number == number }) else {
            break
        }
        return ("\(event.subject)", explain(event, scene))
    case .finding(let id):
        guard let finding = scene.picture.findings.first(where: { $0.id == id }) else { break }
        var lines = [[Run(finding.text)]]
        if case .words(let words) = finding.target { lines.append([Run(words)]) }
        lines += failures(scene) { finding.isAbout($0) }
        return ("what is wrong", lines)
    default: break
    }
    return ("gone", [[Run("This row is not in the newest picture any more.")]])
}

private func explain(_ broker: Broker, _ scene: Scene) -> [[Run]] {
    var lines = [[Run(capitalised(broker.stateSentence(scene)) + ".")]]
    if broker.isIll {
        lines.append([
            Run("What only it knows keeps its last value, dimmed with ~; everything else is fresh.")
        ])
    }
    if broker.recordsPerSecond == nil {
        lines.append([
            Run("rec/s ?", .unknown),
            Run(": a rate needs two answers of the same partition; it has none yet."),
        ])
    }
    if broker.sizeBytes == nil { lines.append(section(.logDirs, "stored ?", scene)) }
    lines += failures(scene) { $0.broker == broker.id }
    return lines
}

private func explain(_ topic: Topic, _ scene: Scene) -> [[Run]] {
    var lines: [[Run]] = []
    if topic.errorCode != 0 {
        lines.append([Run("The cluster answers error \(topic.errorCode) for it.", .critical)])
    }
    if topic.recordsPerSecond == nil {
        lines.append(section(.offsets, "rec/s ?", scene))
    } else if topic.staleRateCount > 0 {
        lines.append([
            Run(
                "rec/s: \(topic.partitionCount - topic.staleRateCount) of "
                    + "\(plural(topic.partitionCount, "partition")) have a fresh rate; "
                    + "the rest count with their last one.")
        ])
    }
    if topic.sizeBytes == nil { lines.append(section(.logDirs, "size ?", scene)) }
    if topic.overrideCount == nil { lines.append(section(.configs, "overrides ?", scene)) }
    if topic.minInsyncReplicas == nil { lines.append(section(.configs, "min ISR ?", scene)) }
    return lines.isEmpty ? [[Run("All of it is known and fresh.", .good)]] : lines
}

private func explain(
    _ view: PartitionView, _ scene: Scene, only broker: BrokerID? = nil
) -> [[Run]] {
    var lines: [[Run]] = []
    if view.isOffline {
        lines.append([
            Run("It has no leader", .critical),
            Run(": nobody can tell its end, so rate and lag are unknown."),
        ])
    } else if let leader = scene.cluster.broker(view.leader), leader.isIll {
        lines.append([Run("Its leader does not answer", .critical), Run(": rates stand still.")])
    } else if view.recordsPerSecond == nil {
        lines.append([
            Run("rec/s ?", .unknown), Run(": a rate needs two answers of its leader; "),
            Run(view.logEnd == nil ? "none came yet." : "one came so far."),
        ])
    }
    for replica in view.replicas where broker == nil || replica.broker == broker {
        let state =
            scene.cluster.broker(replica.broker)?.stateSentence(scene)
            ?? "broker \(replica.broker) is in no list of brokers"
        let age = scene.age(replica.endAt).map { "offset \(ago($0)) old" } ?? "no offset yet"
        let lag = replica.isLeader ? "leads" : "lag \(NumberFormat.count(replica.lag))"
        lines.append([
            Run("\(replica.broker)  ", replica.isStale ? .stale : .text), Run(lag), Run("; \(age)"),
            Run("; \(state)."),
        ])
    }
    if view.sizeBytes == nil { lines.append(section(.logDirs, "size ?", scene)) }
    if view.minInsyncReplicas == nil { lines.append(section(.configs, "min ISR ?", scene)) }
    return lines
}

private func explain(_ group: ConsumerGroup, _ scene: Scene) -> [[Run]] {
    var lines: [[Run]] = []
    if group.errorCode != 0 {
        lines.append([Run("Its coordinator answers error \(group.errorCode).", .critical)])
    }
    if let broker = scene.cluster.broker(group.coordinator) {
        lines.append([Run("Coordinator: \(broker.stateSentence(scene)).")])
    } else {
        lines.append([Run("Its coordinator is not known.", .unknown)])
    }
    if group.offsets == nil {
        lines.append([Run("lag ?", .unknown), Run(": its offsets have not been read yet.")])
    } else if group.unknownLagCount > 0 {
        lines.append([
            Run("lag", .unknown),
            Run(
                ": of \(plural(group.unknownLagCount, "partition")) the end is not known; "
                    + "the sum counts the others."),
        ])
    }
    if group.members == nil {
        lines.append([Run("members ?", .unknown), Run(": it has not been described yet.")])
    }
    if group.consumedPerSecond == nil {
        lines.append([
            Run("out/s ?", .unknown), Run(": a rate needs two reads of its committed offsets."),
        ])
    } else if group.isStuck == true {
        lines.append([Run("It has records to read and commits nothing.", .warning)])
    }
    if group.secondsToCatchUp == .infinity {
        lines.append([
            Run("caught up never", .warning), Run(": it reads no faster than others write."),
        ])
    }
    return lines
}

private func explain(_ dir: LogDir?, _ broker: BrokerID, _ scene: Scene) -> [[Run]] {
    guard let dir else { return [[Run("It is not in the newest picture any more.")]] }
    var lines: [[Run]] = []
    if dir.errorCode != 0 {
        lines.append([
            Run("The broker has taken it offline (error \(dir.errorCode)).", .critical)
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
    return lines
}

/// Why what a section would tell is unknown.
private func section(_ section: Section, _ what: String, _ scene: Scene) -> [Run] {
    let reason =
        switch scene.cluster.health(section).state {
        case .notLoaded: "\(section.noun) are not loaded yet"
        case .loading(let share):
            "\(section.noun) are being loaded"
                + (share.map { " (\(NumberFormat.percent($0)) so far)" } ?? "")
        case .fresh: "the answer did not name it"
        case .partial: "some brokers did not answer for \(section.noun)"
        case .failed(let why), .unsupported(let why): why
        }
    return [Run(what, .unknown), Run(": \(reason).")]
}

/// The questions that failed, as lines.
private func failures(_ scene: Scene, where isWanted: (ObservationFailure) -> Bool) -> [[Run]] {
    scene.cluster.failures.filter(isWanted).prefix(20).map { failure in
        let of = failure.broker.map { " of broker \($0)" } ?? ""
        return [
            Run("\(failure.api)\(of): ", .dim), Run(failure.code, .warning),
            Run(" \(failure.message)"),
        ]
    }
}

func capitalised(_ text: String) -> String {
    text.isEmpty ? text : text.prefix(1).uppercased() + text.dropFirst()
}
