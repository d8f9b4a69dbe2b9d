// A plan carried out on a real cluster under load by the program itself: killed in mid-run and
// resumed, agreed to by kafka-reassign-partitions, and taken back.
import Foundation
import JSON
import Testing

extension Live {
    @Suite(
        .serialized,
        WithCluster(options: .init(racks: "a,b,c")) { cluster in
            try cluster.createTopics(
                PlanTrial.topic, partitions: 12, replication: 2,
                configs: ["min.insync.replicas=1"])
        })
    struct KRaftPlans {
        @Test func aBrokerIsDrainedUnderLoad() throws {
            let trial = try PlanTrial(currentCluster())
            defer { trial.end() }
            try trial.check()
        }
    }
}

/// One plan on one cluster.
struct PlanTrial {
    static let topic = "moved"

    private let cluster: KafkaCluster
    private let clusterID: String
    private let state: String
    private static let drained = 3

    init(_ cluster: KafkaCluster) throws {
        self.cluster = cluster
        clusterID = try cluster.readClusterID()
        state = try makeTemporaryFolder("state")
    }

    func end() { _ = try? FileManager.default.removeItem(atPath: state) }

    private func words(_ line: String) -> [String] {
        line.split(separator: " ").map(String.init)
            + ["-b", cluster.bootstrap, "--yes", "--expect-cluster-id", clusterID]
    }

    private func run(_ line: String, limit: Double = 240) throws -> ChildProcess.Ended {
        try Highwater.run(words(line), limit: limit, environment: ["XDG_STATE_HOME": state])
    }

    private func read(_ line: String) throws -> JSONValue {
        let ended = try Highwater.run(
            line.split(separator: " ").map(String.init)
                + ["-b", cluster.bootstrap, "--format", "json"],
            environment: ["XDG_STATE_HOME": state])
        guard ended.exitCode == 0 else {
            throw HarnessError("\(line): exit \(ended.exitCode), \(ended.errors)")
        }
        return try JSONValue(parsing: ended.output)
    }

    /// By partition its leader and its replicas in order, as Kafka's own tool prints them.
    private func standing() throws -> [PartitionID: [Int]] {
        try cluster.describeTopics().partitions.filter { $0.key.topic == Self.topic }
            .mapValues { [$0.leader ?? -1] + $0.replicas }
    }

    func check() throws {
        try waitUntil("enough records to move", seconds: 120) {
            try cluster.write(to: [Self.topic], rate: 40_000, seconds: 4).records > 100_000
        }
        try waitUntilWell(cluster)
        let before = try standing()
        let traffic = try cluster.startTraffic(to: [Self.topic], rate: 2_000, seconds: 40)
        let plan = state + "/drain.json"
        let planned = try Highwater.run([
            "plan", "drain", "--broker", "\(Self.drained)", "--output", plan,
            "-b", cluster.bootstrap,
        ])
        #expect(planned.exitCode == 0, "\(planned.errors)")

        // Killed while replicas are on their way.
        let first = try ChildProcess(
            [Highwater.path] + words("apply \(plan) --throttle 300KB"),
            environment: ["XDG_STATE_HOME": state, "NO_COLOR": "1"])
        try waitUntil("replicas on their way", seconds: 60) {
            if let ended = first.ended() {
                throw HarnessError("apply is over: \(ended.exitCode) \(ended.errors)")
            }
            return try read("moves")["moves"]?.array?.isEmpty == false
        }
        first.end()
        let moves = try read("moves")
        let id = try #require(moves["unfinished"]?[0]?["id"]?.string)
        #expect(moves["moves"]?[0]?["by"]?.string == id)
        #expect(moves["throttles"]?.array?.isEmpty == false)

        // What was begun stands in the way of another plan, and is gone on with.
        let other = try run("apply \(plan)")
        #expect(other.exitCode == 6, "\(other.errors)")
        let resumed = try run("resume \(id) --throttle 50MB")
        #expect(resumed.exitCode == 0, "\(resumed.errors) \(resumed.output)")
        let verified = try cluster.tool(
            "kafka-reassign-partitions", "--verify", "--preserve-throttles",
            "--reassignment-json-file", "\(folder)/\(id)/plan.json")
        let completed = verified.split(separator: "\n").count { $0.contains("is completed") }
        #expect(completed > 4 && !verified.contains("still in progress"), "\(verified)")
        #expect(try standing().values.allSatisfy { !$0.contains(Self.drained) })
        let quiet = try read("moves")
        #expect(quiet["throttles"]?.array?.isEmpty == true, "\(quiet.text)")
        #expect(quiet["unfinished"]?.array?.isEmpty == true)

        // And back, to the order of replicas and the leaders.
        let undone = try run("undo \(id) --throttle none")
        #expect(undone.exitCode == 0, "\(undone.errors) \(undone.output)")
        try waitUntil("everything as it was before", seconds: 60) { try standing() == before }
        #expect(try read("moves")["throttles"]?.array?.isEmpty == true)
        #expect(try traffic.finish().unanswered == 0)
    }

    private var folder: String { "\(state)/highwater/\(clusterID)" }
}
