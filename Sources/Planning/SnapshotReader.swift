// Reads of a snapshot document what plans are made from, as it comes: 200,000 partitions of three
// replicas need no more memory than their columns. Fields may stand in any order.
package import JSON

/// Why a document is no snapshot to plan from.
package enum SnapshotFault: Error, CustomStringConvertible {
    /// It is no JSON, or what stands there is of another kind.
    case json(JSONFault)
    /// It is JSON, and not what is needed.
    case content(String)

    package var description: String {
        switch self {
        case .json(let fault): fault.description
        case .content(let sentence): sentence
        }
    }
}

/// A snapshot as plans are made from it.
package struct PlanningSnapshot {
    package private(set) var model: PlanningModel
    /// The document says itself that it is partial.
    package private(set) var isPartial = false

    /// - Parameter reader: at the beginning of the document.
    package init(_ reader: inout JSONReader) throws(SnapshotFault) {
        var document = SnapshotReader(reader)
        do throws(JSONFault) {
            try document.read()
        } catch {
            if let sentence = document.sentence { throw .content(sentence) }
            throw .json(error)
        }
        if let sentence = document.sentence { throw .content(sentence) }
        isPartial = document.isPartial
        do throws(PlanningFault) {
            model = try document.builder.model()
        } catch {
            throw .content(error.description)
        }
    }
}

/// One pass over a snapshot.
private struct SnapshotReader {
    var reader: JSONReader
    var builder = PlanningModelBuilder()
    var isPartial = false
    /// What is wrong beside the form.
    var sentence: String?
    private var hasBrokers = false
    private var hasPartitions = false

    // Of the partition that is being read; kept, so that none is made for each.
    private var replicas: [Int32] = []
    private var inSync: [Int32] = []
    private var adding: [Int32] = []
    private var removing: [Int32] = []
    private var sizes: [(broker: Int32, bytes: Int64)] = []
    private var targets: [PlanningModelBuilder.Replica] = []

    init(_ reader: JSONReader) { self.reader = reader }

    mutating func read() throws(JSONFault) {
        guard try reader.next() == .openObject else {
            throw reader.fault("a snapshot is an object with brokers and partitions")
        }
        while case .key(let key) = try reader.next() {
            try readMember(key)
            if sentence != nil { return }
        }
        _ = try reader.next()
        let missing = hasBrokers ? hasPartitions ? nil : "partitions" : "brokers"
        if let missing {
            sentence =
                "it has no \(missing): a snapshot to plan from has brokers and partitions "
                + "(highwater snapshot --sections brokers,partitions,log_dirs)"
        }
    }

    private mutating func readMember(_ key: String) throws(JSONFault) {
        switch key {
        case "schema":
            let name = try optionalText(key)
            if let name, name != "highwater.snapshot" {
                sentence = "it is a document of \(name), and no highwater.snapshot"
            }
        case "schema_version":
            let version = try optionalText(key) ?? "1"
            if version.prefix(while: { $0 != "." }) != "1" {
                sentence = "it is a highwater.snapshot \(version), and this version reads 1.x"
            }
        case "cluster_id": builder.clusterID = try optionalText(key)
        case "taken_at": builder.takenAt = try optionalText(key)
        case "complete": isPartial = try reader.next() == .bool(false)
        case "only":
            try skipValue()
            sentence = "it holds only some partitions (it was written with --only)"
        case "brokers":
            hasBrokers = true
            try list(key) { (document: inout Self) throws(JSONFault) in
                try document.readBroker()
            }
        case "partitions":
            hasPartitions = true
            try list(key) { (document: inout Self) throws(JSONFault) in
                try document.readPartition()
            }
        case "log_dirs":
            try list(key) { (document: inout Self) throws(JSONFault) in
                try document.readDirectory()
            }
        default: try skipValue()
        }
    }

    // MARK: Records

    private mutating func readBroker() throws(JSONFault) {
        var id: Int32?
        var rack: String?
        var state: String?
        while case .key(let key) = try reader.next() {
            switch key {
            case "id": id = try brokerID(key)
            case "rack": rack = try optionalText(key)
            case "state": state = try optionalText(key)
            default: try skipValue()
            }
        }
        guard let id else { throw reader.fault("a broker without an id") }
        try take { (builder: inout PlanningModelBuilder) throws(PlanningFault) in
            try builder.add(broker: id, rack: rack, state: state)
        }
    }

    private mutating func readDirectory() throws(JSONFault) {
        var broker: Int32?
        var total: Int64 = -1
        var usable: Int64 = -1
        while case .key(let key) = try reader.next() {
            switch key {
            case "broker": broker = try brokerID(key)
            case "total_bytes": total = try optionalInteger(key) ?? -1
            case "usable_bytes": usable = try optionalInteger(key) ?? -1
            default: try skipValue()
            }
        }
        guard let broker else { throw reader.fault("a log directory without a broker") }
        builder.addVolume(broker: broker, total: total, usable: usable)
    }

