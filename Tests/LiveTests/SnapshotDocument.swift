// The snapshot's JSON as a consumer of schema 1.1 reads it, by Foundation's reader rather than by
// the product's own.
import Foundation

/// Reads `log_end_offset` into `logEndOffset`.
func snakeCaseDecoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
}

/// A partition's name.
struct PartitionID: Hashable, Comparable, CustomStringConvertible {
    var topic: String
    var partition: Int
    var description: String { "\(topic)-\(partition)" }
    static func < (a: PartitionID, b: PartitionID) -> Bool {
        (a.topic, a.partition) < (b.topic, b.partition)
    }
}

/// Field names are the schema's, in lower camel case.
struct SnapshotDocument: Decodable {
    struct Failure: Decodable {
        var api: String?
        var broker: Int?
        var code: String?
        var message: String
    }
    struct Broker: Decodable {
        var id: Int
        var host: String?
        var port: Int?
        var rack: String?
        var isController: Bool?
        var state: String
    }
    struct Topic: Decodable {
        var name: String
        var topicId: String?
        var `internal`: Bool?
        var partitionCount: Int
        var replicationFactor: Int?
        var overrideCount: Int?
    }
    struct Partition: Decodable {
        struct Replica: Decodable, Equatable {
            var broker: Int
            var logEndOffset: Int?
            var lag: Int?
            var inSync: Bool
            var sizeBytes: Int?
            var logDir: String?
        }
        var topic: String
        var partition: Int
        var leader: Int?
        var leaderEpoch: Int?
        var preferredLeader: Int?
        var replicas: [Int]
        var isr: [Int]
        var offlineReplicas: [Int]
        var logStartOffset: Int?
        var highWatermark: Int?
        var logEndOffset: Int?
        /// False: the leader that Metadata names does not answer.
        var served: Bool?
        var replicaStates: [Replica]
        var id: PartitionID { PartitionID(topic: topic, partition: partition) }
    }
    struct Group: Decodable {
        struct Offset: Decodable {
            var topic: String
            var partition: Int
            var committedOffset: Int?
            var logEndOffset: Int?
            var lag: Int?
            var committedBeyondEnd: Int?
            var memberId: String?
            var clientId: String?
            var host: String?
            var id: PartitionID { PartitionID(topic: topic, partition: partition) }
        }
        var id: String
        var type: String?
        var `protocol`: String?
        var state: String?
        var coordinator: Int?
        var memberCount: Int?
        var lag: Int?
        var partitions: [Offset]?
    }
    struct LogDir: Decodable {
        var broker: Int
        var path: String
        var totalBytes: Int?
        var usableBytes: Int?
        var sizeBytes: Int?
    }
    struct Quorum: Decodable {
        struct Replica: Decodable {
            var id: Int
            var logEndOffset: Int?
        }
        var leaderId: Int?
        var leaderEpoch: Int?
        var highWatermark: Int?
        var voters: [Replica]
    }

    struct Coordinator: Decodable {
        struct Server: Decodable {
            var host: String
            var port: Int
            var mode: String?
            var version: String?
            var error: String?
        }
        struct Registration: Decodable {
            var broker: Int
            var registeredAt: String?
            var epoch: Int?
            var endpoints: [String]
            var rack: String?
            var fenced: Bool?
        }
        struct Pending: Decodable {
            var reassignments: Int?
            var preferredElections: Int?
            var topicDeletions: Int?
        }
        struct Member: Decodable {
            var id: Int
            var role: String
        }
        var kind: String?
        var controllerId: Int?
        var controllerEpoch: Int?
        var controllerSince: String?
        var servers: [Server]
        var registrations: [Registration]
        var pending: Pending
        var voters: [Member]?
        var observers: [Member]?
        var survivesOneMoreLoss: Bool?
    }
    struct Event: Decodable {
        var at: String
        var kind: String
        var subject: String
        var text: String
        var source: String
    }

