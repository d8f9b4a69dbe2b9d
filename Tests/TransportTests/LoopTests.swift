// The loop under virtual time: posts, timers, connections with every kind of fault, and the promise
// that each request ends exactly once.
import Glibc
import Simulation
import Testing
import TransportTesting

@testable import Transport

private let second: UInt64 = 1_000_000_000
private let server1 = Address(10, 0, 0, 1, port: 9092)
private let server2 = Address(10, 0, 0, 2, port: 9092)

/// Runs `work` on a loop over the simulation until the loop is stopped or nothing is left to
/// happen.
private func simulate(
    _ system: SimulatedSystem, _ work: @escaping @Sendable (Loop) -> Void
) {
    let loop = Loop(system)
    system.onDeadlock { loop.stop() }
    loop.post { work(loop) }
    loop.run()
}

private func frame(_ stream: FrameStream, _ body: [UInt8]) -> [UInt8] {
    framed(bigEndian(stream.nextCorrelationID) + body)
}

/// Why a connection to an endpoint ends, and when.
private func end(
    _ system: SimulatedSystem, _ endpoint: Endpoint, sending: [UInt8]? = nil
) -> (TransportError?, UInt64) {
    let outcome = Locked<(TransportError?, UInt64)>((nil, 0))
    let begun = system.now()
    simulate(system) { loop in
        let stream = FrameStream()
        stream.onOpen = { [unowned stream] in
            guard let sending else { return }
            _ = stream.send(frame(stream, sending)) { _ in }
        }
        stream.onEnd = { error in outcome.withLock { $0 = (error, loop.now - begun) } }
        stream.connect(loop, to: endpoint)
    }
    return outcome.withLock { $0 }
}

@Suite struct LoopTests {
    @Test func connectionsFailWithTheReason() {
        let system = SimulatedSystem()
        let endpoint = Endpoint(host: "10.0.0.1", port: 9092)
        system.set(server1, .refuses)
        #expect(end(system, endpoint).0 == .refused(server1))
        system.set(server1, .fails(EHOSTUNREACH))
        #expect(end(system, endpoint).0 == .unreachable(server1, errno: EHOSTUNREACH))
        system.set(server1, .fails(EMFILE))
        #expect(end(system, endpoint).0 == .system(call: "connect", errno: EMFILE))
        system.set(server1, .ignores)
        let (error, took) = end(system, endpoint)
        #expect(error == .connectTimedOut(server1))
        #expect(took >= 2 * second && took < 2 * second + second / 100)
        #expect(system.openSockets == 0)
    }

