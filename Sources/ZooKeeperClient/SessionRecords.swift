// Records of the session: connecting, headers, ping, authentication, closing.

/// The first frame of a connection; it has no header.
package struct ConnectRequest: JuteRecord {
    package var protocolVersion: Int32 = 0
    /// The newest change this client knows of; a server that is behind refuses the session.
    package var lastZxidSeen: Int64 = 0
    /// What is asked for; the server decides.
    package var timeoutMs: Int32 = 0
    /// 0 for a new session.
    package var sessionID: Int64 = 0
    /// 16 bytes, zeros for a new session.
    package var password: [UInt8]? = [UInt8](repeating: 0, count: 16)
    /// Whether a server without a quorum will do; nil as clients before 3.4 send it.
    package var readOnly: Bool?

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.int(&protocolVersion)
        v.long(&lastZxidSeen)
        v.int(&timeoutMs)
        v.long(&sessionID)
        v.buffer(&password)
        v.trailing(&readOnly)
    }
}

/// The answer to the first frame; it has no header. A time-out or session of 0 says that the
/// session asked for has expired.
package struct ConnectResponse: JuteRecord {
    package var protocolVersion: Int32 = 0
    package var timeoutMs: Int32 = 0
    package var sessionID: Int64 = 0
    package var password: [UInt8]? = [UInt8](repeating: 0, count: 16)
    /// Whether the server is cut off from its quorum; nil from servers before 3.4.
    package var readOnly: Bool?

    package init() {}

    package var isExpired: Bool { timeoutMs <= 0 || sessionID == 0 }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.int(&protocolVersion)
        v.int(&timeoutMs)
        v.long(&sessionID)
        v.buffer(&password)
        v.trailing(&readOnly)
    }
}

/// Begins every request but the first.
package struct RequestHead: JuteRecord {
    package var xid: Int32 = 0
    package var operation = OpCode(rawValue: 0)

    package init() {}

    package init(xid: Int32, operation: OpCode) {
        self.xid = xid
        self.operation = operation
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.int(&xid)
        v.int(&operation.rawValue)
    }
}

/// Begins every answer and every watch event. With an error no body follows.
package struct ReplyHead: JuteRecord {
    /// On the wire.
    static let bytes = 16
    package var xid: Int32 = 0
    /// The newest change the server had applied; not positive where it means nothing.
    package var zxid: Int64 = 0
    package var code = ZooKeeperCode.ok

    package init() {}

    package init(xid: Int32, zxid: Int64, code: ZooKeeperCode = .ok) {
        self.xid = xid
        self.zxid = zxid
        self.code = code
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.int(&xid)
        v.long(&zxid)
        v.code(&code)
    }
}

/// Keeps a session alive; sent with `SpecialXid.ping`.
package struct PingRequest: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.ping

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) {}
}

/// Ends the session and deletes its ephemeral znodes.
package struct CloseSessionRequest: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.closeSession

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) {}
}

/// Says who we are, as `addauth` does; sent with `SpecialXid.auth`.
package struct AuthRequest: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.auth

    package var type: Int32 = 0
    /// "digest" for a name and password.
    package var scheme = ""
    /// "name:password" for "digest".
    package var auth: [UInt8]?

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.int(&type)
        v.string(&scheme)
        v.buffer(&auth)
    }
}

/// One step of a SASL login.
package struct SaslRequest: ZooKeeperRequest {
    package typealias Reply = SaslReply
    package static let operation = OpCode.sasl

    package var token: [UInt8]?

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.buffer(&token) }
}

/// The server's side of a SASL step; nil when it has nothing more to say.
package struct SaslReply: JuteRecord {
    package var token: [UInt8]?

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.buffer(&token) }
}

package struct WhoAmIReply: JuteRecord {
    package var identities: [ZnodeIdentity] = []

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.records(&identities) }
}

/// A scheme and an identity in it, as in ("world", "anyone") or ("sasl", "kafka").
package struct ZnodeIdentity: JuteRecord, Hashable {
    package var scheme = ""
    package var id = ""

    package init() {}

    package init(scheme: String, id: String) {
        self.scheme = scheme
        self.id = id
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&scheme)
        v.string(&id)
    }
}
