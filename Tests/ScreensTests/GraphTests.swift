// Graphs with shape and reason: bands of their own, marks of what happened, parts of a whole.

import ClusterModel
import Drawing
import ModelTesting
import Testing

@testable import Screens

@Suite struct GraphTests {
    /// A cluster whose flow has gone up and down for five minutes.
    private func cluster(_ flow: (_ second: Int) -> Float) -> Cluster {
        var cluster = Samples.healthy
        cluster.history = History()
        for second in stride(from: 0, to: 300, by: 2) {
            let to = Instant(ns: cluster.takenAt.ns - UInt64(300 - second - 2) * 1_000_000_000)
            var tick = History.Tick(from: Instant(ns: to.ns - 2_000_000_000), to: to)
            tick.cluster = PartitionFlow(records: flow(second), bytes: 100 * flow(second))
            tick.topics = cluster.topics.flatMap { topic -> [Float] in
                topic.name == "clicks" ? [flow(second) / 2, 1] : [flow(second) / 20, 1]
            }
            tick.brokers = cluster.brokers.map {
                ($0.id, PartitionFlow(records: flow(second) / 3, bytes: 1))
            }
            cluster.history.append(tick)
        }
        return cluster
    }

    private func throughput(_ cluster: Cluster, _ keys: String = "") -> Session {
        var session = Session(cluster, width: 120, height: 40)
        session.press("0T" + keys)
        return session
    }

    @Test func whatHardlyLeavesAThirdHasABandOfItsOwn() {
        let narrow = throughput(cluster { 116_000 + Float($0) * 50 })
        narrow.expect("110K≈")
        narrow.expect("from 110K  max ")
        narrow.expect("135K┤")
        let wide = throughput(cluster { Float($0) * 400 })
        wide.expect("    0└")
        wide.expectNot("≈")
    }

    @Test func whatHappenedIsOnTheTimeAxisAndTheCursorSaysIt() {
        var ill = cluster { 100_000 + Float($0) }
        let seen = Instant(ns: ill.takenAt.ns - 100_000_000_000)
        for change in [ClusterEvent.Change.left, .leadersLost(count: 3, without: 0)] {
            ill.events.append(
                ClusterEvent(
                    at: WallTime(ms: 0), seenAt: seen, subject: .broker(BrokerID(3)),
                    change: change, source: "Metadata"))
        }
        ill.revision += 1
        var session = throughput(ill)
        let axis = session.frame.lines.first { $0.contains("└") || $0.contains("≈") } ?? ""
        #expect(axis.contains("●"), "\(session.text)")
        // 100 of 300 seconds from the right edge.
        for _ in 0..<50 where !session.text.contains("● broker 3: ") { session.press(.left) }
        session.expect("● broker 3: ")
        // It is no news of a topic.
        var topic = Session(ill, width: 120, height: 40)
        topic.press(":throughput clicks")
        topic.press(.enter)
        topic.expectNot("●")
    }

    /// A mark that gives way to a time of day is read where it stands, whatever the minute.
    @Test func theCursorStopsAtEachMark() {
        for second in [4, 47, 60, 62, 118, 181, 290] {
            var ill = cluster { 100_000 + Float($0) }
            let seen = Instant(ns: ill.takenAt.ns - UInt64(second) * 1_000_000_000)
            ill.events = EventLog()
            ill.events.append(
                ClusterEvent(
                    at: WallTime(ms: 0), seenAt: seen, subject: .broker(BrokerID(3)), change: .left,
                    source: "Metadata"))
            ill.revision += 1
            for keys in ["", "uu"] {
                var session = throughput(ill, keys)
                let frame = session.frame
                let axis = frame.lines.firstIndex { $0.contains("└") || $0.contains("≈") } ?? 0
                let x = (0..<frame.width).first { frame[$0, axis].scalar == "●" }
                guard let x else {
                    Issue.record("no mark at \(second) s: \(session.text)")
                    continue
                }
                session.press(.left)
                let right = (0..<frame.width).last { session.frame[$0, axis - 2].role == .cursor }
                for _ in 0..<((right ?? 0) - x) { session.press(.left) }
                #expect(session.text.contains("● broker 3: "), "\(second) s\n\(session.text)")
            }
        }
    }

