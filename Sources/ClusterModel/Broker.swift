// Brokers and the volumes they store logs on.

/// One broker as the cluster lists it and as our own connection to it behaves.
package struct Broker: Sendable, Equatable {
    /// How the broker answers our own requests, and whether the cluster lists it. Operators must be
    /// able to distinguish these states (design.md, "When part of the cluster is ill").
    package enum State: Sendable, Equatable {
        /// Not asked anything yet.
        case unknown
        case answering
        /// Answers, but later than half the request time-out; the round trip in seconds.
        case slow(Double)
        /// Answers, and asks us to wait so many seconds before we ask again: a quota applies.
        case throttled(Double)
        /// Accepts connections or requests and answers nothing.
        case silent(since: Instant)
        /// Connecting fails (refused, unreachable, name not found); why, in a few words.
        case unreachable(since: Instant, why: String)
        /// Named in replica lists, absent from the cluster's list of live brokers.
        case missing(since: Instant)
        /// Registered with the KRaft controller but fenced.
        case fenced(since: Instant)
    }
    package var id: BrokerID
    package var endpoint: String
    package var host: String
    package var port: Int32
    package var rack: String?
    package var state: State
    /// The newest answer of this broker to anything.
    package var answeredAt: Instant
    package var roundTripSeconds: Double?
    /// Requests we sent it over the last refreshes, per second.
    package var requestsPerSecond: Double
    package var throttledUntil: Instant
    /// Its answers so far with bytes behind their last field: those bytes were passed over.
    package var overlongAnswers: UInt64
    /// Whether the newest Metadata answer lists the broker as alive, and since when it does not.
    package var isListed: Bool
    package var unlistedSince: Instant
    /// Registered but fenced, where the cluster says so (DescribeCluster, KRaft 4.0+).
    package var isFenced: Bool
    /// The release that the APIs it serves show, e.g. "4.3"; nil unknown.
    package var release: String?
    /// When the certificate that it showed us ends, or the first of those behind it, in seconds
    /// since 1970; nil where there is none or its date cannot be read.
    package var certificateEnds: Int64?

    /// Counts and sums over partitions, filled by `Cluster.summarise()`.
    package var leaderCount: Int
    package var preferredLeaderCount: Int
    package var replicaCount: Int
    /// Replicas on this broker that should be in sync and are not.
    package var underReplicatedCount: Int
    /// Records a second into the partitions this broker leads; nil while unknown.
    package var recordsPerSecond: Double?
    package var bytesPerSecond: Double?
    /// Of `leaderCount` partitions, how many have no fresh rate.
    package var staleRateCount: Int
    /// The rates may be wrong by more than a sure one.
    package var isRateUnsure: Bool
    /// The worst lag in records of any replica on this broker; nil while none is known.
    package var worstReplicaLag: Int64?
    package var sizeBytes: Int64?

    package init(id: BrokerID, host: String = "", port: Int32 = -1, rack: String? = nil) {
        self.id = id
        self.host = host
        self.port = port
        self.rack = rack
        endpoint = host.isEmpty ? "" : host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        state = .unknown
        answeredAt = .never
        roundTripSeconds = nil
        requestsPerSecond = 0
        overlongAnswers = 0
        throttledUntil = .never
        isListed = true
        unlistedSince = .never
        isFenced = false
        leaderCount = 0
        preferredLeaderCount = 0
        replicaCount = 0
        underReplicatedCount = 0
        recordsPerSecond = nil
        bytesPerSecond = nil
        staleRateCount = 0
        isRateUnsure = false
        worstReplicaLag = nil
        sizeBytes = nil
    }

    /// True where questions to this broker are being answered.
    package var isAnswering: Bool {
        switch state {
        case .answering, .slow, .throttled: true
        default: false
        }
    }
    /// True where the broker is certainly not well: shown, counted and named in the footer.
    package var isIll: Bool {
        switch state {
        case .silent, .unreachable, .missing, .fenced: true
        default: false
        }
    }
}

/// One log directory of one broker (DescribeLogDirs), with its volume where brokers report it
/// (3.3+).
package struct LogDir: Sendable, Equatable {
    package var broker: BrokerID
    package var path: String
    /// Kafka's error code for the directory (56 = offline), 0 when well.
    package var errorCode: Int16
    /// Bytes of the volume and of what is free on it; nil before Kafka 3.3 or when unknown. Two
    /// directories may share one volume and then report the same numbers: never add them blindly.
    package var totalBytes: Int64?
    package var usableBytes: Int64?
    /// Bytes of all replicas in this directory.
    package var sizeBytes: Int64
    package var replicaCount: Int
    package var answeredAt: Instant
    /// Seconds until its volume is full if it goes on filling as it did, infinite where it does
    /// not; nil: not watched for long enough. Worked out by Health.
    package var secondsToFull: Double?

    package init(
        broker: BrokerID, path: String, errorCode: Int16 = 0, totalBytes: Int64? = nil,
        usableBytes: Int64? = nil, sizeBytes: Int64 = 0, replicaCount: Int = 0,
        answeredAt: Instant = .never
    ) {
        self.broker = broker
        self.path = path
        self.errorCode = errorCode
        self.totalBytes = totalBytes
        self.usableBytes = usableBytes
        self.sizeBytes = sizeBytes
        self.replicaCount = replicaCount
        self.answeredAt = answeredAt
    }

    /// Used share of the volume, 0...1.
    package var usedFraction: Double? {
        guard let total = totalBytes, let usable = usableBytes, total > 0 else { return nil }
        // Both are the broker's word: no difference of them may overflow.
        return min(1, max(0, 1 - Double(usable) / Double(total)))
    }
}
