// The journal: what is written is read again, a line cut short at any byte spoils no other, and
// what cannot be written is said.

import ClusterModel
import Foundation
import JSON
import Planning
import Testing

@testable import Operations

/// A folder of its own for each use, removed with the value.
final class Folder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "highwater-journal-" + UUID().uuidString
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var file: String { path + "/state/cluster/journal.ndjson" }
    var text: String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }
}

private func lines(_ id: String) -> [JournalLine] {
    let change = PreferredElection([
        .init(
            PartitionKey(topic: "or\nders\u{202e}", partition: 1), leader: BrokerID(3),
            preferred: BrokerID(1))
    ])
    let events: [JournalLine.Event] = [
        .begun(
            .init(
                change, clusterID: "c", byHand: ["a", "b"], steps: 2,
                author: ChangeAuthor(
                    user: "root", sudoUser: "ann", sshConnection: "10.0.0.1 5 10.0.0.2 22",
                    principal: "User:ANONYMOUS"), note: "a ticket\n")),
        .sending(step: 1, resources: ["orders-1"]),
        .answered(
            step: 1,
            outcomes: [StepOutcome("orders-1", error: "NOT_CONTROLLER", message: "no\n")]),
        .sending(step: 2, resources: ["orders-2"]),
        .failed(step: 2, reason: "no answer", wasSent: true),
        .ended(reason: "no answer"),
    ]
    return events.enumerated().map {
        JournalLine(id: id, atMs: Int64($0.offset), event: $0.element)
    }
}

