// What a plan is asked for, in the words of a command: the same request on the same cluster makes
// the same plan.
package import ClusterModel

/// What is to be planned.
package struct PlanRequest: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case drain, fill, balance, leaders, elect, relieve, racks, replication, move
        case `import`
    }

    /// Down to where a broker is relieved.
    package enum Level: Sendable, Hashable {
        /// Of its volumes, 0 to 1.
        case share(Double)
        /// Of replicas.
        case bytes(Int64)
    }

    /// The replicas that one partition is to have.
    package struct WantedMove: Sendable, Hashable {
        package var topic: String
        package var partition: Int32
        /// In order; broker ids.
        package var replicas: [Int32]
        /// Instead: which brokers leave and which come, pairwise as far as there are both.
        package var leaving: [Int32] = []
        package var coming: [Int32] = []

        package init(topic: String, partition: Int32, replicas: [Int32]) {
            self.topic = topic
            self.partition = partition
            self.replicas = replicas
        }
    }

    package var kind: Kind
    /// That are drained, filled or relieved.
    package var brokers: [Int32] = []
    package var level: Level?
    package var factor: Int?
    package var moves: [WantedMove] = []
    /// Patterns with `*` and `?`; empty: all topics.
    package var topics: [String] = []
    package var excludedTopics: [String] = []
    /// Partitions that are left as they are.
    package var excludedPartitions: [PartitionKey] = []
    /// Brokers that are given nothing.
    package var excludedBrokers: [Int32] = []
    /// 0.05: 5 % more or less.
    package var tolerance = 0.05
    /// Bytes a second that each broker takes and each sends, for the time a plan needs.
    package var throttle: Int64 = 50_000_000
    /// Moves that are asked for one by one may put more replicas in one rack than there were.
    package var mayWorsenRacks = false

    package init(_ kind: Kind) { self.kind = kind }
}

/// Whether a name is of a pattern: `*` stands for any characters, `?` for one.
package func matches(_ name: String, pattern: String) -> Bool {
    let (name, pattern) = (Array(name.utf8), Array(pattern.utf8))
    var (at, inPattern) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while at < name.count {
        if inPattern < pattern.count, pattern[inPattern] == UInt8(ascii: "*") {
            star = (inPattern, at)
            inPattern += 1
        } else if inPattern < pattern.count,
            pattern[inPattern] == name[at] || pattern[inPattern] == UInt8(ascii: "?")
        {
            at += 1
            inPattern += 1
        } else if let last = star {
            // The star takes one character more.
            star = (last.pattern, last.name + 1)
            (inPattern, at) = (last.pattern + 1, last.name + 1)
        } else {
            return false
        }
    }
    return pattern[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
}
