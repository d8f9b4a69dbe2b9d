// Groups and topics changed on real clusters by the program itself, read back by Kafka's own tools,
// and taken back: offsets to their leader epochs and metadata.
import Foundation
import JSON
import KafkaClient
import Testing
import Transport

/// One program's state and one client beside it.
private final class Hands {
    static let group = "hands-group"
    static let topic = "hands.topic"
    private static let read = PausedTraffic.topics[1]

    private let cluster: KafkaCluster
    private let clusterID: String
    private let state: String
    private let loop: Loop
    private let session: ClusterSession

    init(_ cluster: KafkaCluster) throws {
        self.cluster = cluster
        clusterID = try cluster.readClusterID()
        state = try makeTemporaryFolder("state")
        loop = Loop(try EpollSystem())
        guard loop.start() else { throw HarnessError("no thread for the loop") }
        let config = ClientConfig(
            bootstrap: try cluster.bootstrap.split(separator: ",").map {
                try Endpoint(parsing: $0)
            })
        session = ClusterSession(loop: loop, config: config, writes: .allowed)
    }

    func end() {
        session.run { $0.close() }
        loop.stop()
        loop.waitUntilEnded()
        _ = try? FileManager.default.removeItem(atPath: state)
    }

    private func run(_ words: [String]) throws -> ChildProcess.Ended {
        try Highwater.run(
            words + ["-b", cluster.bootstrap, "--yes", "--expect-cluster-id", clusterID],
            environment: ["XDG_STATE_HOME": state])
    }

    /// Makes a change; its document.
    @discardableResult
    private func make(_ words: String...) throws -> JSONValue {
        let ended = try run(words + ["--format", "json"])
        let document = try? JSONValue(parsing: ended.output)
        guard ended.exitCode == 0, let document, document["state"]?.string == "done" else {
            throw HarnessError(
                "\(words): exit \(ended.exitCode), \(ended.errors) \(ended.output)")
        }
        return document
    }

    private func undo(_ document: JSONValue) throws {
        try make("undo", try #require(document["id"]?.string))
    }

    private func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (KafkaClient, @escaping (Answer?) -> Void) -> Void
    ) throws -> Answer {
        let answered = Locked<Answer?>(nil)
        session.run { client in
            client.readPartitions(ofTopics: []) { _ in
                question(client) { answer in answered.withLock { $0 = answer } }
            }
        }
        try waitUntil("an answer past the program", seconds: 30) {
            answered.withLock { $0 != nil }
        }
        return try #require(answered.withLock { $0 })
    }

    private func commits() throws -> [PartitionName: CommittedOffset] {
        try ask { client, answer in
            client.readGroup(Self.group) { answer(try? $0.get().commits) }
        }
    }

    // MARK: Groups and topics

    func check() throws {
        // A group that only an administrator has committed for, one commit with all it can hold.
        try make("group", "reset", "--group", Self.group, "--topic", Self.read, "--latest")
        let name = PartitionName(topic: Self.read, number: 2)
        let errors: [String?] = try ask { client, answer in
            client.commitOffsets(
                [(name, CommittedOffset(7, leaderEpoch: 0, metadata: "by hand, ü"))],
                of: Self.group
            ) { answer((try? $0.get())?.map(\.error)) }
        }
        #expect(errors == [nil])
        let before = try commits()
        #expect(before.count == 6)
        #expect(before[name] == CommittedOffset(7, leaderEpoch: 0, metadata: "by hand, ü"))

        let earliest = try make("group", "reset", "--group", Self.group, "--earliest")
        try make(
            "topic", "create", Self.topic, "--partitions", "2", "--replication-factor", "2",
            "--config", "retention.ms=7d")
        try cluster.waitUntilKnown([Self.topic], partitions: 2, replicas: 2)
        try make("topic", "add-partitions", Self.topic, "--to", "3")
        try readBack { offsets, topics in
            #expect(offsets.count == 6 && offsets.values.allSatisfy { $0.committed == 0 })
            let own = topics.filter { $0.key.topic == Self.topic }
            #expect(own.count == 3 && own.values.allSatisfy { Set($0.replicas).count == 2 })
        }
        try undo(earliest)
        #expect(try commits() == before)

        let shifted = try make(
            "group", "reset", "--group", Self.group, "--topic", "\(Self.read):2", "--by", "5")
        try make("topic", "delete", Self.topic)
        try readBack { offsets, topics in
            let id = PartitionID(topic: Self.read, partition: 2)
            #expect(offsets[id]?.committed == 12)
            #expect(topics.keys.allSatisfy { $0.topic != Self.topic })
        }
        try undo(shifted)
        #expect(try commits() == before)
        try checkDeletions(before)
        try checkActive()
    }

    /// Kafka's own tools, side by side.
    private func readBack(
        _ check: ([PartitionID: DescribedOffset], [PartitionID: DescribedPartition]) throws -> Void
    ) throws {
        try cluster.runAhead([
            ["kafka-consumer-groups", "--describe", "--group", Self.group],
            ["kafka-topics", "--describe"],
        ])
        try check(
            try cluster.describeOffsets(of: [Self.group])[Self.group] ?? [:],
            try cluster.describeTopics().partitions)
    }

    private func checkDeletions(_ before: [PartitionName: CommittedOffset]) throws {
        let offsets = try make(
            "group", "delete-offsets", "--group", Self.group, "--topic", "\(Self.read):0,1")
        #expect(try commits().count == before.count - 2)
        try undo(offsets)
        #expect(try commits() == before)
        let group = try make("group", "delete", "--group", Self.group)
        #expect(try commits().isEmpty)
        try undo(group)
        #expect(try commits() == before)
        try make("group", "delete", "--group", Self.group)
        let again = try run(["group", "delete", "--group", Self.group])
        #expect(again.exitCode == 6, "\(again.errors)")
        #expect(again.errors.contains("the cluster has no group \(Self.group)"))
    }

    /// Groups with members stay as they are.
    private func checkActive() throws {
        var groups = [PausedTraffic.classicGroup]
        if cluster.options.version.hasPrefix("4") { groups.append(PausedTraffic.consumerGroup) }
        for group in groups {
            for words in [["reset", "--latest"], ["delete"]] {
                let ended = try run(["group"] + words + ["--group", group])
                #expect(ended.exitCode == 6, "\(words): \(ended.errors)")
                #expect(
                    ended.errors.contains("group \(group) is active"), "\(words): \(ended.errors)")
            }
        }
    }
}

extension Live.KRaft {
    @Test func handsChangeGroupsAndTopics() throws {
        let hands = try Hands(currentCluster())
        defer { hands.end() }
        try hands.check()
    }
}

extension Live.ZooKeeperMode {
    @Test func handsChangeGroupsAndTopics() throws {
        let hands = try Hands(currentCluster())
        defer { hands.end() }
        try hands.check()
    }
}
