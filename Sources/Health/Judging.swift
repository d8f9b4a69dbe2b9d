// By what the rules judge besides the cluster: what a site has set, and what is being worked on.

package import ClusterModel

/// What a session brings along for the rules.
package struct Judging: Sendable {
    package var thresholds: Thresholds
    /// What is in maintenance of the cluster of this id, as it is written down now.
    package var maintenance: @Sendable (_ clusterID: String) -> Maintenance

    package init(
        _ thresholds: Thresholds = .standard,
        maintenance: @escaping @Sendable (_ clusterID: String) -> Maintenance = { _ in
            Maintenance()
        }
    ) {
        self.thresholds = thresholds
        self.maintenance = maintenance
    }

    /// Gives the cluster what its rules read.
    package func prepare(_ cluster: inout Cluster) {
        cluster.thresholds = thresholds
        cluster.maintenance =
            cluster.clusterID.map { maintenance($0).active(at: cluster.takenAtWall) }
            ?? Maintenance()
    }
}
