// What the principal may do, and what of the console and of the commands needs it.
internal import ClusterModel
internal import KafkaClient

/// What brokers told of it: bits by Kafka's number of the operation (AclOperation).
struct Access: Sendable {
    /// Nil: nobody tells, as before Kafka 2.3.
    var cluster: Int32?
    var topics: [String: Int32] = [:]
    var groups: [String: Int32] = [:]
    /// The active controller's clock; nil: it cannot be asked.
    var clock: ClockReading?
}

/// An operation as Kafka's ACLs name it.
enum AccessOperation: Int32, CaseIterable {
    case read = 3
    case create = 5
    case delete = 6
    case alter = 7
    case describe = 8
    case describeConfigs = 10
    case alterConfigs = 11

    /// As Kafka's tools write it.
    var name: String {
        switch self {
        case .read: "Read"
        case .create: "Create"
        case .delete: "Delete"
        case .alter: "Alter"
        case .describe: "Describe"
        case .describeConfigs: "DescribeConfigs"
        case .alterConfigs: "AlterConfigs"
        }
    }
}

/// Something the console or a command does, and what it needs of the brokers and of the principal.
struct AccessUse {
    enum Resource: String {
        case cluster, topic, group

        /// As kafka-acls.sh takes it.
        var option: String {
            switch self {
            case .cluster: "--cluster"
            case .topic: "--topic '*'"
            case .group: "--group '*'"
            }
        }
    }

    /// What it is, in words.
    let what: String
    /// Where it is seen or done.
    let place: String
    let isChange: Bool
    let apis: [NeededAPI]
    let rights: [(operation: AccessOperation, resource: Resource)]
    /// A cluster with a ZooKeeper ensemble has no such thing.
    var isOnlyKRaft = false

    /// All of them, in the order of the screens.
    static let all: [AccessUse] = [
        AccessUse(
            what: "offsets, lag and throughput",
            place: "Throughput, Partitions, Replicas; snapshot", isChange: false,
            apis: [.listOffsets], rights: [(.describe, .topic)]),
        AccessUse(
            what: "configs of topics, with them what min.insync.replicas asks",
            place: "Configs, Overrides, under min ISR; config get", isChange: false,
            apis: [.describeConfigs], rights: [(.describeConfigs, .topic)]),
        AccessUse(
            what: "configs of brokers, with them the way to ZooKeeper",
            place: "Configs, Coordinator; config get --broker", isChange: false,
            apis: [.describeConfigs], rights: [(.describeConfigs, .cluster)]),
        AccessUse(
            what: "sizes and how full volumes are", place: "Volumes, Brokers, Topics; plan",
            isChange: false, apis: [.describeLogDirs],
            rights: [(.describe, .cluster)]),
        AccessUse(
            what: "groups and how far behind they are", place: "Groups, Group; snapshot",
            isChange: false,
            apis: [
                .listGroups, .describeGroups, .offsetFetch,
            ], rights: [(.describe, .group)]),
        AccessUse(
            what: "moves of partitions", place: "moving (6), Coordinator; moves, wait",
            isChange: false, apis: [.listPartitionReassignments],
            rights: [(.describe, .cluster)]),
        AccessUse(
            what: "the quorum and its controller", place: "Coordinator; snapshot", isChange: false,
            apis: [.describeQuorum], rights: [(.describe, .cluster)],
            isOnlyKRaft: true),
        AccessUse(
            what: "elections of leaders", place: "e, E, U; elect", isChange: true,
            apis: [.electLeaders], rights: [(.alter, .cluster)]),
        AccessUse(
            what: "moves and changes of replicas", place: "plan, apply, undo", isChange: true,
            apis: [.alterPartitionReassignments], rights: [(.alter, .cluster)]),
        AccessUse(
            what: "configs of topics set", place: "Configs; config set", isChange: true,
            apis: [.incrementalAlterConfigs], rights: [(.alterConfigs, .topic)]),
        AccessUse(
            what: "configs of brokers and throttles set", place: "Configs; config set, apply",
            isChange: true, apis: [.incrementalAlterConfigs],
            rights: [(.alterConfigs, .cluster)]),
        AccessUse(
            what: "topics made", place: "n in Topics; topic create", isChange: true,
            apis: [.createTopics], rights: [(.create, .cluster)]),
        AccessUse(
            what: "partitions added", place: "a in Topics; topic add-partitions", isChange: true,
            apis: [.createPartitions], rights: [(.alter, .topic)]),
        AccessUse(
            what: "topics deleted", place: "d in Topics; topic delete", isChange: true,
            apis: [.deleteTopics], rights: [(.delete, .topic)]),
        AccessUse(
            what: "offsets of groups set", place: "o in Groups; group reset", isChange: true,
            apis: [.offsetCommit], rights: [(.read, .group), (.read, .topic)]),
        AccessUse(
            what: "groups deleted", place: "d in Groups; group delete", isChange: true,
            apis: [.deleteGroups], rights: [(.delete, .group)]),
    ]
}

/// How things stand with one use.
struct AccessVerdict {
    let use: AccessUse
    /// What is missing, each in words; empty where nothing is known to be.
    var missing: [String] = []
    /// Rights that are missing.
    var rights: [(operation: AccessOperation, resource: AccessUse.Resource)] = []
    /// Nobody tells whether it may be done.
    var isUnknown = false
}

extension Access {
    /// Judges each use by what the brokers offer and by what the principal may do.
    func verdicts(_ tables: [VersionTable], kind: CoordinatorKind?) -> [AccessVerdict] {
        AccessUse.all.filter { !$0.isOnlyKRaft || kind != .zookeeper }.map { use in
            var verdict = AccessVerdict(use: use)
            for api in use.apis {
                let lacking = tables.count { !$0.offers(api) }
                guard lacking > 0 else { continue }
                let whom = lacking == tables.count ? "no broker offers" : "not every broker offers"
                verdict.missing.append("\(whom) \(api.rawValue)")
            }
            for (operation, resource) in use.rights {
                judge(operation, resource, &verdict)
            }
            return verdict
        }
    }

    private func judge(
        _ operation: AccessOperation, _ resource: AccessUse.Resource, _ verdict: inout AccessVerdict
    ) {
        let bits: [Int32] =
            switch resource {
            case .cluster: cluster.map { [$0] } ?? []
            case .topic: Array(topics.values)
            case .group: Array(groups.values)
            }
        guard !bits.isEmpty else {
            verdict.isUnknown = true
            return
        }
        let allowed = bits.count { $0 & (1 << operation.rawValue) != 0 }
        guard allowed < bits.count else { return }
        let name = operation.name
        switch resource {
        case .cluster: verdict.missing.append("it needs \(name) on the cluster")
        case .topic, .group:
            let noun = resource.rawValue
            verdict.missing.append(
                allowed == 0
                    ? "it needs \(name) on \(noun)s"
                    : "\(name) is allowed on \(allowed) of \(plural(bits.count, noun))")
        }
        verdict.rights.append((operation, resource))
    }
}
