// The honesty script, changing part: configs, elections, reassignments, and what is refused.
import Foundation
import KafkaWire

extension HonestCluster {
    private func alter(
        _ type: ConfigResourceType, _ name: String, _ changes: [(String, Int8, String?)],
        isTrial: Bool = true
    ) -> IncrementalAlterConfigsRequest {
        var resource = IncrementalAlterConfigsRequest.Resource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configs = changes.map { name, operation, value in
            var config = IncrementalAlterConfigsRequest.Config()
            config.name = name
            config.operation = operation
            config.value = value
            return config
        }
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        request.validateOnly = isTrial
        return request
    }

    /// Takes away what a simulated topic has of its own and the real one has not.
    func clearTopic() throws {
        let names = ["retention.ms", "cleanup.policy", "min.insync.replicas"]
        _ = try broker(1).ask(
            alter(2, quiet, names.map { ($0, Int8(1), nil) }, isTrial: false), version: 1)
    }

    // MARK: Configs that are refused

    func tryConfigs() throws {
        let topicCases: [(String, [(String, Int8, String?)])] = [
            ("good", [("retention.ms", 0, "1000")]),
            ("not a number", [("retention.ms", 0, "x")]),
            ("too small", [("retention.ms", 0, "-5")]),
            ("unknown name", [("no.such.config", 0, "1")]),
            ("not one of", [("cleanup.policy", 0, "shred")]),
            ("not a codec", [("compression.type", 0, "zip")]),
            ("not a boolean", [("preallocate", 0, "maybe")]),
            ("not a double", [("min.cleanable.dirty.ratio", 0, "y")]),
            ("tiny segments", [("segment.bytes", 0, "1")]),
            ("many in sync", [("min.insync.replicas", 0, "99")]),
            ("none in sync", [("min.insync.replicas", 0, "0")]),
            ("null", [("max.message.bytes", 0, nil)]),
            ("append to a number", [("retention.ms", 2, "5")]),
            ("subtract from a number", [("retention.ms", 3, "5")]),
            ("append to a list", [("cleanup.policy", 2, "compact")]),
            ("twice", [("retention.ms", 0, "5000"), ("retention.ms", 0, "6000")]),
            ("no such operation", [("retention.ms", 9, "5")]),
            ("delete what is not set", [("flush.ms", 1, nil)]),
            ("delete what nobody knows", [("no.such.config", 1, nil)]),
            ("bad throttle", [("leader.replication.throttled.replicas", 0, "none")]),
            ("half a throttle", [("follower.replication.throttled.replicas", 0, "0:1,*")]),
            ("throttle", [("leader.replication.throttled.replicas", 0, "0:1,1:2")]),
            ("throttle all", [("leader.replication.throttled.replicas", 0, "*")]),
        ]
        for (step, changes) in topicCases {
            try note("config: \(step)", alter(2, quiet, changes), 0)
        }
        try note("config: no topic", alter(2, "no.such", [("retention.ms", 0, "1")]), 1)
        let brokerCases: [(String, String, [(String, Int8, String?)])] = [
            ("good", "1", [("background.threads", 0, "12")]),
            ("default", "", [("log.retention.ms", 0, "100000")]),
            ("not a number", "1", [("background.threads", 0, "x")]),
            ("no threads", "1", [("background.threads", 0, "0")]),
            ("many threads", "1", [("background.threads", 0, "500")]),
            ("fixed", "1", [("log.dirs", 0, "/x")]),
            ("security", "1", [("ssl.keystore.password", 0, "x")]),
            ("another broker", "2", [("background.threads", 0, "12")]),
            ("no number", "x", [("background.threads", 0, "12")]),
            ("unknown", "1", [("no.such", 0, "x")]),
            ("rate", "1", [("leader.replication.throttled.rate", 0, "1000")]),
            ("rate of all", "", [("follower.replication.throttled.rate", 0, "0")]),
            ("bad rate", "1", [("leader.replication.throttled.rate", 0, "-1")]),
        ]
        for (step, name, changes) in brokerCases {
            try note("broker: \(step)", alter(4, name, changes), 1)
        }
        try note("logger: none", alter(8, "1", [("no.such.logger.x", 0, "INFO")]), 1)
        try note("logger: root", alter(8, "1", [("root", 1, nil)]), 1)
        try note("logger: bad level", alter(8, "1", [("root", 0, "LOUD")]), 1)
        try note("no such kind", alter(77, "1", [("root", 0, "x")]), 1)
        var twice = alter(2, quiet, [("retention.ms", 0, "1000")])
        twice.resources += twice.resources
        try note("resource twice", twice, 1)
        var good = alter(2, quiet, [("retention.ms", 0, "1000")])
        good.resources += alter(2, "no.such", [("retention.ms", 0, "1")]).resources
        try note("one good, one bad", good, 1)
        let old = AlterConfigsRequest()
        try note("none", old, 1)
    }

