// The simulated ensemble on the simulated network: a server for each of its members.
import Simulation
package import Transport

extension ClusterNetwork {
    static func zooKeeperAddress(_ server: Int) -> Address {
        Address(10, 255, 0, UInt8(server & 255), port: 2181)
    }

    /// Where clients of the ensemble begin; empty on KRaft.
    package var zooKeeperServers: [Endpoint] {
        inspect { machine in
            machine.zooKeeperServers.compactMap { server in
                machine.zooKeeperEndpoint(server).map { Endpoint(host: $0.host, port: $0.port) }
            }
        }
    }
}

/// Who is at the client's end of each connection to the ensemble.
struct ZooKeeperSides: Sendable {
    var sides: [Int: ServerSide] = [:]
    var connections: [Int32: Int] = [:]

    mutating func forget(_ connection: Int) {
        guard let side = sides.removeValue(forKey: connection) else { return }
        connections[side.handle] = nil
    }
}

/// One member's end of its connections. The machine takes the stream apart.
final class ZooKeeperMember: SimulatedServer {
    let server: Int
    let network = Locked<ClusterNetwork?>(nil)

    init(server: Int) { self.server = server }

    func opened(_ side: ServerSide) { network.withLock { $0 }?.openZooKeeper(server, side) }

    func received(_ bytes: [UInt8], _ side: ServerSide) {
        network.withLock { $0 }?.receiveZooKeeper(bytes, side)
    }

    func closed(_ side: ServerSide) { network.withLock { $0 }?.closeZooKeeper(side) }
}
