// Records of writes. The console sends none to a live ensemble today; simulations and tests do.

/// Creates a znode; answered with its path, which differs for sequential ones.
package struct CreateRequest: ZooKeeperRequest {
    package typealias Reply = PathReply
    package static let operation = OpCode.create

    package var path = ""
    package var data: [UInt8]?
    package var acl: [ZnodeACL] = [.open]
    /// 0 persistent, 1 ephemeral, 2 sequential, 3 both, 4 container, 5 and 6 with a time to live.
    package var flags: Int32 = 0

    package init() {}

    package init(path: String, data: [UInt8]?, flags: Int32 = 0) {
        self.path = path
        self.data = data
        self.flags = flags
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.buffer(&data)
        v.records(&acl)
        v.int(&flags)
    }
}

/// Creates a znode that the server deletes when nothing changed for a time.
package struct CreateTTLRequest: ZooKeeperRequest {
    package typealias Reply = Create2Reply
    package static let operation = OpCode.createTTL

    package var create = CreateRequest()
    package var ttlMs: Int64 = 0

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.record(&create)
        v.long(&ttlMs)
    }
}

package struct Create2Reply: JuteRecord {
    package var path = ""
    package var stat = ZnodeStat()

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.record(&stat)
    }
}

/// Deletes a znode without children; a version of -1 fits any.
package struct DeleteRequest: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.delete

    package var path = ""
    package var version: Int32 = -1

    package init() {}

    package init(path: String, version: Int32 = -1) {
        self.path = path
        self.version = version
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.int(&version)
    }
}

/// Replaces a znode's data; a version of -1 fits any.
package struct SetDataRequest: ZooKeeperRequest {
    package typealias Reply = StatReply
    package static let operation = OpCode.setData

    package var path = ""
    package var data: [UInt8]?
    package var version: Int32 = -1

    package init() {}

    package init(path: String, data: [UInt8]?, version: Int32 = -1) {
        self.path = path
        self.data = data
        self.version = version
    }

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.buffer(&data)
        v.int(&version)
    }
}

/// Part of a multi: fails it unless the znode has this version.
package struct CheckRequest: ZooKeeperRequest {
    package typealias Reply = EmptyRecord
    package static let operation = OpCode.check

    package var path = ""
    package var version: Int32 = -1

    package init() {}

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.int(&version)
    }
}
