// Changes on real clusters, over the whole road: proposed, reviewed, written down, sent, and read
// back by Kafka's own tools; their undo restores what was there.
import ClusterModel
import Foundation
import JSON
import KafkaClient
import Operations
import Planning
import Synchronization
import Testing
import Transport

/// Makes changes of one cluster, one after the other.
private final class Changer {
    private let loop: Loop
    private let session: ClusterSession
    private let folder: String
    private let clusterID: String
    let journal: Journal

    init(_ cluster: KafkaCluster) throws {
        loop = Loop(try EpollSystem())
        guard loop.start() else { throw HarnessError("no thread for the loop") }
        let config = ClientConfig(
            bootstrap: try cluster.bootstrap.split(separator: ",").map {
                try Endpoint(parsing: $0)
            })
        session = ClusterSession(loop: loop, config: config, writes: .allowed)
        folder = try makeTemporaryFolder("journal")
        clusterID = try cluster.readClusterID()
        journal = try Journal(path: Journal.path(folder: folder, clusterID: clusterID))
    }

    func end() {
        session.run { $0.close() }
        loop.stop()
        loop.waitUntilEnded()
        _ = try? FileManager.default.removeItem(atPath: folder)
    }

    /// Reviews, confirms and carries out; the last that was told.
    func make(_ change: any Change) throws -> OperationEvent {
        var seen = Cluster()
        seen.clusterID = clusterID
        var review = Review(Proposal(change), ReviewPolicy(), seen)
        review.type(review.phrase)
        guard let confirmed = review.confirm() else {
            throw HarnessError("\(change.summary): \(review.obstacle ?? "not confirmed")")
        }
        let last = Mutex<OperationEvent?>(nil)
        let maker = Operator(session, journal: { [journal] _ in journal })
        maker.run(confirmed) { event in
            switch event {
            case .begun, .progress, .moving, .prepared, .readAgain, .ofPlan: return
            case .refused, .ended: last.withLock { $0 = event }
            }
        }
        try waitUntil("an end of: \(change.summary)", seconds: 120) {
            last.withLock { $0 } != nil
        }
        guard let event = last.withLock({ $0 }) else { throw HarnessError(change.summary) }
        return event
    }

    /// Nil where every resource was changed.
    func fault(of change: any Change) throws -> String? {
        let event = try make(change)
        guard case .ended(let outcomes, nil) = event, outcomes.allSatisfy({ $0.error == nil })
        else { return "\(event)" }
        return nil
    }
}

private enum Changes {
    static let topic = "quiet.topic_with-all-signs"

    static func configs(_ cluster: KafkaCluster) throws -> String {
        try cluster.tool(
            "kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", topic)
    }

    static func check(_ cluster: KafkaCluster) throws {
        let changer = try Changer(cluster)
        defer { changer.end() }
        try checkConfigs(cluster, changer)
        try checkLeaders(cluster, changer)
        let journal = try Journal.read(path: changer.journal.path)
        #expect(journal.unreadable == 0)
        #expect(journal.records.allSatisfy { $0.isEnded && !$0.isUnknown && $0.change != nil })
        #expect(journal.records.count == 7)
    }

    /// An override is there as it was written, and absent again after its undo.
    private static func checkConfigs(_ cluster: KafkaCluster, _ changer: Changer) throws {
        let before = try configs(cluster)
        #expect(!before.contains("retention.ms="))
        let change = ConfigAlteration([
            .init(.topic(topic), "retention.ms", from: nil, to: "12345678"),
            .init(.topic(topic), "cleanup.policy", from: nil, to: "compact,delete"),
        ])
        #expect(try changer.fault(of: change) == nil)
        let text = try configs(cluster)
        #expect(text.contains("retention.ms=12345678"))
        #expect(text.contains("cleanup.policy=compact,delete"))
        // The same once more: what was reviewed is not so any more, and nothing is sent.
        guard case .refused(.changed(let facts)) = try changer.make(change) else {
            Issue.record("a change of what had changed was sent")
            return
        }
        #expect(facts.map(\.now) == ["12345678", "compact,delete"])
        let undo = try #require(change.undo)
        #expect(try changer.fault(of: undo) == nil)
        #expect(try configs(cluster) == before)
        // Kafka's own reason, by its name.
        let wrong = ConfigAlteration([
            .init(.topic(topic), "retention.ms", from: nil, to: "soon")
        ])
        guard case .ended(let outcomes, nil) = try changer.make(wrong) else {
            Issue.record("no outcome of a wrong value")
            return
        }
        #expect(outcomes.map(\.error) == ["INVALID_CONFIG"])
        #expect(outcomes[0].message?.contains("retention.ms") == true)
    }

