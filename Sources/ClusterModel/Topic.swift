// Topics: what belongs to a topic as a whole. Its partitions lie in `PartitionTable`.

/// A count that is held in 32 bits: there are as many topics as partitions in some clusters.
@propertyWrapper package struct Narrow: Sendable, Equatable {
    private var value: Int32
    package var wrappedValue: Int {
        get { Int(value) }
        set { value = Int32(clamping: newValue) }
    }
    package init(wrappedValue: Int) { value = Int32(clamping: wrappedValue) }
}

/// A number that is never negative, or nil, in the room of the number alone.
@propertyWrapper
package struct Known<Value: SignedNumeric & Comparable & Sendable>: Sendable,
    Equatable
{
    private var value: Value
    package var wrappedValue: Value? {
        get { value < 0 ? nil : value }
        set { value = newValue ?? -1 }
    }
    package init(wrappedValue: Value?) { value = wrappedValue ?? -1 }
}

/// One topic. `firstPartition ..< firstPartition + partitionCount` are its rows in the table.
///
/// Laid out in little more than a hundred bytes: every cluster has its own copy of all topics'
/// sums.
package struct Topic: Sendable, Equatable {
    package var name: String
    /// 16 bytes as two words; nil before Kafka 2.8.
    package var id: TopicID?
    package var isInternal: Bool
    package var errorCode: Int16
    @Narrow package var firstPartition: Int
    @Narrow package var partitionCount: Int
    /// The most replicas any partition has.
    @Narrow package var replicationFactor: Int
    /// A number that stays with this incarnation of the topic: its place in `TopicConfigs` and its
    /// column in `History`.
    @Narrow package var historyIndex: Int

    // Sums over partitions, filled by `Cluster.summarise()`.

    @Known package var recordsPerSecond: Double?
    @Known package var bytesPerSecond: Double?
    /// Bytes of the leaders' replicas: the topic once, not times its replication factor.
    @Known package var sizeBytes: Int64?
    /// Of `partitionCount`, how many have no fresh rate.
    @Narrow package var staleRateCount: Int
    /// The rates may be wrong by more than a sure one.
    package var isRateUnsure: Bool
    @Narrow package var underReplicatedCount: Int
    @Narrow package var offlineCount: Int
    /// Partitions led by a broker that does not answer now.
    @Narrow package var notServedCount: Int
    @Narrow package var wrongLeaderCount: Int

    package init(
        name: String, id: TopicID? = nil, isInternal: Bool = false, errorCode: Int16 = 0,
        firstPartition: Int = 0, partitionCount: Int = 0, replicationFactor: Int = 0,
        historyIndex: Int = 0
    ) {
        self.name = name
        self.id = id
        self.isInternal = isInternal
        self.errorCode = errorCode
        self.firstPartition = firstPartition
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.historyIndex = historyIndex
        recordsPerSecond = nil
        bytesPerSecond = nil
        sizeBytes = nil
        staleRateCount = 0
        isRateUnsure = false
        underReplicatedCount = 0
        offlineCount = 0
        notServedCount = 0
        wrongLeaderCount = 0
    }

    package var partitions: Range<Int> { firstPartition..<(firstPartition + partitionCount) }
}

/// A topic's UUID; text is base64url without padding (22 characters), as Kafka prints it.
package struct TopicID: Hashable, Sendable, CustomStringConvertible {
    package var high: UInt64
    package var low: UInt64
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
    package var description: String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var bytes: [UInt8] = []
        for word in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        var text: [UInt8] = []
        var at = 0
        while at < bytes.count {
            let left = min(3, bytes.count - at)
            var group: UInt32 = 0
            for i in 0..<3 { group = group << 8 | (i < left ? UInt32(bytes[at + i]) : 0) }
            for i in 0...left { text.append(digits[Int(group >> UInt32(18 - 6 * i)) & 63]) }
            at += left
        }
        return String(decoding: text, as: UTF8.self)
    }
}
