// Kafka's own tools take the simulated cluster for a real one: reads, elections, config changes and
// reassignments, two programs at a time.
import Foundation
import KafkaWire
import SimulatedCluster
import Testing
import Transport

extension Live {
    @Suite(.onOwnThread) struct ToolsOnSimulation {
        private static let topic = "orders.created"

        /// Runs tools side by side and returns what each printed.
        private func run(
            _ bootstrap: String, _ archive: ClassArchive, _ commands: [[String]]
        ) throws -> [String] {
            let children = try commands.map { words in
                let use = archive.use()
                let child = try ChildProcess(
                    [
                        KafkaScripts.cluster, "tool", "--version", "4.3.1", words[0],
                        "--bootstrap-server", bootstrap,
                    ] + words.dropFirst(), environment: use.environment)
                return (child, use)
            }
            return try children.map { child, use in
                let ended = try child.wait(seconds: 90)
                archive.ended(use, exitCode: ended.exitCode)
                guard ended.exitCode == 0 else {
                    throw HarnessError(
                        "\(child.command.joined(separator: " ")): \(ended.output.suffix(800)) "
                            + ended.errors.suffix(400))
                }
                return ended.output
            }
        }

        private func reorder(_ port: UInt16) throws {
            var partition = AlterPartitionReassignmentsRequest.Partition()
            partition.replicas = [1, 2, 4]
            var topic = AlterPartitionReassignmentsRequest.Topic()
            topic.name = Self.topic
            topic.partitions = [partition]
            var request = AlterPartitionReassignmentsRequest()
            request.topics = [topic]
            let answer = try RawBroker(port: port).ask(request, version: 0)
            #expect(answer?.topics.first?.partitions.first?.error == KafkaError.none)
        }

        @Test func kafkasOwnToolsWork() throws {
            var shape = Shape()
            shape.brokers = 4
            shape.partitions = 60
            shape.groups = 8
            let served = try LoopbackCluster(shape)
            defer { served.stop() }
            let bootstrap = served.endpoints.map { "127.0.0.1:\($0.port)" }
                .joined(separator: ",")
            let folder = try makeTemporaryFolder("tools")
            defer { _ = try? FileManager.default.removeItem(atPath: folder) }
            let archive = ClassArchive(folder + "/tools.jsa")
            // Broker 4 leads partition 0; the list makes broker 1 the preferred leader.
            try reorder(served.endpoints[0].port)
            let read = try run(
                bootstrap, archive,
                [
                    ["kafka-topics", "--describe"],
                    ["kafka-consumer-groups", "--describe", "--all-groups"],
                ])
            #expect(
                read[0].contains("Topic: \(Self.topic)\tPartition: 0\tLeader: 4\tReplicas: 1,2,4"))
            #expect(read[0].split(separator: "\n").count > 110)
            #expect(read[1].split(separator: "\n").count > 30)
            let changed = try run(
                bootstrap, archive,
                [
                    [
                        "kafka-leader-election", "--election-type", "preferred", "--topic",
                        Self.topic, "--partition", "0",
                    ],
                    [
                        "kafka-configs", "--alter", "--entity-type", "topics", "--entity-name",
                        Self.topic, "--add-config",
                        "retention.ms=3600000,max.message.bytes=2000000",
                    ],
                ])
            #expect(changed[0].contains("Successfully completed leader election"))
            #expect(changed[1].contains("Completed updating config for topic \(Self.topic)"))
            try reassign(bootstrap, archive)
        }

        private func reassign(_ bootstrap: String, _ archive: ClassArchive) throws {
            let folder = try makeTemporaryFolder("plan")
            defer { _ = try? FileManager.default.removeItem(atPath: folder) }
            let plan = """
                {"version": 1, "partitions":
                 [{"topic": "\(Self.topic)", "partition": 0, "replicas": [3, 1, 2]}]}
                """
            try plan.write(toFile: folder + "/plan.json", atomically: true, encoding: .utf8)
            let moved = try run(
                bootstrap, archive,
                [
                    [
                        "kafka-reassign-partitions", "--execute", "--throttle", "1000000",
                        "--reassignment-json-file", folder + "/plan.json",
                    ]
                ])
            #expect(moved[0].contains("Successfully started partition reassignment"))
            let seen = try run(
                bootstrap, archive,
                [
                    [
                        "kafka-reassign-partitions", "--verify", "--reassignment-json-file",
                        folder + "/plan.json",
                    ],
                    [
                        "kafka-configs", "--describe", "--entity-type", "topics", "--entity-name",
                        Self.topic,
                    ],
                ])
            #expect(seen[0].contains("\(Self.topic)-0 is still in progress"))
            #expect(seen[1].contains("retention.ms=3600000"))
            #expect(seen[1].contains("follower.replication.throttled.replicas=0:3"))
        }
    }
}
