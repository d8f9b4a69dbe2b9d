// The last fifteen minutes as lanes: when leaders moved, replicas fell out of sync, brokers and
// controllers came and went, and what was changed.

internal import ClusterModel
internal import Drawing
internal import Planning

/// Lanes of events over a quarter of an hour.
struct Timeline {
    private static let seconds = 900.0
    private static let label = 10

    private struct Lane {
        var title: String
        var kinds: Set<ClusterEvent.Kind>
    }
    private static let lanes = [
        Lane(title: "leaders", kinds: [.leadership]),
        Lane(title: "in sync", kinds: [.isr]),
        Lane(title: "brokers", kinds: [.registration]),
        Lane(title: "controller", kinds: [.election, .coordinator]),
        Lane(title: "changes", kinds: [.topic, .config, .reassignment]),
        // Not of the log of events: where the present fault of a group began, and the journal.
        Lane(title: "groups", kinds: []),
        Lane(title: "by us", kinds: []),
    ]
    private static let groups = lanes.count - 2
    private static let ours = lanes.count - 1

    /// Lines with the axis.
    static let height = lanes.count + 1

    /// Draws the lanes into `rect`, newest at the right.
    static func draw(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        let width = rect.width - label - 2
        guard width > 10, rect.height >= height else { return }
        let cluster = scene.cluster
        let cell = seconds / Double(width)
        // Anchored to the clock, not to now: everything moves at once, and seldom.
        let last = (Double(cluster.takenAt.ns) / 1e9 / cell).wholeBelow
        var losses = Array(repeating: Array(repeating: false, count: width), count: lanes.count)
        var counts = Array(repeating: Array(repeating: 0, count: width), count: lanes.count)
        func note(_ lane: Int, _ seconds: Double, isLoss: Bool) {
            let at = (seconds / cell).wholeBelow
            let x = width - 1 - Int(min(1e6, max(0, last - at)))
            guard x >= 0 else { return }
            counts[lane][x] += 1
            if isLoss { losses[lane][x] = true }
        }
        for event in cluster.events.events {
            guard let lane = lanes.firstIndex(where: { $0.kinds.contains(event.kind) }) else {
                continue
            }
            note(lane, Double(event.seenAt.ns) / 1e9, isLoss: event.isLoss)
        }
        for place in cluster.groups.indices {
            let standing = cluster.groups[place].standing
            guard standing.since.happened, !standing.isSinceStart,
                standing.verdict?.severity ?? .notice > .notice
            else { continue }
            note(groups, Double(standing.since.ns) / 1e9, isLoss: true)
        }
        for entry in scene.journal.entries {
            let ago = Double(cluster.takenAtWall.ms &- entry.atMs) / 1_000
            guard ago >= 0, ago < seconds + cell else { continue }
            note(ours, Double(cluster.takenAt.ns) / 1e9 - ago, isLoss: false)
        }
        let watched = cluster.watchedSince.happened ? cluster.watchedSince : cluster.takenAt
        let known = (Double(watched.ns) / 1e9 / cell).wholeBelow
        for (y, lane) in lanes.enumerated() {
            frame.text(lane.title, x: rect.x + 1, y: rect.y + y, role: .dim, within: rect)
            for x in 0..<width {
                let isBefore = last - Double(width - 1 - x) < known
                let mark: Cell =
                    if losses[y][x] {
                        Cell(Glyph.critical, .warning)
                    } else if counts[y][x] > 0 {
                        Cell(Glyph.behind, .moving)
                    } else {
                        Cell(isBefore ? " " : Glyph.horizontal, .grid)
                    }
                frame[rect.x + label + 1 + x, rect.y + y] = mark
            }
        }
        drawAxis(&frame, rect, width)
    }

    private static func drawAxis(_ frame: inout Frame, _ rect: Rect, _ width: Int) {
        let y = rect.y + lanes.count
        for (share, text) in [(0.0, "15 min ago"), (1 / 3.0, "10 min"), (2 / 3.0, "5 min")] {
            let x = rect.x + label + 1 + Int((Double(width) * share).wholeBelow)
            frame.text(text, x: x, y: y, role: .dim, within: rect)
        }
        frame.text("now", x: rect.x + label + 1 + width - 3, y: y, role: .dim, within: rect)
    }
}
