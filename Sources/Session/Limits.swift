// Every bound and fixed number of driven sessions, in one place.

enum Limits {
    static let nanosecondsPerSecond = 1e9
    /// Changes of the journal that the console shows, newest first; `highwater journal` has all.
    static let shownChanges = 1_000
    /// Time itself is an event this often, as in the console.
    static let tickSeconds = 0.5
}
