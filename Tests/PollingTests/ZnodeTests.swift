// What Kafka keeps in ZooKeeper, read from the nodes of old and new releases, and the events that
// follow from two readings.
import ClusterModel
import Testing
import ZooKeeperClient

@testable import Polling

@Suite struct ZnodeTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func node(_ text: String, created: Int64, zxid: Int64, modified: Int64 = 0) -> Znode {
        var stat = ZnodeStat()
        stat.createdMs = created
        stat.createdZxid = zxid
        stat.modifiedMs = modified
        return Znode(data: bytes(text), stat: stat, zxid: zxid)
    }

    private func texts(_ working: inout WorkingCluster) -> [String] {
        working.logEvents(EventStamp(wall: working.wall, now: Instant(ns: second)))
        return working.cluster.events.events.map { "\($0.subject): \($0.text) @\($0.at.ms)" }
    }

    @Test func contents() {
        let v1 = ZnodeContent.controller(bytes(#"{"version":1,"brokerid":3,"timestamp":"1"}"#))
        #expect(v1?.broker == BrokerID(3) && v1?.kraftEpoch == nil)
        let v2 = ZnodeContent.controller(
            bytes(#"{"version":2,"brokerid":3000,"timestamp":"1","kraftControllerEpoch":5}"#))
        #expect(v2?.kraftEpoch == 5)
        for wrong in ["", "{}", "[3]", #"{"brokerid":-1}"#, #"{"brokerid":99999999999}"#, "{"] {
            #expect(ZnodeContent.controller(bytes(wrong)) == nil, "\(wrong)")
        }
        #expect(ZnodeContent.epoch(bytes("41")) == 41)
        #expect(ZnodeContent.epoch(bytes("4x")) == nil)
        let stat = ZnodeStat()
        let old = ZnodeContent.registration(
            bytes(#"{"version":1,"host":"h","port":9092}"#), broker: BrokerID(1), stat: stat)
        #expect(old.endpoints == ["PLAINTEXT://h:9092"] && old.rack == nil)
        let new = ZnodeContent.registration(
            bytes(
                #"{"features":{},"listener_security_protocol_map":{"C":"SSL"},"#
                    + #""endpoints":["C://h:1"],"rack":"a","port":-1,"host":null,"version":5}"#),
            broker: BrokerID(1), stat: stat)
        #expect(new.endpoints == ["C://h:1"] && new.rack == "a")
        let state = ZnodeContent.state(
            bytes(
                #"{"controller_epoch":1,"leader":-1,"version":1,"leader_epoch":4,"isr":[1,2]}"#),
            stat: stat)
        #expect(state?.leader == BrokerID.none && state?.isr == [BrokerID(1), BrokerID(2)])
        #expect(
            ZnodeContent.assignment(
                bytes(#"{"version":3,"partitions":{"0":[1,2],"10":[3]},"adding_replicas":{}}"#))
                == [0: [BrokerID(1), BrokerID(2)], 10: [BrokerID(3)]])
        #expect(
            ZnodeContent.changedEntity(bytes(#"{"version":2,"entity_path":"topics/a"}"#))
                == "topics/a")
        #expect(
            ZnodeContent.changedEntity(
                bytes(#"{"version":1,"entity_type":"topics","entity_name":"a"}"#)) == "topics/a")
        #expect(ZnodeContent.partitionCount(bytes(#"{"version":1,"partitions":[{},{}]}"#)) == 2)
    }

    @Test func paths() {
        let key = PartitionKey(topic: "a.b-c", partition: 17)
        let path = ZnodePaths.state(key)
        #expect(path == "/brokers/topics/a.b-c/partitions/17/state")
        #expect(ZnodePaths.partition(ofState: path) == key)
        for other in ["/brokers/topics/a", "/brokers/topics/a/partitions/x/state", "", "/"] {
            #expect(ZnodePaths.partition(ofState: other) == nil)
        }
        #expect(ZnodePaths.isBelow("/controller", "/controller"))
        #expect(ZnodePaths.isBelow("/brokers/ids/1", "/brokers/ids"))
        #expect(!ZnodePaths.isBelow("/controller_epoch", "/controller"))
        #expect(!ZnodePaths.isBelow("/brokers", "/brokers/ids"))
    }

    @Test func electionsAreDatedByTheNode() {
        var working = WorkingCluster()
        let three = #"{"version":1,"brokerid":3,"timestamp":"1"}"#
        let one = #"{"version":1,"brokerid":1,"timestamp":"1"}"#
        working.fold(controller: node(three, created: 100, zxid: 7), epoch: 4, now: second)
        // Read again without a change: no news.
        working.fold(controller: node(three, created: 100, zxid: 7), epoch: 4, now: second)
        working.wall = WallTime(ms: 300)
        working.fold(controller: nil, epoch: 4, now: second)
        working.fold(controller: nil, epoch: 4, now: second)
        working.fold(controller: node(one, created: 500, zxid: 9), epoch: 5, now: second)
        // The same broker again after an election that nobody saw.
        working.fold(controller: node(one, created: 900, zxid: 12), epoch: 7, now: second)
        #expect(
            texts(&working) == [
                "controller: broker 3 was elected (epoch 4) @100",
                "controller: none: broker 3 is it no more @300",
                "controller: broker 1 was elected (epoch 5) @500",
                "controller: broker 1 was elected (epoch 7), 1 before; 2 elections since it was "
                    + "seen last @900",
            ])
        #expect(working.cluster.controller == BrokerID(1))
        #expect(working.cluster.controllerEpoch == 7)
        #expect(working.cluster.coordinator.controllerSince == WallTime(ms: 900))
        #expect(
            working.cluster.events.events[2].isExact && !working.cluster.events.events[1].isExact)
    }

    @Test func registrations() {
        var working = WorkingCluster()
        working.wall = WallTime(ms: 10_000_000)
        func entry(_ id: Int32, _ epoch: Int64, at: Int64) -> Registration {
            Registration(broker: BrokerID(id), registeredAt: WallTime(ms: at), epoch: epoch)
        }
        // Those of the last hour are news at the first reading, in their own order.
        working.fold(
            registrations: [
                entry(2, 20, at: 9_000_000), entry(1, 10, at: 5), entry(3, 15, at: 8_000_000),
            ],
            now: second)
        #expect(
            texts(&working) == [
                "broker 3: registered @8000000", "broker 2: registered @9000000",
            ])
        working.fold(
            registrations: [entry(1, 10, at: 5), entry(3, 30, at: 9_900_000)], now: second)
        working.fold(
            registrations: [
                entry(1, 10, at: 5), entry(2, 40, at: 9_950_000), entry(3, 30, at: 9_900_000),
            ], now: second)
        #expect(
            texts(&working).suffix(3) == [
                "broker 3: registered again @9900000", "broker 2: registered @9950000",
                "broker 2: its registration is gone @10000000",
            ])
        #expect(working.cluster.coordinator.registrations.map(\.broker.value) == [1, 2, 3])
    }

    @Test func statesInViewAreToldOnceForBothSources() {
        var working = WorkingCluster()
        working.take([told("a", [told(0), told(1)])])
        let key = PartitionKey(topic: "a", partition: 0)
        func state(_ leader: Int32, _ isr: [Int32], at: Int64) -> StoredState {
            StoredState(
                leader: leader < 0 ? .none : BrokerID(leader), leaderEpoch: 4, controllerEpoch: 1,
                isr: isr.map { BrokerID($0) }, changedAt: WallTime(ms: at))
        }
        working.fold(state: state(1, [1, 2, 3], at: 1), of: key, now: second)
        working.fold(state: state(2, [2, 3], at: 700), of: key, now: second)
        // Metadata follows.
        working.take([told("a", [told(0, leader: 2, epoch: 4, isr: [2, 3]), told(1)])])
        #expect(
            texts(&working) == [
                "a-0: led by 2 instead of 1 (leader epoch 4) @700",
                "a-0: in sync: 1, 2, 3 to 2, 3 @700",
            ])
        working.fold(state: nil, of: key, now: second)
        #expect(working.cluster.coordinator.storedStates.isEmpty)
    }

    @Test func overridesOfTopicsAndOthers() {
        var working = WorkingCluster()
        working.take([told("a", [told(0)])])
        let at = WallTime(ms: 5)
        working.fold(overrides: ["retention.ms": "1"], of: "topics/a", at: at, now: second)
        working.fold(overrides: ["retention.ms": "2"], of: "topics/a", at: at, now: second)
        working.fold(overrides: ["x": "secret"], of: "brokers/1", at: at, now: second)
        #expect(
            texts(&working) == [
                "a: overrides are now: retention.ms=1 @5", "a: retention.ms: 1 to 2 @5",
                "brokers/1: overrides changed: x @5",
            ])
        #expect(working.cluster.overrides(topic: 0)?.map(\.value) == ["2"])
        #expect(working.cluster.overrides(topic: 0)?.count == 1)
    }

    @Test func oneMoreLoss() {
        func survives(_ modes: [String?], size: Int? = nil, synced: Int64? = nil) -> Bool? {
            var cluster = Cluster()
            cluster.kind = .zookeeper
            cluster.coordinator.ensembleSize = size
            cluster.coordinator.servers = modes.map { mode in
                var server = ZooKeeperServer(host: "z", port: 2181)
                server.mode = mode == "down" ? nil : mode
                server.isServing = mode == "down" ? false : mode == nil ? nil : true
                if mode == "leader" { server.syncedFollowers = synced }
                return server
            }
            return cluster.survivesOneMoreLoss
        }
        #expect(survives(["standalone"]) == false)
        #expect(survives(["leader", "follower", "follower"]) == true)
        #expect(survives(["leader", "follower", "down"]) == false)
        #expect(survives(["leader", "follower", nil]) == nil)
        #expect(survives(["leader", "follower", "follower", "follower"]) == true)
        #expect(survives(["leader", "follower", "follower", "down"]) == false)
        // The connect string names one of five; the leader knows better.
        #expect(survives(["leader"], size: 5, synced: 4) == true)
        #expect(survives(["leader"], size: 5, synced: 2) == false)
        #expect(survives([nil], size: 3) == nil)
        #expect(survives([]) == nil)
    }

    @Test func aQuorumOrNone() {
        func hasQuorum(
            _ modes: [String?], size: Int? = nil, session: Coordinator.Session = .none
        ) -> Bool? {
            var cluster = Cluster()
            cluster.kind = .zookeeper
            cluster.coordinator.session = session
            cluster.coordinator.ensembleSize = size
            cluster.coordinator.servers = modes.map { mode in
                var server = ZooKeeperServer(host: "z", port: 2181)
                server.mode = mode == "down" ? nil : mode
                server.isServing = mode == "down" ? false : mode == nil ? nil : true
                return server
            }
            return cluster.coordinatorHasQuorum
        }
        #expect(hasQuorum(["standalone"]) == true)
        #expect(hasQuorum(["leader", "down", "down"]) == true)
        #expect(hasQuorum(["down", "down", nil]) == false)
        #expect(hasQuorum(["read-only", "down", nil]) == false)
        #expect(hasQuorum(["down", nil, nil]) == nil)
        #expect(hasQuorum(["down"], size: 3) == nil)
        #expect(hasQuorum([]) == nil)
        let cutOff = Coordinator.Session.connected(server: "z:2181", isReadOnly: true)
        #expect(hasQuorum([nil, nil, nil], session: cutOff) == false)
        let well = Coordinator.Session.connected(server: "z:2181", isReadOnly: false)
        #expect(hasQuorum([nil, nil, nil], session: well) == true)
    }
}
