// What servers of several releases say about themselves, and how they refuse to.
import Foundation
import Simulation
import Testing
import Transport

@testable import ZooKeeperClient

@Suite struct ServerStatusTests {
    @Test func srvrOfEveryReleaseIsRead() {
        // 3.4 of a follower, with a zxid of an epoch; 3.5 and 3.8 as recorded.
        let old = ServerStatus(
            srvr: """
                Zookeeper version: 3.4.13-2d71af4dbe22557fda74f9a9b4309b15a7487f03, built on 06/29
                Latency min/avg/max: 0/2/41
                Received: 42
                Sent: 41
                Connections: 3
                Outstanding: 1
                Zxid: 0x4300000009
                Mode: follower
                Node count: 17
                """)
        #expect(old.version == ZooKeeperVersion(3, 4, 13) && old.mode == .follower)
        #expect(old.zxid == 0x43_0000_0009 && old.latencyMaxMs == 41 && old.latencyAvgMs == 2)
        #expect(old.connections == 3)
        #expect(old.outstanding == 1 && old.znodeCount == 17 && old.watchCount == nil)
        let middle = ServerStatus(
            srvr:
                "Zookeeper version: 3.5.7-f0fdd52973d373ffd9c86b81d99842dc2c7f660e, built on x\n"
                + "Latency min/avg/max: 0/0/122\nReceived: 4752\nSent: 4891\nConnections: 7\n"
                + "Outstanding: 0\nZxid: 0x538\nMode: standalone\nNode count: 966\n")
        #expect(middle.version == ZooKeeperVersion(3, 5, 7) && middle.mode == .standalone)
        #expect(middle.zxid == 0x538 && middle.znodeCount == 966)
        let new = ServerStatus(
            srvr: "Zookeeper version: 3.8.4-9316c2a, built on 2024-02-12\nClients:\n"
                + " /127.0.0.1:53776[1](queued=0,recved=273,sent=278)\n\n"
                + "Latency min/avg/max: 0/1.2604/79\nMode: leader\n"
                + "Proposal sizes last/min/max: 36/36/92\n")
        #expect(new.latencyAvgMs == 1.2604 && new.mode == .leader)
        #expect(new.version == ZooKeeperVersion(3, 8, 4))
    }

    @Test func mntrOfEveryReleaseIsRead() {
        let leader = ServerStatus(
            monitor: "zk_version\t3.4.13-2d71af4, built on x\nzk_avg_latency\t0\n"
                + "zk_server_state\tleader\nzk_znode_count\t4\nzk_watch_count\t5\n"
                + "zk_ephemerals_count\t6\nzk_approximate_data_size\t27\nzk_followers\t2\n"
                + "zk_synced_followers\t2\nzk_pending_syncs\t0\n"
                + "zk_open_file_descriptor_count\t23\nzk_max_file_descriptor_count\t1024\n")
        #expect(leader.mode == .leader && leader.syncedFollowers == 2)
        #expect(leader.watchCount == 5 && leader.approximateDataBytes == 27)
        let new = ServerStatus(
            monitor: "zk_version\t3.6.4--d65253dc, built on x\nzk_server_state\tobserver\n"
                + "zk_avg_latency\t0.3333\nzk_uptime\t4711.0\nzk_watch_count\tNaN\n"
                + "zk_learners\t3\nzk_num_alive_connections\t1e30\n"
                + "zk_sum_x{key=\"a\"}\t9\nnonsense\n"
        )
        #expect(new.mode == .observer && new.latencyAvgMs == 0.3333)
        #expect(new.watchCount == nil && new.connections == nil)
    }

    @Test func recordedWordsAreRead() throws {
        struct Line: Decodable {
            var op: String
            var word: String?
            var text: String?
        }
        var read = 0
        for folder in Folders.frames {
            let file = folder.appending(path: "zookeeper.jsonl")
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
            for line in text.split(separator: "\n") {
                let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
                guard let word = line.word, let text = line.text else { continue }
                read += 1
                switch word {
                case "srvr", "stat":
                    let status = ServerStatus(srvr: text)
                    #expect(status.version != nil && status.mode == .standalone)
                    #expect(status.zxid != nil && (status.znodeCount ?? 0) > 900)
                case "mntr":
                    let status = ServerStatus(monitor: text)
                    #expect(status.version == ZooKeeperVersion(3, 8, 4))
                    #expect(status.watchCount != nil)
                    #expect(status.approximateDataBytes != nil && status.connections == 7)
                default: break
                }
            }
        }
        if read == 0 { print("recordedWordsAreRead: skipped, no zookeeper.jsonl is there") }
    }

