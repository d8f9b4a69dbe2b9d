// Requests that the product does not send; the tests of records and of recorded frames know them.
import ZooKeeperClient

/// Who the server believes we are (3.7 and newer).
struct WhoAmIRequest: ZooKeeperRequest {
    typealias Reply = WhoAmIReply
    static let operation = OpCode.whoAmI

    init() {}
    mutating func walk(_ v: inout some JuteVisitor) {}
}

/// The same, answered with path and stat.
struct Create2Request: ZooKeeperRequest {
    typealias Reply = Create2Reply
    static let operation = OpCode.create2

    var create = CreateRequest()

    init() {}
    mutating func walk(_ v: inout some JuteVisitor) { v.record(&create) }
}

/// Creates a znode that the server deletes once its last child is gone.
struct CreateContainerRequest: ZooKeeperRequest {
    typealias Reply = Create2Reply
    static let operation = OpCode.createContainer

    var create = CreateRequest()

    init() {}
    mutating func walk(_ v: inout some JuteVisitor) { v.record(&create) }
}

struct SetACLRequest: ZooKeeperRequest {
    typealias Reply = StatReply
    static let operation = OpCode.setACL

    var path = ""
    var acl: [ZnodeACL] = []
    var version: Int32 = -1

    init() {}

    mutating func walk(_ v: inout some JuteVisitor) {
        v.string(&path)
        v.records(&acl)
        v.int(&version)
    }
}
