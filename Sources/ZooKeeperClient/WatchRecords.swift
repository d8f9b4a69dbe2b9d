// Records of watches: events, their registration after a reconnect, persistent ones.

/// What has happened to a znode; unknown numbers are kept.
package struct WatchEventKind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// About the session, not about a znode.
    package static let session = WatchEventKind(rawValue: -1)
    package static let created = WatchEventKind(rawValue: 1)
    package static let deleted = WatchEventKind(rawValue: 2)
    package static let dataChanged = WatchEventKind(rawValue: 3)
    package static let childrenChanged = WatchEventKind(rawValue: 4)
    package static let dataWatchRemoved = WatchEventKind(rawValue: 5)
    package static let childWatchRemoved = WatchEventKind(rawValue: 6)
    package static let persistentWatchRemoved = WatchEventKind(rawValue: 7)

    package var description: String {
        switch self {
        case .session: "session"
        case .created: "created"
        case .deleted: "deleted"
        case .dataChanged: "data changed"
        case .childrenChanged: "children changed"
        case .dataWatchRemoved: "data watch removed"
        case .childWatchRemoved: "children watch removed"
        case .persistentWatchRemoved: "persistent watch removed"
        default: "event \(rawValue)"
        }
    }
}

/// A watch has fired. Comes after a `ReplyHead` with `SpecialXid.watchEvent`.
package struct WatcherEvent: JuteRecord {
    package var kind = WatchEventKind.session
    /// 3 connected, 5 connected to a read-only server, 0 disconnected, 4 authentication failed,
    /// -112 expired.
    package var state: Int32 = 3
    package var path = ""

    package init() {}

    package init(_ kind: WatchEventKind, _ path: String, state: Int32 = 3) {
        self.kind = kind
        self.state = state
        self.path = path
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.int(&kind.rawValue)
        v.int(&state)
        v.string(&path)
    }
}

/// Registers one-shot watches again after a reconnect; what happened since `relativeZxid` fires at
/// once. Sent with `SpecialXid.setWatches`.
package struct SetWatchesRequest: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.setWatches

    package var relativeZxid: Int64 = 0
    package var data: [String] = []
    package var exist: [String] = []
    package var child: [String] = []

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.long(&relativeZxid)
        v.strings(&data)
        v.strings(&exist)
        v.strings(&child)
    }
}

/// The same with persistent watches (3.6 and newer). Persistent watches are only registered again:
/// what they missed is not reported.
package struct SetWatches2Request: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.setWatches2

    package var relativeZxid: Int64 = 0
    package var data: [String] = []
    package var exist: [String] = []
    package var child: [String] = []
    package var persistent: [String] = []
    package var persistentRecursive: [String] = []

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.long(&relativeZxid)
        v.strings(&data)
        v.strings(&exist)
        v.strings(&child)
        v.strings(&persistent)
        v.strings(&persistentRecursive)
    }
}

/// Registers a watch that stays after it has fired (3.6 and newer).
package struct AddWatchRequest: ZooKeeperRequest {
    package typealias Reply = AddWatchReply
    package static let operation = OpCode.addWatch

    /// Fires for the znode and its list of children.
    package static let persistent: Int32 = 0
    /// Fires for the znode and all below it, and never as "children changed".
    package static let persistentRecursive: Int32 = 1

    package var path = ""
    package var mode: Int32 = 0

    package init() {}

    package init(path: String, mode: Int32) {
        self.path = path
        self.mode = mode
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.int(&mode)
    }
}

/// Always 0 behind a header without error.
package struct AddWatchReply: JuteRecord {
    package var code = ZooKeeperCode.ok

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.code(&code) }
}

/// Takes watches of this connection away; `noWatcher` when there was none.
package struct RemoveWatchesRequest: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.removeWatches

    package static let children: Int32 = 1
    package static let data: Int32 = 2
    package static let any: Int32 = 3

    package var path = ""
    package var kind: Int32 = RemoveWatchesRequest.any

    package init() {}

    package init(path: String, kind: Int32 = RemoveWatchesRequest.any) {
        self.path = path
        self.kind = kind
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.int(&kind)
    }
}

/// Asks whether this connection has such a watch; `noWatcher` when not.
package struct CheckWatchesRequest: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.checkWatches

    package var path = ""
    package var kind: Int32 = RemoveWatchesRequest.any

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.int(&kind)
    }
}
