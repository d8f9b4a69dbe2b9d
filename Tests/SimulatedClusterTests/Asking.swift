// What the tests share: asking a machine directly, and running the real observer on it.
import ClusterModel
import KafkaClient
import KafkaWire
import Polling
import SimulatedCluster
import Simulation
import Transport

let second: UInt64 = 1_000_000_000

/// A machine that is asked without any network.
struct Asked {
    var machine: Machine
    var now: UInt64 = 0

    init(_ shape: Shape) { machine = Machine(shape, startNs: 0) }

    mutating func advance(seconds: Double) {
        now += UInt64(seconds * 1e9)
        _ = machine.advance(to: now)
    }

    /// The answer's frame without its size, or nil where the broker does not answer.
    mutating func bytes<R: KafkaRequest>(
        _ request: R, version: Int16, broker: Int32 = 1
    ) throws -> [UInt8]? {
        let frame = try encodeRequest(
            request, version: version, correlationID: 77, clientID: "test")
        let reaction = machine.handle([UInt8](frame.dropFirst(4)), broker: broker, now: now)
        guard case .answer(let bytes, _) = reaction else { return nil }
        return [UInt8](bytes.dropFirst(4))
    }

    mutating func ask<R: KafkaRequest>(
        _ request: R, version: Int16, broker: Int32 = 1
    ) throws -> R.Response? {
        guard let bytes = try bytes(request, version: version, broker: broker) else { return nil }
        return try bytes.withUnsafeBytes {
            try decodeResponseFrame(R.self, version: version, frame: $0).response
        }
    }
}

/// The real observer on a simulated cluster in virtual time.
struct Watched: Sendable {
    var pictures: [Cluster] = []
    var trace: UInt64 = 0

    /// Runs for so many virtual seconds; `keep` picks what is kept of each picture.
    static func run(
        _ shape: Shape, seconds: Double, refreshSeconds: Double = 2,
        ensemble: @Sendable (ClusterNetwork) -> EnsembleConfig = { _ in EnsembleConfig() },
        each: @escaping @Sendable (Cluster) -> Void = { _ in },
        atEnd: @escaping @Sendable (ClusterNetwork) -> Void = { _ in }
    ) -> Watched {
        let system = SimulatedSystem(
            seed: shape.seed, cuts: false, wallStartMs: shape.wallStartMs)
        let network = ClusterNetwork(shape, on: system)
        let loop = Loop(system)
        let pictures = Locked<[Cluster]>([])
        let observation = Observation(
            ClusterSession(loop: loop, config: ClientConfig(bootstrap: network.bootstrap)),
            mode: .live(refreshNs: UInt64(refreshSeconds * 1e9)), ensemble: ensemble(network),
            publish: { cluster in
                each(cluster)
                pictures.withLock { $0 = [cluster] }
            })
        observation.start()
        system.after(UInt64(seconds * 1e9)) {
            atEnd(network)
            observation.stop()
            loop.stop()
        }
        loop.run()
        network.dismantle()
        return Watched(pictures: pictures.withLock { $0 }, trace: system.trace)
    }

    var last: Cluster { pictures.last ?? Cluster() }
}

/// A cluster small enough for debug builds.
func smallShape(seed: UInt64 = 7) -> Shape {
    var shape = Shape()
    shape.seed = seed
    shape.brokers = 6
    shape.partitions = 60
    shape.groups = 12
    return shape
}
