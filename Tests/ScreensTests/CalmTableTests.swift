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

    /// Each row takes its newest rate every third round, and at once where it is quite another, was
    /// not known, or the one shown is old.
    @Test func ratesStandForThreeRounds() {
        var cluster = Samples.healthy
        func set(_ rate: Float, after seconds: UInt64) {
            cluster.takenAt.ns += seconds * 1_000_000_000
            for row in 0..<cluster.partitions.count {
                cluster.partitions.recordsPerSecond[row] = rate
            }
        }
        set(100, after: 0)
        var figures = SteadyFigures(cluster, after: nil)
        var changes = Array(repeating: 0, count: cluster.partitions.count)
        for round in 1...6 {
            set(100 + Float(round), after: 2)
            let next = SteadyFigures(cluster, after: figures)
            for row in changes.indices where next.records[row] != figures.records[row] {
                changes[row] += 1
            }
            #expect(next.records.allSatisfy { $0 >= 98 + Float(round) })
            // Later in the same round nothing else changes.
            set(100 + Float(round), after: 0)
            #expect(SteadyFigures(cluster, after: next).records == next.records)
            figures = next
        }
        #expect(changes.allSatisfy { $0 == 2 })
        for (rate, seconds) in [(Float(200), UInt64(2)), (-1, 2), (50, 2), (51, 60)] {
            set(rate, after: seconds)
            figures = SteadyFigures(cluster, after: figures)
            #expect(figures.records.allSatisfy { $0 == rate })
        }
        cluster.layout += 1
        set(52, after: 2)
        #expect(SteadyFigures(cluster, after: figures).records.allSatisfy { $0 == 52 })
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
        session.tick(7.9)
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

    /// Figures that go up and down by a few per cent leave the rows where they are; one that is
    /// clearly ahead comes to its place, and not before ten seconds have passed.
    @Test func rowsOrderedByLiveFiguresStandStill() {
        var cluster = SampleCluster.huge(brokers: 6, partitions: 950, groups: 0, topics: 30)
        for row in 0..<cluster.partitions.count {
            cluster.partitions.recordsPerSecond[row] = Float(1_000 + row)
        }
        let steady = cluster.partitions.recordsPerSecond
        var session = Session(cluster)
        session.press("P")
        session.press("se")
        session.expect("sort: records")
        var state = UInt64(7)
        func noise() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24) - 0.5
        }
        func rows() -> [Int32] { session.state.screens.last?.table?.rows ?? [] }
        func look() {
            session.tick(2)
            cluster.revision += 1
            session.show(cluster)
        }
        var before = rows()
        var moved = 0
        for _ in 0..<30 {
            for row in 0..<cluster.partitions.count {
                cluster.partitions.recordsPerSecond[row] = steady[row] * (1 + 0.1 * noise())
            }
            look()
            let now = rows()
            moved += zip(before, now).prefix(34).count { $0 != $1 }
            before = now
        }
        #expect(moved < 10, "\(moved) rows moved in a minute")
        cluster.partitions.recordsPerSecond[3] = 90_000
        look()
        #expect(rows().first != 3)
        for _ in 0..<10 { look() }
        #expect(rows().first == 3)
    }

    /// The column that is sorted by stands at any width, scrolled away or not.
    @Test func theSortedColumnNeverGoes() {
        for (keys, title) in [("R", "lag"), ("Pst", "ETA"), ("Bsw", "lag"), ("Osi", "in/s")] {
            for width in [40, 46, 60, 80, 120] {
                var session = Session(Samples.ill, width: width, height: 24)
                session.press(keys)
                #expect(session.text.contains("\(title)"), "\(keys) at \(width)")
                session.press("llll")
                #expect(session.text.contains("\(title)"), "\(keys) scrolled, at \(width)")
            }
        }
    }

    @Test func namesAreInTheOrderOneCountsIn() {
        #expect(
            ["g10", "g2", "g1", "a", "g2x", "g02", "g", "g2-10", "g2-9"].sorted(by: isBefore)
                == ["a", "g", "g1", "g02", "g2", "g2-9", "g2-10", "g2x", "g10"])
        #expect(naturalRanks(["a", "b"]) == nil)
        #expect(naturalRanks(["g1", "g10", "g2"]) == [0, 2, 1])
        var builder = ClusterBuilder(brokers: 1)
        for name in ["t1", "t10", "t2"] {
            builder.addTopic(name)
            builder.addPartition(replicas: [1], end: 5, rate: 0)
        }
        let cluster = builder.finish()
        for keys in ["N", "P", "Nsn", "Psp"] {
            var session = Session(cluster)
            session.press(keys)
            let names = session.frame.lines.compactMap { line in
                line.split(separator: " ").first {
                    $0.hasPrefix("t") && $0.dropFirst().first?.isNumber == true
                }
            }.map { String($0.split(separator: "-")[0]) }
            #expect(names == ["t1", "t2", "t10"], "\(keys)")
        }
    }
}
