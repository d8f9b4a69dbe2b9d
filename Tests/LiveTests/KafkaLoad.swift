// Topics, traffic and groups through `kafka-load`, and the truth it prints when it ends.
import Foundation

/// What `kafka-load load` says it wrote.
struct Written: Decodable {
    /// Acknowledged records.
    var records: Int
    /// Sent and never answered: written or not, nobody knows.
    var unanswered: Int
    var seconds: Double
    var byTopic: [String: Int]
}

extension KafkaCluster {
    private func load(_ words: [String]) throws -> ChildProcess {
        try ChildProcess(
            KafkaScripts.load + [words[0], "--bootstrap", internalAddresses] + words.dropFirst())
    }

    private func finish(_ child: ChildProcess, seconds: Double) throws -> Data {
        let ended = try child.wait(seconds: seconds)
        guard ended.exitCode == 0, let last = ended.output.split(separator: "\n").last else {
            throw HarnessError("\(child.command.joined(separator: " ")): \(ended.errors)")
        }
        return Data(last.utf8)
    }

    /// One topic of this name if `count` is 1, else `name0`, `name1`, … .
    func createTopics(
        _ name: String, count: Int = 1, partitions: Int, replication: Int = 3,
        configs: [String] = []
    ) throws {
        let words = [
            "topics", "--prefix", name, "--topics", "\(count)", "--partitions", "\(partitions)",
            "--replication", "\(replication)",
        ]
        // A busy controller may take longer than the script waits; what is there already is fine.
        for attempt in 1...3 {
            do {
                _ = try finish(load(words + configs.flatMap { ["--config", $0] }), seconds: 90)
                return
            } catch {
                guard attempt < 3 else { throw error }
            }
        }
    }

    /// Groups without members, `lag` records behind the end of each partition of the topics.
    func commitGroups(
        _ prefix: String, count: Int, topics: [String], topicsEach: Int, lag: Int
    ) throws {
        let words = [
            "groups", "--prefix", prefix, "--count", "\(count)", "--lag", "\(lag)",
            "--topic", topics.joined(separator: ","), "--topics-each", "\(topicsEach)",
        ]
        _ = try finish(load(words), seconds: 120)
    }

    /// The log end offset of each partition of a topic, read by the script's own client.
    func readEnds(of topic: String) throws -> [Int] {
        let read = """
            import json, runpy, sys
            script, bootstrap, topic = sys.argv[1:]
            cluster = runpy.run_path(script)["Cluster"](bootstrap)
            print(json.dumps(list(cluster.ends(topic, cluster.refresh([topic])[topic]).values())))
            """
        let child = try ChildProcess(
            [KafkaScripts.load[0], "-c", read, KafkaScripts.load[1], internalAddresses, topic])
        return try JSONDecoder().decode([Int].self, from: finish(child, seconds: 30))
    }

    /// Starts traffic that ends by itself after `seconds`.
    func startTraffic(
        to topics: [String], rate: Int, seconds: Double, acks: Int = 1
    ) throws -> Traffic {
        let words = [
            "load", "--topics", topics.joined(separator: ","), "--rate", "\(rate)",
            "--seconds", "\(seconds)", "--acks", "\(acks)",
        ]
        return Traffic(child: try load(words), seconds: seconds, cluster: self)
    }

    func write(
        to topics: [String], rate: Int, seconds: Double, acks: Int = 1
    ) throws -> Written {
        var written: Written?
        // A broker may hear of a new topic later than the one that made it; then nothing is
        // written.
        try waitUntil("brokers that know \(topics)", seconds: seconds + 60) {
            do {
                written = try startTraffic(to: topics, rate: rate, seconds: seconds, acks: acks)
                    .finish()
            } catch let error as HarnessError where error.description.contains("no such topic") {
                return false
            }
            return true
        }
        guard let written else { throw HarnessError("nothing was written") }
        return written
    }

    /// Traffic under way.
    struct Traffic {
        fileprivate var child: ChildProcess
        fileprivate var seconds: Double
        fileprivate var cluster: KafkaCluster

        /// Waits for its end and returns what was acknowledged.
        func finish() throws -> Written {
            let line = try cluster.finish(child, seconds: seconds + 60)
            return try snakeCaseDecoder().decode(Written.self, from: line)
        }
    }
}
