// The whole program but the terminal in virtual time: the real loop, client, polling and screens on
// the simulated network. Keys go in, frames come out; printed frames, tests and the soak drive it.
package import ClusterModel
package import Drawing
internal import Health
internal import KafkaClient
package import Operations
internal import Planning
internal import Polling
internal import Screens
package import SimulatedCluster
package import Simulation
package import Transport

/// How a driven session looks and how its network behaves.
package struct SessionOptions: Sendable {
    /// The name in the title.
    package var title = "SIMULATED"
    package var toolVersion = ""
    package var width = 120
    package var height = 40
    package var refreshSeconds = 2.0
    /// Until `setRefresh` or a key changes it; nil: `refreshSeconds`.
    package var firstRefreshSeconds: Double?
    /// Whether reads and writes are cut short at random, as a network may.
    package var cutsStreams = false
    /// When the observation starts, after the simulation's beginning.
    package var beginsAtSeconds = 0.0
    /// Nothing may be changed.
    package var isReadOnly = false
    /// False: the cluster is observed and nothing is shown, which costs little; see `watch()`.
    package var isWatching = true
    /// Another cluster on the same network, whose brokers stand behind the first one's in the list
    /// of addresses; nil: there is none.
    package var otherShape: Shape?
    /// Where an advertised address is really reached.
    package var map: @Sendable (Endpoint) -> Endpoint = { $0 }
    /// What was changed before; nil: nothing, and nobody else sees what is.
    package var memory: SessionMemory?
    /// A plan under way can be left to a process of its own.
    package var canDetach = false
    /// By what the rules judge.
    package var thresholds = Thresholds.standard
    /// What is in maintenance; consoles may share it.
    package var maintenance = MaintenanceStore.inMemory()
    /// What lies between the console and the cluster; nil: a fast network.
    package var link: SimulatedLink?

    package init() {}
}

/// The journals that several sessions share, one after another.
package struct SessionMemory: Sendable {
    fileprivate let journals = JournalStore.inMemory()
    package init() {}
}

