// Records of reads: data, existence, children, ACLs.

/// What ZooKeeper knows about a znode: 68 bytes on the wire.
package struct ZnodeStat: JuteRecord, Hashable {
    /// The change that created the znode; for `/brokers/ids/N` this is the broker epoch.
    package var createdZxid: Int64 = 0
    package var modifiedZxid: Int64 = 0
    /// Milliseconds since 1970, by the ZooKeeper leader's clock.
    package var createdMs: Int64 = 0
    package var modifiedMs: Int64 = 0
    package var version: Int32 = 0
    package var childrenVersion: Int32 = 0
    package var aclVersion: Int32 = 0
    /// The session an ephemeral znode belongs to; 0 for a persistent one.
    package var ephemeralOwner: Int64 = 0
    package var dataBytes: Int32 = 0
    package var childCount: Int32 = 0
    /// The change that last added or removed a child.
    package var childrenZxid: Int64 = 0

    package init() {}

    package var isEphemeral: Bool { ephemeralOwner != 0 }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.long(&createdZxid)
        v.long(&modifiedZxid)
        v.long(&createdMs)
        v.long(&modifiedMs)
        v.int(&version)
        v.int(&childrenVersion)
        v.int(&aclVersion)
        v.long(&ephemeralOwner)
        v.int(&dataBytes)
        v.int(&childCount)
        v.long(&childrenZxid)
    }
}

/// A request that reads one znode and may leave a watch there.
package protocol PathRead: ZooKeeperRequest {
    var path: String { get set }
    var watch: Bool { get set }
}

extension PathRead {
    package init(path: String, watch: Bool) {
        self.init()
        self.path = path
        self.watch = watch
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.bool(&watch)
    }
}

/// Reads a znode's data.
package struct GetDataRequest: PathRead {
    package typealias Reply = GetDataReply
    package static let operation = OpCode.getData

    package var path = ""
    package var watch = false

    package init() {}
}

package struct GetDataReply: JuteRecord {
    /// Nil for a znode created without data.
    package var data: [UInt8]?
    package var stat = ZnodeStat()

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.buffer(&data)
        v.record(&stat)
    }
}

/// Asks for a znode's stat; its watch also fires when a missing znode is created.
package struct ExistsRequest: PathRead {
    package typealias Reply = StatReply
    package static let operation = OpCode.exists

    package var path = ""
    package var watch = false

    package init() {}
}

/// The answer to exists, setData and setACL.
package struct StatReply: JuteRecord {
    package var stat = ZnodeStat()

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.record(&stat) }
}

/// Reads the names of a znode's children, without their parent's path and in no order.
package struct GetChildrenRequest: PathRead {
    package typealias Reply = GetChildrenReply
    package static let operation = OpCode.getChildren

    package var path = ""
    package var watch = false

    package init() {}
}

package struct GetChildrenReply: JuteRecord {
    package var children: [String] = []

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.strings(&children) }
}

/// Reads the names of a znode's children and its stat.
package struct GetChildren2Request: PathRead {
    package typealias Reply = GetChildren2Reply
    package static let operation = OpCode.getChildren2

    package var path = ""
    package var watch = false

    package init() {}
}

package struct GetChildren2Reply: JuteRecord {
    package var children: [String] = []
    package var stat = ZnodeStat()

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.strings(&children)
        v.record(&stat)
    }
}

/// Asks the server to catch up with its leader before it answers what comes next.
package struct SyncRequest: ZooKeeperRequest {
    package typealias Reply = PathReply
    package static let operation = OpCode.sync

    package var path = ""

    package init() {}
    package init(path: String) { self.path = path }
    package mutating func walk(_ v: inout some JuteVisitor) { v.string(&path) }
}

/// The answer to create and sync.
package struct PathReply: JuteRecord {
    package var path = ""

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.string(&path) }
}

/// What an identity may do to a znode.
package struct ZnodeACL: JuteRecord, Hashable {
    /// Read 1, write 2, create 4, delete 8, administer 16.
    package var permissions: Int32 = 0
    package var identity = ZnodeIdentity()

    package init() {}

    package init(permissions: Int32, identity: ZnodeIdentity) {
        self.permissions = permissions
        self.identity = identity
    }

    /// Everything to everyone.
    package static let open = ZnodeACL(
        permissions: 31, identity: ZnodeIdentity(scheme: "world", id: "anyone"))

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.int(&permissions)
        v.record(&identity)
    }
}

package struct GetACLRequest: ZooKeeperRequest {
    package typealias Reply = GetACLReply
    package static let operation = OpCode.getACL

    package var path = ""

    package init() {}
    package init(path: String) { self.path = path }
    package mutating func walk(_ v: inout some JuteVisitor) { v.string(&path) }
}

package struct GetACLReply: JuteRecord {
    package var acl: [ZnodeACL] = []
    package var stat = ZnodeStat()

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.records(&acl)
        v.record(&stat)
    }
}

/// The ephemeral znodes of this session below a path (3.6 and newer).
package struct GetEphemeralsRequest: ZooKeeperRequest {
    package typealias Reply = GetChildrenReply
    package static let operation = OpCode.getEphemerals

    package var prefix = ""

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.string(&prefix) }
}

/// How many znodes stand below a path (3.6 and newer).
package struct GetAllChildrenNumberRequest: ZooKeeperRequest {
    package typealias Reply = CountReply
    package static let operation = OpCode.getAllChildrenNumber

    package var path = ""

    package init() {}
    package init(path: String) { self.path = path }
    package mutating func walk(_ v: inout some JuteVisitor) { v.string(&path) }
}

package struct CountReply: JuteRecord {
    package var count: Int32 = 0

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.int(&count) }
}
