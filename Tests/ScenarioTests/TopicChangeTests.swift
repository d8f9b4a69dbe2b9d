// Topics changed from the keyboard: made, widened and deleted, each over its review.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing

@Suite struct TopicChangeTests {
    private func session(isReadOnly: Bool = false) -> DrivenSession {
        var options = SessionOptions()
        options.isReadOnly = isReadOnly
        (options.width, options.height) = (140, 44)
        let session = DrivenSession(smallShape(), options)
        session.run(until: 20)
        return session
    }

    private func confirm(_ session: DrivenSession, _ phrase: String) {
        session.run(seconds: 1)
        session.expect("Type \(phrase) and press Enter to begin")
        session.press(phrase)
        session.press(.enter)
        #expect(session.run(atMost: 30) { $0.text.contains("Over.") })
        session.expect("Done: 1")
        session.press(.enter)
    }

    @Test func aTopicIsMadeWidenedAndDeleted() throws {
        let session = session()
        defer { session.end() }
        session.press("N")
        session.press("n")
        session.expect(":create-topic")
        session.press("brand.new partitions 3 rf 2 retention.ms=7d")
        session.press(.enter)
        session.run(seconds: 1)
        session.expect("Create topic brand.new with 3 partitions of 2 replicas")
        session.expect("retention.ms")
        session.expect("604800000 is 7d")
        session.expect("To take it back: Delete topic brand.new")
        confirm(session, "yes")
        #expect(
            session.run(atMost: 60) { $0.cluster.topic(named: "brand.new")?.partitionCount == 3 })
        session.press("/brand.new")
        session.press(.enter)
        session.run(seconds: 2)
        session.press("a")
        session.expect(":add-partitions brand.new")
        session.press("5")
        session.press(.enter)
        session.run(seconds: 1)
        session.expect("Records with a key go to other partitions")
        confirm(session, "brand.new")
        #expect(
            session.run(atMost: 60) { $0.cluster.topic(named: "brand.new")?.partitionCount == 5 })
        session.press("d")
        session.run(seconds: 1)
        session.expect("Delete topic brand.new")
        session.expect("To take it back: Kafka has no request for that.")
        confirm(session, "brand.new")
        #expect(session.run(atMost: 120) { $0.cluster.topic(named: "brand.new") == nil })
    }

    @Test func whatIsMissingIsSaid() throws {
        let session = session()
        defer { session.end() }
        for (line, words) in [
            ("create-topic", "what is it called?"),
            ("create-topic x", "how many?"),
            ("create-topic x partitions", "partitions needs a number"),
            ("create-topic x partitions 3 rf 2 more", "more is not partitions N, rf N"),
            ("add-partitions", "add-partitions: which?"),
            ("add-partitions nothing 3", "nothing"),
            ("add-partitions \(session.cluster.topics[0].name)", "how many has it then?"),
            ("delete-topic", "delete-topic: which?"),
            ("delete-topic nothing", "nothing"),
        ] {
            session.go(line)
            session.expect(words)
            session.press(.escape)
        }
        session.go("create-topic x partitions 3 rf 9")
        session.run(seconds: 1)
        session.expect("a replication factor of 9 needs as many brokers: there are 6")
    }

    @Test func aReadOnlySessionSaysSo() {
        let session = session(isReadOnly: true)
        defer { session.end() }
        session.press("N")
        for key in ["n", "a", "d"] {
            session.press(key)
            session.expect("this session is read-only")
        }
        session.go("create-topic x partitions 3 rf 2")
        session.expect("create-topic: this session is read-only")
    }
}
