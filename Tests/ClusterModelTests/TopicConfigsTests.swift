// The overrides of topics: what is kept, what is shared, and what of a topic derives from it.
import Testing

@testable import ClusterModel

@Suite struct TopicConfigsTests {
    private func override(_ name: String, _ value: String?) -> ConfigOverride {
        ConfigOverride(name: name, value: value)
    }

    @Test func valuesOfSensitiveKeysAreNotKept() {
        let secret = ConfigOverride(name: "password", value: "s3cret", isSensitive: true)
        #expect(secret.value == nil && secret.text == "(hidden)")
        var configs = TopicConfigs()
        configs.set([secret], historyIndex: 3)
        #expect(!"\(configs)".contains("s3cret"))
        #expect(configs.overrides(historyIndex: 3)?.first?.isSensitive == true)
    }

    @Test func notReadIsNotNone() {
        var configs = TopicConfigs()
        #expect(configs.overrides(historyIndex: 5) == nil)
        configs.set([], historyIndex: 5)
        #expect(
            configs.overrides(historyIndex: 5) == [] && configs.overrides(historyIndex: 4) == nil)
        configs.forget(historyIndex: 5)
        configs.forget(historyIndex: 50)
        #expect(configs.overrides(historyIndex: 5) == nil)
    }

    /// Lists come and go; each topic has its own last one, ascending by name.
    @Test func listsAreSharedAndGivenBack() {
        var configs = TopicConfigs()
        var expected: [[ConfigOverride]?] = Array(repeating: nil, count: 20)
        var number = 7
        for _ in 0..<2_000 {
            number = (number * 1_103_515_245 + 12_345) % 2_147_483_648
            let historyIndex = number / 65_536 % 20
            switch number / 7 % 5 {
            case 0:
                configs.forget(historyIndex: historyIndex)
                expected[historyIndex] = nil
            case 1:
                configs.set([], historyIndex: historyIndex)
                expected[historyIndex] = []
            default:
                let value = "\(number / 11 % 6)"
                configs.set([override("b", value), override("a", "1")], historyIndex: historyIndex)
                expected[historyIndex] = [override("a", "1"), override("b", value)]
            }
        }
        for historyIndex in 0..<20 {
            #expect(configs.overrides(historyIndex: historyIndex) == expected[historyIndex])
        }
        // Six lists and the empty one are ever needed at once: each is there once.
        let lists = Mirror(reflecting: configs).children.first { $0.label == "lists" }
        let count = (lists?.value as? [[ConfigOverride]])?.count
        #expect(count ?? 99 <= 8)
    }

    @Test func whatATopicShowsDerivesFromItsOverrides() {
        var cluster = Cluster()
        cluster.topics = [Topic(name: "a", historyIndex: 0), Topic(name: "b", historyIndex: 1)]
        cluster.setOverrides([override("x", "1")], topic: 0, minInsyncReplicas: 2)
        #expect(cluster.overrides(topic: 0)?.count == 1)
        #expect(cluster.minInsyncReplicas(topic: 0) == 2)
        #expect(cluster.overrides(topic: 1) == nil && cluster.minInsyncReplicas(topic: 1) == nil)
        // A source that knows overrides only: the brokers' value stays in force.
        cluster.setOverrides([], topic: 0)
        #expect(cluster.overrides(topic: 0)?.isEmpty == true)
        #expect(cluster.minInsyncReplicas(topic: 0) == 2)
        cluster.setOverrides([override("min.insync.replicas", "3")], topic: 0)
        #expect(cluster.minInsyncReplicas(topic: 0) == 3)
        // Which value is the brokers' is not known any more.
        cluster.setOverrides([], topic: 0)
        #expect(cluster.minInsyncReplicas(topic: 0) == nil)
        // Another topic in the same history index begins anew.
        cluster.setOverrides([], topic: 0, minInsyncReplicas: 2)
        cluster.configs.forget(historyIndex: 0)
        #expect(cluster.overrides(topic: 0) == nil && cluster.minInsyncReplicas(topic: 0) == nil)
    }
}
