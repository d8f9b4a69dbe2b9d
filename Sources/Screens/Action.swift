// What can be done at a key, by name: keys, commands, help and footer all speak of these.

internal import ClusterModel
package import Drawing

/// Something the operator wants.
package enum Action: Hashable, Sendable {
    // Within a screen.
    case lines(Int)
    case pages(Double)
    case first, last
    case left, right
    case open, explain
    case sortNext, sortPrevious, reverse
    /// Opens the list of columns to sort by; sorts by one of them, or turns its order round.
    case sortMenu
    case sortBy(String)
    case faultsOnly
    case mark, markRange, markAll
    case nextPane, previousPane
    case longerWindow, shorterWindow, unit
    case copy
    /// Proposes elections of preferred leaders: of the marked rows, else of the selected one.
    case elect
    /// Of all partitions.
    case electAll
    /// Proposes leaders that were not in sync, for partitions without one.
    case electUnclean
    /// Takes a change of the journal back, and compares two of them.
    case undo, compare
    /// Of a group: opens the command that resets its offsets; takes the row's member out of it.
    case resetOffsets, removeMember
    /// Open the commands that make a topic and that widen this one.
    case create, addPartitions
    /// Opens the command that copies the overrides of this topic to others.
    case copyOverrides
    /// A config: edits its value in the row. Proposes to delete: its override, or what
    /// the row is.
    case edit, delete
    /// Plans: empty the chosen brokers, bring replicas to them, share all evenly, move the marked.
    case drain, fill, balance, move
    /// Of a plan: leave the row out of it, take the last one left out in again, type another
    /// throttle or tolerance, go on to the review.
    case leaveOut, takeIn, editThrottle, editTolerance, review
    /// Of the plan that is being carried out.
    case holdPlan, moreThrottle, lessThrottle, stopPlan
    /// Take away throttles that nothing needs; end somebody else's move.
    case unthrottle, cancelMove
    /// Of a plan that was cut short: go on with it, let it end where it is, call it over.
    case resumePlan, adoptPlan, forgetPlan
    /// Which of two clusters: the one known so far, or the one that answers.
    case stay, beginAnew
    /// Writes the cluster's id into the context that is open.
    case pinCluster
    /// Puts the row in maintenance, or ends it.
    case maintenance
    // The whole.
    case back, close
    case command, filter, help
    case quit, suspend, redraw
    case pause, faster, slower, refreshNow, snapshot
    /// To a screen, by the name of its entry.
    case go(String)
    /// To the rows behind a rule of Health, by its name.
    case rule(String)
}

/// What a screen has, so that keys made for it work there.
package struct ScreenTraits: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Rows that can be selected and lead somewhere.
    package static let rows = ScreenTraits(rawValue: 1)
    /// One table: columns, order, marks.
    package static let table = ScreenTraits(rawValue: 2)
    /// Its table can be narrowed by a filter and to faults.
    package static let narrows = ScreenTraits(rawValue: 4)
    /// It lies on the screen below, which stays in sight.
    package static let overlay = ScreenTraits(rawValue: 8)
    /// Keys are text there; none of the shared ones holds.
    package static let typing = ScreenTraits(rawValue: 16)
    /// Its rows are replicas, partitions, topics or brokers: what leaders can be elected for.
    package static let electable = ScreenTraits(rawValue: 32)
    /// Its rows are brokers, or some are.
    package static let brokers = ScreenTraits(rawValue: 64)
    /// Its rows are partitions or topics.
    package static let movable = ScreenTraits(rawValue: 128)

    /// Where a key is of use that needs these, in words.
    var place: String {
        contains(.brokers)
            ? "only where rows are brokers"
            : contains(.movable)
                ? "only where rows are partitions or topics"
                : contains(.electable)
                    ? "only where rows are replicas, partitions, topics or brokers"
                    : contains(.narrows)
                        ? "only in tables of many rows"
                        : contains(.table) ? "only in tables" : "only on screens with rows"
    }
}

/// A key, what it does, where, and how help and footer describe it.
package struct Binding: Sendable {
    package var keys: [Key]
    /// The keys as printed: "j ↓".
    package var label: String
    package var action: Action
    /// One or two words for the footer.
    package var title: String
    /// A sentence for the help screen.
    package var help: String
    /// What a screen must have for the key to work there; of a screen's own keys: nothing.
    package var needs: ScreenTraits = []
    /// Footer order, smallest first; nil: only in help.
    package var hint: Int?
    /// Heading in help.
    package var area: String
    /// Why it cannot be done now, with this row selected; nil: it can.
    var why: (@Sendable (Scene, ObjectID?) -> String?)?
    /// The footer names it only where it can be done.
    var isSeldom = false
}