    // MARK: Configs that are set

    private struct Known: Hashable {
        var name: String
        var text: String
    }

    func describe(
        _ step: String, _ type: ConfigResourceType, _ name: String, _ version: Int16,
        keys: [String]? = nil, inFull: Bool = true
    ) throws {
        var request = DescribeConfigsRequest()
        request.resources = [.init(resourceType: type, resourceName: name, keys: keys)]
        request.includeSynonyms = true
        let answer = try broker(1).ask(request, version: version)
        let result = answer?.results.first
        note(
            "\(step) v\(version)",
            result.map { "\($0.error) \($0.errorMessage ?? "null")" } ?? "closed")
        guard inFull else { return }
        for config in (result?.configs ?? []).sorted(by: { $0.name < $1.name }) {
            let levels = config.synonyms.map { "\($0.name) \($0.source)" }
            note(
                "\(step) v\(version) \(config.name)",
                "type \(config.configType) source \(config.configSource) fixed \(config.readOnly) "
                    + "secret \(config.isSensitive) null \(config.value == nil) \(levels)")
        }
    }

    func setConfigs() throws {
        let newest = min(try offered()[32]?.upperBound ?? 2, 4)
        try describe("topic", 2, quiet, newest)
        try describe("topic", 2, quiet, 1, keys: ["retention.ms"])
        try describe("no keys", 2, quiet, newest, keys: [])
        try describe("unknown key", 2, quiet, newest, keys: ["no.such"])
        try describe("no topic", 2, "no.such", newest)
        try describe("other broker", 4, "2", newest)
        try describe("no broker", 4, "x", newest)
        try describe("no kind", 77, "x", newest)
        try describe("defaults", 4, "", newest)
        try describe("loggers", 8, "1", newest, inFull: false)
        let rates = ["leader.replication.throttled.rate", "no.such", "log.retention.ms"]
        try describe("rates unset", 4, "1", newest, keys: rates)
        let sets: [(ConfigResourceType, String, [(String, Int8, String?)])] = [
            (2, quiet, [("retention.ms", 0, "7200000"), ("cleanup.policy", 2, "compact")]),
            (4, "1", [(rates[0], 0, "1000000"), ("no.such", 0, "x"), (rates[2], 0, "90000000")]),
            (4, "", [(rates[0], 0, "2000000"), (rates[2], 0, "80000000")]),
        ]
        for (type, name, changes) in sets {
            try note(
                "set \(type) \(name == quiet ? "quiet" : name)",
                alter(type, name, changes, isTrial: false), 1)
        }
        // A KRaft broker takes note of what it stored a moment later.
        try waitUntil("what was set is told", seconds: 10, every: 0.05) {
            var request = DescribeConfigsRequest()
            request.resources = [
                .init(resourceType: 2, resourceName: quiet, keys: ["retention.ms"]),
                .init(resourceType: 4, resourceName: "1", keys: [rates[2]]),
            ]
            request.includeSynonyms = true
            let results = try broker(1).ask(request, version: 2)?.results
            return results?.first?.configs.first?.configSource == 1
                && results?.last?.configs.first?.synonyms.prefix(2).map(\.source) == [2, 3]
        }
        try describe("topic set", 2, quiet, newest)
        try describe("rates set", 4, "1", newest, keys: rates)
        try describe("defaults set", 4, "", newest)
        for (type, name, changes) in sets {
            let back = changes.map { ($0.0, Int8(1), String?.none) }
            try note(
                "unset \(type) \(name == quiet ? "quiet" : name)",
                alter(type, name, back, isTrial: false), 1)
        }
    }

