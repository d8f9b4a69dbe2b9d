// The console itself: one loop on the main thread that takes keys, clusters and time, and draws
// once for whatever has gathered.
internal import Arguments
internal import ClusterModel
internal import Drawing
internal import Export
internal import Glibc
internal import KafkaClient
internal import Operations
internal import Planning
internal import Polling
internal import Screens
internal import Session
internal import Settings
internal import TerminalIO
internal import Themes
internal import Transport

/// One session of the console.
@MainActor
struct ConsoleRun {
    private let environment: ConsoleEnvironment
    private let host: Host
    private let inbox: Inbox<Arrival>
    private var session: ConsoleSession
    /// The contexts that can be switched to; nil: there are none here.
    private let contexts: Contexts?
    /// What the operator should read first; empty: nothing.
    private let notice: String
    /// The context that the operator wants to go on with, once `run` has returned.
    private(set) var nextContext: String?

    /// How often time itself is an event: ages grow by the second, and new order waits for quiet.
    private static let tick = Duration.milliseconds(500)

    /// The status of a process that SIGHUP ended: its terminal is gone.
    private static let hungUp = ExitCode.signal(SIGHUP)

    init(
        _ environment: ConsoleEnvironment, _ host: Host, contexts: Contexts? = nil,
        notice: String = ""
    ) {
        self.environment = environment
        self.host = host
        self.contexts = contexts
        self.notice = notice
        inbox = Inbox()
        session = ConsoleSession(
            ScreenOptions(
                contextName: environment.title, policy: environment.policy,
                refreshSeconds: Double(environment.refreshNs) / 1e9, toolVersion: toolVersion,
                canDetach: environment.detached != nil))
    }

    /// The exit status; the terminal is as it was before.
    mutating func run() throws(Ending) -> ExitCode {
        blockTerminalSignals()
        let preferences = environment.preferences
        let (theme, mono) = try loadThemes(preferences)
        var screen: TerminalHost
        do throws(TerminalError) {
            screen = TerminalHost(
                try Terminal.open(
                    theme: theme, mono: mono,
                    options: TerminalOptions(
                        usesASCII: preferences.usesASCII, usesMouse: preferences.usesMouse,
                        usesColor: preferences.usesColor)), contexts, environment.contextName)
        } catch {
            throw Ending(code: .cannotRun, sentence: "\(error)")
        }
        let size = screen.terminal.size
        session.apply(.resized(width: size.width, height: size.height), &screen)
        session.apply(.connecting(environment.sentence), &screen)
        session.apply(timeEvent(), &screen)
        if let contexts {
            if let name = environment.contextName { contexts.noteOpened(name) }
            session.apply(.contexts(contexts.list(current: environment.contextName)), &screen)
        }
        if !notice.isEmpty { session.apply(.notice(notice), &screen) }
        _ = screen.terminal.draw(session.screens.render())

        let loop = try environment.startLoop()
        let warmUp = environment.warmUp
        let clusterSession = ClusterSession(
            loop: loop, config: environment.client,
            writes: environment.policy.isReadOnly ? .readOnly : .allowed)
        let observation = Observation(
            clusterSession, mode: .live(refreshNs: warmUp?.firstRefreshNs ?? environment.refreshNs),
            ensemble: environment.ensemble, judging: environment.judging,
            publish: { [inbox] cluster in
                guard warmUp?.shows(cluster.takenAt.ns) ?? true else { return }
                inbox.post(.cluster(cluster), replacing: \.isCluster)
            })
        if let warmUp { warmUp.start(observation) } else { observation.start() }
        session.observation = observation
        session.maintenance = (environment.maintenance, environment.author.person)
        let journals = environment.journals
        session.operation = (
            Operator(
                clusterSession, journal: { id throws(JournalError) in try journals.open(id) },
                author: environment.author),
            journals,
            { [inbox] event in inbox.post(.event(event)) }
        )
        session.planning = { work in
            // Without a thread to spare it is done where there is one.
            if !Thread.startDetached(work) { clusterSession.run { _ in work() } }
        }
        let ending = turnUntilEnd(&screen)
        nextContext = screen.nextContext
        observation.stop()
        loop.stop()
        if let id = screen.leaves, let detached = environment.detached,
            let clusterID = session.newest?.clusterID
        {
            // The lock of this process goes with it, and the other one waits for that.
            let sentence = detached.begin(id, clusterID)
            host.error.line(printable("highwater: \(id): \(sentence)"))
        }
        return ending
    }

    private func loadThemes(
        _ preferences: Preferences
    ) throws(Ending) -> (theme: Theme, mono: Theme) {
        let folders = ConfigFolders(environment: host.environment)
        let roles = Role.allCases.map(\.name)
        do throws(ConfigurationError) {
            var theme = try loadTheme(
                preferences.themeName(environment: host.environment), roles: roles,
                folders: folders, files: HostFiles())
            if let color = environment.bandColor, preferences.usesColor {
                theme = theme.withGround(color, of: Role.banner.name)
            }
            let mono = try loadTheme("mono", roles: roles, folders: folders, files: HostFiles())
            return (theme, mono)
        } catch {
            throw Ending(code: .usage, sentence: "\(error)")
        }
    }

