// What the tests of the road share: a simulated cluster that has been observed until some of its
// partitions have another leader than the preferred one, and an operator on it, in virtual time.
import ClusterModel
import Foundation
import KafkaClient
import Operations
import Planning
import Polling
import SimulatedCluster
import Simulation
import Testing
import Transport

private let second: UInt64 = 1_000_000_000

/// A simulated cluster and what was seen of it.
final class Bench {
    let system: SimulatedSystem
    let network: ClusterNetwork
    let loop: Loop
    let cluster: Cluster
    let folder = Folder()
    /// A line for every request that came to a broker, from now on.
    let exchanges = Locked<[String]>([])

    /// Broker 2 was down for a while: what it led is led by others, and it is back in sync.
    init(_ change: (inout Shape) -> Void = { _ in }) {
        var shape = Shape()
        shape.seed = 11
        shape.brokers = 3
        shape.partitions = 30
        shape.groups = 2
        change(&shape)
        system = SimulatedSystem(seed: shape.seed, cuts: false, wallStartMs: shape.wallStartMs)
        let network = ClusterNetwork(shape, on: system)
        self.network = network
        let loop = Loop(system)
        self.loop = loop
        let seen = Locked(Cluster())
        let observation = Observation(
            ClusterSession(loop: loop, config: ClientConfig(bootstrap: network.bootstrap)),
            mode: .live(refreshNs: 2 * second),
            publish: { cluster in seen.withLock { $0 = cluster } })
        observation.start()
        system.after(5 * second) { network.change { $0.apply(.kill, to: 2) } }
        system.after(40 * second) { network.change { $0.apply(.start, to: 2) } }
        system.after(80 * second) { observation.stop() }
        loop.run(until: system.now() + 81 * second)
        cluster = seen.withLock { $0 }
        network.listen { [exchanges] line in exchanges.withLock { $0.append(line) } }
    }

    deinit {
        loop.stop()
        loop.run()
        network.dismantle()
    }

    /// How often a broker was asked for elections.
    var elections: Int { exchanges.withLock { $0.count(where: isElection) } }

    /// What a review makes of the elections that the cluster needs, once it is confirmed.
    func confirmed(isReadOnly: Bool = false) -> Confirmed? {
        var policy = ReviewPolicy(
            isReadOnly: isReadOnly, tools: KafkaTools(bootstrap: "kafka-1:9092"))
        policy.clusterName = "practice"
        var review = Review(
            PreferredElection.propose(
                ChangeRequest(PreferredElection.kind, of: [.cluster]), in: cluster), policy, cluster
        )
        review.type(review.phrase)
        return review.confirm()
    }

    func session(_ writes: WritePolicy = .allowed) -> ClusterSession {
        ClusterSession(
            loop: loop, config: ClientConfig(bootstrap: network.bootstrap), writes: writes)
    }

    /// Lets an operator carry `confirmed` out and time pass.
    func run(
        _ confirmed: Confirmed, _ journal: Journal, _ session: ClusterSession? = nil,
        find: @escaping @Sendable (any Change) -> (any Operations.Operation)? = {
            $0 as? any Operations.Operation
        },
        seconds: UInt64 = 200,
        each: @escaping @Sendable (OperationEvent, Operator) -> Void = { _, _ in }
    ) -> [OperationEvent] {
        let session = session ?? self.session()
        let maker = Operator(session, journal: { _ in journal }, find: find)
        let events = Locked<[OperationEvent]>([])
        maker.run(confirmed) { [weak maker] event in
            events.withLock { $0.append(event) }
            if let maker { each(event, maker) }
        }
        loop.run(until: system.now() + seconds * second)
        session.run { $0.close() }
        loop.run(until: system.now() + second)
        withExtendedLifetime(maker) {}
        return events.withLock { $0 }
    }
}

/// Whether a line of the network's trace is a request for elections.
@Sendable func isElection(_ line: String) -> Bool {
    line.contains(" ElectLeaders ") || line.contains(" API 43 ")
}

extension [OperationEvent] {
    var refusal: OperationRefusal? {
        guard count == 1, case .refused(let refusal) = self[0] else { return nil }
        return refusal
    }

    var ending: (outcomes: [StepOutcome], reason: String?)? {
        // What was changed is read again after the end.
        for case .ended(let outcomes, let reason) in reversed() { return (outcomes, reason) }
        return nil
    }
}
