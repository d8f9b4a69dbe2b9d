// The table of the APIs that a simulated broker answers. A new one is a file with its entry and a
// line in the table.
import KafkaWire

/// One request as a broker has received it.
struct ReceivedRequest {
    /// The broker, by its place in the machine.
    let index: Int
    /// Seconds since the cluster's start.
    let t: Double
    let header: RequestHeader
    /// The whole frame without its size.
    let frame: UnsafeRawBufferPointer

    var version: Int16 { header.version }

    /// The request itself; nil where it cannot be read. As brokers do, it passes over bytes behind
    /// the last field.
    func decoded<R: KafkaRequest>(_ type: R.Type) -> R? {
        var leftOver = 0
        return try? decodeRequest(type, frame: frame, leftOver: &leftOver).request
    }
}

/// One API as a simulated broker answers it.
struct Handler: Sendable {
    let key: Int16
    /// Kafka's name of the API.
    let name: String
    /// The answer's frame; nil where the broker ends the connection.
    let answer: @Sendable (inout Machine, ReceivedRequest) -> [UInt8]?

    /// An API that changes nothing.
    static func reads<R: KafkaRequest>(
        _ make: @escaping @Sendable (RequestContext) -> (R) -> R.Response
    ) -> Handler {
        Handler(key: R.apiKey, name: R.name) { machine, request in
            let context = RequestContext(machine: machine, request)
            return context.reply(R.self, make(context))
        }
    }

    /// An API that changes the cluster; nil where the broker ends the connection. It gets the
    /// machine itself: a second copy would make each change copy every column.
    static func changes<R: KafkaRequest>(
        _ make: @escaping @Sendable (inout Machine, R, Order) -> R.Response?
    ) -> Handler {
        Handler(key: R.apiKey, name: R.name) { machine, request in
            guard let wanted = request.decoded(R.self) else { return nil }
            machine.settle(until: request.t)
            let order = Order(index: request.index, version: request.version)
            guard let response = make(&machine, wanted, order) else { return nil }
            return try? encodeResponse(
                R.self, response, version: request.version,
                correlationID: request.header.correlationID)
        }
    }
}

/// What a simulated broker of a release lists to others: the APIs that are answered. LeaderAndIsr,
/// StopReplica and UpdateMetadata stand there too, where brokers of that release have them: by them
/// clients know that the cluster lives by ZooKeeper, and only its controller would ask them.
func offer(
    _ release: Release, _ coordination: Coordination
) -> [Int16: ClosedRange<Int16>] {
    release.versions(coordination).filter { key, _ in
        handlers[key] != nil || askedByControllers.contains(key)
    }
}

private let askedByControllers: Set<Int16> = [4, 5, 6]

/// Every API that is answered, by its key.
let handlers = Dictionary(
    uniqueKeysWithValues: [
        Handler.apiVersions, .metadata, .describeCluster, .describeQuorum, .listReassignments,
        .listOffsets, .describeLogDirs, .describeTopicPartitions, .describeConfigs,
        .findCoordinator, .listGroups, .describeGroups, .describeConsumerGroups, .offsetFetch,
        .describeShareGroups, .describeShareOffsets, .describeStreamsGroups, .saslHandshake,
        .saslAuthenticate, .electLeaders, .alterReassignments, .alterConfigs, .replaceConfigs,
        .alterLogDirs, .offsetCommit, .offsetDelete, .deleteGroups, .leaveGroup,
        .createTopics, .deleteTopics, .createPartitions, .alterShareOffsets, .deleteShareOffsets,
    ].map { ($0.key, $0) })
