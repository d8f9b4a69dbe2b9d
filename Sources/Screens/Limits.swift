// Every bound and threshold of the screens in one place.

/// The numbers the screens depend on.
enum Limits {
    /// Below this nothing but one sentence is drawn.
    static let leastWidth = 20
    static let leastHeight = 5
    /// Below this the screens show counts and the worst line instead of panes.
    static let compactWidth = 60
    static let compactHeight = 16
    /// A terminal larger than this is drawn up to here: a lying size must not cost gigabytes.
    static let greatestSide = 2_000
    /// A new order waits until no key was pressed for so long, in seconds.
    static let idleSeconds = 1.5
    /// A notice stays in the footer this long, in seconds.
    static let noticeSeconds = 6.0
    /// A leader that moved is bright for this long, in seconds.
    static let changedSeconds = 5.0
    /// A time of day says when up to here; older moments are given by their age, in seconds.
    static let clockSeconds = 43_200.0
    /// Rows of the overview's lists.
    static let topRows = 40
    /// Rows ordered by a live figure change places only where one is ahead by this share, and not
    /// more often than so, in seconds.
    static let lazyShare = 0.1
    static let lazySeconds = 10.0
    /// From this size on the overview's panes are framed.
    static let boxedWidth = 160
    static let boxedHeight = 38
    /// Tables of more rows than this take a new order only after so many seconds.
    static let steadyRows = 20_000
    static let steadySeconds = 10.0
    /// A round of questions takes so long at least; a rate that is older than this is not shown in
    /// place of a newer one; nor is one that differs from it by more than such a share.
    static let roundSeconds = 1.5
    static let oldestSteadySeconds = 6.0
    static let steadyShare: Float = 0.25
    /// A graph moves on by as many cells as take so long, in seconds, so that all of it is sent
    /// that seldom.
    static let graphStepSeconds = 10.0
    /// The share of a new figure in what rows are ordered by.
    static let smoothing: Float = 0.3
    /// The same where it is less than half or more than twice the old one.
    static let farSmoothing: Float = 0.6
    /// Up to here rows are found again one by one when the layout of the cluster changes.
    static let remappedRows = 20_000
    /// Rows sorted by comparison; more are sorted by radix.
    static let comparedRows = 1_024
    /// Columns an identity keeps where the column that is sorted by needs room, and those it may
    /// take where there is room.
    static let leastNameColumns = 10
    static let nameColumns = 60
    /// A review hears no key before it was in sight for so long, in seconds.
    static let unheardSeconds = 0.3
    /// Up to so many values stand before everything else in a review.
    static let shortReview = 5
    /// Values of a change that a review lists.
    static let reviewedRows = 2_000
    /// What stays as it is, named one by one with the reason.
    static let skippedRows = 20
    /// Lines a wheel notch moves.
    static let wheelRows = 3
    /// Text in a prompt.
    static let promptScalars = 256
    /// Lines of the list above it.
    static let promptRows = 10
    /// Commands remembered.
    static let promptHistory = 50
    /// Screens one over the other; more are cut at the bottom.
    static let screens = 32
    /// Completions offered.
    static let completions = 200
    /// Refresh intervals that `+` and `-` step through, in seconds.
    static let refreshSteps: [Double] = [0.5, 1, 2, 5, 10, 30, 60]
    static let leastRefreshSeconds = 0.5
    static let greatestRefreshSeconds = 3_600.0
    /// Marked rows named in one copy.
    static let copiedRows = 10_000
    /// Lines of a partition's readers and of a reason.
    static let readers = 100
    /// Of one line of what is the same by hand, in a review.
    static let byHandCharacters = 4_000
    /// Of a note for the journal.
    static let noteCharacters = 400
}
