// Read-only is enforced from what each message says of itself: every API of `allRequests`, in every
// version, under both policies. There is no list of keys here that could be forgotten.

import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import KafkaClient

/// What can also be asked as if.
private protocol TrialRequest: KafkaRequest { var validateOnly: Bool { get set } }
extension AlterConfigsRequest: TrialRequest {}
extension IncrementalAlterConfigsRequest: TrialRequest {}
extension CreateTopicsRequest: TrialRequest {}
extension CreatePartitionsRequest: TrialRequest {}

@Suite struct ReadOnlyTests {
    /// What became of every API in every version under one policy.
    private struct Outcome {
        /// API and version of each request that ended with READ_ONLY.
        var refused: Set<String> = []
        /// Of those, the ones whose error says that they may have reached the broker.
        var sent: [String] = []
        /// Those whose empty request an early version cannot carry.
        var inexpressible: Set<String> = []
        var ended = 0
        /// API keys and versions that came to the broker, its negotiation left out.
        var seen: Set<String> = []
        var connections = 0
        var bytes: UInt64 = 0
    }

    private func outcome(
        _ writes: WritePolicy, _ effects: Set<ApiEffect>, asTrials: Bool = false
    ) -> Outcome {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let types = allRequests.filter { effects.contains($0.effect) }
        broker.change { behaviour in
            for type in allRequests where type.apiKey != ApiVersionsRequest.apiKey {
                behaviour.ranges[type.apiKey] = type.versions
                behaviour.custom[type.apiKey] = { _, _ in nil }
            }
        }
        let outcome = Locked(Outcome())
        var config = ClientConfig(bootstrap: [])
        config.backoffMinNs = 1
        config.backoffMaxNs = 1
        withClient(system, config, writes) { client in
            client.updateBrokers([broker.listed])
            var asks: [() -> Void] = []
            for type in types { asks += Self.asks(type, client, outcome, asTrials) }
            client.every(second, asks.count) { asks[$0]() }
            client.loop.after(UInt64(asks.count + 5) * second) {
                outcome.withLock { $0.bytes = client.counters.bytesOut }
                client.close()
            }
        }
        return outcome.withLock { outcome in
            outcome.seen = Set(
                broker.behaviour.withLock { $0.seen }
                    .map { "\($0.key) \($0.version)" })
            outcome.connections = broker.server.connections
            return outcome
        }
    }

    /// A request of each version, to the broker itself.
    private static func asks<R: KafkaRequest>(
        _ type: R.Type, _ client: KafkaClient, _ outcome: Locked<Outcome>, _ asTrials: Bool
    ) -> [() -> Void] {
        var request = R()
        if asTrials, var trial = request as? any TrialRequest {
            trial.validateOnly = true
            request = (trial as? R) ?? request
        }
        return R.versions.map { [request] version in
            {
                client.send(
                    to: .broker(1), greatestVersion: version, building: { _ in request }
                ) { result in
                    outcome.withLock { outcome in
                        outcome.ended += 1
                        guard case .failure(let error) = result else { return }
                        switch error.code {
                        case .readOnly:
                            outcome.refused.insert("\(R.apiKey) \(version)")
                            if error.wasSent { outcome.sent.append(R.name) }
                        case .cannotExpress: outcome.inexpressible.insert("\(R.apiKey) \(version)")
                        default: break
                        }
                    }
                }
            }
        }
    }

    private func all(_ effect: ApiEffect) -> Set<String> {
        Set(
            allRequests.filter { $0.effect == effect }
                .flatMap { type in type.versions.map { "\(type.apiKey) \($0)" } })
    }

    @Test func readOnlyStopsEveryChangeBeforeAByteLeaves() {
        let changes = outcome(.readOnly, [.changes])
        #expect(changes.refused == all(.changes))
        #expect(changes.ended == all(.changes).count && changes.ended >= 47)
        #expect(changes.sent == [])
        #expect(changes.connections == 0)
        #expect(changes.bytes == 0)
    }

