// Config changes over the road: Kafka is asked beforehand, two sessions do not overwrite each other
// in silence, and what was set is read again.
import ClusterModel
import Foundation
import KafkaClient
import Operations
import Planning
import SimulatedCluster
import Simulation
import Testing
import Transport

@Suite struct ConfigRoadTests {
    private let key = "segment.ms"

    private func proposal(_ bench: Bench, _ values: [ChangeRequest.Value]) -> Proposal {
        ConfigAlteration.propose(
            ChangeRequest(
                ConfigAlteration.kind, of: [.topic(topic(bench))], values: values),
            in: bench.cluster)
    }

    private func topic(_ bench: Bench) -> String { bench.cluster.topics[0].name }

    private func confirmed(_ bench: Bench, _ value: String?) throws -> Confirmed {
        var review = Review(
            proposal(bench, [.init(key, value)]), ReviewPolicy(), bench.cluster)
        review.type(review.phrase)
        return try #require(review.confirm())
    }

    private func truth(_ bench: Bench) -> String? {
        bench.network.inspect { $0.overrideTruth(topic(bench), key) }
    }

    private func journal() -> Journal { Journal(inMemory: "a") }

    @Test func ofTwoSessionsTheSecondIsAskedAgain() throws {
        let bench = Bench()
        let (one, two) = (try confirmed(bench, "7200000"), try confirmed(bench, "3600000"))
        let first = bench.run(one, journal(), seconds: 10)
        #expect(first.ending?.outcomes.map(\.error) == [nil])
        #expect(truth(bench) == "7200000")
        let second = bench.run(two, journal(), seconds: 10)
        let fact = Fact("topic \(topic(bench))", key, nil)
        #expect(second.refusal == .changed([.init(reviewed: fact, now: "7200000")]))
        #expect(truth(bench) == "7200000")
    }

    /// Both read before either writes: Kafka cannot refuse the second, and the first is told.
    @Test func ofTwoAtOnceNoneIsOverwrittenInSilence() throws {
        let bench = Bench()
        let journal = journal()
        let seen = Locked<[[OperationEvent]]>([[], []])
        var makers: [Operator] = []
        for (index, value) in ["7200000", "3600000"].enumerated() {
            let maker = Operator(bench.session(), journal: { _ in journal })
            makers.append(maker)
            maker.run(try confirmed(bench, value)) { event in
                seen.withLock { $0[index].append(event) }
            }
        }
        bench.loop.run(until: bench.system.now() + 20_000_000_000)
        let left = try #require(truth(bench))
        let events = seen.withLock { $0 }
        for (index, value) in ["7200000", "3600000"].enumerated() {
            let told = events[index].contains { event in
                switch event {
                case .refused(.changed): true
                case .readAgain(let told): told.differing.contains { $0.now == left }
                default: false
                }
            }
            #expect(told == (value != left), "\(value): \(events[index])")
        }
        withExtendedLifetime(makers) {}
    }

    private func prepared(_ bench: Bench, _ proposal: Proposal) throws -> Proposal {
        let own = journal()
        let maker = Operator(bench.session(), journal: { _ in own })
        let last = Locked<Proposal?>(nil)
        maker.prepare(proposal) { next in last.withLock { $0 = next } }
        bench.loop.run(until: bench.system.now() + 5_000_000_000)
        return try #require(last.withLock { $0 })
    }

    @Test func kafkaIsAskedBeforehandAndNothingIsChanged() throws {
        let bench = Bench()
        let good = try prepared(bench, proposal(bench, [.init(key, "7200000")]))
        #expect(good.refusal == nil)
        #expect(good.notes == ["7200000 is 2h"])
        #expect(
            good.warnings == ["segment.ms: short times make many small files on every broker"])
        let bad = try prepared(bench, proposal(bench, [.init(key, "soon")]))
        #expect(
            bad.refusal == "Kafka would refuse it with INVALID_CONFIG: Invalid value soon for "
                + "configuration segment.ms: Not a number of type LONG")
        #expect(truth(bench) == nil)
        #expect(Operator.checks(good) && !Operator.checks(bad))
    }

    /// What was known when it was proposed may be old: the facts are those of now.
    @Test func theFactsOfAProposalAreThoseOfNow() throws {
        let bench = Bench()
        bench.network.change { $0.setOverride(ofTopic: topic(bench), key, "60000") }
        let next = try prepared(bench, proposal(bench, [.init(key, nil)]))
        #expect(next.change.before.map(\.value) == ["60000"])
        #expect(next.change.undo?.after.map(\.value) == ["60000"])
    }

    @Test func whatIsNotThereIsNotPrepared() throws {
        let bench = Bench()
        var gone = proposal(bench, [.init(key, "1")])
        gone.change = ConfigAlteration([.init(.topic("no-such-topic"), key, from: nil, to: "1")])
        let next = try prepared(bench, gone)
        #expect(next.refusal?.contains("UNKNOWN_TOPIC_OR_PARTITION") == true)
    }

    @Test func whatWasSetIsReadAgainTwice() throws {
        let bench = Bench()
        let (topic, network) = (topic(bench), bench.network)
        bench.system.after(2_000_000_000) {
            network.change { $0.setOverride(ofTopic: topic, "segment.ms", "60000") }
        }
        let events = bench.run(try confirmed(bench, "7200000"), journal(), seconds: 10)
        let again = events.compactMap { event -> ReadAgain? in
            if case .readAgain(let told) = event { told } else { nil }
        }
        let fact = Fact("topic \(topic)", key, "7200000")
        #expect(
            again == [
                ReadAgain(afterSeconds: 0.3, differing: []),
                ReadAgain(
                    afterSeconds: 5, differing: [.init(reviewed: fact, now: "60000")]),
            ])
    }
}
