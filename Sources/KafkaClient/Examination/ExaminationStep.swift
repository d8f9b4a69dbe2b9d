// What an examination of a server finds, step by step, as plain values.
package import Transport

/// One step on the way to a server, in the order in which a connection is made.
package struct ExaminationStep: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The name is looked up.
        case resolve
        case dial
        /// A proxy opens the way.
        case proxy
        case tls
        /// ApiVersions: the first answer of a broker.
        case versions
        case login
        /// Metadata without topics: the cluster's id and its brokers.
        case metadata
        /// Who answers is whom we mean.
        case identity
    }

    package enum Outcome: String, Hashable, Sendable {
        case done, failed
        /// Not tried; the text says why.
        case skipped
    }

    package var kind: Kind
    package var outcome: Outcome
    /// What was found, without a full stop.
    package var text: String
    /// What to do, whole sentences; empty where nothing is.
    package var advice: String
    /// A stable name of what failed; nil where nothing did.
    package var code: ClientError.Code?
    /// How long it took; nil where that was not measured.
    package var tookNs: UInt64?

    init(
        _ kind: Kind, _ outcome: Outcome, _ text: String, advice: String = "",
        code: ClientError.Code? = nil, tookNs: UInt64? = nil
    ) {
        self.kind = kind
        self.outcome = outcome
        self.text = printable(text)
        self.advice = printable(advice)
        self.code = code
        self.tookNs = tookNs
    }
}

/// What was found at one address of the settings, or of one broker.
package struct ExaminedServer: Hashable, Sendable {
    /// As the settings or the cluster name it.
    package var endpoint: Endpoint
    /// Where that is really reached; the same where no map says otherwise.
    package var dialled: Endpoint
    /// Nil for an address of the settings.
    package var brokerID: Int32?
    package var rack: String?
    package var steps: [ExaminationStep] = []
    package var protection: Protection?
    package var versions: VersionTable?
    package var clusterID: String?
    /// Brokers as this server lists them; empty where it was not asked, or did not answer.
    package var brokers: [BrokerAddress] = []

    /// What ended it; nil where the server can be used. An address of several that does not answer
    /// ends nothing.
    package var failure: ExaminationStep? {
        guard let last = steps.last(where: { $0.outcome != .skipped }), last.outcome == .failed
        else { return nil }
        return last
    }

    /// It answered Metadata, and is whom we mean.
    package var isUsable: Bool {
        failure == nil && steps.contains { $0.kind == .metadata && $0.outcome == .done }
    }
}
