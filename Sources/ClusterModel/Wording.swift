// The wording of what brokers are and how much there is of a thing: one place for screens, findings
// and snapshots.

/// "1 partition", "2,014 partitions".
package func plural(_ count: Int, _ noun: String) -> String {
    "\(NumberFormat.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

extension Broker.State {
    /// The state's name in snapshots and filters.
    package var name: String {
        switch self {
        case .unknown: "unknown"
        case .answering: "answering"
        case .slow: "slow"
        case .throttled: "throttled"
        case .silent: "silent"
        case .unreachable: "unreachable"
        case .missing: "missing"
        case .fenced: "fenced"
        }
    }

    /// Since when it is so; nil for states that have no beginning.
    package var since: Instant? {
        switch self {
        case .silent(let moment), .unreachable(let moment, _), .missing(let moment),
            .fenced(let moment):
            moment
        case .unknown, .answering, .slow, .throttled: nil
        }
    }

    /// The state in a word or two, for a column: "ok", "slow 2 s", "silent".
    package var label: String {
        switch self {
        case .unknown: "not asked yet"
        case .answering: "ok"
        case .slow(let seconds): "slow \(NumberFormat.duration(seconds))"
        case .throttled(let seconds): "throttled \(NumberFormat.duration(seconds))"
        default: name
        }
    }

    /// What the broker does, behind its name: "answers nothing".
    package var predicate: String {
        switch self {
        case .unknown: "has not been asked yet"
        case .answering: "answers"
        case .slow(let seconds): "answers slowly (\(NumberFormat.duration(seconds)))"
        case .throttled(let seconds):
            "throttles this client (\(NumberFormat.duration(seconds)) between answers)"
        case .silent: "answers nothing"
        case .unreachable(_, let why): "cannot be reached (\(why))"
        case .missing: "has left the cluster"
        case .fenced: "is fenced by the controller"
        }
    }

    /// What it has done for a while, behind its name; `age` is that while: "has been silent for
    /// 12 s".
    package func predicate(for age: String?) -> String {
        let age = age.map { " for \($0)" } ?? ""
        return switch self {
        case .unknown, .answering: predicate
        case .slow(let seconds): "takes \(NumberFormat.duration(seconds)) to answer"
        case .throttled(let seconds):
            "makes this client wait \(NumberFormat.duration(seconds)) between answers"
        case .silent: "has been silent\(age)"
        case .unreachable(_, let why): "cannot be reached\(age): \(why)"
        case .missing: "has been missing from the cluster\(age)"
        case .fenced: "has been fenced\(age)"
        }
    }

    /// The code of a snapshot's error about a broker in this state.
    package var errorCode: String {
        switch self {
        case .silent: "TIMED_OUT"
        case .unreachable: "UNREACHABLE"
        case .missing, .fenced: "BROKER_NOT_AVAILABLE"
        case .throttled: "THROTTLED"
        case .unknown, .answering, .slow: "UNKNOWN"
        }
    }
}

extension Broker {
    /// Why a snapshot lacks what only this broker knows, in a sentence.
    package func illness(at now: Instant) -> String {
        func ago(_ since: Instant) -> String {
            "for \(Int(min(1e9, max(0, now.seconds(since: since))))) s"
        }
        return switch state {
        case .silent(let since): "Broker \(id) has answered nothing \(ago(since))."
        case .unreachable(let since, let why):
            "Broker \(id) cannot be reached \(ago(since)): \(why)."
        case .missing: "Broker \(id) holds replicas and is not among the live brokers."
        case .fenced: "Broker \(id) is fenced by the controller."
        case .throttled(let seconds):
            "Broker \(id) makes this client wait \(NumberFormat.duration(seconds)) between answers."
        case .unknown, .answering, .slow: "Broker \(id) is not well."
        }
    }
}

extension Section {
    /// Kafka's name of the API that is asked for it, by the kind of the cluster.
    package func api(of kind: CoordinatorKind?) -> String {
        switch self {
        case .metadata, .brokers, .topics, .partitions: "Metadata"
        case .offsets: "ListOffsets"
        case .configs: "DescribeConfigs"
        case .groups: "ListGroups"
        case .logDirs: "DescribeLogDirs"
        case .quorum: "DescribeQuorum"
        case .reassignments: "ListPartitionReassignments"
        case .coordinator:
            switch kind {
            case .zookeeper: "ZooKeeper"
            case .kraft: "DescribeQuorum"
            case nil: "Metadata"
            }
        }
    }

    /// The section in words an operator uses.
    package var noun: String {
        switch self {
        case .metadata: "what the cluster consists of"
        case .brokers: "brokers"
        case .topics: "topics"
        case .partitions: "partitions"
        case .offsets: "offsets"
        case .configs: "topic configs"
        case .groups: "consumer groups"
        case .logDirs: "log directories"
        case .quorum: "the controller quorum"
        case .reassignments: "moving partitions"
        case .coordinator: "the coordinator"
        }
    }
}

/// How full a volume is, by the two limits that count.
package enum VolumeFill: Int, Comparable, Sendable {
    case roomy, full, critical
    package init(_ usedFraction: Double, _ thresholds: Thresholds) {
        self =
            usedFraction > thresholds[.volumeCritical]
            ? .critical : usedFraction > thresholds[.volumeFull] ? .full : .roomy
    }
    package static func < (a: VolumeFill, b: VolumeFill) -> Bool { a.rawValue < b.rawValue }
}

extension LogDir {
    /// When its volume is full, in whole hours or days: "19 d"; nil where that is not known or more
    /// than a year away.
    package var fillsIn: String? {
        guard let seconds = secondsToFull, seconds >= 0, seconds < 366 * 86_400 else { return nil }
        if seconds < 3_600 { return "< 1 h" }
        return seconds < 2 * 86_400
            ? "\(Int(seconds / 3_600)) h" : "\(Int(seconds / 86_400)) d"
    }

    /// nil where the broker does not report its volumes.
    package func fill(_ thresholds: Thresholds) -> VolumeFill? {
        usedFraction.map { VolumeFill($0, thresholds) }
    }
}
