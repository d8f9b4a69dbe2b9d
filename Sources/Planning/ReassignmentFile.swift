// Reads the file that kafka-reassign-partitions.sh writes and takes.
package import JSON

/// The moves of such a file.
package struct ReassignmentFile {
    package private(set) var moves: [PlanRequest.WantedMove] = []
    /// It names log directories: those are for brokers, and plans do not choose among them.
    package private(set) var namesLogDirs = false

    /// - Parameter reader: at the beginning of the file.
    package init(_ reader: inout JSONReader) throws(JSONFault) {
        guard try reader.next() == .openObject else {
            throw reader.fault("a reassignment file is an object with partitions")
        }
        var hasPartitions = false
        while case .key(let key) = try reader.next() {
            guard key == "partitions" else {
                let token = try reader.next()
                try reader.skip(token)
                continue
            }
            hasPartitions = true
            guard try reader.next() == .openArray else {
                throw reader.fault("partitions is not a list")
            }
            while true {
                let token = try reader.next()
                if token == .closeArray { break }
                guard token == .openObject else {
                    throw reader.fault("partitions holds something that is no object")
                }
                try readMove(&reader)
            }
        }
        _ = try reader.next()
        guard hasPartitions else { throw reader.fault("it has no partitions") }
    }

    private mutating func readMove(_ reader: inout JSONReader) throws(JSONFault) {
        var topic: String?
        var partition: Int32?
        var replicas: [Int32] = []
        while case .key(let key) = try reader.next() {
            switch (key, try reader.next()) {
            case ("topic", .string(let name)): topic = name
            case ("partition", .integer(let number)):
                partition = Int32(exactly: number)
            case ("replicas", .openArray):
                replicas = try Self.readReplicas(&reader)
            case ("topic", _), ("partition", _), ("replicas", _):
                throw reader.fault("\(key) is not what belongs there")
            case ("log_dirs", .openArray):
                while true {
                    let token = try reader.next()
                    if token == .closeArray { break }
                    guard case .string(let directory) = token else {
                        throw reader.fault("log_dirs holds something that is no text")
                    }
                    if directory != "any" { namesLogDirs = true }
                }
            case (_, let token): try reader.skip(token)
            }
        }
        guard let topic, let partition, partition >= 0, !replicas.isEmpty else {
            throw reader.fault("a partition has a topic, a number and replicas")
        }
        guard replicas.count <= Limits.replicasOfRow else {
            throw reader.fault("\(replicas.count) replicas of one partition")
        }
        moves.append(.init(topic: topic, partition: partition, replicas: replicas))
    }

    private static func readReplicas(_ reader: inout JSONReader) throws(JSONFault) -> [Int32] {
        var replicas: [Int32] = []
        while true {
            switch try reader.next() {
            case .closeArray: return replicas
            case .integer(let id):
                guard id >= 0, let id = Int32(exactly: id) else {
                    throw reader.fault("\(id) is no broker's id")
                }
                replicas.append(id)
            default: throw reader.fault("replicas holds something that is no broker's id")
            }
        }
    }
}
