// Help: every key of the screen it was asked on, printed from the table the keys run on.

internal import ClusterModel
internal import Drawing

/// The keys of a screen, by area, in as many columns as fit.
struct HelpScreen: Screen {
    static let entry = ScreenEntry(name: "help", title: "help", help: "every key of a screen")
    static let bindings = [
        Binding(
            keys: [.character("?"), .function(1), .enter], label: "?", action: .back,
            title: "close",
            help: "back to the screen", hint: 5, area: "Look")
    ]
    /// The headings, in their order.
    static let areas = ["Look", "Act", "Narrow", "Go", "Move", "The rest"]
    let about: any Screen.Type
    private var top = 0

    init(about: any Screen.Type) { self.about = about }

    init?(_ subject: ObjectID?, _ scene: Scene) { return nil }

    mutating func observe(_ scene: Scene, isIdle: Bool) { clamp(scene) }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        let page = max(1, scene.body.height - 1)
        switch action {
        case .lines(let count): top += count
        case .pages(let share): top += Int(Double(page) * share)
        case .first: top = 0
        case .last: top = .max / 2
        case .back: return [.leave]
        default: break
        }
        clamp(scene)
        return []
    }

    private mutating func clamp(_ scene: Scene) {
        let count = lines(scene.body.width).count
        top = min(max(0, top), max(0, count - scene.body.height))
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        for (line, runs) in lines(body.width).dropFirst(top).prefix(body.height).enumerated() {
            frame.runs(
                runs, x: body.x + 1, y: body.y + line, width: body.width - 2, align: .left,
                within: body)
        }
    }

    /// The help as lines for this width.
    func lines(_ width: Int) -> [[Run]] {
        let here = Keymap.bindings(on: about)
        var lines: [[Run]] = [
            [Run("Keys on ", .title), Run(about.entry.name, .accent), Run("  (Esc closes)", .dim)]
        ]
        for area in Self.areas {
            let bindings = here.filter { $0.area == area }
            if bindings.isEmpty { continue }
            lines.append([Run(area, .header)])
            let columns = width >= 150 ? 2 : 1
            let height = (bindings.count + columns - 1) / columns
            let half = (width - 4) / columns
            for line in 0..<height {
                var runs: [Run] = []
                for column in 0..<columns {
                    let index = column * height + line
                    guard index < bindings.count else { continue }
                    let binding = bindings[index]
                    let label = binding.label
                    let pad = String(repeating: " ", count: max(1, 11 - displayWidth(of: label)))
                    let text = truncated(binding.help, to: half - 15, middle: false)
                    let fill = half - 13 - displayWidth(of: text)
                    runs += [
                        Run("  " + label, .key),
                        Run(pad + text + String(repeating: " ", count: max(0, fill))),
                    ]
                }
                lines.append(runs)
            }
        }
        lines.append([Run("Marks", .header)])
        lines += marks
        lines.append([Run("Commands", .header)])
        for command in Command.all {
            let pad = String(repeating: " ", count: max(1, 24 - displayWidth(of: command.usage)))
            lines.append([Run("  " + command.usage, .key), Run(pad + command.help)])
        }
        return lines
    }

    private var marks: [[Run]] {
        [
            [
                Run("  \(Glyph.critical)", .critical), Run(" critical   "),
                Run("\(Glyph.warning)", .warning), Run(" warning   "),
                Run("\(Glyph.notPreferred)", .warning), Run(" not the preferred leader   "),
                Run("\(Glyph.moving)", .moving), Run(" moving"),
            ],
            [
                Run("  \(Glyph.stale)12", .stale), Run(" old: its source is silent, or unsure   "),
                Run("\(Glyph.unknown)", .unknown), Run(" unknown: i says why   "),
                Run("\(Glyph.marked)", .marked), Run(" marked"),
            ],
            [
                Run("  replicas: 2"), Run("\(Glyph.leader)", .good), Run(" leader   3"),
                Run("\(Glyph.inSync) in sync   4"), Run("\(Glyph.behind)", .warning),
                Run(" behind   5"), Run("\(Glyph.unknown)", .critical), Run(" broker silent"),
            ],
        ]
    }
}
