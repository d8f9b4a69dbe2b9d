// What a command says while a plan is carried out: lines for people on standard error, or one JSON
// object a line on standard output.
internal import Arguments
internal import JSON
internal import Operations
internal import Planning
internal import Transport

/// Tells how far an execution is.
@MainActor
final class ExecutionFollower {
    static let options = [
        Option(
            "progress", value: "FORMAT", choices: ["text", "json", "none"],
            "how far it is: text on standard error (default), one JSON object a line on standard "
                + "output, or nothing")
    ]

    private let host: Host
    private let format: String
    private var last: MovingProgress?
    private var lastNs: UInt64 = 0

    /// Between two lines of text that say nothing new but numbers.
    private static let textNs: UInt64 = 10_000_000_000
    private static let jsonNs: UInt64 = 1_000_000_000

    init(_ invocation: Invocation, _ host: Host) {
        self.host = host
        format = invocation.value("progress") ?? "text"
    }

    func take(_ event: OperationEvent) {
        switch event {
        case .begun(let id) where format == "text":
            host.error.line(
                "highwater: \(id) begins; ended in any way it goes on with highwater resume \(id)"
                    + ", and back with highwater undo \(id)")
        case .moving(let progress): tell(progress)
        default: break
        }
    }

    private func tell(_ progress: MovingProgress) {
        let now = MonotonicClock.now
        // A pause and its end are said at once.
        let isNews =
            last?.paused != progress.paused || last?.waits != progress.waits
            || last?.trouble != progress.trouble || last?.dropped != progress.dropped
        let interval = format == "json" ? Self.jsonNs : Self.textNs
        guard format != "none", isNews || now - lastNs >= interval else { return }
        (last, lastNs) = (progress, now)
        if format == "json" {
            host.output.line(Self.document(progress).text)
        } else {
            host.error.line(printable("highwater: " + Self.text(progress)))
        }
    }

    static func text(_ progress: MovingProgress) -> String {
        var parts = ["\(progress.done) of \(progress.of) partitions done"]
        if progress.inFlight > 0 { parts.append("\(progress.inFlight) in flight") }
        if progress.dropped > 0 {
            parts.append(
                "\(progress.dropped) given up"
                    + (progress.droppedBecause.map { " (\($0))" } ?? ""))
        }
        if progress.bytesTotal > 0 {
            parts.append(
                "\(readableBytes(progress.bytesDone)) of \(readableBytes(progress.bytesTotal))")
        }
        if let rate = progress.bytesPerSecond, rate >= 1 {
            parts.append("\(readableBytes(Int64(rate)))/s")
        }
        if let left = progress.secondsLeft, left.isFinite, left < 1e8 {
            parts.append("\(span(left)) left")
        }
        if !progress.paused.isEmpty {
            parts.append("HELD: " + progress.paused.joined(separator: "; "))
        }
        parts += progress.waits
        if let trouble = progress.trouble { parts.append("trouble: \(trouble)") }
        return parts.joined(separator: ", ")
    }

    /// "45 s", "12 min", "3 h 20 min".
    static func span(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        if whole < 120 { return "\(whole) s" }
        let minutes = (whole + 59) / 60
        return minutes < 120 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }

    static func document(_ progress: MovingProgress) -> JSONValue {
        .object([
            .init("event", .string("progress")),
            .init("at_ms", .integer(LocalClock.wallMs)),
            .init("partitions", .integer(Int64(progress.of))),
            .init("done", .integer(Int64(progress.done))),
            .init("in_flight", .integer(Int64(progress.inFlight))),
            .init("given_up", .integer(Int64(progress.dropped))),
            .init(
                "given_up_because", progress.droppedBecause.map(JSONValue.string) ?? .null),
            .init("bytes_total", .integer(progress.bytesTotal)),
            .init("bytes_done", .integer(progress.bytesDone)),
            .init(
                "bytes_per_second",
                progress.bytesPerSecond.map { .integer(Int64(min($0, 1e18))) } ?? .null),
            .init(
                "seconds_left",
                progress.secondsLeft.map { .integer(Int64(min($0, 1e15))) } ?? .null),
            .init("held_because", .array(progress.paused.map(JSONValue.string))),
            .init("waits_because", .array(progress.waits.map(JSONValue.string))),
            .init("trouble", progress.trouble.map(JSONValue.string) ?? .null),
        ])
    }
}
