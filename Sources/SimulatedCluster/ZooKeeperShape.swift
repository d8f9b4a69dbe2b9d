// What a simulated ZooKeeper ensemble is before anything happens to it, what may happen to it, and
// what a network must send because of it.

/// How the ensemble is set up. Without effect on KRaft.
package struct ZooKeeperShape: Sendable, Equatable {
    /// Servers that vote; numbers begin at 1.
    package var servers = 3
    /// Where Kafka's tree begins, such as "/kafka"; empty: at the root.
    package var chroot = ""
    /// `4lw.commands.whitelist`: the four-letter words that are answered; "*" allows all. Since
    /// 3.5.3 only srvr by default.
    package var words: Set<String> = ["srvr"]
    /// `readonlymode.enabled`: a server cut off from the others serves clients that ask for it.
    package var allowsReadOnly = false
    /// `zookeeper.set.acl` of the brokers: the world may read most of Kafka's znodes, write none.
    package var isSecured = false
    /// Whoever asks may not read what begins with one of these (NoAuth).
    package var deniedPrefixes: [String] = []
    package var tickTimeMs = 2_000

    package init() {}

    func bounded() -> ZooKeeperShape {
        var shape = self
        shape.servers = min(max(1, servers), Limits.zooKeeperServers)
        shape.tickTimeMs = min(max(100, tickTimeMs), 60_000)
        while shape.chroot.hasSuffix("/") { shape.chroot.removeLast() }
        if !shape.chroot.isEmpty, !shape.chroot.hasPrefix("/") {
            shape.chroot = "/" + shape.chroot
        }
        return shape
    }
}

/// What is going to happen to the ensemble, or by way of it to Kafka.
package enum ZooKeeperHappening: Sendable, Equatable {
    case kill(server: Int)
    case killLeader
    /// Every server that is dead starts.
    case startAll
    case start(server: Int)
    case freeze(server: Int)
    case thaw(server: Int)
    /// Cut off from the other servers; clients reach it still.
    case isolate(server: Int)
    case reunite(server: Int)
    /// A broker's session expires though the broker runs: a long pause of its process.
    case expireBroker(Int32)
    case expireController
    case rejoin(Int32)
    /// Every session of clients expires.
    case expireClients

    // What follows by itself.
    case missed(server: Int, since: Double)
    case joined(server: Int)
    case elect(turn: Int)
    case expireOverdue
    case electController
    case settle
    case delete(path: String)
    case electPreferred
}

/// What a network sends to or does with a client of the ensemble, in this order.
package enum ZooKeeperOutput: Sendable, Equatable {
    case send(connection: Int, bytes: [UInt8], afterNs: UInt64)
    case close(connection: Int)
}

extension Release {
    /// The version line of the ZooKeeper that comes with the release.
    var zooKeeperVersion: String {
        switch self {
        case .v24: "3.5.7-f0fdd52973d373ffd9c86b81d99842dc2c7f660e, built on 02/10/2020 11:30 GMT"
        case .v28: "3.5.9-83df9301aa5c2a5d284a9940177808c01bc35cef, built on 01/06/2021 20:03 GMT"
        case .v39, .v43:
            "3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC"
        }
    }

    /// Whether its ZooKeeper is 3.6 or newer: persistent watches, several reads in one, who I am.
    var hasNewZooKeeper: Bool { self >= .v39 }
}
