// The answer that names all topics, kept as bytes, is the one that would be made anew.
import KafkaWire
import SimulatedCluster
import Testing

@Suite struct WholeMetadataTests {
    @Test func theKeptAnswerIsTheOneMadeAnew() throws {
        var shape = smallShape()
        shape.scenario = .brokerLost
        shape.storyAtSeconds = 10
        var kept = Asked(shape)
        kept.machine.keepsMetadataFrom = 0
        var anew = Asked(shape)
        anew.machine.keepsMetadataFrom = .max
        var request = MetadataRequest()
        request.topics = nil
        var seen: Set<Int> = []
        for _ in 0..<60 {
            kept.advance(seconds: 2)
            anew.advance(seconds: 2)
            for version: Int16 in [9, 12] {
                // Twice, since the second is from memory.
                for _ in 0..<2 {
                    var first = try kept.ask(request, version: version)
                    var second = try anew.ask(request, version: version)
                    // KRaft brokers name any live broker.
                    first?.controllerID = 0
                    second?.controllerID = 0
                    #expect(first == second)
                    #expect(first != nil)
                    seen.insert(first?.brokers.count ?? 0)
                }
            }
        }
        // A broker left meanwhile.
        #expect(seen.count > 1)
    }
}
