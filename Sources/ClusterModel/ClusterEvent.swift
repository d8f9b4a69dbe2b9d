// One thing that happened to the cluster, as values: what it is about and what changed from what to
// what. The sentence is made of them where one is shown or written (`EventText.swift`).

/// One thing that happened.
package struct ClusterEvent: Sendable, Equatable {
    /// Raw values are the names in snapshots.
    package enum Kind: String, CaseIterable, Sendable {
        /// A controller was elected, or the cluster lost the one it had.
        case election
        /// A broker registered or its registration went away.
        case registration
        /// Partitions got other leaders, or lost them.
        case leadership
        case isr
        case config
        case topic
        case reassignment
        /// A ZooKeeper server or a voter changed its role, or our own session its state.
        case coordinator
    }

    /// Who holds or held the controller's office.
    package enum Office: Sendable, Equatable {
        case broker
        /// A KRaft controller to which a cluster on ZooKeeper is being migrated.
        case migration
        case voter
    }

    /// What changed. No leader and no controller are `BrokerID.none`.
    package enum Change: Sendable, Equatable {
        // Elections; about `.controller`.
        /// `before` is nil where that is not known; `missed` are elections nobody saw.
        case elected(
            BrokerID, as: Office, epoch: Int32? = nil, before: BrokerID? = nil, missed: Int32 = 0)
        case controllerLost(before: BrokerID?, as: Office)

        // Registrations; about a broker.
        case joined
        case left
        case registered(again: Bool)
        case unregistered

        // Leaders and in-sync replicas; of one partition, or as sums of one broker.
        case leader(from: BrokerID, to: BrokerID, epoch: Int32?)
        /// Of `count` partitions, `without` have no leader now.
        case leadersLost(count: Int, without: Int)
        case leadersGained(count: Int)
        case inSync(from: [BrokerID], to: [BrokerID])
        case fellOutOfSync(count: Int)
        case backInSync(count: Int)

        // Moves; of one partition, or as sums of the cluster.
        case moveBegan(adding: [BrokerID], removing: [BrokerID])
        case moveEnded
        case movesBegan(count: Int)
        case movesEnded(count: Int)

        // Configs; about a topic or an entity. nil is no override.
        case config(key: String, from: String?, to: String?)
        /// All overrides of a topic whose overrides were not known before, in order of names.
        case overridesRead([ConfigOverride])
        /// Names of all overrides an entity has now; some values are secrets.
        case overridesChanged([String])

        // Topics.
        case created
        case deleted
        /// Deleted and made again under the same name, between two looks.
        case madeAnew
        /// Numbers of partitions.
        case grew(from: Int, to: Int)

        // The coordinator; about the ensemble, a server or a voter.
        case stoppedServing
        case servesAgain(mode: String?)
        case mode(from: String, to: String)
        case sessionLost(why: String)
        case sessionReadOnly(server: String)
        case sessionRestored(server: String)
        case sessionExpired
        case voterAdded
        case voterRemoved
        case stoppedFetching
        case fetchesAgain
    }

    /// Grows by one with every event of a log.
    package internal(set) var number: UInt64 = 0
    package var at: WallTime
    /// When we learned of it.
    package var seenAt: Instant
    /// `at` is the cluster's own time (a znode's, a record's), not the moment we saw the change.
    package var isExact: Bool
    package var subject: ObjectID
    package var change: Change
    /// Who reported it: `Metadata`, `DescribeQuorum`, a znode's path.
    package var source: String

    package init(
        at: WallTime, seenAt: Instant, isExact: Bool = false, subject: ObjectID, change: Change,
        source: String
    ) {
        self.at = at
        self.seenAt = seenAt
        self.isExact = isExact
        self.subject = subject
        self.change = change
        self.source = source
    }

    package var kind: Kind {
        switch change {
        case .elected, .controllerLost: .election
        case .joined, .left, .registered, .unregistered: .registration
        case .leader, .leadersLost, .leadersGained: .leadership
        case .inSync, .fellOutOfSync, .backInSync: .isr
        case .moveBegan, .moveEnded, .movesBegan, .movesEnded: .reassignment
        case .config, .overridesRead, .overridesChanged: .config
        case .created, .deleted, .madeAnew, .grew: .topic
        case .stoppedServing, .servesAgain, .mode, .sessionLost, .sessionReadOnly, .sessionRestored,
            .sessionExpired, .voterAdded, .voterRemoved, .stoppedFetching, .fetchesAgain:
            .coordinator
        }
    }

    /// Something was lost by it: shown with a mark.
    package var isLoss: Bool {
        switch change {
        case .leader(_, let to, _): !to.exists
        case .inSync(let from, let to): from.contains { !to.contains($0) }
        case .controllerLost, .left, .unregistered, .leadersLost, .fellOutOfSync, .deleted,
            .madeAnew,
            .stoppedServing, .sessionLost, .sessionReadOnly, .sessionExpired, .voterRemoved,
            .stoppedFetching:
            true
        default: false
        }
    }
}
