// What one server says about itself, read from any of the texts it may answer with.
import Transport

/// A release of ZooKeeper; texts such as "3.8.4-9316c2a, built on ..." begin with it.
package struct ZooKeeperVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    package var patch: Int

    package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Nil when the text does not begin with two numbers.
    package init?(parsing text: some StringProtocol) {
        let first = text.prefix { $0 != "-" && $0 != "," && $0 != " " }
        let numbers = first.split(separator: ".", omittingEmptySubsequences: false).map {
            Int($0.prefix { $0.isASCII && $0.isNumber })
        }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor, numbers.count > 2 ? numbers[2] ?? 0 : 0)
    }

    /// The first release with addWatch and setWatches2.
    package static let withTrees = ZooKeeperVersion(3, 6)
    /// The first release with removeWatches.
    package static let withRemoveWatches = ZooKeeperVersion(3, 5)

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    package var description: String { "\(major).\(minor).\(patch)" }
}

/// A server's part in its ensemble.
package enum ServerMode: Hashable, Sendable, CustomStringConvertible {
    case leader, follower, observer, standalone, readOnly
    /// A mode we do not know.
    case other(String)

    package init(_ name: some StringProtocol) {
        switch name {
        case "leader": self = .leader
        case "follower": self = .follower
        case "observer": self = .observer
        case "standalone": self = .standalone
        case "read-only", "readonly": self = .readOnly
        default: self = .other(printable(String(name)))
        }
    }

    package var description: String {
        switch self {
        case .leader: "leader"
        case .follower: "follower"
        case .observer: "observer"
        case .standalone: "standalone"
        case .readOnly: "read-only"
        case .other(let name): name
        }
    }
}

/// A server's state; what no source reported is nil.
package struct ServerStatus: Hashable, Sendable {
    package var version: ZooKeeperVersion?
    package var mode: ServerMode?
    /// The newest change applied.
    package var zxid: Int64?
    /// Milliseconds a request takes in the server, since its start or the last reset.
    package var latencyAvgMs: Double?
    package var latencyMaxMs: Double?
    package var outstanding: Int64?
    package var connections: Int64?
    package var znodeCount: Int64?
    package var watchCount: Int64?
    package var approximateDataBytes: Int64?
    /// Followers in step; reported by the leader only.
    package var syncedFollowers: Int64?

    package init() {}

    /// Reads the answer to `srvr` or `stat`: "Name: value" lines.
    package init(srvr text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon]
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch name {
            case "Zookeeper version": version = ZooKeeperVersion(parsing: value)
            case "Mode": mode = ServerMode(value)
            case "Zxid": zxid = Self.hexadecimal(value)
            case "Connections": connections = Int64(value)
            case "Outstanding": outstanding = Int64(value)
            case "Node count": znodeCount = Int64(value)
            case "Latency min/avg/max":
                let parts = value.split(separator: "/").map { Self.decimal($0) }
                guard parts.count == 3 else { continue }
                latencyAvgMs = parts[1]
                latencyMaxMs = parts[2]
            default: break
            }
        }
    }

    /// Reads the answer to `mntr`: lines of a key, a tab and a value.
    package init(monitor text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let tab = line.firstIndex(where: { $0 == "\t" || $0 == " " }) else { continue }
            let key = line[..<tab]
            let value = line[line.index(after: tab)...].drop { $0 == "\t" || $0 == " " }
            set(key.hasPrefix("zk_") ? key.dropFirst(3) : key, value)
        }
    }

    /// Takes one metric by its name in `mntr`, without "zk_".
    mutating func set(_ key: Substring, _ value: Substring) {
        switch key {
        case "version": version = ZooKeeperVersion(parsing: value)
        case "server_state": mode = ServerMode(value)
        case "avg_latency": latencyAvgMs = Self.decimal(value)
        case "max_latency": latencyMaxMs = Self.decimal(value)
        case "num_alive_connections": connections = Self.whole(value)
        case "outstanding_requests": outstanding = Self.whole(value)
        case "znode_count": znodeCount = Self.whole(value)
        case "watch_count": watchCount = Self.whole(value)
        case "approximate_data_size": approximateDataBytes = Self.whole(value)
        case "synced_followers": syncedFollowers = Self.whole(value)
        default: break
        }
    }

    /// Adds what another source reports and this one does not.
    package mutating func fill(from other: ServerStatus) {
        func fill<T>(_ field: WritableKeyPath<ServerStatus, T?>) {
            if self[keyPath: field] == nil { self[keyPath: field] = other[keyPath: field] }
        }
        fill(\.version)
        fill(\.mode)
        fill(\.zxid)
        fill(\.latencyAvgMs)
        fill(\.latencyMaxMs)
        fill(\.outstanding)
        fill(\.connections)
        fill(\.znodeCount)
        fill(\.watchCount)
        fill(\.approximateDataBytes)
        fill(\.syncedFollowers)
    }

    static func hexadecimal(_ text: Substring) -> Int64? {
        guard text.hasPrefix("0x") else { return nil }
        return UInt64(text.dropFirst(2), radix: 16).map { Int64(bitPattern: $0) }
    }

    /// A finite number, written with or without a fraction.
    private static func decimal(_ text: Substring) -> Double? {
        guard let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// Some releases write counts as "4.0".
    private static func whole(_ text: Substring) -> Int64? {
        Int64(text) ?? decimal(text).flatMap { Int64(exactly: $0.rounded()) }
    }
}
