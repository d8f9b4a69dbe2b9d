// How things stand between us and one broker, as a value for the screen. Only an answer proves that
// a broker lives: the kernel of a frozen one still accepts connections.
package import Transport

/// The state of the connection to one broker. Times are the loop's nanoseconds.
package struct BrokerLink: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case idle, connecting, negotiating, authenticating, ready
        /// Not tried again before this time.
        case backingOff(untilNs: UInt64)
    }

    package var id: Int32
    package var endpoint: Endpoint
    package var rack: String?
    /// False when the newest Metadata no longer names it.
    package var isListed: Bool
    /// Of the fast connection.
    package var state: State
    package var lastAnswerAtNs: UInt64?
    /// When the oldest request without an answer was sent, once one has timed out; ended by any
    /// answer, or by proof that nobody listens.
    package var silentSinceNs: UInt64?
    /// When requests began to fail after the last answer.
    package var failingSinceNs: UInt64?
    package var lastError: ClientError?
    package var requestsSent: UInt64
    package var bytesOut: UInt64
    package var bytesIn: UInt64
    /// Its answers with bytes behind their last field, which were passed over.
    package var overlongAnswers: UInt64
    package var throttledUntilNs: UInt64?
    /// How long it asked us to wait, where that was lately; nil: it did not.
    package var throttleNs: UInt64?
    /// A moving average; nil before the first answer.
    package var roundTripNs: UInt64?
    /// The least of the last minute; nil where nothing was answered in it.
    package var leastTripNs: UInt64?
    package var versions: VersionTable?
    /// How many fast connections have agreed on versions so far, those that are gone too: it grows
    /// with every new connection.
    package var negotiations: UInt64
    /// Another cluster answers at its address; nil: none that we know of.
    package var otherClusterID: String?
    /// When the first of the certificates ends that it showed on its newest fast connection, in
    /// seconds since 1970; nil where there is none.
    package var certificateEnds: Int64?
}
