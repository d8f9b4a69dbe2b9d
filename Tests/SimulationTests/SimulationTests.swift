// The simulated operating system alone: time that jumps, bytes in order, chance by seed.
import Simulation
import Testing
import Transport

/// Answers each portion with the same bytes, and counts what it saw.
private final class Echo: SimulatedServer {
    let seen = Locked<[UInt8]>([])
    let closes = Locked(0)

    func received(_ bytes: [UInt8], _ side: ServerSide) {
        seen.withLock { $0 += bytes }
        side.send(bytes)
    }
    func closed(_ side: ServerSide) { closes.withLock { $0 += 1 } }
}

@Suite struct SimulatedSystemTests {
    private let address = Address(10, 0, 0, 1, port: 9092)

    /// Sends `bytes` and takes as many back, a share at a time; the moments are those of reads.
    private func exchange(
        _ system: SimulatedSystem, _ bytes: [UInt8]
    ) throws -> (back: [UInt8], moments: [UInt64]) {
        guard case .opened(let handle) = system.open(address, token: 7) else {
            throw TransportError.shutdown
        }
        defer { system.close(handle) }
        var (sent, back, moments): (Int, [UInt8], [UInt64]) = (0, [], [])
        var events: [SystemEvent] = []
        var scratch = [UInt8](repeating: 0, count: 4_096)
        while back.count < bytes.count {
            system.setInterest(handle, token: 7, reading: true, writing: sent < bytes.count)
            system.wait(until: system.now() + 1_000_000_000, &events)
            if events.contains(where: \.isWritable), sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes { system.write(handle, $0) }
                if count > 0 { sent += count }
            }
            guard events.contains(where: \.isReadable) else { continue }
            let count = scratch.withUnsafeMutableBytes {
                system.read(handle, tail: nil, scratch: $0)
            }
            guard count > 0 else { continue }
            back += scratch[..<count]
            moments.append(system.now())
        }
        return (back, moments)
    }

    @Test(arguments: [true, false])
    func bytesArriveWholeAndInOrder(_ cuts: Bool) throws {
        let system = SimulatedSystem(seed: 5, cuts: cuts)
        let echo = Echo()
        system.set(address, .serves(echo))
        let bytes = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let (back, moments) = try exchange(system, bytes)
        #expect(back == bytes)
        #expect(echo.seen.withLock { $0 } == bytes)
        #expect(echo.closes.withLock { $0 } == 1)
        #expect(moments == moments.sorted())
        // Cut bytes come in many portions, whole ones in a few; a delay is 50 to 500 µs.
        #expect(cuts ? moments.count > 10 : moments.count <= 4)
        #expect(moments.first ?? 0 >= SimulatedSystem.startNs + 150_000)
        #expect(system.openSockets == 0 && system.opened == [address])
    }

    @Test func theSameSeedIsTheSameRun() throws {
        func run(_ seed: UInt64) throws -> (UInt64, [UInt64]) {
            let system = SimulatedSystem(seed: seed)
            system.set(address, .serves(Echo()))
            let (_, moments) = try exchange(system, [UInt8](repeating: 3, count: 3_000))
            return (system.trace, moments)
        }
        #expect(try run(9) == run(9))
        #expect(try run(9).0 != run(10).0)
    }

    @Test func timeJumpsToWhatHappensNext() {
        let system = SimulatedSystem(cuts: false, wallStartMs: 1_000)
        let rung = Locked<[UInt64]>([])
        for hours: UInt64 in [3, 1, 2] {
            let at = SimulatedSystem.startNs + hours * 3_600_000_000_000
            system.at(at) { rung.withLock { $0.append(system.now()) } }
        }
        var events: [SystemEvent] = []
        system.wait(until: SimulatedSystem.startNs + 4 * 3_600_000_000_000, &events)
        #expect(events.isEmpty)
        #expect(
            rung.withLock { $0.map { ($0 - SimulatedSystem.startNs) / 3_600_000_000_000 } }
                == [1, 2, 3])
        #expect(system.wallClockMs() == 1_000 + 4 * 3_600_000)
    }

    @Test func connectionsFailAsTheyAreToldTo() {
        let system = SimulatedSystem(cuts: false)
        var events: [SystemEvent] = []
        guard case .opened(let refused) = system.open(address, token: 1) else { return }
        system.wait(until: system.now() + 1_000_000_000, &events)
        #expect(events.map(\.token) == [1] && system.connectError(refused) == 111)
        system.close(refused)
        system.set(address, .ignores)
        guard case .opened(let ignored) = system.open(address, token: 2) else { return }
        system.wait(until: system.now() + 60_000_000_000, &events)
        #expect(events.isEmpty)
        system.close(ignored)
        #expect(system.openSockets == 0)
    }

    @Test func namesAnswerOrStaySilent() {
        let system = SimulatedSystem(cuts: false)
        system.setName("kafka-1", .success([Address(10, 0, 0, 9, port: 0)]))
        let found = Locked<[Address]>([])
        for name in ["kafka-1", "nobody"] {
            system.resolve(name, port: 9093) { result in
                if case .success(let addresses) = result {
                    found.withLock { $0 += addresses }
                }
            }
        }
        var events: [SystemEvent] = []
        system.wait(until: system.now() + 60_000_000_000, &events)
        #expect(found.withLock { $0 } == [Address(10, 0, 0, 9, port: 9093)])
    }

    @Test func theEndOfEverythingIsTold() {
        let system = SimulatedSystem(cuts: false)
        let isDead = Locked(false)
        system.onDeadlock { isDead.withLock { $0 = true } }
        var events: [SystemEvent] = []
        system.wait(until: nil, &events)
        #expect(isDead.withLock { $0 })
    }

    /// At a thousand times real time a virtual second takes about a millisecond.
    @Test func timeCanFollowTheRealClock() {
        let system = SimulatedSystem(
            cuts: false, following: (SimulatedSystem.startNs + 5_000_000_000, 1_000))
        var events: [SystemEvent] = []
        let end = SimulatedSystem.startNs + 10_000_000_000
        #expect(!system.isFollowing)
        let began = ContinuousClock.now
        system.wait(until: end, &events)
        #expect(system.isFollowing && system.now() >= end)
        #expect(ContinuousClock.now - began >= .milliseconds(4))
    }
}

