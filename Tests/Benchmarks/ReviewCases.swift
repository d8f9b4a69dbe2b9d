// How soon the largest changes stand before their operator: from what was asked for to the frame.
import ClusterModel
import Operations
import Planning
import Screens

extension Cases {
    static func reviews(_ report: inout Report) {
        var cluster = Huge.cluster
        cluster.clusterID = "benchmark"
        let step = max(1, cluster.partitions.count / Size.reviewedElections)
        for number in 0..<Size.reviewedElections {
            let row = number * step
            let replicas = cluster.partitions.replicas(of: row)
            cluster.partitions.leader[row] =
                cluster.partitions.replicaBroker[
                    min(replicas.lowerBound + 1, replicas.upperBound - 1)]
        }
        let topics = cluster.topics.prefix(Size.reviewedTopics).map(\.name)
        for index in topics.indices {
            cluster.setOverrides(
                [ConfigOverride(name: "retention.ms", value: "\(index)")], topic: index,
                minInsyncReplicas: 2)
        }
        open(
            "review of \(Size.reviewedElections) elections",
            ChangeRequest(PreferredElection.kind, of: [.cluster]), cluster, &report)
        open(
            "review of \(topics.count) topics' configs",
            ChangeRequest(
                ConfigAlteration.kind, of: topics.map { .topic($0) },
                values: [
                    .init("retention.ms", "604800000"), .init("max.message.bytes", "2000000"),
                ]),
            cluster, &report)
    }

    /// The proposal, its review, and the frame that shows it.
    private static func open(
        _ name: String, _ request: ChangeRequest, _ cluster: Cluster, _ report: inout Report
    ) {
        let session = Session(cluster, command: "partitions")
        guard let proposal = propose(request, in: cluster) else { return }
        let spent = best(of: 10) {
            var screens = session.screens
            if let proposal = propose(request, in: cluster) {
                _ = screens.update(.proposed(request, proposal))
            }
            return screens.render()
        }
        report.time("\(name) opens", spent.seconds, budget: Budget.review)
        var screens = session.screens
        _ = screens.update(.proposed(request, proposal))
        let next = best(of: 10) { screens.render() }
        report.time("\(name), each frame", next.seconds, budget: Budget.frame)
        report.number(
            "\(name), what it changes", Double(proposal.change.differences.count))
    }
}
