// The process is ended with kill -9 at every step of a bulk change of 200 topics: the journal says
// which were sent, which were answered and which are unknown, the cluster says what those became,
// and nothing is sent twice.
import ClusterModel
import Foundation
import JSON
import KafkaClient
import Planning
import Polling
import SimulatedCluster
import Simulation
import Testing
import Transport

@testable import Operations

private let second: UInt64 = 1_000_000_000
private let key = "max.message.bytes"

/// Where the process ends.
private enum Death: Hashable, CustomStringConvertible {
    /// The intent is written, no request is.
    case afterIntent
    /// A request is written down and has not left.
    case beforeRequest(Int)
    /// It has left, and its answer finds nobody.
    case afterRequest(Int)
    /// Its answer is written down.
    case afterAnswer(Int)

    var description: String {
        switch self {
        case .afterIntent: "after the intent"
        case .beforeRequest(let step): "before request \(step)"
        case .afterRequest(let step): "after request \(step)"
        case .afterAnswer(let step): "after answer \(step)"
        }
    }
}

/// A change whose process dies: from then on nothing leaves and no answer is heard.
private struct Mortal: Wrapped {
    let change: ConfigAlteration
    let death: Death
    let isDead: Locked<Bool>

    init(_ change: ConfigAlteration, _ death: Death, _ isDead: Locked<Bool>) {
        (self.change, self.death, self.isDead) = (change, death, isDead)
    }
    init?(_ document: JSONValue) { return nil }

    static let kind = "mortal"
    func around(_ change: ConfigAlteration) -> Mortal { Mortal(change, death, isDead) }

    var steps: [Step] {
        change.steps.enumerated().map { index, step in
            Step(step.resources) { [death, isDead] client, completion in
                if death == .beforeRequest(index + 1) { isDead.withLock { $0 = true } }
                guard !isDead.withLock({ $0 }) else { return }
                step.send(client) { result in
                    if death == .afterRequest(index + 1) { isDead.withLock { $0 = true } }
                    if !isDead.withLock({ $0 }) { completion(result) }
                }
            }
        }
    }
}

/// A simulated cluster of more than 200 topics, the same each time.
private final class Site {
    let system: SimulatedSystem
    let network: ClusterNetwork
    let loop: Loop
    let folder = Folder()
    let alterations = Locked(0)

    init() {
        var shape = Shape()
        shape.seed = 5
        shape.brokers = 3
        shape.partitions = 4_200
        shape.offsetsPartitions = 3
        shape.groups = 0
        system = SimulatedSystem(seed: shape.seed, cuts: false, wallStartMs: shape.wallStartMs)
        network = ClusterNetwork(shape, on: system)
        loop = Loop(system)
        network.listen { [alterations] line in
            if line.contains(" IncrementalAlterConfigs ") || line.contains(" API 44 ") {
                alterations.withLock { $0 += 1 }
            }
        }
    }

    deinit {
        loop.stop()
        loop.run()
        network.dismantle()
    }

    func session() -> ClusterSession {
        ClusterSession(
            loop: loop, config: ClientConfig(bootstrap: network.bootstrap), writes: .allowed)
    }

    func cluster() -> Cluster {
        let seen = Locked(Cluster())
        let observation = Observation(
            session(), mode: .once(limitNs: 60 * second), sections: [.metadata],
            publish: { cluster in seen.withLock { $0 = cluster } })
        observation.start()
        loop.run(until: system.now() + 60 * second)
        observation.stop()
        return seen.withLock { $0 }
    }

    func facts(of change: ConfigAlteration, _ maker: Operator) -> FactTable? {
        let read = Locked<FactTable?>(nil)
        maker.read(change) { result in
            guard case .success(let reading) = result else { return }
            read.withLock { $0 = FactTable(reading.facts) }
        }
        loop.run(until: system.now() + 120 * second)
        return read.withLock { $0 }
    }

    func carryOut(_ change: ConfigAlteration, _ cluster: Cluster, _ maker: Operator) throws {
        var review = Review(Proposal(change), ReviewPolicy(), cluster)
        review.type(review.phrase)
        let confirmed = try #require(review.confirm())
        let events = Locked<[OperationEvent]>([])
        maker.run(confirmed) { event in events.withLock { $0.append(event) } }
        loop.run(until: system.now() + 300 * second)
        let ending = try #require(events.withLock { $0 }.ending)
        #expect(ending.reason == nil && ending.outcomes.allSatisfy { $0.error == nil })
    }
}

@Suite struct CrashTests {
    private static let stepCount = 4

    private static let deaths: [Death] =
        [.afterIntent]
        + (1...stepCount).flatMap { [.beforeRequest($0), .afterRequest($0), .afterAnswer($0)] }

