// The real process, ended by a real SIGKILL at every step of a bulk change of 200 topics: the
// journal says which were sent, answered and unknown, `--unfinished` says what those became and
// writes it down, and nothing is sent twice.
import Foundation
import JSON
import KafkaClient
import KafkaWire
import SimulatedCluster
import Testing
import Transport
import TransportTesting

@testable import Commands

private let key = "max.message.bytes"
private let value = "2000000"

/// When the process is ended.
private enum Death: CustomStringConvertible {
    /// When the journal has so many lines: the intent, then two a request.
    case atLine(Int)
    /// When so many requests have come to a broker, before it does anything about the last.
    case atRequest(Int)

    var description: String {
        switch self {
        case .atLine(let count): "at line \(count)"
        case .atRequest(let count): "at request \(count)"
        }
    }
}

/// What comes to the brokers, and who is to be ended because of it.
private final class Watch: Sendable {
    private struct State {
        var sent: [[String]] = []
        var victim: (pid: pid_t, atRequest: Int)?
    }
    private let state = Locked(State())

    /// The topics of each request that changes configs, those that only ask left out.
    var sent: [[String]] { state.withLock { $0.sent } }

    func forget() { state.withLock { $0 = State() } }
    func aim(at pid: pid_t, atRequest count: Int) { state.withLock { $0.victim = (pid, count) } }

    func hear(_ frame: [UInt8]) {
        let asked = frame.withUnsafeBytes { bytes -> [String]? in
            guard let header = try? RequestHeader(peeking: bytes),
                header.apiKey == IncrementalAlterConfigsRequest.apiKey,
                let request = try? decodeRequest(IncrementalAlterConfigsRequest.self, frame: bytes)
                    .request, !request.validateOnly
            else { return nil }
            return request.resources.map(\.resourceName)
        }
        guard let asked else { return }
        state.withLock { state in
            state.sent.append(asked)
            if let victim = state.victim, state.sent.count == victim.atRequest {
                _ = kill(victim.pid, SIGKILL)
            }
        }
    }
}

/// Ends a process once its journal has so many lines; returns where it has ended before.
private func end(_ pid: pid_t, atLine count: Int, of path: String) {
    while true {
        let journal = FileManager.default.contents(atPath: path) ?? Data()
        if journal.count(where: { $0 == 0x0A }) >= count {
            _ = kill(pid, SIGKILL)
            return
        }
        // Whether it has ended, left for who waits for it.
        var info = siginfo_t()
        info.si_signo = 0
        let answer = waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT)
        if answer != 0 || info.si_signo != 0 { return }
        usleep(200)
    }
}

/// Whether the journal's last change was carried out to its end.
private func isOver(_ path: String) -> Bool {
    let journal = FileManager.default.contents(atPath: path) ?? Data()
    return journal.range(of: Data("\"event\":\"ended\"".utf8)) != nil
}

@MainActor
@Suite(.serialized, .onOwnThread) struct KillTests {
    private static let topicCount = 200
    private static let perRequest = 50

