// Why something is unknown, old or wrong: every row can be asked. A `?` without a reason would only
// be a politer lie.

internal import ClusterModel
internal import Drawing

/// A box of sentences over the screen below.
struct WhyScreen: Screen {
    static let entry = ScreenEntry(name: "why", title: "why", help: "why a row is as it is")
    static let traits: ScreenTraits = .overlay
    static let bindings = [
        Binding(
            keys: [.enter], label: "Enter", action: .back, title: "close",
            help: "back to the row", area: "Look")
    ]
    private let title: String
    private let lines: [[Run]]
    private var top = 0

    init(_ explanation: Explanation) {
        title = explanation.title
        lines = explanation.lines
    }

    init?(_ subject: ObjectID?, _ scene: Scene) { return nil }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
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
        let rect = body.dialog(width: width, height: height)
        let inside = frame.box(rect, title: [Run(title, .title)], role: .accent)
        let first = min(top, max(0, text.count - inside.height))
        for (line, runs) in text.dropFirst(first).prefix(inside.height).enumerated() {
            frame.runs(runs, x: inside.x + 1, y: inside.y + line, within: inside)
        }
    }
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

/// Why what a section would hold is unknown.
func unknownRuns(_ what: String, _ section: Section, _ scene: Scene) -> [Run] {
    let reason =
        switch scene.cluster.absence(in: section) {
        case .reading(let share):
            "\(section.noun) are being read"
                + (share.map { " (\(NumberFormat.percent($0)) so far)" } ?? "")
        case .none, .watching: "the answer did not name it"
        case .noneTold: "some brokers did not answer for \(section.noun)"
        case .unknown(let why): why
        }
    return [Run(what, .unknown), Run(": \(reason).")]
}

/// The questions that failed, as lines.
func failureLines(_ scene: Scene, where isWanted: (ObservationFailure) -> Bool) -> [[Run]] {
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
