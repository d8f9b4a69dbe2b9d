// What the tests of changing commands share: a simulated cluster over loopback that commands change
// and that is asked past them.
import Foundation
import JSON
import KafkaClient
import SimulatedCluster
import Testing
import Transport

/// A simulated cluster and a state folder of its own.
@MainActor
final class Practice {
    let cluster: LoopbackCluster
    let state = NSTemporaryDirectory() + "highwater-change-" + UUID().uuidString
    let id: String

    /// - Parameter heard: gets every request's frame, on the cluster's own thread.
    init(
        _ change: (inout Shape) -> Void = { _ in },
        heard: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) throws {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = 24
        shape.offsetsPartitions = 3
        shape.groups = 1
        change(&shape)
        cluster = try LoopbackCluster(shape, heard: heard)
        let shown = try highwater(
            "elect preferred --all --dry-run --format json -b "
                + "\(cluster.endpoints[0])")
        id = try #require(try shown.document()["cluster_id"]?.string)
    }

    deinit {
        cluster.stop()
        try? FileManager.default.removeItem(atPath: state)
    }

    func run(_ line: String, environment: [String: String] = [:]) throws -> Ended {
        try highwater(
            "\(line) -b \(cluster.endpoints[0])",
            environment: environment.merging(["XDG_STATE_HOME": state]) { given, _ in given })
    }

    /// The same, agreed to.
    func make(_ line: String, environment: [String: String] = [:]) throws -> Ended {
        try run("\(line) --yes --expect-cluster-id \(id)", environment: environment)
    }

    func journal(_ more: String = "") throws -> [JSONValue] {
        try run("journal --format json \(more)").document()["entries"]?.array ?? []
    }

    var topic: String {
        get throws {
            let topics = try run("snapshot --sections topics").document()["topics"]?.array
            return try #require(topics?.first { $0["internal"]?.bool == false }?["name"]?.string)
        }
    }

    /// Brokers hear of a config a moment after it was changed: true once it is as wanted.
    func waits(for value: String?, _ key: String, of topic: String) throws -> Bool {
        for _ in 0..<1_200 {
            if try overrides(topic)[key] == value { return true }
            usleep(50_000)
        }
        return false
    }

    /// What is set on a topic itself, of a few keys, as a broker tells it.
    func overrides(_ topic: String) throws -> [String: String] {
        let keys = [
            "max.message.bytes", "retention.ms", "cleanup.policy", "segment.ms", "flush.ms",
        ]
        return try ask { client, answer in
            client.readConfigs(of: [(.topic(topic), keys)]) { answer((try? $0.get())?.first) }
        }
    }

    /// Asks the cluster past the command line; nil is no answer.
    func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (KafkaClient, @escaping (Answer?) -> Void) -> Void
    ) throws -> Answer {
        let loop = Loop(try EpollSystem())
        #expect(loop.start())
        defer { loop.stop() }
        let session = ClusterSession(
            loop: loop, config: ClientConfig(bootstrap: cluster.endpoints), writes: .allowed)
        let answered = Locked<Answer?>(nil)
        session.run { client in
            client.readPartitions(ofTopics: []) { _ in
                question(client) { answer in answered.withLock { $0 = answer } }
            }
        }
        for _ in 0..<12_000 where answered.withLock({ $0 == nil }) { usleep(5_000) }
        return try #require(answered.withLock { $0 })
    }
}
