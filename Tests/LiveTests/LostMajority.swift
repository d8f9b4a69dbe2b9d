// Two of three nodes killed, each controller and broker: what is told with nobody left to elect.
import ClusterModel
import Foundation
import Testing

/// What needs nothing but brokers to freeze and kill has a cluster of its own, beside the others.
extension Live.InTurn {
    @Suite(
        .serialized,
        WithCluster(
            options: .init(
                racks: "a,b,c",
                settings: [
                    "replica.lag.time.max.ms": "4000", "broker.session.timeout.ms": "10000",
                ])
        ) { cluster in try cluster.createTopics("orders", count: 3, partitions: 8) })
    struct KRaftFaults {
        /// Two of three controllers killed, brokers with them: nobody can elect, Metadata tells
        /// nothing new, and what is shown follows who answers.
        @Test func lostMajorityIsSeenByWhoAnswers() throws {
            try LostMajority(cluster: currentCluster()).check()
        }

        @Test func lagOfAFollowerIsExact() throws {
            try FollowerLag(cluster: currentCluster()).check()
        }
    }
}

/// The cluster without its quorum, on the screen and in the document, and well again.
struct LostMajority {
    let cluster: KafkaCluster

    func check() throws {
        try waitUntilWell(cluster)
        let watched = try WatchedCluster(cluster.bootstrap)
        defer { watched.end() }
        _ = try watched.wait(for: "a quorum that is well", seconds: 60) {
            $0.quorum?.voters.count == 3 && $0.survivesOneMoreLoss == true
                && $0.brokers.allSatisfy { $0.state == .answering } && unserved($0) == 0
        }
        let killed = cluster.brokers.prefix(2).map(\.id)
        let left = cluster.brokers[2].id
        for id in killed { try cluster.send("kill", to: id) }
        defer { for id in killed { try? cluster.start(id) } }
        let lost = try watched.wait(for: "no quorum", seconds: 60) { now in
            now.coordinatorHasQuorum == false && now.survivesOneMoreLoss == false
                && killed.allSatisfy { now.lostContact(with: BrokerID(Int32($0))) != nil }
                && unserved(now) > 0
        }.cluster
        for row in 0..<lost.partitions.count where lost.partitions.leader[row] >= 0 {
            let isServed = lost.partitions.leader[row] == Int32(left)
            #expect(lost.isServed(row) == isServed, "\(lost.key(ofRow: row))")
        }
        for voter in lost.quorum?.voters ?? [] where killed.contains(Int(voter.id.value)) {
            #expect(lost.takesPart(voter) == false, "voter \(voter.id)")
        }
        let coordinator = watched.screen("coordinator")
        #expect(coordinator.lowercased().contains("no quorum"), "\(coordinator)")
        try checkDocument(killed, left)
        for id in killed { try cluster.start(id) }
        _ = try watched.wait(for: "all is well again", seconds: 120) {
            $0.coordinatorHasQuorum == true && $0.survivesOneMoreLoss == true
                && unserved($0) == 0 && $0.brokers.allSatisfy { $0.state == .answering }
        }
        try waitUntilWell(cluster)
    }

    private func unserved(_ cluster: Cluster) -> Int {
        (0..<cluster.partitions.count).count { cluster.isServed($0) == false }
    }

    private func checkDocument(_ killed: [Int], _ left: Int) throws {
        let address = "\(cluster.brokers[2].host):\(cluster.brokers[2].port)"
        let taken = try Highwater.snapshot(address)
        #expect(taken.ended.exitCode == ExitCode.partial && !taken.document.complete)
        let coordinator = taken.document.coordinator
        #expect(coordinator?.survivesOneMoreLoss != true)
        let partitions = taken.document.partitions ?? []
        #expect(partitions.count > 20)
        for partition in partitions {
            if let leader = partition.leader, killed.contains(leader) {
                #expect(partition.served == false, "\(partition.id)")
            } else if partition.leader == left {
                #expect(partition.served == true, "\(partition.id)")
            }
        }
        #expect(partitions.contains { $0.served == false })
    }
}
