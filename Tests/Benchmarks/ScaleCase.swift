// The scale benchmark: the real client on a simulated cluster over loopback, each in a process of
// its own, and what that costs the client, the brokers and the terminal.
import CPseudoterminal
import CTerminal
import Glibc
import SimulatedCluster
import Transport

/// What a size is: a share of the largest cluster.
struct ScaleSize {
    var title: String
    var brokers: Int
    var partitions: Int
    var groups: Int

    static let tenth = ScaleSize(
        title: "1/10", brokers: Size.brokers / 10, partitions: Size.partitions / 10,
        groups: Size.groups / 10)
    static let full = ScaleSize(
        title: "full", brokers: Size.brokers, partitions: Size.partitions, groups: Size.groups)
}

/// Serves a simulated cluster until its process is ended. Prints where, once it listens.
func serveScale(_ words: [String]) throws -> Never {
    let numbers = words.compactMap { Int($0) }
    var shape = Shape()
    shape.seed = 7
    if numbers.count == 3 {
        (shape.brokers, shape.partitions, shape.groups) = (numbers[0], numbers[1], numbers[2])
    }
    shape.storyAtSeconds = .infinity
    let cluster = try LoopbackCluster(shape)
    print("BOOTSTRAP=" + cluster.endpoints.prefix(3).map(\.description).joined(separator: ","))
    fflush(nil)
    while true { pause() }
}

/// A child on a pseudo-terminal, ended with its owner.
private final class Child {
    private(set) var master: Int32 = -1
    let id: Int32

    init(_ words: [String], columns: Int32 = 120, rows: Int32 = 40) {
        var path = [CChar](repeating: 0, count: 4096)
        let count = max(0, readlink("/proc/self/exe", &path, path.count - 1))
        let program = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let settings = [
            "TERM=xterm-256color", "LC_ALL=C.UTF-8", "SWIFT_BACKTRACE=enable=no",
            "PATH=/usr/bin:/bin",
        ]
        var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + words).map { strdup($0) }
        var environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) }
        arguments.append(nil)
        environment.append(nil)
        id = pty_spawn(&master, rows, columns, program, arguments, environment)
        for text in arguments + environment { free(text) }
    }

    deinit {
        if id > 0 {
            kill(id, SIGKILL)
            _ = pty_exit_code(id, 1)
        }
        if master >= 0 { close(master) }
    }

    func type(_ text: String) {
        _ = text.withCString { write(master, $0, strlen($0)) }
    }

    /// Processor seconds the child has used.
    var processorSeconds: Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(id, &clock) == 0, clock_gettime(clock, &time) == 0 else {
            return .nan
        }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A line of the child's status in bytes, such as VmRSS.
    func memory(_ name: String) -> UInt64 {
        guard let file = fopen("/proc/\(id)/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
            guard text.hasPrefix(name + ":") else { continue }
            return text.split(separator: " ").compactMap { UInt64($0) }.first.map { $0 * 1024 } ?? 0
        }
        return 0
    }
}

/// One run at one size.
private final class ScaleRun {
    private let size: ScaleSize
    private let server: Child
    private let console: Child
    private let startedAt: UInt64
    private let milestones: Int32
    private var text: [UInt8] = []
    private var told: [String: [UInt64]] = [:]
    private var traffic: [[UInt64]] = []
    private var terminalBytes = 0

    init?(_ size: ScaleSize) {
        self.size = size
        server = Child(["serve", "\(size.brokers)", "\(size.partitions)", "\(size.groups)"])
        guard let bootstrap = Self.bootstrap(server) else { return nil }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        milestones = ends[0]
        startedAt = monotonic()
        console = Child(["console", "\(ends[1])", "\(size.groups)", bootstrap])
        close(ends[1])
    }

    deinit { close(milestones) }

