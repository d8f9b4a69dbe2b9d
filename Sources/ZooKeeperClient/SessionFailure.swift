// Why requests to ZooKeeper fail, in sentences: what happened and what to do. One place, so that a
// test can read all.
import Transport

/// A failure before it is known which request it ends.
struct SessionFailure: Error, Hashable {
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

extension ServerWording {
    static let zooKeeper = ServerWording(
        name: "ZooKeeper", process: "ZooKeeper", port: 2181,
        tlsAdvice: "Connect with TLS, or use the plaintext client port.")
}

extension SessionFailure {
    /// What the end of a connection means; `greeted` once the server has granted a session or has
    /// answered a four-letter word.
    init(_ error: TransportError, greeted: Bool) {
        let code: ZooKeeperError.Code
        switch error {
        case .closedByPeer, .reset, .closedInFrame:
            self = greeted ? .lost(error) : .closedAtOnce
            return
        case .closedLocally: code = .closed
        case .httpBytes, .notTheProtocol: code = .notZooKeeper
        default: code = ZooKeeperError.Code(rawValue: error.code) ?? .systemError
        }
        let (what, advice) = error.sentence(about: .zooKeeper)
        self.init(code: code, what: what, advice: advice)
    }

    private static func lost(_ error: TransportError) -> SessionFailure {
        var was = "closed"
        if case .reset = error { was = "reset" }
        return SessionFailure(
            code: .connectionClosed, what: "the connection was \(was) by the server")
    }

    static let closedAtOnce = SessionFailure(
        code: .closedAtOnce, what: "the server closed the connection instead of answering",
        advice: "It may have no quorum, lag behind what we have seen, have too many connections "
            + "from here (maxClientCnxns), expect TLS, or not be ZooKeeper.")

    /// What an answer to the first frame that grants nothing means. A server that is cut off
    /// answers with a header instead (3.7 and newer, seen on 3.8.4): there a session is a change,
    /// unless it may be local.
    static func ungranted(_ frame: [UInt8]) -> SessionFailure {
        guard frame.count == ReplyHead.bytes, let head = try? Jute.head(ReplyHead.self, frame),
            head.xid == 0, head.code.isError
        else {
            return SessionFailure(
                code: .notZooKeeper, what: "the answer to the first frame makes no sense",
                advice: "Check the port: ZooKeeper usually listens on 2181.")
        }
        guard head.code == .notReadOnly else { return .zooKeeper(head.code) }
        return SessionFailure(
            code: .zooKeeperError,
            what: "it is cut off from its ensemble (read-only) and grants no new session",
            advice: "It would with localSessionsEnabled=true in its zoo.cfg.",
            zooKeeperCode: head.code)
    }

    static func malformed(_ fault: JuteFault) -> SessionFailure {
        SessionFailure(code: .malformedAnswer, what: "the answer makes no sense (\(fault))")
    }

    static func timedOut(_ timeoutNs: UInt64) -> SessionFailure {
        SessionFailure(code: .timedOut, what: "no answer within \(readableSeconds(timeoutNs))")
    }

    static func handshakeSilent(_ timeoutNs: UInt64) -> SessionFailure {
        SessionFailure(
            code: .silent,
            what:
                "the server accepts connections but did not answer for "
                + readableSeconds(timeoutNs),
            advice: "It is frozen or overloaded, or the port is not ZooKeeper's.")
    }

    static func silent(_ forNs: UInt64) -> SessionFailure {
        SessionFailure(
            code: .silent, what: "the server was silent for \(readableSeconds(forNs))",
            advice: "Another server of the ensemble is tried.")
    }

    /// ZooKeeper's own error.
    static func zooKeeper(_ code: ZooKeeperCode) -> SessionFailure {
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
        let what: String =
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
        return SessionFailure(code: kind, what: what, advice: advice, zooKeeperCode: code)
    }

    static func badPath(_ reason: String) -> SessionFailure {
        SessionFailure(code: .badPath, what: "the path \(reason)")
    }

    static func notAllowed(_ word: String) -> SessionFailure {
        SessionFailure(
            code: .notAllowed, what: "the server does not answer \(word)",
            advice: "Add it to 4lw.commands.whitelist in the server's zoo.cfg.")
    }

    static func tooOld(_ version: String?, _ what: String, _ since: String) -> SessionFailure {
        let who = version.map { "ZooKeeper \($0)" } ?? "the server"
        return SessionFailure(
            code: .unsupported, what: "\(who) does not know \(what) (\(since) does)")
    }

    static func sasl(_ reason: String) -> SessionFailure {
        SessionFailure(
            code: .authFailed, what: "the SASL login failed: \(reason)",
            advice: "Check the name and password for ZooKeeper.")
    }

    static let notServing = SessionFailure(
        code: .notServing, what: "the server runs but has no quorum",
        advice: "More than half of the ensemble's servers must run and reach each other.")
    static let expired = SessionFailure(
        code: .sessionExpired, what: "the session has expired",
        advice: "A new one is made, and the watches with it.")
    static let queueFull = SessionFailure(
        code: .queueFull, what: "too many requests are waiting for ZooKeeper")
    static let closed = SessionFailure(code: .closed, what: "the session was closed")
    static let noServers = SessionFailure(
        code: .noServer, what: "no server is configured", advice: "Name one with --zookeeper.")

}
