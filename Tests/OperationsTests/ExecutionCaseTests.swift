// Plans of every shape on a simulated cluster: leaders alone, replicas added and taken away, a stop
// in mid-run; and the text of throttles.
import ClusterModel
import Foundation
import KafkaClient
import Planning
import SimulatedCluster
import Testing
import Transport

@testable import Operations

@Suite struct ExecutionCaseTests {
    private func carryOut(
        _ site: ExecutionSite, _ plan: PlanExecution
    ) throws -> OperationEvent? {
        let life = try Life(site)
        life.maker.run(try site.confirmed(plan), report: life.report)
        let ending = life.end()
        if ending == nil { Issue.record("\(life.events.withLock { $0.suffix(2) })") }
        return ending
    }

    private func expectDone(
        _ site: ExecutionSite, _ plan: PlanExecution, _ before: ExecutionSite.Standing
    ) throws {
        let now = try site.standing(of: plan)
        for move in plan.moves {
            #expect(now.replicas[move.name] == move.after, "\(move)")
            if let leader = move.leaderAfter { #expect(now.leaders[move.name] == leader) }
        }
        #expect(now.moving == 0 && now.lists == before.lists && now.rates == before.rates)
    }

    /// Replicas added, two of them one after the other, and taken away again.
    @Test func replicationGoesUpAndDown() throws {
        let site = ExecutionSite(seed: 5)
        var request = PlanRequest(.replication)
        request.topics = [try #require(site.cluster.topics.first { !$0.isInternal }?.name)]
        request.factor = 5
        let up = try site.plan(request, throttle: 1_000_000_000_000)
        try #require(up.moves.contains { $0.added.count >= 2 })
        let before = try site.standing(of: up)
        #expect(try carryOut(site, up) == .ended(outcomes: [], reason: nil))
        try expectDone(site, up, before)
        // And down, to what it was.
        let down = try #require(up.undo)
        #expect(try carryOut(site, down) == .ended(outcomes: [], reason: nil))
        let now = try site.standing(of: up)
        #expect(now.replicas == before.replicas && now.leaders == before.leaders)
    }

    /// A leader that is not the first replica is led there, and the order stays.
    @Test func leadersAloneMoveAnywhere() throws {
        let site = ExecutionSite(seed: 6)
        let table = site.cluster.partitions
        let row = try #require(
            (0..<table.count).first {
                table.replicas(of: $0).count == 3
                    && !Execution.isInternal(site.cluster.key(ofRow: $0).topic)
            })
        let key = site.cluster.key(ofRow: row)
        let replicas = table.replicas(of: row).map { table.replicaBroker[$0] }
        let move = PlannedMove(
            topic: key.topic, partition: key.partition, before: replicas, after: replicas,
            leaderBefore: table.leader[row], leaderAfter: replicas[2])
        let plan = PlanExecution(plan: "move", hash: "", moves: [move], throttle: nil)
        let before = try site.standing(of: plan)
        #expect(try carryOut(site, plan) == .ended(outcomes: [], reason: nil))
        try expectDone(site, plan, before)
    }

    /// The throttle that was asked for last is the one that a resumed plan goes on with; topics
    /// that were deleted or extended meanwhile are left out, and all others are moved.
    @Test func whatChangesInMidRunHolds() throws {
        let site = ExecutionSite(seed: 3, partitions: 90)
        var request = PlanRequest(.drain)
        request.brokers = [4]
        let plan = try site.plan(request, throttle: 10_000_000_000)
        let before = try site.standing(of: plan)
        let life = try Life(site)
        life.maker.run(try site.confirmed(plan), report: life.report)
        life.run(seconds: 3)
        life.maker.setPlanThrottle(1_000_000_000_000)
        life.run(seconds: 2)
        let id = try #require(life.records.last?.id)
        #expect(life.records.last?.throttle == ExecutionThrottle(1_000_000_000_000))
        let left = life.die()
        let now = try site.standing(of: plan)
        #expect(now.rates.values.contains { $0.follower == "1000000000000" }, "\(now.rates)")
        let waiting = plan.moves.filter {
            now.replicas[$0.name] == $0.before && !$0.topic.hasPrefix("__")
        }
        var topics: [String] = []
        for move in waiting where !topics.contains(move.topic) { topics.append(move.topic) }
        try #require(topics.count >= 3, "\(waiting.count) wait")
        let (deleted, extended) = (topics[0], topics[1])
        let table = site.cluster.partitions
        let count = (0..<table.count).count { site.cluster.key(ofRow: $0).topic == extended }
        site.change { client in
            client.deleteTopics([deleted]) { _ in }
            client.addPartitions(to: extended, count: Int32(count) + 1, replicas: [[1, 2]]) {
                result in
                guard case .success(let told) = result, told.error == nil else {
                    Issue.record("\(result)")
                    return
                }
            }
        }

        let next = try Life(site, journal: left)
        next.maker.takeUp(id, of: site.clusterID, report: next.report)
        next.run(seconds: 5)
        let rates = try site.standing(of: plan).rates.values
        #expect(rates.contains { $0.follower == "1000000000000" }, "\(rates)")
        guard case .ended(_, let reason?)? = next.end() else {
            Issue.record("\(next.events.withLock { $0.suffix(2) })")
            return
        }
        #expect(reason.contains(" not moved: "), "\(reason)")
        let after = try site.standing(of: plan)
        #expect(after.moving == 0 && after.rates == before.rates && after.lists == before.lists)
        for move in plan.moves {
            switch move.topic {
            case deleted: #expect(after.replicas[move.name] == nil)
            case extended:
                let isLeft = waiting.contains { $0.name == move.name }
                #expect(after.replicas[move.name] == (isLeft ? move.before : move.after))
            default: #expect(after.replicas[move.name] == move.after, "\(move)")
            }
        }
    }

    /// Forgotten, it is over at once: its throttles are gone while what is in flight goes on.
    @Test func forgottenItLeavesNoThrottle() throws {
        let site = ExecutionSite(seed: 7)
        var request = PlanRequest(.drain)
        request.brokers = [4]
        let plan = try site.plan(request, throttle: 10_000_000_000)
        site.set(.broker(2), ThrottleRates.leaderKey, "123456")
        let before = try site.standing(of: plan)
        let life = try Life(site)
        life.maker.run(try site.confirmed(plan), report: life.report)
        life.run(seconds: 6)
        #expect(!site.network.inspect { $0.moveTruths }.isEmpty)
        let id = try #require(life.records.last?.id)
        let next = try Life(site, journal: life.die())
        next.maker.takeUp(id, of: site.clusterID, as: .forget, report: next.report)
        for _ in 0..<100 where !next.isOver { next.run(seconds: 0.1) }
        #expect(!site.network.inspect { $0.moveTruths }.isEmpty)
        guard case .ended(_, let reason?)? = next.events.withLock({ $0.last }) else {
            Issue.record("\(next.events.withLock { $0.suffix(2) })")
            return
        }
        #expect(reason.hasPrefix("forgotten: "), "\(reason)")
        #expect(reason.hasSuffix(" in flight without a throttle"), "\(reason)")
        #expect(next.records.last?.isEnded == true)
        let now = try site.standing(of: plan)
        #expect(now.lists == before.lists && now.rates == before.rates)
    }

    /// Stopped, what is in flight is where it was, in its order, and no throttle stays.
    @Test func aStopTakesBackWhatIsInFlight() throws {
        let site = ExecutionSite(seed: 7)
        var request = PlanRequest(.drain)
        request.brokers = [4]
        let plan = try site.plan(request, throttle: 10_000_000_000)
        let before = try site.standing(of: plan)
        let life = try Life(site)
        life.maker.run(try site.confirmed(plan), report: life.report)
        life.run(seconds: 10)
        #expect(!site.network.inspect { $0.moveTruths }.isEmpty)
        life.maker.stopPlan()
        guard case .ended(_, let reason)? = life.end() else {
            Issue.record("\(life.events.withLock { $0.suffix(2) })")
            return
        }
        #expect(reason?.hasPrefix("stopped: ") == true, "\(reason ?? "")")
        let now = try site.standing(of: plan)
        #expect(now.moving == 0 && now.lists == before.lists && now.rates == before.rates)
        for move in plan.moves {
            let replicas = now.replicas[move.name]
            #expect(replicas == move.before || replicas == move.after, "\(move)")
        }
        #expect(plan.moves.contains { now.replicas[$0.name] == $0.before })
    }

    @Test func throttleListsKeepWhatOthersHaveSet() {
        let owned: Set = ["0:1", "0:2", "3:4"]
        func list(_ now: String?, _ earlier: String?, _ ours: [String]) -> String? {
            Execution.list(now, earlier, ours, owned)
        }
        #expect(list(nil, nil, ["0:1"]) == "0:1")
        #expect(list("0:1", nil, []) == nil)
        #expect(list("", "", ["0:1"]) == "0:1" && list("0:1", "", []) == "")
        #expect(list("9:9,8:8", "9:9,8:8", ["3:4"]) == "9:9,8:8,3:4")
        #expect(list("9:9,8:8,3:4", "9:9,8:8", []) == "9:9,8:8")
        // What stood there before us is not ours, whatever it names.
        #expect(list("0:1,3:4", "0:1", []) == "0:1")
        #expect(list("*", "*", ["0:1"]) == "*")
        // Others' entries that have come since stay.
        #expect(list("0:1,7:7", nil, []) == "7:7")
        #expect(list("0:2,0:1", nil, ["0:1", "0:2"]) == "0:2,0:1")
    }

    @Test func stepsAddOneReplicaAtATime() {
        func walk(_ before: [Int32], _ after: [Int32]) -> [[Int32]] {
            var (now, steps): ([Int32], [[Int32]]) = (before, [])
            while now != after, steps.count < 20 {
                now = MoveStep.next(now: now, inSync: now, leader: now.first, after: after)
                steps.append(now)
            }
            return steps
        }
        #expect(walk([1, 2, 3], [4, 5, 6]) == [[1, 4, 3], [1, 4, 5], [4, 5, 6]])
        #expect(walk([1, 2], [1, 2, 3, 4]) == [[1, 2, 3], [1, 2, 3, 4]])
        #expect(walk([1, 2, 3], [1, 4]) == [[1, 4]])
        #expect(walk([1, 2, 3], [3, 2, 1]) == [[3, 2, 1]])
        #expect(walk([1], [2]) == [[2]])
    }
}