    private static func change(_ cluster: Cluster) -> ConfigAlteration {
        ConfigAlteration(
            cluster.topics.lazy.filter { !$0.isInternal }.prefix(200).map {
                .init(.topic($0.name), key, from: nil, to: "2000000")
            })
    }

    @Test(arguments: deaths) private func theJournalKnowsWhatWasSent(_ death: Death) throws {
        let site = Site()
        let cluster = site.cluster()
        let change = Self.change(cluster)
        try #require(change.items.count == 200 && change.steps.count == Self.stepCount)
        let left = try die(site, cluster, change, death)
        let sent = site.alterations.withLock { $0 }

        // Another process, later.
        try left.write(toFile: site.folder.file, atomically: false, encoding: .utf8)
        let reading = try Journal.read(path: site.folder.file)
        let entry = try #require(reading.records.last?.entry)
        #expect(reading.records.count == 1 && reading.unreadable == 0)
        let isOver = death == .afterAnswer(Self.stepCount)
        #expect(entry.state == .unfinished, "\(death)")
        let counts = Dictionary(grouping: entry.results, by: \.outcome).mapValues(\.count)
        let (answered, unknown): (Int, Int) =
            switch death {
            case .afterIntent: (0, 0)
            case .beforeRequest(let step), .afterRequest(let step): (step - 1, 1)
            case .afterAnswer(let step): (step, 0)
            }
        #expect(entry.results.count == 200)
        #expect(counts[.done] ?? 0 == answered * 50, "\(death): \(counts)")
        #expect(counts[.unknown] ?? 0 == unknown * 50, "\(death): \(counts)")
        #expect(counts[.notSent] ?? 0 == 200 - (answered + unknown) * 50, "\(death): \(counts)")
        if case .beforeRequest = death {
            #expect(sent == answered)
        } else {
            #expect(sent == answered + unknown)
        }

        // The cluster says the same of each, and what the unknown ones became.
        let path = site.folder.file
        let maker = Operator(
            site.session(),
            journal: { _ throws(JournalError) in
                try Journal(path: path)
            })
        let facts = try #require(site.facts(of: change, maker))
        for result in entry.results {
            let now = facts.value(result.resource, key, else: nil)
            switch result.outcome {
            case .done: #expect(now == "2000000", "\(death): \(result.resource)")
            case .notSent: #expect(now == nil, "\(death): \(result.resource)")
            case .unknown:
                let isMade = if case .afterRequest = death { true } else { false }
                #expect((now == "2000000") == isMade, "\(death): \(result.resource)")
            case .refused, .notDone: Issue.record("\(death): \(result)")
            }
        }
        // Reading has sent nothing again.
        #expect(site.alterations.withLock { $0 } == sent)

        // What is not done is done, each once; then the whole is taken back.
        let rest = change.restricted { facts.value($0, key, else: nil) == nil }
        if !isOver, !rest.items.isEmpty { try site.carryOut(rest, cluster, maker) }
        let more = site.alterations.withLock { $0 } - sent
        #expect(more == (rest.items.count + 49) / 50, "\(death)")
        let undo = try #require(change.undo)
        try site.carryOut(undo, cluster, maker)
        let after = try #require(site.facts(of: change, maker))
        #expect(
            change.items.allSatisfy { item in
                after.value("topic \(topic(item))", key, else: nil) == nil
            })
    }

    private func topic(_ item: ConfigAlteration.Item) -> String {
        if case .topic(let name) = item.resource { name } else { "" }
    }

    /// Carries out until the process dies; what it left in its journal.
    private func die(
        _ site: Site, _ cluster: Cluster, _ change: ConfigAlteration, _ death: Death
    ) throws -> String {
        var review = Review(Proposal(change), ReviewPolicy(), cluster)
        review.type(review.phrase)
        let confirmed = try #require(review.confirm())
        let isDead = Locked(false)
        let left = Locked<String?>(nil)
        let path = site.folder.file
        let maker = Operator(
            site.session(),
            journal: { _ throws(JournalError) in try Journal(path: path) },
            find: { change in
                (change as? ConfigAlteration).map { Mortal($0, death, isDead) }
            })
        maker.run(confirmed) { event in
            let isEnd =
                switch event {
                case .begun: death == .afterIntent
                case .progress(let done, _): death == .afterAnswer(done)
                default: false
                }
            guard isEnd else { return }
            isDead.withLock { $0 = true }
            left.withLock { $0 = try? String(contentsOfFile: path, encoding: .utf8) }
        }
        site.loop.run(until: site.system.now() + 300 * second)
        #expect(isDead.withLock { $0 }, "\(death)")
        return try left.withLock { $0 } ?? String(contentsOfFile: path, encoding: .utf8)
    }
}
