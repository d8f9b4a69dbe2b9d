// The settings of a session: where the ensemble is, how long to wait, who we are.
package import Transport

/// An identity added to a connection, as `addauth SCHEME AUTH` does.
/// Prints as its scheme only, since the rest is a secret.
package struct ZooKeeperAuth: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    package var scheme: String
    package var auth: [UInt8]

    package init(scheme: String, auth: [UInt8]) {
        self.scheme = scheme
        self.auth = auth
    }

    package var description: String { scheme }
    package var debugDescription: String { scheme }
    package var customMirror: Mirror { Mirror(self, children: ["scheme": scheme]) }

    /// A name and password; sent as they are, so only TLS keeps them from the network.
    package static func digest(user: String, password: String) -> ZooKeeperAuth {
        ZooKeeperAuth(scheme: "digest", auth: Array("\(user):\(password)".utf8))
    }
}

/// Settings of one session; the defaults are those of the console.
package struct ZooKeeperConfig: Sendable {
    package var servers: ZooKeeperServers
    /// Where a server is really reached, as through a tunnel.
    package var map: @Sendable (Endpoint) -> Endpoint = { $0 }
    /// The proxy through which every server is reached; nil: there is none.
    package var proxy: Proxy?
    /// Asked for; the server decides within its bounds (2 to 20 ticks).
    package var sessionTimeoutMs: Int32 = 6_000
    /// For one address of a server.
    package var connectTimeoutNs = 2 * Limits.nanosecondsPerSecond
    /// From the standing connection to the granted session, and for each step after it.
    package var handshakeTimeoutNs = 3 * Limits.nanosecondsPerSecond
    /// From sending a request to its answer; also how long a request waits for a server at all.
    package var requestTimeoutNs = 10 * Limits.nanosecondsPerSecond
    /// How long a request may wait for its turn behind others while a server is there.
    package var queueTimeoutNs = 60 * Limits.nanosecondsPerSecond
    package var inFlight = Limits.inFlight
    package var queued = Limits.queued
    package var backoffMinNs = 200 * Limits.nanosecondsPerMillisecond
    package var backoffMaxNs = 5 * Limits.nanosecondsPerSecond
    /// Whether a server cut off from its quorum will do until one with a quorum is found.
    package var canBeReadOnly = true
    package var auth: [ZooKeeperAuth] = []
    /// Makes the layer between socket and frames for each connection to a server, which is named
    /// as the ensemble names it; nil for plaintext.
    package var makeLayer: (@Sendable (Endpoint) -> any StreamLayer)?
    /// Makes the SASL login for each connection to a server; nil when none is needed.
    package var makeSasl: (@Sendable (Endpoint) -> any SaslMechanism)?

    package init(servers: ZooKeeperServers) { self.servers = servers }

    func connectOptions(to server: Endpoint) -> ConnectOptions {
        var options = ConnectOptions()
        options.connectTimeoutNs = connectTimeoutNs
        options.layerTimeoutNs = handshakeTimeoutNs
        options.proxy = proxy
        if let makeLayer { options.makeLayer = { makeLayer(server) } }
        return options
    }
}
