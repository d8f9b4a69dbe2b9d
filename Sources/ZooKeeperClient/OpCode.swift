// The numbers of ZooKeeper's operations and the transaction ids that are not a request's own.

/// An operation of the protocol (ZooKeeper's ZooDefs.OpCode); unknown numbers are kept.
package struct OpCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }
    private init(_ rawValue: Int32) { self.rawValue = rawValue }

    package static let closeSession = OpCode(-11)
    /// Stands for a failed part in the answer to a multi.
    package static let error = OpCode(-1)
    package static let create = OpCode(1)
    package static let delete = OpCode(2)
    package static let exists = OpCode(3)
    package static let getData = OpCode(4)
    package static let setData = OpCode(5)
    package static let getACL = OpCode(6)
    package static let setACL = OpCode(7)
    package static let getChildren = OpCode(8)
    package static let sync = OpCode(9)
    package static let ping = OpCode(11)
    package static let getChildren2 = OpCode(12)
    package static let check = OpCode(13)
    package static let multi = OpCode(14)
    package static let create2 = OpCode(15)
    package static let reconfig = OpCode(16)
    package static let checkWatches = OpCode(17)
    package static let removeWatches = OpCode(18)
    package static let createContainer = OpCode(19)
    package static let createTTL = OpCode(21)
    /// 3.6 and newer.
    package static let multiRead = OpCode(22)
    package static let auth = OpCode(100)
    package static let setWatches = OpCode(101)
    package static let sasl = OpCode(102)
    package static let getEphemerals = OpCode(103)
    package static let getAllChildrenNumber = OpCode(104)
    /// 3.6 and newer; 3.5 answers `unimplemented` and closes the connection, as to those after it.
    package static let setWatches2 = OpCode(105)
    package static let addWatch = OpCode(106)
    /// 3.7 and newer.
    package static let whoAmI = OpCode(107)

    private static let names: [Int32: String] = [
        -11: "closeSession", -1: "error", 0: "notification", 1: "create", 2: "delete",
        3: "exists", 4: "getData", 5: "setData", 6: "getACL", 7: "setACL", 8: "getChildren",
        9: "sync", 11: "ping", 12: "getChildren2", 13: "check", 14: "multi", 15: "create2",
        16: "reconfig", 17: "checkWatches", 18: "removeWatches", 19: "createContainer",
        21: "createTTL", 22: "multiRead", 100: "auth", 101: "setWatches", 102: "sasl",
        103: "getEphemerals", 104: "getAllChildrenNumber", 105: "setWatches2", 106: "addWatch",
        107: "whoAmI",
    ]

    /// ZooKeeper's name, or "operation N".
    package var description: String { Self.names[rawValue] ?? "operation \(rawValue)" }
}

/// Transaction ids with a meaning of their own; ordinary requests count up from 1.
package enum SpecialXid {
    package static let watchEvent: Int32 = -1
    package static let ping: Int32 = -2
    package static let auth: Int32 = -4
    package static let setWatches: Int32 = -8
}
