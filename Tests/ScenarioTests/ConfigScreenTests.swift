// Configs from the keyboard: seen with what stands behind them, edited in their line, reviewed,
// changed, and read again.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing
import Transport

@Suite struct ConfigScreenTests {
    private let topic = "orders.created"

    private func session(
        _ change: (inout Shape) -> Void = { _ in }, isReadOnly: Bool = false
    ) -> DrivenSession {
        var options = SessionOptions()
        options.isReadOnly = isReadOnly
        var shape = smallShape()
        shape.storyAtSeconds = 1e9
        change(&shape)
        let session = DrivenSession(shape, options)
        session.run(until: 12)
        return session
    }

    private func override(_ session: DrivenSession, _ key: String) -> String? {
        session.network.inspect { $0.overrideTruth(topic, key) }
    }

    private func open(_ session: DrivenSession, _ key: String) {
        session.go("configs \(topic)")
        session.run(seconds: 2)
        session.press("/\(key)")
        session.press(.enter)
    }

    /// Waits for the review and confirms it with `word`.
    private func confirm(_ session: DrivenSession, _ word: String = "yes") {
        let isThere = session.run(atMost: 10) { $0.text.contains("and press Enter to begin") }
        #expect(isThere, "\(session.text)")
        session.run(seconds: 0.5)
        session.press(word)
        session.press(.enter)
        #expect(session.run(atMost: 30) { $0.text.contains("Over.") }, "\(session.text)")
    }

    @Test func aTopicsConfigsAreAllThereWithWhatStandsBehindThem() {
        let session = session()
        defer { session.end() }
        session.network.change { $0.setOverride(ofTopic: topic, "retention.ms", "86400000") }
        session.press("N/" + topic)
        session.press(.enter)
        session.press("c")
        session.run(seconds: 2)
        session.expect("\(topic) › configs")
        session.expect("cleanup.policy")
        session.press("/retention.ms")
        session.press(.enter)
        session.press("G")
        session.expect("86400000")
        session.expect("1d")
        session.expect("Would become 604800000 (7d) if you delete the override.")
        session.expect("How long records are kept before their segments are removed")
        session.press(.escape)
        session.press("f")
        session.expect("overrides only")
        session.expectNot("segment.bytes")
    }

    @Test func aValueIsEditedInItsLine() {
        let session = session()
        defer { session.end() }
        open(session, "segment.ms")
        session.press("e")
        session.press(.control("u"))
        session.press("2x")
        session.expect("segment.ms takes a time such as 7d, 36h or 90s")
        session.press(.enter)
        session.expectNot("press Enter to begin")
        session.press(.backspace)
        session.press("h")
        session.expect("= 7200000 (2h)")
        session.press(.enter)
        confirm(session)
        session.expect("Done: 1")
        #expect(override(session, "segment.ms") == "7200000")
        #expect(session.run(atMost: 10) { $0.text.contains("still so.") }, "\(session.text)")
        session.press(.enter)
        session.expect("7200000")
        session.expect("set by")
    }

