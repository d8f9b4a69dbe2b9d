// A real Kafka cluster for one suite: started before it, always taken down after it.
import Foundation
import Synchronization
import TransportTesting

/// A running cluster and what is known of it without asking it.
final class KafkaCluster: Sendable {
    /// What to start.
    struct Options: Sendable {
        var version = "4.3.1"
        var mode = "kraft"
        var brokers = 3
        var racks: String?
        var logDirs = 1
        /// Of the listener that clients use, as the scripts name it; nil: plaintext.
        var security: String?
        /// With SASL.
        var mechanism: String?
        /// Servers of the ensemble, in ZooKeeper mode.
        var zookeepers = 1
        /// Any broker property.
        var settings: [String: String] = [:]
        /// Java system properties of every node.
        var properties: [String: String] = [:]

        /// The scripts hand no options to their JVMs; those read the environment by themselves.
        var environment: [String: String] {
            guard !properties.isEmpty else { return [:] }
            let words = properties.sorted { $0.key < $1.key }.map { "-D\($0.key)=\($0.value)" }
            return ["JAVA_TOOL_OPTIONS": words.joined(separator: " ")]
        }
    }

    /// A broker as it was configured.
    struct Broker: Sendable {
        var id: Int
        var host: String
        var port: Int
        var rack: String?
        var logDirs: [String]
    }

    let options: Options
    let folder: String
    let brokers: [Broker]
    /// The plaintext listener of the scripts and Kafka's tools.
    let internalAddresses: String
    /// Of the ensemble's servers, `zookeeper1` first.
    let zooKeeperPorts: [UInt16]
    /// Of the controllers of the KRaft quorum.
    let controllerPorts: [UInt16]
    private let background = Mutex<[ChildProcess]>([])
    /// What tools have printed that were run ahead of the question.
    private let ahead = Mutex<[[String]: String]>([:])