    /// The executable that lies beside the tests.
    private static let program: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? own
        let folder = bundle.components(separatedBy: "/highwaterPackageTests.xctest")[0]
        return folder + "/highwater"
    }()

    private func spawn(_ words: [String], _ state: String) throws -> pid_t {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0)
        }
        var arguments = ([Self.program] + words).map { strdup($0) } + [nil]
        let environment: [String] = ["HOME=/nonexistent", "XDG_STATE_HOME=\(state)"]
        var variables = environment.map { strdup($0) } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, Self.program, &files, nil, &arguments, &variables)
        try #require(failure == 0, "\(Self.program): \(failure)")
        return pid
    }

    /// Starts the change and ends it; false where it was over before, which it can be written down
    /// to be while the process still lives on a busy machine. Other tests of this actor
    /// go on meanwhile.
    private func die(
        _ practice: Practice, _ watch: Watch, _ line: String, _ death: Death
    ) async throws -> Bool {
        let agreed = " --yes --expect-cluster-id \(practice.id) -b \(practice.cluster.endpoints[0])"
        let pid = try spawn((line + agreed).split(separator: " ").map(String.init), practice.state)
        if case .atRequest(let count) = death { watch.aim(at: pid, atRequest: count) }
        let path = "\(practice.state)/highwater/\(practice.id)/journal.ndjson"
        return await withCheckedContinuation { ended in
            Thread.detachNewThread {
                if case .atLine(let count) = death { end(pid, atLine: count, of: path) }
                var status: Int32 = 0
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                ended.resume(returning: status & 0x7F == SIGKILL && !isOver(path))
            }
        }
    }

    private func truth(_ practice: Practice, _ topics: [String]) throws -> Set<String> {
        let values: [[String: String]] = try practice.ask { client, answer in
            client.readConfigs(of: topics.map { (.topic($0), [key]) }) { answer(try? $0.get()) }
        }
        return Set(zip(topics, values).filter { $0.1[key] == value }.map { "topic \($0.0)" })
    }

    @Test func aKilledBulkChangeIsAccountedFor() async throws {
        let watch = Watch()
        let practice = try Practice({ $0.partitions = 4_200 }, heard: { watch.hear($0) })
        let told = try practice.run("snapshot --sections topics --timeout 120s")
        try #require(told.code == 0, "\(told.errors)")
        let document = try told.document()
        let topics = Array(
            (document["topics"]?.array ?? []).filter { $0["internal"]?.bool == false }
                .compactMap { $0["name"]?.string }.prefix(Self.topicCount))
        try #require(topics.count == Self.topicCount)
        let deaths = [1, 3, 5, 7].map { Death.atLine($0) } + (1...4).map { Death.atRequest($0) }
        for death in deaths { try await account(practice, watch, topics, death) }
    }

    private func account(
        _ practice: Practice, _ watch: Watch, _ topics: [String], _ death: Death
    ) async throws {
        let line =
            "config set --raw \(key)=\(value) --timeout 120s "
            + topics.map { "--topic \($0)" }.joined(separator: " ")
        var isDead = false
        for _ in 0..<20 where !isDead {
            try? FileManager.default.removeItem(atPath: practice.state)
            watch.forget()
            isDead = try await die(practice, watch, line, death)
            if !isDead { try takeBack(practice, topics) }
        }
        try #require(isDead, "\(death)")
        let sent = watch.sent
        #expect(Set(sent.flatMap { $0 }).count == sent.count * Self.perRequest, "\(death)")

        // What the journal says by itself.
        let entry = try #require(try practice.journal("--cluster-id \(practice.id)").first)
        #expect(entry["state"]?.string == "unfinished", "\(death)")
        var outcomes: [String: Set<String>] = [:]
        for result in entry["result"]?.array ?? [] {
            outcomes[result["outcome"]?.string ?? "?", default: []]
                .insert(result["resource"]?.string ?? "?")
        }
        let (done, unknown) = (outcomes["done"] ?? [], outcomes["unknown"] ?? [])
        let idle = outcomes["not_sent"] ?? []
        #expect(done.count + unknown.count + idle.count == Self.topicCount, "\(death)")
        let named = Set(sent.flatMap { $0 }.map { "topic \($0)" })
        #expect(done.isSubset(of: named) && named.isSubset(of: done.union(unknown)), "\(death)")
        let made = try truth(practice, topics)
        #expect(done.isSubset(of: made) && made.isDisjoint(with: idle), "\(death)")

        // What the cluster says of it, which is written down once.
        let asked = try practice.run("journal --unfinished --format json").document()
        #expect(asked["written"]?.bool == true, "\(death): \(asked.text.prefix(300))")
        let now = asked["entries"]?[0]?["now"]?.array ?? []
        let found = now.filter { $0["verdict"]?.string == "done" }
            .compactMap { $0["resource"]?.string }
        #expect(now.count == Self.topicCount && Set(found) == made, "\(death)")
        let later = try #require(try practice.journal("--cluster-id \(practice.id)").first)
        for result in later["result"]?.array ?? [] {
            let name = result["resource"]?.string ?? "?"
            let expected =
                made.contains(name) ? "done" : unknown.contains(name) ? "not_done" : "not_sent"
            #expect(result["outcome"]?.string == expected, "\(death): \(name)")
        }
        #expect(later["state"]?.string != "unfinished" && later["state"]?.string != "unknown")
        let again = try practice.run("journal --unfinished --format json").document()
        #expect(again["entries"]?.array?.isEmpty == true, "\(death)")
        #expect(watch.sent == sent, "\(death)")
        try finish(practice, watch, topics, line, made, death)
    }

    /// What is missing is done, each once, and both are taken back.
    private func finish(
        _ practice: Practice, _ watch: Watch, _ topics: [String], _ line: String,
        _ made: Set<String>, _ death: Death
    ) throws {
        let sent = watch.sent.count
        let rest = try practice.make(line)
        #expect(rest.code == 0, "\(death): \(rest.errors)")
        let more = watch.sent.dropFirst(sent).flatMap { $0 }
        #expect(
            Set(more.map { "topic \($0)" }).union(made).count == Self.topicCount
                && more.count + made.count == Self.topicCount, "\(death)")
        try takeBack(practice, topics)
    }

    private func takeBack(_ practice: Practice, _ topics: [String]) throws {
        for entry in try practice.journal("--cluster-id \(practice.id)") {
            guard entry["can_undo"]?.bool == true, let id = entry["id"]?.string else { continue }
            let undone = try practice.make("undo \(id) --timeout 120s")
            #expect(undone.code == 0, "\(undone.errors)")
        }
        #expect(try truth(practice, topics).isEmpty)
    }
}
