// The contexts there are: Enter goes on with another cluster, in its own colour and with its own
// rights.

internal import ClusterModel
internal import Drawing

/// A context as its file has it; nothing of its cluster is asked.
package struct ContextEntry: Sendable, Equatable {
    package var name: String
    package var file: String
    /// Where it begins, or what is wrong with its file, in one sentence.
    package var address: String
    package var isWrong = false
    package var isProduction = false
    package var isReadOnly = false
    /// The cluster's id that it pins.
    package var clusterID: String?
    /// It is the one in the title.
    package var isCurrent = false

    package init(name: String, file: String, address: String) {
        self.name = name
        self.file = file
        self.address = address
    }
}

/// All contexts, those that were open last first: one value for every closure that draws.
package final class ContextList: Sendable {
    package let entries: [ContextEntry]

    package init(_ entries: [ContextEntry]) { self.entries = entries }

    package static let none = ContextList([])
}

/// The contexts in a box over the screen below.
struct ContextsScreen: Screen {
    static let entry = ScreenEntry(
        name: "contexts", aliases: ["ctx"], key: "X", title: "contexts",
        help: "the contexts there are, to go on with another cluster",
        argument: Argument(
            noun: "context", placeholder: "NAME", isOptional: true,
            completions: { scene, text in
                matching(scene.contexts.entries.lazy.filter { !$0.isCurrent }.map(\.name), text)
            }),
        takesRow: true)
    static let traits: ScreenTraits = [.overlay, .rows]
    static let bindings = [
        Binding(
            keys: [.enter], label: "Enter", action: .open, title: "open",
            help: "go on with this context's cluster", hint: 1, area: "Look"),
        Binding(
            keys: [.character("w")], label: "w", action: .pinCluster, title: "pin cluster",
            help: "write this cluster's id into the context's file", hint: 2, area: "Act"),
    ]
    static let commands = [
        Command(
            entry.name, aliases: entry.aliases, entry.argument,
            help: "the contexts, or go on with the one named"
        ) { name, scene in
            guard !name.isEmpty else { return .open(ContextsScreen(scene)) }
            return open(name, scene)
        }
    ]

    private var index: Int

    init(_ scene: Scene) {
        // The one before this: the commonest way.
        index = scene.contexts.entries.firstIndex { !$0.isCurrent } ?? 0
    }

    init?(_ subject: ObjectID?, _ scene: Scene) { self.init(scene) }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        let last = max(0, scene.contexts.entries.count - 1)
        switch action {
        case .lines(let count): index = min(max(0, index + count), last)
        case .pages(let share): index = share < 0 ? 0 : last
        case .first: index = 0
        case .last: index = last
        case .open:
            guard scene.contexts.entries.indices.contains(index) else { return [] }
            return [.leave, Self.open(scene.contexts.entries[index].name, scene)]
        case .pinCluster: return [Self.pin(scene)]
        case .back: return [.leave]
        default: break
        }
        return []
    }

    private static func open(_ name: String, _ scene: Scene) -> Request {
        guard let entry = scene.contexts.entries.first(where: { $0.name == name }) else {
            return .refuse("no context \(name): X lists those there are")
        }
        if entry.isCurrent { return .refuse("\(name) is open") }
        if entry.isWrong { return .refuse("\(name): \(entry.address)") }
        // It is carried out from here, and would stand still.
        if let execution = scene.execution, execution.isUnderWay {
            return .refuse("\(name): a plan is carried out from here; in :moves x stops it")
        }
        return .effect(.switchContext(name))
    }

    private static func pin(_ scene: Scene) -> Request {
        guard let current = scene.contexts.entries.first(where: \.isCurrent) else {
            return .refuse("pin cluster: no context is open")
        }
        guard let id = scene.cluster.clusterID else {
            return .refuse("pin cluster: the cluster's id is not known yet")
        }
        if let pinned = current.clusterID {
            return .refuse(
                pinned == id
                    ? "\(current.name) is pinned to this cluster"
                    : "\(current.name) is pinned to \(pinned): edit \(current.file)")
        }
        return .effect(.pinCluster(context: current.name, id: id))
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let entries = scene.contexts.entries
        let rows = entries.map(Self.cells)
        let widths = (0..<3).map { column in
            rows.map { displayWidth(of: $0[column].text) }.max() ?? 0
        }
        let none = wrapped(
            [Run("No contexts: highwater contexts says where their files go.", .dim)],
            to: min(body.width, 62) - 4)
        let width = min(body.width, max(62, widths.reduce(8, +)))
        let height = min(body.height, (entries.isEmpty ? none.count : entries.count) + 2)
        let rect = body.dialog(width: width, height: height)
        let inside = frame.box(rect, title: [Run("contexts", .title)], role: .accent)
        guard !entries.isEmpty else {
            for (line, runs) in none.enumerated() {
                frame.runs(runs, x: inside.x + 1, y: inside.y + line, within: inside)
            }
            return
        }
        let first = min(max(0, index - inside.height + 1), max(0, entries.count - inside.height))
        for (line, cells) in rows.dropFirst(first).prefix(inside.height).enumerated() {
            var runs: [Run] = []
            for (column, cell) in cells.enumerated() {
                let blanks = column < 2 ? widths[column] - displayWidth(of: cell.text) + 2 : 0
                runs += [cell, Run(String(repeating: " ", count: max(0, blanks)))]
            }
            let y = inside.y + line
            frame.runs(runs, x: inside.x + 1, y: y, width: inside.width - 2, align: .left)
            if first + line == index { frame.select(x: inside.x, y: y, width: inside.width) }
        }
    }

    private static func cells(_ entry: ContextEntry) -> [Run] {
        let marks = [
            entry.isCurrent ? "open" : nil, entry.isProduction ? "production" : nil,
            entry.isReadOnly ? "read-only" : nil, entry.clusterID == nil ? nil : "pinned",
        ].compactMap(\.self)
        let role: Role = entry.isWrong ? .warning : entry.isCurrent ? .accent : .text
        return [
            Run(entry.name, role),
            Run(marks.joined(separator: " "), entry.isProduction ? .warning : .dim),
            Run(entry.address, entry.isWrong ? .warning : .dim),
        ]
    }
}
