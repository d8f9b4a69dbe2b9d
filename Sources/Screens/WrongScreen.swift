// What is wrong: every finding and every question that was not answered, worst first.

internal import ClusterModel
internal import Drawing
internal import Health

/// The list behind `W` and the overview's list of faults.
struct WrongScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "wrong", aliases: ["failures", "errors"], key: "W", title: "what is wrong",
        help: "all that is wrong or could not be told", hint: 80)
    static let traits: ScreenTraits = [.rows, .table, .narrows, .electable]
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
        case .findings: WrongScreen()
        case .none: nil
        }
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        guard action == .elect else { return updateTable(action, scene) }
        guard case .finding(let id)? = row(scene) else { return [] }
        switch id.subject {
        case .partition, .topic, .broker: return [elections(of: [id.subject])]
        default: return [.refuse("elect: this line names no partition, topic or broker; E is all")]
        }
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .finding(let id) = row,
            let finding = scene.cluster.findings.first(where: { $0.id == id })
        else { return nil }
        var lines = [[Run(finding.text)]]
        if !finding.advice.isEmpty { lines.append([Run(finding.advice)]) }
        if let cause = finding.cause,
            let other = scene.cluster.findings.first(where: { $0.id == cause })
        {
            lines.append([Run("It follows from: ", .dim), Run(other.text)])
        }
        if !finding.evidence.isEmpty {
            let facts = finding.evidence.map {
                "\($0.name.replacing("_", with: " ")) \(NumberFormat.rate($0.value))"
            }
            lines.append([Run(facts.joined(separator: "   "), .dim)])
        }
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

    /// How long it has been so: "2m"; nothing where it was there before we looked.
    static func since(_ finding: Finding, _ scene: Scene) -> Run {
        guard !finding.isSinceStart, let since = finding.since else { return Run("", .dim) }
        return Run(NumberFormat.shortDuration(scene.age(since).map { $0.wholeBelow }), .dim)
    }

    /// What follows from another stands a step to the right beneath it.
    static func text(_ finding: Finding, width: Int) -> Run {
        let text = (finding.cause == nil ? "" : "  ") + finding.text
        return Run(
            truncated(text, to: width, middle: false),
            finding.severity == .critical ? .critical : .text)
    }

    /// The whole sentence, and beneath it what to do.
    static func lines(_ finding: Finding, width: Int) -> TableSpec.RowText {
        let indent = finding.cause == nil ? "" : "  "
        let role: Role = finding.severity == .critical ? .critical : .text
        func within(_ text: String, _ indent: String, _ role: Role) -> [[Run]] {
            wrapped([Run(text, role)], to: width - indent.count).map { [Run(indent)] + $0 }
        }
        // What the sentence begins with needs no second line.
        let advice = finding.advice.lowercased()
        let saysNoMore = advice.isEmpty || advice.hasPrefix(finding.text.lowercased())
        return TableSpec.RowText(
            lines: within(finding.text, indent, role),
            notes: saysNoMore ? [] : within(finding.advice, indent + "  ", .dim))
    }

    /// What to press on a finding's line: "E elect all", "Enter partitions".
    static func keyRuns(_ finding: Finding, _ width: Int) -> [Run] {
        guard let key = finding.key else { return [] }
        guard width > 10 else { return [Run(key, .key)] }
        return [Run(key, .key), Run(" " + place(behind: finding, key), .dim)]
    }

    private static func place(behind finding: Finding, _ key: String) -> String {
        if key != "Enter" {
            return Keymap.shared.first { $0.label == key }?.title ?? ""
        }
        switch finding.link {
        case .subject: return finding.subject.kind.replacing("_", with: " ")
        case .object(let object): return object.kind.replacing("_", with: " ")
        case .rows:
            return switch ruleEntry(finding.rule)?.rows {
            case .brokers: "brokers"
            case .partitions: "partitions"
            case .groups: "groups"
            case .logDirs: "volumes"
            case .coordinator: "coordinator"
            default: ""
            }
        case .nothing: return ""
        }
    }

    static let spec = TableSpec(
        noun: "findings", section: .metadata, columns: columns, sort: "severity",
        identityIdeal: { $0.body.width - ($0.body.width >= 100 ? 36 : 21) },
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
        whyEmpty: { $0.cluster.absenceOfFaults },
        more: { lines($0.cluster.findings[$1], width: $2) })

    private static let columns: [Column] = [
        Column(
            "what", "what is wrong", least: 30, align: .left, priority: 0,
            text: { scene, row, width in
                [Self.text(scene.cluster.findings[row], width: width)]
            }),
        Column(
            "since", "since", least: 6, priority: 1,
            value: { scene, row in
                sortValue(scene.cluster.findings[row].since.flatMap { scene.age($0) })
            },
            text: { scene, row, _ in [since(scene.cluster.findings[row], scene)] }),
        Column(
            "key", "press", least: 5, ideal: 18, align: .left, priority: 2,
            text: { scene, row, width in keyRuns(scene.cluster.findings[row], width) }),
        Column(
            "severity", "", least: 0, priority: 99,
            // As they are ordered: what follows from another stays beneath it.
            value: { _, row in -Float(row) }, text: { _, _, _ in [] }),
    ]
}
