// The product against real Kafka. Needs the Kafka scripts, Python 3 and Java; says in one line why
// it is skipped where they are missing. `swift test --filter Live` runs it, `HIGHWATER_LIVE=0`
// skips it.
import Foundation
import Testing
import TransportTesting

/// Each suite inside has a cluster of its own, and they run beside each other: most of their time
/// goes by waiting for sessions to end and followers to catch up.
@Suite(
    "Live",
    .enabled(if: KafkaScripts.whyNot == nil, Comment(rawValue: KafkaScripts.whyNot ?? "")))
struct Live {
    /// Clusters of a test or two stand one after the other: each costs a share of the processor for
    /// as long as it stands.
    @Suite(.serialized, .onOwnThread) struct InTurn {}
}

/// Waits until the product sees a whole cluster: complete, everyone in sync, nobody behind.
func waitUntilWell(_ cluster: KafkaCluster) throws {
    try waitUntil("a complete snapshot with every replica in sync", seconds: 90) {
        let taken = try Highwater.snapshot(cluster.bootstrap)
        return taken.document.complete
            && (taken.document.partitions ?? []).allSatisfy {
                $0.isr.count == $0.replicas.count && $0.replicaStates.allSatisfy { $0.lag == 0 }
            }
    }
}

/// The brokers to freeze, kill or throttle without changing the controller too.
func findBystander(_ cluster: KafkaCluster) throws -> Int {
    let controller = try Highwater.snapshot(cluster.bootstrap, "--sections", "brokers")
        .document.controllers.first
    guard let controller, let other = cluster.brokers.last(where: { $0.id != controller }) else {
        throw HarnessError("the controller is the only broker")
    }
    return other.id
}

/// Topics, traffic that has ended, and groups: what the comparisons with Kafka's tools need.
enum PausedTraffic {
    static let topics = ["orders0", "orders1", "orders2"]
    static let deletedRecordCount = 20
    /// Of each partition of the groups without members, where it has as many records.
    static let lagCount = 50
    static let memberlessGroupCount = 8
    static let classicGroup = "readers-classic"
    static let consumerGroup = "readers-consumer"

    static func prepare(_ cluster: KafkaCluster) throws {
        try cluster.createTopics(
            "orders", count: 3, partitions: 6,
            configs: ["retention.ms=7200000", "max.message.bytes=2000000"])
        try cluster.createTopics("quiet.topic_with-all-signs", partitions: 3)
        // Brokers that have just started on a busy machine take little at first, and one may take
        // nothing while the others are written to: what counts is that no partition is left empty.
        try waitUntil("enough records in each partition of \(topics)", seconds: 120) {
            let written = try cluster.write(to: topics, rate: 6000, seconds: 2)
            guard written.unanswered == 0,
                let ends = try? topics.flatMap({ try cluster.readEnds(of: $0) })
            else { return false }
            return ends.count == 18 && ends.allSatisfy { $0 > deletedRecordCount + lagCount }
        }
        try deleteRecords(cluster)
        try cluster.commitGroups(
            "job", count: memberlessGroupCount, topics: topics, topicsEach: 2, lag: lagCount)
        var groups = [classicGroup]
        try cluster.startTool(
            "kafka-console-consumer", "--topic", topics[0], "--group", classicGroup,
            "--from-beginning", "--timeout-ms", "600000",
            "--consumer-property", "auto.commit.interval.ms=1000",
            "--consumer-property", "fetch.max.wait.ms=3000")
        if cluster.options.version.hasPrefix("4") {
            groups.append(consumerGroup)
            try cluster.startTool(
                "kafka-console-consumer", "--topic", topics[1], "--group", consumerGroup,
                "--from-beginning", "--timeout-ms", "600000",
                "--consumer-property", "group.protocol=consumer",
                "--consumer-property", "auto.commit.interval.ms=1000",
                "--consumer-property", "fetch.max.wait.ms=3000",
                "--consumer-property", "client.id=the-reader")
        }
        // Members join, read to the end and commit.
        try waitUntil("both consumers have committed", seconds: 90) {
            let told = try Highwater.snapshot(cluster.bootstrap, "--sections", "groups").document
            return groups.allSatisfy { group in
                let rows = told.group(group)?.partitions ?? []
                return rows.count == 6 && rows.allSatisfy { $0.lag == 0 }
            }
        }
    }

    /// So that one log does not start at 0.
    private static func deleteRecords(_ cluster: KafkaCluster) throws {
        let file = cluster.folder + "/delete.json"
        let wanted = """
            {"version": 1, "partitions":
             [{"topic": "\(topics[0])", "partition": 0, "offset": \(deletedRecordCount)}]}
            """
        try wanted.write(toFile: file, atomically: true, encoding: .utf8)
        try cluster.tool("kafka-delete-records", "--offset-json-file", file)
    }

    /// The truth read by the harness makes sense before the product is held to it.
    static func checkTruth(_ truth: Truth, _ cluster: KafkaCluster) throws {
        var differences = Differences()
        let user = truth.partitions.keys.filter { !Truth.isInternal($0.topic) }
        differences.compare("user partitions", user.count, 21)
        for id in user {
            differences.require((truth.ends[id] ?? -1) >= 0, "\(id) has no end")
            for broker in cluster.brokers {
                let log = LogOnDisk(broker, topic: id.topic, partition: id.partition)
                differences.compare(
                    "\(id) on disk of \(broker.id)", try log?.readEnd(), truth.ends[id])
            }
        }
        let first = PartitionID(topic: topics[0], partition: 0)
        differences.compare("log start", truth.starts[first], deletedRecordCount)
        differences.compare(
            "memberless groups", truth.groups.values.filter { $0.memberCount == 0 }.count,
            memberlessGroupCount)
        for (id, rows) in truth.offsets where id.hasPrefix("job") {
            differences.compare("\(id) rows", rows.count, 12)
            for (partition, row) in rows {
                let behind = min(lagCount, truth.ends[partition] ?? -1)
                differences.compare("\(id) \(partition) lag", row.lag, behind)
            }
        }
        differences.compare("overrides", truth.overrides[topics[0]], 2)
        differences.expectNone(atLeast: 150, "the tools and the disks")
    }

    /// The whole comparison: a snapshot, the tools, a snapshot.
    static func compare(_ cluster: KafkaCluster) throws {
        let before = try Highwater.snapshot(cluster.brokers[1].host + ":\(cluster.brokers[1].port)")
        let truth = try Truth(cluster)
        let after = try Highwater.snapshot(cluster.bootstrap)
        try checkTruth(truth, cluster)
        for taken in [before, after] {
            #expect(taken.ended.exitCode == ExitCode.complete)
            #expect(taken.document.complete)
            // What a kind of coordinator lacks is said, and is no failure.
            #expect(taken.document.errors.isEmpty, "\(taken.document.errors)")
            let apis = Set(taken.document.notes.compactMap(\.api))
            #expect(apis == ["DescribeQuorum"])
            #expect(taken.ended.errors.isEmpty, "stderr: \(taken.ended.errors)")
            try truth.compareBrokers(taken.document, of: cluster)
                .expectNone(atLeast: 20, "brokers and tools")
            truth.compareGroups(taken.document)
                .expectNone(atLeast: 120, "groups and kafka-consumer-groups")
        }
        try truth.comparePartitions(before.document, later: after.document, of: cluster)
            .expectNone(atLeast: 280, "partitions and tools")
    }
}
