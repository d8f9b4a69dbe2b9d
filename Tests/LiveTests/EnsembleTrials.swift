// What a real ensemble can be made to hold: work that waits for the controller, a state that the
// brokers do not share, a migration; and servers that answer no four-letter words.
import ClusterModel
import Foundation
import Polling
import Testing
import Transport

/// The queues under /admin, filled as old tools fill them while no controller is there to empty
/// them.
struct ControllersWork {
    let cluster: KafkaCluster
    let writer: ZnodeWriter
    private let topics = ["pending0", "pending1"]
    private let deletions = "/admin/delete_topics"

    func prepare() throws { try cluster.createTopics("pending", count: 2, partitions: 1) }

    /// One topic to be deleted, one partition to be moved, two to be led by their first replica.
    func queue(_ watched: WatchedCluster, without gone: Int) throws {
        let others = cluster.brokers.map(\.id).filter { $0 != gone }
        let elected = PausedTraffic.topics.prefix(2)
            .map { "{\"topic\": \"\($0)\", \"partition\": 0}" }
        try writer.create("\(deletions)/\(topics[0])")
        try writer.create(
            "/admin/reassign_partitions",
            """
            {"version": 1, "partitions": [{"topic": "\(topics[1])", "partition": 0, \
            "replicas": [\(others.map(String.init).joined(separator: ", "))]}]}
            """)
        try writer.create(
            "/admin/preferred_replica_election",
            "{\"version\": 1, \"partitions\": [\(elected.joined(separator: ", "))]}")
        let shown = try watched.wait(for: "the queues", seconds: grantedSeconds) {
            let pending = $0.coordinator.pending
            return pending.topicDeletions == 1 && pending.reassignments == 1
                && pending.preferredElections == 2
        }.cluster
        #expect(shown.coordinator.pending.deletingTopics == [topics[0]])
        let text = watched.screen("coordinator")
        #expect(text.contains("reassignments 1   elections 2   deletions 1"), "\(text)")
        let taken = try Highwater.snapshot(cluster.bootstrap, "--sections", "coordinator")
        let pending = taken.document.coordinator?.pending
        #expect(pending?.reassignments == 1 && pending?.preferredElections == 2)
        #expect(pending?.topicDeletions == 1)
    }

    /// The new controller elects and moves; a replica on the broker that is gone keeps its topic
    /// from being deleted.
    func checkRest(_ watched: WatchedCluster) throws {
        _ = try watched.wait(for: "what the new controller could do is done", seconds: 20) {
            $0.coordinator.pending.preferredElections == 0
                && $0.coordinator.pending.reassignments == 0
        }
        #expect(watched.newest.coordinator.pending.topicDeletions == 1)
        #expect(
            watched.screen("coordinator").contains("reassignments 0   elections 0   deletions 1"))
    }

    /// Everything is done, and nothing of it is left for other tests.
    func checkDone(_ watched: WatchedCluster) throws {
        try writer.create("\(deletions)/\(topics[1])")
        _ = try watched.wait(for: "the topics are deleted", seconds: 30) { picture in
            picture.coordinator.pending.topicDeletions == 0
                && topics.allSatisfy { picture.topic(named: $0) == nil }
        }
    }
}

/// A partition in view whose state in ZooKeeper is not what the brokers tell.
struct StoredLie {
    let watched: WatchedCluster
    let writer: ZnodeWriter
    private let key: PartitionKey
    private let truth: String
    private var path: String {
        "/brokers/topics/\(key.topic)/partitions/\(key.partition)/state"
    }

    /// Writes it, as only a fault or a person could: brokers do not read the node again.
    init(watched: WatchedCluster, writer: ZnodeWriter) throws {
        self.watched = watched
        self.writer = writer
        let picture = try watched.wait(for: "a partition in sync", seconds: 20) {
            $0.partition(at: PausedTraffic.topics[0], 0)?.isr.count == 3
        }.cluster
        let key = PartitionKey(topic: PausedTraffic.topics[0], partition: 0)
        self.key = key
        watched.look(at: [key])
        _ = try watched.wait(for: "the state in view", seconds: 10) {
            $0.coordinator.storedStates[key] != nil
        }
        let node = "/brokers/topics/\(key.topic)/partitions/\(key.partition)/state"
        truth = try writer.get(node)
        let leader = picture.partition(at: key.topic, 0)?.leader.value ?? -1
        let lie = truth.replacingOccurrences(
            of: "\"isr\":\\[[0-9,]*\\]", with: "\"isr\":[\(leader)]",
            options: .regularExpression)
        try #require(lie != truth)
        try writer.set(node, lie)
        _ = try watched.wait(for: "the state as it is stored", seconds: grantedSeconds) {
            $0.coordinator.storedStates[key]?.isr.count == 1
        }
    }

