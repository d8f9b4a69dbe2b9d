// Partitions and their replicas in columns: 200,000 partitions of three replicas are 200,000 rows
// here and 600,000 in the replica columns, without an allocation per row.

/// Columns of all partitions, ordered by topic name and partition number, and of their replicas,
/// ordered by partition and then as the assignment lists them (index 0 is the preferred leader).
///
/// Unknown offsets and sizes are -1; a time of 0 is "never"; an unknown rate is NaN. Use the
/// `PartitionView` and `ReplicaView` of `Cluster` rather than the columns, which only the fold in
/// Polling writes.
package struct PartitionTable: Sendable {
    // One element a partition.
    package var topic: [Int32] = []
    package var partition: [Int32] = []
    package var leader: [Int32] = []
    package var leaderEpoch: [Int32] = []
    package var errorCode: [Int16] = []
    /// `firstReplica[i] ..< firstReplica[i + 1]` are the replica rows; one element more than rows.
    package var firstReplica: [Int32] = [0]
    package var logStart: [Int64] = []
    package var highWatermark: [Int64] = []
    /// Up to here no transaction is open; may be empty: it was asked of none.
    package var lastStable: [Int64] = []
    /// Records between that and the high watermark when it was read; empty with it.
    package var openRecords: [Int64] = []
    /// The leader's log end one read before its present one, and when that was answered (monotonic
    /// ns); -1 and 0 where it was read once. Both may be empty: nothing is known of before.
    package var logEndBefore: [Int64] = []
    package var logEndBeforeAt: [UInt64] = []
    /// Records a second from the leader's log end offset; NaN unknown.
    package var recordsPerSecond: [Float] = []
    /// Bytes a second from log growth on the leader; NaN unknown.
    package var bytesPerSecond: [Float] = []

    /// By which share the rates may be wrong; may be empty: by next to nothing.
    package var rateError: [Float] = []

    // One element a replica.
    package var replicaBroker: [Int32] = []
    package var replicaFlags: [ReplicaFlags] = []
    /// The replica's own log end offset (ListOffsets with replica_id -2); -1 unknown.
    package var replicaLogEnd: [Int64] = []
    /// When that offset was answered, monotonic ns; 0 never.
    package var replicaLogEndAt: [UInt64] = []
    /// Growth of the replica's log end, records a second; NaN unknown.
    package var replicaRate: [Float] = []
    package var replicaSize: [Int64] = []
    /// Index into `Cluster.logDirs`; -1 unknown.
    package var replicaDir: [Int32] = []

    package init() {}
    package var count: Int { partition.count }
    package var replicaCount: Int { replicaBroker.count }
    package func replicas(of row: Int) -> Range<Int> {
        Int(firstReplica[row])..<Int(firstReplica[row + 1])
    }
}

/// What a replica is besides being a replica.
package struct ReplicaFlags: OptionSet, Sendable, Hashable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let inSync = ReplicaFlags(rawValue: 1)
    package static let offline = ReplicaFlags(rawValue: 2)
    /// Being added by a reassignment.
    package static let adding = ReplicaFlags(rawValue: 4)
    /// Being removed by a reassignment.
    package static let removing = ReplicaFlags(rawValue: 8)

    // Written out: in another module the general ones cost a hundred times as much, 600,000 times.
    package func contains(_ other: ReplicaFlags) -> Bool {
        rawValue & other.rawValue == other.rawValue
    }
    package func union(_ other: ReplicaFlags) -> ReplicaFlags {
        ReplicaFlags(rawValue: rawValue | other.rawValue)
    }
    package func intersection(_ other: ReplicaFlags) -> ReplicaFlags {
        ReplicaFlags(rawValue: rawValue & other.rawValue)
    }
    package func isDisjoint(with other: ReplicaFlags) -> Bool { rawValue & other.rawValue == 0 }
    package init(arrayLiteral elements: ReplicaFlags...) {
        rawValue = 0
        for element in elements { rawValue |= element.rawValue }
    }
}
