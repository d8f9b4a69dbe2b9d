// Each named scenario tells its story on the screens: the right words at the right time, and all
// well again afterwards.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import SoakTesting
import Testing

@Suite struct StoryTests {
    private static let begins = 10.0

    /// A session that has watched the quiet beginning.
    private func session(
        _ scenario: Scenario, _ change: (inout Shape) -> Void = { _ in }
    ) -> DrivenSession {
        var shape = smallShape(scenario)
        shape.storyAtSeconds = Self.begins
        change(&shape)
        let session = DrivenSession(shape)
        session.run(until: Self.begins - 1)
        session.expect("off 0")
        session.expect("ill 0")
        session.expect("URP 0")
        return session
    }

    /// Waits without looking, but for the last seconds.
    private func wait(_ session: DrivenSession, until seconds: Double) {
        session.leave()
        session.setRefresh(seconds: 20)
        session.run(until: seconds - 7)
        session.setRefresh(seconds: 2)
        session.watch()
        session.run(until: seconds)
    }

    private func expectWell(
        _ session: DrivenSession, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        session.press("0")
        for count in ["off 0", "minISR 0", "ill 0", "URP 0", "wrong 0", "mov 0"] {
            session.expect(count, sourceLocation: sourceLocation)
        }
        #expect(session.mismatches() == [], sourceLocation: sourceLocation)
    }

    @Test func quietDay() {
        let session = session(.quietDay)
        wait(session, until: 1_800)
        expectWell(session)
        session.expect("stuck 0")
        #expect(session.cluster.failures.isEmpty)
        session.end()
    }

    @Test func brokerLost() throws {
        let session = session(.brokerLost)
        session.run(until: Self.begins + 6)
        session.expect("cannot be written: broker")
        session.expect("ill 1")
        let lost = try #require(session.cluster.brokers.first { $0.isIll }?.id)
        // Its session is over: leaders are elected, and nothing is offline.
        session.run(until: Self.begins + 16)
        session.expect("broker \(lost) is fenced by the controller")
        session.expect("broker \(lost) is out of sync in")
        session.expect("off 0")
        session.expectNot("URP 0")
        session.press("4")
        session.expect("partitions")
        session.expect("2/3")
        // Back, and catching up: the replicas screen says which and until when.
        session.press("0")
        wait(session, until: Self.begins + 330 + 8)
        session.expect("ill 0")
        session.press("R")
        session.run(seconds: 2)
        session.expect("\(lost)")
        session.press("0")
        // The next balance of the controller gives the leaders back.
        wait(session, until: 660)
        expectWell(session)
        session.end()
    }

    @Test func zoneLost() {
        let session = session(.azLost)
        session.run(until: Self.begins + 20)
        session.expect("ill 2")
        session.expect("off 0")
        session.expect("minISR 0")
        session.press("B")
        session.expect("fenced")
        let racks = Set(session.cluster.brokers.filter(\.isIll).compactMap(\.rack))
        #expect(racks.count == 1)
        wait(session, until: 960)
        expectWell(session)
        session.end()
    }

    @Test func slowDisk() throws {
        let session = session(.slowDisk)
        session.run(until: Self.begins + 30)
        session.expect("answers slowly")
        let slow = try #require(
            session.cluster.brokers.first { broker in
                if case .slow = broker.state { true } else { false }
            }?.id)
        // It copies at half the pace of writing: after a minute it is out of sync.
        wait(session, until: Self.begins + 120)
        session.press("0")
        session.expect("broker \(slow) is out of sync in")
        session.press("R")
        session.run(seconds: 4)
        session.expect("falls behind")
        wait(session, until: 960)
        expectWell(session)
        session.expectNot("answers slowly")
        session.end()
    }

    @Test func stuckConsumer() throws {
        let session = session(.stuckConsumer)
        session.expect("stuck 0")
        wait(session, until: Self.begins + 90)
        session.expect("stuck 1")
        session.expect("commits nothing")
        let stuck = try #require(session.cluster.groups.first { $0.standing.verdict == .stopped })
        session.press("7")
        session.expect(stuck.id)
        session.expect("stopped")
        session.press("0")
        // It goes on at six times the pace: first a time is told, then it is done.
        wait(session, until: Self.begins + 560)
        session.run(seconds: 40)
        session.press("O")
        session.run(seconds: 3)
        session.expect("catching up, 60s")
        let standing = try #require(session.cluster.group(stuck.id)?.standing)
        #expect(standing.verdict == .catchingUp)
        #expect(standing.secondsToCatchUp > 20 && standing.secondsToCatchUp < 90)
        session.press("0")
        wait(session, until: Self.begins + 900)
        session.expect("stuck 0")
        expectWell(session)
        session.end()
    }

    @Test func hotPartition() throws {
        let session = session(.hotPartition)
        let before = session.cluster
        wait(session, until: Self.begins + 60)
        let after = session.cluster
        let hot = try #require(
            (0..<after.partitions.count).first { row in
                after.partitions.recordsPerSecond[row]
                    > 2.5 * before.partitions.recordsPerSecond[row]
                    && before.partitions.recordsPerSecond[row] > 1_000
            })
        // Sorted by flow it stands out.
        session.press("P")
        session.press("se")
        session.expect("sort: records")
        session.run(seconds: 3)
        session.expect("\(after.key(ofRow: hot))")
        wait(session, until: Self.begins + 1_100)
        let rate = session.cluster.partitions.recordsPerSecond[hot]
        #expect(rate < 2.5 * before.partitions.recordsPerSecond[hot])
        expectWell(session)
        session.end()
    }

    @Test func reassignmentUnderLoad() {
        let session = session(.reassignmentUnderLoad) { $0.faultsEndAtSeconds = 400 }
        session.run(until: Self.begins + 6)
        session.expectNot("mov 0")
        session.expect("being moved")
        session.press("6")
        session.expect("partitions")
        #expect(session.cluster.counts["moving", default: 0] > 0)
        // The small ones are done in minutes; the widest log takes a day.
        let moving = Set(movingRows(session))
        wait(session, until: 1_000)
        #expect(!moving.subtracting(movingRows(session)).isEmpty)
        #expect(session.mismatches() == [])
        session.end()
    }

    private func movingRows(_ session: DrivenSession) -> [Int] {
        (0..<session.cluster.partitions.count).filter { session.cluster.partition($0).isMoving }
    }

    @Test func rollingUpgrade() {
        let session = session(.rollingUpgrade) {
            $0.release = .v39
            $0.brokers = 3
        }
        session.expect("KRaft 3.9")
        // The first is down for an orderly restart: leaders were handed over before.
        session.run(until: Self.begins + 8)
        session.expect("ill 1")
        session.expect("off 0")
        session.run(until: Self.begins + 40)
        session.expect("ill 0")
        session.expect("KRaft 3.9")
        wait(session, until: 640)
        session.expect("KRaft 4.3")
        expectWell(session)
        session.end()
    }
}