    /// Every config of a broker that both know.
    func brokerConfigs() throws -> [String: String] {
        var request = DescribeConfigsRequest()
        request.resources = [.init(resourceType: 4, resourceName: "1")]
        request.includeSynonyms = true
        let version = min(try offered()[32]?.upperBound ?? 2, 4)
        let configs = try broker(1).ask(request, version: version)?.results.first?.configs ?? []
        return Dictionary(
            configs.map { config in
                let initial = config.synonyms.last { $0.source == 5 }
                return (
                    config.name,
                    "type \(config.configType) fixed \(config.readOnly) secret "
                        + "\(config.isSensitive) default \(initial?.value ?? "null")"
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Elections

    func elect() throws {
        let controller = try controller()
        func request(_ topic: String?, _ partitions: [Int32], _ type: Int8) -> ElectLeadersRequest {
            var request = ElectLeadersRequest()
            request.electionType = type
            request.timeoutMs = 4_000
            request.topicPartitions = topic.map { name in
                var entry = ElectLeadersRequest.TopicPartitions()
                entry.topic = name
                entry.partitions = IDList(partitions)
                return [entry]
            }
            return request
        }
        // Brokers that were away before do not lead again by themselves: nothing is left to elect.
        _ = try broker(controller).ask(request(nil, [], 0), version: 2)
        for version in Int16(0)...2 {
            try note("not needed", request(quiet, [0], 0), version, at: controller)
        }
        try note("unclean, led", request(quiet, [0], 1), 2, at: controller)
        try note("no partition", request(quiet, [77], 0), 2, at: controller)
        try note("no topic", request("zz.none", [0], 0), 2, at: controller)
        try note("all", request(nil, [], 0), 2, at: controller)
        try note("none", request(quiet, [], 0), 2, at: controller)
        if isZooKeeper {
            try note("not the controller", request(quiet, [0], 0), 2, at: controller % 3 + 1)
        }
    }

    // MARK: Moves

    /// The quiet topic is on [1, 2], [2, 3] and [3, 1].
    func reassign() throws {
        let controller = try controller()
        func note(_ step: String, _ lists: [[Int32]?]) throws {
            try self.note("move: \(step)", assign(lists), 0, at: controller)
        }
        try note("cancel nothing", [nil])
        try note("empty", [[]])
        try note("twice", [[1, 1]])
        try note("negative", [[-1, 1]])
        try note("broker 99", [[1, 99]])
        try note("as it is", [[1, 2]])
        var unknown = assign([[1, 2]])
        unknown.topics[0].partitions[0].partitionIndex = 77
        try self.note("move: no partition", unknown, 0, at: controller)
        unknown.topics[0].name = "zzz"
        try self.note("move: no topic", unknown, 0, at: controller)
        if try offered()[45]?.contains(1) == true {
            var fixed = assign([[1, 2, 3]])
            fixed.allowReplicationFactorChange = false
            try self.note("move: another factor", fixed, 1, at: controller)
        }
        if isZooKeeper {
            try self.note(
                "move: not the controller", assign([[1, 2]]), 0, at: controller % 3 + 1)
            try self.note(
                "moves: not the controller", ListPartitionReassignmentsRequest(), 0,
                at: controller % 3 + 1)
        }
        try self.note("moves: none", ListPartitionReassignmentsRequest(), 0, at: controller)
        try note("reorder", [[2, 1]])
        try move([[1, 2], [2, 3], [3, 1]])
        try self.note("none to move", assign([]), 0, at: controller)
    }
}
