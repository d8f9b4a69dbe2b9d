// The console itself: one loop on the main thread that takes keys, pictures and time, and draws
// once for whatever has gathered.
internal import Arguments
internal import ClusterModel
internal import Drawing
internal import Export
internal import Glibc
internal import KafkaClient
internal import Polling
internal import Screens
internal import Settings
internal import TerminalIO
internal import Themes
internal import Transport

/// One session of the console.
@MainActor
struct ConsoleRun {
    private let environment: ConsoleEnvironment
    private let host: Host
    private let inbox: Inbox<Cluster>
    private var screens: ScreenState
    private var endsWith: ExitCode?
    private var newest: Cluster?

    /// How often time itself is an event: ages grow by the second, and new order waits for quiet.
    private static let tick = Duration.milliseconds(500)

    /// The status of a process that SIGHUP ended: its terminal is gone.
    private static let hungUp = ExitCode.signal(SIGHUP)

    init(_ environment: ConsoleEnvironment, _ host: Host) {
        self.environment = environment
        self.host = host
        inbox = Inbox()
        screens = ScreenState(
            options: ScreenOptions(
                contextName: environment.title, isReadOnly: environment.isReadOnly,
                refreshSeconds: Double(environment.refreshNs) / 1e9, toolVersion: toolVersion))
    }

    /// The exit status; the terminal is as it was before.
    mutating func run() throws(Ending) -> ExitCode {
        blockTerminalSignals()
        let preferences = environment.preferences
        let (theme, mono) = try loadThemes(preferences)
        var terminal: Terminal
        do throws(TerminalError) {
            terminal = try Terminal.open(
                theme: theme, mono: mono,
                options: TerminalOptions(
                    usesASCII: preferences.usesASCII, usesMouse: preferences.usesMouse,
                    usesColor: preferences.usesColor))
        } catch {
            throw Ending(code: .cannotRun, sentence: "\(error)")
        }
        apply(.resized(width: terminal.size.width, height: terminal.size.height), nil, &terminal)
        apply(.connecting(environment.sentence), nil, &terminal)
        apply(timeEvent(), nil, &terminal)
        _ = terminal.draw(screens.render())

        let loop = try environment.startLoop()
        let warmUp = environment.warmUp
        let session = ClusterSession(
            loop: loop, config: environment.client,
            writes: environment.isReadOnly ? .readOnly : .allowed)
        let observation = Observation(
            session, mode: .live(refreshNs: warmUp?.firstRefreshNs ?? environment.refreshNs),
            ensemble: environment.ensemble,
            publish: { [inbox] cluster in
                guard warmUp?.shows(cluster.takenAt.ns) ?? true else { return }
                inbox.post(cluster, replacing: { _ in true })
            })
        if let warmUp { warmUp.start(observation) } else { observation.start() }
        let ending = turnUntilEnd(&terminal, observation)
        observation.stop()
        loop.stop()
        return ending
    }

    private func loadThemes(
        _ preferences: Preferences
    ) throws(Ending) -> (theme: Theme, mono: Theme) {
        let folders = ConfigFolders(environment: host.environment)
        let roles = Role.allCases.map(\.name)
        do throws(ConfigurationError) {
            return (
                try loadTheme(
                    preferences.themeName(environment: host.environment), roles: roles,
                    folders: folders, files: HostFiles()),
                try loadTheme("mono", roles: roles, folders: folders, files: HostFiles())
            )
        } catch {
            throw Ending(code: .usage, sentence: "\(error)")
        }
    }

    /// One turn: wait, take everything that has gathered, draw once.
    private mutating func turnUntilEnd(
        _ terminal: inout Terminal, _ observation: Observation
    ) -> ExitCode {
        var tickedAt = MonotonicClock.now
        while true {
            for event in terminal.wait(inbox: inbox.descriptor, timeout: Self.tick) {
                switch event {
                case .keys(let keys):
                    // Before time and pictures: a key belongs to the rows that were on the screen.
                    for key in keys { apply(.key(key), observation, &terminal) }
                    apply(timeEvent(), observation, &terminal)
                case .resized(let width, let height):
                    apply(.resized(width: width, height: height), observation, &terminal)
                    terminal.repaint()
                case .inbox: takePictures(observation, &terminal)
                case .writable: break
                case .ended(let signal): return .signal(signal)
                case .vanished: return Self.hungUp
                }
            }
            if MonotonicClock.now - tickedAt >= Self.tick.nanoseconds {
                tickedAt = MonotonicClock.now
                apply(timeEvent(), observation, &terminal)
            }
            if let endsWith { return endsWith }
            // Not taken: the terminal stands still, and `.writable` will wake this loop.
            _ = terminal.draw(screens.render())
        }
    }

    private mutating func takePictures(
        _ observation: Observation, _ terminal: inout Terminal
    ) {
        guard let cluster = inbox.drain().last else { return }
        if newest?.clusterID == nil, let warning = environment.identityWarning(cluster.clusterID) {
            apply(.notice(warning), observation, &terminal)
        }
        let shown = newest.take()
        newest = cluster
        if cluster.topics.isEmpty, let failure = cluster.failures.first {
            apply(.connecting(failure.message), observation, &terminal)
        }
        apply(timeEvent(), observation, &terminal)
        apply(.cluster(cluster), observation, &terminal)
        if let shown { observation.retire(shown) }
    }

    private func timeEvent() -> Event {
        let wallMs = environment.wallMs()
        return .tick(
            now: Instant(ns: environment.now()), wall: WallTime(ms: wallMs),
            localTime: LocalClock.text(wallMs: wallMs))
    }

    /// Hands one event to the screens and carries out what they ask for.
    private mutating func apply(
        _ event: Event, _ observation: Observation?, _ terminal: inout Terminal
    ) {
        for effect in screens.update(event) {
            switch effect {
            case .quit: endsWith = .done
            case .redraw: terminal.repaint()
            case .suspend:
                terminal.suspend()
                apply(
                    .resized(width: terminal.size.width, height: terminal.size.height),
                    observation, &terminal)
            case .setRefresh(let seconds):
                observation?.setRefresh(ns: UInt64(max(0, seconds) * 1e9))
            case .pause: break
            case .interest(let interest, let isAtOnce):
                observation?.setInterest(interest, isAtOnce: isAtOnce)
            case .copy(let text):
                let isDone = terminal.copy(text)
                _ = screens.update(
                    isDone
                        ? .effectDone("copied")
                        : .effectFailed("this terminal has no clipboard that programs can write"))
            case .pollNow: observation?.pollNow()
            case .snapshot(let path): _ = screens.update(writeSnapshot(path))
            }
        }
    }

    /// `S`: the picture on the screen as a document.
    private func writeSnapshot(_ path: String) -> Event {
        guard let newest else { return .effectFailed("nothing is known yet: no snapshot written") }
        do {
            let snapshot = Snapshot(newest, toolVersion: toolVersion)
            try WholeFile.write(path) { sink in try snapshot.write(to: sink) }
            return .effectDone(
                "snapshot written to \(path)" + (snapshot.gaps.isComplete ? "" : " (partial)"))
        } catch {
            return .effectFailed("the snapshot could not be written to \(path): \(error)")
        }
    }
}
