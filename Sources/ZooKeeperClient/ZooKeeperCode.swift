// ZooKeeper's error codes: the number is kept whatever it is, the name is ZooKeeper's own so that
// it can be searched for.

/// An error code of ZooKeeper (KeeperException.Code); numbers without a name are kept.
package struct ZooKeeperCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }
    private init(_ rawValue: Int32) { self.rawValue = rawValue }

    package static let ok = ZooKeeperCode(0)
    package static let systemError = ZooKeeperCode(-1)
    package static let runtimeInconsistency = ZooKeeperCode(-2)
    package static let marshallingError = ZooKeeperCode(-5)
    package static let unimplemented = ZooKeeperCode(-6)
    package static let badArguments = ZooKeeperCode(-8)
    package static let noNode = ZooKeeperCode(-101)
    package static let noAuth = ZooKeeperCode(-102)
    package static let badVersion = ZooKeeperCode(-103)
    package static let noChildrenForEphemerals = ZooKeeperCode(-108)
    package static let nodeExists = ZooKeeperCode(-110)
    package static let notEmpty = ZooKeeperCode(-111)
    package static let sessionExpired = ZooKeeperCode(-112)
    package static let invalidACL = ZooKeeperCode(-114)
    package static let authFailed = ZooKeeperCode(-115)
    package static let notReadOnly = ZooKeeperCode(-119)
    package static let noWatcher = ZooKeeperCode(-121)
    package static let requestTimeout = ZooKeeperCode(-122)
    package static let sessionClosedRequireSasl = ZooKeeperCode(-124)
    package static let throttled = ZooKeeperCode(-127)

    private static let names: [Int32: String] = [
        0: "OK", -1: "SYSTEMERROR", -2: "RUNTIMEINCONSISTENCY", -3: "DATAINCONSISTENCY",
        -4: "CONNECTIONLOSS", -5: "MARSHALLINGERROR", -6: "UNIMPLEMENTED", -7: "OPERATIONTIMEOUT",
        -8: "BADARGUMENTS", -13: "NEWCONFIGNOQUORUM", -14: "RECONFIGINPROGRESS",
        -15: "UNKNOWNSESSION", -100: "APIERROR", -101: "NONODE", -102: "NOAUTH",
        -103: "BADVERSION", -108: "NOCHILDRENFOREPHEMERALS", -110: "NODEEXISTS",
        -111: "NOTEMPTY", -112: "SESSIONEXPIRED", -113: "INVALIDCALLBACK", -114: "INVALIDACL",
        -115: "AUTHFAILED", -118: "SESSIONMOVED", -119: "NOTREADONLY",
        -120: "EPHEMERALONLOCALSESSION", -121: "NOWATCHER", -122: "REQUESTTIMEOUT",
        -123: "RECONFIGDISABLED", -124: "SESSIONCLOSEDREQUIRESASLAUTH", -125: "QUOTAEXCEEDED",
        -127: "THROTTLEDOP",
    ]

    /// Every code with a name, for tests and simulations.
    package static var known: [ZooKeeperCode] { names.keys.sorted().map { ZooKeeperCode($0) } }

    package var isError: Bool { rawValue != 0 }
    package var isKnown: Bool { Self.names[rawValue] != nil }
    /// ZooKeeper's name, or "error N".
    package var description: String { Self.names[rawValue] ?? "error \(rawValue)" }
}
