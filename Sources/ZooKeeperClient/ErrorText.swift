// The words of every failure: what happened and what to do. One place, so that a test can read all.
import Transport

/// A failure before it is known which request it ends.
struct Failure: Error, Hashable {
    let code: ZooKeeperError.Code
    let what: String
    var advice = ""
    var zooKeeperCode: ZooKeeperCode?

    func error(_ action: String, _ server: Endpoint?) -> ZooKeeperError {
        ZooKeeperError(
            code: code, action: action, server: server, what: what, advice: advice,
            zooKeeperCode: zooKeeperCode)
    }
}

extension Failure {
    /// What the end of a connection means; `greeted` once the server has granted a session or has
    /// answered a word.
    init(_ error: TransportError, greeted: Bool) {
        switch error {
        case .unknownHost(let name, let reason):
            self.init(
                code: .unknownHost, what: "the name \(name) has no address (\(reason))",
                advice: "Check the address and this machine's name service.")
        case .resolverSilent(let name):
            self.init(
                code: .resolverSilent, what: "looking up the name \(name) got no answer",
                advice: "Check this machine's name servers.")
        case .refused(let address):
            self.init(
                code: .connectionRefused, what: "connection refused at \(address)",
                advice: "Nothing listens there: check the address and that ZooKeeper runs.")
        case .connectTimedOut(let address):
            self.init(
                code: .connectTimedOut, what: "no answer to the connection attempt at \(address)",
                advice: "The machine is down or a firewall drops the packets.")
        case .unreachable(let address, let errno):
            self.init(
                code: .unreachable, what: "\(SystemError.text(errno)) (\(address))",
                advice: "Check the network and the address family.")
        case .system(let call, let errno):
            self.init(
                code: .systemError, what: "\(call) failed: \(SystemError.text(errno))",
                advice: "This is a fault of the machine highwater runs on.")
        case .closedByPeer, .reset, .closedInFrame:
            self = greeted ? .lost(error) : .closedAtOnce
        case .tlsBytes:
            self.init(
                code: .tlsExpected, what: "the port answers with TLS",
                advice: "Connect with TLS, or use the plaintext client port.")
        case .httpBytes:
            self.init(
                code: .notZooKeeper, what: "the port speaks HTTP, not ZooKeeper",
                advice: "Check the port: ZooKeeper usually listens on 2181.")
        case .notTheProtocol(let bytes):
            self.init(
                code: .notZooKeeper,
                what: "the port does not speak ZooKeeper (it sent \(Self.shown(bytes)))",
                advice: "Check the port: ZooKeeper usually listens on 2181.")
        case .malformed(let reason):
            self.init(code: .malformedAnswer, what: "the stream of answers broke: \(reason)")
        case .frameTooLarge(let bytes, let limit):
            self.init(
                code: .answerTooLarge,
                what: "an answer of \(bytes) bytes, over the limit of \(limit)")
        case .protection(let reason):
            self.init(code: .tlsFailed, what: "no TLS connection: \(reason)")
        case .closedLocally(let reason): self.init(code: .closed, what: reason)
        case .shutdown: self.init(code: .shutdown, what: "highwater is ending")
        }
    }

    private static func lost(_ error: TransportError) -> Failure {
        var was = "closed"
        if case .reset = error { was = "reset" }
        return Failure(
            code: .connectionClosed, what: "the connection was \(was) by the server")
    }

    static let closedAtOnce = Failure(
        code: .closedAtOnce, what: "the server closed the connection instead of answering",
        advice: "It may have no quorum, lag behind what we have seen, have too many connections "
            + "from here (maxClientCnxns), expect TLS, or not be ZooKeeper.")

    /// What an answer to the first frame that grants nothing means. A server that is cut off
    /// answers with a header instead (3.7 and newer, seen on 3.8.4): there a session is a change,
    /// unless it may be local.
    static func ungranted(_ frame: [UInt8]) -> Failure {
        guard frame.count == ReplyHead.bytes, let head = try? Jute.head(ReplyHead.self, frame),
            head.xid == 0, head.code.isError
        else {
            return Failure(
                code: .notZooKeeper, what: "the answer to the first frame makes no sense",
                advice: "Check the port: ZooKeeper usually listens on 2181.")
        }
        guard head.code == .notReadOnly else { return .zooKeeper(head.code) }
        return Failure(
            code: .zooKeeperError,
            what: "it is cut off from its ensemble (read-only) and grants no new session",
            advice: "It would with localSessionsEnabled=true in its zoo.cfg.",
            zooKeeperCode: head.code)
    }

