// Plans carried out on a simulated cluster, with the operator ended as by kill -9 and brokers
// killed at every step: what is left is read from the cluster, and all ends where it should.
import ClusterModel
import Foundation
import JSON
import KafkaClient
import Planning
import SimulatedCluster
import Simulation
import Testing
import Transport

@testable import Operations

private let second: UInt64 = 1_000_000_000

/// One process that carries out, on a loop of its own: left without its loop it is dead, whatever
/// it was waiting for.
final class Life {
    let site: ExecutionSite
    let loop: Loop
    let folder = Folder()
    let session: ClusterSession
    let maker: Operator
    let events = Locked<[OperationEvent]>([])

    /// - Parameter journal: what the process before has left.
    init(_ site: ExecutionSite, journal: String = "") throws {
        self.site = site
        let loop = Loop(site.system)
        self.loop = loop
        session = ClusterSession(
            loop: loop, config: ClientConfig(bootstrap: site.network.bootstrap), writes: .allowed)
        let path = folder.file
        if !journal.isEmpty {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            try journal.write(toFile: path, atomically: false, encoding: .utf8)
        }
        maker = Operator(
            session, journal: { _ throws(JournalError) in try Journal(path: path) })
    }

    /// From now on it does nothing; what it has left on the disk.
    func die() -> String {
        let left = folder.text
        // The kernel ends its connections.
        session.run { $0.close() }
        loop.run(until: site.system.now() + 1_000_000)
        loop.stop()
        loop.run()
        isDead = true
        return left
    }
    private var isDead = false

    deinit { if !isDead { _ = die() } }

    var report: @Sendable (OperationEvent) -> Void {
        { [events] event in events.withLock { $0.append(event) } }
    }

    var isOver: Bool {
        events.withLock { events in
            switch events.last {
            case .refused, .ended: true
            default: false
            }
        }
    }

    func run(seconds: Double) {
        loop.run(until: site.system.now() + UInt64(seconds * 1e9))
    }

    /// Runs to the end; nil is no end within hours.
    func end() -> OperationEvent? {
        for _ in 0..<120 where !isOver { run(seconds: 5) }
        return isOver ? events.withLock { $0.last } : nil
    }

    var records: [JournalRecord] {
        (try? Journal.read(path: folder.file).records) ?? []
    }
}

@Suite struct ExecutionTests {
    private static let throttle: Int64 = 1_000_000_000_000

    private func drain(_ site: ExecutionSite) throws -> PlanExecution {
        var request = PlanRequest(.drain)
        request.brokers = [4]
        let plan = try site.plan(request, throttle: Self.throttle)
        try #require(!plan.moves.isEmpty && plan.bytes > 0)
        return plan
    }

    /// Everything is where the plan has it, and no throttle stays that was not there before.
    private func expectDone(
        _ site: ExecutionSite, _ plan: PlanExecution, _ before: ExecutionSite.Standing,
        _ comment: Comment = ""
    ) throws {
        let now = try site.standing(of: plan)
        for move in plan.moves {
            #expect(now.replicas[move.name] == move.after, "\(move) \(comment)")
            #expect(now.leaders[move.name] == move.leaderAfter, "\(move) \(comment)")
        }
        #expect(now.moving == 0, comment)
        #expect(now.lists == before.lists, comment)
        #expect(now.rates == before.rates, comment)
    }

    private func expectBack(
        _ site: ExecutionSite, _ plan: PlanExecution, _ before: ExecutionSite.Standing,
        _ comment: Comment = ""
    ) throws {
        let now = try site.standing(of: plan)
        #expect(now == before, comment)
    }

    // MARK: To the end

