// How the overview is drawn: its first lines, the graph, and the lists with their headings.

internal import ClusterModel
internal import Drawing

extension OverviewScreen {
    func render(_ frame: inout Frame, _ scene: Scene) {
        if scene.body.width < Limits.compactWidth || scene.body.height < 10 {
            drawCompact(&frame, scene)
            return
        }
        let places = layout(scene)
        for (line, runs) in places.lines.enumerated() {
            frame.runs(
                runs, x: scene.body.x + 1, y: scene.body.y + line, width: scene.body.width - 2,
                align: .left)
        }
        for box in places.boxes { _ = frame.box(box, role: .grid) }
        drawFlow(&frame, places.graph, scene)
        for (item, rect) in places.panes {
            drawTitle(
                &frame, rect, item, scene, hasTabs: places.hasTabs, hasKeys: !places.boxes.isEmpty)
            drawRows(&frame, rect, item, scene)
        }
        guard let timeline = places.timeline else { return }
        frame.runs(
            [Run(" Last 15 minutes ", .header), Run("V ", .key)], x: timeline.x + 1, y: timeline.y)
        Timeline.draw(&frame, timeline.split(top: 1).1, scene)
    }

    private func drawTitle(
        _ frame: inout Frame, _ rect: Rect, _ item: Pane, _ scene: Scene, hasTabs: Bool,
        hasKeys: Bool
    ) {
        var x = rect.x + 1
        func draw(_ option: Pane) {
            let isShown = option == item
            let role: Role = isShown ? (pane == item ? .accent : .header) : .dim
            let title = option.title + (option == .wrong ? wrongCount(scene) : "")
            let isTab = hasTabs && item != .brokers
            x = frame.text(
                isTab && isShown ? "[\(title)]" : title, x: x, y: rect.y, role: role, within: rect)
            if isShown, hidden(item, rect, scene) > 0 {
                let more = " +\(hidden(item, rect, scene)) more"
                x = frame.text(more, x: x, y: rect.y, role: .warning, within: rect)
            }
            x += 2
        }
        if hasTabs && item != .brokers {
            for option in Pane.allCases where option != .brokers { draw(option) }
        } else {
            draw(item)
        }
        if !hasTabs, hasKeys {
            x = frame.text(" \(item.key) ", x: x - 2, y: rect.y, role: .key, within: rect)
        }
        let heading: [Run] =
            switch item {
            case .wrong: [Run("since", .dim)]
            case .brokers: BrokerGauges(scene.cluster, width: rect.width - 1).heads
            case .topics:
                [Run(showsTrend(width: rect.width, scene) ? "rec/s  5 min   " : "rec/s", .dim)]
            case .groups: [Run("lag behind", .dim)]
            }
        // Heads end where their columns do; what does not fit behind the title begins later.
        let room = rect.right - 1 - x
        let text = heading.map(\.text).joined()
        let shown = String(text.unicodeScalars.suffix(max(0, room)).map(Character.init))
        guard item == .brokers || room >= displayWidth(of: text) else { return }
        let words = shown.drop { $0 != " " }
        let fitted = shown.count == text.unicodeScalars.count ? shown : String(words)
        frame.text(
            fitted, x: rect.right - 1 - displayWidth(of: fitted), y: rect.y, role: .dim,
            within: rect)
    }

    /// Rows of a list that its place has no line for.
    private func hidden(_ item: Pane, _ rect: Rect, _ scene: Scene) -> Int {
        max(0, rows(item, scene).count - max(0, rect.height - 1))
    }

    func first(_ at: Int, _ count: Int, _ height: Int) -> Int {
        min(max(0, at - height + 1), max(0, count - max(1, height)))
    }

