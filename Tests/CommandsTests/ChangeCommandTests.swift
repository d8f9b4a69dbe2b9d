// Commands that change a cluster, as whole command lines on a simulated cluster over loopback: what
// they show, what they refuse, what they write down, and how it is taken back.
import Foundation
import JSON
import KafkaClient
import SimulatedCluster
import Testing
import Transport
import TransportTesting

@testable import Commands

@MainActor
@Suite(.serialized, .onOwnThread) struct ChangeCommandTests {
    @Test func whatIsMissingIsSaidBeforeAnythingIsAsked() throws {
        let cases: [(line: String, words: String)] = [
            ("elect preferred --all -b a", "say what is to be done: --dry-run"),
            ("elect preferred --all --yes -b a", "only together with --expect-cluster-id"),
            ("elect preferred --all --yes --dry-run --expect-cluster-id x -b a", "leave --yes out"),
            ("elect preferred --dry-run -b a", "elect what?"),
            ("elect preferred --all --topic t --dry-run -b a", "--all is everything"),
            ("elect preferred --partition orders --dry-run -b a", "--partition is TOPIC-N"),
            ("elect sideways --all --dry-run -b a", "sideways is not one of preferred, unclean"),
            ("elect --all --dry-run -b a", "elect needs KIND"),
            ("undo --dry-run -b a", "undo needs ID"),
            ("config set --topic t --dry-run -b a", "config set needs KEY=VALUE"),
            ("config set --topic t retention.ms --dry-run -b a", "takes KEY=VALUE"),
            ("config unset --topic t retention.ms=1 --dry-run -b a", "takes KEY"),
            ("config set retention.ms=1 --dry-run -b a", "configs of what?"),
            ("config set --topic t a=1 a=2 --dry-run -b a", "a is named twice"),
            ("config set --broker x a=1 --dry-run -b a", "--broker is the number"),
            ("config diff --topic a -b a", "config diff compares two or more"),
            ("config get --topic a x=1 -b a", "this verb takes KEY"),
            ("config import --dry-run -b a", "takes the FILE that export has written"),
            ("config import /nowhere/f --dry-run -b a", "/nowhere/f"),
        ]
        for (line, words) in cases {
            let ended = try highwater(line)
            #expect(ended.code == ExitCode.usage.rawValue, "\(line): \(ended.errors)")
            #expect(ended.errors.contains(words), "\(line): \(ended.errors)")
            #expect(ended.output.isEmpty, "\(line)")
        }
    }

    /// Shown, made, told by the journal, taken back: an override that was absent is absent again.
    @Test func aConfigIsSetAndTakenBack() throws {
        let practice = try Practice()
        let topic = try practice.topic
        let before = try practice.overrides(topic)
        #expect(before["max.message.bytes"] == nil)
        let line = "config set --topic \(topic) max.message.bytes=2000000"
        let shown = try practice.run(line + " --dry-run")
        #expect(shown.code == 0, "\(shown.errors)")
        #expect(shown.output.contains("topic \(topic)  max.message.bytes  not set -> 2000000"))
        #expect(shown.output.contains("kafka-configs.sh --bootstrap-server"))
        #expect(try practice.overrides(topic) == before)
        #expect(try practice.journal().isEmpty)

        let made = try practice.make(
            line + " --note ticket-7 --format json",
            environment: ["SUDO_USER": "ann", "SSH_CONNECTION": "10.0.0.9 50022 10.0.0.1 22"])
        #expect(made.code == 0, "\(made.errors)")
        let document = try made.document()
        #expect(document["state"]?.string == "done")
        #expect(document["results"]?[0]?["outcome"]?.string == "done")
        let id = try #require(document["id"]?.string)
        #expect(try practice.waits(for: "2000000", "max.message.bytes", of: topic))

        let entry = try #require(try practice.journal().first)
        #expect(entry["id"]?.string == id && entry["state"]?.string == "done")
        #expect(entry["resource"]?.string == "topic \(topic)")
        #expect(entry["before"]?[0]?["value"] == .null)
        #expect(entry["after"]?[0]?["value"]?.string == "2000000")
        #expect(entry["note"]?.string == "ticket-7" && entry["sudo_user"]?.string == "ann")
        #expect(entry["ssh_connection"]?.string == "10.0.0.9 50022 10.0.0.1 22")
        #expect(
            entry["user"]?.string?.isEmpty == false && entry["cluster_id"]?.string == practice.id)
        #expect(entry["by_hand"]?[0]?.string?.contains("kafka-configs.sh") == true)