    /// One turn: wait, take everything that has gathered, draw once.
    private mutating func turnUntilEnd(_ screen: inout TerminalHost) -> ExitCode {
        var tickedAt = MonotonicClock.now
        while true {
            for event in screen.terminal.wait(inbox: inbox.descriptor, timeout: Self.tick) {
                switch event {
                case .keys(let keys):
                    // Before time and clusters: a key belongs to the rows that were on the screen.
                    // Only a review must know how long it has been in sight.
                    if session.screens.takesText { session.apply(timeEvent(), &screen) }
                    for key in keys { session.apply(.key(key), &screen) }
                    session.apply(timeEvent(), &screen)
                case .resized(let width, let height):
                    session.apply(.resized(width: width, height: height), &screen)
                    screen.terminal.repaint()
                case .inbox: takeArrivals(&screen)
                case .writable: break
                case .ended(let signal): return .signal(signal)
                case .vanished: return Self.hungUp
                }
            }
            if MonotonicClock.now - tickedAt >= Self.tick.nanoseconds {
                tickedAt = MonotonicClock.now
                session.apply(timeEvent(), &screen)
            }
            if let ending = screen.endsWith { return ending }
            // Not taken: the terminal stands still, and `.writable` will wake this loop.
            _ = screen.terminal.draw(session.screens.render())
        }
    }

    private mutating func takeArrivals(_ screen: inout TerminalHost) {
        var newest: Cluster?
        for arrival in inbox.drain() {
            switch arrival {
            case .cluster(let cluster): newest = cluster
            case .event(let event): session.apply(event, &screen)
            }
        }
        guard let cluster = newest else { return }
        if session.newest?.clusterID == nil,
            let warning = environment.identityWarning(cluster.clusterID)
        {
            session.apply(.notice(warning), &screen)
        }
        session.take(cluster, at: timeEvent(), &screen)
    }

    private func timeEvent() -> Event {
        let wallMs = environment.wallMs()
        return .tick(
            now: Instant(ns: environment.now()), wall: WallTime(ms: wallMs),
            localTime: LocalClock.text(wallMs: wallMs))
    }
}

/// What comes from the loop's thread.
private enum Arrival: Sendable {
    case cluster(Cluster)
    case event(Event)

    var isCluster: Bool { if case .cluster = self { true } else { false } }
}

/// The terminal and the process, as the session uses them.
@MainActor
private struct TerminalHost: ~Copyable, SessionHost {
    var terminal: Terminal
    var endsWith: ExitCode?
    var nextContext: String?
    private let contexts: Contexts?
    private let contextName: String?
    /// The plan that is left to a process of its own.
    var leaves: String?

    init(_ terminal: consuming Terminal, _ contexts: Contexts?, _ contextName: String?) {
        self.terminal = terminal
        self.contexts = contexts
        self.contextName = contextName
    }

    mutating func quit() { endsWith = .done }
    mutating func leavePlan(_ id: String) { (leaves, endsWith) = (id, .done) }
    mutating func repaint() { terminal.repaint() }
    mutating func suspend() -> (width: Int, height: Int) {
        terminal.suspend()
        return (terminal.size.width, terminal.size.height)
    }
    mutating func copy(_ text: String) -> Bool { terminal.copy(text) }

    mutating func open(context: String) throws(EffectFailure) {
        guard contexts != nil else { throw EffectFailure("this session has no contexts") }
        nextContext = context
        endsWith = .done
    }

    mutating func pin(
        _ id: String, in context: String
    ) throws(EffectFailure) -> (said: String, contexts: ContextList) {
        guard let contexts else { throw EffectFailure("this session has no contexts") }
        do throws(ContextFault) {
            try contexts.pin(id, in: context)
            return (
                "\(context) is pinned to this cluster", contexts.list(current: contextName)
            )
        } catch {
            throw EffectFailure(error.sentence)
        }
    }

    mutating func write(_ cluster: Cluster, to path: String) throws(EffectFailure) -> String {
        let snapshot = Snapshot(cluster, toolVersion: toolVersion)
        do {
            try OutputFile.ofConsole.write(path) { sink in try snapshot.write(to: sink) }
        } catch {
            throw EffectFailure("the snapshot could not be written to \(path): \(error)")
        }
        return "snapshot written to \(wholePath(path))\(snapshot.gaps.shortReason)"
    }
}

/// The path from the root: who reads it may not know where the console was started.
func wholePath(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    let name = String(cString: folder)
    return name.hasSuffix("/") ? name + path : "\(name)/\(path)"
}
