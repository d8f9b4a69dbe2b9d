// Whole frames: header and body, both directions. A frame on the wire is an int32 size, then the
// header, then the body; requests are encoded with the size, answers decoded without it.
//
// Kafka's own readers look at nothing behind the last field they know. Whoever talks to others
// decodes with `leftOver` and counts; without it, bytes behind a message are a fault.

/// The fields of a request header, v1 and v2 (the second only adds tags). The client id keeps its
/// int16 length in both.
package struct RequestHeader: Equatable, Sendable {
    package var apiKey: Int16 = 0
    package var version: Int16 = 0
    package var correlationID: Int32 = 0
    package var clientID: String?

    package init() {}

    package init(apiKey: Int16, version: Int16, correlationID: Int32, clientID: String?) {
        self.apiKey = apiKey
        self.version = version
        self.correlationID = correlationID
        self.clientID = clientID
    }

    /// Reads the header of a request frame (size already cut off), to learn which API it is.
    package init(peeking frame: UnsafeRawBufferPointer) throws(WireFault) {
        self = try Self.read(frame).header
    }

    /// The header and the number of bytes up to its tags or the body.
    fileprivate static func read(
        _ frame: UnsafeRawBufferPointer
    ) throws(WireFault) -> (header: RequestHeader, size: Int) {
        var header = RequestHeader()
        var size = 0
        try WireReader.run(frame, version: 1, flexible: false, api: "request header") {
            header.walkFixed(&$0)
            size = $0.offset
        }
        return (header, size)
    }

    /// The part every version has. The visitor must not be a flexible one.
    fileprivate mutating func walkFixed(_ w: inout some WireVisitor) {
        w.int16(&apiKey)
        w.int16(&version)
        w.int32(&correlationID)
        w.string(&clientID)
    }
}

// MARK: Requests

/// The bytes of a request, size included.
package func encodeRequest<R: ClientRequest>(
    _ request: R, version: Int16, correlationID: Int32, clientID: String?
) throws(WireFault) -> [UInt8] {
    try checkVersion(R.self, version)
    var header = RequestHeader(
        apiKey: R.apiKey, version: version, correlationID: correlationID, clientID: clientID)
    var head = WireWriter(version: version, flexible: false, output: [0, 0, 0, 0])
    header.walkFixed(&head)
    return try encodeBody(
        request, api: R.name, version: version, flexible: R.isFlexible(version), head: head,
        hasHeaderTags: R.isFlexible(version))
}

/// Reads a request frame, size already cut off, that ends with its last field.
package func decodeRequest<R: KafkaRequest>(
    _ type: R.Type, frame: UnsafeRawBufferPointer
) throws(WireFault) -> (header: RequestHeader, request: R) {
    var leftOver = 0
    let decoded = try decodeRequest(type, frame: frame, leftOver: &leftOver)
    try refuse(leftOver, of: frame, api: R.name, version: decoded.header.version)
    return decoded
}

/// Reads a request frame; `leftOver` is how many bytes stand behind its last field.
package func decodeRequest<R: KafkaRequest>(
    _ type: R.Type, frame: UnsafeRawBufferPointer, leftOver: inout Int
) throws(WireFault) -> (header: RequestHeader, request: R) {
    let (header, size) = try RequestHeader.read(frame)
    guard header.apiKey == R.apiKey else {
        throw WireFault(
            api: R.name, version: header.version, offset: 0, reason: .wrongAPI(header.apiKey))
    }
    try checkVersion(R.self, header.version)
    let flexible = R.isFlexible(header.version)
    let rest = UnsafeRawBufferPointer(rebasing: frame[size...])
    let request: R = try decodeBody(
        rest, api: R.name, version: header.version, flexible: flexible, hasHeaderTags: flexible,
        leftOver: &leftOver)
    return (header, request)
}

// MARK: Answers

/// Reads an answer of which the size and the correlation id have been cut off: what follows is the
/// header's tag section, where the version has one, and the body. Nothing stands behind that.
package func decodeResponse<R: ClientRequest>(
    _ type: R.Type, version: Int16, bytes: UnsafeRawBufferPointer
) throws(WireFault) -> R.Response {
    var leftOver = 0
    let response = try decodeResponse(type, version: version, bytes: bytes, leftOver: &leftOver)
    try refuse(leftOver, of: bytes, api: R.name, version: version)
    return response
}

