// Flow as bands that stand on each other: the cluster by its busiest topics, a rack by its brokers.

internal import ClusterModel
internal import Drawing

/// One graph of bands with its scale, its time axis and the bands' names at its right end.
struct StackedGraph {
    /// A part of the whole.
    struct Band {
        var title: String
        /// Two values a cell of the plot.
        var columns: [Float]
        var now: Double?
        var role: Role
    }

    var title: String
    /// From the bottom.
    var bands: [Band]
    /// The whole now, as it is known by itself.
    var now: Double?
    var window: History.Window
    var scale: GraphScale
    /// Cells from the right edge of the plot; nil: no cursor.
    var cursor: Int?

    /// Colours of the bands, from the bottom; what is left over stands on top.
    private static let roles: [Role] = [
        .graph, .graphThird, .graphHigh, .graphLow, .graphSecond,
    ]
    /// Bands that have names of their own.
    static let most = roles.count

    /// Columns of the names at the right, where there is room.
    private static func names(_ width: Int) -> Int { width >= 90 ? 26 : width >= 64 ? 18 : 0 }

    static func plotWidth(_ width: Int) -> Int {
        max(0, width - GraphPane.labelWidth - names(width))
    }

    private static func columns(
        _ scene: Scene, _ subject: History.Subject, _ window: History.Window, _ width: Int
    ) -> [Float] {
        let series = scene.cluster.history.series(
            subject, .records, window, now: scene.cluster.takenAt)
        return GraphPane.columns(series, count: width * 2, seconds: window.seconds)
    }

    /// The five busiest topics: those that were chosen, while they are among the busiest. Others
    /// take their place only where they are clearly busier.
    static func steadyTopics(_ kept: [String], _ scene: Scene) -> [String] {
        let cluster = scene.cluster
        func rate(_ name: String) -> Double { cluster.topic(named: name)?.recordsPerSecond ?? 0 }
        let fresh = scene.view.busiest.prefix(most).map { cluster.topics[$0].name }
        let least = kept.map(rate).min() ?? 0
        let isPassed = fresh.contains { !kept.contains($0) && rate($0) > least * 1.2 }
        let isKept =
            kept.count == fresh.count && !isPassed
            && kept.allSatisfy { cluster.topic(named: $0) != nil }
        return isKept ? kept : fresh
    }

    /// The cluster by some of its topics, the busiest first, and the rest.
    static func topics(
        _ names: [String], _ scene: Scene, _ window: History.Window, width: Int,
        scale: GraphScale = GraphScale()
    ) -> StackedGraph {
        let plot = plotWidth(width)
        var bands: [Band] = []
        for (name, role) in zip(names, roles) {
            guard let topic = scene.cluster.topic(named: name) else { continue }
            bands.append(
                Band(
                    title: shownName(name),
                    columns: columns(
                        scene, .topic(historyIndex: topic.historyIndex), window, plot),
                    now: topic.recordsPerSecond, role: role))
        }
        let whole = columns(scene, .cluster, window, plot)
        var now = scene.cluster.totals.recordsPerSecond
        if let all = now { now = max(0, all - bands.reduce(0) { $0 + ($1.now ?? 0) }) }
        let count = scene.cluster.topics.count - bands.count
        if count > 0 {
            bands.append(rest(plural(count, "other topic"), of: whole, bands, now: now))
        }
        return StackedGraph(
            title: "Records in by topic", bands: bands,
            now: scene.cluster.totals.recordsPerSecond, window: window, scale: scale)
    }

    /// Some brokers, those with the greatest flow first, and the rest of them.
    static func brokers(
        _ brokers: [Broker], title: String, _ scene: Scene, _ window: History.Window, width: Int,
        scale: GraphScale = GraphScale()
    ) -> StackedGraph {
        let plot = plotWidth(width)
        func band(_ broker: Broker, _ role: Role) -> Band {
            Band(
                title: "broker \(broker.id)",
                columns: columns(scene, .broker(broker.id), window, plot),
                now: broker.isIll ? nil : broker.recordsPerSecond, role: role)
        }
        // Bands keep their places while the flows of brokers come and go: they stand by id.
        let isWhole = brokers.count <= roles.count
        var bands = zip(brokers.prefix(isWhole ? roles.count : roles.count - 1), roles)
            .map { band($0, $1) }
        if !isWhole {
            let others = brokers.dropFirst(bands.count).map { band($0, .dim) }
            var sum = Band(
                title: plural(others.count, "other broker"),
                columns: Array(repeating: .nan, count: plot * 2), now: 0, role: .dim)
            for other in others {
                for (place, value) in other.columns.enumerated() where !value.isNaN {
                    sum.columns[place] = (sum.columns[place].isNaN ? 0 : sum.columns[place]) + value
                }
                sum.now = (sum.now ?? 0) + (other.now ?? 0)
            }
            bands.append(sum)
        }
        let known = bands.compactMap(\.now)
        return StackedGraph(
            title: title, bands: bands, now: known.isEmpty ? nil : known.reduce(0, +),
            window: window, scale: scale)
    }

