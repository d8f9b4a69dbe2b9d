// New partitions go over all racks, and first to the brokers that lead least.

import ClusterModel
import Planning
import Testing

@testable import Operations

@Suite struct PlacementTests {
    /// Brokers with these racks; nobody has anything yet.
    private func placement(_ racks: [String?]) -> Placement {
        var cluster = Cluster()
        for (index, rack) in racks.enumerated() {
            var broker = Broker(id: BrokerID(Int32(index + 1)))
            broker.rack = rack
            cluster.brokers.append(broker)
        }
        return Placement(cluster)
    }

    @Test(arguments: [
        ["a", "a", "b", "b", "c", "c"], ["a", "b", "c"], ["a", "a", "a", "b"],
        ["a", "b", "b", "b", "b", "b", "b"], [nil, nil, nil, nil], ["a", nil, "b"], ["a"],
    ])
    func replicasStandInAsManyRacksAsThereAre(_ racks: [String?]) {
        let placement = placement(racks)
        let hasRacks = racks.allSatisfy { $0 != nil }
        let rackCount = hasRacks ? Set(racks).count : racks.count
        for factor in 1...min(3, racks.count) {
            for count in [1, 7, 64] {
                let lists = placement.lists(count: count, factor: factor)
                #expect(lists.count == count)
                for list in lists {
                    #expect(list.count == factor && Set(list).count == factor)
                    guard hasRacks else { continue }
                    let used = Set(list.map { racks[Int($0) - 1] })
                    #expect(used.count == min(factor, rackCount), "\(racks): \(list)")
                }
                #expect(placement.fault(in: lists) == nil)
                #expect(placement.racks(lists).doubled == 0 || factor > rackCount)
                // Leaders in turn.
                let leaders = Dictionary(grouping: lists, by: { $0[0] }).mapValues(\.count)
                let (least, most) = (leaders.values.min() ?? 0, leaders.values.max() ?? 0)
                #expect(count < racks.count || most - least <= 1)
            }
        }
    }

    @Test func whatCannotBeIsNoList() {
        let placement = placement(["a", "b"])
        #expect(placement.lists(count: 3, factor: 3).isEmpty)
        #expect(placement.lists(count: 3, factor: 0).isEmpty)
        #expect(Placement(Cluster()).lists(count: 1, factor: 1).isEmpty)
        #expect(placement.fault(in: [[1, 1]]) != nil)
        #expect(placement.fault(in: [[1], [1, 2]]) != nil)
        #expect(placement.fault(in: [[3]]) == "broker 3 is not there")
    }

    /// Who leads least begins.
    @Test func theLeastLoadedGoesFirst() {
        let cluster = Bench().cluster
        let placement = Placement(cluster)
        let table = cluster.partitions
        func leaders(_ id: Int32) -> Int {
            (0..<table.count).count { table.leader[$0] == id }
        }
        let live = cluster.brokers.filter { $0.isListed && !$0.isFenced }
        let least = live.map { leaders($0.id.value) }.min()
        let first = placement.lists(count: 1, factor: 1).first?.first
        #expect(first.map(leaders) == least)
        let rows = placement.preview([[first ?? 0]])
        #expect(rows.map(\.property) == ["leaders", "replicas"])
        #expect(rows.first?.before == "\(least ?? -1)")
    }
}
