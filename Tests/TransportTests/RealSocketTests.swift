import Simulation
// The same loop on real sockets and threads, on the loopback of this machine.
import Testing
import TransportTesting

@testable import Transport

/// Connects, sends one frame, and waits for how it ends; the answer's size or the error.
private func ask(_ endpoint: Endpoint, limitNs: UInt64 = 60_000_000_000, half: Int? = nil) throws
    -> String
{
    let loop = Loop(try EpollSystem())
    let outcome = Locked<String?>(nil)
    let finish: @Sendable (String) -> Void = { text in
        outcome.withLock { if $0 == nil { $0 = text } }
        loop.stop()
    }
    #expect(loop.start())
    loop.post {
        let stream = FrameStream()
        stream.onOpen = { [unowned stream] in
            _ = stream.send(framed(bigEndian(stream.nextCorrelationID) + [1, 2])) { result in
                switch result {
                case .success(let buffer): finish("\(buffer.count) bytes")
                case .failure(let error): finish("\(error)")
                }
            }
        }
        stream.onEnd = { error in finish("\(error)") }
        stream.onBytes = { [unowned stream] in
            guard let received = stream.partial?.received, received == half else { return }
            loop.after(50_000_000) { finish("half, \(received) bytes") }
        }
        stream.connect(loop, to: endpoint)
        loop.after(limitNs) { finish("silence, \(stream.partial?.received ?? 0) bytes") }
    }
    loop.waitUntilEnded()
    return outcome.withLock { $0 } ?? "nothing"
}

@Suite struct RealSocketTests {
    @Test func realServersOfEveryKind() throws {
        let port = try #require(LoopbackServer.closedPort())
        #expect(
            try ask(Endpoint(host: "127.0.0.1", port: port)) == "refused(127.0.0.1:\(port))")
        let cases: [(LoopbackServer.Script, String)] = [
            (.silent, "silence, 0 bytes"),
            (.answer(Array("HTTP/1.1 400".utf8), thenClose: true), "httpBytes"),
            (.answer([0x15, 3, 3, 0, 2, 2, 70], thenClose: true), "tlsBytes"),
            (.answer([0, 0, 0, 20, 0, 0, 0, 0, 5], thenClose: false), "half, 9 bytes"),
            (.answer(framed([0, 0, 0, 0, 1, 2, 3]), thenClose: false), "3 bytes"),
        ]
        for (script, expected) in cases {
            let server = try #require(LoopbackServer(script))
            defer { server.stop() }
            let isSilent = expected.hasPrefix("silence")
            let limit: UInt64 = isSilent ? 300_000_000 : 60_000_000_000
            #expect(try ask(server.endpoint, limitNs: limit, half: 9) == expected)
        }
        let server = try #require(
            LoopbackServer(.answer([0, 0, 0, 20, 0, 0, 0, 0, 5], thenClose: true)))
        defer { server.stop() }
        #expect(try ask(server.endpoint).hasPrefix("closedInFrame(received: 9"))
    }

    @Test func aPeerThatGoesWhileWeWriteEndsTheConnectionOnly() throws {
        // Without MSG_NOSIGNAL the write would end the whole process.
        let server = try #require(LoopbackServer(.answer([], thenClose: true)))
        defer { server.stop() }
        let loop = Loop(try EpollSystem())
        let ended = Locked<TransportError?>(nil)
        #expect(loop.start())
        let endpoint = server.endpoint
        loop.post {
            let stream = FrameStream()
            stream.onOpen = { [unowned stream] in
                let body = [UInt8](repeating: 0, count: 20 << 20)
                _ = stream.send(framed(bigEndian(stream.nextCorrelationID) + body)) { _ in }
            }
            stream.onEnd = { error in
                ended.withLock { $0 = error }
                loop.stop()
            }
            stream.connect(loop, to: endpoint)
        }
        loop.waitUntilEnded()
        let expected: [TransportError] = [.closedByPeer(answers: 0), .reset(answers: 0)]
        #expect(ended.withLock { $0.map(expected.contains) } == true)
    }

    @Test func localhostIsResolved() throws {
        let server = try #require(
            LoopbackServer(.answer(framed([0, 0, 0, 0, 9]), thenClose: false)))
        defer { server.stop() }
        let endpoint = Endpoint(host: "localhost", port: server.port)
        #expect(try ask(endpoint) == "1 bytes")
    }

    @Test func aPostWakesASleepingLoop() throws {
        let loop = Loop(try EpollSystem())
        #expect(loop.start())
        let rounds = Locked(0)
        for number in 1...200 {
            loop.post {
                rounds.withLock { $0 += 1 }
                rounds.signal()
            }
            rounds.waitUntil { $0 >= number ? () : nil }
        }
        loop.stop()
        loop.waitUntilEnded()
        #expect(rounds.withLock { $0 } == 200)
    }

    @Test func confinedValuesAreMadeOnTheLoop() throws {
        let loop = Loop(try EpollSystem())
        let bound = LoopBound(loop) { [UInt]() + [Thread.current] }
        let isSame = Locked(false)
        loop.post {
            isSame.withLock { $0 = bound.value == [Thread.current] && loop.thread.isCurrent }
            loop.stop()
        }
        #expect(!loop.thread.isCurrent)
        loop.run()
        #expect(isSame.withLock { $0 })
        #expect(!loop.thread.isCurrent)
    }
}
