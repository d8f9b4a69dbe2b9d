// What Kafka keeps in ZooKeeper: paths and the JSON of each node. Keys come in any order and newer
// versions add some; what cannot be read is nil, never a guess. (Kafka's ZkData.scala; layouts seen
// on 2.4.1 and 3.9.2.)
import ClusterModel
import JSON
import ZooKeeperClient

/// Paths below the chroot.
enum ZnodePaths {
    static let clusterID = "/cluster/id"
    static let controller = "/controller"
    static let controllerEpoch = "/controller_epoch"
    static let brokers = "/brokers/ids"
    static let topics = "/brokers/topics"
    static let admin = "/admin"
    static let reassignments = "/admin/reassign_partitions"
    static let elections = "/admin/preferred_replica_election"
    static let deletions = "/admin/delete_topics"
    static let configChanges = "/config/changes"
    static let users = "/config/users"
    static let migration = "/migration"

    static func broker(_ name: String) -> String { "\(brokers)/\(name)" }
    static func topic(_ name: String) -> String { "\(topics)/\(name)" }
    static func config(_ entity: String) -> String { "/config/\(entity)" }
    /// The topic whose overrides an entity is: "topics/T".
    static func topic(ofEntity entity: String) -> String? {
        entity.hasPrefix("topics/") ? String(entity.dropFirst("topics/".count)) : nil
    }
    static func state(_ key: PartitionKey) -> String {
        "\(topics)/\(key.topic)/partitions/\(key.partition)/state"
    }

    /// The partition whose state node a path is.
    static func partition(ofState path: String) -> PartitionKey? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count == 6, parts[0] == "brokers", parts[1] == "topics",
            parts[3] == "partitions", parts[5] == "state", let number = Int32(parts[4])
        else { return nil }
        return PartitionKey(topic: String(parts[2]), partition: number)
    }

    /// Whether `path` is `parent` or below it.
    static func isBelow(_ path: String, _ parent: String) -> Bool {
        path.hasPrefix(parent)
            && (path.utf8.count == parent.utf8.count
                || path.utf8[path.utf8.index(path.utf8.startIndex, offsetBy: parent.utf8.count)]
                    == UInt8(ascii: "/"))
    }
}

/// The contents of nodes.
enum ZnodeContent {
    private static func parse(_ data: [UInt8]) -> JSONValue? { try? JSONValue(parsing: data) }

    /// `/controller`: the broker, and the epoch of a KRaft controller while the cluster migrates.
    static func controller(_ data: [UInt8]) -> (broker: BrokerID, kraftEpoch: Int32?)? {
        guard let json = parse(data), let id = id(json["brokerid"]) else { return nil }
        let epoch = json["kraftControllerEpoch"]?.integer.flatMap { Int32(exactly: $0) }
        return (id, epoch.flatMap { $0 >= 0 ? $0 : nil })
    }

    /// `/controller_epoch`: an integer as plain text.
    static func epoch(_ data: [UInt8]) -> Int32? { Int32(String(decoding: data, as: UTF8.self)) }

    static func registration(_ data: [UInt8], broker: BrokerID, stat: ZnodeStat) -> Registration {
        let json = parse(data)
        var endpoints = json?["endpoints"]?.array?.compactMap(\.string) ?? []
        // Version 1 has host and port alone.
        if endpoints.isEmpty, let host = json?["host"]?.string, let port = json?["port"]?.integer,
            port > 0
        {
            endpoints = ["PLAINTEXT://\(host):\(port)"]
        }
        return Registration(
            broker: broker, registeredAt: WallTime(ms: stat.createdMs), epoch: stat.createdZxid,
            endpoints: endpoints, rack: json?["rack"]?.string,
            session: stat.ephemeralOwner == 0 ? nil : stat.ephemeralOwner)
    }

    static func state(_ data: [UInt8], stat: ZnodeStat) -> StoredState? {
        guard let json = parse(data), let leader = json["leader"]?.integer,
            let leaderID = Int32(exactly: leader)
        else { return nil }
        return StoredState(
            leader: leaderID < 0 ? .none : BrokerID(leaderID),
            leaderEpoch: int32(json["leader_epoch"]) ?? -1,
            controllerEpoch: int32(json["controller_epoch"]) ?? -1,
            isr: json["isr"]?.array?.compactMap { id($0) } ?? [],
            changedAt: WallTime(ms: stat.modifiedMs))
    }

    /// `/brokers/topics/T`: replicas by partition.
    static func assignment(_ data: [UInt8]) -> [Int32: [BrokerID]]? {
        guard case .object(let members)? = parse(data)?["partitions"] else { return nil }
        var assignment: [Int32: [BrokerID]] = [:]
        for member in members {
            guard let number = Int32(member.key) else { continue }
            assignment[number] = member.value.array?.compactMap { id($0) } ?? []
        }
        return assignment
    }

    /// `/config/…`: the overrides of an entity.
    static func overrides(_ data: [UInt8]) -> [String: String]? {
        guard case .object(let members)? = parse(data)?["config"] else { return nil }
        var overrides: [String: String] = [:]
        for member in members { overrides[member.key] = member.value.string ?? "" }
        return overrides
    }

    /// `/config/changes/config_change_N`: the entity, as `topics/T`.
    static func changedEntity(_ data: [UInt8]) -> String? {
        guard let json = parse(data) else { return nil }
        if let path = json["entity_path"]?.string { return path }
        guard let type = json["entity_type"]?.string, let name = json["entity_name"]?.string else {
            return nil
        }
        return "\(type)/\(name)"
    }

    /// Partitions listed in `/admin/reassign_partitions` or `/admin/preferred_replica_election`.
    static func partitionCount(_ data: [UInt8]) -> Int? {
        parse(data)?["partitions"]?.array?.count
    }

    /// `/migration` as a phrase.
    static func migration(_ data: [UInt8]) -> String? {
        guard let json = parse(data), let id = json["kraft_controller_id"]?.integer, id >= 0 else {
            return nil
        }
        let epoch = json["kraft_controller_epoch"]?.integer.map { ", epoch \($0)" } ?? ""
        return "to KRaft, controller \(id)\(epoch)"
    }

    /// `/cluster/id`.
    static func clusterID(_ data: [UInt8]) -> String? { parse(data)?["id"]?.string }

    private static func int32(_ value: JSONValue?) -> Int32? {
        value?.integer.flatMap { Int32(exactly: $0) }
    }

    private static func id(_ value: JSONValue?) -> BrokerID? {
        int32(value).flatMap { $0 >= 0 ? BrokerID($0) : nil }
    }
}
