import Simulation
// The two seams: protocols that are not frames, and a layer such as TLS under the protocol.
import Testing
import TransportTesting

@testable import Transport

private let address = Address(10, 0, 0, 1, port: 2181)

/// A word sent, text read to the end of the stream: ZooKeeper's four-letter words.
private final class Word: StreamHandler {
    var text: [UInt8] = []
    let done: (Result<[UInt8], TransportError>) -> Void

    init(_ done: @escaping (Result<[UInt8], TransportError>) -> Void) { self.done = done }

    func opened(_ connection: Connection) { _ = connection.send(Array("ruok".utf8)) }
    var tail: UnsafeMutableRawBufferPointer? { nil }
    func received(placed: Int, _ bytes: UnsafeRawBufferPointer) { text += bytes }
    func endOfStream(wasReset: Bool) -> TransportError {
        wasReset ? .reset(answers: 0) : .closedByPeer(answers: 1)
    }
    func ended(_ error: TransportError) {
        done(error == .closedByPeer(answers: 1) ? .success(text) : .failure(error))
    }
}

/// A stand-in for TLS: a hello of three bytes each way, then every byte XOR 0x5a.
private final class Scramble: StreamLayer {
    var isReady = false
    private var hello = 0

    func start(_ output: inout [UInt8]) { output += [1, 2, 3] }

    func receive(
        _ bytes: UnsafeRawBufferPointer, plain: inout [UInt8], output: inout [UInt8]
    ) throws(TransportError) {
        for byte in bytes {
            if isReady {
                plain.append(byte ^ 0x5a)
            } else {
                guard byte == 9 else { throw .protection("bad hello") }
                hello += 1
                isReady = hello == 3
            }
        }
    }

    func send(_ plain: [UInt8], _ output: inout [UInt8]) { output += plain.map { $0 ^ 0x5a } }
}

/// The other end of `Scramble`, an echo of frames.
private final class ScrambleServer: SimulatedServer {
    let hello: [UInt8]
    private let skipped = Locked(0)

    init(hello: [UInt8]) { self.hello = hello }

    func received(_ bytes: [UInt8], _ side: ServerSide) {
        let rest = skipped.withLock { skipped -> ArraySlice<UInt8> in
            let count = min(3 - skipped, bytes.count)
            skipped += count
            return bytes[count...]
        }
        if skipped.withLock({ $0 }) == 3, rest.count < bytes.count { side.send(hello) }
        if !rest.isEmpty { side.send(Array(rest)) }
    }
}

@Suite struct StreamSeamTests {
    @Test func aWordIsAnsweredToTheEnd() {
        let system = SimulatedSystem()
        final class Ok: SimulatedServer {
            func received(_ bytes: [UInt8], _ side: ServerSide) {
                side.send(Array("imok".utf8))
                side.end()
            }
        }
        system.set(address, .serves(Ok()))
        let answer = Locked<[UInt8]>([])
        let loop = Loop(system)
        loop.post {
            let word = Word { result in
                answer.withLock { $0 = (try? result.get()) ?? [] }
                loop.stop()
            }
            _ = loop.connect(to: Endpoint(host: "10.0.0.1", port: 2181), handler: word)
        }
        loop.run()
        #expect(answer.withLock { $0 } == Array("imok".utf8))
    }

    private func scrambled(_ server: any SimulatedServer) -> Result<[UInt8], TransportError>? {
        let system = SimulatedSystem()
        system.set(address, .serves(server))
        let outcome = Locked<Result<[UInt8], TransportError>?>(nil)
        let loop = Loop(system)
        loop.post {
            var options = ConnectOptions()
            options.makeLayer = { Scramble() }
            let stream = FrameStream()
            stream.onOpen = { [unowned stream] in
                let body = [UInt8](repeating: 6, count: 3000)
                let id = stream.nextCorrelationID
                _ = stream.send(framed(bigEndian(id) + body)) { result in
                    outcome.withLock { $0 = result.map { $0.withBytes(Array.init) } }
                    loop.stop()
                }
            }
            stream.onEnd = { error in
                outcome.withLock { if $0 == nil { $0 = .failure(error) } }
                loop.stop()
            }
            stream.connect(loop, to: Endpoint(host: "10.0.0.1", port: 2181), options)
        }
        loop.run()
        return outcome.withLock { $0 }
    }

    @Test func framesPassThroughALayer() {
        let good = scrambled(ScrambleServer(hello: [9, 9, 9]))
        #expect(good == .success([UInt8](repeating: 6, count: 3000)))
        let bad = scrambled(ScrambleServer(hello: [9, 8, 9]))
        #expect(bad == .failure(.protection("bad hello")))
        let mute = scrambled(ScrambleServer(hello: []))
        #expect(mute == .failure(.protection("no answer")))
    }
}