/// The same; `leftOver` is how many bytes stand behind the body.
package func decodeResponse<R: ClientRequest>(
    _ type: R.Type, version: Int16, bytes: UnsafeRawBufferPointer, leftOver: inout Int
) throws(WireFault) -> R.Response {
    let answered = answeredVersion(type, asked: version, bytes: bytes)
    try checkVersion(type, answered)
    return try decodeBody(
        bytes, api: R.name, version: answered, flexible: R.isFlexible(answered),
        hasHeaderTags: R.hasResponseHeaderTags(answered), leftOver: &leftOver)
}

/// The same from an array.
package func decodeResponse<R: ClientRequest>(
    _ type: R.Type, version: Int16, bytes: [UInt8]
) throws(WireFault) -> R.Response {
    var outcome: Result<R.Response, WireFault>?
    bytes.withUnsafeBytes { buffer in
        do throws(WireFault) {
            outcome = .success(try decodeResponse(type, version: version, bytes: buffer))
        } catch {
            outcome = .failure(error)
        }
    }
    guard let outcome else {
        throw WireFault(api: R.name, version: version, offset: 0, reason: .short)
    }
    return try outcome.get()
}

/// Reads a whole answer frame, size already cut off.
package func decodeResponseFrame<R: KafkaRequest>(
    _ type: R.Type, version: Int16, frame: UnsafeRawBufferPointer
) throws(WireFault) -> (correlationID: Int32, response: R.Response) {
    var correlationID: Int32 = 0
    try WireReader.run(frame, version: version, flexible: false, api: R.name) {
        $0.int32(&correlationID)
    }
    let rest = UnsafeRawBufferPointer(rebasing: frame[Limits.correlationBytes...])
    return (correlationID, try decodeResponse(type, version: version, bytes: rest))
}

/// The version the body of an answer is laid out in; `bytes` begins after the correlation id.
package func answeredVersion<R: ClientRequest>(
    _ type: R.Type, asked: Int16, bytes: UnsafeRawBufferPointer
) -> Int16 {
    guard !R.hasResponseHeaderTags(asked), bytes.count >= MemoryLayout<Int16>.size else {
        return asked
    }
    let first = Int16(bitPattern: UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
    return R.answeredVersion(asked: asked, error: KafkaError(rawValue: first))
}

/// The bytes of an answer, size and correlation id included. `version` is that of the layout.
package func encodeResponse<R: KafkaRequest>(
    _ type: R.Type, _ response: R.Response, version: Int16, correlationID: Int32
) throws(WireFault) -> [UInt8] {
    try checkVersion(type, version)
    var head = WireWriter(version: version, flexible: false, output: [0, 0, 0, 0])
    var correlation = correlationID
    head.int32(&correlation)
    return try encodeBody(
        response, api: R.name, version: version, flexible: R.isFlexible(version), head: head,
        hasHeaderTags: R.hasResponseHeaderTags(version))
}

// MARK: Bodies

private func checkVersion<R: ClientRequest>(_ type: R.Type, _ version: Int16) throws(WireFault) {
    if R.versions.contains(version) { return }
    throw WireFault(api: R.name, version: version, offset: 0, reason: .unknownVersion)
}

private func refuse(
    _ leftOver: Int, of bytes: UnsafeRawBufferPointer, api: String, version: Int16
) throws(WireFault) {
    if leftOver == 0 { return }
    throw WireFault(
        api: api, version: version, offset: bytes.count - leftOver, reason: .leftOver(leftOver))
}

private func decodeBody<M: ReadableMessage>(
    _ bytes: UnsafeRawBufferPointer, api: String, version: Int16, flexible: Bool,
    hasHeaderTags: Bool, leftOver: inout Int
) throws(WireFault) -> M {
    var message = M()
    leftOver = try WireReader.run(bytes, version: version, flexible: flexible, api: api) { reader in
        if hasHeaderTags { reader.tags() }
        reader.beginBody()
        message.read(&reader)
        message.unknownTags = reader.kept
    }
    return message
}

private func encodeBody<M: WritableMessage>(
    _ message: M, api: String, version: Int16, flexible: Bool, head: WireWriter,
    hasHeaderTags: Bool
) throws(WireFault) -> [UInt8] {
    var writer = WireWriter(
        version: version, flexible: flexible, output: head.output, kept: message.unknownTags)
    if let reason = head.fault { writer.fail(reason) }
    if hasHeaderTags { writer.tags() }
    writer.beginBody()
    var message = message
    message.write(&writer)
    writer.finish()
    if let reason = writer.fault {
        throw WireFault(api: api, version: version, offset: writer.faultOffset, reason: reason)
    }
    writer.putSize()
    return writer.output
}
