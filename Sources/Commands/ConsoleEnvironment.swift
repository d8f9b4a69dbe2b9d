// What a session of the console runs on: a real cluster in real time, or a simulated one.
internal import Health
internal import KafkaClient
internal import Operations
internal import Planning
internal import Polling
internal import Settings
internal import SimulatedCluster
internal import Simulation
internal import Transport

/// Where a session's loop runs, which clock it lives by, and how it looks.
@MainActor
struct ConsoleEnvironment {
    /// The name in the title.
    var title: String
    /// The context that is open; nil: none is.
    var contextName: String?
    /// What is being tried while no cluster has come yet.
    var sentence: String
    var client: ClientConfig
    var ensemble = EnsembleConfig()
    var preferences: Preferences
    /// Of the context's band in the title; nil: the theme's.
    var bandColor: ContextColor?
    /// What reviews let through.
    var policy: ReviewPolicy
    /// Where what is changed is written down.
    var journals: JournalStore
    /// Where what is in maintenance is written down.
    var maintenance: MaintenanceStore
    /// By what rules judge.
    var judging = Judging()
    /// Who changes it.
    var author: ChangeAuthor
    /// Of the loop's clock; a simulation may run faster than the wall's.
    var refreshNs: UInt64
    /// The loop, started. What else it needs to stay alive comes along.
    var startLoop: () throws(Ending) -> Loop
    /// Monotonic nanoseconds of the loop's clock.
    var now: () -> UInt64
    /// Milliseconds since 1970.
    var wallMs: () -> Int64
    /// Why the cluster reached is not the one meant, from its id; nil where it is.
    var identityWarning: (_ clusterID: String?) -> String?
    /// Goes on with a plan when the console ends; nil: nobody can.
    var detached: DetachedRun?
    /// Starts the observation before the operator sees it; nil: it starts with the session.
    var warmUp: WarmUp?

    /// A real cluster. Its journal lies in the operator's state folder.
    init(_ setup: Setup, _ detached: DetachedRun, _ host: Host) {
        self.detached = detached
        title = setup.title
        contextName = setup.configuration.contextName
        let servers = setup.configuration.connection.bootstrap.map(\.description)
        sentence =
            "connecting to " + servers.prefix(3).joined(separator: ", ")
            + (servers.count > 3 ? ", …" : "")
        client = setup.client
        ensemble = setup.ensemble
        preferences = setup.configuration.preferences
        bandColor = setup.configuration.contextColor
        policy = setup.policy
        let folder = ConfigFolders(environment: host.environment).state
        journals = .folder(folder)
        maintenance = .folder(folder)
        judging = setup.judging
        author = ChangeAuthor(host, setup.configuration.connection)
        refreshNs = preferences.refresh.nanoseconds
        startLoop = { () throws(Ending) -> Loop in try Setup.startLoop() }
        now = { MonotonicClock.now }
        wallMs = { LocalClock.wallMs }
        identityWarning = setup.identityWarning
        warmUp = nil
    }
}

extension ConsoleEnvironment {
    /// A simulated cluster in this process whose clock follows the real one.
    init(demo options: DemoOptions, _ preferences: Preferences) {
        var shape = options.shape
        let warmUpSeconds = WarmUp.seconds(shape)
        shape.storyAtSeconds = Double(warmUpSeconds) + 15 * options.speed.squareRoot()
        shape.wallStartMs = LocalClock.wallMs - Int64(warmUpSeconds) * 1000
        let begins = SimulatedSystem.startNs + warmUpSeconds * 1_000_000_000
        let system = SimulatedSystem(
            seed: shape.seed, cuts: false, wallStartMs: shape.wallStartMs,
            following: (begins, options.speed))
        let network = ClusterNetwork(shape, on: system)
        title = "SIMULATED"
        sentence = "starting a simulated cluster"
        client = ClientConfig(bootstrap: network.bootstrap)
        client.softwareVersion = toolVersion
        self.preferences = preferences
        policy = ReviewPolicy(
            tools: KafkaTools(
                bootstrap: network.bootstrap.map(\.description).joined(separator: ",")))
        // Practice: nothing of it is kept.
        journals = .inMemory()
        maintenance = .inMemory()
        author = ChangeAuthor()
        // As often as ever for the eye, however fast time runs.
        refreshNs = UInt64(Double(preferences.refresh.nanoseconds) * max(1, options.speed))
        startLoop = { () throws(Ending) -> Loop in
            let loop = Loop(network.system)
            guard loop.start() else {
                throw Ending(
                    code: .cannotRun,
                    sentence: "no thread could be started for the simulation")
            }
            return loop
        }
        identityWarning = { _ in nil }
        let warmUp = WarmUp(system: system, beginsNs: begins, refreshNs: refreshNs)
        self.warmUp = warmUp
        now = { warmUp.now }
        let startMs = shape.wallStartMs
        wallMs = { startMs + Int64((warmUp.now - SimulatedSystem.startNs) / 1_000_000) }
    }
}
