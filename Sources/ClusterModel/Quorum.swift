// The KRaft quorum, from DescribeQuorum. Brokers are observers of the metadata log.

/// Voters and observers of the metadata log; `leader` is the active controller.
package struct Quorum: Sendable, Equatable {
    package struct Replica: Sendable, Equatable {
        package var id: BrokerID
        /// -1 unknown.
        package var logEndOffset: Int64
        package var lastFetchAt: WallTime?
        package var lastCaughtUpAt: WallTime?
        package init(
            id: BrokerID, logEndOffset: Int64, lastFetchAt: WallTime? = nil,
            lastCaughtUpAt: WallTime? = nil
        ) {
            self.id = id
            self.logEndOffset = logEndOffset
            self.lastFetchAt = lastFetchAt
            self.lastCaughtUpAt = lastCaughtUpAt
        }
    }
    /// The leader's log end; -1 unknown.
    package var leaderLogEnd: Int64 {
        voters.first { $0.id == leader }?.logEndOffset ?? highWatermark
    }
    /// Records of the metadata log that a replica lacks; nil unknown, never negative.
    package func lag(of replica: Replica) -> Int64? {
        let end = leaderLogEnd
        guard end >= 0, replica.logEndOffset >= 0 else { return nil }
        return max(0, end - replica.logEndOffset)
    }
    package var leader: BrokerID
    package var leaderEpoch: Int32
    package var highWatermark: Int64
    package var voters: [Replica]
    package var observers: [Replica]
    package init(
        leader: BrokerID, leaderEpoch: Int32, highWatermark: Int64, voters: [Replica],
        observers: [Replica]
    ) {
        self.leader = leader
        self.leaderEpoch = leaderEpoch
        self.highWatermark = highWatermark
        self.voters = voters
        self.observers = observers
    }
}
