// The table of handlers: every API of the wire is there under its own key and name, and a request
// for each gets an answer or the end of the connection, never a trap.
import KafkaWire
import Testing

@testable import SimulatedCluster

@Suite struct HandlerTests {
    @Test func everyMessageHasAHandler() {
        #expect(Set(handlers.keys) == Set(allRequests.map { $0.apiKey }))
        for type in allRequests { #expect(handlers[type.apiKey]?.name == type.name) }
    }

    /// An empty request of every API, in every version that a release offers.
    @Test(arguments: Release.allCases)
    func emptyRequestsAreAnswered(_ release: Release) {
        var shape = Shape()
        (shape.brokers, shape.partitions, shape.groups) = (3, 6, 1)
        shape.release = release
        var answered = 0
        for type in allRequests {
            let offered = Machine(shape, startNs: 0).offered[release]?[type.apiKey]
            for version in type.versions where offered?.contains(version) == true {
                var machine = Machine(shape, startNs: 0)
                if isAnswered(type, version, &machine) { answered += 1 }
            }
        }
        #expect(answered > 50)
    }

    private func isAnswered<R: KafkaRequest>(
        _ type: R.Type, _ version: Int16, _ machine: inout Machine
    ) -> Bool {
        // Some layouts cannot say nothing, as the first one of Metadata.
        guard
            let frame = try? encodeRequest(
                R(), version: version, correlationID: 9, clientID: "test"),
            case .answer(let bytes, _) = machine.handle(
                [UInt8](frame.dropFirst(4)), broker: 1, now: 0)
        else { return false }
        // The correlation id stands behind the size.
        #expect(bytes[4..<8].elementsEqual([0, 0, 0, 9]), "\(R.name) \(version)")
        return true
    }
}
