import CPseudoterminal
import CTerminal
// The console of the scale benchmark: the same parts as the product's, wired the same way, in a
// process and on a terminal of its own, telling another process when its milestones were reached.
import ClusterModel
import Drawing
import Glibc
import KafkaClient
import Polling
import Screens
import Session
import Settings
import TerminalIO
import Themes
import Transport

/// One session that another process types at. Milestones go to a descriptor, a line each: a word,
/// then numbers; times are of the monotonic clock in nanoseconds.
@MainActor
struct ScaleConsole {
    private let report: Int32
    private let bootstrap: [Endpoint]
    private let expectedGroups: Int
    private let inbox = Inbox<Cluster>()
    private var session = ConsoleSession(ScreenOptions(contextName: "scale"))
    private var hasRows = false
    private var isComplete = false

    private static let tick = Duration.milliseconds(500)
    private static let refreshNs: UInt64 = 2_000_000_000

    /// - Parameter words: the descriptor, how many groups there are, and the bootstrap servers.
    init?(_ words: [String]) {
        guard words.count == 3, let descriptor = Int32(words[0]), let groups = Int(words[1]) else {
            return nil
        }
        report = descriptor
        expectedGroups = groups
        bootstrap = words[2].split(separator: ",").compactMap { word in
            let parts = word.split(separator: ":")
            guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
            return Endpoint(host: String(parts[0]), port: port)
        }
    }

    mutating func run() throws {
        let roles = Role.allCases.map(\.name)
        let folders = ConfigFolders(environment: [:])
        let dark = try loadTheme("dark", roles: roles, folders: folders, files: HostFiles())
        let mono = try loadTheme("mono", roles: roles, folders: folders, files: HostFiles())
        var screen = ScaleHost(terminal: try Terminal.open(theme: dark, mono: mono))
        let size = screen.terminal.size
        session.apply(.resized(width: size.width, height: size.height), &screen)
        session.apply(.connecting("connecting"), &screen)
        session.apply(Self.time(), &screen)
        _ = screen.terminal.draw(session.screens.render())
        tell("frame", [monotonic()])
        let loop = Loop(try EpollSystem())
        guard loop.start() else { return }
        let observation = Observation(
            ClusterSession(loop: loop, config: ClientConfig(bootstrap: bootstrap)),
            mode: .live(refreshNs: Self.refreshNs),
            publish: { [inbox] cluster in inbox.post(cluster, replacing: { _ in true }) })
        observation.start()
        session.observation = observation
        turn(&screen)
        observation.stop()
        loop.stop()
    }

    private mutating func turn(_ screen: inout ScaleHost) {
        var tickedAt = monotonic()
        while !screen.isOver {
            var isNews = false
            for event in screen.terminal.wait(inbox: inbox.descriptor, timeout: Self.tick) {
                switch event {
                case .keys(let keys):
                    for key in keys { session.apply(.key(key), &screen) }
                case .resized(let width, let height):
                    session.apply(.resized(width: width, height: height), &screen)
                    screen.terminal.repaint()
                case .inbox:
                    guard let cluster = inbox.drain().last else { continue }
                    isNews = true
                    session.take(cluster, at: Self.time(), &screen)
                case .writable: break
                case .ended, .vanished: return
                }
            }
            if monotonic() - tickedAt >= 500_000_000 {
                tickedAt = monotonic()
                session.apply(Self.time(), &screen)
            }
            _ = screen.terminal.draw(session.screens.render())
            if isNews { tellMilestones() }
        }
    }

    private static func time() -> Event {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let seconds = Int(wall.tv_sec % 86_400)
        return .tick(
            now: Instant(ns: monotonic()),
            wall: WallTime(ms: Int64(wall.tv_sec) * 1000 + Int64(wall.tv_nsec) / 1_000_000),
            localTime: NumberFormat.clock(secondsOfDay: seconds))
    }

    // MARK: Milestones

    private mutating func tellMilestones() {
        guard let newest = session.newest else { return }
        if !hasRows, newest.partitions.count > 0 {
            hasRows = true
            tell("rows", [monotonic(), UInt64(processorSeconds() * 1e9)])
        }
        if !isComplete {
            let missing = Self.missing(newest, of: expectedGroups)
            isComplete = newest.partitions.count > 0 && missing.allSatisfy { $0 == 0 }
            tell(
                isComplete ? "complete" : "missing",
                isComplete ? [monotonic(), UInt64(processorSeconds() * 1e9)] : missing)
        }
        let traffic = newest.traffic
        tell(
            "traffic",
            [
                UInt64(traffic.bytesInPerSecond), UInt64(traffic.bytesOutPerSecond),
                UInt64(traffic.requestsPerSecond), UInt64(traffic.openConnections),
            ])
    }

    /// How much of the picture is missing: replicas without an end, partitions without a high
    /// watermark and without a start, groups, their members, their offsets, lags, and how many
    /// questions have failed.
    private nonisolated static func missing(
        _ cluster: Cluster, of expectedGroups: Int
    ) -> [UInt64] {
        let table = cluster.partitions
        // Of share and streams groups their coordinator is not asked for everything.
        let plain = cluster.groups.filter { $0.type != "share" && $0.type != "streams" }
        return [
            table.replicaLogEnd.count { $0 < 0 }, table.highWatermark.count { $0 < 0 },
            table.logStart.count { $0 < 0 }, max(0, expectedGroups - cluster.groups.count),
            plain.count { $0.members == nil },
            plain.count { $0.offsets == nil },
            cluster.groups.count { $0.unknownLagCount > 0 }, cluster.failures.count,
        ].map(UInt64.init)
    }

    private func tell(_ word: String, _ numbers: [UInt64]) {
        let line = ([word] + numbers.map(String.init)).joined(separator: " ") + "\n"
        _ = line.withCString { write(report, $0, strlen($0)) }
    }
}

/// The terminal alone: nothing is copied or written.
@MainActor
private struct ScaleHost: ~Copyable, SessionHost {
    var terminal: Terminal
    var isOver = false

    init(terminal: consuming Terminal) { self.terminal = terminal }

    mutating func quit() { isOver = true }
    mutating func leavePlan(_ id: String) { isOver = true }
    mutating func repaint() { terminal.repaint() }
    mutating func suspend() -> (width: Int, height: Int) {
        (terminal.size.width, terminal.size.height)
    }
    mutating func copy(_ text: String) -> Bool { false }
    mutating func write(_ cluster: Cluster, to path: String) throws(EffectFailure) -> String {
        throw EffectFailure("no snapshots in the benchmark")
    }
}

/// Nanoseconds of the clock that all processes share.
func monotonic() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
