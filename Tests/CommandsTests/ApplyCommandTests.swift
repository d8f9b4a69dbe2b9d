// `highwater apply`, `moves`, `resume`, `forget` and `undo` of a plan, on a simulated cluster over
// loopback.
import Commands
import Foundation
import JSON
import SimulatedCluster
import Testing
import TransportTesting

@MainActor
@Suite(.onOwnThread) struct ApplyCommandTests {
    /// A cluster of nine brokers, and a plan that empties one of them.
    private func site() throws -> (Practice, ScratchFile) {
        let practice = try Practice {
            $0.brokers = 9
            $0.racks = 1
            $0.copySpeed = 50_000
        }
        let file = try ScratchFile()
        let planned = try practice.run("plan drain --broker 4 --throttle 1TB --output \(file.path)")
        #expect(planned.code == 0, "\(planned.errors)")
        return (practice, file)
    }

    private func replicas(_ practice: Practice) throws -> [String: [Int64]] {
        let rows = try practice.run("snapshot --sections partitions").document()["partitions"]
        var found: [String: [Int64]] = [:]
        for row in rows?.array ?? [] {
            let name = "\(row["topic"]?.string ?? "")-\(row["partition"]?.integer ?? -1)"
            found[name] = (row["replicas"]?.array ?? []).compactMap(\.integer)
        }
        return found
    }

    @Test func aPlanIsCarriedOutAndTakenBack() throws {
        let (practice, file) = try site()
        let before = try replicas(practice)
        let shown = try practice.run("apply \(file.path) --dry-run")
        #expect(shown.code == 0, "\(shown.errors)")
        #expect(shown.output.contains("carry out the plan \"drain\" of "), "\(shown.output)")
        #expect(shown.output.contains("at no more than 1 TB/s for each broker"))
        #expect(shown.output.contains("kafka-reassign-partitions.sh"))
        #expect(try replicas(practice) == before)

        let made = try practice.make("apply \(file.path) --progress json --note ticket-7")
        #expect(made.code == 0, "\(made.errors)\(made.output)")
        #expect(made.output.contains("\"event\":\"progress\""), "\(made.output)")
        #expect(made.output.contains("done"))
        let after = try replicas(practice)
        #expect(!after.values.contains { $0.contains(4) })
        let entry = try #require(try practice.journal().first)
        #expect(entry["state"]?.string == "done" && entry["note"]?.string == "ticket-7")
        let id = try #require(entry["id"]?.string)

        // It was planned from what is no longer so.
        let again = try practice.make("apply \(file.path)")
        #expect(again.code == ExitCode.refused.rawValue, "\(again.output)")
        #expect(again.errors.contains("the cluster has changed since it was planned: "))
        #expect(again.errors.contains("has replicas"))
        let moves = try practice.run("moves --format json").document()
        #expect(moves["moves"]?.array?.isEmpty == true)
        #expect(moves["throttles"]?.array?.isEmpty == true)

        let resumed = try practice.make("resume \(id)")
        #expect(resumed.code == ExitCode.refused.rawValue)
        #expect(resumed.errors.contains("is no plan that was cut short"))
        let undone = try practice.make("undo \(id) --progress none")
        #expect(undone.code == 0, "\(undone.errors)\(undone.output)")
        #expect(try replicas(practice) == before)
    }

    @Test func whatIsNoPlanIsRefused() throws {
        let (practice, file) = try site()
        var text = file.text
        let wrong = try practice.make("apply \(file.path) --throttle fast")
        #expect(wrong.code == ExitCode.usage.rawValue)
        #expect(wrong.errors.contains("--throttle is bytes a second such as 50MB, or none: fast"))
        // One digit of its hash is another.
        let key = try #require(text.range(of: "\"hash\""))
        let quote = try #require(text[key.upperBound...].firstIndex(of: "\""))
        let digit = text.index(after: quote)
        text.replaceSubrange(digit...digit, with: text[digit] == "0" ? "1" : "0")
        // The command has put another file in the place of the first one.
        try text.write(toFile: file.path, atomically: false, encoding: .utf8)
        let changed = try practice.make("apply \(file.path)")
        #expect(changed.code == ExitCode.usage.rawValue, "\(changed.errors)")
        #expect(changed.errors.contains("is no plan to carry out"))
        try "{}".write(toFile: file.path, atomically: false, encoding: .utf8)
        let empty = try practice.run("apply \(file.path) --dry-run")
        #expect(empty.code == ExitCode.usage.rawValue)
        let nothing = try practice.run("moves")
        #expect(nothing.output.contains("nothing is being moved"), "\(nothing.errors)")
        let forgotten = try practice.make("forget 17")
        #expect(forgotten.code == ExitCode.refused.rawValue)
        #expect(forgotten.errors.contains("has no change 17"))
    }

    /// A process that was killed right after its throttles were set: they are shown, no other plan
    /// begins, and undo takes them away.
    @Test func aPlanThatWasCutShortIsTakenBack() throws {
        let (practice, file) = try site()
        let before = try replicas(practice)
        let made = try practice.make("apply \(file.path) --progress none")
        #expect(made.code == 0, "\(made.errors)")
        let path = practice.state + "/highwater/\(practice.id)/journal.ndjson"
        let lines = try String(contentsOfFile: path, encoding: .utf8)
            .split(separator: "\n").filter { !$0.contains("\"event\":\"ended\"") }
        try (lines.joined(separator: "\n") + "\n")
            .write(toFile: path, atomically: false, encoding: .utf8)
        let entry = try #require(try practice.journal().first)
        let id = try #require(entry["id"]?.string)
        let moves = try practice.run("moves")
        #expect(moves.output.contains("not finished: highwater resume"), "\(moves.output)")
        let other = try practice.run("plan leaders --output \(file.path)")
        #expect(other.code == 0)
        let second = try practice.make("apply \(file.path)")
        #expect(second.code == ExitCode.refused.rawValue || second.output.contains("nothing to do"))
        let resumed = try practice.make("resume \(id)")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("done, as the cluster says"))
        let undone = try practice.make("undo \(id) --progress none")
        #expect(undone.code == 0, "\(undone.errors)")
        #expect(try replicas(practice) == before)
    }
}
