// How to reach a cluster: the value the client works from, resolved from options, environment,
// context and client.properties.

/// Kafka's `security.protocol`.
package enum SecurityProtocol: String, CaseIterable, Sendable {
    case plaintext = "PLAINTEXT"
    case ssl = "SSL"
    case saslPlaintext = "SASL_PLAINTEXT"
    case saslSSL = "SASL_SSL"

    package var hasSASL: Bool { self == .saslPlaintext || self == .saslSSL }
    package var hasTLS: Bool { self == .ssl || self == .saslSSL }

    /// In either dialect: upper case in Java, lower case in librdkafka.
    package init?(parsing text: String) {
        self.init(rawValue: text.uppercased())
    }
}

/// Everything needed to speak to one cluster. Interpolating it prints no secret.
package struct ConnectionSettings: Equatable, Sendable {
    /// In the order written, without duplicates; never empty once resolved.
    package var bootstrap: [HostPort]
    package var securityProtocol: SecurityProtocol
    /// `client.id`; brokers log it and quota by it.
    package var clientID: String
    /// `request.timeout.ms`: the longest that a response is waited for; nil: not set.
    package var requestTimeout: Duration?
    /// `socket.connection.setup.timeout.ms`, for one address; nil: not set.
    package var connectTimeout: Duration?
    /// `connections.max.idle.ms`; nil: not set, or -1, which never closes a connection.
    package var idleTimeout: Duration?
    /// No request that could change the cluster is ever sent.
    package var isReadOnly: Bool
    /// Every change asks for the cluster's name.
    package var isProduction = false
    /// The cluster id a context pins: another cluster's answer is a mismatch.
    package var expectedClusterID: String?
    /// `zookeeper.connect` of the cluster, as written.
    package var zookeeper: String?
    /// Where advertised addresses are really reached.
    package var addressMap = AddressMap()
    package var proxy: ProxySettings?
    package var tls: TLSSettings
    /// Nil unless `security.protocol` is one with SASL.
    package var sasl: SASLLogin?
    /// `highwater.password.command`: prints the password of the login; nil: not set.
    package var passwordCommand: String?
    /// How the ensemble is reached, which has settings of its own.
    package var zookeeperSecurity = ZooKeeperSecurity()
    /// Settings that were understood but cannot be honoured, as sentences.
    package var refusals: [String]

    package init(
        bootstrap: [HostPort], securityProtocol: SecurityProtocol = .plaintext,
        clientID: String = "highwater",
        isReadOnly: Bool = false, expectedClusterID: String? = nil, zookeeper: String? = nil,
        tls: TLSSettings = TLSSettings(), sasl: SASLLogin? = nil,
        refusals: [String] = []
    ) {
        self.bootstrap = bootstrap
        self.securityProtocol = securityProtocol
        self.clientID = clientID
        self.isReadOnly = isReadOnly
        self.expectedClusterID = expectedClusterID
        self.zookeeper = zookeeper
        self.tls = tls
        self.sasl = sasl
        self.refusals = refusals
    }

    /// Why this version cannot connect with these settings, in one sentence; nil when it can.
    package var refusal: String? { refusals.first }
}

/// The `ssl.*` keys of both dialects, as written.
package struct TLSSettings: Equatable, Sendable {
    /// `ssl.truststore.location`, `ssl.ca.location`.
    package var trustStoreLocation: String?
    /// JKS, PKCS12 or PEM, upper case.
    package var trustStoreType: String?
    package var trustStorePassword: Secret?
    /// `ssl.truststore.certificates`, `ssl.ca.pem`: PEM text.
    package var trustStoreCertificates: String?
    /// `ssl.keystore.location`, `ssl.certificate.location`.
    package var keyStoreLocation: String?
    package var keyStoreType: String?
    package var keyStorePassword: Secret?
    /// `ssl.keystore.certificate.chain`, `ssl.certificate.pem`: PEM text.
    package var certificateChain: String?
    /// `ssl.keystore.key`, `ssl.key.pem`: PEM text.
    package var key: Secret?
    /// `ssl.key.location` (librdkafka).
    package var keyLocation: String?
    package var keyPassword: Secret?
    /// False when `ssl.endpoint.identification.algorithm` is empty or `none`.
    package var checksHostName = true
    /// False when librdkafka's `enable.ssl.certificate.verification` is false.
    package var checksCertificate = true

    package init() {}
}

/// The keys by which brokers reach ZooKeeper (`zookeeper.ssl.*`), and ours for who we are there.
package struct ZooKeeperSecurity: Equatable, Sendable {
    /// Nil unless `zookeeper.ssl.client.enable` is true.
    package var tls: TLSSettings?
    /// `highwater.zookeeper.auth`: USER:PASSWORD for the digest scheme.
    package var auth: Secret?
    /// `highwater.zookeeper.sasl.username`, `.password`: a DIGEST-MD5 login.
    package var saslUsername: String?
    package var saslPassword: Secret?

    package init() {}
}
