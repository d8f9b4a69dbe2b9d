// The real ZooKeeper client on the simulated ensemble: over the simulated network in virtual time,
// through lost leaders and chaos, and over loopback.
import KafkaWire
import SimulatedCluster
import Simulation
import Testing
import Transport
import ZooKeeperClient

/// What one session saw.
private struct Seen: Sendable {
    var events: [String] = []
    var texts: [String: String] = [:]
    var attachments = 0
    var expirations = 0
    var trace: UInt64 = 0
}

/// Runs a session in virtual time; `script` plans what it asks and when.
private func observed(
    _ shape: Shape, seconds: Double,
    _ script:
        @escaping @Sendable (
            ZooKeeperSession, ClusterNetwork, @escaping @Sendable (String, String) -> Void
        ) -> Void
) -> Seen {
    let system = SimulatedSystem(seed: shape.seed, wallStartMs: shape.wallStartMs)
    let network = ClusterNetwork(shape, on: system)
    let loop = Loop(system)
    let config = ZooKeeperConfig(servers: ZooKeeperServers(servers: network.zooKeeperServers))
    let session = LoopBound(loop) { ZooKeeperSession(loop: loop, config: config) }
    let seen = Locked(Seen())
    loop.post {
        let own = session.value
        own.onEvent = { event in
            seen.withLock { $0.events.append("\(event.kind) \(event.path)") }
        }
        own.start()
        script(own, network) { key, text in seen.withLock { $0.texts[key] = text } }
        loop.after(UInt64(seconds * 1e9)) {
            seen.withLock { $0.attachments = own.attachments }
            seen.withLock { $0.expirations = own.expirations }
            own.close { loop.stop() }
        }
    }
    loop.run()
    #expect(network.inspect { $0.zooKeeperClientSessions } == 0)
    network.dismantle()
    withExtendedLifetime(session) {}
    seen.withLock { $0.trace = system.trace }
    return seen.withLock { $0 }
}

private func text(_ result: Result<Znode, ZooKeeperError>) -> String {
    switch result {
    case .success(let znode): String(decoding: znode.data, as: UTF8.self)
    case .failure(let error): "\(error)"
    }
}

@Suite struct ZooKeeperNetworkTests {
    @Test func aSessionReadsAndWatches() {
        let seen = observed(ensembleShape(), seconds: 20) { session, network, note in
            let loop = session.loop
            loop.after(second) {
                session.get("/controller", watch: true) { note("before", text($0)) }
                session.watchTree("/brokers") { note("tree", "\($0)") }
            }
            loop.after(5 * second) { network.plan(in: 0, .expireBroker(1)) }
            loop.after(15 * second) {
                session.get("/controller") { note("after", text($0)) }
            }
        }
        #expect(seen.texts["before"]?.contains("\"brokerid\":1,") == true)
        #expect(seen.texts["after"]?.contains("\"brokerid\":2,") == true)
        #expect(seen.events.filter { $0 == "deleted /controller" }.count == 1)
        #expect(seen.events.filter { $0 == "deleted /brokers/ids/1" }.count == 1)
        #expect(seen.events.filter { $0 == "created /brokers/ids/1" }.count == 1)
        #expect(seen.events.filter { $0.hasSuffix("/state") }.count > 12)
        #expect(seen.attachments == 1 && seen.expirations == 0)
    }

    @Test func aLostLeaderIsSurvived() {
        var shape = ensembleShape()
        shape.scenario = .zooKeeperLeaderLost
        shape.release = .v43
        shape.storyAtSeconds = 10
        let run = {
            observed(shape, seconds: 40) { session, _, note in
                session.loop.after(second) {
                    session.get("/controller_epoch", watch: true) { note("before", text($0)) }
                }
                session.loop.after(35 * second) {
                    session.get("/controller_epoch") { note("after", text($0)) }
                }
            }
        }
        let seen = run()
        #expect(seen.texts == ["before": "7", "after": "7"])
        #expect(seen.attachments >= 2 && seen.expirations == 0)
        #expect(seen.events.isEmpty)
        // The same seed, the same bytes.
        #expect(run().trace == seen.trace)
    }