    @Test func versionsAreReadAndOrdered() {
        #expect(ZooKeeperVersion(parsing: "3.10.0-SNAPSHOT") == ZooKeeperVersion(3, 10))
        #expect(ZooKeeperVersion(parsing: "3.5.4-beta-7f51e5b")! < .withTrees)
        #expect(ZooKeeperVersion(3, 10) > ZooKeeperVersion(3, 9, 9))
        for text in ["", "3", "x.y", "-1.2", "3.", "99999999999999999999.1"] {
            #expect(ZooKeeperVersion(parsing: text) == nil, "\(text)")
        }
        #expect("\(ServerMode("evil\u{1b}[2J"))" == "evil·[2J")
    }

    /// Random damage to real texts is never a trap.
    @Test func damagedTextsDoNoHarm() {
        var random = TestRandom(seed: 5)
        let text = Array(
            ("Zookeeper version: 3.8.4-9, built\nLatency min/avg/max: 0/1.2/79\nZxid: 0x5\n"
                + "zk_uptime\t9\nMode: leader\nHTTP/1.1 200 OK\r\n\r\n{\"version\":\"3.8\"}").utf8)
        for _ in 0..<500 {
            var bytes = text
            for _ in 0..<6 {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                bytes[at] = UInt8.random(in: 0...255, using: &random)
            }
            let damaged = String(decoding: bytes, as: UTF8.self)
            _ = ServerStatus(srvr: damaged)
            _ = ServerStatus(monitor: damaged)
            _ = AdminAnswer.status(bytes)
            _ = HTTPAnswer.body(bytes)
        }
    }

    @Test func theAdminServersJSONIsRead() {
        let monitor = AdminAnswer.status(
            Array(
                """
                {"version":"3.8.4-9316c2a, built on x","avg_latency":0.25,"server_state":"leader",
                "znode_count":12,"watch_count":3,"approximate_data_size":999,"synced_followers":2,
                "outstanding_requests":0,"num_alive_connections":4,"nested":{"a":[1]},
                "command":"monitor","error":null}
                """.utf8))
        #expect(monitor?.mode == .leader && monitor?.syncedFollowers == 2)
        #expect(monitor?.latencyAvgMs == 0.25 && monitor?.connections == 4)
        let stats = AdminAnswer.status(
            Array(
                """
                {"version":"3.6.4","read_only":false,"server_stats":{"packets_sent":10,
                "packets_received":11,"max_latency":5,"min_latency":0,"avg_latency":0.5,
                "outstanding_requests":1,"server_state":"follower","last_processed_zxid":4294967299,
                "num_alive_client_connections":2},"node_count":7,"command":"server_stats",
                "error":null}
                """.utf8))
        #expect(stats?.zxid == 0x1_0000_0003 && stats?.mode == .follower)
        #expect(stats?.connections == 2 && stats?.znodeCount == 7)
        #expect(AdminAnswer.status(Array("<html>".utf8)) == nil)
        #expect(AdminAnswer.status(Array("[]".utf8)) == nil)
    }

    /// Answers each connection's first bytes with a text, then closes.
    final class TextServer: SimulatedServer {
        private let answers: @Sendable (String) -> String?

        init(_ answers: @escaping @Sendable (String) -> String?) { self.answers = answers }

        func received(_ bytes: [UInt8], _ side: ServerSide) {
            guard let text = answers(String(decoding: bytes, as: UTF8.self)) else { return }
            side.send(Array(text.utf8))
            side.end()
        }
    }

    private func probe(
        words: @escaping @Sendable (String) -> String?, admin: (@Sendable (String) -> String?)?
    ) -> ServerReport? {
        let system = SimulatedSystem(cuts: false)
        system.set(Address(10, 0, 0, 1, port: 2181), .serves(TextServer(words)))
        if let admin { system.set(Address(10, 0, 0, 1, port: 8080), .serves(TextServer(admin))) }
        let loop = Loop(system)
        let report = Locked<ServerReport?>(nil)
        loop.post {
            let server = Endpoint(host: "10.0.0.1", port: 2181)
            let config = ZooKeeperConfig(servers: ZooKeeperServers(servers: [server]))
            ServerProbe.ask(server, loop, config) { answer in
                report.withLock { $0 = answer }
                loop.stop()
            }
        }
        loop.run()
        return report.withLock { $0 }
    }

    private func unwrap(_ report: ServerReport?) -> ServerReport {
        if let report { return report }
        Issue.record("the probe never ended")
        return ServerReport(
            server: Endpoint(host: "", port: 0), status: nil, sources: [], refusals: [:])
    }

    private static let srvr = "Zookeeper version: 3.8.4-1, built\nZxid: 0x9\nMode: follower\n"

    @Sendable private static func refused(_ word: String) -> String {
        "\(word) is not executed because it is not in the whitelist.\n"
    }