    @Test func namesFailWithTheReason() {
        let system = SimulatedSystem()
        system.setName("nowhere", .failure(.notFound("Name or service not known")))
        #expect(
            end(system, Endpoint(host: "nowhere", port: 1)).0
                == .unknownHost(name: "nowhere", reason: "Name or service not known"))
        let (error, took) = end(system, Endpoint(host: "stuck", port: 1))
        #expect(error == .resolverSilent(name: "stuck"))
        #expect(took >= 5 * second && took < 5 * second + second / 100)
        system.setName("empty", .success([]))
        #expect(
            end(system, Endpoint(host: "empty", port: 1)).0
                == .unknownHost(name: "empty", reason: "it has no address"))
    }

    @Test func everyAddressOfANameIsTried() {
        let system = SimulatedSystem()
        let last = Address(10, 0, 0, 3, port: 9092)
        system.setName("three", .success([server1, server2, last]))
        system.set(server1, .ignores)
        system.set(server2, .refuses)
        system.set(last, .serves(FrameServer.echo()))
        let answered = Locked(0)
        simulate(system) { loop in
            let stream = FrameStream()
            stream.onOpen = { [unowned stream] in
                let sent = stream.send(frame(stream, [1])) { result in
                    #expect((try? result.get().count) == 1)
                    answered.withLock { $0 += 1 }
                }
                #expect(sent == 0)
            }
            stream.connect(loop, to: Endpoint(host: "three", port: 9092))
        }
        #expect(answered.withLock { $0 } == 1)
        #expect(system.opened == [server1, server2, last])
        #expect(system.openSockets == 0)
    }

    @Test func theEndOfAConnectionSaysHow() {
        let system = SimulatedSystem()
        let endpoint = Endpoint(host: "10.0.0.1", port: 9092)
        let cases: [([UInt8], Bool, TransportError)] = [
            ([], false, .closedByPeer(answers: 0)),
            ([], true, .reset(answers: 0)),
            ([0, 0, 0, 9, 0, 0, 0, 0, 1], false, .closedInFrame(received: 9, expected: 13)),
            ([0, 0], false, .closedInFrame(received: 2, expected: 8)),
            ([0x15, 3, 3, 0, 2, 2, 40], false, .tlsBytes),
            (Array("HTTP/1.0 400 Bad".utf8), false, .httpBytes),
        ]
        for (bytes, reset, expected) in cases {
            system.set(
                server1,
                .serves(
                    FrameServer { _, side in
                        side.send(bytes)
                        side.end(delayNs: 1_000_000, reset: reset)
                    }))
            #expect(end(system, endpoint, sending: [1, 2, 3]).0 == expected)
        }
    }

    @Test func pipelinedAnswersComeInOrder() {
        let system = SimulatedSystem(seed: 5)
        system.set(server1, .serves(FrameServer.echo()))
        let order = Locked<[UInt8]>([])
        simulate(system) { loop in
            let stream = FrameStream()
            stream.onOpen = { [unowned stream] in
                for number in 0..<UInt8(200) {
                    let body = [UInt8](repeating: number, count: Int(number) * 10 + 1)
                    let sent = stream.send(frame(stream, body)) { result in
                        let bytes = (try? result.get())?.withBytes(Array.init)
                        #expect(bytes == body)
                        order.withLock { $0.append(number) }
                        if number == 199 { loop.stop() }
                    }
                    #expect(sent == Int32(number))
                }
            }
            stream.connect(loop, to: Endpoint(host: "10.0.0.1", port: 9092))
        }
        #expect(order.withLock { $0 } == Array(0..<200))
    }

    @Test func bytesOneAtATimeMakeTheSameAnswer() {
        let system = SimulatedSystem()
        system.limitReads(to: 1)
        system.set(server1, .serves(FrameServer.echo()))
        let answers = Locked<[[UInt8]]>([])
        simulate(system) { loop in
            let stream = FrameStream()
            stream.onOpen = { [unowned stream] in
                for body: [UInt8] in [[], [1], [1, 2, 3, 4, 5, 6, 7, 8, 9]] {
                    _ = stream.send(frame(stream, body)) { result in
                        if let bytes = (try? result.get())?.withBytes(Array.init) {
                            answers.withLock { $0.append(bytes) }
                        }
                    }
                }
            }
            stream.connect(loop, to: Endpoint(host: "10.0.0.1", port: 9092))
        }
        #expect(answers.withLock { $0 } == [[], [1], [1, 2, 3, 4, 5, 6, 7, 8, 9]])
    }

    @Test func postsRunInOrderAndTimersAtTheirTime() {
        let system = SimulatedSystem()
        let log = Locked<[String]>([])
        let begun = system.now()
        simulate(system) { loop in
            loop.after(2 * second) { log.withLock { $0.append("2 \(loop.now - begun)") } }
            loop.after(second) { log.withLock { $0.append("1 \(loop.now - begun)") } }
            loop.cancel(loop.after(second) { log.withLock { $0.append("cancelled") } })
            loop.post { log.withLock { $0.append("post") } }
        }
        #expect(log.withLock { $0 } == ["post", "1 \(second)", "2 \(2 * second)"])
    }

    @Test func manyPostsDoNotStarveTimers() {
        let system = SimulatedSystem()
        let ranBefore = Locked(-1)
        let ran = Locked(0)
        simulate(system) { loop in
            loop.after(0) { ranBefore.withLock { $0 = ran.withLock { $0 } } }
            for _ in 0..<5000 { loop.post { ran.withLock { $0 += 1 } } }
        }
        #expect(ran.withLock { $0 } == 5000)
        #expect(ranBefore.withLock { $0 } <= Limits.postsPerTurn)
    }

    @Test func eventsOfAClosedConnectionFindNobody() {
        let loop = Loop(SimulatedSystem())
        loop.post {
            let core = LoopCore()
            func make() -> Connection {
                Connection(
                    loop: loop, endpoint: Endpoint(host: "10.0.0.1", port: 1),
                    options: ConnectOptions(), handler: FrameStream())
            }
            let first = make()
            first.token = core.add(first)
            let old = first.token
            first.token = core.renew(old)
            #expect(core.find(old) == nil)
            #expect(core.find(first.token) === first)
            core.remove(first.token)
            let second = make()
            second.token = core.add(second)
            // The same place, another generation.
            #expect(UInt32(truncatingIfNeeded: second.token) == UInt32(truncatingIfNeeded: old))
            #expect(core.find(first.token) == nil)
            core.remove(first.token)
            #expect(core.find(second.token) === second)
            #expect(core.connectionCount == 1)
            loop.stop()
        }
        loop.run()
    }

    @Test func stopEndsConnectionsAndRefusesPosts() {
        let system = SimulatedSystem()
        system.set(server1, .serves(FrameServer { _, _ in }))
        let ends = Locked<[TransportError]>([])
        let loop = Loop(system)
        loop.post {
            for _ in 0..<50 {
                let stream = FrameStream()
                stream.onOpen = { [unowned stream] in
                    _ = stream.send(frame(stream, [1])) { result in
                        if case .failure(let error) = result {
                            ends.withLock { $0.append(error) }
                        }
                    }
                }
                stream.connect(loop, to: Endpoint(host: "10.0.0.1", port: 9092))
            }
            loop.after(second) { loop.stop() }
        }
        loop.run()
        #expect(ends.withLock { $0 } == Array(repeating: .shutdown, count: 50))
        #expect(system.openSockets == 0)
        #expect(!loop.post {})
    }
}
