// A fixed script of keys over the whole program, of which the n-th exchange fails, for every n and
// in each way: afterwards the picture is whole again, and the keys lead where they always do.
import ClusterModel
import Drawing
import Glibc
import Session
import SimulatedCluster
import SoakTesting
import Testing

@Suite struct FaultSweepTests {
    private static let lanes = 8

    private static func shape(_ number: Int, _ failure: ExchangeFault) -> Shape {
        var shape = Shape()
        shape.brokers = 2
        shape.partitions = 2
        shape.offsetsPartitions = 1
        shape.groups = 1
        shape.storyAtSeconds = 1e9
        shape.faultRates.failingExchange = number
        shape.faultRates.failure = failure
        return shape
    }

    /// Every screen is opened once within the first pictures.
    private static func script(_ session: DrivenSession) {
        for keys in ["P", "R", "O", "T", "N"] {
            session.run(seconds: 0.5)
            session.press(keys)
        }
        session.run(seconds: 0.5)
        session.press(.enter)
        session.run(seconds: 1)
        session.press("0")
    }

    private static func faults(_ number: Int, _ failure: ExchangeFault) -> [String] {
        var options = SessionOptions()
        (options.width, options.height) = (80, 24)
        let session = DrivenSession(shape(number, failure), options)
        defer { session.end() }
        script(session)
        var mismatches: [String] = []
        let isRight = session.run(atMost: 30) { session in
            mismatches = session.mismatches()
            return mismatches.isEmpty
        }
        if !isRight { return mismatches }
        let wanted = ["overview", "off 0", "ill 0"]
        return wanted.filter { !session.text.contains($0) }.map { "no \"\($0)\"\n\(session.text)" }
    }

    /// Exchanges while the script runs and nothing fails.
    private static let exchanges: Int = {
        let session = DrivenSession(shape(0, .closed))
        defer { session.end() }
        script(session)
        return session.network.inspect(\.exchanges)
    }()

    @Test func theScriptAsksOfEverything() {
        #expect(Self.exchanges > 25)
    }

    @Test(arguments: 0..<lanes)
    func everyExchangeMayFail(_ lane: Int) {
        let chosen = getenv("HIGHWATER_EXCHANGE").map { String(cString: $0) }
        for number in 1...Self.exchanges {
            for (index, failure) in ExchangeFault.allCases.enumerated()
            where (number * 4 + index) % Self.lanes == lane {
                let name = "\(number):\(failure.rawValue)"
                guard chosen == nil || chosen == name else { continue }
                let faults = Self.faults(number, failure)
                #expect(
                    faults.isEmpty,
                    """
                    exchange \(number) \(failure.rawValue): \(faults.joined(separator: "; "))
                    Replay: HIGHWATER_EXCHANGE=\(name) swift test --skip-build --disable-xctest \
                    --filter FaultSweepTests
                    """)
            }
        }
    }
}
