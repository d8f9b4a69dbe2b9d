// The topics of a Metadata answer, in the few columns the fold needs: decoded messages are
// dropped as soon as they are read.
import ClusterModel

/// Topics with their partitions, flat. Partitions of a topic are ascending by number.
package struct TopicAnswers {
    struct Entry {
        var name: String
        var id: TopicID?
        var isInternal: Bool
        var errorCode: Int16
        var first: Int
        var count: Int
        /// The broker knows no such topic.
        var isUnknown: Bool { errorCode == Self.unknownTopic && count == 0 }
        /// UNKNOWN_TOPIC_OR_PARTITION.
        private static let unknownTopic: Int16 = 3
    }
    struct Partition {
        var number: Int32
        var leader: Int32
        var leaderEpoch: Int32
        var errorCode: Int16
        var firstReplica: Int32
        var replicaCount: Int32
    }
    /// Ascending by name.
    var topics: [Entry] = []
    var partitions: [Partition] = []
    var replicaBroker: [Int32] = []
    var replicaFlags: [ReplicaFlags] = []
}

extension ReplicaFlags {
    /// What reassignments say of a replica; everything else Metadata says.
    static let moving: ReplicaFlags = [.adding, .removing]
}
