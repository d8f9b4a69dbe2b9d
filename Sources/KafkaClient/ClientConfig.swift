// The settings of a client: where to begin, how long to wait, how connections are protected.
package import Transport

/// How connections are protected, where the layer and the login do not say it.
package enum ClientSecurity: Hashable, Sendable {
    case plaintext
    /// A `security.protocol` this client cannot speak yet, by Kafka's name.
    case unsupported(String)
}

/// Settings of one Kafka client; the defaults are those of the console.
package struct ClientConfig: Sendable {
    package var bootstrap: [Endpoint]
    package var security = ClientSecurity.plaintext
    /// Where the advertised address of a broker (nil: not known which) is really reached, as
    /// through a tunnel; errors and screens keep the advertised one.
    package var map: @Sendable (Endpoint, Int32?) -> Endpoint = { endpoint, _ in endpoint }
    /// The proxy through which every broker is reached; nil: there is none.
    package var proxy: Proxy?
    package var clientID = "highwater"
    /// Sent to brokers with ApiVersions; must match Kafka's pattern, else error 42.
    package var softwareName = "highwater"
    package var softwareVersion = "1.0.0"
    /// For one address of a broker; longer where round trips are measured to be long.
    package var connectTimeoutNs = 2 * Limits.nanosecondsPerSecond
    /// From the standing connection to the answer to ApiVersions, and for each step of a login.
    package var negotiateTimeoutNs = 2 * Limits.nanosecondsPerSecond
    /// Instead of that, what the settings say; nil: they say nothing.
    package var settingsConnectNs: UInt64?
    package var requestTimeoutNs = 3 * Limits.nanosecondsPerSecond
    /// For the slow lane: calls forwarded to a frozen controller take 60 s to fail.
    package var slowTimeoutNs = 65 * Limits.nanosecondsPerSecond
    /// The longest that any request is waited for, whoever asks; nil: no such limit.
    package var longestRequestNs: UInt64?
    /// A connection on which nothing was asked for so long is closed; nil: none is.
    package var idleCloseNs: UInt64?
    /// A connection that gave nothing for so long after a time-out is closed and made anew.
    package var silentCloseNs = 10 * Limits.nanosecondsPerSecond
    package var inFlight = Limits.inFlight
    package var queued = Limits.queued
    package var backoffMinNs = 100 * Limits.nanosecondsPerMillisecond
    /// As in Kafka's own clients (reconnect.backoff.max.ms).
    package var backoffMaxNs = 1 * Limits.nanosecondsPerSecond
    /// Makes the layer between socket and frames for each connection to a broker, which is named
    /// as it is advertised; nil for plaintext.
    package var makeLayer: (@Sendable (Endpoint) -> any StreamLayer)?
    /// Makes the login of each connection to a broker, which is named as it is advertised; nil when
    /// none is needed.
    package var makeLogin: (@Sendable (Endpoint) -> any Login)?
    /// Nobody logs in for so long after a login was refused.
    package var loginRestNs = 30 * Limits.nanosecondsPerSecond
    /// False for a run that ends before.
    var saysLoginRest = true

    package init(bootstrap: [Endpoint]) { self.bootstrap = bootstrap }

    /// The limits of a run that has so long for all it asks: a broker may take most of it.
    package func within(_ budgetNs: UInt64) -> ClientConfig {
        var config = self
        config.connectTimeoutNs = min(Limits.longestConnect, budgetNs / 5 * 2)
        config.negotiateTimeoutNs = budgetNs / 5 * 4
        config.silentCloseNs = budgetNs
        config.saysLoginRest = false
        return config
    }

    func connectOptions(to broker: Endpoint) -> ConnectOptions {
        var options = ConnectOptions()
        options.connectTimeoutNs = settingsConnectNs ?? connectTimeoutNs
        options.layerTimeoutNs = negotiateTimeoutNs
        options.proxy = proxy
        if let makeLayer { options.makeLayer = { makeLayer(broker) } }
        return options
    }
}
