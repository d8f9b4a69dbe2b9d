// Another cluster answers where this one was expected: which of them it is to be. Nothing of the
// other one is shown meanwhile.

internal import ClusterModel
internal import Drawing

/// The question over the screen below; Esc leaves everything as it is.
struct IdentityScreen: Screen {
    static let entry = ScreenEntry(
        name: "identity", title: "another cluster",
        help: "which cluster to go on with, where another one answers")
    static let traits: ScreenTraits = .overlay
    static let bindings = [
        Binding(
            keys: [.character("s")], label: "s", action: .stay, title: "stay",
            help: "stay with the cluster known so far; :identity asks again", hint: 1, area: "Act"),
        Binding(
            keys: [.character("n")], label: "n", action: .beginAnew, title: "begin anew",
            help: "let what is known go, and begin anew with the other cluster", hint: 2,
            area: "Act"),
    ]
    private let other: OtherCluster

    init(_ other: OtherCluster) { self.other = other }

    init?(_ subject: ObjectID?, _ scene: Scene) { return nil }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .beginAnew: return [.effect(.beginAnew(other))]
        case .stay, .back:
            return [
                .leave,
                .say("staying with \(scene.cluster.clusterID ?? "?"); :identity asks again"),
            ]
        default: return []
        }
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let width = min(body.width, 84)
        let text = lines(scene).flatMap { wrapped($0, to: width - 4) }
        let height = min(body.height, text.count + 2)
        let rect = body.dialog(width: width, height: height)
        let inside = frame.box(
            rect, title: [Run("Another cluster answers", .critical)], role: .critical)
        for (line, runs) in text.prefix(inside.height).enumerated() {
            frame.runs(runs, x: inside.x + 1, y: inside.y + line, within: inside)
        }
    }

    private func lines(_ scene: Scene) -> [[Run]] {
        let cluster = scene.cluster
        let metadata = scene.age(cluster.health(.metadata).answeredAt)
        let age = metadata.map { "last answer \(ago($0))" } ?? "no answer yet"
        let place = other.broker.map { "\(other.address), the address of broker \($0)" }
        return [
            [
                Run("known:    ", .dim), Run(cluster.clusterID ?? "?", .accent),
                Run("  \(plural(cluster.brokers.count, "broker")), \(age)", .dim),
            ],
            [
                Run("answers:  ", .dim), Run(other.id, .warning),
                Run("  at \(place ?? other.address)", .dim),
            ],
            [],
            [
                Run(
                    "Two addresses lead to two clusters, a tunnel or a name leads elsewhere, or "
                        + "the cluster was made anew. Nothing of the other cluster is shown or "
                        + "counted.")
            ],
            [],
            [
                Run("s", .key), Run(" stay: what was last known stays, and is asked for again"),
            ],
            [
                Run("n", .key),
                Run(" begin anew with the other cluster: what is known of this one is let go"),
            ],
        ]
    }
}
