// What each subject of an observation has in common: it is asked and folded by one collector.
import ClusterModel

/// Asks for one subject and folds the answers into the observer's working cluster; keeps the clocks
/// of what it asks. Lives on the loop's thread and as long as its observer.
protocol Collector: AnyObject {
    /// What it asks is large or answered slowly: it does not delay the first cluster published.
    var isSlow: Bool { get }
    /// Asks what is due. Called once a round, from the first Metadata answer on.
    func round(_ due: Due)
    /// Something else is in view: what of it cannot wait for the next round is asked now.
    func lookAt(_ interest: Interest)
    /// Ends timers and connections of its own.
    func stop()
}

extension Collector {
    var isSlow: Bool { false }
    func lookAt(_ interest: Interest) {}
    func stop() {}
}
