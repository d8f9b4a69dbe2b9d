// The real observer watches simulated clusters in virtual time: the same seed gives the same
// pictures, stories run as told, and random faults never make a picture untrue.
import ClusterModel
import SimulatedCluster
import Testing
import Transport

/// What a picture says, in one number: any difference in what matters changes it.
private func digest(_ cluster: Cluster) -> [String] {
    var lines = ["\(cluster.takenAt.ns) \(cluster.totals) \(cluster.controller?.value ?? -1)"]
    for broker in cluster.brokers {
        lines.append("\(broker.id) \(broker.state) \(broker.recordsPerSecond ?? -1)")
    }
    let table = cluster.partitions
    for row in 0..<table.count {
        lines.append("\(row) \(table.leader[row]) \(table.highWatermark[row])")
    }
    lines += table.replicaLogEnd.map { "\($0)" }
    for group in cluster.groups {
        lines.append(
            "\(group.id) \(group.state ?? "") \(group.offsets?.map { $0.committed ?? -1 } ?? [])")
    }
    return lines
}

@Suite struct StoryTests {
    @Test func sameSeedSamePictures() {
        var shape = smallShape()
        shape.scenario = .brokerLost
        shape.storyAtSeconds = 10
        let first = Watched.run(shape, seconds: 40)
        let second = Watched.run(shape, seconds: 40)
        #expect(first.trace == second.trace)
        #expect(digest(first.last) == digest(second.last))
        shape.seed += 1
        #expect(Watched.run(shape, seconds: 40).trace != first.trace)
    }

    @Test func quietDayIsWell() {
        let cluster = Watched.run(smallShape(), seconds: 30).last
        #expect(cluster.brokers.count == 6)
        #expect(cluster.brokers.allSatisfy { $0.state == .answering })
        #expect(
            cluster.counts["offline", default: 0] == 0
                && cluster.counts["under_replicated", default: 0] == 0)
        #expect(cluster.totals.recordsPerSecond ?? 0 > 10_000)
        #expect(cluster.groups.count == 12)
        #expect(cluster.failures.isEmpty, "\(cluster.failures.map(\.message))")
        #expect(cluster.kafkaVersion == "4.3" && cluster.kind == .kraft)
        #expect(cluster.logDirs.count == 12)
        #expect(cluster.quorum?.voters.count == 3)
    }

    @Test func brokerLostIsSeenAndRecovers() {
        var shape = smallShape()
        shape.scenario = .brokerLost
        shape.storyAtSeconds = 10
        shape.partitions = 20
        let worst = Locked((missing: 0, under: 0, offline: 0))
        let cluster = Watched.run(
            shape, seconds: 640, refreshSeconds: 5,
            each: { cluster in
                worst.withLock { worst in
                    worst.missing = max(
                        worst.missing, cluster.brokers.filter { !$0.isListed }.count)
                    worst.under = max(worst.under, cluster.counts["under_replicated", default: 0])
                    worst.offline = max(worst.offline, cluster.counts["offline", default: 0])
                }
            }
        ).last
        let seen = worst.withLock { $0 }
        #expect(seen.missing == 1)
        #expect(seen.under > 10)
        #expect(seen.offline == 0)
        #expect(cluster.brokers.allSatisfy { $0.state == .answering })
        #expect(cluster.counts["under_replicated", default: 0] == 0)
        // The leaders are back where they belong after the controller's next balance.
        #expect(cluster.counts["wrong_leader", default: 0] == 0)
    }

    @Test func aLostRackLeavesThePartitionsUp() {
        var shape = smallShape()
        shape.scenario = .azLost
        shape.storyAtSeconds = 5
        let cluster = Watched.run(shape, seconds: 60).last
        #expect(cluster.brokers.filter { !$0.isListed }.count == 2)
        #expect(Set(cluster.brokers.filter { !$0.isListed }.compactMap(\.rack)).count == 1)
        #expect(cluster.counts["under_replicated", default: 0] > 0)
    }

    @Test func reassignmentsMoveAndEnd() {
        var shape = smallShape()
        shape.scenario = .reassignmentUnderLoad
        shape.storyAtSeconds = 5
        #expect(Watched.run(shape, seconds: 12).last.counts["moving", default: 0] > 0)
    }

    @Test func stuckGroupsAreSeen() {
        var shape = smallShape()
        shape.scenario = .stuckConsumer
        shape.storyAtSeconds = 20
        let before = Watched.run(shape, seconds: 15).last.counts["groups_stuck", default: 0]
        let after = Watched.run(shape, seconds: 140).last.counts["groups_stuck", default: 0]
        #expect(after > before)
    }

    @Test func oldReleasesAreUnderstood() {
        for release in [Release.v24, .v28, .v39] {
            var shape = smallShape()
            shape.release = release
            shape.coordination = .zookeeper
            let cluster = Watched.run(shape, seconds: 12).last
            #expect(cluster.kind == .zookeeper)
            #expect(cluster.kafkaVersion == release.rawValue)
            #expect(cluster.controller != nil)
            #expect(cluster.failures.isEmpty, "\(cluster.failures.map(\.message))")
            #expect(cluster.totals.recordsPerSecond ?? 0 > 10_000)
            // The observer found the ensemble by what the brokers say.
            #expect(cluster.coordinator.servers.compactMap(\.mode).sorted().last == "leader")
            #expect(cluster.coordinator.registrations.count == 6)
        }
    }

    @Test func aLostZooKeeperLeaderIsSeen() {
        var shape = smallShape()
        shape.scenario = .zooKeeperLeaderLost
        shape.storyAtSeconds = 10
        let leaders = Locked<[String]>([])
        let cluster = Watched.run(
            shape, seconds: 60,
            each: { cluster in
                let leader = cluster.coordinator.servers.first { $0.mode == "leader" }?.name
                guard let leader else { return }
                leaders.withLock { if $0.last != leader { $0.append(leader) } }
            }
        ).last
        #expect(
            leaders.withLock { $0 } == ["zookeeper-3.simulated:2181", "zookeeper-2.simulated:2181"])
        #expect(cluster.coordinator.servers.contains { $0.error != nil })
        #expect(cluster.counts["offline", default: 0] == 0)
    }

    /// Hours in seconds: the machine itself costs nothing while nobody asks.
    @Test func aDayRunsInSeconds() {
        var shape = smallShape()
        shape.partitions = 30
        shape.groups = 3
        shape.scenario = .brokerLost
        let cluster = Watched.run(shape, seconds: 86_400, refreshSeconds: 300).last
        #expect(cluster.takenAt.ns > 86_000 * second)
        #expect(cluster.totals.recordsPerSecond ?? 0 > 1_000)
    }
}
