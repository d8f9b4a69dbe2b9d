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

    /// What is listed is played, but for what only a controller asks.
    @Test(arguments: Release.allCases)
    func onlyWhatIsPlayedIsListed(_ release: Release) throws {
        var shape = smallShape()
        shape.release = release
        shape.coordination = release < .v43 ? .zookeeper : .kraft
        var asked = Asked(shape)
        asked.machine.listOnlyPlayed()
        let listed = try #require(try asked.ask(ApiVersionsRequest(), version: 2)).apiKeys
        let unplayed = listed.map(\.apiKey).filter { handlers[$0] == nil }
        #expect(unplayed == (release < .v43 ? [4, 5, 6] : []))
        #expect(listed.count > 12)
    }

    @Test func whatIsNotPlayedIsSaid() {
        let machine = Machine(smallShape(), startNs: 0)
        // Produce, an API of nobody, and one that is played in another version.
        #expect(
            machine.limitation([0, 0, 0, 9, 0, 0, 0, 1, 0xff, 0xff])
                == "Produce (API 0) was asked, which the simulation does not play: "
                + "the connection was closed")
        #expect(machine.limitation([9, 9, 0, 0, 0, 0, 0, 1, 0xff, 0xff]) == nil)
        #expect(machine.limitation([0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff]) == nil)
        #expect(machine.limitation([0]) == nil)
    }

    /// Some clients send more than a request's fields, as librdkafka does.
    @Test func bytesBehindARequestArePassedOver() throws {
        var machine = Machine(smallShape(), startNs: 0)
        var request = MetadataRequest()
        request.topics = nil
        for keepsFrom in [0, 1_000] {
            machine.keepsMetadataFrom = keepsFrom
            let frame = try encodeRequest(
                request, version: 9, correlationID: 9, clientID: "test")
            let reaction = machine.handle(
                [UInt8](frame.dropFirst(4)) + [1, 2, 3, 4, 5], broker: 1, now: 0)
            guard case .answer = reaction else {
                Issue.record("not answered, kept from \(keepsFrom)")
                return
            }
        }
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
