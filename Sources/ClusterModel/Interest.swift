// What a person is looking at, so that Polling asks for that first and most often.

/// The visible part of the cluster. The screens make it, Polling reads it; everything else is swept
/// at leisure within the request budget. An empty interest is a screen of sums only.
package struct Interest: Equatable, Sendable {
    /// Topics whose partitions are in view, by name.
    package var topics: [String] = []
    /// Partitions in view; their history is kept while they are (`History.Subject.partition`).
    package var partitions: [PartitionKey] = []
    /// Groups in view, by id: members and offsets are read first for these.
    package var groups: [String] = []
    /// Brokers in view by themselves (a broker's own screen).
    package var brokers: [BrokerID] = []
    /// Topics whose configs are in view, by name.
    package var configs: [String] = []
    /// What all configs are in view of: a topic, a broker or, as `.cluster`, all brokers.
    package var configDetails: ObjectID?
    /// The screen orders all replicas of the cluster by lag: every replica end offset matters.
    package var wantsAllReplicas = false
    /// The screen orders all groups by lag: every group's offsets matter.
    package var wantsAllGroups = false
    /// Sizes are in view: log directories matter.
    package var wantsSizes = false
    /// The coordinator is in view: its servers and voters matter.
    package var wantsCoordinator = false

    package init() {}
}
