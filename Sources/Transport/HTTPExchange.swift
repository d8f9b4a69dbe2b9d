// One request of HTTP/1.1 and its answer (RFC 9112), over the same connections as everything else:
// for endpoints that give tokens.

/// What is asked of an HTTP server.
package struct HTTPRequest: Sendable {
    package var method: String
    package var server: Endpoint
    /// Path and query.
    package var path: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String, server: Endpoint, path: String,
        headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.server = server
        self.path = path
        self.headers = headers
        self.body = body
    }

    /// As it is sent. The answer ends with its connection at the latest.
    var bytes: [UInt8] {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(server)", "Connection: close"]
        lines += headers.map { "\($0.name): \($0.value)" }
        if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }
}

/// What an HTTP server answered.
package struct HTTPAnswer: Sendable, Equatable {
    package var status = 0
    package var body: [UInt8] = []
}

/// An answer as it comes, without a socket.
struct HTTPReader {
    private enum Body { case unknown, counted(Int), chunked, untilEnd }

    private(set) var answer = HTTPAnswer()
    private(set) var isWhole = false
    private var pending: [UInt8] = []
    private var body = Body.unknown

    /// - Throws: why it is no answer of HTTP.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        guard !isWhole else { return }
        pending.append(contentsOf: bytes)
        guard pending.count + answer.body.count <= Limits.httpBytes else {
            throw .frameTooLarge(
                bytes: pending.count + answer.body.count, limit: Limits.httpBytes)
        }
        while case .unknown = body {
            guard try takeHead() else { return }
        }
        try takeBody()
    }

    /// The connection has ended: whether the answer is whole.
    mutating func end() -> Bool {
        if case .untilEnd = body { isWhole = true }
        return isWhole
    }

    /// False where the head is not whole yet.
    private mutating func takeHead() throws(TransportError) -> Bool {
        let begin = Array("HTTP/1.".utf8)
        guard pending.starts(with: begin) || begin.starts(with: pending) else {
            throw .notTheProtocol(firstBytes: Array(pending.prefix(Limits.httpFirstBytes)))
        }
        guard let end = pending.firstRange(of: [13, 10, 13, 10]) else { return false }
        let lines = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
            .split(whereSeparator: \.isNewline)
        pending.removeSubrange(..<end.upperBound)
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, let status = Int(words[1]), (100...599).contains(status) else {
            throw .malformed("the status line of HTTP makes no sense")
        }
        // What comes before the answer, such as 100 Continue, has no body.
        guard status >= 200 else { return true }
        answer.status = status
        body = .untilEnd
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.lowercased() }
            guard parts.count == 2 else { continue }
            let value = parts[1].split(separator: " ").joined(separator: " ")
            if parts[0] == "content-length", case .untilEnd = body {
                guard let count = Int(value), (0...Limits.httpBytes).contains(count) else {
                    throw .malformed("the length of an HTTP answer makes no sense")
                }
                body = .counted(count)
            }
            if parts[0] == "transfer-encoding" {
                guard value == "chunked" else {
                    throw .malformed("an HTTP answer is encoded as nothing that is known here")
                }
                body = .chunked
            }
        }
        if status == 204 || status == 304 { body = .counted(0) }
        return true
    }

    private mutating func takeBody() throws(TransportError) {
        switch body {
        case .unknown: return
        case .untilEnd:
            answer.body += pending
            pending = []
        case .counted(let count):
            let taken = min(count - answer.body.count, pending.count)
            answer.body += pending[..<taken]
            pending.removeFirst(taken)
            isWhole = answer.body.count == count
        case .chunked:
            while !isWhole {
                guard let end = pending.firstRange(of: [13, 10]) else { return }
                let line = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
                guard let count = Int(line.prefix { $0 != ";" && $0 != " " }, radix: 16),
                    (0...Limits.httpBytes).contains(count)
                else { throw .malformed("a part of an HTTP answer has no length") }
                let whole = end.upperBound + count + 2
                guard count > 0 else {
                    // What may follow the last part is not read.
                    isWhole = true
                    return
                }
                guard pending.count >= whole else { return }
                answer.body += pending[end.upperBound..<end.upperBound + count]
                pending.removeFirst(whole)
            }
        }
    }
}

/// One exchange, confined to the loop's thread. It keeps itself alive until it has called its
/// completion.
package final class HTTPExchange: StreamHandler {
    private let loop: Loop
    private let request: HTTPRequest
    private var completion: ((Result<HTTPAnswer, TransportError>) -> Void)?
    private var reader = HTTPReader()
    private var connection: Connection?
    private var timer: TimerID?

    private init(
        _ loop: Loop, _ request: HTTPRequest,
        _ completion: @escaping (Result<HTTPAnswer, TransportError>) -> Void
    ) {
        self.loop = loop
        self.request = request
        self.completion = completion
    }

    /// Asks; on the loop's thread only.
    /// - Parameter limitNs: for all of it.
    package static func run(
        _ request: HTTPRequest, _ loop: Loop, _ options: ConnectOptions, limitNs: UInt64,
        completion: @escaping (Result<HTTPAnswer, TransportError>) -> Void
    ) {
        let exchange = HTTPExchange(loop, request, completion)
        exchange.timer = loop.after(limitNs) {
            exchange.end(.failure(.malformed("no answer within \(readableSeconds(limitNs))")))
        }
        exchange.connection = loop.connect(to: request.server, options, handler: exchange)
    }

    private func end(_ result: Result<HTTPAnswer, TransportError>) {
        guard let completion else { return }
        self.completion = nil
        if let timer { loop.cancel(timer) }
        connection?.close()
        connection = nil
        completion(result)
    }

    package func opened(_ connection: Connection) {
        if !connection.send(request.bytes) { end(.failure(.closedLocally("it was not sent"))) }
    }

    package var tail: UnsafeMutableRawBufferPointer? { nil }

    package func received(placed: Int, _ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        try reader.take(bytes)
        if reader.isWhole { end(.success(reader.answer)) }
    }

    package func endOfStream(wasReset: Bool) -> TransportError {
        if reader.end() {
            end(.success(reader.answer))
        }
        return wasReset ? .reset(answers: 0) : .closedByPeer(answers: 0)
    }

    package func ended(_ error: TransportError) { end(.failure(error)) }
}
