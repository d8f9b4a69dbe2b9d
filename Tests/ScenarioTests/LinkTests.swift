// The console over bad links: no healthy broker is called silent, and rates are shown.
import ClusterModel
import Session
import SimulatedCluster
import Simulation
import Testing

@Suite struct LinkTests {
    private static let second: UInt64 = 1_000_000_000

    /// What was seen in looks a second apart.
    private struct Looks {
        var all = 0
        var withRate = 0
        var silent: [String] = []
    }

    private func look(
        _ link: SimulatedLink, partitions: Int = 3_000, from begin: Double = 20,
        seconds: Int = 60
    ) -> Looks {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = partitions
        shape.groups = partitions / 10
        var options = SessionOptions()
        options.link = link
        let session = DrivenSession(shape, options)
        defer { session.end() }
        var looks = Looks()
        for number in 0..<Int(begin) + seconds {
            session.run(seconds: 1)
            let cluster = session.cluster
            for broker in cluster.brokers where broker.isIll {
                looks.silent.append("\(number + 1) s: broker \(broker.id) \(broker.state)")
            }
            guard number >= Int(begin) else { continue }
            looks.all += 1
            if cluster.totals.recordsPerSecond != nil { looks.withRate += 1 }
        }
        return looks
    }

    private func expectWell(
        _ looks: Looks, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(looks.silent.isEmpty, sourceLocation: sourceLocation)
        #expect(looks.withRate == looks.all, sourceLocation: sourceLocation)
    }

    @Test func aSlowLink() {
        var link = SimulatedLink()
        link.bytesPerSecond = 256_000
        expectWell(look(link))
    }

    @Test func aSlowLinkFarAway() {
        var link = SimulatedLink()
        link.bytesPerSecond = 256_000
        link.latencyNs = Self.second / 5
        // The first answers wait behind each other for seconds: a rate from them is not known well
        // enough to be shown.
        expectWell(look(link, from: 25))
    }

    @Test(arguments: [0.05, 0.2, 0.4])
    func latency(_ seconds: Double) {
        var link = SimulatedLink()
        link.latencyNs = UInt64(seconds * 1e9)
        expectWell(look(link, partitions: 300, from: 8, seconds: 20))
    }

    @Test func jitter() {
        var link = SimulatedLink()
        link.jitterNs = 2 * Self.second
        expectWell(look(link, partitions: 300, from: 15, seconds: 60))
    }
}
