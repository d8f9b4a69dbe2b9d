// What kinds of change share on their way to the client.
internal import ClusterModel
internal import JSON
internal import KafkaClient
internal import Planning

/// One step for so many things as one request may name.
func batches<Item>(
    _ items: [Item], of size: Int = Limits.partitionsPerRequest, _ step: ([Item]) -> Step
) -> [Step] {
    chunks(items, of: size).map(step)
}

/// So many things each as one request may name.
func chunks<Item>(_ items: [Item], of size: Int = Limits.partitionsPerRequest) -> [[Item]] {
    stride(from: 0, to: items.count, by: size).map { start in
        Array(items[start..<min(start + size, items.count)])
    }
}

/// The partitions that are meant, by row: all, those of topics, and those that brokers should lead.
/// Ascending, each once.
func partitionRows(of subjects: [ObjectID], in cluster: Cluster) -> [Int] {
    let table = cluster.partitions
    var rows: Set<Int> = []
    var brokers: Set<Int32> = []
    for subject in subjects {
        switch subject {
        case .cluster: return Array(0..<table.count)
        case .topic(let name): rows.formUnion(cluster.topic(named: name)?.partitions ?? 0..<0)
        case .partition(let key): if let row = cluster.row(of: key) { rows.insert(row) }
        case .broker(let id): brokers.insert(id.value)
        default: break
        }
    }
    if !brokers.isEmpty {
        rows.formUnion(
            (0..<table.count).lazy.filter { brokers.contains(table.preferredLeader($0)) })
    }
    return rows.sorted()
}

extension KafkaClient {
    /// Reads these partitions from any broker; `facts` makes of each what the change depends on,
    /// of nil where the broker does not know the partition.
    func readFacts(
        of partitions: [PartitionKey],
        _ facts: @escaping (PartitionKey, PartitionReading.State?) -> [Fact],
        completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        readPartitions(ofTopics: Set(partitions.map(\.topic)).sorted()) { result in
            completion(
                result.map { reading in
                    FactReading(
                        clusterID: reading.clusterID,
                        facts: partitions.flatMap { facts($0, reading.states[PartitionName($0)]) })
                })
        }
    }
}

extension PartitionName {
    init(_ key: PartitionKey) { self.init(topic: key.topic, number: key.partition) }

    var resource: String { "\(topic)-\(number)" }
}

extension StepOutcome {
    init(_ outcome: PartitionOutcome) {
        self.init(outcome.partition.resource, told: outcome.error, outcome.message)
    }

    /// Kafka's own words, and what to do where they do not say it.
    init(_ resource: String, told error: String?, _ message: String?) {
        let words = [message, Self.advice(error)].compactMap { $0 }.filter { !$0.isEmpty }
        self.init(
            resource, error: error,
            message: error == nil || words.isEmpty ? nil : words.joined(separator: "; "))
    }

    private static func advice(_ error: String?) -> String? {
        switch error {
        case "NOT_CONTROLLER":
            "the controller has changed meanwhile: ask for it again in a moment"
        case "REQUEST_TIMED_OUT":
            "the controller did not end it in time, and it may be done yet: look before you ask "
                + "again"
        case "CLUSTER_AUTHORIZATION_FAILED", "TOPIC_AUTHORIZATION_FAILED",
            "GROUP_AUTHORIZATION_FAILED":
            "your principal may not do that: whoever keeps the ACLs can allow it"
        case "PREFERRED_LEADER_NOT_AVAILABLE":
            "the preferred replica is not in sync: wait until it is"
        default: nil
        }
    }

    /// An error after which the change may be made all the same (seen live: CreatePartitions has
    /// made 10,000 partitions and answered UNKNOWN_SERVER_ERROR).
    var isUncertain: Bool { error == "REQUEST_TIMED_OUT" || error == "UNKNOWN_SERVER_ERROR" }
}

extension KafkaTools {
    /// Elections of partitions by name; `kind` is the tool's: preferred, unclean.
    func elections(_ kind: String, _ partitions: [PartitionKey]) -> [String] {
        let options = ["--election-type", kind]
        if let partition = partitions.first, partitions.count == 1 {
            return [
                leaderElection(
                    options + [
                        "--topic", partition.topic, "--partition", "\(partition.partition)",
                    ])
            ]
        }
        let file = "elect.json"
        let list = JSONValue.object([.init("partitions", .array(partitions.map(\.document)))])
        return [
            KafkaTools.write(list.text, to: file),
            leaderElection(options + ["--path-to-json-file", file]),
        ]
    }
}
