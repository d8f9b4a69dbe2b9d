// The answer that names every topic of a large cluster, kept as bytes: made once for each state of
// the cluster and not once a question.
import KafkaWire

/// An encoded answer to a Metadata request for all topics, with everything it was made from.
struct WholeMetadata: Sendable {
    fileprivate var version: Int16
    fileprivate var state: State
    /// Size, correlation id, answer.
    fileprivate var bytes: [UInt8]

    /// What the answer tells, held as it was. Arrays that nobody has changed since are the same
    /// memory, and to compare them costs nothing.
    fileprivate struct State: Equatable {
        var topicOf: [Int32]
        var leader: [Int32]
        var epoch: [Int32]
        var inSync: [UInt32]
        var replicaBroker: [Int32]
        var moving: [Int32: IDList]
        var odd: [Int32: IDList]
        var topicIDs: [KafkaUUID]
        var controller: Int32
        var brokers: [Listener]
    }

    fileprivate struct Listener: Equatable {
        var id: Int32
        var host: String
        var port: Int32
    }
}

extension Machine {
    private var metadataState: WholeMetadata.State {
        WholeMetadata.State(
            topicOf: topicOf, leader: leader, epoch: epoch, inSync: inSync,
            replicaBroker: replicaBroker, moving: moves.mapValues(\.replicas), odd: oddReplicas,
            topicIDs: topics.map { $0.isDeleted ? .zero : $0.id }, controller: controllerID,
            brokers: brokers.filter(\.isRegistered).map {
                WholeMetadata.Listener(id: $0.id, host: $0.host, port: $0.port)
            })
    }

    /// The kept answer where the request is for all topics of a large cluster and no error is to
    /// be answered; nil where it has to be answered as any other.
    mutating func wholeMetadata(
        _ frame: UnsafeRawBufferPointer, broker index: Int, t: Double
    ) -> [UInt8]? {
        guard leader.count >= keepsMetadataFrom, !answersError, shape.access == Access(),
            former.isEmpty,
            let header = try? RequestHeader(peeking: frame),
            header.apiKey == MetadataRequest.apiKey,
            offered[brokers[index].release]?[header.apiKey]?.contains(header.version) == true
        else { return nil }
        let received = ReceivedRequest(index: index, t: t, header: header, frame: frame)
        guard let request = received.decoded(MetadataRequest.self), request.topics == nil else {
            return nil
        }
        let call = RequestContext(machine: self, received)
        return kept(call, request, correlationID: header.correlationID)
    }

    private mutating func kept(
        _ call: RequestContext, _ request: MetadataRequest, correlationID: Int32
    ) -> [UInt8]? {
        let state = metadataState
        if let known = keptMetadata, known.version == call.version, known.state == state {
            var bytes = known.bytes
            let id = UInt32(bitPattern: correlationID)
            for place in 0..<4 {
                bytes[4 + place] = UInt8(truncatingIfNeeded: id >> (24 - 8 * place))
            }
            return bytes
        }
        let bytes = try? encodeResponse(
            MetadataRequest.self, call.metadata(request), version: call.version,
            correlationID: correlationID)
        guard let bytes else { return nil }
        keptMetadata = WholeMetadata(version: call.version, state: state, bytes: bytes)
        return bytes
    }

    /// Makes the answer that the first client will want, so that it need not wait for it.
    mutating func prepareWholeMetadata() {
        guard leader.count >= keepsMetadataFrom,
            let range = offered[brokers[0].release]?[MetadataRequest.apiKey]
        else { return }
        var request = MetadataRequest()
        request.topics = nil
        let version = min(range.upperBound, MetadataRequest.versions.upperBound)
        let frame = try? encodeRequest(request, version: version, correlationID: 0, clientID: "")
        frame?.dropFirst(4).withUnsafeBytes { bytes in
            _ = wholeMetadata(bytes, broker: 0, t: 0)
        }
    }
}