    /// Whatever happens, once it is calm the tree says what the cluster is.
    @Test func theTreeFollowsThroughChaos() {
        for seed in UInt64(1)...6 {
            var shape = ensembleShape(seed % 2 == 0 ? .v39 : .v24)
            shape.seed = seed
            shape.scenario = .chaos
            shape.storyAtSeconds = 2
            shape.faultRates.drop = 0.01
            shape.faultRates.zooKeeperExpiry = 0.01
            shape.faultsEndAtSeconds = 100
            let seen = observed(shape, seconds: 190) { session, network, note in
                session.loop.after(185 * second) {
                    let leaders = (try? leaders(network)) ?? []
                    for (number, id) in leaders.enumerated() { note("leader \(number)", "\(id)") }
                    session.get("/controller") { note("controller", text($0)) }
                    session.children("/brokers/ids") { result in
                        note("ids", "\((try? result.get().names) ?? [])")
                    }
                    for number in 0..<50 {
                        let path = "/brokers/topics/__consumer_offsets/partitions/\(number)/state"
                        session.get(path) { note("\(number)", text($0)) }
                    }
                }
            }
            #expect(seen.texts["ids"] == "[\"1\", \"2\", \"3\", \"4\"]", "seed \(seed)")
            #expect(seen.texts["controller"]?.contains("brokerid") == true, "seed \(seed)")
            for number in 0..<50 {
                let state = seen.texts["\(number)"] ?? ""
                let leader = seen.texts["leader \(number)"] ?? "?"
                #expect(state.contains("\"leader\":\(leader),"), "seed \(seed): \(state)")
            }
        }
    }

    /// Leaders as Metadata tells them.
    private func leaders(_ network: ClusterNetwork) throws -> [Int32] {
        var asked = Asked(ensembleShape())
        asked.machine = network.inspect { $0 }
        asked.now = network.system.now()
        var request = MetadataRequest()
        request.topics = nil
        let answer = try #require(try asked.ask(request, version: 8))
        let topic = try #require(answer.topics.first { $0.name == "__consumer_offsets" })
        return topic.partitions.sorted { $0.partitionIndex < $1.partitionIndex }.map(\.leaderID)
    }

    @Test func everyServerIsReachedOverLoopback() throws {
        var shape = ensembleShape()
        shape.brokers = 3
        let cluster = try LoopbackCluster(shape)
        defer { cluster.stop() }
        #expect(cluster.zooKeeperServers.count == 3)
        let servers = try ZooKeeperServers(parsing: cluster.zooKeeperConnect)
        #expect(servers.servers == cluster.zooKeeperServers)
        let loop = Loop(try EpollSystem())
        let config = ZooKeeperConfig(servers: servers)
        let session = LoopBound(loop) { ZooKeeperSession(loop: loop, config: config) }
        let seen = Locked((controller: "", modes: [String]()))
        loop.post {
            session.value.get("/controller") { result in
                seen.withLock { $0.controller = text(result) }
                for server in servers.servers {
                    ServerQuery.word(.srvr, of: server, at: server, loop) { result in
                        let status = (try? result.get()).map { ServerStatus(srvr: $0) }
                        let mode = status?.mode.map { "\($0)" } ?? "\(result)"
                        let count = seen.withLock { seen in
                            seen.modes.append(mode)
                            return seen.modes.count
                        }
                        if count == 3 { session.value.close { loop.stop() } }
                    }
                }
            }
        }
        loop.run()
        let (controller, modes) = seen.withLock { $0 }
        #expect(controller.contains("\"brokerid\":1,"))
        #expect(modes.sorted() == ["follower", "follower", "leader"])
    }
}
