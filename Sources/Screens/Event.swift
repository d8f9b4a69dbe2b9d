// What goes into the screens and what comes out: plain data both ways, so that a recorded session
// replays to the same frames.

package import ClusterModel
package import Drawing
package import Planning

/// Everything that can change a screen. Time itself arrives as an event: screens own no clock.
package enum Event: Sendable {
    case key(Key)
    /// The terminal's size in columns and rows; also the first event of a session.
    case resized(width: Int, height: Int)
    /// A new state of the cluster.
    case cluster(Cluster)
    /// A quarter to one second has passed. `localTime` is the wall clock as the operator reads it,
    /// "12:48:03"; it also gives the screens the offset of the time zone.
    case tick(now: Instant, wall: WallTime, localTime: String)
    /// What the client is trying while nothing is known of the cluster yet, in one sentence.
    case connecting(String)
    /// This effect was carried out; one sentence for the footer.
    case effectDone(Effect, String)
    /// This effect could not be carried out; one sentence for the footer, shown as a warning.
    case effectFailed(Effect, String)
    /// What was asked for would do this.
    case proposed(ChangeRequest, Proposal)
    /// What became of the change under way.
    case operation(OperationEvent)
    /// What was planned.
    case planned(PlanAnswer)
    /// What the journal of this cluster says now.
    case journal(JournalView)
    /// The contexts there are now.
    case contexts(ContextList)
    /// Something the operator should read once that is no failure of an effect.
    case notice(String)
}

/// What is to be done because of an event; a ConsoleSession carries it out.
package enum Effect: Equatable, Sendable {
    case quit
    /// Repaint everything (Ctrl-l).
    case redraw
    /// Stop the process as a shell expects (Ctrl-z).
    case suspend
    /// The refresh interval of what is visible, in seconds.
    case setRefresh(seconds: Double)
    /// What is in view changed: ask for that first. At once where the operator brought it there,
    /// with the next round where rows only changed places: a new state must not be the reason for
    /// the next.
    case interest(Interest, isAtOnce: Bool)
    /// Let what is known of this cluster go and observe the other one that answers.
    case beginAnew(OtherCluster)
    /// Put text on the clipboard (OSC 52); `of` says in words what it is: "the row".
    case copy(String, of: String)
    /// Ask for what is visible now, not at the next refresh.
    case pollNow
    /// Write a snapshot document to the file.
    case snapshot(path: String)
    /// Put an object in maintenance for so long, with a note; nil seconds: end it.
    case setMaintenance(ObjectID, seconds: Double?, note: String)
    /// Find out what a change would do; answered by `proposed`.
    case propose(ChangeRequest)
    /// Make the change; answered by `operation`.
    case carryOut(Confirmed, note: String?)
    /// Send no further request of the change under way.
    case stopChange
    /// Plan on the newest cluster; answered by `planned`.
    case plan(PlanRequest)
    /// Of the plan that is being carried out: let nothing new begin, or go on.
    case holdPlan(Bool)
    /// Have each broker take and send so many bytes a second at most.
    case setThrottle(Int64)
    /// Take back what is in flight, and end it.
    case stopPlan
    /// Take up a plan that was cut short, from where the cluster stands.
    case takeUpPlan(id: String, as: PlanSequel)
    /// Quit, and leave the plan under way to a process of its own.
    case leavePlan(id: String)
    /// Read what was changed on this cluster from here; answered by `journal`.
    case readJournal
    /// Go on with the cluster of another context.
    case switchContext(String)
    /// Write the id of the cluster into the file of its context; answered by `contexts`.
    case pinCluster(context: String, id: String)
}

/// The changes of this cluster's journal, as they were read last: one value for every closure that
/// draws or sorts.
package final class JournalView: Sendable {
    /// Newest first.
    package let entries: [JournalEntry]
    /// Lines that cannot be read.
    let unreadable: Int
    /// Why nothing can be read, in one sentence.
    let fault: String?
    let isRead: Bool

    package init(_ entries: [JournalEntry], unreadable: Int = 0, fault: String? = nil) {
        self.entries = entries
        self.unreadable = unreadable
        self.fault = fault
        isRead = true
    }

    private init() {
        (entries, unreadable, fault, isRead) = ([], 0, nil, false)
    }

    static let unread = JournalView()
}

/// What the screens get once, at the start.
package struct ScreenOptions: Sendable {
    /// The context's name, or the bootstrap address where there is none: the colour band.
    package var contextName: String
    /// What reviews let through.
    package var policy: ReviewPolicy
    package var refreshSeconds: Double
    package var toolVersion: String
    /// The contexts there are.
    package var contexts = ContextList.none
    /// A plan under way can be left to a process of its own.
    package var canDetach: Bool

    package init(
        contextName: String, policy: ReviewPolicy = ReviewPolicy(), refreshSeconds: Double = 2,
        toolVersion: String = "", canDetach: Bool = false
    ) {
        self.canDetach = canDetach
        self.contextName = contextName
        self.policy = policy
        self.refreshSeconds = refreshSeconds
        self.toolVersion = toolVersion
    }
}