    /// Bytes from a stranger, safe to print.
    private static func shown(_ bytes: [UInt8]) -> String {
        let isText = !bytes.isEmpty && bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 }
        if isText { return "\"\(String(decoding: bytes, as: UTF8.self))\"" }
        return bytes.map { (byte: UInt8) -> String in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: " ")
    }

    static func malformed(_ fault: JuteFault) -> Failure {
        Failure(code: .malformedAnswer, what: "the answer makes no sense (\(fault))")
    }

    static func timedOut(_ timeoutNs: UInt64) -> Failure {
        Failure(code: .timedOut, what: "no answer within \(seconds(timeoutNs))")
    }

    static func handshakeSilent(_ timeoutNs: UInt64) -> Failure {
        Failure(
            code: .silent,
            what: "the server accepts connections but did not answer for \(seconds(timeoutNs))",
            advice: "It is frozen or overloaded, or the port is not ZooKeeper's.")
    }

    static func silent(_ forNs: UInt64) -> Failure {
        Failure(
            code: .silent, what: "the server was silent for \(seconds(forNs))",
            advice: "Another server of the ensemble is tried.")
    }

    /// ZooKeeper's own error.
    static func zooKeeper(_ code: ZooKeeperCode) -> Failure {
        let advice =
            switch code {
            case .noNode: ""
            case .noAuth: "The znode's ACL keeps this identity out; log in to ZooKeeper."
            case .authFailed: "Check the name and password for ZooKeeper."
            case .sessionClosedRequireSasl:
                "The server wants a SASL login (sessionRequireClientSASLAuth in its settings)."
            case .throttled: "The server sheds load; try again later."
            case .notReadOnly: "The server is cut off from its quorum and takes no writes."
            case .unimplemented: "The server is too old for this request."
            default: ""
            }
        let words: String =
            switch code {
            case .noNode: "there is no such znode (NONODE)"
            case .noAuth: "not allowed (NOAUTH)"
            default: "\(code)"
            }
        let kind: ZooKeeperError.Code =
            switch code {
            case .authFailed, .sessionClosedRequireSasl: .authFailed
            case .sessionExpired: .sessionExpired
            case .unimplemented: .unsupported
            default: .zooKeeperError
            }
        return Failure(code: kind, what: words, advice: advice, zooKeeperCode: code)
    }

    static func badPath(_ reason: String) -> Failure {
        Failure(code: .badPath, what: "the path \(reason)")
    }

    static func notAllowed(_ word: String) -> Failure {
        Failure(
            code: .notAllowed, what: "the server does not answer \(word)",
            advice: "Add it to 4lw.commands.whitelist in the server's zoo.cfg.")
    }

    static func tooOld(_ version: String?, _ what: String, _ since: String) -> Failure {
        let who = version.map { "ZooKeeper \($0)" } ?? "the server"
        return Failure(code: .unsupported, what: "\(who) does not know \(what) (\(since) does)")
    }

    static func sasl(_ reason: String) -> Failure {
        Failure(
            code: .authFailed, what: "the SASL login failed: \(reason)",
            advice: "Check the name and password for ZooKeeper.")
    }

    static let notServing = Failure(
        code: .notServing, what: "the server runs but has no quorum",
        advice: "More than half of the ensemble's servers must run and reach each other.")
    static let expired = Failure(
        code: .sessionExpired, what: "the session has expired",
        advice: "A new one is made, and the watches with it.")
    static let queueFull = Failure(
        code: .queueFull, what: "too many requests are waiting for ZooKeeper")
    static let closed = Failure(code: .closed, what: "the session was closed")
    static let noServers = Failure(
        code: .noServer, what: "no server is configured", advice: "Name one with --zookeeper.")

    /// A duration as people read it: "3 s", "1.5 s".
    static func seconds(_ nanoseconds: UInt64) -> String {
        let tenths = (nanoseconds + 50_000_000) / 100_000_000
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
