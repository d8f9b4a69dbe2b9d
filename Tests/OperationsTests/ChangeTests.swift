// Every kind of change: what a journal keeps of it comes back, its undo is exact, and its lines for
// bash mean what they say, whatever the names are made of.

import ClusterModel
import Foundation
import JSON
import KafkaClient
import Planning
import Testing

@testable import Operations

/// Names that a shell, a terminal or a tool's own syntax would act on.
private let hostileNames = [
    "orders", "", "a b", "it's", "$(reboot)", "`reboot`", "a\\b", "a\nb", "-x", "*", "a;b|c&d>e",
    "evil\u{1b}[2J", "\u{202e}gnp.exe", "zero\u{200b}width", "ünï", "\"q\"", "!!", "~root",
    "a\u{0}b",
]

private func samples(_ name: String) -> [any Change] {
    let key = PartitionKey(topic: name, partition: 3)
    let other = PartitionKey(topic: name + "2", partition: 0)
    return [
        PreferredElection([.init(key, leader: BrokerID(2), preferred: BrokerID(1))]),
        PreferredElection(
            [
                .init(key, leader: BrokerID(2), preferred: BrokerID(1)),
                .init(other, leader: .none, preferred: BrokerID(7)),
            ], isWhole: true),
        UncleanElection([
            .init(key, candidate: BrokerID(2), mayLose: 7),
            .init(other, candidate: BrokerID(7)),
        ]),
        ConfigAlteration([
            .init(.topic(name), "retention.ms", from: nil, to: name),
            .init(.broker(3), "x", from: name, to: nil),
            .init(.allBrokers, name, from: "1", to: "a,b=[c]"),
        ]),
        Reassignment([
            .init(key, from: [BrokerID(1), BrokerID(2)], to: [BrokerID(3), BrokerID(1)]),
            .init(other, from: [], to: [BrokerID(1)]),
        ]),
        GroupOffsetAlteration(
            name,
            [
                .init(key, from: CommittedOffset(5, leaderEpoch: 2, metadata: name), to: nil),
                .init(other, from: nil, to: CommittedOffset(7)),
            ]),
        GroupDeletion(name, [.init(key, CommittedOffset(5, leaderEpoch: 2, metadata: name))]),
        MemberRemoval(
            name,
            [
                .init("m-1", client: "c on /10.0.0.1"),
                .init("m-2", instanceID: name, client: "c on /10.0.0.2"),
            ], reason: name),
        TopicCreation(
            name, replicas: [[1, 2], [2, 3]], configs: [.init("retention.ms", name)]),
        TopicDeletion([.init(name, partitions: 3), .init(name + "2", partitions: 1, id: "x")]),
        PartitionAddition(name, from: 2, to: 4, replicas: [[1, 2], [3, 1]]),
        PlanExecution(
            plan: "drain", hash: name,
            moves: [
                PlannedMove(
                    topic: name, partition: 3, before: [1, 2], after: [2, 3], leaderBefore: 1,
                    leaderAfter: 2, bytes: 7),
                PlannedMove(topic: name + "2", partition: 0, before: [1], after: [1, 2]),
            ], throttle: 50_000_000),
    ]
}