    /// What the bands leave of the whole.
    private static func rest(
        _ title: String, of whole: [Float], _ bands: [Band], now: Double?
    ) -> Band {
        var left = whole
        for band in bands {
            for (place, value) in band.columns.enumerated()
            where place < left.count && !value.isNaN {
                left[place] -= value
            }
        }
        return Band(title: title, columns: left.map { $0 < 0 ? 0 : $0 }, now: now, role: .dim)
    }

    /// The greatest sum that is shown; 0 where nothing is known.
    var greatest: Double {
        let count = bands.map(\.columns.count).max() ?? 0
        return (0..<count).reduce(0) { most, place in
            let sum = bands.reduce(0.0) { sum, band in
                place < band.columns.count && !band.columns[place].isNaN
                    ? sum + Double(band.columns[place]) : sum
            }
            return max(most, sum)
        }
    }

    /// What all bands come to in a cell of the plot; nil where none is known there.
    private func sum(at x: Int) -> Double? {
        let known = bands.flatMap { band in
            band.columns.dropFirst(x * 2).prefix(2).filter { !$0.isNaN }.map(Double.init)
        }
        let columns = bands.map { $0.columns.dropFirst(x * 2).prefix(2).filter { !$0.isNaN }.count }
        guard let most = columns.max(), most > 0 else { return nil }
        return known.reduce(0, +) / Double(most)
    }

    func draw(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        guard rect.width > GraphPane.labelWidth + 4 && rect.height >= 4 else { return }
        let names = Self.names(rect.width)
        let plot = Rect(
            x: rect.x + GraphPane.labelWidth, y: rect.y + 1,
            width: rect.width - GraphPane.labelWidth - names, height: rect.height - 2)
        let axes = GraphPane(
            subject: .cluster, measure: .records, window: window, scale: scale, cursor: nil)
        let left = Rect(x: rect.x, y: rect.y, width: rect.width - names, height: rect.height)
        axes.drawAxes(&frame, left, plot, scale, scene)
        if !bands.contains(where: { $0.columns.contains { !$0.isNaN } }) {
            frame.runs(
                [Run("nothing known of this yet", .unknown)], x: plot.x,
                y: plot.y + plot.height / 2, width: plot.width, align: .centre)
        }
        frame.stack(bands.map { ($0.columns, $0.role) }, in: plot, scale: scale)
        var heading = [Run(title, .header)]
        if let cursor, cursor < plot.width {
            let x = plot.width - 1 - cursor
            GraphPane.drawCursor(&frame, x: plot.x + x, plot)
            heading.append(axes.timeRun(at: x, plot, scene))
            heading += figure(sum(at: x), { GraphPane.format($0, .records) }, role: .cursor)
            heading.append(Run(" rec/s", .dim))
            heading += axes.tickRuns(at: x, axes.placedTicks(plot, scene))
        } else {
            heading.append(Run("  "))
            heading += figure(now, { GraphPane.format($0, .records) }, role: .accent)
            heading.append(Run(" rec/s", .dim))
        }
        if names == 0 {
            for band in bands.reversed() { heading.append(Run("  " + band.title, band.role)) }
        }
        frame.runs(
            fit(heading, to: rect.width - 1), x: rect.x + 1, y: rect.y, within: rect)
        if names > 0 {
            drawNames(
                &frame,
                Rect(x: plot.right + 1, y: plot.y, width: names - 1, height: plot.height), plot)
        }
    }

    /// Each band's name where it ends at the right, one beneath the other where they would meet.
    private func drawNames(_ frame: inout Frame, _ rect: Rect, _ plot: Rect) {
        var sum = 0.0
        var places: [(y: Int, band: Band)] = []
        for band in bands {
            let newest = band.columns.last { !$0.isNaN }.map(Double.init) ?? 0
            let middle = scale.high > 0 ? (sum + newest / 2) / scale.high : 0
            sum += newest
            let line = Int(min(1, max(0, 1 - middle)) * Double(max(1, plot.height - 1)) + 0.5)
            places.append((plot.y + line, band))
        }
        // From the top, where the last band stands, then from the bottom up where that ran out.
        places.reverse()
        for index in places.indices.dropFirst() {
            places[index].y = max(places[index].y, places[index - 1].y + 1)
        }
        var lowest = rect.bottom - 1
        for index in places.indices.reversed() {
            places[index].y = min(places[index].y, lowest)
            lowest = places[index].y - 1
        }
        for (y, band) in places where y >= rect.y {
            let value = figure(band.now, { GraphPane.format($0, .records) }, role: band.role)
            let room = rect.width - value.width - 1
            frame.runs([Run(truncated(band.title, to: room), band.role)], x: rect.x, y: y)
            frame.runs(value, x: rect.x, y: y, width: rect.width, align: .right)
        }
    }
}