    var schema: String
    var schemaVersion: String
    var toolVersion: String
    var takenAt: String
    var clusterId: String?
    var complete: Bool
    var errors: [Failure]
    var notes: [Failure]
    /// A section that was not asked for is not there.
    var brokers: [Broker]?
    var topics: [Topic]?
    var partitions: [Partition]?
    var groups: [Group]?
    var logDirs: [LogDir]?
    var quorum: Quorum?
    var coordinator: Coordinator?
    var events: [Event]?

    init(json: Data) throws { self = try snakeCaseDecoder().decode(Self.self, from: json) }

    func broker(_ id: Int) -> Broker? { brokers?.first { $0.id == id } }
    func group(_ id: String) -> Group? { groups?.first { $0.id == id } }
    var controllers: [Int] { (brokers ?? []).filter { $0.isController == true }.map(\.id) }
    var partitionsByID: [PartitionID: Partition] {
        Dictionary((partitions ?? []).map { ($0.id, $0) }) { first, _ in first }
    }
}

extension SnapshotDocument.Partition {
    func replica(_ broker: Int) -> Replica? { replicaStates.first { $0.broker == broker } }
}

extension SnapshotDocument.Group {
    var offsetsByID: [PartitionID: Offset] {
        Dictionary((partitions ?? []).map { ($0.id, $0) }) { first, _ in first }
    }
}

/// Every record type of schema 1.1 and all its fields: unknown is `null`, never left out.
enum Schema {
    static let document: Set<String> = [
        "schema", "schema_version", "tool_version", "taken_at", "cluster_id", "complete", "errors",
        "notes", "brokers", "topics", "partitions", "groups", "log_dirs", "quorum",
        "coordinator", "events", "findings",
    ]
    static let records: [String: Set<String>] = [
        "errors": ["api", "broker", "code", "message"],
        "notes": ["api", "broker", "code", "message"],
        "brokers": ["id", "host", "port", "rack", "is_controller", "state"],
        "topics": [
            "name", "topic_id", "internal", "partition_count", "replication_factor",
            "override_count",
        ],
        "partitions": [
            "topic", "partition", "leader", "leader_epoch", "preferred_leader", "replicas", "isr",
            "offline_replicas", "adding_replicas", "removing_replicas", "log_start_offset",
            "high_watermark", "log_end_offset",
            "replica_states",
        ],
        "replica_states": ["broker", "log_end_offset", "lag", "in_sync", "size_bytes", "log_dir"],
        "groups": [
            "id", "type", "protocol", "state", "coordinator", "member_count", "lag", "partitions",
        ],
        "group partitions": [
            "topic", "partition", "committed_offset", "log_end_offset", "lag",
            "committed_beyond_end", "records_lost", "topic_deleted", "member_id",
            "client_id", "host",
        ],
        "log_dirs": ["broker", "path", "total_bytes", "usable_bytes", "size_bytes", "error"],
        "findings": [
            "rule", "severity", "subject", "since", "count", "text", "advice",
        ],
    ]

    /// Records that lack a field of the schema, in words; newer fields are allowed.
    static func findMissingFields(_ json: Data) throws -> [String] {
        guard let top = try JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            return ["the document is no object"]
        }
        var missing = document.subtracting(top.keys).map { "document: \($0)" }
        func check(_ kind: String, _ rows: Any?) {
            for case let row as [String: Any] in rows as? [Any] ?? [] {
                let absent = (records[kind] ?? []).subtracting(row.keys)
                if !absent.isEmpty { missing.append("\(kind): \(absent.sorted())") }
                if kind == "partitions" { check("replica_states", row["replica_states"]) }
                if kind == "groups" { check("group partitions", row["partitions"]) }
            }
        }
        for kind in ["errors", "notes", "brokers", "topics", "partitions", "groups", "log_dirs"] {
            check(kind, top[kind])
        }
        return missing
    }
}
