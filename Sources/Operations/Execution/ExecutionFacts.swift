// What the execution of a plan knows of the cluster at one moment, and what it asks for. Plain
// values: the state machine does no I/O.
package import KafkaClient
package import Planning

extension PlannedMove {
    package var name: PartitionName { PartitionName(topic: topic, number: partition) }
}

/// The two lists of throttled replicas of a topic, as they are set; nil is "not set".
package struct ThrottleLists: Hashable, Sendable {
    package var leader: String?
    package var follower: String?

    package init(leader: String? = nil, follower: String? = nil) {
        (self.leader, self.follower) = (leader, follower)
    }

    package static let leaderKey = "leader.replication.throttled.replicas"
    package static let followerKey = "follower.replication.throttled.replicas"
    package static let keys = [leaderKey, followerKey]
    package var isUnset: Bool { leader == nil && follower == nil }
}

/// The two throttled rates of a broker, as they are set; nil is "not set".
package struct ThrottleRates: Hashable, Sendable {
    package var leader: String?
    package var follower: String?

    package init(leader: String? = nil, follower: String? = nil) {
        (self.leader, self.follower) = (leader, follower)
    }

    package static let leaderKey = "leader.replication.throttled.rate"
    package static let followerKey = "follower.replication.throttled.rate"
    package static let keys = [leaderKey, followerKey]
    package var isUnset: Bool { leader == nil && follower == nil }
}

/// What was set before anything of ours was: it is written down, kept, and restored.
package struct EarlierThrottles: Hashable, Sendable {
    /// What is missing was not set.
    package var topics: [String: ThrottleLists] = [:]
    package var brokers: [Int32: ThrottleRates] = [:]

    package init() {}
}

/// One replica of a partition.
package struct ReplicaName: Hashable, Sendable {
    package var partition: PartitionName
    package var broker: Int32

    package init(_ partition: PartitionName, _ broker: Int32) {
        (self.partition, self.broker) = (partition, broker)
    }
}

/// The cluster at one moment, as far as an execution asks for it.
package struct ExecutionFacts: Sendable {
    package var reading = MovingReading()
    package var ongoing: [PartitionName: OngoingMove] = [:]
    /// Of the topics asked about; those that could not be read are missing.
    package var topics: [String: ThrottleLists] = [:]
    package var brokers: [Int32: ThrottleRates] = [:]
    /// `min.insync.replicas` by topic.
    package var leastInSync: [String: Int] = [:]
    package var sizes: [ReplicaName: Int64] = [:]
    /// By broker, its volumes together.
    package var volumes: [Int32: DiskReading.Volume] = [:]
    /// Brokers with a log directory that fails.
    package var failedDisks: Set<Int32> = []

    package init() {}
}

/// What an execution wants to know for its next step, beside partitions and moves under way.
package struct ExecutionQuestions: Equatable, Sendable {
    /// The whole cluster is to be read.
    package var isWhole = false
    /// Whose lists of throttled replicas.
    package var topics: [String] = []
    /// Whose throttled rates.
    package var brokers: [Int32] = []
    /// New replicas whose sizes tell how far they are, by broker.
    package var replicas: [Int32: [PartitionName]] = [:]
}

/// One request of an execution. Each may be sent again: all of them say what is to be.
package enum ExecutionRequest: Equatable, Sendable {
    /// The lists of throttled replicas of topics.
    case lists([ConfigChange])
    /// The throttled rates of brokers, each asked itself.
    case rates([ConfigChange])
    /// Partitions onto replicas; without them what is under way is cancelled.
    case reassign([Assignment])
    case elect([PartitionName])

    package struct ConfigChange: Equatable, Sendable {
        package var resource: ConfigResource
        package var settings: [ConfigSetting]
    }

    package struct Assignment: Equatable, Sendable {
        package var partition: PartitionName
        package var replicas: [Int32]?
    }

    /// What it changes, as the journal names it.
    package var resources: [String] {
        switch self {
        case .lists(let changes), .rates(let changes): changes.map(\.resource.name)
        case .reassign(let items): items.map(\.partition.resource)
        case .elect(let partitions): partitions.map(\.resource)
        }
    }
}

/// What an execution does next.
package enum ExecutionDecision: Equatable, Sendable {
    case send(ExecutionRequest)
    /// Nothing now: look again.
    case wait
    /// It is over, as the cluster itself says; a reason where not all is as it was to be.
    case end(String?)
}

/// What an execution is to do with what it has before it.
package enum ExecutionMode: String, Sendable {
    case run
    /// What is in flight goes on, nothing new begins.
    case pause
    /// What is in flight is taken back, and then its throttles.
    case stop
    /// What is in flight ends, nothing new begins, and the throttles go.
    case adopt
    /// It is over at once: the throttles go, whatever is in flight.
    case forget

    init(_ sequel: PlanSequel) {
        self =
            switch sequel {
            case .resume: .run
            case .adopt: .adopt
            case .forget: .forget
            }
    }
}
