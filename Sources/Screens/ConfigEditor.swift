// A value that is edited in its row: typed by its kind, with what is wrong beneath as it is typed.

internal import ClusterModel
internal import Drawing
internal import KafkaConfigs
internal import Planning

/// The line in which one config is edited.
struct ConfigEditor: Sendable {
    enum Answer: Sendable {
        case open, cancelled
        case proposed(ChangeRequest)
    }

    private let subjects: [ObjectID]
    private let form: ConfigForm
    /// The raw value in force, to which `+part` is applied.
    private let present: String?
    /// What is set already: the same again would change nothing.
    private let override: String?
    private var line: LineEditor
    /// Of the choices, the one that Tab took last.
    private var choice = -1
    private var fault: String?

    /// - Parameter subjects: whose config it is; each is changed.
    init(_ form: ConfigForm, of subjects: [ObjectID], present: String?, override: String?) {
        self.form = form
        self.subjects = subjects
        self.present = present
        self.override = subjects.count == 1 ? override : nil
        line = LineEditor(present.map { form.humanised($0) ?? $0 } ?? "")
    }

    static let hints = [
        Binding(
            keys: [.enter], label: "Enter", action: .open, title: "review",
            help: "review the change", area: "Act"),
        Binding(
            keys: [.escape], label: "Esc", action: .back, title: "leave as it is",
            help: "leave it as it is", area: "Act"),
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "next choice",
            help: "the next choice, where there are any", area: "Act"),
        Binding(
            keys: [.control("u")], label: "Ctrl-u", action: .first, title: "empty it",
            help: "take away what stands before the cursor", area: "Act"),
    ]

    mutating func take(_ key: Key) -> Answer {
        switch key {
        case .escape, .control("c"): return .cancelled
        case .tab: choose(1)
        case .backTab: choose(-1)
        case .enter: return propose()
        default: line.take(key)
        }
        fault = nil
        return .open
    }

    private mutating func choose(_ step: Int) {
        let options = options
        guard !options.isEmpty else { return }
        choice = choice < 0 ? (step > 0 ? 0 : options.count - 1) : choice + step
        choice = (choice + options.count) % options.count
        line.set(options[choice])
    }

    private var options: [String] {
        guard case .list(let choices) = form.kind, choices.count > 1 else { return form.choices }
        return choices + [choices.joined(separator: ",")]
    }

    private mutating func propose() -> Answer {
        do throws(ConfigFault) {
            let raw = try form.raw(line.string, present: present)
            if raw == override {
                fault = "it is \(shownName(raw)) already: nothing would change"
                return .open
            }
            return .proposed(
                ChangeRequest("alter_configs", of: subjects, values: [.init(form.key, raw)]))
        } catch {
            fault = error.sentence
            return .open
        }
    }

    /// What is wrong with what is typed, or what it means.
    private var message: Run {
        if let fault { return Run(fault, .warning) }
        do throws(ConfigFault) {
            let raw = try form.raw(line.string, present: present)
            let units = form.humanised(raw).map { " (\($0))" } ?? ""
            let choices = options.isEmpty ? "" : "   Tab: \(options.joined(separator: "  "))"
            return Run("= \(shownName(raw))\(units)\(choices)", .dim)
        } catch {
            return Run(error.sentence, .warning)
        }
    }

    /// Draws the line from column `x` of row `y`, and the message in the row beneath, or above
    /// where none is beneath.
    func draw(_ frame: inout Frame, x: Int, y: Int, within area: Rect) {
        let cell = Rect(x: x, y: y, width: max(1, area.right - 1 - x), height: 1)
        frame.fill(cell)
        line.draw(&frame, cell, room: max(1, cell.width - 1), within: cell)
        let below = y + 1 < area.bottom ? y + 1 : y - 1
        guard below >= area.y else { return }
        let row = Rect(x: area.x, y: below, width: area.width - 1, height: 1)
        frame.fill(row)
        let text = message
        let start = min(x, max(area.x + 1, row.right - text.width - 1))
        frame.runs([text], x: start, y: below, width: row.right - start, align: .left, within: row)
    }
}

