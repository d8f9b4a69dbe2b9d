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
    /// How much of what was asked failed, where the message says it.
    package private(set) var share: FailedShare?

    package init(
        api: String, broker: BrokerID?, code: String, message: String, section: Section
    ) {
        self.api = api
        self.broker = broker
        self.code = code
        self.message = message
        self.section = section
    }

    package init(
        api: String, broker: BrokerID?, code: String, share: FailedShare, section: Section
    ) {
        self.init(
            api: api, broker: broker, code: code, message: share.sentence, section: section)
        self.share = share
    }

    /// Puts every text of it that names a thing through `change`.
    package mutating func rewrite(_ change: (String) -> String) {
        message = change(message)
        guard let old = share else { return }
        share?.before = change(old.before)
        share?.example = old.example.map(change)
        share?.after = change(old.after)
    }

    /// Takes what another request failed at by the same cause into the sentence.
    fileprivate mutating func add(_ other: ObservationFailure) {
        guard let more = other.share, var share else { return }
        share.failed += more.failed
        if let asked = share.asked, let others = more.asked { share.asked = asked + others }
        self.share = share
        message = share.sentence
    }

    /// Not asked, because the one asked had not answered before.
    fileprivate var isFollowUp: Bool { code == "SILENT" }
}

/// How many of the things that a request names failed: "2 of 60 partitions (orders-3 is one)". It
/// stands in the middle of a sentence.
package struct FailedShare: Sendable, Equatable, Hashable {
    package var before: String
    package var failed: Int
    /// How many were asked for, where that says more.
    package var asked: Int?
    package var noun: String
    /// One of those that failed.
    package var example: String?
    package var after: String

    package init(
        before: String = "", _ failed: Int, of asked: Int? = nil, _ noun: String,
        example: String? = nil, after: String
    ) {
        self.before = before
        self.failed = failed
        self.asked = asked
        self.noun = noun
        self.example = example
        self.after = after
    }

    fileprivate var sentence: String {
        let amount = asked.map { "\(failed) of \(plural($0, noun))" } ?? plural(failed, noun)
        let named = example.map { failed == 1 ? " (\($0))" : " (\($0) is one)" } ?? ""
        return before + amount + named + after
    }
}

private struct Cause: Hashable {
    var section: Section
    var api: String
    var broker: BrokerID?
    var code: String
}

extension [ObservationFailure] {
    /// One line a cause: requests of one API to one broker that failed alike are one line, however
    /// many there were; one that was not sent because an earlier one was not answered is none.
    package var oneForEachCause: [ObservationFailure] {
        var places: [Cause: Int] = [:]
        var found: [ObservationFailure] = []
        for failure in self {
            let cause = Cause(
                section: failure.section, api: failure.api, broker: failure.broker,
                code: failure.code)
            // What the ensemble does not tell is one line a path.
            if failure.api != "ZooKeeper", let place = places[cause] {
                found[place].add(failure)
            } else {
                places[cause] = found.count
                found.append(failure)
            }
        }
        let first = found
        return first.filter { failure in
            !failure.isFollowUp
                || !first.contains {
                    $0.api == failure.api && $0.broker == failure.broker && !$0.isFollowUp
                }
        }
    }
}