    init(_ options: Options) throws {
        self.options = options
        let parent = try makeTemporaryFolder("kafka")
        folder = parent + "/cluster"
        var command =
            KafkaScripts.cluster + [
                "up", "--dir", folder, "--owner", "\(getpid())",
                "--version", options.version, "--mode", options.mode,
                "--log-dirs", "\(options.logDirs)", "--brokers", "\(options.brokers)",
            ]
        if options.mode == "zookeeper" { command += ["--zookeepers", "\(options.zookeepers)"] }
        if let security = options.security { command += ["--security", security] }
        if let mechanism = options.mechanism { command += ["--mechanism", mechanism] }
        if let racks = options.racks { command += ["--racks", racks] }
        // Followers with nothing to fetch ask every two seconds and not twice a second: fifteen
        // brokers at rest take most of a processor else.
        let settings = ["replica.fetch.wait.max.ms": "2000"].merging(options.settings) { $1 }
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
            command += ["--set", "\(key)=\(value)"]
        }
        let started = try? run(command, seconds: 180, environment: options.environment)
        guard let started, started.exitCode == 0 else {
            _ = try? run(KafkaScripts.cluster + ["down", "--dir", folder], seconds: 60)
            throw HarnessError("kafka-cluster up: \(started?.errors ?? "not up within 180 s")")
        }
        let lines = started.output.split(separator: "\n").map { $0.split(separator: "=") }
        internalAddresses = String(lines.first { $0.first == "BOOTSTRAP_INTERNAL" }?.last ?? "")
        let nodes = try KafkaCluster.readNodes(folder)
        brokers = KafkaCluster.brokers(of: nodes, folder, logDirs: options.logDirs)
        zooKeeperPorts = nodes.filter { $0.roles.contains("zookeeper") }.compactMap {
            $0.clientPort.flatMap { UInt16(exactly: $0) }
        }
        controllerPorts = nodes.compactMap { $0.controllerPort.flatMap { UInt16(exactly: $0) } }
    }

    private struct Node: Decodable {
        var name: String
        var id: Int
        var roles: [String]
        var rack: String?
        var clientPort: Int?
        var controllerPort: Int?
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

    /// Runs one of Kafka's own tools and returns what it printed; where it was run ahead, what it
    /// printed then, once.
    @discardableResult
    func tool(_ name: String, _ words: [String]) throws -> String {
        if let printed = ahead.withLock({ $0.removeValue(forKey: [name] + words) }) {
            return printed
        }
        return try tools([[name] + words])[0]
    }

    /// Runs tools side by side; those who ask for what they printed find it.
    func runAhead(_ commands: [[String]]) throws {
        let printed = try tools(commands)
        ahead.withLock { ahead in
            for (words, text) in zip(commands, printed) { ahead[words] = text }
        }
    }

    /// Runs tools side by side and returns what each printed; `bootstrap` is of another cluster.
    func tools(_ commands: [[String]], at bootstrap: String? = nil) throws -> [String] {
        let server = ToolServer.of(options.version)
        let calls = try commands.map { words -> () throws -> ToolServer.Ended in
            guard let server, ToolServer.knows(words[0]) else {
                return try startAlone(words, at: bootstrap)
            }
            let all = addressed(words, bootstrap ?? internalAddresses)
            let call = try server.start(all)
            return { try server.finish(call, all) }
        }
        return try zip(commands, calls).map { words, call in
            let ended = try call()
            guard ended.exitCode == 0 else {
                let said = ended.output.suffix(400) + ended.errors.suffix(800)
                throw HarnessError("\(words.joined(separator: " ")): \(said)")
            }
            return ended.output
        }
    }

    /// Who is asked, as the scripts add it where it is missing.
    private func addressed(_ words: [String], _ addresses: String) -> [String] {
        let isTold =
            words[0] == "kafka-producer-perf-test"
            || words.contains { ["--bootstrap-server", "--bootstrap-controller"].contains($0) }
        return isTold
            ? words : [words[0], "--bootstrap-server", addresses] + words.dropFirst()
    }

    /// A tool in a JVM of its own.
    private func startAlone(
        _ words: [String], at bootstrap: String?
    ) throws -> () throws -> ToolServer.Ended {
        let target =
            bootstrap.map { ["--version", options.version, words[0], "--bootstrap-server", $0] }
            ?? ["--dir", folder, words[0]]
        let child = try ChildProcess(
            KafkaScripts.cluster + ["tool"] + target + words.dropFirst(),
            environment: toolEnvironment)
        return {
            let ended = try child.wait(seconds: 90)
            return ToolServer.Ended(
                exitCode: Int(ended.exitCode), output: ended.output, errors: ended.errors)
        }
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
            ["sh", "-c", guarded, "sh"] + KafkaScripts.cluster + ["tool", "--dir", folder] + words,
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

    /// Changes what a node of the ensemble is told when it starts next.
    func set(_ key: String, _ value: String, ofZooKeeper node: String) throws {
        let path = "\(folder)/\(node)/server.properties"
        let text = try String(contentsOfFile: path, encoding: .utf8) + "\(key)=\(value)\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Starts nodes that were killed, at once.
    func start(nodes: String...) throws { try script(["start"] + nodes, seconds: 120) }

    /// Starts a broker that was killed and waits until every broker lists it.
    func start(_ broker: Int) throws { try script("start", "\(broker)", seconds: 120) }

    private func script(_ words: String..., seconds: Double) throws {
        try script(words, seconds: seconds)
    }

    private func script(_ words: [String], seconds: Double) throws {
        let ended = try run(
            KafkaScripts.cluster + [words[0], "--dir", folder] + words.dropFirst(),
            seconds: seconds,
            environment: options.environment)
        guard ended.exitCode == 0 else {
            throw HarnessError("kafka-cluster \(words.joined(separator: " ")): \(ended.errors)")
        }
    }

    func down() {
        for child in background.withLock({ $0 }) { child.end() }
        _ = try? run(KafkaScripts.cluster + ["down", "--dir", folder], seconds: 90)
        let parent = URL(fileURLWithPath: folder).deletingLastPathComponent()
        _ = try? FileManager.default.removeItem(at: parent)
    }
}
