// A new topic with its replicas where the review shows them. Source: Kafka's
// CreateTopicsRequest.json and kafka-topics.sh.
package import ClusterModel
package import JSON
package import KafkaClient
internal import KafkaConfigs
package import Planning

/// A topic that is made; its undo deletes it.
package struct TopicCreation: Operation {
    package static let kind = "create_topic"
    package var name: String
    /// The brokers of each partition, the preferred leader first.
    package var replicas: [[Int32]]
    package var configs: [ConfigSetting]
    /// What a topic of this name has already, by property.
    private var present: [String: String] = [:]

    package init(_ name: String, replicas: [[Int32]], configs: [ConfigSetting] = []) {
        self.name = name
        self.replicas = replicas
        self.configs = configs
    }

    package var summary: String {
        "create topic \(name) with \(counted(replicas.count, "partition")) of "
            + counted(replicas.first?.count ?? 0, "replica")
    }

    private var subject: String { TopicFacts.subject(name) }

    package var after: [Fact] {
        guard !replicas.isEmpty else { return [] }
        return [Fact(subject, TopicFacts.partitions, "\(replicas.count)")]
            + configs.map { Fact(subject, $0.key, $0.value) }
            + replicas.enumerated().map {
                Fact(subject, TopicFacts.replicas($0), TopicFacts.text($1))
            }
    }
    package var before: [Fact] {
        after.map { Fact($0.subject, $0.property, present[$0.property]) }
    }
    package var confirmation: Confirmation { .yes }
    package var undo: TopicDeletion? {
        replicas.isEmpty ? nil : TopicDeletion([.init(name, partitions: replicas.count)])
    }

    package func restricted(to isWanted: (String) -> Bool) -> TopicCreation {
        isWanted(subject) ? self : TopicCreation(name, replicas: [])
    }

    package func rebased(on facts: [Fact]) -> TopicCreation {
        var next = self
        for fact in facts where fact.subject == subject { next.present[fact.property] = fact.value }
        return next
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        let assignment = replicas.map { $0.map { "\($0)" }.joined(separator: ":") }
        return [
            tools.topics(
                ["--create", "--topic", name, "--replica-assignment"]
                    + [assignment.joined(separator: ",")]
                    + configs.flatMap { ["--config", "\($0.key)=\($0.value ?? "")"] })
        ]
    }

    package var document: JSONValue {
        .object([
            .init("topic", .string(name)),
            .init(
                "replicas",
                .array(replicas.map { .array($0.map { .integer(Int64($0)) }) })),
            .init(
                "configs",
                .array(
                    configs.map { setting in
                        .object([
                            .init("key", .string(setting.key)),
                            .init("value", setting.value.map(JSONValue.string) ?? .null),
                        ])
                    })),
        ])
    }

    package init?(_ document: JSONValue) {
        guard let name = document["topic"]?.string, let lists = document["replicas"]?.array,
            let configs = document["configs"]?.array
        else { return nil }
        self.init(name, replicas: [])
        for list in lists {
            guard let ids = list.array?.compactMap({ BrokerID($0)?.value }),
                ids.count == list.array?.count
            else { return nil }
            replicas.append(ids)
        }
        for entry in configs {
            guard let key = entry["key"]?.string, let value = entry["value"] else { return nil }
            self.configs.append(ConfigSetting(key, value.string))
        }
    }
}

extension TopicCreation {
    /// Values of a request that are no configs.
    package enum Asked: String, CaseIterable, Sendable {
        case partitions
        case replication = "replication-factor"
        /// The brokers of each partition: "1:2:3,2:3:1", as kafka-topics.sh takes them.
        case assignment = "replica-assignment"
    }

