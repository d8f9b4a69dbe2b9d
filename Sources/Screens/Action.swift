// What can be done at a key, by name: keys, commands, help and footer all speak of these.

internal import ClusterModel
internal import Drawing

/// The screens by kind: where a binding holds, and where `:` commands lead.
enum ScreenKind: String, CaseIterable, Sendable {
    case overview, throughput, brokers, topics, partitions, partition, replicas, groups, group
    case volumes, wrong, help, why
}

/// Something the operator wants.
enum Action: Hashable, Sendable {
    // Within a screen.
    case lines(Int)
    case pages(Double)
    case first, last
    case left, right
    case open, explain
    case sortNext, sortPrevious, reverse
    case faultsOnly
    case mark, markRange, markAll
    case nextPane, previousPane
    case longerWindow, shorterWindow, unit
    case copy
    // The whole.
    case back, close
    case command, filter, help
    case quit, suspend, redraw
    case pause, faster, slower, refreshNow, snapshot
    case go(ScreenKind)
    case fault(Int)
    case throughputOfRow
}

/// A key, what it does, where, and how it is told.
struct Binding: Sendable {
    var keys: [Key]
    /// The keys as printed: "j ↓".
    var label: String
    var action: Action
    /// One or two words for the footer.
    var title: String
    /// A sentence for the help screen.
    var help: String
    /// nil: everywhere.
    var kinds: Set<ScreenKind>?
    /// Footer order, smallest first; nil: only in help.
    var hint: Int?
    /// Heading in help.
    var area: String

    func holds(in kind: ScreenKind) -> Bool { kinds?.contains(kind) ?? true }
}