    /// A session that may only try: what changes stays here, what only asks leaves.
    @Test func trialsLeaveAndChangesDoNot() {
        let changes = outcome(.trials, [.changes])
        #expect(changes.refused == all(.changes))
        #expect(changes.sent == [] && changes.connections == 0 && changes.bytes == 0)
        let trials = outcome(.trials, [.changes], asTrials: true)
        let tried = Set(
            [AlterConfigsRequest.self, IncrementalAlterConfigsRequest.self]
                .flatMap { (type: any KafkaRequest.Type) in
                    type.versions.map { "\(type.apiKey) \($0)" }
                }
        )
        .union(CreateTopicsRequest.versions.map { "\(CreateTopicsRequest.apiKey) \($0)" })
        .union(
            CreatePartitionsRequest.versions.map { "\(CreatePartitionsRequest.apiKey) \($0)" })
        #expect(trials.refused == all(.changes).subtracting(tried))
        let own = Set(ApiVersionsRequest.versions.map { "\(ApiVersionsRequest.apiKey) \($0)" })
        #expect(trials.seen.subtracting(own) == tried)
        let denied = outcome(.readOnly, [.changes], asTrials: true)
        #expect(denied.refused == all(.changes) && denied.bytes == 0)
    }

    @Test func readOnlyLetsEveryReadingRequestPass() {
        let reads = outcome(.readOnly, [.reads])
        #expect(reads.refused == [])
        #expect(reads.ended == all(.reads).count)
        let own = Set(ApiVersionsRequest.versions.map { "\(ApiVersionsRequest.apiKey) \($0)" })
        #expect(reads.seen.union(reads.inexpressible).union(own).isSuperset(of: all(.reads)))
        #expect(reads.inexpressible.count <= 3)
    }

    @Test func changesPassWhereTheyAreAllowed() {
        let changes = outcome(.allowed, [.changes])
        #expect(changes.refused == [])
        #expect(changes.seen.isSuperset(of: all(.changes)))
    }

    /// The same message under its column layout says the same of itself.
    @Test func everyMessageSaysWhatItDoes() {
        for type in allRequests {
            #expect(!type.verb.isEmpty && type.verb.first?.isLowercase == true, "\(type.name)")
        }
        let names = Set(allRequests.filter { $0.effect == .changes }.map { $0.name })
        for type in allRequests {
            let isNamedSo =
                ["Alter", "Delete", "Create", "Commit", "Leave"].contains { type.name.contains($0) }
                || type.name.hasPrefix("Elect")
            #expect(names.contains(type.name) == isNamedSo, "\(type.name)")
        }
    }

    /// A change that may have reached one broker is not sent to another.
    @Test func onlyReadingRequestsAreRepeated() {
        func seen<R: KafkaRequest>(_ type: R.Type, _ request: R) -> [Int] {
            let system = SimulatedSystem()
            let brokers = (1...3).map { FakeBroker(Int32($0), system) }
            for broker in brokers {
                broker.change { behaviour in
                    behaviour.ranges[R.apiKey] = R.versions
                    behaviour.custom[R.apiKey] = { _, _ in nil }
                }
            }
            let ended = Locked<[ClientError]>([])
            withClient(system, ClientConfig(bootstrap: []), .allowed) { client in
                client.updateBrokers(brokers.map(\.listed))
                client.send(request, to: .any) { result in
                    guard case .failure(let error) = result else { return }
                    ended.withLock { $0.append(error) }
                }
            }
            #expect(ended.withLock { $0.map(\.wasSent) } == [true])
            return brokers.map { $0.seen.count { $0 == R.apiKey } }
        }
        #expect(seen(ElectLeadersRequest.self, ElectLeadersRequest()).reduce(0, +) == 1)
        #expect(seen(ListGroupsRequest.self, ListGroupsRequest()) == [1, 1, 1])
    }
}
