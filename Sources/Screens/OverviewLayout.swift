// Where the parts of the overview stand at which size: lists one over the other where it is narrow,
// panes beside each other, and framed boxes with a timeline on large screens.

internal import ClusterModel
internal import Drawing

/// The parts of an overview in its body.
struct OverviewPlaces {
    /// The lines at the top.
    var lines: [[Run]]
    var graph: Rect
    /// The lists with where they stand: the first line of each is its heading.
    var panes: [(OverviewScreen.Pane, Rect)]
    var timeline: Rect?
    /// Frames to draw first; headings lie on their upper edges.
    var boxes: [Rect] = []
    /// One list shows at a time, and its heading names the others.
    var hasTabs = false
}

extension OverviewScreen {
    func layout(_ scene: Scene) -> OverviewPlaces {
        let body = scene.body
        let most = body.height >= 30 ? 2 : 1
        var lines = Self.statusLines(scene, width: body.width - 2, most: most)
        // Where the list of what is wrong stands right below, its first line says it.
        let isSaid = body.width < 110 && (pane == .wrong || pane == .brokers)
        if isSaid, scene.cluster.findings.contains(where: { $0.severity == .critical }) {
            lines = []
        }
        let rest = body.split(top: lines.count).1
        if body.width >= Limits.boxedWidth, body.height >= Limits.boxedHeight {
            return boxed(lines, rest, scene)
        }
        return body.width >= 110 ? wide(lines, rest, scene) : narrow(lines, rest, scene)
    }

    /// What is wrong first, beneath it the brokers and a small graph.
    private func narrow(_ lines: [[Run]], _ rest: Rect, _ scene: Scene) -> OverviewPlaces {
        let shown = pane == .brokers ? shownBefore(scene) : pane
        let (upper, lower) = rest.split(top: (rest.height + 1) / 2)
        let (graph, brokers) = lower.split(left: lower.width * 2 / 5)
        let side = Rect(
            x: brokers.x + 1, y: brokers.y, width: brokers.width - 1, height: brokers.height)
        return OverviewPlaces(
            lines: lines, graph: graph, panes: [(shown, upper), (.brokers, side)], hasTabs: true)
    }

    /// The list in front of which the brokers are walked.
    private func shownBefore(_ scene: Scene) -> Pane {
        scene.cluster.concerns.isEmpty ? .topics : .wrong
    }

    private func wide(_ lines: [[Run]], _ rest: Rect, _ scene: Scene) -> OverviewPlaces {
        let (top, bottom) = rest.split(top: upperHeight(rest, scene))
        let (graph, brokers) = top.split(left: top.width / 2)
        let lower = Rect(
            x: bottom.x, y: bottom.y + 1, width: bottom.width, height: bottom.height - 1)
        let side = Rect(
            x: brokers.x + 1, y: brokers.y, width: brokers.width - 1, height: brokers.height)
        return OverviewPlaces(
            lines: lines, graph: graph,
            panes: [(.brokers, side)] + columns(lower, gap: 2, scene))
    }

    private func boxed(_ lines: [[Run]], _ rest: Rect, _ scene: Scene) -> OverviewPlaces {
        func inside(_ box: Rect) -> Rect {
            Rect(x: box.x + 1, y: box.y, width: box.width - 2, height: box.height - 1)
        }
        let (top, below) = rest.split(top: upperHeight(rest, scene) + 1)
        let (graph, brokers) = top.split(left: top.width * 9 / 20)
        let (timeline, bottom) = below.split(top: Timeline.height + 2)
        let lists = columns(bottom, gap: 0, scene)
        return OverviewPlaces(
            lines: lines, graph: inside(graph),
            panes: [(.brokers, inside(brokers))] + lists.map { ($0.0, inside($0.1)) },
            timeline: inside(timeline),
            boxes: [graph, brokers, timeline] + lists.map(\.1))
    }

    /// As many lines as the brokers need, in bounds.
    private func upperHeight(_ rest: Rect, _ scene: Scene) -> Int {
        max(7, min(scene.cluster.brokers.count + 2, rest.height * 2 / 5, 18))
    }

    /// The three lists beside each other: topics and groups get what their names need, what is
    /// wrong gets the rest, and no less than two fifths.
    private func columns(_ rect: Rect, gap: Int, _ scene: Scene) -> [(Pane, Rect)] {
        let topics = 8 + min(scene.view.topicColumns, 40) + Self.figureWidth + Self.trendWidth
        let groups = 8 + min(scene.view.groupColumns, 40) + 2 * Self.figureWidth
        let most = rect.width * 3 / 5
        var (left, right) = (topics, groups)
        if left + right > most {
            left = most * topics / (topics + groups)
            right = most - left
        }
        let (wrong, others) = rect.split(left: rect.width - left - right)
        let (first, second) = others.split(left: left)
        return [
            (.wrong, Rect(x: wrong.x, y: wrong.y, width: wrong.width - gap, height: wrong.height)),
            (
                .topics,
                Rect(x: first.x, y: first.y, width: first.width - gap, height: first.height)
            ), (.groups, second),
        ]
    }
}

/// Rows in their old order where none is clearly ahead of the one above it: `fresh` says which
/// there are, in the order of their worth now.
func lazyOrder<ID: Hashable>(
    _ old: [ID], _ fresh: [ID], worth: (ID) -> Double
) -> [ID] {
    let now = Set(fresh)
    var rows = old.filter(now.contains)
    let known = Set(rows)
    rows += fresh.filter { !known.contains($0) }
    let values = Dictionary(uniqueKeysWithValues: rows.map { ($0, worth($0)) })
    func value(_ id: ID) -> Double { values[id] ?? 0 }
    for place in rows.indices.dropFirst() {
        var at = place
        let row = rows[place]
        let own = value(row)
        while at > 0, own > value(rows[at - 1]) * (1 + Limits.lazyShare) {
            rows[at] = rows[at - 1]
            at -= 1
        }
        rows[at] = row
    }
    return rows
}
