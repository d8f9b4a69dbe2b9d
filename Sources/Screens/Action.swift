// What can be done at a key, by name: keys, commands, help and footer all speak of these.

package import Drawing

/// The screens by kind: where a binding holds, and where `:` commands lead.
package enum ScreenKind: String, CaseIterable, Sendable {
    case overview, throughput, brokers, topics, partitions, partition, replicas, groups, group
    case volumes, coordinator, events, wrong, help, why
}

/// Something the operator wants.
package enum Action: Hashable, Sendable {
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
package struct Binding: Sendable {
    package var keys: [Key]
    /// The keys as printed: "j ↓".
    package var label: String
    package var action: Action
    /// One or two words for the footer.
    package var title: String
    /// A sentence for the help screen.
    package var help: String
    /// nil: everywhere.
    package var kinds: Set<ScreenKind>?
    /// Footer order, smallest first; nil: only in help.
    package var hint: Int?
    /// Heading in help.
    package var area: String

    package func holds(in kind: ScreenKind) -> Bool { kinds?.contains(kind) ?? true }
}
