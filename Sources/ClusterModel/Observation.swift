// How much of what is shown is true now: each section of a `Cluster` says when it was last
// answered, by whom, and what failed, so that a partial answer can never look like a whole one.

/// The separately observed parts of a cluster. Raw values are the names used in snapshots.
package enum Section: String, CaseIterable, Sendable {
    case metadata, brokers, topics, partitions, offsets, configs, groups
    case logDirs = "log_dirs"
    case quorum, reassignments, coordinator
}

/// What is known about one section as a whole.
package struct SectionHealth: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// Nothing asked yet, or asked and not answered yet.
        case notLoaded
        /// Being loaded for the first time; the fraction done where it is known.
        case loading(Double?)
        /// Everything that was asked was answered.
        case fresh
        /// Something was answered, something was not: `failures` of the cluster say what.
        case partial
        /// Nothing could be had; the reason in one sentence.
        case failed(String)
        /// This cluster's version or mode has no such thing; the reason in one sentence.
        case unsupported(String)
    }
    package var state: State
    /// The newest answer that went into this section.
    package var answeredAt: Instant
    /// The oldest answer that is still shown in this section.
    package var oldestAt: Instant
    /// How often each part of this section is asked again; nil while Polling has not settled it.
    /// What is older than three of these is stale.
    package var intervalSeconds: Double?

    package init(
        state: State = .notLoaded, answeredAt: Instant = .never, oldestAt: Instant = .never,
        intervalSeconds: Double? = nil
    ) {
        self.state = state
        self.answeredAt = answeredAt
        self.oldestAt = oldestAt
        self.intervalSeconds = intervalSeconds
    }
}

/// One question that was not answered, or answered with an error: a row of the snapshot's `errors`.
package struct ObservationFailure: Sendable, Equatable, Hashable {
    /// Kafka's name of the API, e.g. `ListOffsets`.
    package var api: String
    /// The broker asked; nil where no broker could be asked at all.
    package var broker: BrokerID?
    /// Kafka's error name (`CLUSTER_AUTHORIZATION_FAILED`) or our own (`TIMED_OUT`).
    package var code: String
    /// One sentence for a person.
    package var message: String
    package var section: Section

    package init(
        api: String, broker: BrokerID?, code: String, message: String, section: Section
    ) {
        self.api = api
        self.broker = broker
        self.code = code
        self.message = message
        self.section = section
    }
}
