// A link between the client and the servers: how long bytes take, and what waits for what.
import Simulation
import Testing
import Transport

/// Answers with so many bytes, whatever it gets.
private final class Giver: SimulatedServer {
    let count: Int

    init(_ count: Int) { self.count = count }

    func received(_ bytes: [UInt8], _ side: ServerSide) {
        side.send([UInt8](repeating: 7, count: count))
    }
}

@Suite struct LinkTests {
    private static let second: UInt64 = 1_000_000_000

    /// Asks so many servers at once for `bytes` each; seconds until each of them has given all.
    private func ask(_ link: SimulatedLink, servers: UInt8 = 1, bytes: Int) -> [Double] {
        let system = SimulatedSystem(seed: 3, cuts: false)
        system.setLink(link)
        var handles: [Int32] = []
        for number in 1...servers {
            let address = Address(10, 0, 0, number, port: 9092)
            system.set(address, .serves(Giver(bytes)))
            if case .opened(let handle) = system.open(address, token: UInt64(number)) {
                handles.append(handle)
                system.setInterest(handle, token: UInt64(number), reading: true, writing: true)
            }
        }
        var events: [SystemEvent] = []
        var taken = [Int](repeating: 0, count: handles.count)
        var ended = [Double](repeating: 0, count: handles.count)
        var scratch = [UInt8](repeating: 0, count: 64 * 1024)
        while taken.contains(where: { $0 < bytes }), system.now() < 100 * Self.second {
            system.wait(until: 100 * Self.second, &events)
            for event in events {
                let place = Int(event.token) - 1
                if event.isWritable {
                    _ = [1].withUnsafeBytes { system.write(handles[place], $0) }
                    system.setInterest(
                        handles[place], token: event.token, reading: true, writing: false)
                }
                guard event.isReadable else { continue }
                taken[place] += max(
                    0,
                    scratch.withUnsafeMutableBytes {
                        system.read(handles[place], tail: nil, scratch: $0)
                    })
                ended[place] = Double(system.now() - SimulatedSystem.startNs) / 1e9
            }
        }
        return ended
    }

    @Test func bytesTakeTheirTime() {
        var link = SimulatedLink()
        #expect(ask(link, bytes: 1_000)[0] < 0.01)
        link.latencyNs = Self.second / 5
        // The connection is a round trip, the question and its answer another.
        #expect(abs(ask(link, bytes: 1_000)[0] - 0.8) < 0.01)
        link.jitterNs = Self.second
        #expect(ask(link, bytes: 1_000)[0] > 0.9)
    }

    @Test func connectionsShareTheRate() {
        var link = SimulatedLink()
        link.bytesPerSecond = 128_000
        let ended = ask(link, servers: 3, bytes: 128_000)
        #expect(abs((ended.max() ?? 0) - 3) < 0.1, "\(ended)")
        #expect((ended.min() ?? 0) > 0.9)
    }

    @Test func aStallKeepsAllWaitingAndServersShareAMachine() {
        var link = SimulatedLink()
        link.stalls = [
            .init(.down, fromNs: 0, toNs: SimulatedSystem.startNs + 20 * Self.second)
        ]
        #expect(abs(ask(link, servers: 2, bytes: 10)[1] - 20) < 0.01)
        link = SimulatedLink()
        link.workNs = Self.second
        #expect(abs((ask(link, servers: 5, bytes: 10).max() ?? 0) - 5) < 0.01)
    }
}
