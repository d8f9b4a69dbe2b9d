// Every bound of this module in one place.

enum Limits {
    /// An offset older than this is not exported as the present one: a snapshot that a running
    /// console writes must not pass off what a silent broker answered minutes ago.
    static let oldestOffsetSeconds = 30.0
}
