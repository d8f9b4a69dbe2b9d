// How long an operation waits between what it does to a cluster.

/// The pauses of an operation, so that a large one never fills the controller, and a large cluster
/// is not asked all the time. Tests take shorter ones.
package struct OperationPauses: Sendable {
    /// Nanoseconds between two requests.
    package var betweenStepsNs: UInt64 = 200_000_000
    /// Nanoseconds between two looks at the cluster, of a plan that is being carried out.
    package var betweenLooksNs: UInt64 = 1_000_000_000
    /// The same in times of what a look took; the longer of both holds.
    package var looksPerReading: UInt64 = 10

    package init() {}

    /// How long to wait after a look that took so many nanoseconds.
    func afterLook(_ spentNs: UInt64) -> UInt64 { max(betweenLooksNs, spentNs * looksPerReading) }
}
