// The KRaft quorum on real controllers: who leads it, and who follows when one is lost.
import ClusterModel
import Foundation
import KafkaWire
import Testing

extension Live.KRaft {
    @Test func coordinatorEqualsTheQuorum() throws {
        let cluster = try currentCluster()
        let taken = try Highwater.snapshot(cluster.bootstrap, "--sections", "coordinator")
        #expect(taken.ended.exitCode == ExitCode.complete)
        let told = try #require(taken.document.coordinator)
        let quorum = try cluster.describeQuorum()
        #expect(told.kind == "kraft")
        #expect(told.controllerId == quorum.leader && told.controllerEpoch == quorum.leaderEpoch)
        #expect(told.voters?.count == 3 && told.survivesOneMoreLoss == true)
        #expect(told.voters?.first { $0.role == "leader" }?.id == quorum.leader)
        #expect(told.servers.isEmpty && told.registrations.count == 3)
    }

    /// By way of an address map: the active controller stands still, then the next one is killed,
    /// and the quorum tells of those that follow. The one that was killed is a broker too: it is
    /// missing, and the rest is there.
    @Test func lostControllersAreFollowedByTheQuorum() throws {
        let cluster = try currentCluster()
        try waitUntilWell(cluster)
        let detours = try Detours(to: cluster.controllerPorts)
        defer { detours.end() }
        let watched = try WatchedCluster(cluster.bootstrap, map: detours.dial)
        defer { watched.end() }
        let before = try watched.wait(for: "the quorum", seconds: 20) {
            $0.quorum?.voters.count == 3 && $0.survivesOneMoreLoss == true
                && $0.coordinator.highWatermarkPerSecond != nil
        }.cluster
        #expect(before.coordinator.controllers.count == 3)
        #expect(
            before.coordinator.features.contains {
                $0.name == "metadata.version" && ($0.finalized ?? 0) >= 30
            })
        #expect(detours.used == [])
        let frozen = try #require(before.controller)
        try freezeController(cluster, watched)
        // The controllers' addresses are mapped as the brokers' are.
        #expect(detours.used.isSuperset(of: controllerPorts(before, without: frozen)))
        let old = try #require(watched.newest.controller)
        let others = controllerPorts(watched.newest, without: old)
        let well = try Highwater.snapshot(cluster.bootstrap).document
        try cluster.send("kill", to: Int(old.value))
        try checkElection(watched, after: old, at: waitForElection(others, after: old))
        #expect(watched.newest.survivesOneMoreLoss == false)
        try checkRest(
            cluster, without: Int(old.value), Illness(broker: Int(old.value), before: well))
        try cluster.start(Int(old.value))
        try waitUntilWell(cluster)
    }

    private func checkRest(_ cluster: KafkaCluster, without killed: Int, _ illness: Illness) throws
    {
        // For a while the others still list it, and it leads what it led.
        let first = try Highwater.snapshot(cluster.bootstrap)
        #expect(first.ended.seconds < Illness.limitSeconds)
        illness.check(first, states: ["unreachable", "missing", "fenced"])
        // Then its leaderships move, its groups are loaded elsewhere, and only its own replicas
        // are unknown. Any broker may be asked, and each learns of it in its own time: what is
        // checked is the snapshot that was waited for.
        let states: Set<String> = ["missing", "fenced"]
        var found: Highwater.Snapshot?
        try waitUntil("all led by live brokers that have loaded their groups", seconds: 120) {
            let taken = try Highwater.snapshot(cluster.bootstrap)
            let now = taken.document
            let isOver =
                now.errors.allSatisfy { $0.broker == killed }
                && (now.partitions ?? []).allSatisfy {
                    ($0.leader ?? -1) > 0 && $0.leader != killed
                }
                && (now.brokers ?? []).contains { $0.id == killed && states.contains($0.state) }
            if isOver { found = taken }
            return isOver
        }
        let second = try #require(found)
        #expect(second.ended.seconds < Illness.limitSeconds)
        illness.check(second, states: states)
        let ends = (second.document.partitions ?? []).map(\.logEndOffset)
        #expect(!ends.isEmpty && !ends.contains(nil))
    }

    /// Brokers wait 30 s for a controller that stands still; the others are asked themselves.
    private func freezeController(_ cluster: KafkaCluster, _ watched: WatchedCluster) throws {
        let old = try #require(watched.newest.controller)
        let others = controllerPorts(watched.newest, without: old)
        try cluster.send("stop", to: Int(old.value))
        defer { try? cluster.send("cont", to: Int(old.value)) }
        try checkElection(watched, after: old, at: waitForElection(others, after: old))
        #expect(watched.newest.survivesOneMoreLoss == false)
        #expect(!watched.newest.failures.contains { $0.api == "DescribeQuorum" })
        try cluster.send("cont", to: Int(old.value))
        _ = try watched.wait(for: "it votes again", seconds: 30) {
            $0.survivesOneMoreLoss == true && $0.brokers.allSatisfy { $0.state == .answering }
        }
    }

    private func controllerPorts(_ cluster: Cluster, without gone: BrokerID) -> [UInt16] {
        cluster.coordinator.controllers.filter { $0.id != gone }
            .compactMap { $0.endpoints.first?.split(separator: ":").last.flatMap { UInt16($0) } }
    }

    /// The truth: when a controller began to say that it leads, in seconds since 1970.
    private func waitForElection(_ ports: [UInt16], after old: BrokerID) throws -> Double {
        try #require(ports.count == 2)
        let controllers = ports.map { RawBroker(port: $0) }
        var partition = DescribeQuorumRequest.Partition()
        partition.partitionIndex = 0
        var topic = DescribeQuorumRequest.Topic()
        topic.topicName = "__cluster_metadata"
        topic.partitions = [partition]
        var request = DescribeQuorumRequest()
        request.topics = [topic]
        var electedAt: Double?
        try waitUntil("a controller that leads", seconds: 40, every: 0.05) {
            for controller in controllers {
                let told = try controller.ask(request, version: 2)?.topics.first?.partitions.first
                if let told, !told.error.isError, told.leaderID != old.value {
                    electedAt = Date().timeIntervalSince1970
                }
            }
            return electedAt != nil
        }
        return electedAt ?? 0
    }

    private func checkElection(
        _ watched: WatchedCluster, after old: BrokerID, at electedAt: Double
    ) throws {
        let shown = try watched.wait(for: "the new controller", seconds: grantedSeconds + 5) {
            $0.controller?.exists == true && $0.controller != old
        }
        let late = shown.at - electedAt
        #expect(late < grantedSeconds, "shown \(late) s after the election")
        if late > promisedSeconds {
            print("the election was shown after \(late) s: a loaded machine")
        }
        let election = try #require(
            shown.cluster.events.events.last { $0.kind == .election && !$0.isLoss })
        #expect(election.source == "DescribeQuorum")
    }
}
