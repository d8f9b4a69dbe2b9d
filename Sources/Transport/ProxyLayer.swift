// The conversation with a proxy before the first byte of a connection, without a socket.

/// Asks a proxy for the way to one server; what comes behind its last answer is the server's.
final class ProxyLayer: StreamLayer {
    private enum Stage { case choosing, loggingIn, asking, open }

    private let proxy: Proxy
    private let target: Endpoint
    private var stage = Stage.choosing
    /// What came and is not whole.
    private var pending: [UInt8] = []

    var isReady: Bool { stage == .open }

    init(_ proxy: Proxy, target: Endpoint) {
        self.proxy = proxy
        self.target = target
    }

    func start(_ output: inout [UInt8]) throws(TransportError) {
        switch proxy.kind {
        case .socks5h:
            // No login, and where one is set user and password.
            output += proxy.user == nil ? [5, 1, 0] : [5, 2, 0, 2]
        case .http:
            stage = .asking
            var lines = ["CONNECT \(target) HTTP/1.1", "Host: \(target)"]
            if let user = proxy.user {
                let account = Base64.encode(Array("\(user):\(proxy.password)".utf8))
                lines.append("Proxy-Authorization: Basic \(account)")
            }
            output += Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        }
    }

    func send(_ plain: [UInt8], _ output: inout [UInt8]) { output += plain }

    func receive(
        _ bytes: UnsafeRawBufferPointer, plain: inout [UInt8], output: inout [UInt8]
    ) throws(TransportError) {
        guard stage != .open else {
            plain.append(contentsOf: bytes)
            return
        }
        pending.append(contentsOf: bytes)
        switch proxy.kind {
        case .socks5h: try takeSocks(&output)
        case .http: try takeHTTP()
        }
        guard stage == .open else { return }
        plain += pending
        pending = []
    }

    func peerLeft(afterAnswering: Bool) -> String {
        afterAnswering
            ? "it closed the connection instead of opening the way to \(target)"
            : "it closed the connection without an answer"
    }

    // MARK: SOCKS 5

    private func takeSocks(_ output: inout [UInt8]) throws(TransportError) {
        if stage == .choosing {
            guard pending.count >= 2 else { return try checkSocks() }
            try checkSocks()
            let method = pending[1]
            pending.removeFirst(2)
            switch method {
            case 0: try ask(&output)
            case 2 where proxy.user != nil: try logIn(&output)
            default:
                throw proxy.failure(
                    proxy.user == nil
                        ? "it wants a login: set highwater.proxy.username and "
                            + "highwater.proxy.password"
                        : "it takes no login by user and password")
            }
        }
        if stage == .loggingIn {
            guard pending.count >= 2 else { return }
            guard pending[1] == 0 else {
                throw proxy.failure("it refused the login of \(proxy.user ?? "")")
            }
            pending.removeFirst(2)
            try ask(&output)
        }
        if stage == .asking { try takeSocksAnswer() }
    }

    private func checkSocks() throws(TransportError) {
        guard let first = pending.first, first != 5 else { return }
        throw proxy.failure(
            first == UInt8(ascii: "H") ? "it speaks HTTP, not SOCKS 5" : "it speaks no SOCKS 5")
    }

    private func logIn(_ output: inout [UInt8]) throws(TransportError) {
        let user = Array((proxy.user ?? "").utf8)
        let password = Array(proxy.password.utf8)
        guard (1...255).contains(user.count), password.count <= 255 else {
            throw proxy.failure("SOCKS 5 takes a user and a password of at most 255 bytes")
        }
        stage = .loggingIn
        output += [1, UInt8(user.count)] + user + [UInt8(password.count)] + password
    }

    private func ask(_ output: inout [UInt8]) throws(TransportError) {
        stage = .asking
        output += [5, 1, 0]
        if let address = Address(numeric: target.host, port: target.port) {
            output.append(address.isIPv6 ? 4 : 1)
            if address.isIPv6 { append(address.high, 8, &output) }
            append(address.low, address.isIPv6 ? 8 : 4, &output)
        } else {
            let name = Array(target.host.utf8)
            guard name.count <= 255 else {
                throw proxy.failure("the name \(target.host) is too long for SOCKS 5")
            }
            output += [3, UInt8(name.count)] + name
        }
        append(UInt64(target.port), 2, &output)
    }

    private func append(_ number: UInt64, _ count: Int, _ output: inout [UInt8]) {
        for place in (0..<count).reversed() {
            output.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place)))
        }
    }

    private func takeSocksAnswer() throws(TransportError) {
        guard pending.count >= 5 else { return }
        let addressBytes: Int
        switch pending[3] {
        case 1: addressBytes = 4
        case 4: addressBytes = 16
        default: addressBytes = 1 + Int(pending[4])
        }
        let whole = 4 + addressBytes + 2
        // What is refused may come without the rest.
        guard pending[1] == 0 else {
            throw proxy.failure("\(target) could not be reached: \(Self.socksReason(pending[1]))")
        }
        guard pending.count >= whole else { return }
        pending.removeFirst(whole)
        stage = .open
    }

    /// RFC 1928, 6.
    private static func socksReason(_ code: UInt8) -> String {
        switch code {
        case 1: "it says only that it failed (the name may have no address there)"
        case 2: "its rules do not allow it"
        case 3: "there is no way to the network"
        case 4: "there is no way to the host, or the name has no address there"
        case 5: "the connection was refused"
        case 6: "the time to live ran out"
        case 7: "it does not know the command"
        case 8: "it does not know the kind of address"
        default: "error \(code)"
        }
    }

    // MARK: HTTP

    private func takeHTTP() throws(TransportError) {
        let begin = Array("HTTP/1.".utf8)
        guard pending.starts(with: begin) || begin.starts(with: pending) else {
            throw proxy.failure(
                pending.first == 5 ? "it speaks SOCKS 5, not HTTP" : "it speaks no HTTP")
        }
        guard let end = pending.firstRange(of: [13, 10, 13, 10]) else {
            guard pending.count <= Limits.proxyAnswerBytes else {
                throw proxy.failure("its answer has no end")
            }
            return
        }
        let head = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
        let line = head.prefix { !$0.isNewline }
        let words = line.split(separator: " ", maxSplits: 2)
        let status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        guard (200...299).contains(status) else {
            if status == 407 {
                throw proxy.failure(
                    proxy.user == nil
                        ? "it wants a login: set highwater.proxy.username and "
                            + "highwater.proxy.password"
                        : "it refused the login of \(proxy.user ?? "")")
            }
            let said = words.dropFirst().joined(separator: " ")
            throw proxy.failure("\(target) could not be reached: it answered \(said)")
        }
        pending.removeSubrange(..<end.upperBound)
        stage = .open
    }
}
