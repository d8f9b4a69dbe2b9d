// What a session answers with.
package import Transport

/// A znode's data with what the server knew when it answered.
package struct Znode: Hashable, Sendable {
    package var data: [UInt8]
    package var stat: ZnodeStat
    /// The newest change the server had applied.
    package var zxid: Int64

    package init(data: [UInt8], stat: ZnodeStat, zxid: Int64) {
        self.data = data
        self.stat = stat
        self.zxid = zxid
    }
}

/// The names of a znode's children, sorted.
package struct ZnodeChildren: Hashable, Sendable {
    package var names: [String]
    package var stat: ZnodeStat
    package var zxid: Int64

    package init(names: [String], stat: ZnodeStat, zxid: Int64) {
        self.names = names
        self.stat = stat
        self.zxid = zxid
    }
}

/// Whether a znode exists.
package struct ZnodeExistence: Hashable, Sendable {
    /// Nil when it does not.
    package var stat: ZnodeStat?
    package var zxid: Int64

    package init(stat: ZnodeStat?, zxid: Int64) {
        self.stat = stat
        self.zxid = zxid
    }
}

/// A watch has fired.
package struct ZnodeEvent: Hashable, Sendable {
    package var kind: WatchEventKind
    /// Without the chroot.
    package var path: String
    /// The change itself; nil from servers before 3.9, which do not say.
    package var zxid: Int64?

    package init(kind: WatchEventKind, path: String, zxid: Int64?) {
        self.kind = kind
        self.path = path
        self.zxid = zxid
    }
}

/// Events below these paths may have been missed: read them again.
package struct WatchGap: Hashable, Sendable {
    package var paths: [String]
    /// True when the watches are gone, because the server now in use is too old for them.
    package var isLost: Bool

    package init(paths: [String], isLost: Bool) {
        self.paths = paths
        self.isLost = isLost
    }
}

/// Where a session is in its life.
package enum SessionState: Hashable, Sendable {
    /// Nothing was tried yet.
    case idle
    /// A server is being tried; the session, if there was one, may still be alive.
    case connecting(Endpoint)
    /// A read-only server is cut off from its quorum: what it answers may be old.
    case connected(server: Endpoint, readOnly: Bool)
    /// No server: since when in the loop's time, why, and when the next is tried.
    case disconnected(sinceNs: UInt64, why: ZooKeeperError)
    /// The ensemble has given the session up. A new one follows by itself, with all watches.
    case expired
    case closed

    package var isConnected: Bool { if case .connected = self { true } else { false } }
}