        // Once more is nothing to do, and no request.
        let again = try practice.make(line)
        #expect(again.code == 0 && again.output.contains("nothing to do"), "\(again.output)")
        let undone = try practice.make("undo \(id)")
        #expect(undone.code == 0, "\(undone.errors)")
        #expect(try practice.waits(for: nil, "max.message.bytes", of: topic))
        #expect(try practice.overrides(topic) == before)
        let entries = try practice.journal()
        #expect(entries.count == 2 && entries[1]["id"]?.string == id)
        #expect(entries[0]["after"]?[0]?["value"] == .null)
    }

    /// An undo of what somebody else has changed since says so, and what it would overwrite.
    @Test func anUndoSeesWhatWasChangedSince() throws {
        let practice = try Practice()
        let topic = try practice.topic
        func set(_ value: Int) throws -> String {
            let made = try practice.make(
                "config set --topic \(topic) max.message.bytes=\(value) --format json")
            #expect(try practice.waits(for: "\(value)", "max.message.bytes", of: topic))
            return try #require(try made.document()["id"]?.string)
        }
        let first = try set(1_500_000)
        _ = try set(1_600_000)
        let shown = try practice.run("undo \(first) --dry-run")
        #expect(shown.code == 0)
        #expect(shown.output.contains("max.message.bytes  1600000 -> not set"), "\(shown.output)")
        #expect(
            shown.output.contains(
                "warning: topic \(topic) max.message.bytes is 1600000 now, not 1500000"))
    }

    /// What Kafka would refuse is asked of it beforehand: nothing is sent, dry run or not.
    @Test func kafkaIsAskedBeforehand() throws {
        let practice = try Practice()
        let line = "config set --raw --topic \(try practice.topic) max.message.bytes=nonsense"
        let said = "Kafka would refuse it with INVALID_CONFIG: Invalid value nonsense"
        for ended in [try practice.make(line), try practice.run(line + " --dry-run")] {
            #expect(ended.code == ExitCode.refused.rawValue, "\(ended.output)")
            #expect(ended.errors.contains("nothing was sent: \(said)"), "\(ended.errors)")
        }
        #expect(try practice.journal().isEmpty)
        // A read-only session does not even ask.
        let unasked = try practice.run(line + " --dry-run --read-only")
        #expect(unasked.code == 0, "\(unasked.errors)")
        #expect(unasked.output.contains("note: Kafka was not asked whether it would take this"))
    }

    /// Kafka refuses one of two resources: the other is changed, and the code says in part.
    @Test func aRefusalOfKafkaIsTold() throws {
        let practice = try Practice()
        let topic = try practice.topic
        let made = try practice.make(
            "config set --raw --topic \(topic) --broker 1 num.io.threads=9 --format json")
        #expect(made.code == ExitCode.carriedOutInPart.rawValue, "\(made.errors)")
        #expect(made.errors.contains("not carried out as a whole: 1 done, 1 refused by Kafka"))
        let document = try made.document()
        #expect(document["state"]?.string == "partly")
        #expect(document["results"]?[0]?["error"]?.string == "INVALID_CONFIG")
        #expect(
            document["warnings"]?[0]?.string?.hasPrefix(
                "Kafka would refuse topic \(topic) with INVALID_CONFIG") == true)
        let entry = try #require(try practice.journal().first)
        #expect(entry["state"]?.string == "partly" && entry["can_undo"]?.bool == true)
        let undo = try practice.run("undo \(entry["id"]?.string ?? "") --dry-run")
        #expect(undo.code == 0 && undo.output.contains("broker 1  num.io.threads  9 -> not set"))
        #expect(!undo.output.contains("topic \(topic)"))
    }

    /// Values as people write them become what Kafka keeps, and nonsense goes nowhere.
    @Test func valuesAreTypedByKind() throws {
        let practice = try Practice()
        let topic = try practice.topic
        let shown = try practice.run(
            "config set --topic \(topic) segment.ms=36h max.message.bytes=2MiB --dry-run")
        #expect(shown.code == 0, "\(shown.errors)")
        #expect(shown.output.contains("segment.ms  not set -> 129600000"), "\(shown.output)")
        #expect(shown.output.contains("max.message.bytes  not set -> 2097152"))
        for (value, words) in [
            ("segment.ms=soon", "segment.ms takes a time such as 7d"),
            ("cleanup.policy=shred", "cleanup.policy takes of compact, delete"),
        ] {
            let wrong = try practice.run("config set --topic \(topic) \(value) --dry-run")
            #expect(wrong.code == ExitCode.usage.rawValue, "\(wrong.output)")
            #expect(wrong.errors.contains(words), "\(wrong.errors)")
        }
        let added = try practice.run(
            "config set --topic \(topic) cleanup.policy=+compact --dry-run")
        #expect(added.code == ExitCode.refused.rawValue || added.output.contains("compact"))
    }

    /// What is exported is set again by an import, and nothing else.
    @Test func configsAreCarriedInAFile() throws {
        let practice = try Practice()
        let topic = try practice.topic
        _ = try practice.make("config set --topic \(topic) max.message.bytes=2MiB")
        #expect(try practice.waits(for: "2097152", "max.message.bytes", of: topic))
        let told = try practice.run("config get --topic \(topic) max.message.bytes --format json")
        let config = try told.document()["resources"]?[0]?["configs"]?[0]
        #expect(config?["value"]?.string == "2097152" && config?["override"]?.bool == true)
        #expect(config?["source"]?.string == "topic")
        let all = try practice.run("config get --topic \(topic)")
        #expect(all.output.contains("  min.insync.replicas="), "\(all.errors)")
        let own = try practice.run("config get --overrides --topic \(topic)")
        #expect(own.output.contains("max.message.bytes=2097152  (topic)"))
        #expect(!own.output.contains("(default)"))

        let file = try ScratchFile()
        let exported = try practice.run("config export --topic \(topic)")
        #expect(exported.code == 0, "\(exported.errors)")
        try file.replace(Array(exported.output.utf8))
        let same = try practice.make("config import \(file.path)")
        #expect(same.code == 0 && same.output.contains("nothing to do"), "\(same.output)")
        _ = try practice.make("config unset --topic \(topic) max.message.bytes")
        #expect(try practice.waits(for: nil, "max.message.bytes", of: topic))
        let brought = try practice.make("config import \(file.path)")
        #expect(brought.code == 0, "\(brought.errors)")
        #expect(try practice.waits(for: "2097152", "max.message.bytes", of: topic))

        let topics = try practice.run("snapshot --sections topics").document()["topics"]?.array
        let other = topics?.compactMap { $0["name"]?.string }.first {
            $0 != topic && !$0.hasPrefix("__")
        }
        try carriesElsewhere(practice, topic, file)
        let compared = try practice.run(
            "config diff --topic \(topic) --topic \(try #require(other)) --format json")
        let keys = try compared.document()["differences"]?.array?.compactMap { $0["key"]?.string }
        #expect(keys?.contains("max.message.bytes") == true, "\(compared.output)")
        #expect(keys?.contains("flush.ms") == false)
    }

    /// A file of another cluster is refused, and what it lacks goes only where that is said.
    private func carriesElsewhere(
        _ practice: Practice, _ topic: String, _ file: ScratchFile
    ) throws {
        let text = file.text.replacingOccurrences(of: practice.id, with: "AnotherCluster")
        let foreign = try ScratchFile()
        try foreign.replace(Array(text.utf8))
        let refused = try practice.make("config import \(foreign.path)")
        #expect(refused.code == ExitCode.refused.rawValue, "\(refused.output)")
        #expect(
            refused.errors.contains(
                "exported from cluster AnotherCluster, and cluster \(practice.id) answers"),
            "\(refused.errors)")
        let taken = try practice.make("config import \(foreign.path) --other-cluster")
        #expect(taken.code == 0 && taken.output.contains("nothing to do"), "\(taken.errors)")

        _ = try practice.make("config set --topic \(topic) segment.ms=2h")
        #expect(try practice.waits(for: "7200000", "segment.ms", of: topic))
        let kept = try practice.make("config import \(file.path)")
        #expect(kept.output.contains("nothing to do"), "\(kept.output)")
        let exact = try practice.make("config import \(file.path) --exact")
        #expect(exact.code == 0, "\(exact.errors)")
        #expect(try practice.waits(for: nil, "segment.ms", of: topic))
        #expect(try practice.overrides(topic)["max.message.bytes"] == "2097152")
        for line in ["config get --exact --topic a", "config import f --from x --dry-run"] {
            let wrong = try practice.run(line)
            #expect(wrong.code == ExitCode.usage.rawValue && wrong.errors.contains("not take --"))
        }
    }

    /// What is set on one topic is set on others; with --exact nothing else stays on them.
    @Test func overridesAreCopied() throws {
        let practice = try Practice { $0.partitions = 60 }
        let topics = try practice.run("snapshot --sections topics").document()["topics"]?.array
        let names = (topics ?? []).filter { $0["internal"]?.bool == false }
            .compactMap { $0["name"]?.string }
        try #require(names.count > 2)
        let (from, one, two) = (names[0], names[1], names[2])
        _ = try practice.make("config set --topic \(from) max.message.bytes=2MiB segment.ms=36h")
        _ = try practice.make("config set --topic \(two) flush.ms=1000")
        #expect(try practice.waits(for: "1000", "flush.ms", of: two))
        let before = (try practice.overrides(one), try practice.overrides(two))
        let line = "config copy --from \(from) --topic \(one) --topic \(two)"
        let made = try practice.make(line + " --format json")
        #expect(made.code == 0, "\(made.errors)")
        for topic in [one, two] {
            #expect(try practice.waits(for: "2097152", "max.message.bytes", of: topic))
            #expect(try practice.waits(for: "129600000", "segment.ms", of: topic))
        }
        #expect(try practice.overrides(two)["flush.ms"] == "1000")
        let exact = try practice.make(line + " --exact --format json")
        #expect(exact.code == 0, "\(exact.errors)")
        #expect(try practice.waits(for: nil, "flush.ms", of: two))
        #expect(try practice.overrides(one) == (try practice.overrides(from)))
        // Both are taken back to the last key.
        for document in [try exact.document(), try made.document()] {
            let undone = try practice.make("undo \(document["id"]?.string ?? "")")
            #expect(undone.code == 0, "\(undone.errors)")
        }
        #expect(try practice.waits(for: before.0["segment.ms"], "segment.ms", of: one))
        #expect(try practice.overrides(one) == before.0)
        #expect(try practice.overrides(two) == before.1)
        let same = try practice.run("config copy --from \(one) --topic \(one) --dry-run")
        #expect(same.code == ExitCode.refused.rawValue && same.errors.contains("name others"))
    }

    /// A right that the principal lacks is said before anything is sent.
    @Test func aMissingRightIsSaid() throws {
        let practice = try Practice { $0.access.deniesCluster = true }
        let topic = try practice.topic
        let denied = try practice.run("config set --all-brokers log.retention.ms=7d --dry-run")
        #expect(denied.code == ExitCode.refused.rawValue, "\(denied.output)")
        #expect(denied.errors.contains("lacks the right to it: AlterConfigs on the cluster"))
        let allowed = try practice.run("config set --topic \(topic) segment.ms=36h --dry-run")
        #expect(allowed.code == 0, "\(allowed.errors)")
    }

    /// Rights on topics and groups are asked for too, dry run or not, read-only or not.
    @Test func missingRightsOnTopicsAndGroupsAreSaid() throws {
        let practice = try Practice {
            $0.access.isReadOnly = true
            $0.groups = 20
        }
        let topic = try practice.topic
        let groups = try practice.run("snapshot --sections groups").document()["groups"]?.array
        let empty = groups?.first {
            $0["state"]?.string == "Empty" && $0["type"]?.string != "share"
        }
        let group = try #require(empty?["id"]?.string)
        let active = try #require(
            groups?.first { $0["state"]?.string == "Stable" && $0["type"]?.string == "classic" })
        let member = try #require(active["members"]?[0]?["client_id"]?.string)
        for (line, right) in [
            ("config set --topic \(topic) segment.ms=36h", "AlterConfigs on topic \(topic)"),
            ("topic delete \(topic)", "Delete on topic \(topic)"),
            ("topic add-partitions \(topic) --to 2000", "Alter on topic \(topic)"),
            ("group reset --group \(group) --earliest", "Read on group \(group)"),
            ("group delete-offsets --group \(group)", "Delete on group \(group)"),
            ("group delete --group \(group)", "Delete on group \(group)"),
            (
                "group remove-member --group \(active["id"]?.string ?? "") --member \(member)",
                "Read on group"
            ),
        ] {
            let said = "nothing was sent: your principal lacks the right to it: \(right)"
            for ended in [
                try practice.make(line), try practice.run(line + " --dry-run"),
                try practice.run(line + " --dry-run --read-only"),
            ] {
                #expect(ended.code == ExitCode.refused.rawValue, "\(line): \(ended.output)")
                #expect(ended.errors.contains(said), "\(line): \(ended.errors)")
            }
        }
        #expect(try practice.journal().isEmpty)
    }

    @Test func theWrongClusterIsLeftAlone() throws {
        let practice = try Practice()
        let topic = try practice.topic
        let before = try practice.overrides(topic)
        let line = "config set --topic \(topic) max.message.bytes=2000000"
        let wrong = try practice.run(line + " --yes --expect-cluster-id another")
        #expect(wrong.code == ExitCode.refused.rawValue)
        #expect(wrong.errors.contains("cluster \(practice.id) answers, and not another"))
        let readOnly = try practice.make(line + " --read-only")
        #expect(readOnly.code == ExitCode.refused.rawValue)
        #expect(readOnly.errors.contains("this session is read-only"))
        let missing = try practice.make("config set --topic nope max.message.bytes=1")
        #expect(missing.code == ExitCode.refused.rawValue)
        #expect(missing.errors.contains("the cluster has no topic nope"))
        // There is no place for the journal: nothing is sent.
        let unwritten = try practice.make(line, environment: ["XDG_STATE_HOME": "/dev/null"])
        #expect(unwritten.code == ExitCode.refused.rawValue, "\(unwritten.errors)")
        #expect(unwritten.errors.contains("nothing was sent: cannot make the folder of"))
        #expect(try practice.overrides(topic) == before)
        #expect(try practice.journal().isEmpty)
    }

    /// The replicas of a partition in another order: the first of them is elected.
    @Test func aPreferredLeaderIsElected() throws {
        let practice = try Practice()
        let topic = try practice.topic
        let snapshot = try practice.run("snapshot --sections partitions").document()
        let row = try #require(
            snapshot["partitions"]?.array?.first {
                $0["topic"]?.string == topic && ($0["replicas"]?.array?.count ?? 0) > 1
            })
        let number = try #require(row["partition"]?.integer)
        let replicas = (row["replicas"]?.array ?? []).compactMap(\.integer)
        let turned = Array(replicas.dropFirst()) + replicas.prefix(1)
        try reassign(practice, topic, Int32(number), turned.map { Int32($0) })
        let line = "elect preferred --partition \(topic)-\(number)"
        let shown = try practice.run(line + " --dry-run --format json").document()
        #expect(
            shown["values"]
                == .array([
                    .object([
                        .init("resource", .string("\(topic)-\(number)")),
                        .init("property", .string("leader")),
                        .init("before", .string("\(replicas[0])")),
                        .init("after", .string("\(turned[0])")),
                    ])
                ]))
        #expect(shown["undo"] == .null && shown["state"]?.string == "proposed")
        let made = try practice.make(line)
        #expect(made.code == 0, "\(made.errors)")
        #expect(made.output.contains("\(topic)-\(number): done"))
        let again = try practice.make(line)
        #expect(again.code == 0 && again.output.contains("nothing to do"))
        let id = try #require(try practice.journal().first?["id"]?.string)
        let undo = try practice.run("undo \(id) --dry-run")
        #expect(undo.code == ExitCode.refused.rawValue)
        #expect(undo.errors.contains("Kafka has no request that takes it back"))
        let unclean = try practice.run("elect unclean --partition \(topic)-\(number) --dry-run")
        #expect(unclean.code == ExitCode.refused.rawValue)
        #expect(unclean.errors.contains("\(topic)-\(number): broker \(turned[0]) leads it"))
    }

    private func reassign(
        _ practice: Practice, _ topic: String, _ number: Int32, _ replicas: [Int32]
    ) throws {
        let outcomes = try practice.ask { client, answer in
            client.reassign([(PartitionName(topic: topic, number: number), replicas)]) {
                answer(try? $0.get())
            }
        }
        #expect(outcomes.map(\.error) == [nil])
    }

    /// Without a cluster the journals of all clusters are told; a line cut short is counted.
    @Test func theJournalNeedsNoCluster() throws {
        let practice = try Practice()
        let topic = try practice.topic
        _ = try practice.make("config set --topic \(topic) max.message.bytes=2000000")
        #expect(try practice.waits(for: "2000000", "max.message.bytes", of: topic))
        let environment = ["XDG_STATE_HOME": practice.state]
        let path = practice.state + "/highwater/\(practice.id)/journal.ndjson"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        // The process was ended right after its request had left.
        let lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
        let cut = lines[..<2].joined(separator: "\n") + "\n" + lines[2].prefix(20)
        try cut.write(toFile: path, atomically: false, encoding: .utf8)
        let text = try highwater("journal", environment: environment)
        #expect(text.code == 0 && text.output.contains("unfinished"), "\(text.output)")
        #expect(text.output.contains("its request may have left"))
        #expect(text.output.contains("lines that cannot be read: 1"))
        let other = try highwater("journal --cluster-id other", environment: environment)
        #expect(other.code == 0 && other.output.isEmpty)
        // The cluster knows what became of it, and that is written down.
        let entry = try #require(try practice.journal("--unfinished").first)
        #expect(entry["state"]?.string == "done")
        #expect(entry["result"]?[0]?["outcome"]?.string == "done")
        #expect(
            entry["result"]?[0]?["message"]?.string
                == "found so when the cluster was asked later")
        #expect(try practice.journal("--unfinished").isEmpty)
        #expect(entry["now"]?[0]?["value"]?.string == "2000000")
        #expect(entry["now"]?[0]?["verdict"]?.string == "done")
        let undone = try practice.make("undo \(entry["id"]?.string ?? "")")
        #expect(undone.code == 0, "\(undone.errors)")
        #expect(try practice.waits(for: nil, "max.message.bytes", of: topic))
    }
}
