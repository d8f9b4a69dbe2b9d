// Verdicts of groups over scripted samples: each by its name, how soon, and that a steady load
// brings no other.

import ClusterModel
import Testing

@testable import Health

@Suite struct GroupVerdictTests {
    typealias Told = GroupScript.Told

    /// Records written by a moment: 1,000 a second.
    private static func steady(_ now: Double) -> Double { 1_000_000 + 1_000 * now }

    private func script(
        every: Double = 5, delay: @escaping (Double) -> Double
    ) -> GroupScript {
        var script = GroupScript()
        script.commits = GroupScript.following(Self.steady, delay: delay, every: every)
        return script
    }

    // MARK: One look

    private func verdict(_ change: (inout GroupSigns) -> Void) -> GroupVerdict? {
        var signs = GroupSigns()
        (signs.memberCount, signs.hasLag, signs.hasMoved) = (2, true, true)
        (signs.movingPartitions, signs.secondsBehind) = (4, 3)
        change(&signs)
        return signs.verdict
    }

    private func trend(old: (Float, Float), new: (Float, Float)) -> GroupTrend {
        GroupTrend(
            old: old, new: new, oldMeans: (old.0, 1_000 * old.0),
            newMeans: (new.0, 1_000 * new.0), seconds: 60, leastChange: 1)
    }

    private func expect(_ cases: [(GroupVerdict?, GroupVerdict?)]) {
        for (number, (found, wanted)) in cases.enumerated() {
            #expect(found == wanted, "case \(number)")
        }
    }

    @Test func eachSignHasItsVerdict() {
        let cases: [(GroupVerdict?, GroupVerdict?)] = [
            (verdict { _ in }, .ok),
            (verdict { $0.hasLag = false }, .ok),
            (verdict { ($0.hasLag, $0.isPartial) = (false, true) }, nil),
            // Never seen to commit, or far behind with no trend yet: nobody can tell.
            (verdict { $0.hasMoved = false }, nil),
            (verdict { $0.secondsBehind = 90 }, nil),
            (verdict { ($0.stillPartitions, $0.movingPartitions) = (4, 0) }, .stopped),
            (
                verdict {
                    ($0.stillPartitions, $0.movingPartitions, $0.memberCount) = (4, 0, 0)
                }, .noMembers
            ),
            // Without a word about members it is not known which of the two.
            (
                verdict {
                    ($0.stillPartitions, $0.movingPartitions, $0.memberCount) = (4, 0, nil)
                }, .ok
            ),
            (verdict { ($0.stillPartitions, $0.stalledPartitions) = (1, 1) }, .stalled),
            (verdict { $0.stillPartitions = 1 }, .ok),
            (verdict { $0.rewoundPartitions = 1 }, .rewound),
            (verdict { $0.hasLoneMember = true }, .loneMember),
            (verdict { $0.uncommittedPartitions = 1 }, .uncommitted),
            (verdict { $0.lostPartitions = 1 }, .losingData),
            (verdict { $0.rebalancingSeconds = 59 }, .ok),
            (verdict { $0.rebalancingSeconds = 61 }, .rebalancing),
            // Nobody commits in a rebalance.
            (
                verdict {
                    ($0.stillPartitions, $0.movingPartitions) = (4, 0)
                    $0.rebalancingSeconds = 20
                }, .ok
            ),
        ]
        expect(cases)
    }

    @Test func trendsAndRetention() {
        let falls = trend(old: (20, 25), new: (40, 45))
        let nears = trend(old: (140, 145), new: (120, 125))
        expect([
            (verdict { ($0.trend, $0.secondsBehind) = (falls, 43) }, .fallingBehind),
            // Seconds that nobody would call late.
            (verdict { ($0.trend, $0.secondsBehind) = (falls, 4) }, .ok),
            (verdict { ($0.trend, $0.secondsBehind) = (nears, 122) }, .catchingUp),
            (verdict { ($0.trend, $0.secondsBehind) = (nears, 12) }, .ok),
            (
                verdict {
                    ($0.stillPartitions, $0.movingPartitions, $0.stillMargin) = (4, 0, 3_599)
                }, .losingData
            ),
            (
                verdict {
                    ($0.stillPartitions, $0.movingPartitions, $0.stillMargin) = (4, 0, 3_601)
                }, .stopped
            ),
            // It loses 20 s a minute: what retention is away from lasts three times as long.
            (
                verdict { ($0.trend, $0.secondsBehind, $0.margin) = (falls, 43, 1_199) },
                .losingData
            ),
            (
                verdict { ($0.trend, $0.secondsBehind, $0.margin) = (falls, 43, 1_201) },
                .fallingBehind
            ),
        ])
    }