    @Test func aProbeTakesWhatItGetsAndSaysWhatItDoesNot() {
        let full = unwrap(
            probe(words: { $0 == "srvr" ? Self.srvr : "zk_watch_count\t4\n" }, admin: nil))
        #expect(full.sources == [.srvr, .mntr] && full.refusals.isEmpty)
        #expect(full.status?.watchCount == 4 && full.status?.zxid == 9)

        let viaAdmin = unwrap(
            probe(
                words: { $0 == "srvr" ? Self.srvr : Self.refused($0) },
                admin: { request in
                    request.hasPrefix("GET /commands/monitor HTTP/1.0\r\n")
                        ? "HTTP/1.1 200 OK\r\nA: b\r\n\r\n{\"watch_count\":6,\"error\":null}"
                        : "HTTP/1.1 404 Not Found\r\n\r\n"
                }))
        #expect(viaAdmin.sources == [.srvr, .adminServer] && viaAdmin.status?.watchCount == 6)
        #expect(viaAdmin.refusals[.mntr]?.code == .notAllowed)
        #expect(viaAdmin.refusals[.mntr]?.advice.contains("4lw.commands.whitelist") == true)

        let onlySrvr = unwrap(
            probe(words: { $0 == "srvr" ? Self.srvr : Self.refused($0) }, admin: nil))
        #expect(onlySrvr.status?.mode == .follower)
        #expect(onlySrvr.refusals[.adminServer]?.code == .connectionRefused)
        #expect(
            onlySrvr.refusals[.adminServer]?.advice.contains("admin.enableServer") == true)

        let nothing = unwrap(
            probe(
                words: { Self.refused($0) }, admin: { _ in "HTTP/1.1 403 Forbidden\r\n\r\n" }))
        #expect(nothing.status == nil && nothing.refusals.count == 3)
        #expect(nothing.refusals[.adminServer]?.what == "the answer was 403 Forbidden")

        let noQuorum = unwrap(
            probe(
                words: { _ in "This ZooKeeper instance is not currently serving requests\n" },
                admin: nil))
        #expect(noQuorum.refusals[.srvr]?.code == .notServing)

        let silent = unwrap(probe(words: { _ in nil }, admin: nil))
        #expect(silent.refusals[.srvr]?.code == .timedOut && silent.refusals.count == 1)
        #expect(silent.sources == [])
    }

    @Test func everySentenceIsOneLineInTheHouseShape() {
        let address = Address(10, 0, 0, 1, port: 2181)
        let ends: [TransportError] = [
            .unknownHost(name: "zk", reason: "Name or service not known"),
            .resolverSilent(name: "zk"), .refused(address), .connectTimedOut(address),
            .unreachable(address, errno: 113), .system(call: "socket", errno: 24),
            .closedByPeer(answers: 0), .reset(answers: 7),
            .closedInFrame(received: 9, expected: 20),
            .tlsBytes, .httpBytes, .notTheProtocol(firstBytes: Array("SSH-".utf8)),
            .notTheProtocol(firstBytes: [0xff, 0x22, 0x1b, 0]), .malformed("answer of -5 bytes"),
            .frameTooLarge(bytes: 9, limit: 8), .protection("certificate expired"),
            .proxy(name: "socks5h://b:1", reason: "it speaks no SOCKS 5"), .closedLocally("x"),
            .shutdown,
        ]
        var failures = ends.flatMap {
            [SessionFailure($0, greeted: false), SessionFailure($0, greeted: true)]
        }
        failures += ZooKeeperCode.known.filter(\.isError).map { .zooKeeper($0) }
        failures += [
            .timedOut(second), .handshakeSilent(second), .silent(second), .badPath("is bad"),
            .notAllowed("mntr"), .tooOld("3.5.7", "subtrees", "3.6"), .sasl("no"), .notServing,
            .expired, .queueFull, .closed, .noServers,
            .malformed(JuteFault(record: "X", offset: 3, reason: .short)),
            SessionFailure(code: .httpError, what: "the answer was 403"),
        ]
        for failure in failures {
            let error = failure.error("read /a", Endpoint(host: "zk", port: 2181))
            let text = error.sentence
            #expect(text.hasPrefix("Could not read /a on ZooKeeper server zk:2181: "))
            #expect(text.hasSuffix(".") && !text.contains(".."), "\(text)")
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "\(text)")
            #expect(text.utf8.count < 330, "\(text)")
        }
        #expect(Set(ZooKeeperError.Code.allCases).subtracting(failures.map(\.code)).isEmpty)
        let hostile = ZooKeeperError(
            code: .unknownHost, action: "read /\u{1b}[2J", server: Endpoint(host: "a\nb", port: 1),
            what: "x\u{202e}y", advice: "")
        #expect(
            hostile.sentence == "Could not read /·[2J on ZooKeeper server a·b:1: x·y.")
    }
}
