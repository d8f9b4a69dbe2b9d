// Identifiers and instants. They are types of their own so that a broker id is never passed where a
// partition number belongs, and a moment is never compared with a duration.

/// A Kafka broker's id (`broker.id`, `node.id`). Negative ids do not name a broker.
package struct BrokerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var value: Int32
    package init(_ value: Int32) { self.value = value }
    package static func < (a: BrokerID, b: BrokerID) -> Bool { a.value < b.value }
    package var description: String { String(value) }
    /// No broker: a partition without leader carries this.
    package static let none = BrokerID(-1)
    package var exists: Bool { value >= 0 }
}

/// A topic and a partition number: the identity of a partition across refreshes.
package struct PartitionKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var topic: String
    package var partition: Int32
    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
    /// "orders-17"; topic names may hold dashes themselves. Nil for anything else.
    package init?(parsing text: String) {
        guard let dash = text.lastIndex(of: "-"),
            let number = Int32(text[text.index(after: dash)...]), number >= 0
        else { return nil }
        self.init(topic: String(text[..<dash]), partition: number)
    }
    package static func < (a: PartitionKey, b: PartitionKey) -> Bool {
        a.topic == b.topic ? a.partition < b.partition : a.topic < b.topic
    }
    package var description: String { "\(topic)-\(partition)" }
}

/// One replica of a partition: the identity of a row of the Replicas screen.
package struct ReplicaKey: Hashable, Sendable {
    package var partition: PartitionKey
    package var broker: BrokerID
    package init(partition: PartitionKey, broker: BrokerID) {
        self.partition = partition
        self.broker = broker
    }
}

/// A moment on the monotonic clock, in nanoseconds; 0 is "never". Virtual under simulation.
package struct Instant: Hashable, Comparable, Sendable {
    package var ns: UInt64
    package init(ns: UInt64) { self.ns = ns }
    package static let never = Instant(ns: 0)
    package var happened: Bool { ns != 0 }
    package static func < (a: Instant, b: Instant) -> Bool { a.ns < b.ns }
    /// Seconds from `earlier` to this moment; negative when `earlier` is later.
    package func seconds(since earlier: Instant) -> Double {
        (Double(ns) - Double(earlier.ns)) / 1e9
    }
}

/// A moment on the wall clock in milliseconds since 1970, as Kafka and snapshots use it.
package struct WallTime: Hashable, Comparable, Sendable {
    package var ms: Int64
    package init(ms: Int64) { self.ms = ms }
    package static func < (a: WallTime, b: WallTime) -> Bool { a.ms < b.ms }
}