    /// By now the two have had time to agree: the mark is there, and goes when they do.
    func check() throws {
        try waitUntil("the mark", seconds: 20) { isMarked }
        let wrong = watched.screen("wrong")
        #expect(wrong.contains("ZooKeeper says"), "\(wrong)")
        try writer.set(path, truth)
        _ = try watched.wait(for: "the state as it was", seconds: grantedSeconds) {
            $0.coordinator.storedStates[key]?.isr.count == 3
        }
        #expect(!isMarked && !watched.screen("wrong").contains("ZooKeeper says"))
    }

    private var isMarked: Bool {
        watched.screen("partition \(key.topic)-\(key.partition)").contains(
            "1,2,3 in sync, ZooKeeper says")
    }
}

extension Cluster {
    /// A partition as the picture has it.
    func partition(at topic: String, _ number: Int32) -> PartitionView? {
        row(of: PartitionKey(topic: topic, partition: number)).map { partition($0) }
    }
}

extension Live.ZooKeeperMode {
    /// Something between here and the ensemble lets no four-letter words through: a firewall, or a
    /// proxy that knows them. Sessions pass.
    @Test func whatServersThatAnswerNoWordsLeaveUnknown() throws {
        let cluster = try currentCluster()
        let detours = try Detours(
            to: cluster.zooKeeperPorts, words: [.refused, .closed, .refused])
        defer { detours.end() }
        let folder = try makeTemporaryFolder("context")
        defer { _ = try? FileManager.default.removeItem(atPath: folder) }
        let contexts = folder + "/highwater/contexts"
        try FileManager.default.createDirectory(
            atPath: contexts, withIntermediateDirectories: true)
        try """
        bootstrap.servers=\(cluster.bootstrap)
        highwater.address.map=\(detours.setting)
        """.write(toFile: contexts + "/bastion.properties", atomically: true, encoding: .utf8)
        let taken = try Highwater.snapshot(
            context: "bastion", in: folder, "--sections", "coordinator")
        #expect(taken.ended.exitCode == ExitCode.partial)
        let told = try #require(taken.document.coordinator)
        // What the znodes hold is known.
        #expect(told.kind == "zookeeper" && told.controllerId != nil)
        #expect(told.registrations.map(\.broker) == [1, 2, 3])
        #expect(told.pending.reassignments == 0 && told.pending.topicDeletions == 0)
        // What only words tell is not, and is said not to be.
        #expect(told.servers.allSatisfy { $0.mode == nil && $0.version == nil })
        #expect(told.servers[0].error?.contains("4lw.commands.whitelist") == true)
        #expect(told.servers[1].error?.contains("instead of answering srvr") == true)
        #expect(told.survivesOneMoreLoss == nil)
        #expect(
            taken.document.errors.contains {
                $0.message.contains("outlives the loss of one more server is not known")
                    && $0.message.contains("whitelist")
            }, "\(taken.document.errors)")

        var ensemble = EnsembleConfig()
        ensemble.map = detours.dial
        let watched = try WatchedCluster(cluster.bootstrap, ensemble: ensemble)
        defer { watched.end() }
        _ = try watched.wait(for: "what can be known", seconds: 20) { picture in
            picture.coordinator.registrations.count == 3
                && picture.coordinator.servers.allSatisfy { $0.error != nil }
        }
        #expect(watched.newest.survivesOneMoreLoss == nil)
        let shown = watched.screen("coordinator")
        #expect(shown.contains("ZooKeeper of 3 servers") && shown.contains("controller"))
        #expect(!shown.contains("not serving") && !shown.contains("one more"), "\(shown)")
        #expect(watched.screen("coordinator", keys: "gi").contains("refuses four-letter words"))
    }

    /// Only the znode: a real migration was walked through by hand.
    @Test func aMigrationIsShown() throws {
        let cluster = try currentCluster()
        let writer = try ZnodeWriter(cluster)
        defer { writer.end() }
        let watched = try WatchedCluster(cluster.bootstrap)
        defer { watched.end() }
        _ = try watched.wait(for: "the ensemble", seconds: 20) {
            $0.coordinator.registrations.count == 3
        }
        #expect(!watched.screen("coordinator").contains("migration"))
        try writer.create(
            "/migration",
            """
            {"version":0,"kraft_metadata_offset":104,"kraft_controller_id":3000,\
            "kraft_metadata_epoch":2,"kraft_controller_epoch":2}
            """)
        _ = try watched.wait(for: "the migration", seconds: grantedSeconds) {
            $0.coordinator.migration != nil
        }
        #expect(
            watched.screen("coordinator").contains("migration: to KRaft, controller 3000, epoch 2"))
        try writer.delete("/migration")
        _ = try watched.wait(for: "no migration", seconds: grantedSeconds) {
            $0.coordinator.migration == nil
        }
    }
}
