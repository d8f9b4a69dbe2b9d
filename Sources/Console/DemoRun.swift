// The three ways of a demo: the console, one printed frame, and listeners for other programs.
import Arguments
import ClusterModel
import Drawing
import Glibc
import KafkaClient
import Polling
import Screens
import Settings
import SimulatedCluster
import Transport

/// One run of `demo`.
@MainActor
struct DemoRun {
    private let options: DemoOptions
    private let invocation: Invocation

    init(_ invocation: Invocation) throws(Ending) {
        options = try DemoOptions(invocation)
        self.invocation = invocation
    }

    func run() throws(Ending) -> Int32 {
        if options.servesOnly { return try serve() }
        if let print = options.print {
            let frame = PrintedFrame(options, print)
            OutputStream.standardOutput.write(frame.text())
            return ExitCode.done.rawValue
        }
        let preferences = try Setup.preferences(invocation)
        var console = ConsoleRun(Stage(demo: options, preferences))
        return try console.run()
    }

    /// Listens until SIGTERM, SIGINT or SIGHUP.
    private func serve() throws(Ending) -> Int32 {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var shape = options.shape
        shape.wallStartMs = LocalClock.wallMs
        shape.storyAtSeconds = 15
        let cluster: LoopbackCluster
        do throws(TransportError) {
            cluster = try LoopbackCluster(shape)
        } catch {
            throw Ending(
                code: .cannotRun, sentence: "highwater: the listeners could not be opened: \(error)"
            )
        }
        let servers = cluster.endpoints.prefix(Self.shownServers).map(\.description)
        OutputStream.standardOutput.line("BOOTSTRAP=" + servers.joined(separator: ","))
        if !cluster.zooKeeperServers.isEmpty {
            OutputStream.standardOutput.line("ZOOKEEPER=" + cluster.zooKeeperConnect)
        }
        var signal: Int32 = 0
        sigwait(&signals, &signal)
        cluster.stop()
        return ExitCode.done.rawValue
    }

    /// More bootstrap servers help nobody.
    private static let shownServers = 16
}

/// One frame of a demo in virtual time: the same options, the same bytes.
private struct PrintedFrame {
    private let options: DemoOptions
    private let print: DemoOptions.PrintOptions

    /// What the screens and the observer share on the loop's thread.
    private struct State: Sendable {
        var screens: ScreenState
        var newest: Cluster?
        var interest: Interest?
        var frame: [String] = []
    }

    /// The last seconds are watched with the screen open, so that what it asks for is there.
    private static let watchedNs: UInt64 = 12_000_000_000
    private static let stepNs: UInt64 = 1_000_000_000

    init(_ options: DemoOptions, _ print: DemoOptions.PrintOptions) {
        self.options = options
        self.print = print
    }

    func text() -> String {
        var shape = options.shape
        let rehearsed = Rehearsal.seconds(shape)
        shape.storyAtSeconds = Double(rehearsed) + 15
        let begins = SimulatedSystem.startNs + rehearsed * 1_000_000_000
        let ends = begins + max(print.afterNs, Self.watchedNs)
        let system = SimulatedSystem(
            seed: shape.seed, cuts: false, wallStartMs: shape.wallStartMs)
        let network = ClusterNetwork(shape, on: system)
        var client = ClientConfig(bootstrap: network.bootstrap)
        client.allowedKeys = ApiNames.readOnlyKeys
        let loop = Loop(system)
        let state = Locked(
            State(
                screens: ScreenState(
                    options: ScreenOptions(contextName: "simulated", toolVersion: toolVersion))))
        let opensAt = ends - Self.watchedNs
        let rehearsal = Rehearsal(system: system, beginsNs: opensAt, refreshNs: Self.refreshNs)
        let observation = Observation(
            loop: loop, config: client, mode: .live(refreshNs: rehearsal.firstRefreshNs),
            publish: { cluster in
                state.withLock { state in
                    state.newest = cluster
                    guard system.now() >= opensAt else { return }
                    _ = state.screens.update(.cluster(cluster))
                }
            })
        rehearsal.conduct(observation)
        system.at(opensAt) { open(state, system) }
        var at = opensAt
        while at <= ends {
            system.at(at) { step(state, system, observation) }
            at += Self.stepNs
        }
        system.at(ends) {
            state.withLock { $0.frame = $0.screens.render().lines }
            observation.stop()
            loop.stop()
        }
        loop.run()
        network.dismantle()
        return state.withLock { $0.frame }.joined(separator: "\n") + "\n"
    }

    private static let refreshNs: UInt64 = 2_000_000_000

    private func open(_ state: Locked<State>, _ system: SimulatedSystem) {
        state.withLock { state in
            _ = state.screens.update(.resized(width: print.width, height: print.height))
            _ = state.screens.update(Self.tick(system))
            if let newest = state.newest { _ = state.screens.update(.cluster(newest)) }
            for scalar in ":\(print.screen)".unicodeScalars {
                _ = state.screens.update(.key(.character(scalar)))
            }
            for effect in state.screens.update(.key(.enter)) {
                if case .interest(let interest) = effect { state.interest = interest }
            }
        }
    }

    private func step(
        _ state: Locked<State>, _ system: SimulatedSystem, _ observation: Observation
    ) {
        let interest = state.withLock { state -> Interest? in
            for effect in state.screens.update(Self.tick(system)) {
                if case .interest(let interest) = effect { state.interest = interest }
            }
            defer { state.interest = nil }
            return state.interest
        }
        if let interest { observation.setInterest(interest) }
    }

    /// The simulation's own clock, as its day is: without a time zone.
    private static func tick(_ system: SimulatedSystem) -> Event {
        let ms = system.wallClockMs()
        let second = Int(ms / 1000 % 86_400)
        return .tick(
            now: Instant(ns: system.now()), wall: WallTime(ms: ms),
            localTime: NumberFormat.clock(secondsOfDay: second))
    }
}