    @Test(arguments: [false, true]) func aBrokerIsDrained(_ isZooKeeper: Bool) throws {
        let site = ExecutionSite(seed: 7, isZooKeeper: isZooKeeper)
        let plan = try drain(site)
        // Somebody's own throttles stay as they are, to the byte.
        let topic = plan.moves[0].topic
        site.set(.topic(topic), ThrottleLists.leaderKey, "77:9,78:9")
        site.set(.broker(1), ThrottleRates.leaderKey, "123456")
        let before = try site.standing(of: plan)
        #expect(before.rates[1]?.leader == "123456")
        #expect(before.lists[topic]?.leader == "77:9,78:9")

        let life = try Life(site)
        life.maker.run(try site.confirmed(plan), report: life.report)
        #expect(
            life.end() == .ended(outcomes: [], reason: nil),
            "\(life.events.withLock { $0.suffix(2) })")
        try expectDone(site, plan, before)
        let entry = try #require(life.records.last?.entry)
        #expect(entry.state == .done && entry.undo != nil)

        // Both files are what kafka-reassign-partitions takes.
        let own = (life.folder.file as NSString).deletingLastPathComponent + "/\(entry.id)"
        for name in ["plan.json", "rollback.json"] {
            let text = try String(contentsOfFile: own + "/" + name, encoding: .utf8)
            #expect(text.hasPrefix("{\"version\":1,\"partitions\":[{\"topic\":"), "\(text)")
        }

