// What stands behind an override, and that a secret is kept nowhere.
import ClusterModel
import Testing

@Suite struct ResourceConfigsTests {
    private func config(_ levels: [(String, ConfigSource)]) -> DescribedConfig {
        DescribedConfig(
            "k", levels.first?.0, levels.first?.1 ?? .initial,
            levels: levels.map { ConfigLevel("k", $0.0, $0.1) })
    }

    @Test func anOverrideIsWhatIsSetOnTheResourceItself() {
        let topic = ResourceConfigs(.topic("t"))
        let broker = ResourceConfigs(.broker(BrokerID(1)))
        let all = ResourceConfigs(.cluster)
        let set = config([("1", .topic), ("2", .broker), ("3", .initial)])
        #expect(topic.override(set)?.value == "1")
        #expect(topic.withoutOverride(set)?.value == "2")
        #expect(broker.override(set)?.value == "2")
        #expect(all.override(set) == nil)
        #expect(all.withoutOverride(set) == nil)
        let inherited = config([("2", .broker), ("3", .initial)])
        #expect(topic.override(inherited) == nil)
        #expect(topic.withoutOverride(inherited) == nil)
    }

    /// Before Kafka 1.1 no levels are told.
    @Test func withoutLevelsTheSourceStands() {
        let topic = ResourceConfigs(.topic("t"))
        let set = DescribedConfig("k", "1", .topic)
        #expect(topic.override(set)?.value == "1")
        #expect(topic.withoutOverride(set) == nil)
    }

    @Test func aSecretIsKeptNowhere() {
        let secret = DescribedConfig(
            "k", "hunter2", .topic, levels: [ConfigLevel("k", "hunter2", .topic)],
            isSensitive: true)
        #expect(secret.value == nil)
        #expect(secret.levels.map(\.value) == [nil])
    }

    @Test func listsOfOverridesAreCountedByTheirTopics() {
        var configs = TopicConfigs()
        let one = [ConfigOverride(name: "a", value: "1")]
        configs.set(one, historyIndex: 0)
        configs.set(one, historyIndex: 3)
        configs.set([ConfigOverride(name: "a", value: "2")], historyIndex: 1)
        configs.set([], historyIndex: 2)
        configs.set([], historyIndex: 1)
        var told: [String: Int] = [:]
        configs.forEachList { list, topics in told[list[0].text] = topics }
        #expect(told == ["1": 2])
    }
}