    /// The topic among the subjects; every value that is not one of `Asked` is a config, typed by
    /// its kind.
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        var name = ""
        for case .topic(let wanted) in request.subjects { name = wanted }
        let placement = Placement(cluster)
        var change = TopicCreation(name, replicas: [])
        var refusal = fault(in: name, cluster)
        do throws(ConfigFault) {
            change.configs = try configs(request, cluster)
        } catch {
            refusal = refusal ?? error.sentence
        }
        var wanted: [Asked: String] = [:]
        for value in request.values {
            if let asked = Asked(rawValue: value.key) { wanted[asked] = value.value ?? "" }
        }
        if let text = wanted[.assignment] {
            change.replicas = text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.split(separator: ":").compactMap { Int32($0) }
            }
            refusal = refusal ?? placement.fault(in: change.replicas)
        } else {
            let count = wanted[.partitions].flatMap { Int($0) } ?? 0
            let factor = wanted[.replication].flatMap { Int($0) } ?? 0
            if !(1...Limits.newPartitions).contains(count) {
                refusal =
                    refusal ?? "a topic has 1 to \(Limits.newPartitions) partitions when it is made"
            } else if factor < 1 || factor > placement.brokerCount {
                refusal =
                    refusal
                    ?? "a replication factor of \(factor) needs as many brokers: there are "
                    + "\(placement.brokerCount)"
            } else {
                change.replicas = placement.lists(count: count, factor: factor)
            }
        }
        var proposal = Proposal(change)
        proposal.refusal = refusal
        change.describe(&proposal, placement, cluster)
        return proposal
    }

    /// Why a topic cannot be called so; nil where it can. Kafka's own rules.
    private static func fault(in name: String, _ cluster: Cluster) -> String? {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
        }
        if name.isEmpty || name == "." || name == ".." || name.utf8.count > 249 || !isPlain {
            return "a topic's name has 1 to 249 of the letters a-z, A-Z, 0-9, '.', '_' and '-'"
        }
        if cluster.topicIndex(named: name) != nil { return "topic \(name) is there already" }
        // Their metrics would have one name.
        let look = name.replacing(".", with: "_")
        let twin = cluster.topics.first { $0.name.replacing(".", with: "_") == look }
        return twin.map { "topic \($0.name) differs in '.' and '_' only: Kafka refuses that" }
    }

    private static func configs(
        _ request: ChangeRequest, _ cluster: Cluster
    ) throws(ConfigFault) -> [ConfigSetting] {
        let release = cluster.kafkaVersion.flatMap { KafkaRelease($0) }
        var settings: [ConfigSetting] = []
        for value in request.values where Asked(rawValue: value.key) == nil {
            let form = ConfigForm(value.key, ConfigCatalogue.topic(value.key, release))
            settings.append(ConfigSetting(value.key, try form.raw(value.value ?? "")))
        }
        return settings
    }

    private func describe(
        _ proposal: inout Proposal, _ placement: Placement, _ cluster: Cluster
    ) {
        let factor = replicas.first?.count ?? 0
        let racks = placement.racks(replicas)
        proposal.counts = [
            .init("partitions", replicas.count), .init("replicas", replicas.count * factor),
            .init("brokers", Set(replicas.flatMap { $0 }).count), .init("racks", racks.count),
        ]
        proposal.preview = placement.preview(replicas)
        let items = configs.map {
            ConfigAlteration.Item(.topic(name), $0.key, from: nil, to: $0.value)
        }
        let release = cluster.kafkaVersion.flatMap { KafkaRelease($0) }
        proposal.warnings = ConfigAlteration.risks(of: items, release)
        proposal.notes = ConfigAlteration.notes(on: items, nil, release)
        if factor == 1 {
            proposal.warnings.append(
                "one replica: while its broker is down nobody reads or writes the partition")
        }
        if racks.doubled > 0 {
            proposal.warnings.append(
                "replicas of one partition in one rack: \(counted(racks.doubled, "partition"))")
        }
        let least = configs.first { $0.key == "min.insync.replicas" }?.value.flatMap { Int($0) }
        if let least, least > factor {
            proposal.warnings.append(
                "min.insync.replicas \(least) is more than \(counted(factor, "replica")): "
                    + "Kafka refuses every write with acks=all")
        }
    }

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        client.readTopic(name) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let reading):
                guard !reading.replicas.isEmpty, !configs.isEmpty else {
                    return completion(.success(facts(reading, [:])))
                }
                client.readConfigs(of: [(.topic(name), configs.map(\.key))]) { result in
                    completion(result.map { facts(reading, $0.first ?? [:]) })
                }
            }
        }
    }

    private func facts(_ reading: TopicReading, _ told: [String: String]) -> FactReading {
        let there = reading.replicas
        let all = max(there.count, replicas.count)
        return FactReading(
            clusterID: reading.clusterID,
            facts: [
                Fact(
                    subject, TopicFacts.partitions, there.isEmpty ? nil : "\(there.count)")
            ]
                + configs.map { Fact(subject, $0.key, told[$0.key]) }
                + (0..<all).map { number in
                    Fact(
                        subject, TopicFacts.replicas(number),
                        there.indices.contains(number) ? TopicFacts.text(there[number]) : nil)
                })
    }

    package var neededRight: Rights.Operation? { nil }
    package static var isChecked: Bool { true }

    package func complete(_ proposal: inout Proposal) {
        if present[TopicFacts.partitions] != nil {
            proposal.refusal = "topic \(name) is there already"
        }
    }

    package func validate(
        _ client: KafkaClient,
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) {
        client.createTopic(topic, validatesOnly: true) { completion($0.map { [StepOutcome($0)] }) }
    }

    private var topic: NewTopic { NewTopic(name, replicas: replicas, configs: configs) }

    package var steps: [Step] {
        guard !replicas.isEmpty else { return [] }
        return [
            Step([subject]) { [topic] client, completion in
                client.createTopic(topic) { completion($0.map { [StepOutcome($0)] }) }
            }
        ]
    }
}

extension StepOutcome {
    init(_ outcome: TopicOutcome) {
        self.init(TopicFacts.subject(outcome.topic), told: outcome.error, outcome.message)
    }
}