    // MARK: Over time

    /// By commits of every cadence, read at its own pace: one verdict, and it is ok.
    @Test(arguments: [1.0, 5, 30, 60], [2.0, 10])
    func aSteadyLoadIsOKAndStaysSo(_ every: Double, _ refresh: Double) {
        for delay in [0.1, 2, 25, 300] {
            var steady = script(every: every) { _ in delay }
            steady.refresh = refresh
            let told = steady.run(seconds: 600).told
            #expect(told.map(\.verdict) == [.ok], "delay \(delay): \(told)")
        }
    }

    /// Minutes and quarters of an hour of more and of less traffic are no trend.
    @Test func trafficThatComesInWavesIsNoTrend() {
        func triangle(_ now: Double, _ period: Double) -> Double {
            let part = (now / period).truncatingRemainder(dividingBy: 1)
            return part < 0.5 ? part * 2 : 2 - part * 2
        }
        // The integral of a rate that goes between 400 and 1,600.
        func end(_ now: Double) -> Double {
            var sum = 1_000_000.0
            var at = -700.0
            while at < now {
                sum += 400 + 1_200 * triangle(at + 1_400, 140)
                at += 1
            }
            return sum
        }
        let ends = (-700...601).map { end(Double($0)) }
        func quick(_ now: Double) -> Double {
            let at = max(0, min(Double(ends.count - 2), now + 700))
            let low = Int(at)
            return ends[low] + (ends[low + 1] - ends[low]) * (at - Double(low))
        }
        var script = GroupScript()
        script.end = quick
        script.commits = GroupScript.following(quick) { _ in 40 }
        let found = script.run(seconds: 600)
        #expect(found.told.map(\.verdict) == [.ok])
        #expect(abs(found.last.secondsBehind - 42) < 5)
    }

    /// Before its windows cover a trend, one that falls behind is not called well: from the moment
    /// on from which it is farther behind than one that is well would be, nothing is said.
    @Test func whatFallsBehindFromTheStartIsNotCalledWell() {
        for (start, pace) in [(0.5, 0.8), (20, 0.5), (90, 0.3)] {
            var falling = script { start + pace * $0 }
            falling.commits = GroupScript.following(Self.steady) { start + pace * $0 }
            let told = falling.run(seconds: 150).told
            #expect(told.last?.verdict == .fallingBehind, "\(told)")
            let wasWell = told.first { $0.verdict == .ok }
            if start > 10 { #expect(wasWell == nil, "\(told)") }
            if wasWell != nil {
                let withdrawn = told.first { $0.verdict == nil }
                #expect(withdrawn.map { $0.at <= 30 } == true, "\(told)")
            }
        }
    }

    // MARK: One look and no other

    private func oneLook(_ script: GroupScript) -> GroupStanding {
        script.run(seconds: 0, isOnlyLook: true).last
    }

    @Test func whatOneLookCanTell() {
        var script = script { _ in 300 }
        script.members = { _ in 0 }
        script.state = { _ in "Empty" }
        #expect(oneLook(script).verdict == .noMembers)
        let findings = script.run(seconds: 0, isOnlyLook: true).findings
        let text = findings.first { $0.rule == "groups_stuck" }?.text ?? ""
        #expect(
            text.hasPrefix(
                "group g has no members and 600K records to read; one look cannot tell whether "
                    + "anything commits"), "\(text)")
        #expect(findings.first { $0.rule == "groups_stuck" }?.severity == .warning)
        // With members it may well be reading.
        script.members = { _ in 2 }
        #expect(oneLook(script).verdict == nil && oneLook(script).isFromOneLook)
        script.logStart = { _ in 999_000 }
        #expect(oneLook(script).verdict == .losingData)
        script = self.script { _ in 0 }
        script.members = { _ in 0 }
        #expect(oneLook(script).verdict == .ok)
    }