    /// The order of the replicas is turned round, and the leader follows by an election.
    private static func checkLeaders(_ cluster: KafkaCluster, _ changer: Changer) throws {
        let id = PartitionID(topic: topic, partition: 0)
        let key = PartitionKey(topic: topic, partition: 0)
        let before = try #require(try cluster.describeTopics().partitions[id])
        let old = before.replicas.map { BrokerID(Int32($0)) }
        let new = Array(old.dropFirst()) + old.prefix(1)
        let move = Reassignment([.init(key, from: old, to: new)])
        #expect(try changer.fault(of: move) == nil)
        let there = PreferredElection([.init(key, leader: old[0], preferred: new[0])])
        try waitUntilRead(cluster, id, replicas: new)
        #expect(try changer.fault(of: there) == nil)
        #expect(try cluster.describeTopics().partitions[id]?.leader == Int(new[0].value))
        let back = try #require(move.undo)
        #expect(try changer.fault(of: back) == nil)
        try waitUntilRead(cluster, id, replicas: old)
        let again = PreferredElection([.init(key, leader: new[0], preferred: old[0])])
        #expect(try changer.fault(of: again) == nil)
        #expect(try cluster.describeTopics().partitions[id] == before)
    }

    // MARK: The command line

    /// The same road by the program itself: typed values set and taken back, a leader elected, and
    /// a journal that tells it.
    static func checkCommands(_ cluster: KafkaCluster) throws {
        let state = try makeTemporaryFolder("state")
        defer { _ = try? FileManager.default.removeItem(atPath: state) }
        let clusterID = try cluster.readClusterID()
        func run(_ words: [String]) throws -> ChildProcess.Ended {
            try Highwater.run(
                words + ["-b", cluster.bootstrap], environment: ["XDG_STATE_HOME": state])
        }
        func make(_ words: String...) throws -> JSONValue {
            let ended = try run(
                words + ["--yes", "--expect-cluster-id", clusterID, "--format", "json"])
            guard ended.exitCode == 0 else {
                throw HarnessError("\(words): exit \(ended.exitCode), \(ended.errors)")
            }
            return try JSONValue(parsing: ended.output)
        }
        let before = try configs(cluster)
        let made = try make(
            "config", "set", "--topic", topic, "retention.ms=7d", "max.message.bytes=2MiB")
        let text = try configs(cluster)
        #expect(text.contains("retention.ms=604800000"))
        #expect(text.contains("max.message.bytes=2097152"))
        let id = try #require(made["id"]?.string)
        _ = try make("undo", id)
        #expect(try configs(cluster) == before)

        let partition = PartitionID(topic: topic, partition: 1)
        let old = try #require(try cluster.describeTopics().partitions[partition])
        let replicas = old.replicas.map { BrokerID(Int32($0)) }
        let turned = Array(replicas.dropFirst()) + replicas.prefix(1)
        let changer = try Changer(cluster)
        defer { changer.end() }
        let key = PartitionKey(topic: topic, partition: 1)
        let move = Reassignment([.init(key, from: replicas, to: turned)])
        #expect(try changer.fault(of: move) == nil)
        try waitUntilRead(cluster, partition, replicas: turned)
        _ = try make("elect", "preferred", "--partition", "\(key)")
        let now = try cluster.describeTopics().partitions[partition]?.leader
        #expect(now == Int(turned[0].value))
        #expect(try changer.fault(of: try #require(move.undo)) == nil)
        try waitUntilRead(cluster, partition, replicas: replicas)
        _ = try make("elect", "preferred", "--topic", topic)
        #expect(try cluster.describeTopics().partitions[partition]?.leader == old.leader)

        let told = try JSONValue(parsing: try run(["journal", "--format", "json"]).output)
        let entries = told["entries"]?.array ?? []
        #expect(entries.count == 4 && entries.allSatisfy { $0["state"]?.string == "done" })
        #expect(entries.last?["id"]?.string == id)
        let unfinished = try run(["journal", "--unfinished", "--format", "json"])
        #expect(try JSONValue(parsing: unfinished.output)["entries"]?.array == [])
    }

    private static func waitUntilRead(
        _ cluster: KafkaCluster, _ id: PartitionID, replicas: [BrokerID]
    ) throws {
        try waitUntil("\(id) is on \(replicas)", seconds: 90) {
            let told = try Highwater.snapshot(cluster.bootstrap, "--sections", "partitions")
            return told.document.partitions?.contains {
                $0.topic == id.topic && $0.partition == id.partition
                    && $0.replicas == replicas.map { Int($0.value) }
            } == true
        }
    }
}

extension Live.KRaft {
    @Test func changesAreWhatKafkasToolsRead() throws { try Changes.check(currentCluster()) }

    @Test func commandsChangeWhatTheySay() throws {
        try Changes.checkCommands(currentCluster())
    }
}

extension Live.ZooKeeperMode {
    @Test func changesAreWhatKafkasToolsRead() throws { try Changes.check(currentCluster()) }

    @Test func commandsChangeWhatTheySay() throws {
        try Changes.checkCommands(currentCluster())
    }
}
