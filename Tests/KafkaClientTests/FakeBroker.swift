// A simulated broker for the client's tests: negotiates, answers Metadata and ListGroups, and can
// be frozen, thawed, slowed, throttled or made to speak other versions.
import KafkaClient
import KafkaWire
import Simulation
import Transport
import TransportTesting

/// One broker at 10.0.0.`id`:9092 of a simulated system.
final class FakeBroker: Sendable {
    struct Behaviour: Sendable {
        /// What ApiVersions lists, by key.
        var ranges: [Int16: ClosedRange<Int16>] = [18: 0...3, 3: 0...12, 16: 0...4, 60: 0...0]
        var isFrozen = false
        var delayNs: UInt64 = 0
        var throttleMs: Int32 = 0
        /// So many bytes stand behind the last field of each answer.
        var bytesBehind = 0
        /// What was asked while frozen, answered at the thaw.
        var held: [(frame: [UInt8], side: ServerSide)] = []
        /// (key, version, correlation id) of each request.
        var seen: [(key: Int16, version: Int16, id: Int32)] = []
        /// Answers given instead of the usual ones, by key; nil ends the connection.
        var custom: [Int16: @Sendable (RequestHeader, [UInt8]) -> [UInt8]?] = [:]
    }

    let id: Int32
    let system: SimulatedSystem
    let behaviour = Locked(Behaviour())
    let server: FrameServer

    init(_ id: Int32, _ system: SimulatedSystem) {
        self.id = id
        self.system = system
        let server = FrameServer { _, _ in }
        self.server = server
        system.set(address, .serves(server))
        server.setAnswer { [weak self] frame, side in self?.take(frame, side) }
    }

    var address: Address { Address(10, 0, 0, UInt8(id), port: 9092) }
    var endpoint: Endpoint { Endpoint(host: "10.0.0.\(id)", port: 9092) }
    var listed: BrokerAddress { BrokerAddress(id: id, endpoint: endpoint, rack: "r\(id)") }
    var seen: [Int16] { behaviour.withLock { $0.seen.map(\.key) } }

    func change(_ body: (inout Behaviour) -> Void) { behaviour.withLock { body(&$0) } }

    /// Ends the process: connections are reset, the port refuses.
    func kill() {
        system.set(address, .refuses)
        system.dropConnections(of: server)
        change { $0.held = [] }
    }

    func restart() { system.set(address, .serves(server)) }

    func thaw() {
        let held = behaviour.withLock { behaviour in
            behaviour.isFrozen = false
            defer { behaviour.held = [] }
            return behaviour.held
        }
        for (frame, side) in held { answer(frame, side) }
    }

    private func take(_ frame: [UInt8], _ side: ServerSide) {
        let isHeld = behaviour.withLock { behaviour -> Bool in
            if let header = Self.header(frame) {
                behaviour.seen.append((header.apiKey, header.version, header.correlationID))
            }
            guard behaviour.isFrozen else { return false }
            behaviour.held.append((frame, side))
            return true
        }
        if !isHeld { answer(frame, side) }
    }

    private func answer(_ frame: [UInt8], _ side: ServerSide) {
        guard let header = Self.header(frame) else { return side.end() }
        let now = behaviour.withLock { $0 }
        if let custom = now.custom[header.apiKey] {
            guard let bytes = custom(header, frame) else { return side.end() }
            return side.send(bytes, delayNs: now.delayNs)
        }
        guard let bytes = try? usual(header, now) else { return side.end() }
        let contents = bytes.dropFirst(4) + Array(repeating: 0xAA, count: now.bytesBehind)
        side.send(framed(Array(contents)), delayNs: now.delayNs)
    }

    private func usual(_ header: RequestHeader, _ now: Behaviour) throws -> [UInt8]? {
        let id = header.correlationID
        switch header.apiKey {
        case ApiVersionsRequest.apiKey:
            var response = ApiVersionsResponse()
            let known = now.ranges[18] ?? 0...0
            let fits = known.contains(header.version)
            if !fits { response.error = .unsupportedVersion }
            response.apiKeys = now.ranges.sorted { $0.key < $1.key }
                .filter { fits || $0.key == 18 }
                .map { key, range in
                    var entry = ApiVersionsResponse.ApiVersion()
                    entry.apiKey = key
                    entry.minVersion = range.lowerBound
                    entry.maxVersion = range.upperBound
                    return entry
                }
            return try encodeResponse(
                ApiVersionsRequest.self, response, version: fits ? header.version : 0,
                correlationID: id)
        case MetadataRequest.apiKey:
            var response = MetadataResponse()
            response.throttleTimeMs = now.throttleMs
            return try encodeResponse(
                MetadataRequest.self, response, version: header.version, correlationID: id)
        case ListGroupsRequest.apiKey:
            return try encodeResponse(
                ListGroupsRequest.self, ListGroupsResponse(), version: header.version,
                correlationID: id)
        default: return nil
        }
    }

    static func header(_ frame: [UInt8]) -> RequestHeader? {
        var header: RequestHeader?
        frame.withUnsafeBytes { bytes in header = try? RequestHeader(peeking: bytes) }
        return header
    }
}