    @Test func aGroupThatStopsIsToldWithinFifteenSeconds() {
        var stopped = script { $0 < 200 ? 0.5 : 0.5 + $0 - 200 }
        var found = stopped.run(seconds: 400)
        #expect(found.told.map(\.verdict) == [.ok, .stopped])
        #expect(found.told.last.map { $0.at > 205 && $0.at <= 215 } == true, "\(found.told)")
        #expect(abs(found.last.secondsBehind - 200) < 10)
        let text = found.findings.first { $0.rule == "groups_stuck" }?.text ?? ""
        #expect(text.hasPrefix("group g commits nothing for 3 m, "), "\(text)")
        #expect(found.findings.first { $0.rule == "groups_stuck" }?.isSinceStart == false)
        // Its last member leaves.
        stopped.members = { $0 < 300 ? 2 : 0 }
        stopped.state = { $0 < 300 ? "Stable" : "Empty" }
        found = stopped.run(seconds: 400)
        #expect(found.told.map(\.verdict) == [.ok, .stopped, .noMembers])
    }

    @Test func aPauseThatIsUsualIsNoStop() {
        // Every 60 s, and once it takes 70.
        var script = GroupScript()
        script.members = { _ in 0 }
        script.commits = { now in
            let late = now >= 180 && now < 190 ? now - 10 : now
            let read = Self.steady((late / 60).rounded(.down) * 60).rounded(.down)
            return [read, read]
        }
        #expect(script.run(seconds: 600).told.map(\.verdict) == [.ok])
    }

    /// Before it was seen to commit nobody knows how often it does.
    @Test func whatStoodBeforeTheStartIsToldLater() {
        var script = GroupScript()
        script.commits = { _ in [900_000, 900_000] }
        let told = script.run(seconds: 200)
        #expect(told.told.map(\.verdict) == [.stopped])
        #expect(told.told.first.map { $0.at >= 75 && $0.at <= 85 } == true)
        #expect(told.last.isSinceStart && told.last.isEstimated)
        // 100 s of records before the start.
        #expect(abs(told.last.secondsBehind - 300) < 15)
        script.members = { _ in 0 }
        let without = script.run(seconds: 200)
        #expect(without.told.map(\.verdict) == [.noMembers])
        #expect(without.told.first.map { $0.at >= 120 && $0.at <= 130 } == true)
    }

    /// Kafka Streams and consumers of transactions: markers are places and no records.
    @Test func transactionMarkersAreNoLag() {
        var script = GroupScript()
        script.end = { _ in 1_000_000 }
        script.commits = { _ in [999_999, 999_999] }
        let found = script.run(seconds: 300)
        #expect(found.told.map(\.verdict) == [.ok] && found.last.secondsBehind == 0)
    }

    @Test func onePartitionThatStandsWhileOthersMoveIsAStall() {
        var script = script { _ in 0.5 }
        let moving = script.commits
        script.commits = { [moving($0)[0], moving(min($0, 100))[1]] }
        let found = script.run(seconds: 300)
        #expect(found.told.map(\.verdict) == [.ok, .stalled])
        #expect(found.last.partitionCount == 1)
        #expect(found.told.last.map { $0.at < 130 } == true)
    }

