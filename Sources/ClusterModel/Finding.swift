// What is wrong, as values that go with the cluster: made by the rules of Health, read by screens
// and snapshots.

/// One thing that is wrong, or goes on.
package struct Finding: Sendable, Equatable {
    /// Raw values are the names in snapshots.
    package enum Severity: String, Sendable, Comparable, CaseIterable {
        case notice, warning, critical
        /// 0 is the least.
        package var rank: Int {
            switch self {
            case .notice: 0
            case .warning: 1
            case .critical: 2
            }
        }
        package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    }
    /// What lies behind a finding.
    package enum Link: Sendable, Equatable {
        case subject
        case object(ObjectID)
        /// All rows that its rule counts.
        case rows
        /// The sentence and the advice are all there is.
        case nothing
    }
    /// What a finding costs: the partitions that nobody can write, then the flow it concerns.
    package struct Cost: Sendable, Equatable, Comparable {
        package var unwritable: Int
        package var recordsPerSecond: Double
        package init(unwritable: Int = 0, recordsPerSecond: Double = 0) {
            self.unwritable = unwritable
            self.recordsPerSecond = recordsPerSecond
        }
        package static func < (a: Cost, b: Cost) -> Bool {
            a.unwritable == b.unwritable
                ? a.recordsPerSecond < b.recordsPerSecond : a.unwritable < b.unwritable
        }
    }
    /// One number that a finding rests on.
    package struct Evidence: Sendable, Equatable {
        package var name: String
        package var value: Double
        package init(_ name: String, _ value: Double) {
            self.name = name
            self.value = value
        }
        package init(_ name: String, _ value: some BinaryInteger) {
            self.init(name, Double(value))
        }
    }
    package var id: FindingID
    package var severity: Severity
    package var text: String
    /// What to do about it, in a sentence.
    package var advice: String
    package var link: Link
    /// What to press on its line in the list: the keys that do something about it, else the key
    /// that leads to where that is done; nil: there is nothing to press.
    package var key: String?
    /// When it began, where that is known; else when it was first seen.
    package var since: Instant?
    /// It was there when we began to look: `since` is not its beginning.
    package var isSinceStart = false
    package var lastSeen = Instant.never
    /// What it costs, by which findings of one severity are ordered.
    package var cost = Cost()
    /// The numbers that it rests on, by the names under which documents have them.
    package var evidence: [Evidence] = []
    /// The finding that it follows from; nil: it stands for itself.
    package var cause: FindingID?
    /// How the cluster is made rather than what has become of it: it makes no calm cluster uncalm.
    package var isStanding = false
    /// It follows from what is in maintenance, or is about it: counted and not cried.
    package var isInMaintenance = false
    /// How often it has begun while we looked; 0 until `HealthState` has dated it.
    package var count = 0

    package init(
        _ id: FindingID, _ severity: Severity, _ text: String, advice: String,
        link: Link = .subject, since: Instant? = nil
    ) {
        self.id = id
        self.severity = severity
        self.text = text
        self.advice = advice
        self.link = link
        self.since = since
    }
    package var rule: String { id.rule }
    package var subject: ObjectID { id.subject }
}

extension Cluster {
    /// The findings but for those that say how the cluster is made.
    package var concerns: [Finding] { findings.filter { !$0.isStanding } }
}

/// A partition whose leader changed while we looked.
package struct LeaderChange: Sendable, Equatable {
    package var partition: PartitionKey
    package var from: BrokerID
    package var to: BrokerID
    package var at: Instant
    package init(partition: PartitionKey, from: BrokerID, to: BrokerID, at: Instant) {
        self.partition = partition
        self.from = from
        self.to = to
        self.at = at
    }
}

extension Cluster {
    /// The most changes of leaders kept; as many may be more.
    package static let keptLeaderChanges = Limits.leaderChanges

    /// Adds changes of leaders, in the order in which they were seen; the newest are kept.
    package mutating func append(leaderChanges changes: some Collection<LeaderChange>) {
        leaderChanges.append(contentsOf: changes.suffix(Limits.leaderChanges))
        // A broker's loss changes thousands: the newest few say enough.
        if leaderChanges.count > Limits.leaderChanges {
            leaderChanges.removeFirst(leaderChanges.count - Limits.leaderChanges)
        }
    }
}
