// From the command line to a client: settings resolved, refusals said, the loop started.
internal import Arguments
internal import Glibc
internal import Health
internal import KafkaClient
internal import Planning
internal import Polling
internal import Settings
internal import Transport

/// What every command that talks to a cluster needs.
struct Setup {
    var configuration: Configuration
    var client: ClientConfig
    var ensemble: EnsembleConfig
    /// By what rules judge.
    var judging = Judging()

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        try self.init(Self.choices(invocation), host)
    }

    /// Of a context, whatever else the command line names.
    init(_ invocation: Invocation, context: String, _ host: Host) throws(Ending) {
        var choices = Self.choices(invocation)
        choices.context = context
        choices.bootstrapServers = nil
        choices.commandConfig = nil
        choices.zookeeper = nil
        try self.init(choices, host)
    }

    private init(_ choices: Choices, _ host: Host) throws(Ending) {
        do throws(ConfigurationError) {
            configuration = try resolveConfiguration(
                choices, environment: host.environment, files: HostFiles(),
                limits: RuleLimits.keys)
        } catch {
            throw Ending(code: .usage, sentence: "\(error)")
        }
        scrubEnvironment(configuration.secretVariables)
        for note in configuration.notes {
            host.error.line(printable("highwater: \(note)"))
        }
        judging = try RuleLimits.judging(configuration, host)
        let connection = configuration.connection
        if let refusal = connection.refusal {
            throw Ending(code: .usage, sentence: "\(refusal)")
        }
        client = ClientConfig(
            bootstrap: connection.bootstrap.map { Endpoint(host: $0.host, port: $0.port) })
        client.clientID = connection.clientID
        client.softwareVersion = toolVersion
        client.longestRequestNs = connection.requestTimeout?.nanoseconds
        client.idleCloseNs = connection.idleTimeout?.nanoseconds
        client.settingsConnectNs = connection.connectTimeout?.nanoseconds
        ensemble = EnsembleConfig(connectString: connection.zookeeper)
        try Self.protect(&client, &ensemble, connection)
        let key = "highwater.zookeeper.connect"
        ensemble.origin = configuration.origins[key] ?? "--zookeeper"
        if let proxy = connection.proxy {
            client.proxy = Self.proxy(proxy)
            ensemble.proxy = client.proxy
        }
        guard !connection.addressMap.isEmpty else { return }
        let addresses = connection.addressMap
        let map: @Sendable (Endpoint, Int32?) -> Endpoint = { endpoint, broker in
            let advertised = HostPort(host: endpoint.host, port: endpoint.port)
            let dialled = addresses.dialled(advertised, broker: broker)
            return Endpoint(host: dialled.host, port: dialled.port)
        }
        client.map = map
        ensemble.map = { map($0, nil) }
    }

    private static func choices(_ invocation: Invocation) -> Choices {
        var choices = Choices()
        choices.bootstrapServers = invocation.value("bootstrap-server")
        choices.commandConfig = invocation.value("command-config")
        choices.context = invocation.value("context")
        choices.zookeeper = invocation.value("zookeeper")
        choices.isReadOnly = invocation.has("read-only")
        choices.theme = invocation.value("theme")
        choices.refresh = invocation.duration("refresh")
        choices.usesASCII = invocation.has("ascii")
        choices.withoutMouse = invocation.has("no-mouse")
        choices.withoutColor = invocation.has("no-color")
        return choices
    }

    /// Whether the command line or the environment names a cluster at all.
    static func namesCluster(_ invocation: Invocation, _ host: Host) -> Bool {
        ["bootstrap-server", "command-config", "context"].contains { invocation.has($0) }
            || [
                "HIGHWATER_BOOTSTRAP_SERVERS", "HIGHWATER_CONTEXT", "HIGHWATER_COMMAND_CONFIG",
                "KAFKA_BOOTSTRAP_SERVERS",
            ].contains { host.environment[$0] != nil }
    }

    /// How the console looks and what its rules judge by, for a session without a cluster: no
    /// context is read.
    static func withoutCluster(
        _ invocation: Invocation, _ host: Host
    ) throws(Ending) -> Configuration {
        var choices = choices(invocation)
        choices.bootstrapServers = "simulated:9092"
        choices.commandConfig = nil
        choices.context = nil
        let environment = host.environment.filter {
            $0.key != "HIGHWATER_CONTEXT" && $0.key != "HIGHWATER_COMMAND_CONFIG"
        }
        do throws(ConfigurationError) {
            return try resolveConfiguration(
                choices, environment: environment, files: HostFiles(), limits: RuleLimits.keys)
        } catch {
            throw Ending(code: .usage, sentence: "\(error)")
        }
    }

    /// The name in the title: the context, else where we begin.
    var title: String {
        configuration.contextName ?? configuration.connection.bootstrap.first?.description ?? ""
    }

    /// What reviews of changes let through. Kafka's own tools read the same file of settings.
    var policy: ReviewPolicy {
        let connection = configuration.connection
        let servers = connection.bootstrap.map(\.description).joined(separator: ",")
        var policy = ReviewPolicy(
            isReadOnly: connection.isReadOnly,
            tools: KafkaTools(bootstrap: servers, configFile: configuration.settingsPath))
        policy.isProduction = connection.isProduction
        policy.clusterName = configuration.contextName
        policy.expectedClusterID = connection.expectedClusterID
        return policy
    }

    /// Why the cluster reached is not the one the context pins; nil where it is, or none is pinned.
    func identityWarning(_ clusterID: String?) -> String? {
        guard let expected = configuration.connection.expectedClusterID, let clusterID,
            expected != clusterID
        else { return nil }
        return "this is cluster \(clusterID), and \(title) is pinned to \(expected): "
            + "check the address"
    }

    static func startLoop() throws(Ending) -> Loop {
        do throws(TransportError) {
            let loop = Loop(try EpollSystem())
            if loop.start() { return loop }
        } catch {
            throw Ending(code: .cannotRun, sentence: "no network here: \(error)")
        }
        throw Ending(
            code: .cannotRun, sentence: "no thread could be started for the network")
    }
}

extension Duration {
    /// Whole nanoseconds, never negative.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        let ns = Double(seconds) * 1e9 + Double(attoseconds) / 1e9
        return ns <= 0 ? 0 : UInt64(ns)
    }
}

extension Invocation {
    /// What `--timeout` gives in nanoseconds, or else what the command gives by itself.
    func timeoutNs(or standard: Duration) throws(Ending) -> UInt64 {
        let timeout = duration("timeout") ?? standard
        guard timeout > .zero else {
            throw Ending(code: .usage, sentence: "--timeout must be more than nothing")
        }
        return timeout.nanoseconds
    }
}