    @Test func fallingBehindAndCatchingUp() {
        // From 100 s on it reads at half the pace of writing, from 400 s on faster than that.
        let script = script { now in
            if now < 100 { return 0.5 }
            if now < 400 { return 0.5 + 0.5 * (now - 100) }
            return max(0.5, 150.5 - 0.4 * (now - 400))
        }
        let falling = script.run(seconds: 398)
        #expect(falling.told.map(\.verdict) == [.ok, .fallingBehind])
        #expect(falling.told.last.map { $0.at < 220 } == true, "\(falling.told)")
        #expect(abs(falling.last.secondsLostPerMinute - 30) < 3)
        #expect(abs(falling.last.lagPerSecond - 1_000) < 100)
        #expect(abs(falling.last.secondsBehind - 150) < 8)
        let after = script.run(seconds: 900).told
        // Half of the windows lie before the turn, half behind it: for that while it does neither.
        #expect(
            after.map(\.verdict) == [.ok, .fallingBehind, .ok, .catchingUp, .ok], "\(after)")
        #expect(after[3].at < 520 && after[4].at > 690 && after[4].at < 860)
    }

    /// After minutes of standing still it goes on at six times the pace.
    @Test func whatGoesOnAfterAStopIsCatchingUp() {
        let script = script { now in
            if now < 60 { return 0.5 }
            if now < 600 { return 0.5 + now - 60 }
            return max(0.5, 540.5 - 5 * (now - 600))
        }
        let found = script.run(seconds: 690)
        #expect(found.told.map(\.verdict) == [.ok, .stopped, .catchingUp], "\(found.told)")
        #expect(found.told.last.map { $0.at < 650 } == true)
        // 90 s of the stop are left, at 5 s a second.
        #expect(abs(found.last.secondsToCatchUp - 18) < 8)
        #expect(script.run(seconds: 800).told.last?.verdict == .ok)
    }

    @Test func aCommitThatGoesBackIsARewindUntilItIsThereAgain() {
        let script = script { $0 < 200 || $0 > 300 ? 0.5 : max(0.5, 800 - 8 * ($0 - 200)) }
        let told = script.run(seconds: 340).told
        #expect(told.map(\.verdict).contains(.rewound) || told.map(\.verdict).contains(.catchingUp))
        #expect(told.last?.verdict == .ok)
        // One that stays where it was set back to.
        var back = script
        back.commits = GroupScript.following(Self.steady) { $0 < 200 ? 0.5 : 600 }
        let found = back.run(seconds: 280)
        #expect(found.told.map(\.verdict) == [.ok, .rewound], "\(found.told)")
        #expect(found.last.partitionCount == 2)
    }

    @Test func retentionThatComesNearerIsALoss() {
        // Stopped at 100 s; the log's start is 400 s behind its end.
        var script = script { $0 < 100 ? 0.5 : 0.5 + $0 - 100 }
        script.logStart = { max(1, Self.steady($0 - 400)) }
        let found = script.run(seconds: 300)
        #expect(found.told.map(\.verdict) == [.ok, .losingData])
        #expect(abs(found.last.secondsUntilLoss - 200) < 10)
        #expect(found.findings.first?.rule == "groups_losing_data")
        #expect(found.findings.first?.severity == .critical)
        let after = script.run(seconds: 520)
        #expect(after.last.lostRecords > 0 && after.last.partitionCount == 2)
        #expect(after.findings.contains { $0.text.contains("were deleted unread") })
    }

    @Test func membersAndStates() {
        var script = script { _ in 0.5 }
        script.isLone = true
        #expect(script.run(seconds: 100).told.map(\.verdict).last == .loneMember)
        script.isLone = false
        script.state = { $0 < 100 ? "Stable" : "PreparingRebalance" }
        let told = script.run(seconds: 200).told
        #expect(told.map(\.verdict) == [.ok, .rebalancing])
        #expect(told.last.map { $0.at > 160 && $0.at < 170 } == true)
        script.state = { _ in "Stable" }
        let commits = script.commits
        script.commits = { [commits($0)[0], nil] }
        #expect(script.run(seconds: 100).told.map(\.verdict).last == .uncommitted)
    }

    /// What is held of each group and partition, which the README states.
    @Test func memory() {
        #expect(MemoryLayout<GroupMemory>.stride <= 128)
        #expect(Limits.endSamples * 12 + 5 <= 110)
    }

    /// Bad looks that come and go are no verdict: three in a row are, and three good ones end it.
    @Test func hysteresis() {
        var memory = GroupMemory()
        var now = 1_000.0
        func look(_ isBad: Bool) -> GroupVerdict? {
            var signs = GroupSigns()
            (signs.memberCount, signs.hasMoved, signs.secondsBehind) = (1, true, 0)
            if isBad { signs.rebalancingSeconds = 100 }
            now += 2
            memory.judge(
                signs, GroupWatch.Sums(), isWindow: true, isRead: true,
                at: Instant(ns: UInt64(now * 1e9)))
            return memory.standing.verdict
        }
        #expect(look(false) == .ok)
        for bad in [true, true, false, true, true, false, true] { #expect(look(bad) == .ok) }
        #expect(look(true) == .ok)
        #expect(look(true) == .rebalancing)
        for bad in [false, false, true, false, false] { #expect(look(bad) == .rebalancing) }
        #expect(look(false) == .ok)
    }
}