/// A table whose rows are configs that are edited in their line.
protocol ConfigTable: TableScreen {
    var editor: ConfigEditor? { get set }
    /// The line in which the row is edited; nil where it cannot be.
    func editor(of row: ObjectID, _ scene: Scene) -> ConfigEditor?
    /// What deletes the row's override; nil where there is none.
    func deletion(of row: ObjectID, _ scene: Scene) -> ChangeRequest?
}

extension ConfigTable {
    var isTyping: Bool { editor != nil }
    var hints: [Binding] {
        if editor != nil { return ConfigEditor.hints }
        // That is here already.
        return Keymap.hints(on: Self.self).filter { $0.action != .go(ConfigsScreen.entry.name) }
    }

    mutating func observe(_ scene: Scene, isIdle: Bool) { observeRows(scene, isIdle: isIdle) }

    mutating func observeRows(_ scene: Scene, isIdle: Bool) {
        let page = TableView.page(tableRect(scene).height)
        // Nothing moves under what is being typed.
        state.observe(spec, scene, isIdle: isIdle && editor == nil, page: page)
        state.resize(spec, scene, page: page)
    }

    mutating func cover() {
        editor = nil
        state.cover()
    }

    mutating func take(_ key: Key, _ scene: Scene) -> [Request] {
        guard var open = editor else { return [] }
        switch key {
        case .control("l"): return [.perform(.redraw)]
        case .control("z"): return [.perform(.suspend)]
        default: break
        }
        let answer = open.take(key)
        switch answer {
        case .open: editor = open
        case .cancelled: editor = nil
        case .proposed(let request):
            editor = nil
            return [.effect(.propose(request))]
        }
        return []
    }

    /// What the keys of `ConfigKeys` do.
    mutating func change(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .edit:
            guard let row = row(scene) else { return [] }
            editor = editor(of: row, scene)
        case .delete:
            guard let row = row(scene), let request = deletion(of: row, scene) else { return [] }
            return [.effect(.propose(request))]
        default: break
        }
        return []
    }

    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Request] {
        editor == nil ? clickTable(x: x, y: y, scene) : []
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        renderAround(&frame, scene)
        let rect = tableRect(scene)
        let view = TableView(spec: spec, state: state, scene: scene)
        view.draw(&frame, rect)
        guard let editor else { return }
        let column = view.placed(rect).placed.first { $0.column.id == "value" }
        let y = rect.y + 1 + state.index - state.top
        editor.draw(
            &frame, x: rect.x + (column?.x ?? rect.width / 2), y: min(y, rect.bottom - 1),
            within: Rect(
                x: rect.x, y: rect.y + 1, width: rect.width, height: max(1, rect.height - 1)))
    }
}

/// The keys that change configs.
enum ConfigKeys {
    /// Edits; `keys` are those of the screen.
    static func edit(
        _ keys: [Key], label: String,
        why: @escaping @Sendable (Scene, ObjectID) -> String?
    ) -> Binding {
        Binding(
            keys: keys, label: label, action: .edit, title: "edit",
            help: "edit the value in its line: 7d, 10GiB, +compact; a review follows", hint: 10,
            area: "Act", why: { reason($0, $1, why) })
    }

    static func delete(
        why: @escaping @Sendable (Scene, ObjectID) -> String?
    ) -> Binding {
        Binding(
            keys: [.character("d")], label: "d", action: .delete, title: "delete override",
            help: "delete the override, so that what stands behind it holds",
            hint: 12, area: "Act", why: { reason($0, $1, why) })
    }

    private static func reason(
        _ scene: Scene, _ row: ObjectID?, _ why: (Scene, ObjectID) -> String?
    ) -> String? {
        if scene.isReadOnly { return "this session is read-only" }
        return row.map { why(scene, $0) } ?? "no row is selected"
    }
}
