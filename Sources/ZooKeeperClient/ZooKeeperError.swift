// Why ZooKeeper did not answer as hoped, with a stable code for scripts and one sentence for
// people.
package import Transport

/// A failure: what was tried, on which server, what happened, what to do.
package struct ZooKeeperError: Error, Hashable, Sendable {
    /// Stable names for snapshots and scripts.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case timedOut = "TIMED_OUT"
        case silent = "SILENT"
        case connectionRefused = "CONNECTION_REFUSED"
        case connectTimedOut = "CONNECT_TIMED_OUT"
        case unreachable = "UNREACHABLE"
        case unknownHost = "UNKNOWN_HOST"
        case resolverSilent = "RESOLVER_SILENT"
        case connectionClosed = "CONNECTION_CLOSED"
        /// Closed instead of answering our first frame.
        case closedAtOnce = "CLOSED_AT_ONCE"
        case tlsExpected = "TLS_EXPECTED"
        case tlsFailed = "TLS_FAILED"
        case proxyFailed = "PROXY_FAILED"
        case notZooKeeper = "NOT_ZOOKEEPER"
        case malformedAnswer = "MALFORMED_ANSWER"
        case answerTooLarge = "ANSWER_TOO_LARGE"
        /// The server answers four-letter words only where its whitelist names them.
        case notAllowed = "NOT_ALLOWED"
        /// The server runs and has no quorum.
        case notServing = "NOT_SERVING"
        /// The server is too old for the request.
        case unsupported = "UNSUPPORTED"
        case authFailed = "AUTH_FAILED"
        case sessionExpired = "SESSION_EXPIRED"
        case badPath = "BAD_PATH"
        case queueFull = "QUEUE_FULL"
        /// ZooKeeper's own error; see `zooKeeperCode`.
        case zooKeeperError = "ZOOKEEPER_ERROR"
        /// An HTTP answer that says no.
        case httpError = "HTTP_ERROR"
        case noServer = "NO_SERVER"
        case systemError = "SYSTEM_ERROR"
        /// This side has closed the session.
        case closed = "CLOSED"
        case shutdown = "SHUTDOWN"
    }

    package var code: Code
    /// What was tried, as in "read /controller".
    package var action: String
    /// Nil where no server was asked.
    package var server: Endpoint?
    /// What happened, without a full stop.
    package var what: String
    /// What to do, whole sentences; may be empty.
    package var advice: String
    /// ZooKeeper's own code, when it answered with one.
    package var zooKeeperCode: ZooKeeperCode?

    /// The znode does not exist.
    package var isMissing: Bool { zooKeeperCode == .noNode }
    /// The znode's ACL keeps us out.
    package var isForbidden: Bool { zooKeeperCode == .noAuth }

    /// One sentence or two in the house shape, on one line.
    package var sentence: String {
        let end = advice.isEmpty ? "" : " " + advice
        let place = server.map { "ZooKeeper server \($0)" } ?? "ZooKeeper"
        return "Could not \(printable(action)) on \(printable(place)): \(printable(what)).\(end)"
    }
}

extension ZooKeeperError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(sentence)" }
}
