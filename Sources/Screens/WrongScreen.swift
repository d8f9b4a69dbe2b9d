// What is wrong: every finding and every question that was not answered, worst first.

internal import ClusterModel
internal import Drawing

/// The list behind `W` and the overview's list of faults.
struct WrongScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "wrong", aliases: ["failures", "errors"], key: "W", title: "what is wrong",
        help: "all that is wrong or could not be told", hint: 80)
    var state = TableState(spec)

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        Self.screen(scene.picture.findings[row], scene)
    }

    /// The rows behind a finding; nil where its words are all there is.
    static func screen(_ finding: Finding, _ scene: Scene) -> (any Screen)? {
        switch finding.target {
        case .broker(let id): home(of: .broker(id), scene)
        case .partition(let key): home(of: .partition(key), scene)
        case .fault(let fault): PartitionsScreen(Scope(fault: fault))
        case .group(let id): home(of: .group(id), scene)
        case .groups: GroupsScreen(isFaultsOnly: true)
        case .volumes: VolumesScreen()
        case .coordinator: CoordinatorScreen()
        case .words: nil
        }
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .finding(let id) = row,
            let finding = scene.picture.findings.first(where: { $0.id == id })
        else { return nil }
        var lines = [[Run(finding.text)]]
        if case .words(let words) = finding.target { lines.append([Run(words)]) }
        lines += failureLines(scene) { finding.isAbout($0) }
        return Explanation(title: "what is wrong", lines: lines)
    }

    static func mark(_ finding: Finding) -> Run {
        switch finding.severity {
        case .critical: Run(String(Glyph.critical), .critical)
        case .warning: Run(String(Glyph.warning), .warning)
        case .notice:
            switch finding.target {
            case .fault(.moving): Run(String(Glyph.moving), .moving)
            case .words: Run(String(Glyph.unknown), .unknown)
            default: Run(String(Glyph.notPreferred), .warning)
            }
        }
    }

    /// How long it has been so: "2m", or "2m+" where it began before we looked.
    static func since(_ finding: Finding, _ scene: Scene) -> Run {
        let age = finding.since.flatMap { scene.age($0) }
        let more = finding.isSinceStart ? "+" : ""
        return Run(NumberFormat.shortDuration(age.map { $0.wholeBelow }) + more, .dim)
    }

    static let spec = TableSpec(
        noun: "findings", section: .metadata, columns: columns, sort: "severity",
        identityIdeal: { $0.body.width - 14 },
        emptyAdvice: "Every question was answered, and nothing found wrong.",
        rows: { Array(0..<Int32($0.picture.findings.count)) },
        id: { .finding($0.picture.findings[$1].id) },
        find: { scene, id in
            guard case .finding(let id) = id else { return nil }
            return scene.picture.findings.firstIndex { $0.id == id }
        },
        matching: matchingByName { $0.picture.findings[$1].text },
        mark: { mark($0.picture.findings[$1]) },
        isFault: { $0.picture.findings[$1].severity > .notice })

    private static let columns: [Column] = [
        Column(
            "what", "what is wrong", least: 30, align: .left, priority: 0,
            text: { scene, row, width in
                let finding = scene.picture.findings[row]
                let text = truncated(finding.text, to: width, middle: false)
                return [Run(text, finding.severity == .critical ? .critical : .text)]
            }),
        Column(
            "since", "since", least: 6, priority: 1,
            value: { scene, row in
                sortValue(scene.picture.findings[row].since.flatMap { scene.age($0) })
            },
            text: { scene, row, _ in [since(scene.picture.findings[row], scene)] }),
        Column(
            "severity", "", least: 0, priority: 99,
            value: { Float($0.picture.findings[$1].severity.rawValue) },
            text: { _, _, _ in [] }),
    ]
}
