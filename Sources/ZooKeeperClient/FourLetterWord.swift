// Short questions with short connections of their own: four-letter words on the client port, and
// HTTP to the AdminServer. Each may be refused, and says so.
package import Transport

/// A word a server may answer on its client port. Since 3.5.3 only `srvr` is answered by default.
package enum FourLetterWord: String, Hashable, Sendable, CaseIterable {
    /// Version, mode, zxid, latency, counts.
    case srvr
    /// `srvr` and a line for every connection.
    case stat
    /// Every metric, as key and value.
    case mntr
    case conf
    /// "imok".
    case ruok
    /// "rw" or "ro".
    case isro
    /// A line for every connection.
    case cons
    /// How many watches, without their paths.
    case wchs
}

/// One question to one server.
package enum ServerQuery {
    /// Asks a four-letter word.
    ///
    /// - Parameters:
    ///   - server: as the ensemble names it, for errors.
    ///   - address: where it is reached.
    package static func word(
        _ word: FourLetterWord, of server: Endpoint, at address: Endpoint, _ loop: Loop,
        options: ConnectOptions = ConnectOptions(), timeoutNs: UInt64? = nil,
        completion: @escaping (Result<String, ZooKeeperError>) -> Void
    ) {
        let action = "ask \(word.rawValue)"
        exchange(Array(word.rawValue.utf8), address, loop, options, timeoutNs) { result in
            completion(
                result.mapError { $0.error(action, server) }
                    .flatMap { bytes in
                        let text = String(decoding: bytes, as: UTF8.self)
                        if let refusal = refusal(word, text) {
                            return .failure(refusal.error(action, server))
                        }
                        return .success(text)
                    })
        }
    }

    /// What a server says instead of an answer.
    static func refusal(_ word: FourLetterWord, _ text: String) -> SessionFailure? {
        if text.contains("is not executed because it is not in the whitelist") {
            return .notAllowed(word.rawValue)
        }
        if text.contains("not currently serving requests") { return .notServing }
        return nil
    }

    /// Asks the AdminServer for a command's JSON (`GET /commands/NAME`).
    ///
    /// - Parameters:
    ///   - server: as the ensemble names it, for errors.
    ///   - address: where the AdminServer is reached, most often port 8080.
    package static func command(
        _ name: String, of server: Endpoint, at address: Endpoint, _ loop: Loop,
        options: ConnectOptions = ConnectOptions(), timeoutNs: UInt64? = nil,
        completion: @escaping (Result<[UInt8], ZooKeeperError>) -> Void
    ) {
        let action = "ask the AdminServer (port \(address.port)) for \(name)"
        // Version 1.0: the server closes at the end and sends the body in one piece.
        let request =
            "GET /commands/\(name) HTTP/1.0\r\nHost: \(address)\r\nAccept: application/json\r\n\r\n"
        exchange(Array(request.utf8), address, loop, options, timeoutNs) { result in
            completion(
                result.mapError { $0.adminServer().error(action, server) }
                    .flatMap { bytes in
                        HTTPAnswer.body(bytes)
                            .mapError { $0.error(action, server) }
                    })
        }
    }

    private static func exchange(
        _ bytes: [UInt8], _ address: Endpoint, _ loop: Loop, _ options: ConnectOptions,
        _ timeoutNs: UInt64?, _ completion: @escaping (Result<[UInt8], SessionFailure>) -> Void
    ) {
        let exchange = TextExchange(
            loop, bytes, timeoutNs ?? Limits.wordTimeoutNs, completion: completion)
        exchange.begin(address, options)
    }
}

extension SessionFailure {
    /// The same about an AdminServer: it is often switched off, and that is nothing bad.
    fileprivate func adminServer() -> SessionFailure {
        guard code == .connectionRefused else { return self }
        return SessionFailure(
            code: code, what: what,
            advice: "The AdminServer is switched off or on another port (admin.enableServer, "
                + "admin.serverPort).")
    }
}

/// The parts of an HTTP answer that matter here.
enum HTTPAnswer {
    /// The body of a 200 answer.
    static func body(_ bytes: [UInt8]) -> Result<[UInt8], SessionFailure> {
        guard let end = headEnd(bytes) else {
            return .failure(
                SessionFailure(code: .httpError, what: "the answer is not HTTP, or was cut short"))
        }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let status = head.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let words = status.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/") else {
            return .failure(SessionFailure(code: .httpError, what: "the answer is not HTTP"))
        }
        guard words[1] == "200" else {
            let said = words.dropFirst().joined(separator: " ")
            return .failure(SessionFailure(code: .httpError, what: "the answer was \(said)"))
        }
        return .success([UInt8](bytes[end...]))
    }

    /// Where the body begins.
    static func headEnd(_ bytes: [UInt8]) -> Int? {
        var newlines = 0
        for (index, byte) in bytes.prefix(16 << 10).enumerated() {
            switch byte {
            case UInt8(ascii: "\n"):
                newlines += 1
                if newlines == 2 { return index + 1 }
            case UInt8(ascii: "\r"): break
            default: newlines = 0
            }
        }
        return nil
    }
}

/// Sends some bytes, takes everything until the server closes.
private final class TextExchange: StreamHandler {
    private let loop: Loop
    private let question: [UInt8]
    private let timeoutNs: UInt64
    private var answer: [UInt8] = []
    private var completion: ((Result<[UInt8], SessionFailure>) -> Void)?
    private var connection: Connection?
    private var timer: TimerID?

    init(
        _ loop: Loop, _ question: [UInt8], _ timeoutNs: UInt64,
        completion: @escaping (Result<[UInt8], SessionFailure>) -> Void
    ) {
        self.loop = loop
        self.question = question
        self.timeoutNs = timeoutNs
        self.completion = completion
    }

    func begin(_ address: Endpoint, _ options: ConnectOptions) {
        connection = loop.connect(to: address, options, handler: self)
        timer = loop.after(timeoutNs) { [weak self] in
            guard let self else { return }
            connection?.close()
            end(.failure(.timedOut(timeoutNs)))
        }
    }

    private func end(_ result: Result<[UInt8], SessionFailure>) {
        guard let completion else { return }
        self.completion = nil
        if let timer { loop.cancel(timer) }
        connection = nil
        completion(result)
    }

    func opened(_ connection: Connection) { _ = connection.send(question) }

    var tail: UnsafeMutableRawBufferPointer? { nil }

    func received(placed: Int, _ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        guard answer.count + bytes.count <= Limits.wordBytes else {
            throw .frameTooLarge(bytes: answer.count + bytes.count, limit: Limits.wordBytes)
        }
        answer.append(contentsOf: bytes)
    }

    func endOfStream(wasReset: Bool) -> TransportError {
        wasReset ? .reset(answers: 0) : .closedByPeer(answers: 0)
    }

    func ended(_ error: TransportError) {
        switch error {
        case .closedByPeer, .reset:
            // Some releases reset instead of closing, after everything was said.
            end(answer.isEmpty ? .failure(.closedAtOnce) : .success(answer))
        default: end(.failure(SessionFailure(error, greeted: false)))
        }
    }
}