    private static func bootstrap(_ server: Child) -> String? {
        var text = ""
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(server.master, &chunk, chunk.count)
            guard count > 0 else { return nil }
            text += String(decoding: chunk[..<count], as: UTF8.self)
            for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("BOOTSTRAP=") {
                if text.last?.isNewline == true {
                    return String(line.dropFirst("BOOTSTRAP=".count))
                }
            }
        }
    }

    /// Takes what the console sends until `isDone`, or so many seconds have passed.
    @discardableResult
    private func pump(_ seconds: Double, until isDone: () -> Bool = { false }) -> Bool {
        let deadline = monotonic() + UInt64(seconds * 1e9)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !isDone() {
            let now = monotonic()
            guard now < deadline else { return false }
            var sources = [
                pollfd(fd: console.master, events: Int16(POLLIN), revents: 0),
                pollfd(fd: milestones, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&sources, 2, Int32((deadline - now) / 1_000_000) + 1) > 0 else { continue }
            if sources[0].revents != 0 {
                let count = read(console.master, &chunk, chunk.count)
                guard count > 0 else { return false }
                terminalBytes += count
            }
            if sources[1].revents != 0 {
                let count = read(milestones, &chunk, chunk.count)
                if count > 0 { take(chunk[..<count]) }
            }
        }
        return true
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        text += bytes
        while let end = text.firstIndex(of: 10) {
            let words = String(decoding: text[..<end], as: UTF8.self).split(separator: " ")
            text.removeFirst(end + 1)
            guard let word = words.first else { continue }
            let numbers = words.dropFirst().compactMap { UInt64($0) }
            if word == "traffic" { traffic.append(numbers) } else { told[String(word)] = numbers }
        }
    }

    // MARK: What is measured

    /// - Parameter screens: where the steady state is looked at, by name.
    func measure(_ screens: [String], _ report: inout Report) {
        let before = server.processorSeconds
        if !pump(ScaleBudget.patience, until: { told["complete"] != nil }) {
            report.note(
                "not complete after \(ScaleBudget.patience) s; missing replica ends, high "
                    + "watermarks, starts, groups, members, offsets, lags; failures: "
                    + "\(told["missing"] ?? [])")
        }
        report.time(name("first frame"), seconds("frame"), budget: ScaleBudget.frame)
        report.time(name("first rows"), seconds("rows"), budget: ScaleBudget.rows)
        report.time(name("first rows, client's processor"), processor("rows"))
        report.time(name("the complete picture"), seconds("complete"), budget: ScaleBudget.complete)
        report.time(name("the complete picture, client's processor"), processor("complete"))
        report.time(
            name("the complete picture, simulation's processor"),
            server.processorSeconds - before)
        for screen in screens {
            console.type(":\(screen)\r")
            pump(ScaleBudget.settleSeconds)
            rest(&report, screen)
            keys(&report, screen)
        }
        report.bytes(
            name("greatest resident memory"), console.memory("VmHWM"), budget: ScaleBudget.resident,
            isExact: false)
        console.type(":q\r")
        pump(2)
    }

    private func rest(_ report: inout Report, _ screen: String) {
        traffic = []
        terminalBytes = 0
        let (cpu, server, at) = (
            console.processorSeconds, self.server.processorSeconds, monotonic()
        )
        pump(ScaleBudget.restSeconds)
        let span = Double(monotonic() - at) / 1e9
        report.share(
            name("\(screen), at rest, client's processor"),
            (console.processorSeconds - cpu) / span, budget: ScaleBudget.steady)
        report.share(
            name("\(screen), at rest, simulation's processor"),
            (self.server.processorSeconds - server) / span)
        report.bytes(
            name("\(screen), resident memory"), console.memory("VmRSS"),
            budget: ScaleBudget.resident, isExact: false)
        report.rate(
            name("\(screen), at rest, bytes to the terminal"), Double(terminalBytes) / span,
            budget: ScaleBudget.terminalBytes)
        func mean(_ place: Int) -> Double {
            let values = traffic.compactMap { $0.indices.contains(place) ? Double($0[place]) : nil }
            return values.reduce(0, +) / Double(max(1, values.count)) / Double(size.brokers)
        }
        report.rate(name("\(screen), at rest, bytes from a broker"), mean(0))
        report.rate(name("\(screen), at rest, bytes to a broker"), mean(1))
        report.number(name("\(screen), at rest, requests to a broker a second"), mean(2))
        report.number(
            name("\(screen), connections to a broker"), mean(3), budget: ScaleBudget.connections)
    }

    private func keys(_ report: inout Report, _ screen: String) {
        var spans: [Double] = []
        for number in 0..<ScaleBudget.keys {
            // Not in step with anything that comes by the second.
            pump(0.06 + 0.013 * Double(number % 7))
            let before = terminalBytes
            let at = monotonic()
            console.type(number % 9 == 8 ? "k" : "j")
            _ = pump(2) { terminalBytes != before }
            spans.append(Double(monotonic() - at) / 1e9)
        }
        spans.sort()
        report.time(name("\(screen), key to pixels, median"), spans[spans.count / 2])
        report.time(
            name("\(screen), key to pixels, p99"), spans[spans.count * 99 / 100],
            budget: Budget.keyToFrame)
    }

    private func name(_ what: String) -> String { "\(size.title): \(what)" }

    /// Processor seconds that the console had used by then.
    private func processor(_ milestone: String) -> Double {
        guard let used = told[milestone]?.last else { return .infinity }
        return Double(used) / 1e9
    }

    private func seconds(_ milestone: String) -> Double {
        guard let at = told[milestone]?.first else { return .infinity }
        return Double(at - startedAt) / 1e9
    }
}

/// The scale benchmark at the sizes and on the screens asked for.
func measureScale(_ sizes: [ScaleSize], on screens: [String], _ report: inout Report) {
    for size in sizes {
        guard let run = ScaleRun(size) else {
            report.note("the simulated cluster could not be started at \(size.title)")
            continue
        }
        report.note(
            "\(size.title): \(size.brokers) brokers, \(size.partitions) partitions x"
                + "\(Size.replicas), \(size.groups) groups; load \(loadAverage())")
        run.measure(screens, &report)
    }
}

/// The machine's load over the last minute: what times have to be read with.
private func loadAverage() -> String {
    var loads = [0.0, 0, 0]
    guard getloadavg(&loads, 3) > 0 else { return "?" }
    return "\((loads[0] * 10).rounded() / 10)"
}
