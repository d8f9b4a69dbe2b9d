// The ways of a demo: the console, one printed frame, and listeners for other programs.
internal import Arguments
internal import Glibc
internal import Health
internal import Operations
internal import Session
internal import Settings
internal import SimulatedCluster
internal import Simulation
internal import Transport

/// One run of `demo`.
struct DemoCommand: Subcommand {
    static let entry = CommandEntry(
        "demo", "the console on a simulated cluster, without a network",
        options: DemoOptions.table)

    private let options: DemoOptions
    private let invocation: Invocation
    private let host: Host

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        options = try DemoOptions(invocation)
        self.invocation = invocation
        self.host = host
    }

    func run() throws(Ending) -> ExitCode {
        if options.servesOnly { return try serve() }
        if let print = options.print {
            let frame = PrintedFrame(options, print)
            host.output.write(try frame.text())
            return .done
        }
        let settings = try Setup.withoutCluster(invocation, host)
        var environment = ConsoleEnvironment(demo: options, settings.preferences)
        let store = environment.maintenance
        environment.judging = Judging(
            try RuleLimits.thresholds(settings), maintenance: store.read)
        var console = ConsoleRun(environment, host)
        return try console.run()
    }

    /// Listens until SIGTERM, SIGINT or SIGHUP.
    private func serve() throws(Ending) -> ExitCode {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var shape = options.shape
        shape.wallStartMs = LocalClock.wallMs
        shape.storyAtSeconds = 15
        let cluster: LoopbackCluster
        do throws(TransportError) {
            cluster = try LoopbackCluster(shape) { [error = host.error] in
                error.line("highwater: \($0)")
            }
        } catch {
            throw Ending(
                code: .cannotRun, sentence: "the listeners could not be opened: \(error)"
            )
        }
        let servers = cluster.endpoints.prefix(Self.shownServers).map(\.description)
        host.output.line("BOOTSTRAP=" + servers.joined(separator: ","))
        if !cluster.zooKeeperServers.isEmpty {
            host.output.line("ZOOKEEPER=" + cluster.zooKeeperConnect)
        }
        host.error.line(
            "highwater: the simulated brokers list only the APIs they play: they describe and "
                + "change a cluster, and take and give no records")
        var signal: Int32 = 0
        sigwait(&signals, &signal)
        cluster.stop()
        return .done
    }

    /// More bootstrap servers help nobody.
    private static let shownServers = 16
}

/// One frame of a demo in virtual time: the same options, the same bytes.
private struct PrintedFrame {
    private let options: DemoOptions
    private let print: DemoOptions.PrintOptions

    /// The last seconds are watched with the screen open, so that what it asks for is there.
    private static let watchedNs: UInt64 = 12_000_000_000
    private static let refreshSeconds = 2.0

    init(_ options: DemoOptions, _ print: DemoOptions.PrintOptions) {
        self.options = options
        self.print = print
    }

    func text() throws(Ending) -> String {
        var shape = options.shape
        let warmUpSeconds = WarmUp.seconds(shape)
        shape.storyAtSeconds = Double(warmUpSeconds) + 15
        let begins = SimulatedSystem.startNs + warmUpSeconds * 1_000_000_000
        let ends = begins + max(print.afterNs, Self.watchedNs)
        let opens = ends - Self.watchedNs
        let plan = WarmUp.plan(opens)
        var look = SessionOptions()
        look.toolVersion = toolVersion
        (look.width, look.height) = (print.width, print.height)
        look.refreshSeconds = Self.refreshSeconds
        look.firstRefreshSeconds = Double(plan[0].refreshNs) / 1e9
        look.beginsAtSeconds = seconds(plan[0].atNs)
        look.isWatching = false
        let session = DrivenSession(shape, look)
        for (moment, refresh) in plan.dropFirst() {
            session.run(until: seconds(moment))
            session.setRefresh(seconds: Double(refresh) / 1e9)
        }
        session.run(until: seconds(opens))
        session.setRefresh(seconds: Self.refreshSeconds)
        session.watch()
        defer { session.end() }
        session.go(print.screen)
        if let fault = session.commandFault {
            throw Ending(code: .usage, sentence: "--screen: \(fault)")
        }
        session.run(until: seconds(ends))
        return session.text + "\n"
    }
    /// Since the simulation's beginning.
    private func seconds(_ ns: UInt64) -> Double {
        Double(ns - SimulatedSystem.startNs) / 1e9
    }
}
