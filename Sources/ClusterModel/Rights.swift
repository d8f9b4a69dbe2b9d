// What a principal may do to the cluster itself, to a topic or to a group, as brokers tell it.

/// Authorised operations on a resource: a bit for each, by Kafka's number (AclOperation).
package struct Rights: Hashable, Sendable {
    /// An operation that changes something.
    package enum Operation: Int32, Sendable {
        /// Of a group: commits too. Of a topic: to be committed for.
        case read = 3
        case delete = 6
        case alter = 7
        case alterConfigs = 11

        /// As Kafka's tools write it.
        package var name: String {
            switch self {
            case .read: "Read"
            case .delete: "Delete"
            case .alter: "Alter"
            case .alterConfigs: "AlterConfigs"
            }
        }
    }

    private let bits: Int32

    /// - Parameter told: Kafka's field of bits; nil of what stands for "not told".
    package init?(told: Int32) {
        guard told != .min else { return nil }
        bits = told
    }

    package func allows(_ operation: Operation) -> Bool { bits & (1 << operation.rawValue) != 0 }
}
