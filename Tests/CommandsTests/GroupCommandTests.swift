// `highwater group` as whole command lines on a simulated cluster: what is previewed, refused,
// committed and taken back to the last byte.
import JSON
import KafkaClient
import SimulatedCluster
import Testing
import TransportTesting

@testable import Commands

@MainActor
extension Practice {
    /// Groups by id: whether they have members, and the topics they have committed for.
    fileprivate func groups() throws -> [(id: String, type: String, isEmpty: Bool)] {
        let document = try run("snapshot --sections groups").document()
        return (document["groups"]?.array ?? []).compactMap { entry in
            entry["id"]?.string.map {
                ($0, entry["type"]?.string ?? "", entry["state"]?.string == "Empty")
            }
        }
    }

    fileprivate func reading(_ group: String) throws -> GroupReading {
        try ask { client, answer in
            client.readGroup(group) { answer(try? $0.get()) }
        }
    }

    /// Commits past the command line.
    fileprivate func commit(
        _ group: String, _ commits: [(PartitionName, CommittedOffset)]
    ) throws {
        let errors: [String?] = try ask { client, answer in
            client.commitOffsets(commits.map { ($0.0, $0.1) }, of: group) { result in
                answer((try? result.get())?.map(\.error))
            }
        }
        #expect(errors.allSatisfy { $0 == nil })
    }
}

@MainActor
@Suite(.serialized, .onOwnThread) struct GroupCommandTests {
    private func practice() throws -> Practice {
        try Practice { shape in
            shape.groups = 20
            shape.release = .v43
        }
    }

