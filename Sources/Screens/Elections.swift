// Elections of leaders from the keyboard: on every screen whose rows are partitions,
// topics or brokers, and by name.

internal import ClusterModel
internal import Drawing
internal import Planning

/// Asks what elections of preferred leaders would change.
func elections(of subjects: [ObjectID]) -> Request {
    .effect(.propose(ChangeRequest("elect_preferred_leaders", of: subjects)))
}

/// Asks which partitions without leader a replica could lead that was not in sync, and what that
/// loses.
private func uncleanElections(_ text: String, _ scene: Scene) -> Request {
    guard !text.isEmpty, let subject = Argument.electable.find(scene.cluster, text) else {
        return .refuse(
            text.isEmpty
                ? "elect unclean: which? TOPIC-N, a topic or broker ID"
                : "elect unclean: " + Argument.electable.notFound(text, scene))
    }
    return uncleanElections(of: [subject])
}

func uncleanElections(of subjects: [ObjectID]) -> Request {
    .effect(.propose(ChangeRequest("elect_unclean_leaders", of: subjects)))
}

extension Command {
    /// `:elect`, about everything or about one thing.
    static let elect = Command(
        "elect", .electable, help: "preferred leaders: of all, a topic, TOPIC-N, broker; unclean"
    ) { text, scene in
        if scene.isReadOnly { return .refuse("elect: this session is read-only") }
        if text == "unclean" || text.hasPrefix("unclean ") {
            return uncleanElections(trimmed(String(text.dropFirst("unclean".count))), scene)
        }
        if text.isEmpty || text == "all" { return elections(of: [.cluster]) }
        guard let subject = Argument.electable.find(scene.cluster, text) else {
            return .refuse("elect: " + Argument.electable.notFound(text, scene))
        }
        return elections(of: [subject])
    }
}

extension Argument {
    fileprivate static let electable = Argument(
        noun: "topic, partition or broker", placeholder: "WHAT", isOptional: true,
        section: .topics,
        completions: { scene, text in
            ["all", "broker ", "unclean "].filter { $0.hasPrefix(text) && $0 != text }
                + topic.completions(scene, text)
        },
        find: { cluster, text in
            if text.hasPrefix("broker ") {
                return broker.find(cluster, String(text.dropFirst("broker ".count)))
            }
            return topic.find(cluster, text) ?? partition.find(cluster, text)
        })
}
