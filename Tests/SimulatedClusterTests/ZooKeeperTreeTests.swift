// The ensemble's tree: what Kafka of each release writes there, how it follows the cluster, what
// operators' files under /admin do.
import KafkaWire
import SimulatedCluster
import Testing
import ZooKeeperClient

@Suite struct ZooKeeperTreeTests {
    @Test func registrationsAreThoseOfTheRelease() throws {
        for release in [Release.v24, .v28, .v39] {
            var asked = AskedEnsemble(ensembleShape(release))
            let (connection, _) = try asked.connect()
            let features = release == .v24 ? "" : "\"features\":{},"
            let version = release == .v24 ? 4 : 5
            #expect(
                try asked.data("/brokers/ids/1", on: connection)
                    == "{\(features)"
                    + "\"listener_security_protocol_map\":{\"PLAINTEXT\":\"PLAINTEXT\"},"
                    + "\"endpoints\":[\"PLAINTEXT://broker-1.simulated:9092\"],"
                    + "\"rack\":\"eu-west-1a\",\"jmx_port\":-1,\"port\":9092,"
                    + "\"host\":\"broker-1.simulated\",\"version\":\(version),"
                    + "\"timestamp\":\"1700000000000\"}")
            let stat = try #require(try asked.stat("/brokers/ids/1", on: connection))
            // Written once more after it was created, and gone with the broker's session.
            #expect(stat.version == 1 && stat.isEphemeral && stat.createdMs == 1_700_000_000_000)
            #expect(try asked.children("/brokers/ids", on: connection) == ["1", "2", "3", "4"])
        }
    }

    @Test func theControllerIsThere() throws {
        for release in [Release.v24, .v39] {
            var asked = AskedEnsemble(ensembleShape(release))
            let (connection, _) = try asked.connect()
            let json = try #require(try asked.data("/controller", on: connection))
            let isNew = release == .v39
            let migration = isNew ? ",\"kraftControllerEpoch\":-1" : ""
            #expect(
                json == "{\"version\":\(isNew ? 2 : 1),\"brokerid\":1,"
                    + "\"timestamp\":\"1700000000000\"\(migration)}")
            #expect(try asked.data("/controller_epoch", on: connection) == "7")
            let owner = try #require(try asked.stat("/controller", on: connection)).ephemeralOwner
            let broker = try #require(try asked.stat("/brokers/ids/1", on: connection))
            #expect(owner == broker.ephemeralOwner && owner != 0)
        }
    }

    @Test func topicsStatesAndConfigsAreComputed() throws {
        for release in [Release.v24, .v39] {
            var asked = AskedEnsemble(ensembleShape(release))
            let (connection, _) = try asked.connect()
            let topics = try #require(try asked.children("/brokers/topics", on: connection))
            #expect(topics.contains("__consumer_offsets") && topics.count > 1)
            #expect(try asked.children("/config/topics", on: connection) == topics)
            let path = "/brokers/topics/__consumer_offsets"
            let json = try #require(try asked.data(path, on: connection))
            #expect(json.hasPrefix("{\"partitions\":{\"0\":["))
            let tail = "\"adding_replicas\":{},\"removing_replicas\":{},\"version\":"
            #expect(json.hasSuffix(tail + (release == .v24 ? "2}" : "3}")))
            #expect(json.contains("\"topic_id\":\"") == (release == .v39))
            let numbers = try #require(try asked.children(path + "/partitions", on: connection))
            #expect(numbers.count == 50)
            #expect(try asked.children(path + "/partitions/7", on: connection) == ["state"])
            let state = try #require(
                try asked.data(path + "/partitions/7/state", on: connection))
            #expect(state.hasPrefix("{\"controller_epoch\":7,\"leader\":"))
            #expect(state.contains(",\"version\":1,\"leader_epoch\":"))
            #expect(
                try asked.data("/config/topics/__consumer_offsets", on: connection)
                    == "{\"version\":1,\"config\":{\"cleanup.policy\":\"compact\","
                    + "\"compression.type\":\"producer\",\"segment.bytes\":\"104857600\"}}")
            for absent in ["/partitions/50", "/partitions/-1", "/partitions/01", "/partitions/0/x"]
            {
                let answer = try asked.ask(
                    ExistsRequest(path: path + absent, watch: false), on: connection)
                #expect(answer?.head.code == .noNode)
            }
        }
    }

    @Test func allElseOfKafkaIsThere() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect()
        let id = asked.machine.clusterID
        #expect(
            try asked.data("/cluster/id", on: connection) == "{\"version\":\"1\",\"id\":\"\(id)\"}")
        #expect(
            try asked.data("/feature", on: connection)
                == "{\"features\":{},\"version\":2,\"status\":1}")
        for path in [
            "/admin/reassign_partitions", "/admin/preferred_replica_election", "/migration",
        ] {
            #expect(try asked.stat(path, on: connection) == nil)
        }
        #expect(try asked.children("/admin", on: connection) == ["delete_topics"])
        let config = try #require(try asked.data("/zookeeper/config", on: connection))
        #expect(config.contains("server.3=zookeeper-3.simulated:2888:3888:participant"))
    }

    /// Every znode can be reached from the root; stats agree with what is there, and no change is
    /// newer than the newest.
    @Test func statsAgreeWithTheTree() throws {
        var shape = ensembleShape()
        shape.zooKeeper.chroot = "/kafka/"
        var asked = AskedEnsemble(shape)
        asked.advance(seconds: 30)
        let (connection, _) = try asked.connect()
        var open = ["/"]
        var seen: Set<Int64> = []
        var count = 0
        while let path = open.popLast() {
            count += 1
            let children = try #require(try asked.children(path, on: connection), "\(path)")
            let answer = try #require(
                try asked.ask(GetDataRequest(path: path, watch: false), on: connection)?.reply)
            let stat = answer.stat
            #expect(stat.childCount == children.count, "\(path)")
            #expect(stat.dataBytes == answer.data?.count ?? 0, "\(path)")
            #expect(stat.createdZxid <= stat.modifiedZxid, "\(path)")
            #expect(stat.createdZxid <= stat.childrenZxid, "\(path)")
            #expect(stat.modifiedZxid <= asked.machine.zooKeeperZxid, "\(path)")
            #expect(stat.createdMs <= stat.modifiedMs, "\(path)")
            if stat.createdZxid > 0 {
                #expect(seen.insert(stat.createdZxid).inserted, "\(path) was created twice")
            }
            open += children.map { path == "/" ? "/" + $0 : path + "/" + $0 }
        }
        let counted = try asked.ask(GetAllChildrenNumberRequest(path: "/"), on: connection)
        #expect(counted?.reply?.count == Int32(count - 1))
        #expect(try asked.children("/kafka/brokers/ids", on: connection)?.count == 4)
        #expect(asked.machine.zooKeeperConnect.hasSuffix("zookeeper-3.simulated:2181/kafka"))
    }

    // MARK: Files of operators

    @Test func preferredElectionByFile() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect(timeoutMs: 40_000)
        asked.machine.plan(in: 0.1, .expireBroker(2))
        asked.advance(seconds: 8)
        let moved = try #require(try displaced(&asked, connection))
        let path = "/admin/preferred_replica_election"
        let json =
            "{\"version\":1,\"partitions\":[{\"topic\":\"\(moved.topic)\","
            + "\"partition\":\(moved.partition)}]}"
        let answer = try asked.ask(
            CreateRequest(path: path, data: Array(json.utf8)), on: connection)
        #expect(answer?.reply?.path == path)
        #expect(
            try asked.ask(CreateRequest(path: path, data: []), on: connection)?.head.code
                == .nodeExists)
        #expect(try asked.data(moved.path, watch: true, on: connection) != nil)
        asked.advance(seconds: 0.2)
        #expect(try asked.takeEvents(connection) == [WatcherEvent(.dataChanged, moved.path)])
        #expect(try asked.stat(path, on: connection) == nil)
        #expect(try asked.data(moved.path, on: connection)?.contains("\"leader\":2,") == true)
    }

    private func displaced(
        _ asked: inout AskedEnsemble, _ connection: Int
    ) throws -> (topic: String, partition: Int, path: String)? {
        for topic in try asked.children("/brokers/topics", on: connection) ?? [] {
            let json = try asked.data("/brokers/topics/\(topic)", on: connection) ?? ""
            for number in 0..<12 where json.contains("\"\(number)\":[2,") {
                let path = "/brokers/topics/\(topic)/partitions/\(number)/state"
                let state = try asked.data(path, on: connection) ?? ""
                if !state.contains("\"leader\":2,") { return (topic, number, path) }
            }
        }
        return nil
    }

    @Test func reassignmentByFile() throws {
        var shape = ensembleShape()
        shape.brokers = 5
        var asked = AskedEnsemble(shape)
        let (connection, _) = try asked.connect(timeoutMs: 40_000)
        let topicPath = "/brokers/topics/__consumer_offsets"
        let before = try #require(try asked.data(topicPath, on: connection))
        let list = before.split(separator: "[")[1].split(separator: "]")[0]
        let ids = list.split(separator: ",").compactMap { Int($0) }
        let other = try #require((1...5).first { !ids.contains($0) })
        let target = [ids[0], ids[1], other]
        let json =
            "{\"version\":1,\"partitions\":[{\"topic\":\"__consumer_offsets\",\"partition\":0,"
            + "\"replicas\":[\(target.map(String.init).joined(separator: ","))]}]}"
        let path = "/admin/reassign_partitions"
        _ = try asked.ask(CreateRequest(path: path, data: Array(json.utf8)), on: connection)
        let during = try #require(try asked.data(topicPath, on: connection))
        #expect(during.contains("\"adding_replicas\":{\"0\":[\(other)]}"))
        #expect(during.contains("\"removing_replicas\":{\"0\":[\(ids[2])]}"))
        #expect(try asked.stat(path, watch: true, on: connection) != nil)
        for _ in 0..<60 { asked.advance(seconds: 10) }
        let (again, _) = try asked.connect()
        #expect(try asked.stat(path, on: again) == nil)
        let after = try #require(try asked.data(topicPath, on: again))
        #expect(after.contains("\"adding_replicas\":{},\"removing_replicas\":{}"))
        #expect(after.contains("\"0\":[\(target.map(String.init).joined(separator: ","))]"))
    }

    @Test func deletingTheControllerElectsAnother() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect()
        _ = try asked.stat("/controller", watch: true, on: connection)
        _ = try asked.ask(DeleteRequest(path: "/controller"), on: connection)
        #expect(asked.events == [WatcherEvent(.deleted, "/controller")])
        asked.advance(seconds: 0.1)
        #expect(try asked.data("/controller", on: connection)?.contains("\"brokerid\":2,") == true)
        #expect(try asked.data("/controller_epoch", on: connection) == "8")
    }
}
