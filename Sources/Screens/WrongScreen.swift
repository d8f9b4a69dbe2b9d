// What is wrong: every finding and every question that was not answered, worst first.

internal import ClusterModel
internal import Drawing
internal import Health

/// The list behind `W` and the overview's list of faults.
struct WrongScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "wrong", aliases: ["failures", "errors"], key: "W", title: "what is wrong",
        help: "all that is wrong or could not be told", hint: 80)
    var state = TableState(spec)

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        Self.screen(behind: scene.cluster.findings[row], scene)
    }

    /// What lies behind a finding; nil where its sentence is all there is.
    static func screen(behind finding: Finding, _ scene: Scene) -> (any Screen)? {
        switch finding.link {
        case .subject: home(of: finding.subject, scene)
        case .object(let object): home(of: object, scene)
        case .rows: ruleEntry(finding.rule).flatMap(screen(ofRowsBehind:))
        case .nothing: nil
        }
    }

    /// All rows that a rule counts.
    static func screen(ofRowsBehind rule: RuleEntry) -> (any Screen)? {
        switch rule.rows {
        case .partitions: PartitionsScreen(Scope(rule: rule.name))
        case .brokers: BrokersScreen()
        case .groups: GroupsScreen(rule: rule.name)
        case .logDirs: VolumesScreen()
        case .coordinator: CoordinatorScreen()
        case .none: nil
        }
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .finding(let id) = row,
            let finding = scene.cluster.findings.first(where: { $0.id == id })
        else { return nil }
        var lines = [[Run(finding.text)]]
        if finding.link == .nothing { lines.append([Run(finding.advice)]) }
        if case .request(let api, _) = finding.subject {
            lines += failureLines(scene) { $0.api == api }
        }
        return Explanation(title: "what is wrong", lines: lines)
    }

    static func mark(_ finding: Finding) -> Run {
        if finding.severity == .notice, finding.link == .nothing {
            return Run(String(Glyph.unknown), .unknown)
        }
        return severityMark(finding.severity, isWork: ruleEntry(finding.rule)?.isWork == true)
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
        rows: { Array(0..<Int32($0.cluster.findings.count)) },
        id: { .finding($0.cluster.findings[$1].id) },
        find: { scene, id in
            guard case .finding(let id) = id else { return nil }
            return scene.cluster.findings.firstIndex { $0.id == id }
        },
        matching: matchingByName { $0.cluster.findings[$1].text },
        mark: { mark($0.cluster.findings[$1]) },
        isFault: { $0.cluster.findings[$1].severity > .notice },
        whyEmpty: { $0.cluster.absenceOfFaults })

    private static let columns: [Column] = [
        Column(
            "what", "what is wrong", least: 30, align: .left, priority: 0,
            text: { scene, row, width in
                let finding = scene.cluster.findings[row]
                let text = truncated(finding.text, to: width, middle: false)
                return [Run(text, finding.severity == .critical ? .critical : .text)]
            }),
        Column(
            "since", "since", least: 6, priority: 1,
            value: { scene, row in
                sortValue(scene.cluster.findings[row].since.flatMap { scene.age($0) })
            },
            text: { scene, row, _ in [since(scene.cluster.findings[row], scene)] }),
        Column(
            "severity", "", least: 0, priority: 99,
            value: { Float($0.cluster.findings[$1].severity.rank) },
            text: { _, _, _ in [] }),
    ]
}
