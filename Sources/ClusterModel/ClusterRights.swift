// What a principal may do to the cluster itself, as brokers tell it.

/// Authorised operations on the cluster: a bit for each, by Kafka's number (AclOperation).
package struct ClusterRights: Hashable, Sendable {
    /// An operation on the cluster that changes it.
    package enum Operation: Int32, Sendable {
        case alter = 7
        case alterConfigs = 11

        /// As Kafka's tools write it.
        package var name: String {
            switch self {
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