    /// Six keys and one word from the overview.
    @Test func anOverrideIsDeletedFromTheOverview() {
        let session = session()
        defer { session.end() }
        session.press("C")
        session.run(seconds: 2)
        let overrides = session.cluster.topics.indices.flatMap { index in
            (session.cluster.overrides(topic: index) ?? []).map {
                (topic: session.cluster.topics[index].name, key: $0.name)
            }
        }.sorted { ($0.key, $0.topic) < ($1.key, $1.topic) }
        let first = overrides[0]
        func isSet() -> Bool {
            session.network.inspect { $0.overrideTruth(first.topic, first.key) } != nil
        }
        #expect(isSet())
        session.press("d")
        confirm(session)
        #expect(!isSet())
        // C, d and the word, yes and Enter.
        #expect(session.keys.count == 6)
        session.press(.enter)
        session.run(seconds: 2)
        #expect(
            session.cluster.overrides(
                topic: session.cluster.topicIndex(named: first.topic) ?? 0)?
                .contains { $0.name == first.key } == false)
    }

    /// What passes here and not there is refused in Kafka's own words before anything is confirmed.
    @Test func whatKafkaWouldRefuseIsSaidBeforeTheReviewIsConfirmed() {
        let session = session()
        defer { session.end() }
        session.go("configs broker 2")
        session.run(seconds: 2)
        session.press("/num.io.threads")
        session.press(.enter)
        session.press("e")
        session.press(.control("u"))
        session.press("100")
        session.press(.enter)
        #expect(
            session.run(atMost: 10) { $0.text.contains("Cannot be made: Kafka would refuse it") },
            "\(session.text)")
        session.expect("should not be greater than double")
        session.press("yes")
        session.press(.enter)
        session.run(seconds: 2)
        session.expectNot("Done:")
    }

    /// Brokers before 2.3 have no request for single configs.
    @Test func olderBrokersAreSaidToBeUnableTo() {
        var shape = smallShape()
        shape.storyAtSeconds = 1e9
        let session = DrivenSession(shape)
        defer { session.end() }
        session.network.change { $0.withdraw(api: 44) }
        session.run(until: 12)
        open(session, "segment.ms")
        session.press("e")
        session.press(.control("u"))
        session.press("2h")
        session.press(.enter)
        #expect(session.run(atMost: 10) { $0.text.contains("Cannot be made") }, "\(session.text)")
        session.expect("Kafka 2.3")
        #expect(override(session, "segment.ms") == nil)
    }

    @Test func whatOnlyARestartChangesIsRefusedWithTheReason() {
        let session = session()
        defer { session.end() }
        session.press("B")
        session.press("c")
        session.run(seconds: 2)
        session.expect("configs")
        session.press("/default.replication")
        session.press(.enter)
        session.press("e")
        session.expect("needs a restart of the broker")
        session.expect("restart")
    }

    @Test func aReadOnlySessionSaysSo() {
        let session = session(isReadOnly: true)
        defer { session.end() }
        open(session, "retention.ms")
        for key in ["e", "d"] {
            session.press(key)
            session.expect("this session is read-only")
        }
        session.press(.enter)
        session.expect("this session is read-only")
    }

    /// Somebody else sets the same key between the review and its confirmation.
    @Test func whatChangedSinceTheReviewIsAskedAgain() {
        let session = session()
        defer { session.end() }
        open(session, "segment.ms")
        session.press("e")
        session.press(.control("u"))
        session.press("2h")
        session.press(.enter)
        #expect(session.run(atMost: 10) { $0.text.contains("press Enter to begin") })
        session.network.change { $0.setOverride(ofTopic: topic, "segment.ms", "60000") }
        session.run(seconds: 1)
        session.press("yes")
        session.press(.enter)
        #expect(session.run(atMost: 10) { $0.text.contains("Nothing was sent") })
        session.expect("reviewed not set, now 60000")
        #expect(override(session, "segment.ms") == "60000")
        // Asked again, it shows the value that is there now.
        session.press(.enter)
        #expect(session.run(atMost: 10) { $0.text.contains("press Enter to begin") })
        session.expect("60000 › 7200000")
        confirm(session)
        #expect(override(session, "segment.ms") == "7200000")
    }

    @Test func whatIsSetBackBySomethingElseIsSaid() {
        let session = session()
        defer { session.end() }
        open(session, "segment.ms")
        session.press("e")
        session.press(.control("u"))
        session.press("2h")
        session.press(.enter)
        confirm(session)
        #expect(session.run(atMost: 3) { $0.text.contains("Read again: as it was set.") })
        session.network.change { $0.setOverride(ofTopic: topic, "segment.ms", nil) }
        #expect(session.run(atMost: 10) { $0.text.contains("was set back by something else") })
        session.expect("not set now")
    }

    @Test func markedTopicsAreChangedTogetherWithAResultEach() throws {
        let session = session()
        defer { session.end() }
        let id = try #require(session.cluster.clusterID)
        session.press("N")
        session.press("  ")
        let names = session.cluster.topics.map(\.name)
        session.press("c")
        session.run(seconds: 2)
        session.expect("and 1 more topic › configs")
        session.expect("What is changed here is changed on 2 topics")
        session.press("/segment.ms")
        session.press(.enter)
        session.press("e")
        session.press(.control("u"))
        session.press("3h")
        session.press(.enter)
        confirm(session, id)
        session.expect("Done: 2")
        let changed = names.filter { name in
            session.network.inspect { $0.overrideTruth(name, "segment.ms") } == "10800000"
        }
        #expect(changed.count == 2)
    }

    @Test func theDefaultOfAllBrokersHasWhatCanBeSet() throws {
        let session = session()
        defer { session.end() }
        let id = try #require(session.cluster.clusterID)
        session.go("configs all brokers")
        session.run(seconds: 2)
        session.expect("all brokers › configs")
        session.press("/log.retention.ms")
        session.press(.enter)
        session.expect("not set")
        session.press("e")
        session.press("3d")
        session.press(.enter)
        confirm(session, id)
        session.press(.enter)
        session.run(seconds: 2)
        session.expect("259200000")
        session.expect("all brokers")
    }

    @Test func othersChangesAreEventsWithBeforeAndAfter() {
        let session = session()
        defer { session.end() }
        session.press("C")
        session.network.change { $0.setOverride(ofTopic: topic, "retention.ms", "60000") }
        session.run(seconds: 70)
        session.network.change { $0.setOverride(ofTopic: topic, "retention.ms", "120000") }
        session.run(seconds: 70)
        let changes = session.cluster.events.events.filter { $0.subject == .topic(topic) }
            .map(\.change)
        #expect(changes.contains(.config(key: "retention.ms", from: "60000", to: "120000")))
    }
}
