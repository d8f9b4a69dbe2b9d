// Reads what Kafka's own tools print: the truth a snapshot is held to.
import Foundation
import KafkaWire

/// `kafka-topics --describe`.
struct DescribedPartition: Equatable {
    var leader: Int?
    /// In the assignment's order.
    var replicas: [Int]
    var isr: Set<Int>
}

/// A row of `kafka-consumer-groups --describe`; nil where the tool prints "-".
struct DescribedOffset: Equatable {
    var committed: Int?
    var end: Int?
    var lag: Int?
    var memberID: String?
    var host: String?
    var clientID: String?
}

/// A row of `kafka-consumer-groups --describe --state`.
struct DescribedGroup: Equatable {
    var coordinator: Int
    var state: String
    var memberCount: Int
}

/// One replica in `kafka-log-dirs --describe`.
struct DescribedReplica: Equatable {
    var sizeBytes: Int
    var logDir: String
}

/// `kafka-metadata-quorum describe --status`.
struct DescribedQuorum: Equatable {
    var leader: Int
    var leaderEpoch: Int
    var highWatermark: Int
    var voters: Set<Int>
}

extension KafkaCluster {
    /// Runs all the tools that `Truth` reads, side by side.
    func runTruthAhead() throws {
        let controller =
            options.mode == "kraft"
            ? ["kafka-metadata-quorum", "describe", "--status"]
            : ["zookeeper-shell", "get", "/controller"]
        try runAhead([
            controller, ["kafka-topics", "--describe"],
            ["kafka-get-offsets", "--time", "earliest"], ["kafka-get-offsets", "--time", "latest"],
            ["kafka-consumer-groups", "--describe", "--all-groups"],
            ["kafka-consumer-groups", "--describe", "--all-groups", "--state"],
            ["kafka-consumer-groups", "--list", "--type"], ["kafka-log-dirs", "--describe"],
            ["kafka-configs", "--describe", "--entity-type", "topics"],
        ])
    }

    func describeTopics() throws -> (
        partitions: [PartitionID: DescribedPartition], topicIDs: [String: String]
    ) {
        var partitions: [PartitionID: DescribedPartition] = [:]
        var topicIDs: [String: String] = [:]
        for line in try tool("kafka-topics", "--describe").split(separator: "\n") {
            var fields: [Substring: Substring] = [:]
            for cell in line.split(separator: "\t") {
                guard let colon = cell.firstIndex(of: ":") else { continue }
                fields[cell[..<colon]] = cell[cell.index(after: colon)...].drop { $0 == " " }
            }
            guard let topic = fields["Topic"].map(String.init) else { continue }
            if let id = fields["TopicId"] { topicIDs[topic] = String(id) }
            guard let partition = fields["Partition"].flatMap({ Int($0) }) else { continue }
            partitions[PartitionID(topic: topic, partition: partition)] = DescribedPartition(
                leader: fields["Leader"].flatMap { Int($0) },
                replicas: readNumbers(fields["Replicas"]), isr: Set(readNumbers(fields["Isr"])))
        }
        return (partitions, topicIDs)
    }

    /// The ends that clients may read to (`latest`), or the log starts (`earliest`).
    func getOffsets(_ time: String) throws -> [PartitionID: Int] {
        var offsets: [PartitionID: Int] = [:]
        for line in try tool("kafka-get-offsets", "--time", time).split(separator: "\n") {
            let parts = line.split(separator: ":")
            guard parts.count == 3, let partition = Int(parts[1]), let offset = Int(parts[2])
            else { continue }
            offsets[PartitionID(topic: String(parts[0]), partition: partition)] = offset
        }
        return offsets
    }

    /// All groups, or those named, by group and partition.
    func describeOffsets(
        of groups: [String]? = nil
    ) throws -> [String: [PartitionID: DescribedOffset]] {
        let which = groups.map { $0.flatMap { ["--group", $0] } } ?? ["--all-groups"]
        var rows: [String: [PartitionID: DescribedOffset]] = [:]
        let printed = try tool("kafka-consumer-groups", ["--describe"] + which)
        for line in printed.split(separator: "\n") {
            let cells = line.split(separator: " ").map(String.init)
            guard cells.count == 9, let partition = Int(cells[2]) else { continue }
            let known = cells.map { $0 == "-" ? nil : $0 }
            rows[cells[0], default: [:]][PartitionID(topic: cells[1], partition: partition)] =
                DescribedOffset(
                    committed: known[3].flatMap { Int($0) }, end: known[4].flatMap { Int($0) },
                    lag: known[5].flatMap { Int($0) }, memberID: known[6],
                    host: known[7].map(stripSlash), clientID: known[8])
        }
        return rows
    }

    func describeGroups() throws -> [String: DescribedGroup] {
        var rows: [String: DescribedGroup] = [:]
        let printed = try tool(
            "kafka-consumer-groups", "--describe", "--all-groups", "--state")
        for line in printed.split(separator: "\n") {
            // GROUP host:port (id) [strategy] STATE #MEMBERS; the strategy may be blank.
            let cells = line.split(separator: " ")
            guard let mark = cells.firstIndex(where: { $0.hasPrefix("(") && $0.hasSuffix(")") }),
                let coordinator = Int(cells[mark].dropFirst().dropLast()),
                let members = cells.last.flatMap({ Int($0) }), cells.count >= mark + 3
            else { continue }
            rows[String(cells[0])] = DescribedGroup(
                coordinator: coordinator, state: String(cells[cells.count - 2]),
                memberCount: members)
        }
        return rows
    }