        // And back: order, leaders and configs as they were.
        var undo = try #require(plan.undo)
        undo.undoes = entry.id
        let facts = Locked<[Fact]>([])
        life.maker.read(undo) { result in
            if case .success(let reading) = result { facts.withLock { $0 = reading.facts } }
        }
        life.run(seconds: 20)
        let back = undo.rebased(on: facts.withLock { $0 })
        #expect(back.moves.count == plan.moves.count)
        life.events.withLock { $0 = [] }
        life.maker.run(try site.confirmed(back), report: life.report)
        #expect(life.end() == .ended(outcomes: [], reason: nil))
        try expectBack(site, plan, before)
    }

    /// In flight never more than the limits, throttled before they begin, and never more than one
    /// new replica of a partition.
    @Test func limitsHold() throws {
        let site = ExecutionSite(seed: 3, partitions: 90)
        let plan = try drain(site)
        let life = try Life(site)
        life.maker.run(try site.confirmed(plan), report: life.report)
        var most = 0
        while !life.isOver {
            life.run(seconds: 0.5)
            let now = site.network.inspect { $0.moveTruths }
            most = max(most, now.count)
            var into: [Int32: Int] = [:]
            for move in now {
                #expect(move.count <= 1)
                for broker in move { into[broker, default: 0] += 1 }
            }
            #expect(into.values.allSatisfy { $0 <= Limits.copiesPerBroker })
        }
        #expect(most > 3)
        #expect(life.events.withLock { $0.last } == .ended(outcomes: [], reason: nil))
    }

    // MARK: Killed

    /// How many lines the journal has after a whole run: every one is a moment to die at.
    @Test(arguments: ExecutionSite.seeds ?? [1, 3]) func killedAtEveryStep(_ seed: UInt64) throws {
        let whole = ExecutionSite(seed: seed)
        let plan = try drain(whole)
        let first = try Life(whole)
        first.maker.run(try whole.confirmed(plan), report: first.report)
        #expect(first.end() == .ended(outcomes: [], reason: nil))
        let text = first.folder.text.split(separator: "\n")
        let moments = try text.map { line in
            try #require(JSONValue(parsing: String(line))["at_ms"]?.integer)
        }
        #expect(moments.count > 8)
        // Every line over the seeds; each seed has its own share.
        for line in stride(from: Int(seed), to: moments.count - 1, by: 4) {
            let isUndone = (line + Int(seed)) % 3 == 0
            try dieAndGoOn(
                seed, atLine: line, afterMs: moments[line] - moments[0], plan, isUndone: isUndone)
        }
    }

    /// Whoever carries it out is ended at any moment, and whoever resumes it too, with brokers
    /// killed while they run; on ZooKeeper too. HIGHWATER_SEEDS=N takes so many seeds.
    @Test(arguments: ExecutionSite.seeds ?? [1, 2]) func killedAtRandomMoments(
        _ seed: UInt64
    ) throws {
        let comment: Comment = "seed \(seed)"
        var chance = SeededGenerator(seed: seed)
        let site = ExecutionSite(seed: seed % 4 + 1, isZooKeeper: seed % 3 == 0)
        let plan = try drain(site)
        let before = try site.standing(of: plan)
        var life = try Life(site)
        life.maker.run(try site.confirmed(plan), report: life.report)
        life.run(seconds: 0.5 + 2 * chance.unit())
        for _ in 0..<(1 + chance.next() % 3) where !life.isOver {
            life.run(seconds: 6 * chance.unit())
            let victim = Int32(chance.next() % 9) + 1
            let isBrokerKilled = chance.next() % 2 == 0
            if isBrokerKilled {
                site.network.change { $0.apply(.kill, to: victim) }
                life.run(seconds: 8 * chance.unit())
            }
            if life.isOver {
                site.network.change { $0.apply(.start, to: victim) }
                site.run(seconds: 30)
                break
            }
            let id = try #require(life.records.last?.id)
            let left = life.die()
            site.run(seconds: 1 + UInt64(chance.next() % 10))
            if isBrokerKilled { site.network.change { $0.apply(.start, to: victim) } }
            life = try Life(site, journal: left)
            life.maker.takeUp(id, of: site.clusterID, report: life.report)
        }
        let ending = life.end()
        // A disk that fails, as of the volume that was bought too small, is said; it does not end.
        if case .moving(let progress) = life.events.withLock({ $0.last }),
            progress.paused.contains(where: { $0.hasSuffix("a log directory that fails") })
        {
            return
        }
        #expect(
            ending == .ended(outcomes: [], reason: nil),
            "\(comment) \(life.events.withLock { $0.suffix(2) })")
        try expectDone(site, plan, before, comment)
    }

    private func dieAndGoOn(
        _ seed: UInt64, atLine line: Int, afterMs: Int64, _ plan: PlanExecution, isUndone: Bool
    ) throws {
        let comment: Comment = "seed \(seed), line \(line), \(isUndone ? "undo" : "resume")"
        let site = ExecutionSite(seed: seed)
        let before = try site.standing(of: plan)
        let life = try Life(site)
        life.maker.run(try site.confirmed(plan), report: life.report)
        for _ in 0..<100 where life.records.isEmpty { life.run(seconds: 0.001) }
        life.run(seconds: Double(afterMs) / 1e3)
        let left = life.die()
        let id = try #require(life.records.last?.id)
        // The dead one's loop does not run any more; a broker dies meanwhile, and comes back.
        let victim = Int32(line % 9) + 1
        if line % 2 == 0 { site.network.change { $0.apply(.kill, to: victim) } }
        site.run(seconds: 15)
        if line % 2 == 0 { site.network.change { $0.apply(.start, to: victim) } }
        if line % 4 == 0 { site.run(seconds: 40) }

        let next = try Life(site, journal: left)
        if isUndone {
            var undo = try #require(plan.undo)
            undo.undoes = id
            let facts = Locked<[Fact]>([])
            next.maker.read(undo) { result in
                if case .success(let reading) = result { facts.withLock { $0 = reading.facts } }
            }
            // A broker that has just come back is waited for.
            next.run(seconds: 60)
            var back = undo.rebased(on: facts.withLock { $0 })
            back.undoes = id
            if back.before == back.after {
                // Nothing is to be moved back: its throttles are.
                next.maker.takeUp(
                    id, of: site.clusterID, as: .adopt, report: next.report)
                #expect(next.end() != nil, comment)
                try expectBack(site, plan, before, comment)
            } else {
                next.maker.run(try site.confirmed(back), report: next.report)
                let ending = next.end()
                #expect(
                    ending == .ended(outcomes: [], reason: nil),
                    "\(comment) \(next.events.withLock { $0.suffix(2) })")
                let isOver = next.records.allSatisfy { $0.isEnded }
                #expect(isOver, comment)
                try expectBack(site, plan, before, comment)
            }
        } else {
            next.run(seconds: 60)
            next.maker.takeUp(id, of: site.clusterID, report: next.report)
            let ending = next.end()
            #expect(
                ending == .ended(outcomes: [], reason: nil),
                "\(comment) \(next.events.withLock { $0.suffix(2) })")
            try expectDone(site, plan, before, comment)
        }
    }
}
