// What a console at rest sends to its terminal, screen by screen: counted on simulated time from
// the cells that change from frame to frame, as curses sends them.

import Drawing
import Foundation
import Session
import SimulatedCluster
import Testing

/// The bytes that a terminal of 256 colours is sent to show another frame.
enum TerminalCost {
    /// A move of the cursor ("\e[12;34H"), and another colour or weight ("\e[38;5;81m").
    private static let move = 7
    private static let style = 11
    /// So many cells that did not change are sent again rather than passed over (Limits.mergedGap).
    private static let gap = 4

    static func bytes(from old: Frame, to new: Frame) -> Int {
        guard old.width == new.width, old.height == new.height else { return 0 }
        var total = 0
        for y in 0..<new.height {
            var (last, role) = (-100, Role.text)
            for x in 0..<new.width where old[x, y] != new[x, y] {
                if x - last > gap {
                    total += move
                } else {
                    for between in (last + 1)..<x { total += size(new[between, y], &role) }
                }
                total += size(new[x, y], &role)
                last = x
            }
        }
        return total
    }

    private static func size(_ cell: Cell, _ role: inout Role) -> Int {
        defer { role = cell.role }
        return String(cell.scalar).utf8.count + (cell.role == role ? 0 : style)
    }
}

@Suite struct RestBytesTests {
    /// As design.md has it.
    private static let budget = 512

    private static let screens = [
        "overview", "throughput", "leadership", "brokers", "topics", "partitions", "replicas",
        "heat", "groups", "volumes", "coordinator", "events", "journal", "wrong", "moves",
        "overrides", "configs",
    ]

    /// Bytes a second of each screen, and the lines that cost most.
    private func measure(
        _ session: DrivenSession, _ screen: String, seconds: Int
    ) -> (rate: Double, worst: [String]) {
        session.go(screen)
        session.run(seconds: 4)
        var frame = session.frame
        var total = 0
        var byLine = Array(repeating: 0, count: frame.height)
        for _ in 0..<(seconds * 2) {
            session.run(seconds: 0.5)
            let next = session.frame
            total += TerminalCost.bytes(from: frame, to: next)
            for y in 0..<next.height {
                byLine[y] += (0..<next.width).count { frame[$0, y] != next[$0, y] }
            }
            frame = next
        }
        let worst = byLine.indices.sorted { byLine[$0] > byLine[$1] }.prefix(6)
        return (
            Double(total) / Double(seconds),
            worst.map { "\(byLine[$0]) cells: \(frame.lines[$0])" }
        )
    }

    /// HIGHWATER_REST=1 measures the whole demo for a minute a screen and prints the figures.
    @Test func aScreenAtRestSendsLittle() {
        let isWhole = getenv("HIGHWATER_REST") != nil
        var shape = isWhole ? Shape() : smallShape()
        shape.storyAtSeconds = 1e9
        var options = SessionOptions()
        (options.width, options.height) = (120, 40)
        let session = DrivenSession(shape, options)
        defer { session.end() }
        session.run(until: isWhole ? 90 : 20)
        // Of a small cluster those that have most to send.
        let busy = ["overview", "throughput", "partitions", "groups"]
        for screen in isWhole ? Self.screens : busy {
            let found = measure(session, screen, seconds: isWhole ? 30 : 4)
            if isWhole {
                print("REST", screen, Int(found.rate), "B/s")
                for line in found.worst { print("REST     ", line) }
            }
            #expect(
                found.rate < Double(Self.budget),
                "\(screen): \(Int(found.rate)) B/s\n\(found.worst.joined(separator: "\n"))")
        }
    }
}