    @Test func theClusterStandsOnItsBusiestTopics() {
        var session = throughput(cluster { 100_000 + 100 * Float($0) }, "uu")
        session.expect("Records in by topic")
        session.expect("by topic")
        session.expect("clicks")
        session.expect("1 other topic")
        let frame = session.frame
        let roles = Set(frame.cells.filter { $0.scalar == "⣿" }.map(\.role))
        #expect(roles.count >= 2, "each topic has a colour of its own")
        session.press("u")
        session.expectNot("by topic  ")
        session.expectNot("1 other topic")
    }

    @Test func racksStandOnTheirBrokers() {
        var session = throughput(cluster { 90_000 + 100 * Float($0) }, "uu")
        session.press(.tab)
        session.expect("rack eu-1a")
        session.expect("broker 1")
        // A broker alone is no sum of anything.
        session.press("BT")
        session.press("uu")
        session.expectNot("by topic")
        session.expect("rec/s")
    }

    /// Graphs too: until the last cell is over only that one changes.
    @Test func graphsStandStillOnTheClock() {
        func columns(_ end: Int) -> [Float] {
            let series = Series(
                end: Instant(ns: UInt64(end) * 1_000_000_000), stepSeconds: 2,
                values: (0..<150).map { Float((end - 300 + 2 * $0) % 97) })
            return GraphPane.columns(series, count: 60, seconds: 300)
        }
        let (before, after, later) = (columns(3_002), columns(3_008), columns(3_012))
        #expect(before[2..<58].elementsEqual(after[2..<58]))
        #expect(before[4..<58].elementsEqual(later[2..<56]))
        #expect(!before.contains { $0.isNaN } && !later.contains { $0.isNaN })
        #expect(GraphPane.edge(Instant(ns: 3_002_000_000_000), cells: 30, seconds: 300) == 3_010)
        #expect(
            GraphPane.columns(
                Series(end: .never, stepSeconds: 2, values: []), count: 4, seconds: 300
            ).count == 4)
    }

    /// Where a cell is less than 10 s, cells that are over stand still for so long, and those to
    /// come are empty.
    @Test func fineGraphsMoveEveryTenSeconds() {
        func columns(_ end: Int) -> [Float] {
            let series = Series(
                end: Instant(ns: UInt64(end) * 1_000_000_000), stepSeconds: 2,
                values: (0..<150).map { Float((end - 300 + 2 * $0) % 97) })
            return GraphPane.columns(series, count: 200, seconds: 300)
        }
        // Cells of 3 s, 4 of them at once: the edge stands at 3,000, then at 3,012.
        let (before, after, later) = (columns(3_002), columns(3_010), columns(3_014))
        #expect(before[10..<192].elementsEqual(after[10..<192]))
        #expect(before[10..<192].elementsEqual(later[2..<184]))
        #expect(before.suffix(4).allSatisfy(\.isNaN) && !after[198].isNaN)
        #expect(!before.prefix(193).contains { $0.isNaN })
    }

    /// Until the newest column is over only that one changes: nothing is sent for the others.
    @Test func trendsStandStillOnTheClock() {
        func series(_ end: Int) -> Series {
            Series(
                end: Instant(ns: UInt64(end) * 1_000_000_000), stepSeconds: 2,
                values: (0..<150).map { Float((end - 300 + 2 * $0) % 97) })
        }
        let before = steadyColumns(series(3_002), count: 10)
        let after = steadyColumns(series(3_026), count: 10)
        #expect(before.count == 10 && before[1...8].elementsEqual(after[1...8]))
        let later = steadyColumns(series(3_032), count: 10)
        #expect(before[2...8].elementsEqual(later[1...7]))
        #expect(steadyColumns(series(3_000), count: 400).count == 400)
        #expect(steadyColumns(Series(end: .never, stepSeconds: 2, values: []), count: 4).count == 4)
    }
}