    /// The lines of each row shown, where lines are free; empty: each has its one line.
    func texts(
        _ item: Pane, _ ids: [ObjectID], _ rect: Rect, _ scene: Scene
    ) -> [[[Run]]] {
        let height = rect.height - 1
        guard item == .wrong, ids.count < height else { return [] }
        let byID = Dictionary(
            scene.cluster.findings.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let all = ids.map { id -> TableSpec.RowText in
            guard case .finding(let finding) = id, let found = byID[finding] else {
                return TableSpec.RowText(lines: [[]])
            }
            return WrongScreen.lines(found, width: rect.width - 4 - Self.sinceWidth)
        }
        return spread(all, over: height)
    }

    /// "12s" with a blank before it.
    private static let sinceWidth = 6

    private func drawRows(_ frame: inout Frame, _ rect: Rect, _ item: Pane, _ scene: Scene) {
        let ids = rows(item, scene)
        let at = index(item, ids)
        let height = rect.height - 1
        guard height > 0 else { return }
        if ids.isEmpty {
            let quiet = quietRun(item, scene) ?? emptyRun(item, scene)
            frame.runs(
                [quiet], x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, align: .left)
            return
        }
        let start = first(at, ids.count, height)
        let texts = texts(item, ids, rect, scene)
        var y = rect.y + 1
        for (line, id) in ids.dropFirst(start).prefix(height).enumerated() {
            let text = texts.indices.contains(line) ? texts[line] : []
            let row = Rect(x: rect.x, y: y, width: rect.width - 1, height: 1)
            drawRow(&frame, row, id, scene, text: text.first)
            for (below, runs) in text.enumerated().dropFirst() {
                frame.runs(runs, x: row.x + 3, y: y + below, within: rect)
            }
            let lines = max(1, text.count)
            if pane == item && start + line == at {
                for below in 0..<lines { frame.select(x: row.x, y: y + below, width: row.width) }
            }
            y += lines
        }
        if y < rect.bottom, let quiet = quietRun(item, scene) {
            frame.runs([quiet], x: rect.x + 3, y: y, width: rect.width - 4, align: .left)
        }
    }

    private func drawRow(
        _ frame: inout Frame, _ rect: Rect, _ id: ObjectID, _ scene: Scene, text: [Run]? = nil
    ) {
        var mark: Run?
        var left: [Run] = []
        var right: [Run] = []
        switch id {
        case .finding(let id):
            guard let finding = scene.cluster.findings.first(where: { $0.id == id }) else {
                return
            }
            mark = WrongScreen.mark(finding)
            right = [WrongScreen.since(finding, scene)]
            // The beginning says what it is about: the end gives way.
            left = text ?? [WrongScreen.text(finding, width: rect.width - 4 - right.width)]
        case .broker(let id):
            guard let broker = scene.cluster.broker(id) else { return }
            mark = broker.mark
            (left, right) = BrokerGauges(scene.cluster, width: rect.width).runs(broker, scene)
        case .topic(let name):
            guard let topic = scene.cluster.topic(named: name) else { return }
            left = [Run(shownName(name))]
            let rate = figure(
                topic.recordsPerSecond, NumberFormat.rate, isStale: topic.isRateStale)
            right = padded(rate, Self.figureWidth)
            if showsTrend(width: rect.width + 1, scene) {
                let trend = trendRuns(scene, .topic(historyIndex: topic.historyIndex), .records, 8)
                let pad = String(repeating: " ", count: 8 - trend.width)
                right += [Run("  ")] + trend + [Run(pad)]
            }
        case .group(let id):
            guard let group = scene.cluster.group(id) else { return }
            mark = GroupsScreen.mark(group)
            left = [Run(shownName(id))]
            let lag = figure(
                group.lag, NumberFormat.count, isStale: GroupsScreen.isStale(group, scene))
            right = padded(lag, Self.figureWidth)
            right += padded(GroupsScreen.behindRuns(group, scene), Self.figureWidth)
        default: return
        }
        if let mark { frame.runs([mark], x: rect.x + 1, y: rect.y, within: rect) }
        let room = rect.width - 3 - right.width - 1
        frame.runs(left, x: rect.x + 3, y: rect.y, width: room, align: .left, within: rect)
        frame.runs(right, x: rect.right - right.width, y: rect.y, within: rect)
    }

    /// Columns of a figure in the lists: names beside it are cut where they always are.
    static let figureWidth = 7
    static let trendWidth = 10

    private func padded(_ runs: [Run], _ width: Int) -> [Run] {
        [Run(String(repeating: " ", count: max(0, width - runs.width)))] + runs
    }

    /// The names of topics leave room for their trends.
    private func showsTrend(width: Int, _ scene: Scene) -> Bool {
        let names = min(scene.view.topicColumns, 30)
        return width - 5 - Self.figureWidth - Self.trendWidth >= min(names, 22)
    }

    /// Counts and the worst lines: all that fits on the smallest screens.
    private func drawCompact(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        var y = body.y
        let totals = scene.cluster.totals
        let rate = figure(
            totals.recordsPerSecond, NumberFormat.rate, isStale: totals.isRateUnsure)
        let head: [Run] =
            [Run(plural(scene.cluster.brokers.count, "broker") + "  ")]
            + (scene.cluster.knowsPartitions
                ? [Run(plural(scene.cluster.partitions.count, "partition") + "  ")] : [])
            + rate + [Run(" rec/s", .dim)]
        frame.runs(head, x: body.x + 1, y: y, width: body.width - 2, align: .left)
        y += 1
        let ids = rows(.wrong, scene)
        if ids.isEmpty && y < body.bottom {
            frame.runs(
                [emptyRun(.wrong, scene)], x: body.x + 1, y: y, width: body.width - 2, align: .left)
        }
        let at = index(.wrong, ids)
        let start = first(at, ids.count, body.bottom - y)
        for (line, id) in ids.dropFirst(start).prefix(max(0, body.bottom - y)).enumerated() {
            let row = Rect(x: body.x, y: y + line, width: body.width, height: 1)
            drawRow(&frame, row, id, scene)
            if start + line == at { frame.select(x: row.x, y: row.y, width: row.width) }
        }
    }
}
