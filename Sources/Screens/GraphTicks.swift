// What happened, on the time axis of a graph: a mark where brokers left, leaders moved, replicas
// fell out of sync, partitions were moved, configs changed.

internal import ClusterModel
internal import Drawing

/// A mark on a time axis.
struct GraphTick: Sendable {
    var event: ClusterEvent
    var glyph: Unicode.Scalar
    var role: Role
    /// Of several at one place the greatest is drawn.
    var weight: Int

    /// nil: it is no news of what flows.
    init?(_ event: ClusterEvent) {
        self.event = event
        switch (event.kind, event.isLoss) {
        case (.registration, true), (.election, true), (.coordinator, true):
            (glyph, role, weight) = (Glyph.critical, .critical, 5)
        case (.leadership, true): (glyph, role, weight) = (Glyph.critical, .critical, 4)
        case (.leadership, false): (glyph, role, weight) = (Glyph.notPreferred, .warning, 3)
        case (.isr, _): (glyph, role, weight) = (Glyph.behind, event.isLoss ? .warning : .good, 2)
        case (.reassignment, _): (glyph, role, weight) = (Glyph.moving, .moving, 2)
        case (.registration, false), (.election, false), (.coordinator, false):
            (glyph, role, weight) = (Glyph.behind, .good, 1)
        case (.config, _), (.topic, _):
            if case .overridesRead = event.change { return nil }
            (glyph, role, weight) = (Glyph.inSync, .accent, 0)
        }
    }
}

extension GraphSubject {
    /// The event is about what the graph shows.
    func concerns(_ subject: ObjectID) -> Bool {
        switch (self, subject) {
        case (.cluster, _): true
        case (.broker(let id), .broker(let other)), (.broker(let id), .registration(let other)):
            id == other
        case (.topic(let name), .topic(let other)),
            (.topic(let name), .config(.topic(let other), _)):
            name == other
        case (.topic(let name), .partition(let key)): name == key.topic
        case (.partition(let key), .partition(let other)): key == other
        case (.partition(let key), .topic(let other)): key.topic == other
        default: false
        }
    }
}

extension GraphPane {
    /// By cell of the axis, from the left: the weightiest event of its time.
    func ticks(_ scene: Scene, _ width: Int) -> [Int: GraphTick] {
        guard width > 0 else { return [:] }
        let end = Self.edge(
            series(scene, measure)?.end ?? scene.cluster.takenAt, cells: width,
            seconds: window.seconds)
        let cell = window.seconds / Double(width)
        var ticks: [Int: GraphTick] = [:]
        for event in scene.cluster.events.events.reversed() {
            let ago = end - Double(event.seenAt.ns) / 1e9
            if ago > window.seconds { break }
            guard ago >= 0, subject.concerns(event.subject), let tick = GraphTick(event) else {
                continue
            }
            let x = width - 1 - Int((ago / cell).wholeBelow)
            guard x >= 0, ticks[x].map({ $0.weight < tick.weight }) ?? true else { continue }
            ticks[x] = tick
        }
        return ticks
    }

    /// Where each mark stands on the line of the axis, by cell of the plot: a mark under a time of
    /// day right beside it. The cursor reads it there.
    func placedTicks(_ plot: Rect, _ scene: Scene) -> [Int: GraphTick] {
        var taken: Set<Int> = []
        for label in times(plot, scene) {
            taken.formUnion(label.start..<(label.start + displayWidth(of: label.text)))
        }
        var placed: [Int: GraphTick] = [:]
        let all = ticks(scene, plot.width).sorted {
            ($1.value.weight, $0.key) < ($0.value.weight, $1.key)
        }
        for (x, tick) in all {
            let places = (0..<9).flatMap { [x - $0, x + $0] }
            let free = places.first {
                (0..<plot.width).contains($0) && !taken.contains($0) && placed[$0] == nil
            }
            if let free { placed[free] = tick }
        }
        return placed
    }

    /// What the cursor says of the mark in its cell. A cell is few seconds wide: the one beside it
    /// is meant as well.
    func tickRuns(at x: Int, _ placed: [Int: GraphTick]) -> [Run] {
        guard let tick = placed[x] ?? placed[x - 1] ?? placed[x + 1] else { return [] }
        return [
            Run("  \(tick.glyph) ", tick.role), Run("\(tick.event.subject): \(tick.event.text)"),
        ]
    }
}
