// A broker on loopback that does little more than open its door: TLS or not, a login or not, its
// versions, Metadata and who it is. Each test says what is wrong with it.
import Glibc
import KafkaWire
import Transport
import TransportTesting

@testable import Security

/// One broker that lists brokers as it is told.
final class DoorServer: Sendable {
    struct Behaviour: Sendable {
        /// Nil: plaintext.
        var tls: TLSOptions?
        /// None: it takes no login.
        var mechanisms: [String] = []
        var user = "alice"
        var password = "right"
        /// The bearer token it takes; nil: it takes user and password.
        var token: String?
        var clusterID = "the-cluster"
        /// Which broker it is.
        var id: Int32 = 1
        /// Brokers it lists; nil: itself, where it listens.
        var brokers: [(id: Int32, host: String, port: UInt16)]?
        /// What it says may be done to the cluster.
        var clusterOperations: Int32 = 0x1ff8
    }

    private let server: LoopbackServer
    /// Tokens of logins that came.
    let logins: Locked<[String]>
    var endpoint: Endpoint { server.endpoint }

    init?(_ change: (inout Behaviour) -> Void = { _ in }) {
        var behaviour = Behaviour()
        change(&behaviour)
        let context = behaviour.tls.map { TLSContext(server: $0) }
        let port = Locked<UInt16>(0)
        let logins = Locked<[String]>([])
        self.logins = logins
        let made = LoopbackServer(
            .serve { [behaviour] peer in
                var own = behaviour
                let here = (id: own.id, host: "127.0.0.1", port: port.withLock { $0 })
                own.brokers = own.brokers ?? [here]
                Door(own, context.map { TLSLayer($0, peer: nil) }, logins, peer).serve()
            })
        guard let made else { return nil }
        server = made
        port.withLock { $0 = made.port }
    }

    func stop() { server.stop() }
}

/// One connection, on a thread of its own.
private final class Door {
    private let behaviour: DoorServer.Behaviour
    private let layer: TLSLayer?
    private let logins: Locked<[String]>
    private let peer: Int32
    private var pending: [UInt8] = []
    private var isIn: Bool
    private var isOver = false

    init(
        _ behaviour: DoorServer.Behaviour, _ layer: TLSLayer?, _ logins: Locked<[String]>,
        _ peer: Int32
    ) {
        (self.behaviour, self.layer, self.logins, self.peer) = (behaviour, layer, logins, peer)
        isIn = behaviour.mechanisms.isEmpty
    }