@Suite struct ChanceTests {
    /// The first numbers of SplitMix64 from 0, as its author gives them.
    @Test func theGeneratorIsSplitMix64() {
        var random = SeededGenerator(seed: 0)
        #expect(random.next() == 0xe220_a839_7b1d_cdaf)
        #expect(random.next() == 0x6e78_9e6a_a1b9_65f4)
        #expect(random.next() == 0x06c4_5d18_8009_454f)
    }

    @Test func fractionsAreBelowOne() {
        #expect(fraction(.max) < 1 && fraction(0) == 0)
        var random = SeededGenerator(seed: 3)
        let mean = (0..<10_000).reduce(0.0) { sum, _ in sum + random.unit() } / 10_000
        #expect(abs(mean - 0.5) < 0.02)
    }

    @Test func theSineIsCloseAndSmooth() {
        for (turns, value) in [
            (0.0, 0.0), (0.25, 1.0), (0.5, 0.0), (0.75, -1.0), (1.0, 0.0), (1.0 / 12, 0.5),
            (-0.25, -1.0), (7.125, 0.707_106_78),
        ] {
            #expect(abs(sine(turns: turns) - value) < 0.001_5, "\(turns)")
        }
    }

    @Test func aHashBelongsToItsNumbers() {
        #expect(hashed(1, 2) == hashed(1, 2))
        #expect(Set((0..<1_000).map { hashed(7, $0) }).count == 1_000)
        #expect(hashed(1, 2) != hashed(2, 1))
    }
}