@Suite struct ChangeTests {
    private func comesBack<Kind: Change>(_ change: Kind) throws {
        let text = change.document.text
        #expect(!text.contains("\n"))
        let again = readChange(kind: Kind.kind, try JSONValue(parsing: text))
        #expect(again as? Kind == change)
        if let undo = change.undo as? Kind {
            #expect(undo.before == change.after && undo.after == change.before)
            // What takes a plan back is a plan of its own kind, and knows who was throttled.
            if !(change is PlanExecution) { #expect(undo.undo as? Kind == change) }
        }
        #expect(change.before.map(\.subject) == change.after.map(\.subject))
        #expect(change.before.map(\.property) == change.after.map(\.property))
        #expect(!change.summary.isEmpty)
        // All of it is itself, and on the values that it expects as well.
        #expect(change.restricted { _ in true } == change)
        #expect(change.restricted { _ in false }.before.isEmpty)
        #expect(change.rebased(on: []) == change)
        #expect(change.rebased(on: change.before) == change)
        // A document cut short, or of another kind, is no change.
        #expect(readChange(kind: Kind.kind, .object([])) == nil)
        #expect(readChange(kind: "made_up", change.document) == nil)
    }

    @Test func everyChangeComesBackFromItsDocument() throws {
        var kinds: Set<String> = []
        for name in hostileNames {
            for change in samples(name) {
                try comesBack(change)
                kinds.insert(type(of: change).kind)
            }
        }
        #expect(kinds == Set(allOperations.map { $0.kind }))
        #expect(kinds.count == allOperations.count)
    }

    @Test func linesByHandAreOneLineAndPlain() {
        let tools = KafkaTools(bootstrap: "kafka-1:9092", configFile: "my client.properties")
        for name in hostileNames {
            for change in samples(name) {
                let lines = change.byHand(tools)
                #expect(!lines.isEmpty)
                for line in lines {
                    #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(line)")
                }
            }
        }
    }

    @Test func linesByHandAreThoseOfKafkasTools() {
        let tools = KafkaTools(bootstrap: "kafka-1:9092,kafka-2:9092", configFile: "c.properties")
        let changes = samples("orders")
        #expect(
            changes[0].byHand(tools) == [
                "kafka-leader-election.sh --bootstrap-server kafka-1:9092,kafka-2:9092 "
                    + "--admin.config c.properties --election-type preferred --topic orders "
                    + "--partition 3"
            ])
        #expect(
            changes[1].byHand(KafkaTools(bootstrap: "k:1")) == [
                "kafka-leader-election.sh --bootstrap-server k:1 --election-type preferred "
                    + "--all-topic-partitions"
            ])
        let some = PreferredElection((changes[1] as? PreferredElection)?.items ?? [])
        #expect(
            some.byHand(KafkaTools(bootstrap: "k:1")) == [
                "printf '%s\\n' '{\"partitions\":[{\"topic\":\"orders\",\"partition\":3},"
                    + "{\"topic\":\"orders2\",\"partition\":0}]}' > elect.json",
                "kafka-leader-election.sh --bootstrap-server k:1 --election-type preferred "
                    + "--path-to-json-file elect.json",
            ])
        #expect(
            UncleanElection((changes[2] as? UncleanElection)?.items.prefix(1).map { $0 } ?? [])
                .byHand(tools) == [
                    "kafka-leader-election.sh --bootstrap-server kafka-1:9092,kafka-2:9092 "
                        + "--admin.config c.properties --election-type unclean --topic orders "
                        + "--partition 3"
                ])
        #expect(
            changes[4].byHand(tools) == [
                "printf '%s\\n' '{\"version\":1,\"partitions\":[{\"topic\":\"orders\","
                    + "\"partition\":3,\"replicas\":[3,1]},{\"topic\":\"orders2\",\"partition\":0,"
                    + "\"replicas\":[1]}]}' > reassign.json",
                "kafka-reassign-partitions.sh --bootstrap-server kafka-1:9092,kafka-2:9092 "
                    + "--command-config c.properties --reassignment-json-file reassign.json "
                    + "--execute",
            ])
    }

    @Test func configsByHandKeepTheirValues() {
        func lines(_ items: ConfigAlteration.Item...) -> [String] {
            ConfigAlteration(items).byHand(KafkaTools(bootstrap: "k:1"))
        }
        #expect(
            lines(
                .init(.topic("orders"), "retention.ms", from: nil, to: "1000"),
                .init(.topic("orders"), "cleanup.policy", from: nil, to: "delete,compact"),
                .init(.topic("orders"), "segment.ms", from: "5", to: nil)) == [
                    "kafka-configs.sh --bootstrap-server k:1 --entity-type topics --entity-name "
                        + "orders --alter --add-config "
                        + "'retention.ms=1000,cleanup.policy=[delete,compact]' "
                        + "--delete-config segment.ms"
                ])
        #expect(
            lines(.init(.allBrokers, "x", from: nil, to: " [a]\u{e9}\\")) == [
                "printf '%s\\n' 'x=\\ [a]\\u00e9\\\\' > add.properties",
                "kafka-configs.sh --bootstrap-server k:1 --entity-type brokers --entity-default "
                    + "--alter --add-config-file add.properties",
            ])
        // A second resource has lines and a file of its own.
        #expect(
            lines(
                .init(.broker(1), "x", from: "1", to: nil),
                .init(.broker(2), "x", from: nil, to: "[")) == [
                    "kafka-configs.sh --bootstrap-server k:1 --entity-type brokers "
                        + "--entity-name 1 --alter --delete-config x",
                    "printf '%s\\n' 'x=[' > add-1.properties",
                    "kafka-configs.sh --bootstrap-server k:1 --entity-type brokers "
                        + "--entity-name 2 --alter --add-config-file add-1.properties",
                ])
    }
}
