// Topics made, widened and deleted from the keyboard. Keys open a command that begins with the row,
// or a review.

internal import ClusterModel
internal import Drawing
internal import Planning

extension Command {
    static let ofTopics = [createTopic, addPartitions, deleteTopic]

    private static let createTopic = Command(
        "create-topic", .creating,
        help: "NAME partitions N rf N, then overrides: retention.ms=7d"
    ) { text, scene in
        if scene.isReadOnly { return .refuse("create-topic: this session is read-only") }
        var words = words(text)
        guard !words.isEmpty else { return .refuse("create-topic: what is it called?") }
        let name = words.removeFirst()
        var values: [ChangeRequest.Value] = []
        while let word = words.first {
            words.removeFirst()
            if let count = counts[word] {
                guard let text = words.first, Int(text) ?? 0 > 0 else {
                    return .refuse("create-topic: \(word) needs a number")
                }
                words.removeFirst()
                values.append(.init(count, text))
            } else if let sign = word.firstIndex(of: "="), sign != word.startIndex {
                values.append(
                    .init(String(word[..<sign]), String(word[word.index(after: sign)...])))
            } else {
                return .refuse("create-topic: \(word) is not partitions N, rf N or KEY=VALUE")
            }
        }
        for (word, count) in counts where !values.contains(where: { $0.key == count }) {
            return .refuse("create-topic: how many? \(word) N is missing")
        }
        return .effect(.propose(ChangeRequest("create_topic", of: [.topic(name)], values: values)))
    }

    /// By the word that is typed.
    fileprivate static let counts = ["partitions": "partitions", "rf": "replication-factor"]

    private static let addPartitions = Command(
        "add-partitions", .widening, help: "TOPIC N: as many as it then has"
    ) { text, scene in
        let words = words(text)
        guard let name = words.first else { return .refuse("add-partitions: which? Tab completes") }
        guard let topic = Argument.topic.find(scene.cluster, name) else {
            return .refuse("add-partitions: " + Argument.topic.notFound(name, scene))
        }
        if scene.isReadOnly { return .refuse("add-partitions: this session is read-only") }
        guard words.count == 2, Int(words[1]) ?? 0 > 0 else {
            return .refuse("add-partitions: how many has it then? A number")
        }
        return .effect(
            .propose(
                ChangeRequest(
                    "add_partitions", of: [topic], values: [.init("partitions", words[1])])))
    }

    private static let deleteTopic = Command(
        "delete-topic", .topic, help: "a topic with all its records; its name is typed"
    ) { text, scene in
        if scene.isReadOnly { return .refuse("delete-topic: this session is read-only") }
        guard let topic = Argument.topic.find(scene.cluster, text), !text.isEmpty else {
            return .refuse(
                text.isEmpty
                    ? "delete-topic: which? Tab completes"
                    : "delete-topic: " + Argument.topic.notFound(text, scene))
        }
        return deletion(of: [topic])
    }

    static func deletion(of topics: [ObjectID]) -> Request {
        .effect(.propose(ChangeRequest("delete_topics", of: topics)))
    }
}

extension Argument {
    fileprivate static let creating = Argument(
        noun: "topic", placeholder: "NAME partitions N rf N",
        completions: { scene, text in
            // A new name most often begins like one there is.
            guard let last = text.unicodeScalars.lastIndex(of: " ") else {
                return topic.completions(scene, text).map(asWord)
            }
            let start = String(text.unicodeScalars[...last])
            let rest = String(text.unicodeScalars[text.unicodeScalars.index(after: last)...])
            let given = words(start)
            return Command.counts.keys.sorted()
                .filter { $0.hasPrefix(rest) && $0 != rest && !given.contains($0) }
                .map { start + $0 + " " }
        })
    fileprivate static let widening = Argument(
        noun: "topic", placeholder: "TOPIC N", section: .topics,
        completions: { scene, text in
            text.unicodeScalars.contains(" ") ? [] : topic.completions(scene, text).map(asWord)
        },
        find: { cluster, text in topic.find(cluster, words(text).first ?? "") })
}

/// The keys that change topics.
enum TopicKeys {
    static let all =
        [
            Binding(
                keys: [.character("n")], label: "n", action: .create, title: "new topic",
                help: "a new topic: its name, partitions and replicas are asked for", hint: 77,
                area: "Act", why: { scene, _ in readOnly(scene) })
        ] + ofRow("delete the marked topics, else this, with all records", why: reason)

    /// On the page of one topic.
    static let ofOne = ofRow("delete this topic with all records") { scene, _ in readOnly(scene) }

    private static func ofRow(
        _ deletes: String, why: @escaping @Sendable (Scene, ObjectID?) -> String?
    ) -> [Binding] {
        [
            Binding(
                keys: [.character("a")], label: "a", action: .addPartitions,
                title: "add partitions",
                help: "more partitions for this topic: how many it then has", area: "Act",
                why: why),
            Binding(
                keys: [.character("d")], label: "d", action: .delete, title: "delete topic",
                help: deletes, area: "Act", why: why),
        ]
    }

    private static func readOnly(_ scene: Scene) -> String? {
        scene.isReadOnly ? "this session is read-only" : nil
    }

    @Sendable private static func reason(_ scene: Scene, _ row: ObjectID?) -> String? {
        readOnly(scene) ?? (row == nil ? "no row is selected" : nil)
    }
}

extension TopicsScreen {
    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .create: return [.prompt("create-topic ")]
        case .addPartitions:
            guard case .topic(let name)? = row(scene) else { return [] }
            return [.prompt("add-partitions \(asWord(name)) ")]
        case .delete:
            let marked = state.marks.sorted { $0.name < $1.name }
            let topics = marked.isEmpty ? row(scene).map { [$0] } ?? [] : marked
            return [Command.deletion(of: topics)]
        default: return updateTable(action, scene)
        }
    }
}