@Suite struct JournalTests {
    @Test func whatIsWrittenIsRead() throws {
        let folder = Folder()
        let journal = try Journal(path: folder.file)
        let events = lines("1")
        for line in events { try journal.append(line) }
        // Another process adds to the same file.
        let other = try Journal(path: folder.file)
        for line in lines("2").prefix(4) { try other.append(line) }
        let reading = try Journal.read(path: folder.file)
        let (records, unreadable) = (reading.records, reading.unreadable)
        #expect(unreadable == 0)
        #expect(records.map(\.id) == ["1", "2"])
        #expect(records[0].operation == PreferredElection.kind)
        #expect(records[0].clusterID == "c" && records[0].byHand == ["a", "b"])
        #expect(records[0].stepCount == 2 && records[0].isEnded)
        #expect(records[0].endReason == "no answer")
        #expect(
            records[0].steps == [
                .answered([StepOutcome("orders-1", error: "NOT_CONTROLLER", message: "no\n")]),
                .failed(resources: ["orders-2"], reason: "no answer", wasSent: true),
            ])
        guard case .begun(let beginning) = events[0].event else { return }
        #expect(records[0].change as? PreferredElection == beginning.change as? PreferredElection)
        #expect(records[0].author == beginning.author && records[0].note == "a ticket\n")
        #expect(records[0].values == beginning.change.differences)
        #expect(records[0].isUnknown)
        // The second was cut short after its second request.
        #expect(records[1].steps.last == .unknown(resources: ["orders-2"]))
        #expect(!records[1].isEnded && records[1].isUnknown)
        #expect(folder.text.split(separator: "\n").count == 10)
    }

    @Test func theFileIsForItsOwnerAlone() throws {
        let folder = Folder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/state/cluster", withIntermediateDirectories: true)
        _ = FileManager.default.createFile(
            atPath: folder.file, contents: nil, attributes: [.posixPermissions: 0o644])
        _ = try Journal(path: folder.file)
        let made = try FileManager.default.attributesOfItem(atPath: folder.file)
        #expect(made[.posixPermissions] as? Int == 0o600)
        let fresh = Folder()
        _ = try Journal(path: fresh.file)
        for (path, mode) in [(fresh.file, 0o600), (fresh.path + "/state", 0o700)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == mode, "\(path)")
        }
    }

    /// A crash may cut the file at any byte: the lines before are whole, and the next one too.
    @Test func aLineCutShortSpoilsNoOther() throws {
        let whole = lines("1").flatMap { Array(($0.document.text + "\n").utf8) }
        var ends: [Int] = []
        for (index, byte) in whole.enumerated() where byte == 0x0A { ends.append(index + 1) }
        for cut in 0...whole.count {
            let reading = JournalRecord.fold(Array(whole[..<cut]))
            let (records, unreadable) = (reading.records, reading.unreadable)
            let complete = ends.count { $0 <= cut }
            // A whole line without its end is as good as one with it.
            let isLineWhole = ends.contains(cut + 1)
            let known = complete + (isLineWhole ? 1 : 0)
            let isTorn = !isLineWhole && cut > 0 && !ends.contains(cut)
            #expect(unreadable == (isTorn ? 1 : 0), "cut at \(cut)")
            #expect(records.count == (known > 0 ? 1 : 0), "cut at \(cut)")
            let steps = [0, 0, 1, 1, 2, 2, 2][known]
            #expect((records.first?.steps.count ?? 0) == steps, "cut at \(cut)")
            #expect((records.first?.isEnded ?? false) == (known == 6), "cut at \(cut)")
        }
    }

    @Test func aJournalGoesOnAfterALineCutShort() throws {
        let whole = lines("1").flatMap { Array(($0.document.text + "\n").utf8) }
        for cut in stride(from: 0, through: whole.count, by: 53) {
            let folder = Folder()
            _ = try Journal(path: folder.file)
            _ = FileManager.default.createFile(
                atPath: folder.file, contents: Data(whole[..<cut]))
            let before = try Journal.read(path: folder.file)
            let journal = try Journal(path: folder.file)
            for line in lines("2") { try journal.append(line) }
            let after = try Journal.read(path: folder.file)
            #expect(after.unreadable == before.unreadable, "cut at \(cut)")
            #expect(after.records.map(\.id) == before.records.map(\.id) + ["2"], "cut at \(cut)")
            #expect(after.records.last?.isEnded == true, "cut at \(cut)")
        }
    }

    /// A cluster's id is text from the cluster, and never a way out of the folder.
    @Test func aClustersIDIsAPlainName() {
        func folder(_ id: String) -> String {
            let path = Journal.path(folder: "/state", clusterID: id)
            #expect(path.hasPrefix("/state/") && path.hasSuffix("/journal.ndjson"))
            return String(path.dropFirst("/state/".count).dropLast("/journal.ndjson".count))
        }
        #expect(folder("MkU3OEVBNTcwNTJENDM2Qg") == "MkU3OEVBNTcwNTJENDM2Qg")
        #expect(folder("a-b_c") == "a-b_c")
        for id in ["..", ".", "../../etc", "a/b", "a\u{0}b", "\u{202e}x", "A B", "%2e"] {
            let name = folder(id)
            #expect(!name.contains("/") && !name.contains(".") && !name.contains("\u{0}"))
            #expect(name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        }
        #expect(folder(String(repeating: "x", count: 5_000)).count == 64)
    }

    @Test func whatIsNoJournalIsCounted() {
        let text =
            "null\n{}\n{\"id\":1}\n\n{\"id\":\"x\",\"event\":\"sending\",\"step\":1}\n\u{0}\n"
        let reading = JournalRecord.fold(Array(text.utf8))
        let (records, unreadable) = (reading.records, reading.unreadable)
        #expect(records.isEmpty && unreadable == 5)
    }

    @Test func whatCannotBeWrittenIsSaid() throws {
        // A file where a folder should be.
        let folder = Folder()
        _ = try Journal(path: folder.file)
        let under = folder.file + "/journal.ndjson"
        #expect(throws: JournalError.self) { _ = try Journal(path: under) }
        // A link is not followed: whoever made it may read where it leads.
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: folder.file)
        #expect(throws: JournalError.self) { _ = try Journal(path: link) }
        // A disk that is full.
        let full = try Journal(path: "/dev/full")
        do throws(JournalError) {
            try full.append(lines("1")[0])
            Issue.record("a full disk took a line")
        } catch {
            #expect(error.action == "write")
            #expect("\(error)" == "cannot write the journal /dev/full: No space left on device")
        }
        #expect(throws: JournalError.self) { _ = try Journal.read(path: folder.path + "/none") }
    }
}
