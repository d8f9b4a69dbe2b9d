// What is wrong: every finding and every question that was not answered, worst first.

internal import ClusterModel
internal import Drawing

/// The list behind `W` and the overview's list of faults.
struct WrongScreen: TableContent {
    var state = TableState(spec)
    var kind: ScreenKind { .wrong }
    var crumb: String { "what is wrong" }

    func target(_ row: Int, _ scene: Scene) -> Screen? {
        Self.screen(scene.picture.findings[row])
    }

    /// The rows behind a finding; nil where its words are all there is.
    static func screen(_ finding: Finding) -> Screen? {
        switch finding.target {
        case .broker(let id): .partitions(PartitionsScreen(Scope(broker: id)))
        case .partition(let key): .partition(PartitionScreen(key))
        case .fault(let fault): .partitions(PartitionsScreen(Scope(fault: fault)))
        case .group(let id): .group(GroupScreen(id))
        case .groups: .groups(GroupsScreen(isFaultsOnly: true))
        case .volumes: .volumes(VolumesScreen())
        case .coordinator: .coordinator(CoordinatorScreen())
        case .words: nil
        }
    }

    func interest(_ scene: Scene) -> Interest { Interest() }

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