    func serve() {
        var first: [UInt8] = []
        if let layer { try? layer.start(&first) }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !isOver {
            let count = recv(peer, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            var plain = Array(chunk[..<count])
            if let layer {
                let bytes = plain
                plain = []
                var out: [UInt8] = []
                let isGood = bytes.withUnsafeBytes { bytes in
                    (try? layer.receive(bytes, plain: &plain, output: &out)) != nil
                }
                write(out)
                guard isGood else { return }
            }
            pending += plain
            takeFrames()
        }
    }

    private func write(_ bytes: [UInt8]) {
        _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private func takeFrames() {
        while pending.count >= 4, !isOver {
            let length = pending[..<4].reduce(0) { $0 << 8 | Int($1) }
            // What is no frame of Kafka is as good as none, as with a real broker.
            guard length < 1 << 20 else { return isOver = true }
            guard pending.count >= 4 + length else { return }
            let frame = Array(pending[4..<4 + length])
            pending.removeFirst(4 + length)
            guard let answer = answer(frame) else { return isOver = true }
            if let layer {
                var out: [UInt8] = []
                try? layer.send(answer, &out)
                write(out)
            } else {
                write(answer)
            }
        }
    }

    private func answer(_ frame: [UInt8]) -> [UInt8]? {
        var peeked: RequestHeader?
        frame.withUnsafeBytes { peeked = try? RequestHeader(peeking: $0) }
        guard let header = peeked else { return nil }
        switch header.apiKey {
        case ApiVersionsRequest.apiKey: return versions(header)
        case SaslHandshakeRequest.apiKey: return handshake(header, frame)
        case SaslAuthenticateRequest.apiKey: return authenticate(header, frame)
        // A broker ends the connection of whoever asks before the login.
        default: return isIn ? inside(header, frame) : nil
        }
    }

    private func versions(_ header: RequestHeader) -> [UInt8]? {
        var response = ApiVersionsResponse()
        let ranges: [Int16: ClosedRange<Int16>] = [
            3: 0...9, 17: 0...1, 18: 0...3, 32: 0...2, 36: 0...1, 60: 0...0,
        ]
        response.apiKeys = ranges.sorted { $0.key < $1.key }.map { key, range in
            var entry = ApiVersionsResponse.ApiVersion()
            (entry.apiKey, entry.minVersion, entry.maxVersion) =
                (key, range.lowerBound, range.upperBound)
            return entry
        }
        return encode(ApiVersionsRequest.self, response, header)
    }

    private func handshake(_ header: RequestHeader, _ frame: [UInt8]) -> [UInt8]? {
        let asked = decode(SaslHandshakeRequest.self, frame)?.mechanism ?? ""
        var response = SaslHandshakeResponse()
        response.mechanisms = behaviour.mechanisms
        if behaviour.mechanisms.isEmpty {
            response.error = .illegalSaslState
        } else if !behaviour.mechanisms.contains(asked) {
            response.error = .unsupportedSaslMechanism
        }
        return encode(SaslHandshakeRequest.self, response, header)
    }

    private func authenticate(_ header: RequestHeader, _ frame: [UInt8]) -> [UInt8]? {
        let token = decode(SaslAuthenticateRequest.self, frame)?.authBytes ?? []
        let said = String(decoding: token, as: UTF8.self)
        logins.withLock { $0.append(said) }
        var response = SaslAuthenticateResponse()
        isIn =
            behaviour.token.map { said.hasPrefix("n,,\u{1}auth=Bearer \($0)\u{1}") }
            ?? (said == "\0\(behaviour.user)\0\(behaviour.password)")
        if !isIn {
            response.error = .saslAuthenticationFailed
            response.errorMessage = "Authentication failed: Invalid username or password"
        }
        return encode(SaslAuthenticateRequest.self, response, header)
    }

    private func inside(_ header: RequestHeader, _ frame: [UInt8]) -> [UInt8]? {
        switch header.apiKey {
        case MetadataRequest.apiKey:
            var response = MetadataResponse()
            response.clusterID = behaviour.clusterID
            response.controllerID = behaviour.id
            response.brokers = (behaviour.brokers ?? []).map { entry in
                var broker = MetadataResponse.Broker()
                (broker.nodeID, broker.host, broker.port) =
                    (entry.id, entry.host, Int32(entry.port))
                return broker
            }
            return encode(MetadataRequest.self, response, header)
        case DescribeClusterRequest.apiKey:
            var response = DescribeClusterResponse()
            response.clusterID = behaviour.clusterID
            response.clusterAuthorizedOperations = behaviour.clusterOperations
            return encode(DescribeClusterRequest.self, response, header)
        case DescribeConfigsRequest.apiKey:
            let asked = decode(DescribeConfigsRequest.self, frame)?.resources.first
            var result = DescribeConfigsResponse.Result()
            result.resourceType = .broker
            result.resourceName = asked?.resourceName ?? ""
            if asked?.resourceName != "\(behaviour.id)" {
                result.error = .invalidRequest
                result.errorMessage =
                    "Unexpected broker id, expected \(behaviour.id) or empty string, but received "
                    + "\(asked?.resourceName ?? "")"
            }
            var response = DescribeConfigsResponse()
            response.results = [result]
            return encode(DescribeConfigsRequest.self, response, header)
        default: return nil
        }
    }

    private func decode<R: KafkaRequest>(_ type: R.Type, _ frame: [UInt8]) -> R? {
        frame.withUnsafeBytes { try? decodeRequest(type, frame: $0).request }
    }

    private func encode<R: KafkaRequest>(
        _ type: R.Type, _ response: R.Response, _ header: RequestHeader
    ) -> [UInt8]? {
        try? encodeResponse(
            type, response, version: header.version, correlationID: header.correlationID)
    }
}
