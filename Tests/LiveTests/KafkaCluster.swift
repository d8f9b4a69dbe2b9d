// A real Kafka cluster for one suite: started before it, always taken down after it.
import Foundation
import Synchronization
import Testing
import TransportTesting

/// A running cluster and what is known of it without asking it.
final class KafkaCluster: Sendable {
    /// What to start.
    struct Options: Sendable {
        var version = "4.3.1"
        var mode = "kraft"
        var racks: String?
        var logDirs = 1
        /// Servers of the ensemble, in ZooKeeper mode.
        var zookeepers = 1
        /// Any broker property.
        var settings: [String: String] = [:]
    }

    /// A broker as it was configured.
    struct Broker: Sendable {
        var id: Int
        var host: String
        var port: Int
        var rack: String?
        var logDirs: [String]
    }

    /// The suite's cluster.
    @TaskLocal static var current: KafkaCluster?

    let options: Options
    let folder: String
    let brokers: [Broker]
    /// The plaintext listener of the scripts and Kafka's tools.
    let internalAddresses: String
    /// Of the ensemble's servers, `zookeeper1` first.
    let zooKeeperPorts: [UInt16]
    private let background = Mutex<[ChildProcess]>([])

    init(_ options: Options) throws {
        self.options = options
        folder = try makeTemporaryFolder("kafka") + "/cluster"
        var command = [
            KafkaScripts.cluster, "up", "--dir", folder, "--owner", "\(getpid())",
            "--version", options.version, "--mode", options.mode,
            "--log-dirs", "\(options.logDirs)",
        ]
        if options.mode == "zookeeper" { command += ["--zookeepers", "\(options.zookeepers)"] }
        if let racks = options.racks { command += ["--racks", racks] }
        for (key, value) in options.settings.sorted(by: { $0.key < $1.key }) {
            command += ["--set", "\(key)=\(value)"]
        }
        let started = try? run(command, seconds: 180)
        guard let started, started.exitCode == 0 else {
            _ = try? run([KafkaScripts.cluster, "down", "--dir", folder], seconds: 60)
            throw HarnessError("kafka-cluster up: \(started?.errors ?? "not up within 180 s")")
        }
        let lines = started.output.split(separator: "\n").map { $0.split(separator: "=") }
        internalAddresses = String(lines.first { $0.first == "BOOTSTRAP_INTERNAL" }?.last ?? "")
        let nodes = try KafkaCluster.readNodes(folder)
        brokers = KafkaCluster.brokers(of: nodes, folder, logDirs: options.logDirs)
        zooKeeperPorts = nodes.filter { $0.roles.contains("zookeeper") }.compactMap {
            $0.clientPort.flatMap { UInt16(exactly: $0) }
        }
    }

    private struct Node: Decodable {
        var name: String
        var id: Int
        var roles: [String]
        var rack: String?
        var clientPort: Int?
    }

    private static func readNodes(_ folder: String) throws -> [Node] {
        struct State: Decodable { var nodes: [Node] }
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/cluster.json"))
        return try snakeCaseDecoder().decode(State.self, from: data).nodes
    }

    private static func brokers(of nodes: [Node], _ folder: String, logDirs: Int) -> [Broker] {
        nodes.filter { $0.roles.contains("broker") }.map { node in
            Broker(
                id: node.id, host: "127.0.0.1", port: node.clientPort ?? -1, rack: node.rack,
                logDirs: (0..<logDirs).map { "\(folder)/\(node.name)/data\($0)" })
        }
    }

    /// The client addresses of all brokers.
    var bootstrap: String { brokers.map { "\($0.host):\($0.port)" }.joined(separator: ",") }

    func broker(_ id: Int) throws -> Broker {
        guard let broker = brokers.first(where: { $0.id == id }) else {
            throw HarnessError("no broker \(id)")
        }
        return broker
    }

    /// The cluster's id as the brokers wrote it on their disks.
    func readClusterID() throws -> String {
        let path = brokers[0].logDirs[0] + "/meta.properties"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("cluster.id=") {
            return String(line.dropFirst("cluster.id=".count))
        }
        throw HarnessError("no cluster.id in meta.properties")
    }

    /// What a tool that was killed leaves behind goes away with the cluster's folder.
    private var toolEnvironment: [String: String] {
        ["TMPDIR": URL(fileURLWithPath: folder).deletingLastPathComponent().path]
    }

    /// Runs one of Kafka's own tools and returns what it printed.
    @discardableResult
    func tool(_ name: String, _ words: [String]) throws -> String {
        let ended = try run(
            [KafkaScripts.cluster, "tool", "--dir", folder, name] + words, seconds: 90,
            environment: toolEnvironment)
        guard ended.exitCode == 0 else {
            let said = ended.output.suffix(400) + ended.errors.suffix(800)
            throw HarnessError("\(name) \(words.joined(separator: " ")): \(said)")
        }
        return ended.output
    }

    @discardableResult
    func tool(_ name: String, _ words: String...) throws -> String { try tool(name, words) }

    /// Starts one of Kafka's tools and leaves it running until the cluster is taken down, or until
    /// this process has ended, however it did.
    func startTool(_ words: String...) throws {
        let guarded = """
            "$@" & tool=$!
            while kill -0 \(getpid()) && kill -0 $tool; do sleep 1; done
            kill -KILL -- -$$
            """
        let child = try ChildProcess(
            ["sh", "-c", guarded, "sh", KafkaScripts.cluster, "tool", "--dir", folder] + words,
            environment: toolEnvironment)
        background.withLock { $0.append(child) }
    }

    /// Sends a signal (`stop`, `cont`, `kill`, `term`) to a broker.
    func send(_ signal: String, to broker: Int) throws {
        try script("send", signal, "\(broker)", seconds: 60)
    }

    /// The same for any node by its name.
    func send(_ signal: String, node: String) throws {
        try script("send", signal, node, seconds: 60)
    }

    /// Starts a node that was killed.
    func start(node: String) throws { try script("start", node, seconds: 120) }

    /// Starts a broker that was killed and waits until every broker lists it.
    func start(_ broker: Int) throws { try script("start", "\(broker)", seconds: 120) }

    private func script(_ words: String..., seconds: Double) throws {
        let ended = try run(
            [KafkaScripts.cluster, words[0], "--dir", folder] + words.dropFirst(), seconds: seconds)
        guard ended.exitCode == 0 else {
            throw HarnessError("kafka-cluster \(words.joined(separator: " ")): \(ended.errors)")
        }
    }

    func down() {
        for child in background.withLock({ $0 }) { child.end() }
        _ = try? run([KafkaScripts.cluster, "down", "--dir", folder], seconds: 90)
        let parent = URL(fileURLWithPath: folder).deletingLastPathComponent()
        _ = try? FileManager.default.removeItem(at: parent)
    }
}

/// Gives a suite a cluster of its own, prepared once, shared by its tests.
struct WithCluster: SuiteTrait, TestScoping {
    var options: KafkaCluster.Options
    var prepare: @Sendable (KafkaCluster) throws -> Void

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let own = OwnThread()
        defer { own.end() }
        try await withTaskExecutorPreference(own) {
            try await perform(function)
        }
    }

    @concurrent private func perform(
        _ function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let cluster = try KafkaCluster(options)
        defer { cluster.down() }
        try prepare(cluster)
        try await KafkaCluster.$current.withValue(cluster) { try await function() }
    }
}

/// The cluster of the suite a test belongs to.
func currentCluster() throws -> KafkaCluster {
    guard let cluster = KafkaCluster.current else { throw HarnessError("the suite has no cluster") }
    return cluster
}
