// Kafka's own tools take the simulated cluster for a real one: reads, elections, config changes and
// reassignments, two programs at a time.
import Foundation
import KafkaWire
import SimulatedCluster
import Testing
import Transport

private let topicName = "orders.created"

extension Live.KRaft {
    private func reorder(_ port: UInt16) throws {
        var partition = AlterPartitionReassignmentsRequest.Partition()
        partition.replicas = [1, 2, 4]
        var topic = AlterPartitionReassignmentsRequest.Topic()
        topic.name = topicName
        topic.partitions = [partition]
        var request = AlterPartitionReassignmentsRequest()
        request.topics = [topic]
        let answer = try RawBroker(port: port).ask(request, version: 0)
        #expect(answer?.topics.first?.partitions.first?.error == KafkaError.none)
    }

    @Test func kafkasOwnToolsWorkOnTheSimulation() throws {
        let cluster = try currentCluster()
        var shape = Shape()
        shape.brokers = 4
        shape.partitions = 60
        shape.groups = 8
        let served = try LoopbackCluster(shape)
        defer { served.stop() }
        let bootstrap = served.endpoints.map { "127.0.0.1:\($0.port)" }
            .joined(separator: ",")
        // Broker 4 leads partition 0; the list makes broker 1 the preferred leader.
        try reorder(served.endpoints[0].port)
        let read = try cluster.tools(
            [
                ["kafka-topics", "--describe"],
                ["kafka-consumer-groups", "--describe", "--all-groups"],
            ], at: bootstrap)
        #expect(
            read[0].contains("Topic: \(topicName)\tPartition: 0\tLeader: 4\tReplicas: 1,2,4"))
        #expect(read[0].split(separator: "\n").count > 110)
        #expect(read[1].split(separator: "\n").count > 30)
        let changed = try cluster.tools(
            [
                [
                    "kafka-leader-election", "--election-type", "preferred", "--topic",
                    topicName, "--partition", "0",
                ],
                [
                    "kafka-configs", "--alter", "--entity-type", "topics", "--entity-name",
                    topicName, "--add-config",
                    "retention.ms=3600000,max.message.bytes=2000000",
                ],
            ], at: bootstrap)
        #expect(changed[0].contains("Successfully completed leader election"))
        #expect(changed[1].contains("Completed updating config for topic \(topicName)"))
        try reassign(cluster, bootstrap)
    }

    private func reassign(_ cluster: KafkaCluster, _ bootstrap: String) throws {
        let folder = try makeTemporaryFolder("plan")
        defer { _ = try? FileManager.default.removeItem(atPath: folder) }
        let plan = """
            {"version": 1, "partitions":
             [{"topic": "\(topicName)", "partition": 0, "replicas": [3, 1, 2]}]}
            """
        try plan.write(toFile: folder + "/plan.json", atomically: true, encoding: .utf8)
        let moved = try cluster.tools(
            [
                [
                    "kafka-reassign-partitions", "--execute", "--throttle", "1000000",
                    "--reassignment-json-file", folder + "/plan.json",
                ]
            ], at: bootstrap)
        #expect(moved[0].contains("Successfully started partition reassignment"))
        let seen = try cluster.tools(
            [
                [
                    "kafka-reassign-partitions", "--verify", "--reassignment-json-file",
                    folder + "/plan.json",
                ],
                [
                    "kafka-configs", "--describe", "--entity-type", "topics", "--entity-name",
                    topicName,
                ],
            ], at: bootstrap)
        #expect(seen[0].contains("\(topicName)-0 is still in progress"))
        #expect(seen[1].contains("retention.ms=3600000"))
        #expect(seen[1].contains("follower.replication.throttled.replicas=0:3"))
    }
}