    private mutating func readPartition() throws(JSONFault) {
        var topic: Int32?
        var number: Int32?
        var leader: Int32?
        replicas.removeAll(keepingCapacity: true)
        inSync.removeAll(keepingCapacity: true)
        adding.removeAll(keepingCapacity: true)
        removing.removeAll(keepingCapacity: true)
        sizes.removeAll(keepingCapacity: true)
        while case .key(let key) = try reader.next() {
            switch key {
            case "topic":
                guard case .string(let name) = try reader.next() else {
                    throw reader.fault("topic is not a name")
                }
                topic = builder.topicIndex(name)
            case "partition": number = try int32(key)
            case "leader":
                leader = try optionalInteger(key).flatMap { $0 < 0 ? nil : Int32(clamping: $0) }
            case "replicas": try Self.brokerList(key, &reader, &replicas)
            case "isr": try Self.brokerList(key, &reader, &inSync)
            case "adding_replicas": try Self.brokerList(key, &reader, &adding)
            case "removing_replicas": try Self.brokerList(key, &reader, &removing)
            case "replica_states":
                try list(key) { (document: inout Self) throws(JSONFault) in
                    try document.readReplica()
                }
            default: try skipValue()
            }
        }
        guard let topic, let number, number >= 0 else {
            throw reader.fault("a partition without topic and number")
        }
        guard !replicas.isEmpty else { throw reader.fault("a partition without replicas") }
        try addPartition(topic, number, leader)
    }

    private mutating func addPartition(
        _ topic: Int32, _ number: Int32, _ leader: Int32?
    ) throws(JSONFault) {
        targets.removeAll(keepingCapacity: true)
        var known: Int64 = -1
        for each in sizes { known = max(known, each.bytes) }
        for broker in replicas {
            let size = sizes.first { $0.broker == broker }?.bytes ?? -1
            if removing.contains(broker) {
                if broker == leader, size >= 0 { known = size }
                continue
            }
            targets.append(.init(broker: broker, size: size, isInSync: inSync.contains(broker)))
        }
        let isMoving = !adding.isEmpty || !removing.isEmpty
        let (targets, known2) = (targets, known)
        try take { (builder: inout PlanningModelBuilder) throws(PlanningFault) in
            try builder.add(
                topic: topic, partition: number, leader: leader, replicas: targets,
                isMoving: isMoving, knownSize: known2)
        }
    }

    private mutating func readReplica() throws(JSONFault) {
        var broker: Int32?
        var bytes: Int64 = -1
        while case .key(let key) = try reader.next() {
            switch key {
            case "broker": broker = try brokerID(key)
            case "size_bytes": bytes = max(-1, try optionalInteger(key) ?? -1)
            default: try skipValue()
            }
        }
        guard let broker else { throw reader.fault("a replica without a broker") }
        sizes.append((broker, bytes))
    }

    // MARK: Values

    private mutating func take(
        _ body: (inout PlanningModelBuilder) throws(PlanningFault) -> Void
    ) throws(JSONFault) {
        do throws(PlanningFault) {
            try body(&builder)
        } catch {
            sentence = error.description
            throw reader.fault(error.description)
        }
    }

    /// An array of objects; `body` reads one from behind its opening to its end.
    private mutating func list(
        _ key: String, _ body: (inout Self) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        switch try reader.next() {
        case .null: return
        case .openArray: break
        default: throw reader.fault("\(key) is not a list")
        }
        while true {
            switch try reader.next() {
            case .closeArray: return
            case .openObject: try body(&self)
            default: throw reader.fault("\(key) holds something that is no object")
            }
        }
    }

    private static func brokerList(
        _ key: String, _ reader: inout JSONReader, _ ids: inout [Int32]
    ) throws(JSONFault) {
        switch try reader.next() {
        case .null: return
        case .openArray: break
        default: throw reader.fault("\(key) is not a list")
        }
        while true {
            switch try reader.next() {
            case .closeArray: return
            case .integer(let id):
                guard id >= 0, let id = Int32(exactly: id) else {
                    throw reader.fault("\(key) holds \(id), which is no broker's id")
                }
                ids.append(id)
            default: throw reader.fault("\(key) holds something that is no broker's id")
            }
        }
    }

    private mutating func brokerID(_ key: String) throws(JSONFault) -> Int32 {
        let id = try int32(key)
        guard id >= 0 else { throw reader.fault("\(id) is no broker's id") }
        return id
    }

    private mutating func int32(_ key: String) throws(JSONFault) -> Int32 {
        guard case .integer(let number) = try reader.next(), let value = Int32(exactly: number)
        else { throw reader.fault("\(key) is not a number of 32 bits") }
        return value
    }

    private mutating func optionalInteger(_ key: String) throws(JSONFault) -> Int64? {
        switch try reader.next() {
        case .integer(let number): return number
        case .null: return nil
        default: throw reader.fault("\(key) is not a whole number")
        }
    }

    private mutating func optionalText(_ key: String) throws(JSONFault) -> String? {
        switch try reader.next() {
        case .string(let text): return text
        case .null: return nil
        default: throw reader.fault("\(key) is not a text")
        }
    }

    private mutating func skipValue() throws(JSONFault) {
        let token = try reader.next()
        try reader.skip(token)
    }
}
