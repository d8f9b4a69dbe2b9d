// What is known of topics' configs: the one place where it is kept. Most topics have no overrides
// and many have the same, so each list of overrides is held once and a topic holds its number.

/// One config that is set on a topic itself.
package struct ConfigOverride: Sendable, Hashable {
    /// Who set it, by Kafka's number (DescribeConfigs).
    package enum Source: Int8, Sendable {
        /// Not told: DescribeConfigs before version 1 says only that it is no default.
        case unknown = 0
        /// Set on the topic (DYNAMIC_TOPIC_CONFIG).
        case topic = 1
    }
    package var name: String
    /// nil where the broker told none, as of sensitive keys, whose values are never kept.
    package private(set) var value: String?
    package var source: Source
    package var isSensitive: Bool

    package init(
        name: String, value: String?, source: Source = .topic, isSensitive: Bool = false
    ) {
        self.name = name
        self.value = isSensitive ? nil : value
        self.source = source
        self.isSensitive = isSensitive
    }

    /// The value as it is shown.
    package var text: String { isSensitive ? "(hidden)" : value ?? "" }
}

/// The overrides and `min.insync.replicas` of all topics, by the topics' history indexes.
package struct TopicConfigs: Sendable {
    /// By history index: which list; -1 not read.
    private var listOf: [Int32] = []
    /// Each list that some topic has. Number 0 is the empty one.
    private var lists: [[ConfigOverride]] = [[]]
    private var numbers: [[ConfigOverride]: Int32] = [:]
    /// By list: how many topics have it.
    private var users: [Int32] = [0]
    /// Lists that no topic has any more: their numbers are given again.
    private var free: [Int32] = []
    /// By history index: `min.insync.replicas` in force, whoever set it; -1 unknown.
    private var leastInSync: [Int32] = []
    /// Each name once: lists share their characters.
    private var names: Set<String> = []

    package init() {}

    /// Ascending by name; nil while not read or not readable.
    package func overrides(historyIndex: Int) -> [ConfigOverride]? {
        guard historyIndex < listOf.count, listOf[historyIndex] >= 0 else { return nil }
        return lists[Int(listOf[historyIndex])]
    }

    /// The number of its list of overrides, which topics with the same overrides share; nil where
    /// it has none, or they are not read.
    package func listNumber(historyIndex: Int) -> Int32? {
        guard historyIndex < listOf.count, listOf[historyIndex] > 0 else { return nil }
        return listOf[historyIndex]
    }

    /// `min.insync.replicas` in force: the topic's override, else the brokers' own; nil unknown.
    package func minInsyncReplicas(historyIndex: Int) -> Int? {
        guard historyIndex < leastInSync.count, leastInSync[historyIndex] >= 0 else { return nil }
        return Int(leastInSync[historyIndex])
    }

    package mutating func setMinInsyncReplicas(_ count: Int?, historyIndex: Int) {
        guard minInsyncReplicas(historyIndex: historyIndex) != count else { return }
        if historyIndex >= leastInSync.count {
            leastInSync += Array(repeating: -1, count: historyIndex + 1 - leastInSync.count)
        }
        leastInSync[historyIndex] = Int32(clamping: count ?? -1)
    }

    /// Takes the overrides of a topic as they were read.
    package mutating func set(_ overrides: [ConfigOverride], historyIndex: Int) {
        let sorted = overrides.count < 2 ? overrides : overrides.sorted { $0.name < $1.name }
        guard self.overrides(historyIndex: historyIndex) != sorted else { return }
        release(historyIndex)
        if historyIndex >= listOf.count {
            listOf += Array(repeating: -1, count: historyIndex + 1 - listOf.count)
        }
        let number = number(of: sorted)
        users[Int(number)] += 1
        listOf[historyIndex] = number
    }

    /// The history index has another owner, whose configs were not read.
    package mutating func forget(historyIndex: Int) {
        setMinInsyncReplicas(nil, historyIndex: historyIndex)
        guard historyIndex < listOf.count else { return }
        release(historyIndex)
        listOf[historyIndex] = -1
    }

    /// Each list of overrides that topics have, with how many have it; not the empty one.
    package func forEachList(_ body: ([ConfigOverride], _ topics: Int) -> Void) {
        for number in lists.indices.dropFirst() where users[number] > 0 {
            body(lists[number], Int(users[number]))
        }
    }

    private mutating func number(of overrides: [ConfigOverride]) -> Int32 {
        if overrides.isEmpty { return 0 }
        if let known = numbers[overrides] { return known }
        var shared = overrides
        for index in shared.indices {
            shared[index].name = names.insert(shared[index].name).memberAfterInsert
        }
        let number = free.popLast() ?? Int32(lists.count)
        if Int(number) == lists.count {
            lists.append(shared)
            users.append(0)
        } else {
            lists[Int(number)] = shared
        }
        numbers[shared] = number
        return number
    }

    private mutating func release(_ historyIndex: Int) {
        guard historyIndex < listOf.count, listOf[historyIndex] >= 0 else { return }
        let number = Int(listOf[historyIndex])
        users[number] -= 1
        guard users[number] == 0, number > 0 else { return }
        numbers[lists[number]] = nil
        lists[number] = []
        free.append(Int32(number))
    }
}

extension Cluster {
    /// The overrides of the topic at an index, ascending by name; nil while not read or not
    /// readable.
    package func overrides(topic index: Int) -> [ConfigOverride]? {
        configs.overrides(historyIndex: topics[index].historyIndex)
    }

    /// `min.insync.replicas` in force for the topic at an index; nil while not read or not
    /// readable.
    package func minInsyncReplicas(topic index: Int) -> Int? {
        configs.minInsyncReplicas(historyIndex: topics[index].historyIndex)
    }

    /// Takes the overrides of a topic with the `min.insync.replicas` in force; nil unknown.
    package mutating func setOverrides(
        _ overrides: [ConfigOverride], topic index: Int, minInsyncReplicas: Int?
    ) {
        configs.set(overrides, historyIndex: topics[index].historyIndex)
        configs.setMinInsyncReplicas(minInsyncReplicas, historyIndex: topics[index].historyIndex)
    }

    /// Takes the overrides of a topic from a source that knows nothing else of its configs. Where
    /// none says `min.insync.replicas`, the brokers' own is in force: as it was told before, and
    /// unknown where an override stood before it.
    package mutating func setOverrides(_ overrides: [ConfigOverride], topic index: Int) {
        func least(_ list: [ConfigOverride]) -> ConfigOverride? {
            list.first { $0.name == "min.insync.replicas" }
        }
        let inherited =
            least(self.overrides(topic: index) ?? []) == nil
            ? self.minInsyncReplicas(topic: index) : nil
        setOverrides(
            overrides, topic: index,
            minInsyncReplicas: least(overrides).map { $0.value.flatMap { Int($0) } } ?? inherited)
    }
}
