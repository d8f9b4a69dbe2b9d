// Each story of the demo is named in the first line of what is wrong within 15 s of its cause: the
// rack, the broker, the partition or the group, not only what follows from it.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing

@Suite struct FirstLineTests {
    private static let begins = 40.0

    /// The first line of the overview's list, 15 s after the story began.
    private func firstLine(
        _ scenario: Scenario, seed: UInt64, _ change: (inout Shape) -> Void = { _ in }
    ) -> (line: String, session: DrivenSession, before: Cluster) {
        var shape = smallShape(scenario, seed: seed)
        shape.storyAtSeconds = Self.begins
        change(&shape)
        let session = DrivenSession(shape)
        session.run(until: Self.begins - 1)
        let before = session.cluster
        session.run(until: Self.begins + 15)
        let lines = session.frame.lines
        let heading = lines.firstIndex { $0.contains("What is wrong") } ?? 0
        return (sentence(lines, below: heading), session, before)
    }

    /// The first finding of the list: its line and those that it goes on in, without its age.
    private func sentence(_ lines: [String], below heading: Int) -> String {
        let pane = lines[heading].firstRange(of: "Busiest topics")
        let isWide = lines[heading].hasPrefix(" What is wrong")
        let width =
            isWide
            ? pane.map {
                lines[heading].distance(
                    from: lines[heading].startIndex, to: $0.lowerBound)
            } : nil
        var words: [Substring] = []
        for line in lines[(heading + 1)...] {
            let part = line.prefix(width ?? line.count)
            if !words.isEmpty, !part.hasPrefix("    ") { break }
            var own = part.split(separator: " ")
            let age = own.last ?? ""
            if words.isEmpty, age.first?.isNumber == true, "smhd".contains(age.last ?? " ") {
                own.removeLast()
            }
            words += own
        }
        return words.joined(separator: " ")
    }

    private func expect(_ line: String, _ wanted: String, _ session: DrivenSession) {
        #expect(line.contains(wanted), "\(wanted) in \(line)\n\(session.text)")
        session.end()
    }

    @Test(arguments: [7, 8, 9] as [UInt64])
    func aLostBroker(_ seed: UInt64) {
        let (line, session, _) = firstLine(.brokerLost, seed: seed)
        let lost = session.network.inspect { $0.brokerTruths.first { !$0.isRunning }?.id ?? -1 }
        expect(line, "broker \(lost) ", session)
    }

    @Test(arguments: [7, 8, 9] as [UInt64])
    func aLostRack(_ seed: UInt64) {
        let (line, session, before) = firstLine(.azLost, seed: seed)
        let lost = session.network.inspect { $0.brokerTruths.first { !$0.isRunning }?.id ?? -1 }
        expect(line, "rack \(before.broker(BrokerID(lost))?.rack ?? "?")", session)
    }

    @Test(arguments: [7, 8, 9] as [UInt64])
    func aSlowDisk(_ seed: UInt64) {
        let (line, session, _) = firstLine(.slowDisk, seed: seed)
        let slow = session.network.inspect {
            $0.brokerTruths.first { $0.delaySeconds > 0 }?.id ?? -1
        }
        expect(line, "broker \(slow) answers slowly", session)
    }

    @Test(arguments: [7, 8, 9] as [UInt64])
    func aGroupThatStops(_ seed: UInt64) {
        let (line, session, _) = firstLine(.stuckConsumer, seed: seed)
        let stuck = session.network.inspect { $0.stuckGroupIDs.first ?? "?" }
        expect(line, "group \(stuck) commits", session)
    }

    @Test(arguments: [7, 8, 9] as [UInt64])
    func aHotPartition(_ seed: UInt64) {
        let (line, session, before) = firstLine(.hotPartition, seed: seed)
        let after = session.cluster
        let hot = (0..<after.partitions.count).max { a, b in
            func more(_ row: Int) -> Float {
                after.partitions.recordsPerSecond[row] - before.partitions.recordsPerSecond[row]
            }
            return more(a) < more(b)
        }
        expect(line, hot.map { "\(after.key(ofRow: $0)) takes" } ?? "?", session)
    }

    @Test func aRollingUpgrade() {
        let (line, session, _) = firstLine(.rollingUpgrade, seed: 7) {
            $0.release = .v39
            $0.brokers = 3
        }
        let down = session.network.inspect { $0.brokerTruths.first { !$0.isRunning }?.id ?? -1 }
        expect(line, "broker \(down) ", session)
    }

    @Test func aLostZooKeeperLeader() {
        let (line, session, _) = firstLine(.zooKeeperLeaderLost, seed: 7) {
            $0.coordination = .zookeeper
            $0.release = .v39
        }
        let conditions = session.network.inspect { $0.ensembleConditions.dropLast() }
        let server = (conditions.firstIndex { $0 == 1 } ?? -1) + 1
        expect(line, "zookeeper-\(server)", session)
    }

    /// Work is no fault: it stands in the strip and in the list, whatever else is wrong.
    @Test func aReassignment() {
        let (_, session, _) = firstLine(.reassignmentUnderLoad, seed: 7)
        let count = session.cluster.counts["moving"] ?? 0
        #expect(count > 0)
        session.expect("mov \(count)")
        session.expect("being moved")
        session.end()
    }
}
