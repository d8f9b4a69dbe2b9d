// The simulated cluster on real sockets: one listener on loopback for each broker, all served by
// one thread, so that other clients (kcat, Kafka's own tools, `snapshot`) can be pointed at it.
import Glibc
package import Transport

/// A cluster listening on 127.0.0.1 until `stop`.
package final class LoopbackCluster: Sendable {
    /// Where each broker listens, by id.
    package let endpoints: [Endpoint]
    /// Where each server of the ensemble listens; empty on KRaft.
    package let zooKeeperServers: [Endpoint]
    /// The same as a client writes it, with the path after them.
    package let zooKeeperConnect: String
    private let isStopped = Locked(false)

    /// Listens and starts the thread, on which `report` hears, once each, what clients asked that
    /// the simulation does not play, and `heard` every request, before anything is done about it.
    package init(
        _ shape: Shape, report: @escaping @Sendable (String) -> Void = { _ in },
        heard: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) throws(TransportError) {
        let server = try LoopbackServers(shape, report, heard)
        endpoints = server.endpoints
        zooKeeperServers = server.zooKeeperServers
        zooKeeperConnect = server.zooKeeperConnect
        let isStopped = isStopped
        let started = Thread.startDetached {
            var own = server
            own.serve { isStopped.withLock { $0 } }
        }
        guard started else { throw .system(call: "pthread_create", errno: EAGAIN) }
    }

    /// Ends within a tenth of a second; connections are closed.
    package func stop() { isStopped.withLock { $0 = true } }
}
