// Kafka's error codes: the number is kept whatever it is, the name is Kafka's own so that it can be
// searched for.

/// An error code of Kafka. Numbers without a name are kept, printed as "error N" and never retried.
/// Names and flags: Kafka's Errors.java, up to 4.4.
package struct KafkaError: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    package var rawValue: Int16

    package init(rawValue: Int16) { self.rawValue = rawValue }

    /// The number on the wire.
    package var code: Int16 { rawValue }
    package var isError: Bool { rawValue != 0 }
    /// True when Kafka knows the number.
    package var isKnown: Bool { entry != nil }
    /// The same request may succeed later, unchanged.
    package var retriable: Bool { (entry?.flag ?? .fatal) != .fatal }
    /// What we believe about leaders is out of date: read Metadata again before the retry.
    package var refreshMetadata: Bool { entry?.flag == .refresh }

    /// Kafka's name, or "error N".
    package var description: String { entry?.name ?? "error \(rawValue)" }

    /// The error in words with Kafka's name behind them, which can be searched for: the end of a
    /// sentence. The name alone where Kafka's own words say no more.
    package var reason: String { Self.words[self].map { "\($0) (\(self))" } ?? description }

    private static let words: [KafkaError: String] = [
        .unknownTopicOrPartition: "the broker has no such topic or partition",
        .leaderNotAvailable: "there is no leader",
        .notLeaderOrFollower: "the broker holds no replica of it any more",
        .requestTimedOut: "the broker itself waited in vain",
        .replicaNotAvailable: "the broker does not have the replica now",
        .coordinatorLoadInProgress: "the coordinator is still loading its groups",
        .coordinatorNotAvailable: "there is no coordinator now",
        .notCoordinator: "another broker is the coordinator now",
        .topicAuthorizationFailed: "not allowed on the topic",
        .groupAuthorizationFailed: "not allowed on the group",
        .clusterAuthorizationFailed: "not allowed on the cluster",
        .notController: "the controller has changed",
        .kafkaStorageError: "its log directory is offline",
        .unknownServerError: "the broker does not say why",
    ]

    /// Kafka's names by number, for those who keep numbers alone.
    package static let names: [Int16: String] = Dictionary(
        KafkaErrorTable.entries.enumerated().map { (Int16($0 - 1), $1.name) },
        uniquingKeysWith: { first, _ in first })

    private var entry: KafkaErrorTable.Entry? {
        let index = Int(rawValue) + 1
        guard KafkaErrorTable.entries.indices.contains(index) else { return nil }
        return KafkaErrorTable.entries[index]
    }
}

extension KafkaError {
    package static let unknownServerError = KafkaError(rawValue: -1)
    package static let none = KafkaError(rawValue: 0)
    package static let unknownTopicOrPartition = KafkaError(rawValue: 3)
    package static let leaderNotAvailable = KafkaError(rawValue: 5)
    package static let notLeaderOrFollower = KafkaError(rawValue: 6)
    package static let requestTimedOut = KafkaError(rawValue: 7)
    package static let brokerNotAvailable = KafkaError(rawValue: 8)
    package static let replicaNotAvailable = KafkaError(rawValue: 9)
    package static let coordinatorLoadInProgress = KafkaError(rawValue: 14)
    package static let coordinatorNotAvailable = KafkaError(rawValue: 15)
    package static let notCoordinator = KafkaError(rawValue: 16)
    package static let invalidTopic = KafkaError(rawValue: 17)
    package static let invalidGroupID = KafkaError(rawValue: 24)
    package static let unknownMemberID = KafkaError(rawValue: 25)
    package static let topicAuthorizationFailed = KafkaError(rawValue: 29)
    package static let groupAuthorizationFailed = KafkaError(rawValue: 30)
    package static let clusterAuthorizationFailed = KafkaError(rawValue: 31)
    package static let unsupportedSaslMechanism = KafkaError(rawValue: 33)
    package static let illegalSaslState = KafkaError(rawValue: 34)
    package static let unsupportedVersion = KafkaError(rawValue: 35)
    package static let topicAlreadyExists = KafkaError(rawValue: 36)
    package static let invalidPartitions = KafkaError(rawValue: 37)
    package static let invalidReplicationFactor = KafkaError(rawValue: 38)
    package static let invalidReplicaAssignment = KafkaError(rawValue: 39)
    package static let invalidConfig = KafkaError(rawValue: 40)
    package static let notController = KafkaError(rawValue: 41)
    package static let invalidRequest = KafkaError(rawValue: 42)
    package static let policyViolation = KafkaError(rawValue: 44)
    package static let kafkaStorageError = KafkaError(rawValue: 56)
    package static let logDirNotFound = KafkaError(rawValue: 57)
    package static let saslAuthenticationFailed = KafkaError(rawValue: 58)
    package static let reassignmentInProgress = KafkaError(rawValue: 60)
    package static let nonEmptyGroup = KafkaError(rawValue: 68)
    package static let groupIDNotFound = KafkaError(rawValue: 69)
    package static let listenerNotFound = KafkaError(rawValue: 72)
    package static let fencedLeaderEpoch = KafkaError(rawValue: 74)
    package static let unknownLeaderEpoch = KafkaError(rawValue: 75)
    package static let preferredLeaderNotAvailable = KafkaError(rawValue: 80)
    package static let eligibleLeadersNotAvailable = KafkaError(rawValue: 83)
    package static let electionNotNeeded = KafkaError(rawValue: 84)
    package static let noReassignmentInProgress = KafkaError(rawValue: 85)
    package static let groupSubscribedToTopic = KafkaError(rawValue: 86)
    package static let unknownTopicID = KafkaError(rawValue: 100)
    package static let mismatchedEndpointType = KafkaError(rawValue: 114)
}
