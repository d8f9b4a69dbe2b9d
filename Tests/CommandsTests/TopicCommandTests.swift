// `highwater topic` as whole command lines on a simulated cluster: what is previewed, refused, made
// and deleted.
import JSON
import KafkaClient
import SimulatedCluster
import Testing
import TransportTesting

@testable import Commands

@MainActor
extension Practice {
    fileprivate func topic(_ name: String) throws -> TopicReading {
        try ask { client, answer in client.readTopic(name) { answer(try? $0.get()) } }
    }
}

@MainActor
@Suite(.serialized, .onOwnThread) struct TopicCommandTests {
    @Test func whatIsMissingIsSaidBeforeAnythingIsAsked() throws {
        let cases: [(line: String, words: String)] = [
            ("topic create --partitions 3 --replication-factor 1", "the name of one topic"),
            ("topic create a b --partitions 3 --replication-factor 1", "the name of one topic"),
            ("topic create a --replication-factor 1", "topic create needs --partitions COUNT"),
            ("topic create a --partitions 0 --replication-factor 1", "--partitions is a count: 0"),
            ("topic create a --partitions 3 --replica-assignment 1", "says both"),
            ("topic create a --replica-assignment 1 --config x", "--config is KEY=VALUE"),
            ("topic create a --replica-assignment 1 --to 3", "topic create does not take --to"),
            ("topic delete", "the names of topics"),
            ("topic delete a a", "a topic is named twice"),
            ("topic delete a --partitions 3", "topic delete does not take --partitions"),
            ("topic add-partitions a", "needs --to COUNT"),
        ]
        for (line, words) in cases {
            let ended = try highwater(line + " --dry-run -b a")
            #expect(ended.code == ExitCode.usage.rawValue, "\(line): \(ended.errors)")
            #expect(ended.errors.contains(words), "\(line): \(ended.errors)")
        }
    }

    /// Made as it was reviewed, told by the journal, and its undo deletes it.
    @Test(arguments: [Coordination.kraft, .zookeeper])
    func aTopicIsMadeWidenedAndDeleted(_ kind: Coordination) throws {
        let practice = try Practice { shape in
            shape.coordination = kind
            shape.release = kind == .kraft ? .v43 : .v39
        }
        let line =
            "topic create new.topic --partitions 4 --replication-factor 2 "
            + "--config retention.ms=7d --config cleanup.policy=compact"
        let shown = try practice.run(line + " --dry-run")
        #expect(shown.code == 0, "\(shown.errors)")
        for words in [
            "topic new.topic  partitions  not set -> 4",
            "topic new.topic  retention.ms  not set -> 604800000", "broker 1  leaders  ",
            "kafka-topics.sh --bootstrap-server", "to take it back: delete topic new.topic",
        ] { #expect(shown.output.contains(words), "\(shown.output)") }
        #expect(try practice.topic("new.topic").replicas == [])
        let made = try practice.make(line + " --format json").document()
        #expect(made["state"]?.string == "done", "\(made.text)")
        let replicas = try practice.topic("new.topic").replicas
        #expect(replicas.count == 4 && replicas.allSatisfy { Set($0).count == 2 })
        let values = made["values"]?.array ?? []
        for (number, list) in replicas.enumerated() {
            let told = values.first { $0["property"]?.string == "replicas of \(number)" }
            #expect(told?["after"]?.string == list.map { "\($0)" }.joined(separator: ","))
        }
        // Leaders are spread.
        #expect(Set(replicas.map { $0[0] }).count == 3)
        #expect(try practice.overrides("new.topic")["retention.ms"] == "604800000")
        let again = try practice.make(line)
        #expect(again.code == ExitCode.refused.rawValue)
        #expect(again.errors.contains("topic new.topic is there already"), "\(again.errors)")

        let wider = try practice.make("topic add-partitions new.topic --to 7 --format json")
        #expect(wider.code == 0, "\(wider.errors)")
        #expect(try wider.document()["confirmation"]?.string == "new.topic")
        let all = try practice.topic("new.topic").replicas
        #expect(all.count == 7 && Array(all.prefix(4)) == replicas)
        let narrow = try practice.make("topic add-partitions new.topic --to 3")
        #expect(narrow.code == ExitCode.refused.rawValue)
        #expect(narrow.errors.contains("Kafka takes none away"), "\(narrow.errors)")

        // The undo is of the topic as it was made: that it is wider now is said.
        let id = try #require(made["id"]?.string)
        let undo = try practice.run("undo \(id) --dry-run")
        #expect(undo.output.contains("it was changed since"), "\(undo.output)")
        let undone = try practice.make("undo \(id) --format json").document()
        #expect(undone["state"]?.string == "done", "\(undone.text)")
        #expect(try practice.topic("new.topic").replicas == [])
    }

    @Test func whatReadsADeletedTopicIsShown() throws {
        let practice = try Practice()
        let groups = try practice.run("snapshot --sections groups").document()["groups"]?.array
        let group = try #require(groups?.first)
        let name = try #require(group["id"]?.string)
        let topic = try #require(group["partitions"]?.array?.first?["topic"]?.string)
        let shown = try practice.run("topic delete \(topic) --dry-run")
        #expect(shown.code == 0, "\(shown.errors)")
        #expect(
            shown.output.contains("group \(name) has committed offsets of it"), "\(shown.output)")
        #expect(shown.output.contains("\(topic): its newest record is of 20"))
        #expect(shown.output.contains("bytes "))
        #expect(shown.output.contains("to take it back: Kafka has no request for that"))
        let made = try practice.make("topic delete \(topic) --format json").document()
        #expect(made["state"]?.string == "done", "\(made.text)")
        #expect(try practice.topic(topic).replicas == [])
        let gone = try practice.make("topic delete \(topic)")
        #expect(gone.code == ExitCode.refused.rawValue)
        #expect(gone.errors.contains("the cluster has no topic \(topic)"))
        let snapshot = try practice.run("snapshot").document()
        #expect(snapshot["topics"]?.array?.contains { $0["name"]?.string == topic } == false)
        #expect(try practice.journal().first?["can_undo"]?.bool == false)
    }

    @Test func whatKafkaWouldRefuseIsRefused() throws {
        let practice = try Practice()
        for (line, words) in [
            ("create a/b --partitions 1 --replication-factor 1", "a topic's name has 1 to 249"),
            ("create a --partitions 1 --replication-factor 9", "there are 3"),
            ("create a --partitions 20000 --replication-factor 1", "1 to 10000 partitions"),
            ("create a --replica-assignment 1:9", "broker 9 is not there"),
            ("create a --replica-assignment 1:2,3", "as many different brokers"),
            ("create a --partitions 1 --replication-factor 1 --config retention.ms=soon", "soon"),
            ("create __consumer.offsets --partitions 1 --replication-factor 1", "in '.' and '_'"),
        ] {
            let ended = try practice.make("topic \(line)")
            #expect(ended.code == ExitCode.refused.rawValue, "\(line): \(ended.output)")
            #expect(ended.errors.contains(words), "\(line): \(ended.errors)")
        }
        // Its own catalogue does not know the key: Kafka is asked.
        let unknown = try practice.make(
            "topic create a --partitions 1 --replication-factor 1 --config no.such.key=1")
        #expect(unknown.code == ExitCode.refused.rawValue, "\(unknown.errors)")
        #expect(
            unknown.errors.contains("Kafka would refuse it with INVALID_CONFIG"),
            "\(unknown.errors)")
        #expect(try practice.journal().isEmpty)
    }
}
