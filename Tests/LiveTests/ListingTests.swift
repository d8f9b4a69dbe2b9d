// What counts as under min ISR, as supported: as brokers of each version do, held against Kafka's
// own listings and against what brokers refuse.
import ClusterModel
import Foundation
import Testing

/// Topics with minima below, at and above the number of their replicas.
struct Listings {
    let cluster: KafkaCluster
    private static let topics = ["minbelow", "minat", "minabove"]

    /// - Parameter caps: brokers take no more than all replicas for `min.insync.replicas`.
    func check(caps: Bool) throws {
        let replicas = min(3, cluster.brokers.count)
        try cluster.createTopics(
            Self.topics.enumerated().map { number, topic in
                (topic, ["min.insync.replicas": "\(max(1, replicas - 1 + number))"])
            }, partitions: 2, replicas: replicas)
        defer { try? cluster.deleteTopics(Self.topics) }
        try waitUntilWell(cluster)
        try cluster.runAhead(
            ["under-min-isr", "at-min-isr", "under-replicated", "unavailable"].map {
                ["kafka-topics", "--describe", "--\($0)-partitions"]
            })
        let under = try listed("under-min-isr")
        // The tool takes the minimum as it stands on every version; brokers do not.
        #expect(under.filter { $0.hasPrefix("min") } == ["minabove-0", "minabove-1"])
        #expect(try ours("under_min_isr").sorted() == (caps ? [] : under))
        #expect(try isRefused("minabove") == !caps)
        #expect(try isRefused("minat") == false)
        #expect(try ours("under_replicated") == listed("under-replicated"))
        #expect(try ours("offline") == listed("unavailable"))
        // "At" is told where one could be lost: not where all replicas are asked for.
        let at = try ours("at_min_isr")
        #expect(try at == listed("at-min-isr").filter { at.contains($0) })
        #expect(!at.contains { $0.hasPrefix("minabove") || $0.hasPrefix("minat") })
    }

    private func listed(_ kind: String) throws -> [String] {
        let text = try cluster.tool("kafka-topics", "--describe", "--\(kind)-partitions")
        return text.split(separator: "\n").compactMap { line -> String? in
            let words = line.split { $0 == "\t" || $0 == " " }
            guard let topic = words.firstIndex(of: "Topic:"),
                let partition = words.firstIndex(of: "Partition:"), partition + 1 < words.count
            else { return nil }
            return "\(words[topic + 1])-\(words[partition + 1])"
        }.sorted()
    }

    private func ours(_ rule: String) throws -> [String] {
        let told = try Highwater.snapshot(cluster.bootstrap, "--only", rule).document
        #expect(told.complete)
        return (told.partitions ?? []).map { "\($0.topic)-\($0.partition)" }.sorted()
    }

    /// Whether a record with acks=all is refused: it was not written.
    private func isRefused(_ topic: String) throws -> Bool {
        func end() throws -> Int {
            try (Highwater.snapshot(cluster.bootstrap).document.partitions ?? [])
                .filter { $0.topic == topic }.map { try #require($0.logEndOffset) }.reduce(0, +)
        }
        let before = try end()
        _ = try? cluster.tool(
            "kafka-producer-perf-test", "--topic", topic, "--num-records", "1", "--record-size",
            "10", "--throughput", "-1", "--producer-props",
            "bootstrap.servers=\(cluster.bootstrap)", "acks=all", "enable.idempotence=false",
            "retries=0", "request.timeout.ms=5000", "delivery.timeout.ms=6000")
        return try end() == before
    }
}

extension Live.KRaft {
    @Test func listingsEqualKafkasOwn() throws {
        try Listings(cluster: currentCluster()).check(caps: true)
    }

    /// `kafka-features describe` asks with a newer ApiVersions than one begins with.
    @Test func featuresEqualWhatKafkasToolPrints() throws {
        let cluster = try currentCluster()
        let watched = try WatchedCluster(cluster.bootstrap)
        defer { watched.end() }
        let told = try watched.wait(for: "features", seconds: 20) {
            $0.coordinator.features.contains { $0.supported != nil && $0.name == "group.version" }
        }.cluster
        // "Feature: group.version  SupportedMinVersion: 0  SupportedMaxVersion: 1  Finalized…: 1"
        let lines = try cluster.tool("kafka-features", "describe").split(separator: "\n").map {
            $0.split { $0 == "\t" || $0 == " " }.map(String.init)
        }.filter { $0.first == "Feature:" && $0.count > 7 }
        #expect(lines.map { $0[1] }.sorted() == told.coordinator.features.map(\.name).sorted())
        for line in lines where line[1] != "metadata.version" {
            let ours = told.coordinator.features.first { $0.name == line[1] }
            let range = ours?.supported.map { ["\($0.lowerBound)", "\($0.upperBound)"] }
            #expect(range == [line[3], line[5]], "\(line)")
            #expect("\(ours?.finalized ?? 0)" == line[7], "\(line)")
        }
    }
}

extension Live.ZooKeeperMode {
    @Test func listingsEqualKafkasOwn() throws {
        try Listings(cluster: currentCluster()).check(caps: true)
    }
}

extension Live.InTurn {
    /// The last with the rules of before 3.7.
    @Suite(.serialized, WithCluster(options: .init(version: "3.3.2", brokers: 1)) { _ in })
    struct BeforeCappedMinima {
        @Test func listingsEqualKafkasOwn() throws {
            try Listings(cluster: currentCluster()).check(caps: false)
        }
    }
}