/// A person at the console of a simulated cluster. The same shape, options and calls give the same
/// frames. Everything happens on the thread that calls; time passes in the `run` functions alone.
package final class DrivenSession {
    package let shape: Shape
    package let network: ClusterNetwork
    /// Of `SessionOptions.otherShape`.
    package let otherNetwork: ClusterNetwork?
    private let system: SimulatedSystem
    private let loop: Loop
    private let desk: Locked<Desk>
    /// Everything pressed so far, for the report of a failure.
    package private(set) var keys: [Key] = []
    private var isOver = false
    /// Loop and network are another session's.
    private var isGuest = false

    package convenience init(_ shape: Shape, _ options: SessionOptions = SessionOptions()) {
        let system = SimulatedSystem(
            seed: shape.seed, cuts: options.cutsStreams, wallStartMs: shape.wallStartMs)
        system.setLink(options.link)
        self.init(
            shape, options, system, Loop(system), ClusterNetwork(shape, on: system),
            options.otherShape.map { ClusterNetwork($0, on: system, site: 1) })
    }

    /// Another person at another console of the same cluster; time that passes for one passes for
    /// both. It ends before the first.
    package convenience init(
        beside first: DrivenSession, _ options: SessionOptions = SessionOptions()
    ) {
        self.init(first.shape, options, first.system, first.loop, first.network, nil)
        isGuest = true
    }

    private init(
        _ shape: Shape, _ options: SessionOptions, _ system: SimulatedSystem, _ loop: Loop,
        _ network: ClusterNetwork, _ otherNetwork: ClusterNetwork?
    ) {
        self.shape = shape
        self.system = system
        self.loop = loop
        self.network = network
        self.otherNetwork = otherNetwork
        var client = ClientConfig(bootstrap: network.bootstrap + (otherNetwork?.bootstrap ?? []))
        let map = options.map
        client.map = { endpoint, _ in map(endpoint) }
        let desk = Locked(Desk(options))
        self.desk = desk
        let clusterSession = ClusterSession(
            loop: loop, config: client, writes: options.isReadOnly ? .readOnly : .allowed)
        let observation = Observation(
            clusterSession,
            mode: .live(
                refreshNs: nanoseconds(options.firstRefreshSeconds ?? options.refreshSeconds)),
            judging: Judging(options.thresholds, maintenance: options.maintenance.read),
            publish: { cluster in desk.withLock { $0.take(cluster, system) } })
        let journals = options.memory?.journals ?? JournalStore.inMemory()
        let maker = Operator(
            clusterSession, journal: { id throws(JournalError) in try journals.open(id) })
        desk.withLock { now in
            now.session.observation = observation
            now.session.maintenance = (options.maintenance, "operator")
            now.session.operation = (
                maker, journals, { event in desk.withLock { $0.apply(event) } }
            )
        }
        if options.beginsAtSeconds > 0 {
            system.at(SimulatedSystem.startNs + nanoseconds(options.beginsAtSeconds)) {
                observation.start()
            }
        } else {
            observation.start()
        }
        if options.isWatching { watch() }
    }

    deinit { end() }

    /// Its process ends as by kill -9: nothing more is sent, and what it wrote down stays. The
    /// cluster stays too, for those beside it.
    package func kill() {
        desk.withLock { $0.session.observation }?.stop()
        loop.run(until: system.now())
    }

    /// Closes every connection and lets the cluster go.
    package func end() {
        guard !isOver else { return }
        isOver = true
        desk.withLock { $0.session.observation }?.stop()
        loop.run(until: system.now())
        if !isGuest {
            loop.stop()
            loop.run()
        }
        desk.withLock {
            $0.session.observation = nil
            $0.session.operation = nil
        }
        guard !isGuest else { return }
        network.dismantle()
        otherNetwork?.dismantle()
    }

    // MARK: Time

    /// Seconds since the simulation began.
    package var seconds: Double { Double(system.now() - SimulatedSystem.startNs) / 1e9 }

    /// Lets virtual time pass.
    package func run(seconds: Double) { run(untilNs: system.now() + nanoseconds(seconds)) }

    /// Lets virtual time pass up to a moment after the simulation's beginning.
    package func run(until seconds: Double) {
        run(untilNs: SimulatedSystem.startNs + nanoseconds(seconds))
    }

    /// Lets time pass until `holds` does, looking every half second; false when it did not within
    /// so many seconds.
    package func run(atMost limit: Double, until holds: (DrivenSession) -> Bool) -> Bool {
        let end = seconds + limit
        while !holds(self) {
            guard seconds < end else { return false }
            run(seconds: Limits.tickSeconds)
        }
        return true
    }

    private func run(untilNs end: UInt64) {
        let step = nanoseconds(Limits.tickSeconds)
        while system.now() < end {
            loop.run(until: isWatching ? min(end, system.now() + step) : end)
            guard isWatching else { continue }
            desk.withLock { $0.apply(Self.tick(system)) }
        }
    }

    /// The simulation's own clock, as its day is: without a time zone.
    fileprivate static func tick(_ system: SimulatedSystem) -> Event {
        let ms = system.wallClockMs()
        return .tick(
            now: Instant(ns: system.now()), wall: WallTime(ms: ms),
            localTime: NumberFormat.clock(secondsOfDay: Int(ms / 1000 % 86_400)))
    }

    /// How often the cluster is asked from now on.
    package func setRefresh(seconds: Double) {
        desk.withLock { $0.session.setRefresh(seconds: seconds) }
    }

    /// How often the cluster is asked now.
    package var refreshSeconds: Double { desk.withLock { $0.session.refreshSeconds } }

    // MARK: At the console

    package var isWatching: Bool { desk.withLock { $0.isWatching } }

    /// From now on states of the cluster and time reach the screens.
    package func watch() {
        desk.withLock { $0.open(system) }
    }

    /// What is shown stays as it is from now on, and time passes cheaply.
    package func leave() { desk.withLock { $0.isWatching = false } }

    package func press(_ key: Key) {
        keys.append(key)
        desk.withLock { desk in
            desk.apply(.key(key))
            desk.apply(Self.tick(system))
        }
    }

    package func press(_ keys: Key...) { for key in keys { press(key) } }

    /// Presses each character as a key.
    package func press(_ text: String) {
        for scalar in text.unicodeScalars { press(.character(scalar)) }
    }

    /// Goes somewhere by name, as with `:` and Enter.
    package func go(_ command: String) {
        press(":" + command)
        press(.enter)
    }

    /// Why the command that was entered last could not be carried out; nil where it was.
    package var commandFault: String? { desk.withLock { $0.session.screens.promptFault } }

    package func resize(width: Int, height: Int) {
        desk.withLock { desk in
            desk.host.size = (width, height)
            desk.apply(.resized(width: width, height: height))
        }
    }

    package var size: (width: Int, height: Int) { desk.withLock { $0.host.size } }
    package var frame: Frame { desk.withLock { $0.session.screens }.render() }
    /// The characters of the frame.
    package var text: String { frame.text }
    /// The newest state of the cluster; empty while nothing is known.
    package var cluster: Cluster { desk.withLock { $0.session.newest } ?? Cluster() }
    /// How many states of the cluster there have been.
    package var publicationCount: Int { desk.withLock { $0.publications } }
    /// What the screens asked of terminal, process and files.
    package var host: RecordingHost { desk.withLock { $0.host } }

    // MARK: Of the simulation

    /// Puts one more cluster on the same network: at site 0 in place of the session's own, at its
    /// names and addresses.
    package func joinNetwork(_ shape: Shape, site: UInt8 = 0) -> ClusterNetwork {
        ClusterNetwork(shape, on: system, site: site)
    }

    /// A number that differs as soon as two runs differ anywhere.
    package var trace: UInt64 { system.trace }

    /// Runs `action` at a moment after the simulation's beginning, between two turns of the loop.
    package func at(_ seconds: Double, _ action: @escaping @Sendable () -> Void) {
        system.at(SimulatedSystem.startNs + nanoseconds(seconds), action)
    }
}

