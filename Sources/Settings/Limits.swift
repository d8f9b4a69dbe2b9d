// The bounds and defaults of what people may configure.

/// Bounds that keep a mistaken file from costing memory, and Kafka's own defaults.
package enum Limits {
    /// A configuration file larger than this is not one.
    package static let fileBytes = 1 << 20
    /// How long a pipe in place of a file may take to give more.
    static let pipePatienceMs: Int32 = 10_000
    /// Longest list of bootstrap servers that is kept.
    package static let bootstrapServers = 256
    /// The port a broker listens on when none is written.
    package static let defaultPort: UInt16 = 9092
    /// Of `request.timeout.ms` and `socket.connection.setup.timeout.ms`.
    package static let timeoutMsRange = 1...3_600_000
    /// How often the console asks, in milliseconds, unless an option or a file says otherwise.
    package static let refreshMs = 2_000
    package static let refreshMsRange = 500...3_600_000
    /// Types of key stores; a store's own content tells JKS from PKCS12, as in Java.
    package static let storeTypes = ["JKS", "PKCS12", "PEM"]
    /// SASL mechanisms that are spoken.
    static let mechanisms = [
        "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM",
    ]
    /// A name further away than this is no help as a hint.
    static let hintDistance = 3
}
