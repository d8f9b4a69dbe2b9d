// Wrong addresses and wrong command lines: one clear sentence and an exit code, in time. Needs no
// Kafka, so it runs everywhere.
import Foundation
import Testing
import TransportTesting

@Suite(.serialized, .onOwnThread) struct Addresses {
    /// A debug build on a busy machine needs some air.
    private static let limitSeconds = 8.0

    /// The sentence on stderr, after checking that it is one and that the exit code says so.
    private func complaint(
        about addresses: String, naming: String, timeout: String = "4s"
    ) throws -> String {
        let ended = try Highwater.run(["snapshot", "-b", addresses, "--timeout", timeout])
        #expect(ended.exitCode == ExitCode.nothingKnown)
        #expect(ended.seconds < Self.limitSeconds)
        let lines = ended.errors.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines.last == "", "stderr: \(ended.errors.debugDescription)")
        #expect(ended.errors.contains(naming))
        #expect(ended.errors.count > naming.count + 20 && ended.errors.count < 400)
        #expect(ended.errors.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
        if !ended.output.isEmpty {
            let document = try SnapshotDocument(json: Data(ended.output.utf8))
            #expect(!document.complete)
            #expect(!document.errors.isEmpty)
        }
        return ended.errors.lowercased()
    }

    @Test func refusedPort() throws {
        // Bound by nobody: the port of a listener that is closed again.
        let server = try ImpostorServer(.closing)
        server.close()
        let said = try complaint(about: server.address, naming: server.address)
        #expect(said.contains("refused"))
    }

    @Test func unknownName() throws {
        _ = try complaint(about: "no-such-broker.invalid:9092", naming: "no-such-broker.invalid")
    }

    @Test(arguments: ImpostorServer.Conduct.allCases)
    func impostor(_ conduct: ImpostorServer.Conduct) throws {
        let server = try ImpostorServer(conduct)
        defer { server.close() }
        let said = try complaint(about: server.address, naming: server.address)
        switch conduct {
        case .http: #expect(said.contains("http"))
        case .tls: #expect(said.contains("tls"))
        case .silent, .halfFrame: #expect(said.contains("answer"))
        case .closing: #expect(said.contains("closed"))
        }
    }

    /// A time-out shorter than a request's own must not hide who was silent.
    @Test func shortTimeoutStillNamesWhoWasSilent() throws {
        let server = try ImpostorServer(.silent)
        defer { server.close() }
        _ = try complaint(about: server.address, naming: server.address, timeout: "1s")
    }

    @Test func wrongCommandLines() throws {
        for words in [
            ["snapshot"], ["snapshot", "-b"], ["snapshot", "-b", "127.0.0.1:99999"],
            ["snapshot", "-b", "127.0.0.1:9092", "--sections", "nonsense"],
            ["snapshot", "-b", "127.0.0.1:9092", "--timeout", "soon"],
            ["snapshot", "-b", "127.0.0.1:9092", "--no-such-option"],
        ] {
            let ended = try Highwater.run(words)
            #expect(ended.exitCode == ExitCode.usage, "\(words)")
            #expect(ended.output.isEmpty, "\(words)")
            #expect(!ended.errors.isEmpty, "\(words)")
        }
    }
}