    /// Group to type (`Classic`, `Consumer`).
    func listGroupTypes() throws -> [String: String] {
        var types: [String: String] = [:]
        let printed = try tool("kafka-consumer-groups", "--list", "--type")
        for line in printed.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: " ")
            if cells.count == 2 { types[String(cells[0])] = String(cells[1]) }
        }
        return types
    }

    /// Sizes by broker and partition.
    func describeLogDirs() throws -> [Int: [PartitionID: DescribedReplica]] {
        struct Answer: Decodable {
            struct Broker: Decodable {
                var broker: Int
                var logDirs: [Dir]
            }
            struct Dir: Decodable {
                var logDir: String
                var partitions: [Replica]
            }
            struct Replica: Decodable {
                var partition: String
                var size: Int
            }
            var brokers: [Broker]
        }
        let printed = try tool("kafka-log-dirs", "--describe")
        guard let json = printed.split(separator: "\n").first(where: { $0.hasPrefix("{") }) else {
            throw HarnessError("kafka-log-dirs printed no JSON")
        }
        var rows: [Int: [PartitionID: DescribedReplica]] = [:]
        for broker in try snakeCaseDecoder().decode(Answer.self, from: Data(json.utf8)).brokers {
            for dir in broker.logDirs {
                for replica in dir.partitions {
                    guard let id = readPartitionID(replica.partition) else { continue }
                    rows[broker.broker, default: [:]][id] = DescribedReplica(
                        sizeBytes: replica.size, logDir: dir.logDir)
                }
            }
        }
        return rows
    }

    /// Topics to the number of their overrides.
    func countOverrides() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var topic = ""
        let printed = try tool("kafka-configs", "--describe", "--entity-type", "topics")
        for line in printed.split(separator: "\n") {
            if line.hasPrefix("Dynamic configs for topic "), line.hasSuffix(" are:") {
                topic = String(line.dropFirst("Dynamic configs for topic ".count).dropLast(5))
                counts[topic] = 0
            } else if line.hasPrefix("  "), line.contains("=") {
                counts[topic, default: 0] += 1
            }
        }
        return counts
    }

    func describeQuorum() throws -> DescribedQuorum {
        var fields: [Substring: Substring] = [:]
        let printed = try tool("kafka-metadata-quorum", "describe", "--status")
        for line in printed.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == " " }
        }
        struct Voter: Decodable { var id: Int }
        let voters = Data((fields["CurrentVoters"] ?? "").utf8)
        guard let leader = fields["LeaderId"].flatMap({ Int($0) }),
            let epoch = fields["LeaderEpoch"].flatMap({ Int($0) }),
            let mark = fields["HighWatermark"].flatMap({ Int($0) })
        else { throw HarnessError("kafka-metadata-quorum printed \(printed)") }
        return DescribedQuorum(
            leader: leader, leaderEpoch: epoch, highWatermark: mark,
            voters: Set(try snakeCaseDecoder().decode([Voter].self, from: voters).map(\.id)))
    }

    /// The broker in ZooKeeper's `/controller`.
    func readControllerNode() throws -> Int {
        struct Controller: Decodable { var brokerid: Int }
        let printed = try tool("zookeeper-shell", "get", "/controller")
        guard let json = printed.split(separator: "\n").first(where: { $0.hasPrefix("{") }) else {
            throw HarnessError("zookeeper-shell printed \(printed)")
        }
        return try snakeCaseDecoder().decode(Controller.self, from: Data(json.utf8)).brokerid
    }

    /// The sessions the ensemble knows, by its own `dump`: each server that answers names them all.
    func zooKeeperSessions() throws -> Set<String> {
        let ask = """
            import re, socket, sys
            for port in sys.argv[1:]:
                try:
                    link = socket.create_connection(("127.0.0.1", int(port)), 3)
                    link.sendall(b"dump")
                    text = b"".join(iter(lambda: link.recv(65536), b"")).decode()
                except OSError:
                    continue
                part = text.split("Global Sessions", 1)[-1].split("ephemeral", 1)[0]
                print(" ".join(re.findall("0x[0-9a-f]+", part)))
            """
        let ended = try run(
            ["python3", "-c", ask] + zooKeeperPorts.map { "\($0)" }, seconds: 20)
        return Set(ended.output.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    /// Sets one override of a topic, as a tool would and sooner.
    func alterTopic(_ topic: String, _ name: String, _ value: String) throws {
        try alter(2, topic, name, value, at: brokers[0])
    }

    /// The same of a broker, which takes it itself; nil takes it away.
    func alterBroker(_ id: Int, _ name: String, _ value: String?) throws {
        try alter(4, "\(id)", name, value, at: broker(id))
    }

    private func alter(
        _ type: ConfigResourceType, _ resourceName: String, _ name: String, _ value: String?,
        at broker: Broker
    ) throws {
        let request = IncrementalAlterConfigsRequest(
            name, value, resourceType: type, resourceName: resourceName)
        let answer = try RawBroker(port: UInt16(broker.port)).ask(request, version: 1)
        guard answer?.results.first?.error == KafkaError.none else {
            throw HarnessError(
                "\(resourceName) \(name)=\(value ?? ""): \(answer.map { "\($0)" } ?? "closed")")
        }
    }
}

/// "topic-name-3" has its partition after the last dash.
private func readPartitionID(_ text: String) -> PartitionID? {
    guard let dash = text.lastIndex(of: "-"), let partition = Int(text[text.index(after: dash)...])
    else { return nil }
    return PartitionID(topic: String(text[..<dash]), partition: partition)
}

private func readNumbers(_ text: Substring?) -> [Int] {
    (text ?? "").split(separator: ",").compactMap { Int($0) }
}

/// Java prints an address without a name as "/127.0.0.1".
func stripSlash(_ host: String) -> String { host.hasPrefix("/") ? String(host.dropFirst()) : host }
