// Overrides of one topic copied to others, by name.

internal import ClusterModel
internal import Drawing
internal import Planning

extension Command {
    static let ofConfigs = [
        copies("copy-configs", isExact: false, help: "what is set on TOPIC, also on others"),
        copies(
            "copy-configs!", isExact: true,
            help: "the same, and what is set on others only is unset"),
    ]

    private static func copies(_ name: String, isExact: Bool, help: String) -> Command {
        Command(name, .copied, help: help) { text, scene in
            if scene.isReadOnly { return .refuse("\(name): this session is read-only") }
            var topics: [String] = []
            for word in words(text) {
                guard case .topic(let topic)? = Argument.topic.find(scene.cluster, word) else {
                    return .refuse("\(name): " + Argument.topic.notFound(word, scene))
                }
                topics.append(topic)
            }
            guard topics.count > 1, let source = topics.first else {
                return .refuse("\(name): from which topic to which? Tab completes")
            }
            do throws(CopyFault) {
                return .effect(
                    .propose(
                        try ChangeRequest(
                            copyingOverridesOf: source, to: Array(topics.dropFirst()),
                            isExact: isExact, in: scene.cluster)))
            } catch {
                return .refuse("\(name): \(error.sentence)")
            }
        }
    }
}

extension Argument {
    /// Topics, one after the other.
    fileprivate static let copied = Argument(
        noun: "topic", placeholder: "TOPIC OTHER…", section: .topics,
        completions: { scene, text in
            guard let last = text.unicodeScalars.lastIndex(of: " ") else {
                return topic.completions(scene, text).map(asWord)
            }
            let start = String(text.unicodeScalars[...last])
            let rest = String(text.unicodeScalars[text.unicodeScalars.index(after: last)...])
            return topic.completions(scene, rest).map { start + asWord($0) }
        },
        find: { cluster, text in topic.find(cluster, words(text).first ?? "") })
}
