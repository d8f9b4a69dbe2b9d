// What answers to requests that only read are made from, and the answers to ApiVersions and logins.
import KafkaWire

extension Handler {
    static let apiVersions = reads(RequestContext.apiVersions)
    static let saslHandshake = reads(RequestContext.saslHandshake)
    static let saslAuthenticate = reads(RequestContext.saslAuthenticate)
}

/// One request that only reads, being answered by one broker at one moment from a copy of the
/// cluster.
struct RequestContext {
    let machine: Machine
    /// The broker that answers.
    let index: Int
    /// Seconds since the cluster's start.
    let t: Double
    let header: RequestHeader
    private let request: ReceivedRequest

    init(machine: Machine, _ request: ReceivedRequest) {
        self.machine = machine
        (index, t) = (request.index, request.t)
        (header, self.request) = (request.header, request)
    }

    var shape: Shape { machine.shape }
    var broker: SimulatedBroker { machine.brokers[index] }
    /// Its id alone: the whole broker in a variable is a copy with all its lists.
    var brokerID: Int32 { machine.brokers[index].id }
    var version: Int16 { header.version }

    /// Reads the request, makes the answer, writes it; nil where the request cannot be read.
    func reply<R: KafkaRequest>(_ type: R.Type, _ make: (R) -> R.Response) -> [UInt8]? {
        guard let request = request.decoded(type) else { return nil }
        return try? encodeResponse(
            type, make(request), version: header.version, correlationID: header.correlationID)
    }

    // MARK: ApiVersions

    private var offered: [Int16: ClosedRange<Int16>] { machine.offered[broker.release] ?? [:] }

    func apiVersions(_ request: ApiVersionsRequest) -> ApiVersionsResponse {
        var response = ApiVersionsResponse()
        if version >= 3,
            !Self.isSoftware(request.clientSoftwareName)
                || !Self.isSoftware(request.clientSoftwareVersion)
        {
            response.error = .invalidRequest
            return response
        }
        response.apiKeys = Self.list(offered)
        addFeatures(to: &response)
        return response
    }

    /// A version nobody knows is answered in the layout of version 0.
    func refusedApiVersions() -> [UInt8]? {
        var response = ApiVersionsResponse()
        response.error = .unsupportedVersion
        response.apiKeys = Self.list(offered.filter { $0.key == ApiVersionsRequest.apiKey })
        return try? encodeResponse(
            ApiVersionsRequest.self, response, version: 0, correlationID: header.correlationID)
    }

    private static func list(
        _ offered: [Int16: ClosedRange<Int16>]
    ) -> [ApiVersionsResponse.ApiVersion] {
        offered.sorted { $0.key < $1.key }.map { key, range in
            var entry = ApiVersionsResponse.ApiVersion()
            entry.apiKey = key
            entry.minVersion = range.lowerBound
            entry.maxVersion = range.upperBound
            return entry
        }
    }

    /// Kafka's pattern for names and versions of software.
    private static func isSoftware(_ text: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isPlain(first) && isPlain(last)
            && text.utf8.allSatisfy { isPlain($0) || $0 == 0x2D || $0 == 0x2E }
    }

    // MARK: Login

    /// A plaintext listener takes no login.
    func saslHandshake(_ request: SaslHandshakeRequest) -> SaslHandshakeResponse {
        var response = SaslHandshakeResponse()
        response.error = .illegalSaslState
        return response
    }

    func saslAuthenticate(_ request: SaslAuthenticateRequest) -> SaslAuthenticateResponse {
        var response = SaslAuthenticateResponse()
        response.error = .illegalSaslState
        response.errorMessage =
            "SaslAuthenticate request received after successful authentication"
        return response
    }

    // MARK: Rights

    func isHidden(topic name: String) -> Bool {
        (shape.access.hiddenTopicPrefix.map { name.hasPrefix($0) } ?? false)
            || machine.isHidden(name)
    }

    func isHidden(group id: String) -> Bool {
        (shape.access.hiddenGroupPrefix.map { id.hasPrefix($0) } ?? false) || machine.isHidden(id)
    }
}