/// In place of terminal, process and files: remembers what was asked of them.
package struct RecordingHost: SessionHost, Sendable {
    package internal(set) var size: (width: Int, height: Int)
    package private(set) var hasQuit = false
    package private(set) var repaints = 0
    package private(set) var suspensions = 0
    package private(set) var copied: [String] = []
    /// The paths of snapshots; nothing is written.
    package private(set) var written: [String] = []

    init(width: Int, height: Int) { size = (width, height) }

    /// The plan that was left to a process of its own.
    package private(set) var left: String?

    package mutating func quit() { hasQuit = true }
    package mutating func leavePlan(_ id: String) {
        left = id
        hasQuit = true
    }
    package mutating func repaint() { repaints += 1 }
    package mutating func suspend() -> (width: Int, height: Int) {
        suspensions += 1
        return size
    }
    package mutating func copy(_ text: String) -> Bool {
        copied.append(text)
        return true
    }
    package mutating func write(
        _ cluster: Cluster, to path: String
    ) throws(EffectFailure) -> String {
        written.append(path)
        return "snapshot written to \(path)"
    }
}

/// What states of the cluster and keys both change.
private struct Desk: Sendable {
    var session: ConsoleSession
    var host: RecordingHost
    var publications = 0
    var isWatching = false

    init(_ options: SessionOptions) {
        host = RecordingHost(width: options.width, height: options.height)
        session = ConsoleSession(
            ScreenOptions(
                contextName: options.title,
                policy: ReviewPolicy(
                    isReadOnly: options.isReadOnly, tools: KafkaTools(bootstrap: "kafka-1:9092")),
                refreshSeconds: options.refreshSeconds, toolVersion: options.toolVersion,
                canDetach: options.canDetach))
        session.setRefresh(seconds: options.firstRefreshSeconds ?? options.refreshSeconds)
    }

    mutating func apply(_ event: Event) { session.apply(event, &host) }

    mutating func open(_ system: SimulatedSystem) {
        isWatching = true
        apply(.resized(width: host.size.width, height: host.size.height))
        apply(DrivenSession.tick(system))
        if let newest = session.newest { apply(.cluster(newest)) }
    }

    mutating func take(_ cluster: Cluster, _ system: SimulatedSystem) {
        publications += 1
        if isWatching {
            session.take(cluster, at: DrivenSession.tick(system), &host)
        } else {
            session.keep(cluster)
        }
    }
}

private func nanoseconds(_ seconds: Double) -> UInt64 {
    UInt64(max(0, seconds) * Limits.nanosecondsPerSecond)
}