    private func empty(_ practice: Practice) throws -> String {
        try #require(
            try practice.groups().first { $0.isEmpty && $0.type != "share" }?.id)
    }

    @Test func whatIsMissingIsSaidBeforeAnythingIsAsked() throws {
        let cases: [(line: String, words: String)] = [
            ("group reset --earliest", "which group?"),
            ("group reset --group g", "reset to where? --earliest, --latest"),
            ("group reset --group g --earliest --latest", "reset to one place"),
            ("group delete --group g --earliest", "group delete does not take --earliest"),
            ("group delete --group g --topic t", "does not take --topic"),
            ("group reset --group g --earliest --member m", "does not take --member"),
            ("group remove-member --group g", "remove which member?"),
            ("group reset --group g --to-offset -5", "--to-offset is an offset"),
            ("group reset --group g --by many", "--by is a count"),
            ("group reset --group g --to-time 2026-11-23T12:48", "--to-time is 2026"),
            ("group reset --group g --earliest --topic t:x", "TOPIC:N,N"),
            ("group forget --group g", "forget is not one of reset, delete-offsets"),
        ]
        for (line, words) in cases {
            let ended = try highwater(line + " --dry-run -b a")
            #expect(ended.code == ExitCode.usage.rawValue, "\(line): \(ended.errors)")
            #expect(ended.errors.contains(words), "\(line): \(ended.errors)")
        }
    }

    /// A reset is previewed with its lag, made, and taken back to the same epochs and metadata.
    @Test func aResetIsTakenBackExactly() throws {
        let practice = try practice()
        let group = try empty(practice)
        let first = try #require(try practice.reading(group).commits.keys.min { "\($0)" < "\($1)" })
        try practice.commit(
            group, [(first, CommittedOffset(7, leaderEpoch: 2, metadata: "by \"hand\" | ü"))])
        let before = try practice.reading(group)
        #expect(before.commits[first]?.metadata == "by \"hand\" | ü")
        let line = "group reset --group \(group) --latest"
        let shown = try practice.run(line + " --dry-run")
        #expect(shown.code == 0, "\(shown.errors)")
        let subject = "\(first.topic)-\(first.number) of group \(group)"
        #expect(
            shown.output.contains(
                "\(subject)  committed offset  7 epoch 2 metadata by \"hand\" | ü -> "))
        #expect(shown.output.contains("\(subject)  lag  "))
        #expect(shown.output.contains("kafka-consumer-groups.sh --bootstrap-server"))
        #expect(shown.output.contains("--reset-offsets --to-latest"))
        #expect(shown.output.contains("records that the group never reads: "))
        #expect(try practice.reading(group).commits == before.commits)
        let made = try practice.make(line + " --format json").document()
        #expect(made["state"]?.string == "done")
        #expect(made["counts"]?["lag after"]?.integer == 0)
        #expect(made["preview"]?.array?.isEmpty == false)
        #expect(made["confirmation"]?.string == group)
        let after = try practice.reading(group)
        #expect(after.commits[first]?.offset ?? 0 > 7)
        #expect(after.commits.values.allSatisfy { $0.leaderEpoch == -1 && $0.metadata.isEmpty })
        let id = try #require(made["id"]?.string)
        let undone = try practice.make("undo \(id) --format json").document()
        #expect(undone["state"]?.string == "done", "\(undone.text)")
        #expect(try practice.reading(group).commits == before.commits)
        #expect(try practice.journal().count == 2)
        // Nothing to do is no change.
        _ = try practice.make("group reset --group \(group) --earliest")
        let again = try practice.make("group reset --group \(group) --earliest --format json")
        #expect(try again.document()["state"]?.string == "unchanged")
        #expect(again.code == 0)
    }

    @Test func eachPlaceIsWhereItSays() throws {
        let practice = try practice()
        let group = try empty(practice)
        let keys = try practice.reading(group).commits.keys.sorted { "\($0)" < "\($1)" }
        let key = keys[0]
        let scope = "--topic \(key.topic):\(key.number)"
        func offset(_ place: String) throws -> Int64? {
            let ended = try practice.make("group reset --group \(group) \(scope) \(place)")
            #expect(ended.code == 0, "\(place): \(ended.errors)")
            return try practice.reading(group).commits[key]?.offset
        }
        let start = try #require(try offset("--earliest"))
        let end = try #require(try offset("--latest"))
        #expect(end > start + 100)
        #expect(try offset("--by -10") == end - 10)
        #expect(try offset("--by 4") == end - 6)
        #expect(try offset("--to-offset \(start + 5)") == start + 5)
        // What the log does not have is brought inside, and said.
        let far = try practice.run(
            "group reset --group \(group) \(scope) --to-offset 999999999999 --dry-run")
        #expect(far.output.contains("999999999999 is outside the log"), "\(far.output)")
        #expect(try offset("--by -999999999999") == start)
        let recent = try #require(try offset("--to-time 1m"))
        let now = try #require(try offset("--latest"))
        #expect(recent > start && recent <= now)
        #expect(try offset("--to-time 1970-01-01T00:00:00Z") == start)
        // No record is so young: the end.
        #expect(try #require(try offset("--to-time 2099-01-01T00:00:00Z")) >= recent)
        // Where another group is, and a group that is not there yet.
        let made = try practice.make(
            "group reset --group newcomer --topic \(key.topic) --to-group \(group)")
        #expect(made.code == 0, "\(made.errors)")
        #expect(
            try practice.reading("newcomer").commits[key]
                == (try practice.reading(group).commits[key]))
        // All others of the group stay where they were.
        #expect(try practice.reading(group).commits.keys.count == keys.count)
    }

    @Test func anActiveGroupIsRefusedWithItsMembers() throws {
        let practice = try practice()
        let group = try #require(
            try practice.groups().first { !$0.isEmpty && $0.type == "classic" }?.id)
        let before = try practice.reading(group)
        for line in ["reset --latest", "reset --by -1", "delete"] {
            let ended = try practice.make("group \(line) --group \(group)")
            #expect(ended.code == ExitCode.refused.rawValue, "\(line): \(ended.output)")
            #expect(ended.errors.contains("group \(group) is active (Stable): its members are "))
            #expect(ended.errors.contains(before.members[0].clientID))
            #expect(ended.errors.contains(before.members[0].host))
        }
        let ended = try practice.make("group delete-offsets --group \(group)")
        #expect(ended.code == ExitCode.refused.rawValue, "\(ended.output)")
        #expect(ended.errors.contains("group \(group) is active on its topic: its members are "))
        #expect(ended.errors.contains(before.members[0].clientID))
        #expect(ended.errors.contains(before.members[0].host))
        #expect(try practice.journal().isEmpty)
    }

    @Test func deletedOffsetsAndGroupsComeBack() throws {
        let practice = try practice()
        let group = try empty(practice)
        let before = try practice.reading(group)
        let key = before.commits.keys.sorted { "\($0)" < "\($1)" }[0]
        let made = try practice.make(
            "group delete-offsets --group \(group) --topic \(key.topic) --format json"
        ).document()
        #expect(made["state"]?.string == "done")
        #expect(
            try practice.reading(group).commits.keys.allSatisfy { $0.topic != key.topic })
        _ = try practice.make("undo \(try #require(made["id"]?.string))")
        #expect(try practice.reading(group).commits == before.commits)

        let gone = try practice.make("group delete --group \(group) --format json").document()
        #expect(gone["state"]?.string == "done", "\(gone.text)")
        #expect(try !practice.groups().contains { $0.id == group })
        #expect(try practice.reading(group).isListed == false)
        let again = try practice.make("group delete --group \(group)")
        #expect(again.code == ExitCode.refused.rawValue)
        #expect(again.errors.contains("the cluster has no group \(group)"))
        _ = try practice.make("undo \(try #require(gone["id"]?.string))")
        #expect(try practice.reading(group).commits == before.commits)
        // An undone commit of a group that was not there is absent again.
        let fresh = try practice.make(
            "group reset --group fresh --topic \(key.topic) --earliest --format json"
        ).document()
        #expect(try practice.reading("fresh").commits.isEmpty == false)
        _ = try practice.make("undo \(try #require(fresh["id"]?.string))")
        #expect(try practice.reading("fresh").commits.isEmpty)
    }

    @Test func aMemberIsRemoved() throws {
        let practice = try practice()
        let groups = try practice.groups().filter { !$0.isEmpty && $0.type == "classic" }
        let group = try #require(
            try groups.first { try practice.reading($0.id).members.count > 1 }?.id)
        let before = try practice.reading(group).members
        let client = before[0].clientID
        let line = "group remove-member --group \(group) --member \(client) --note because"
        let shown = try practice.run(line + " --dry-run")
        #expect(shown.output.contains("remove member \(client) on \(before[0].host)"))
        #expect(shown.output.contains("to take it back: Kafka has no request for that"))
        let made = try practice.make(line + " --format json").document()
        #expect(made["state"]?.string == "done", "\(made.text)")
        #expect(try practice.reading(group).members == Array(before.dropFirst()))
        let again = try practice.make(line)
        #expect(again.code == ExitCode.refused.rawValue)
        #expect(again.errors.contains("has no member \(client)"))
    }

    /// A share group by the requests of its own: set, deleted by whole topics, and taken back.
    @Test func shareGroupsAreSetAndTakenBack() throws {
        let practice = try Practice { shape in
            // So many that a share group is among those without members.
            shape.groups = 340
            shape.release = .v43
        }
        let shares = try practice.groups().filter { $0.type == "share" }
        let active = try #require(shares.first { !$0.isEmpty }?.id)
        for verb in ["reset --earliest", "delete-offsets"] {
            let refused = try practice.make("group \(verb) --group \(active)")
            #expect(refused.code == ExitCode.refused.rawValue, "\(refused.output)")
            #expect(refused.errors.contains("group \(active) is active (Stable): its members are"))
        }
        let group = try #require(shares.first { $0.isEmpty }?.id)
        let before = try practice.reading(group)
        #expect(before.type == "share" && !before.commits.isEmpty)
        let line = "group reset --group \(group) --earliest"
        let shown = try practice.run(line + " --dry-run")
        #expect(
            shown.output.contains("kafka-share-groups.sh --bootstrap-server")
                && shown.output.contains("--reset-offsets --to-earliest"), "\(shown.output)")
        let made = try practice.make(line + " --format json").document()
        #expect(made["state"]?.string == "done", "\(made.text)")
        let earliest = try practice.reading(group)
        #expect(earliest.commits != before.commits && earliest.type == "share")
        let undone = try practice.make("undo \(made["id"]?.string ?? "")")
        #expect(undone.code == 0, "\(undone.errors)")
        #expect(try practice.reading(group).commits == before.commits)

        let key = before.commits.keys.sorted { "\($0)" < "\($1)" }[0]
        let half = try practice.make(
            "group delete-offsets --group \(group) --topic \(key.topic):\(key.number)")
        let isWhole = before.commits.keys.count { $0.topic == key.topic } == 1
        #expect(half.code == (isWhole ? 0 : ExitCode.refused.rawValue), "\(half.errors)")
        let gone = try practice.make(
            "group delete-offsets --group \(group) --topic \(key.topic) --format json"
        ).document()
        #expect(gone["state"]?.string == "done", "\(gone.text)")
        #expect(try practice.reading(group).commits.keys.allSatisfy { $0.topic != key.topic })
        _ = try practice.make("undo \(gone["id"]?.string ?? "")")
        #expect(try practice.reading(group).commits == before.commits)
        let none = try practice.make("group reset --group nobody --earliest")
        #expect(none.code == ExitCode.refused.rawValue)
        #expect(none.errors.contains("the cluster has no group nobody"))
    }

    /// A dry run may be made by anybody; nothing else leaves a read-only session.
    @Test func readOnlySendsNothing() throws {
        let practice = try practice()
        let group = try empty(practice)
        let line = "group reset --group \(group) --earliest --read-only"
        #expect(try practice.run(line + " --dry-run").code == 0)
        let ended = try practice.make(line)
        #expect(ended.code == ExitCode.refused.rawValue)
        #expect(ended.errors.contains("read-only"))
    }
}
