// The bounds and defaults of what people may configure.

/// Bounds that keep a mistaken file from costing memory, and Kafka's own defaults.
package enum Limits {
    /// A configuration file larger than this is not one.
    package static let fileBytes = 1 << 20
    /// Longest list of bootstrap servers that is kept.
    package static let bootstrapServers = 256
    /// The port a broker listens on when none is written.
    package static let defaultPort: UInt16 = 9092
    /// Kafka's `request.timeout.ms` of the admin client.
    package static let requestTimeoutMs = 30_000
    /// Kafka's `socket.connection.setup.timeout.ms`.
    package static let connectTimeoutMs = 10_000
    /// Kafka's `connections.max.idle.ms` of the clients.
    package static let idleTimeoutMs = 540_000
    /// The picture's refresh interval unless someone says otherwise.
    package static let refreshMs = 2_000
    package static let refreshMsRange = 1_000...3_600_000
    /// A name further away than this is no help as a hint.
    static let hintDistance = 3
}
