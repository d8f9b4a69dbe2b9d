// Tables that hold still: under other screens they hold no old picture and are found again as they
// were left; huge ones change places less often than values.

import ClusterModel
import Drawing
import ModelTesting
import Testing

@testable import Screens

@Suite struct CalmTableTests {
    @Test func aCoveredTableHoldsNoOldPicture() {
        var session = Session(Samples.ill)
        session.press("P")
        weak let first = session.state.view
        session.press(.enter)
        for revision in 1...2 as ClosedRange<UInt64> {
            var cluster = Samples.ill
            cluster.revision += revision
            session.show(cluster)
            session.tick(2)
        }
        #expect(first == nil)
        session.press(.escape)
        session.expect("partitions")
    }

    @Test func theSelectionIsFoundAgainByName() {
        var session = Session(Samples.ill)
        session.press("P")
        session.press("jjj")
        session.press(" ")
        let before = session.selectedLine
        #expect(!before.isEmpty)
        session.press(.enter)
        var cluster = Samples.ill
        cluster.revision += 1
        cluster.layout += 1
        session.show(cluster)
        session.press(.escape)
        #expect(session.selectedLine == before)
        #expect(session.state.screens.last?.table?.marks.count == 1)
    }

    @Test func hugeTablesChangePlacesLessOftenThanValues() {
        var cluster = SampleCluster.huge(brokers: 30, partitions: 21_000, groups: 1, topics: 300)
        var session = Session(cluster)
        session.press("R")
        func worst() -> Int? { session.state.screens.last?.table?.rows.first.map(Int.init) }
        let before = worst()
        // Another replica is by far the worst now.
        let row = cluster.partitions.count / 2
        let follower = cluster.partitions.replicas(of: row).first {
            cluster.partitions.replicaBroker[$0] != cluster.partitions.leader[row]
        }
        if let follower { cluster.partitions.replicaLogEnd[follower] = 0 }
        for replica in cluster.partitions.replicas(of: row) where replica != follower {
            cluster.partitions.replicaLogEnd[replica] = 1_000_000_000_000
        }
        cluster.revision += 1
        // The keys have rested long enough for a small table.
        session.tick(2)
        session.show(cluster)
        #expect(worst() == before)
        session.tick(1.9)
        #expect(worst() == before)
        session.tick(0.2)
        #expect(worst() == follower)
    }

    @Test func whatIsExplainedStaysUnderItsExplanation() {
        var session = Session(Samples.ill)
        session.press("P")
        session.press("j")
        let before = session.selectedLine
        session.press("i")
        session.press(.escape)
        #expect(session.selectedLine == before)
    }
}
