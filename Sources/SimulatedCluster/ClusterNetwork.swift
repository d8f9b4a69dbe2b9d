// The simulated cluster on the simulated network: a server for each broker, every event of the
// machine at its moment of virtual time.
package import Simulation
package import Transport

/// A machine whose brokers are reached through a simulated system. Everything but reading happens
/// on the thread of that system's loop.
package final class ClusterNetwork: Sendable {
    package let system: SimulatedSystem
    private let machine: Locked<Machine>
    private let servers: [BrokerServer]
    private let listener = Locked<Listener?>(nil)
    private let members: [ZooKeeperMember]
    private let zooKeeperSides = Locked(ZooKeeperSides())
    /// The second number of its addresses.
    private let site: UInt8
    /// The earliest moment at which the machine is looked at by itself.
    private let planned = Locked<UInt64?>(nil)

    /// Puts the brokers of `shape` on the network of `system`; the cluster begins now.
    /// - Parameter site: 0 to 254; of two clusters with the same one the newer has the names and
    ///   addresses, as one that was made anew in the other's place.
    package init(_ shape: Shape, on system: SimulatedSystem, site: UInt8 = 0) {
        self.system = system
        self.site = site
        var machine = Machine(shape, startNs: system.now())
        if site > 0 {
            for id in machine.brokerIDs {
                guard let endpoint = machine.endpoint(id) else { continue }
                machine.setEndpoint(id, host: "site\(site)-\(endpoint.host)", port: endpoint.port)
            }
        }
        servers = machine.brokerIDs.map { BrokerServer(broker: $0) }
        members = machine.zooKeeperServers.map { ZooKeeperMember(server: $0) }
        self.machine = Locked(machine)
        for (server, id) in zip(servers, machine.brokerIDs) {
            server.network.withLock { $0 = self }
            let address = address(id)
            system.set(address, .serves(server))
            if let host = machine.endpoint(id)?.host {
                system.setName(host, .success([address]))
            }
        }
        for member in members {
            member.network.withLock { $0 = self }
            let address = Self.zooKeeperAddress(member.server)
            system.set(address, .serves(member))
            if let host = machine.zooKeeperEndpoint(member.server)?.host {
                system.setName(host, .success([address]))
            }
        }
        planNext()
    }

    /// Lets the servers go: they and the network hold each other.
    package func dismantle() {
        for member in members { member.network.withLock { $0 = nil } }
        for server in servers { server.network.withLock { $0 = nil } }
    }

    private func address(_ id: Int32) -> Address {
        Address(10, site, UInt8(id >> 8 & 255), UInt8(id & 255), port: 9092)
    }

    /// From now on whoever connects to the address of `id` reaches another broker, of this cluster
    /// or of another one on the same network: a map, a tunnel or a name that leads elsewhere. `id`
    /// itself is as before, and nobody reaches it.
    package func lead(_ id: Int32, to other: Int32, of cluster: ClusterNetwork? = nil) {
        guard let own = server(id), let wanted = (cluster ?? self).server(other) else { return }
        system.set(address(id), .serves(wanted))
        system.dropConnections(of: own)
        own.forget()
    }

    /// Nobody reaches any of its brokers from now on.
    package func withdraw() {
        for server in servers {
            system.set(address(server.broker), .refuses)
            system.dropConnections(of: server)
            server.forget()
        }
    }

    /// Brokers are reached again where they were.
    package func restore() {
        for server in servers { system.set(address(server.broker), .serves(server)) }
    }

    /// Where a client begins: the first three brokers.
    package var bootstrap: [Endpoint] {
        machine.withLock { machine in
            machine.brokerIDs.prefix(3).compactMap { id in
                machine.endpoint(id).map { Endpoint(host: $0.host, port: $0.port) }
            }
        }
    }

    /// Looks at the machine; for tests.
    package func inspect<Result>(_ body: (Machine) -> Result) -> Result {
        machine.withLock { body($0) }
    }

    /// Lets something be done to the cluster now, as by a person at its racks. Between two runs of
    /// the loop or on its thread.
    package func change(_ body: (inout Machine) -> Void) {
        advance()
        machine.withLock { body(&$0) }
        advance()
        planNext()
    }

    /// Hands over every exchange and everything that happens to the cluster, a line each, in order.
    package func listen(_ listener: @escaping @Sendable (String) -> Void) {
        self.listener.withLock { $0 = Listener(hear: listener) }
        machine.withLock { $0.log = [] }
    }

    private func report(_ lines: [String]) {
        guard !lines.isEmpty, let listener = listener.withLock({ $0 }) else { return }
        let seconds = Double(system.now() - SimulatedSystem.startNs) / 1e9
        for line in lines { listener.hear("\(seconds)\t\(line)") }
    }

    // MARK: Time

    /// Asks for the machine's next moment, unless an earlier one is asked for already. A request
    /// may bring something about that comes before all that was planned.
    private func planNext() {
        let now = system.now()
        guard let next = machine.withLock({ $0.nextAtNs }) else { return }
        let at = max(next, now)
        let isSooner = planned.withLock { planned in
            guard at < planned ?? .max else { return false }
            planned = at
            return true
        }
        if isSooner { system.at(at) { [weak self] in self?.step(at) } }
    }

    private func step(_ at: UInt64) {
        planned.withLock { if $0 == at { $0 = nil } }
        advance()
        planNext()
    }

    private func advance() {
        let now = system.now()
        let (changes, log) = machine.withLock { machine in
            let changes = machine.advance(to: now)
            defer { if machine.log != nil { machine.log = [] } }
            return (changes, machine.log ?? [])
        }
        report(log)
        for change in changes {
            switch change {
            case .down(let id):
                system.set(address(id), .refuses)
                server(id).map { system.dropConnections(of: $0) }
                server(id)?.forget()
            case .up(let id): server(id).map { system.set(address(id), .serves($0)) }
            case .thawed(let id):
                for (handle, frames) in server(id)?.takeHeld() ?? [] {
                    let side = ServerSide(system: system, handle: handle)
                    for frame in frames { take(frame, id, side) }
                }
            case .zooKeeperDown(let id):
                system.set(Self.zooKeeperAddress(id), .refuses)
                system.dropConnections(of: members[id - 1])
            case .zooKeeperUp(let id):
                system.set(Self.zooKeeperAddress(id), .serves(members[id - 1]))
            }
        }
        deliver()
    }

    /// Lets something happen to the ensemble, now or later.
    package func plan(in delay: Double, _ what: ZooKeeperHappening) {
        advance()
        machine.withLock { $0.plan(in: delay, what) }
        planNext()
    }

    /// Another controller is elected now.
    package func failOverController() {
        advance()
        machine.withLock { $0.schedule(in: 0, .failOverController) }
        planNext()
    }

    // MARK: ZooKeeper

    func openZooKeeper(_ server: Int, _ side: ServerSide) {
        advance()
        let now = system.now()
        let peer = "10.1.0.1:\(40_000 + Int(side.handle) % 20_000)"
        let opened = machine.withLock { $0.openZooKeeper(server: server, peer: peer, now: now) }
        guard let id = opened else { return side.end(reset: true) }
        zooKeeperSides.withLock { all in
            all.sides[id] = side
            all.connections[side.handle] = id
        }
    }

    func receiveZooKeeper(_ bytes: [UInt8], _ side: ServerSide) {
        advance()
        let now = system.now()
        guard let id = zooKeeperSides.withLock({ $0.connections[side.handle] }) else { return }
        machine.withLock { $0.receiveZooKeeper(bytes, connection: id, now: now) }
        deliver()
        planNext()
    }

    func closeZooKeeper(_ side: ServerSide) {
        guard let id = zooKeeperSides.withLock({ $0.connections[side.handle] }) else { return }
        zooKeeperSides.withLock { $0.forget(id) }
        machine.withLock { $0.closeZooKeeper(id) }
    }

    private func deliver() {
        for output in machine.withLock({ $0.takeZooKeeperOutput() }) {
            switch output {
            case .send(let id, let bytes, let delay):
                zooKeeperSides.withLock { $0.sides[id] }?.send(bytes, delayNs: delay)
            case .close(let id):
                zooKeeperSides.withLock { $0.sides[id] }?.end()
                zooKeeperSides.withLock { $0.forget(id) }
            }
        }
    }

    private func server(_ id: Int32) -> BrokerServer? {
        let index = Int(id) - 1
        return servers.indices.contains(index) ? servers[index] : nil
    }

    // MARK: Requests

    fileprivate func take(_ frame: [UInt8], _ broker: Int32, _ side: ServerSide) {
        advance()
        let now = system.now()
        let reaction = machine.withLock { $0.handle(frame, broker: broker, now: now) }
        if listener.withLock({ $0 != nil }) {
            report(["broker \(broker) \(outline(frame)): \(reaction.outline)"])
        }
        switch reaction {
        case .answer(let bytes, let delay): side.send(bytes, delayNs: delay)
        case .hold: server(broker)?.change(side.handle) { $0.hold(frame) }
        case .ignore: server(broker)?.change(side.handle) { $0.isMute = true }
        case .close: side.end()
        }
        deliver()
        planNext()
    }
}

/// Takes each line of the trace.
private struct Listener {
    var hear: @Sendable (String) -> Void
}

/// One broker's end of its connections: takes the stream apart into frames.
private final class BrokerServer: SimulatedServer {
    let broker: Int32
    let network = Locked<ClusterNetwork?>(nil)
    /// By the handle of the client's socket.
    private let connections = Locked<[Int32: BrokerConnection]>([:])

    init(broker: Int32) { self.broker = broker }

    func received(_ bytes: [UInt8], _ side: ServerSide) {
        let (frames, isBroken) = change(side.handle) { $0.take(bytes) }
        let network = network.withLock { $0 }
        for frame in frames { network?.take(frame, broker, side) }
        if isBroken { side.end() }
    }

    /// Changes the state of one connection.
    func change<Result>(_ handle: Int32, _ body: (inout BrokerConnection) -> Result) -> Result {
        connections.withLock { body(&$0[handle, default: BrokerConnection()]) }
    }

    func takeHeld() -> [(Int32, [[UInt8]])] {
        connections.withLock { connections in
            connections.keys.sorted().map { handle in
                (handle, connections[handle]?.takeHeld() ?? [])
            }
        }
    }

    func forget() { connections.withLock { $0 = [:] } }
}
