// Servers that are not ZooKeeper, and answers that break off or lie.
import Simulation
import Testing
import Transport

@testable import ZooKeeperClient

@Suite struct WrongPortTests {
    /// Answers the first bytes with others, and then perhaps closes.
    final class Stranger: SimulatedServer {
        private let answer: [UInt8]
        private let closes: Bool

        init(_ answer: [UInt8], closes: Bool) {
            self.answer = answer
            self.closes = closes
        }

        func received(_ bytes: [UInt8], _ side: ServerSide) {
            if !answer.isEmpty { side.send(answer) }
            if closes { side.end() }
        }
    }

    @Test func strangersAreNamed() {
        let granted = ConnectResponse.with(session: 5, timeoutMs: 6000)
        let cases: [([UInt8], Bool, ZooKeeperError.Code)] = [
            (Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), true, .notZooKeeper),
            ([0x15, 3, 3, 0, 2, 2, 40], true, .tlsExpected),
            (Array("SSH-2.0-OpenSSH_9\r\n".utf8), false, .notZooKeeper),
            ([], true, .closedAtOnce), ([], false, .silent),
            ([0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9], false, .notZooKeeper),
            ([0, 0, 0, 0], false, .notZooKeeper), ([0xff, 0xff, 0xff, 0xff], false, .notZooKeeper),
            // Cut off, and without local sessions: as 3.8.4 answers.
            (Jute.reply(ReplyHead(xid: 0, zxid: 5, code: .notReadOnly)), false, .zooKeeperError),
            // A session, then nonsense.
            (granted + [0x7f, 0xff, 0xff, 0xff], false, .answerTooLarge),
            (granted + [0, 0, 0, 2, 1, 2], false, .malformedAnswer),
            (granted + Jute.reply(ReplyHead(xid: 77, zxid: 5)), false, .malformedAnswer),
            (granted + [0, 0, 1, 0, 1], true, .connectionClosed),
            (
                granted + Jute.event(WatcherEvent(.created, "/a")).dropLast(2), true,
                .connectionClosed
            ),
        ]
        for (index, (answer, closes, code)) in cases.enumerated() {
            let system = SimulatedSystem(seed: UInt64(index))
            system.set(Address(10, 0, 0, 1, port: 2181), .serves(Stranger(answer, closes: closes)))
            let loop = Loop(system)
            let config = ZooKeeperConfig(
                servers: ZooKeeperServers(servers: [Endpoint(host: "10.0.0.1", port: 2181)]))
            let session = LoopBound(loop) { ZooKeeperSession(loop: loop, config: config) }
            let codes = Locked<Set<ZooKeeperError.Code>>([])
            loop.post {
                session.value.onState = { state in
                    if case .disconnected(_, let why) = state {
                        codes.withLock { _ = $0.insert(why.code) }
                    }
                }
                session.value.start()
            }
            system.after(9 * second) { loop.stop() }
            loop.run()
            #expect(codes.withLock { $0 } == [code], "case \(index)")
        }
    }
}

extension ConnectResponse {
    static func with(session: Int64, timeoutMs: Int32) -> [UInt8] {
        var response = ConnectResponse()
        response.sessionID = session
        response.timeoutMs = timeoutMs
        response.readOnly = false
        return Jute.frame(response)
    }
}
