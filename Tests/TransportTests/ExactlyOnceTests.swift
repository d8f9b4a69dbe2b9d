import Simulation
// A storm of requests with random abandonments, faults and closes, many seeds: each request ends
// exactly once, nothing leaks, and the same seed gives the same run.
import Testing
import TransportTesting

@testable import Transport

private let address = Address(10, 0, 0, 1, port: 9092)

/// The state of one storm, confined to the loop.
private final class Storm {
    let loop: Loop
    let done: @Sendable (String) -> Void
    var streams = 0
    var ends: [Int: Int] = [:]
    var abandoned: Set<Int> = []
    var next = 0

    init(_ loop: Loop, _ done: @escaping @Sendable (String) -> Void) {
        self.loop = loop
        self.done = done
    }

    func begin() {
        guard streams < 12 else { return finish() }
        streams += 1
        let stream = FrameStream(unansweredLimit: 40)
        stream.onOpen = { [unowned stream] in
            for _ in 0..<30 { self.request(stream) }
        }
        stream.onEnd = { [unowned self] _ in loop.after(1_000_000) { self.begin() } }
        stream.connect(loop, to: Endpoint(host: "10.0.0.1", port: 9092))
        loop.after(loop.system.random() % 20_000_000) { [weak stream] in
            guard let stream, stream.connection?.state != .closed else { return }
            stream.close(.closedLocally("test"))
            self.begin()
        }
    }

    private func request(_ stream: FrameStream) {
        let number = next
        next += 1
        ends[number] = 0
        let size = Int(loop.system.random() % 300)
        let bytes = framed(bigEndian(stream.nextCorrelationID) + [UInt8](repeating: 1, count: size))
        let id = stream.send(bytes) { _ in self.ends[number, default: 0] += 1 }
        guard let id else {
            ends[number] = 1
            return
        }
        if loop.system.random() % 3 == 0 {
            loop.after(loop.system.random() % 3_000_000) { [weak stream] in
                guard let stream, self.ends[number] == 0 else { return }
                stream.abandon(id)
                self.abandoned.insert(number)
            }
        }
    }

    private func finish() {
        let wrong = ends.filter { $0.value != (abandoned.contains($0.key) ? 0 : 1) }
        done("\(next) requests, \(abandoned.count) abandoned, \(wrong.count) wrong")
        loop.stop()
    }
}

@Suite struct ExactlyOnceTests {
    private func run(_ seed: UInt64) -> (String, UInt64) {
        let system = SimulatedSystem(seed: seed)
        let counter = Locked(0)
        system.set(
            address,
            .serves(
                FrameServer { frame, side in
                    let number = counter.withLock { count -> Int in
                        count += 1
                        return count
                    }
                    if number % 71 == 0 { return side.end(reset: number % 2 == 0) }
                    side.send(framed(frame), delayNs: UInt64(number % 7) * 300_000)
                }))
        let outcome = Locked("")
        let loop = Loop(system)
        loop.post { Storm(loop) { text in outcome.withLock { $0 = text } }.begin() }
        loop.run()
        #expect(system.openSockets == 0)
        return (outcome.withLock { $0 }, system.trace)
    }

    @Test func everyRequestEndsOnceForEverySeed() {
        for seed in UInt64(1)...6 {
            let (text, trace) = run(seed)
            #expect(text.hasSuffix(", 0 wrong"), "seed \(seed): \(text)")
            #expect(!text.contains(" 0 abandoned"))
            let again = run(seed)
            #expect(again == (text, trace), "seed \(seed) is not repeatable")
        }
    }
}
