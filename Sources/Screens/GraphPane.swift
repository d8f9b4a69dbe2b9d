// A graph with its scale and time axis: what flowed, of whom, over which window.

internal import ClusterModel
internal import Drawing

/// What a graph is about, by identity.
enum GraphSubject: Hashable, Sendable {
    case cluster
    case broker(BrokerID)
    case topic(String)
    case partition(PartitionKey)
    case group(String)

    /// What the throughput of a row is; nil where it has none of its own.
    init?(_ id: ObjectID) {
        switch id {
        case .broker(let id), .volume(let id, _): self = .broker(id)
        case .topic(let name): self = .topic(name)
        case .partition(let key): self = .partition(key)
        case .replica(let key): self = .partition(key.partition)
        case .group(let id): self = .group(id)
        default: return nil
        }
    }

    var scope: Scope {
        switch self {
        case .cluster: Scope()
        case .broker(let id): Scope(broker: id)
        case .topic(let name): Scope(topic: name)
        case .partition(let key): Scope(partition: key)
        case .group(let id): Scope(group: id)
        }
    }

    var title: String {
        switch self {
        case .cluster: "cluster"
        case .broker(let id): "broker \(id)"
        case .topic(let name): shownName(name)
        case .partition(let key): shownName(key.description)
        case .group(let id): "group \(shownName(id))"
        }
    }

    /// The subject in the history; nil where the cluster has no such thing any more.
    func subject(_ cluster: Cluster) -> History.Subject? {
        switch self {
        case .cluster: .cluster
        case .broker(let id): .broker(id)
        case .topic(let name):
            cluster.topic(named: name).map { .topic(historyIndex: $0.historyIndex) }
        case .partition(let key): .partition(key)
        case .group(let id): cluster.group(id).map { .group(historyIndex: $0.historyIndex) }
        }
    }

    /// The value now, by the newest state.
    func now(_ cluster: Cluster, _ measure: History.Measure) -> Double? {
        switch (self, measure) {
        case (.cluster, .records): cluster.totals.recordsPerSecond
        case (.cluster, .bytes): cluster.totals.bytesPerSecond
        case (.broker(let id), .records): cluster.broker(id)?.recordsPerSecond
        case (.broker(let id), .bytes): cluster.broker(id)?.bytesPerSecond
        case (.topic(let name), .records): cluster.topic(named: name)?.recordsPerSecond
        case (.topic(let name), .bytes): cluster.topic(named: name)?.bytesPerSecond
        case (.partition(let key), .records):
            cluster.row(of: key).flatMap { cluster.partition($0).recordsPerSecond }
        case (.partition(let key), .bytes):
            cluster.row(of: key).flatMap { cluster.partition($0).bytesPerSecond }
        case (.group(let id), .lag): cluster.group(id)?.lag.map(Double.init)
        case (.group(let id), .consumed): cluster.group(id)?.consumedPerSecond
        case (.group(let id), .records): cluster.group(id)?.producedPerSecond
        default: nil
        }
    }
}

extension GraphSubject {
    /// Whether its rate now may be wrong by more than a sure one.
    func isUnsure(_ cluster: Cluster) -> Bool {
        switch self {
        case .cluster: cluster.totals.isRateUnsure
        case .broker(let id): cluster.broker(id)?.isRateUnsure == true
        case .topic(let name): cluster.topic(named: name)?.isRateUnsure == true
        case .partition(let key):
            cluster.row(of: key).map { cluster.partition($0).isRateUnsure } == true
        case .group: false
        }
    }

    /// "of 139 of 210 partitions" where a sum lacks some, shorter where there is no room for the
    /// words; nil where it is the whole.
    func partRun(_ cluster: Cluster, width: Int) -> Run? {
        let (stale, count): (Int, Int)
        switch self {
        case .cluster: (stale, count) = (cluster.totals.staleRateCount, cluster.partitions.count)
        case .broker(let id):
            guard let broker = cluster.broker(id) else { return nil }
            (stale, count) = (broker.staleRateCount, broker.leaderCount)
        case .topic(let name):
            guard let topic = cluster.topic(named: name) else { return nil }
            (stale, count) = (topic.staleRateCount, topic.partitionCount)
        case .partition, .group: return nil
        }
        guard stale > 0 && stale < count else { return nil }
        let forms = ["  of \(count - stale) of \(count) partitions", "  \(count - stale)/\(count)"]
        return forms.first { displayWidth(of: $0) <= width }.map { Run($0, .warning) }
    }
}

/// One graph in a rectangle. The first row is its heading, the last its time axis.
struct GraphPane {
    var subject: GraphSubject
    var measure: History.Measure
    var window: History.Window
    /// nil: a round scale of its own.
    var scale: GraphScale?
    /// Cells from the right edge; nil: no cursor.
    var cursor: Int?
    var isSmall = false
    /// Topics whose summed production is drawn as a line over the first: what a group reads.
    var topics: [Int] = []
    var overlayTitle = ""
    var title: String?

    static let labelWidth = 6

    static func unit(_ measure: History.Measure) -> String {
        switch measure {
        case .records: "rec/s"
        case .bytes: "bytes/s"
        case .lag: "records behind"
        case .consumed: "rec/s read"
        }
    }

    static func format(_ value: Double?, _ measure: History.Measure) -> String {
        measure == .bytes ? NumberFormat.bytes(value) : NumberFormat.rate(value)
    }

    /// Where the right edge of so many cells stands, in seconds: cells stand still on the clock,
    /// and all of them move at once, every 10 s where a cell is less. Until then nothing is sent
    /// for those that are over; those to come are empty.
    static func edge(_ end: Instant, cells: Int, seconds: Double) -> Double {
        let now = Double(end.ns) / 1e9
        guard cells > 0, seconds > 0 else { return now }
        let cell = seconds / Double(cells)
        let step = max(1, (Limits.graphStepSeconds / cell - 0.01).wholeAbove) * cell
        return (now / step).wholeAbove * step
    }

    /// The columns' values: two a cell, placed by time from the right edge, NaN where unknown.
    static func columns(_ series: Series, count: Int, seconds: Double) -> [Float] {
        guard count > 0 else { return [] }
        guard series.stepSeconds > 0 && !series.values.isEmpty else {
            return Array(repeating: .nan, count: count)
        }
        let perColumn = seconds / Double(count)
        let edge = edge(series.end, cells: count / 2, seconds: seconds)
        // By how much the edge lies ahead of the newest value's end.
        let ahead = max(0, edge - Double(series.end.ns) / 1e9)
        var columns = (0..<count).map { column -> Float in
            // Ages of the column's edges, from the newest value's end.
            let newest = max(0, Double(count - 1 - column) * perColumn - ahead)
            let oldest = Double(count - column) * perColumn - ahead
            guard oldest > 0 else { return .nan }
            let from = series.values.count - Int((oldest / series.stepSeconds).wholeAbove)
            let to = series.values.count - Int((newest / series.stepSeconds).wholeBelow)
            var sum: Float = 0
            var known = 0
            for index in max(0, from)..<max(max(0, from), min(series.values.count, to))
            where !series.values[index].isNaN {
                sum += series.values[index]
                known += 1
            }
            return known == 0 ? .nan : sum / Float(known)
        }
        // The half of the newest cell that is to come looks like the half that was.
        let over = Int((ahead / perColumn).wholeBelow)
        if over % 2 == 1, over < count { columns[count - over] = columns[count - over - 1] }
        return columns
    }

    func series(_ scene: Scene, _ measure: History.Measure) -> Series? {
        subject.subject(scene.cluster).map {
            scene.cluster.history.series($0, measure, window, now: scene.cluster.takenAt)
        }
    }

    /// What was written to `topics` together; nil where there are none.
    private func overlay(_ scene: Scene) -> Series? {
        var sum: Series?
        for historyIndex in topics {
            let one = scene.cluster.history.series(
                .topic(historyIndex: historyIndex), .records, window, now: scene.cluster.takenAt)
            guard var before = sum else {
                sum = one
                continue
            }
            // A sum with a part unknown is unknown: NaN carries through.
            for index in before.values.indices where index < one.values.count {
                before.values[index] += one.values[index]
            }
            sum = before
        }
        return sum
    }

    /// The least and the greatest value a graph of this width would show; 0 where nothing is known.
    func range(_ scene: Scene, width: Int) -> (least: Double, most: Double) {
        let count = max(0, width - Self.labelWidth) * 2
        let all = [series(scene, measure), overlay(scene)].compactMap { $0 }.flatMap {
            Self.columns($0, count: count, seconds: window.seconds)
        }
        return Self.range(all)
    }

    static func range(_ columns: [Float]) -> (least: Double, most: Double) {
        var (least, most) = (Double.infinity, 0.0)
        for value in columns where !value.isNaN {
            least = min(least, Double(value))
            most = max(most, Double(value))
        }
        return (least == .infinity ? 0 : least, most)
    }

    func draw(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        guard rect.width > Self.labelWidth + 4 && rect.height >= 3 else { return }
        let found = range(scene, width: rect.width)
        let scale = self.scale ?? GraphScale(from: found.least, to: found.most)
        let plot = Rect(
            x: rect.x + Self.labelWidth, y: rect.y + 1, width: rect.width - Self.labelWidth,
            height: rect.height - (isSmall ? 1 : 2))
        let shown = series(scene, measure)
        let columns =
            shown.map {
                Self.columns($0, count: plot.width * 2, seconds: window.seconds)
            } ?? []
        drawAxes(&frame, rect, plot, scale, scene)
        if !columns.contains(where: { !$0.isNaN }) {
            let words = "nothing known of this yet"
            frame.runs(
                [Run(words, .unknown)], x: plot.x, y: plot.y + plot.height / 2, width: plot.width,
                align: .centre)
        }
        frame.graph(columns, in: plot, scale: scale, style: .ramp)
        if let over = overlay(scene) {
            let line = Self.columns(over, count: plot.width * 2, seconds: window.seconds)
            frame.graph(line, in: plot, scale: scale, role: .graphSecond, style: .line)
        }
        var reading: (value: Float, x: Int)?
        if let cursor, cursor < plot.width {
            let x = plot.right - 1 - cursor
            let pair = columns.isEmpty ? [] : columns[((x - plot.x) * 2)...].prefix(2)
            let known = pair.filter { !$0.isNaN }
            let value = known.isEmpty ? .nan : known.reduce(0, +) / Float(known.count)
            reading = (value, x)
            Self.drawCursor(&frame, x: x, plot)
        }
        drawHeading(&frame, rect, plot, scene, shown, reading, columns, scale)
    }

    static func drawCursor(_ frame: inout Frame, x: Int, _ plot: Rect) {
        for y in plot.y..<plot.bottom {
            let cell = frame[x, y]
            frame[x, y] = Cell(cell.scalar == " " ? Glyph.vertical : cell.scalar, .cursor)
        }
    }

    /// The time of day of a cell of the plot, or how long ago it was.
    func timeRun(at x: Int, _ plot: Rect, _ scene: Scene) -> Run {
        let ago = Double(plot.width - 1 - x) / Double(plot.width) * window.seconds
        let end = Self.edge(
            series(scene, measure)?.end ?? scene.cluster.takenAt, cells: plot.width,
            seconds: window.seconds)
        let clock = scene.clockOffset.map {
            NumberFormat.clock(secondsOfDay: Int((end - ago + $0).wholeBelow))
        }
        return Run("  \(clock ?? "-" + NumberFormat.duration(ago))  ", .dim)
    }

    private func drawHeading(
        _ frame: inout Frame, _ rect: Rect, _ plot: Rect, _ scene: Scene, _ series: Series?,
        _ reading: (value: Float, x: Int)?, _ columns: [Float], _ scale: GraphScale
    ) {
        let now = subject.now(scene.cluster, measure)
        var runs: [Run] = [Run(title ?? subject.title, .header)]
        if let reading, series != nil {
            runs.append(timeRun(at: reading.x - plot.x, plot, scene))
            runs +=
                figure(Double(reading.value), { Self.format($0, measure) }, role: .cursor) + [
                    Run(" \(Self.unit(measure))", .dim)
                ]
            // A column is few seconds wide: the one beside it is meant as well.
            runs += tickRuns(at: reading.x - plot.x, placedTicks(plot, scene))
        } else {
            runs +=
                [Run("  ")]
                + figure(
                    now, { Self.format($0, measure) }, isStale: subject.isUnsure(scene.cluster),
                    role: .accent)
            if !isSmall { runs.append(Run(" \(Self.unit(measure))", .dim)) }
            let room = rect.width - 1 - runs.width
            if !isSmall, let part = subject.partRun(scene.cluster, width: room) {
                runs.append(part)
            }
            if !topics.isEmpty { runs += [Run("  line: \(overlayTitle)", .graphSecond)] }
        }
        frame.runs(runs, x: rect.x + 1, y: rect.y, width: rect.width - 1, align: .left)
        let greatest = columns.reduce(Float.nan) { $1.isNaN ? $0 : $0.isNaN ? $1 : max($0, $1) }
        let words =
            (isSmall ? "" : window.rawValue + "  ")
            + (scale.isBand && !isSmall ? "from \(Self.format(scale.low, measure))  " : "")
            + "max " + Self.format(greatest.isNaN ? nil : Double(greatest), measure)
        let free = rect.width - runs.width - 3
        if displayWidth(of: words) <= free {
            frame.runs(
                [Run(words, .dim)], x: rect.x + 1, y: rect.y, width: rect.width - 1, align: .right)
        }
    }

    /// The scale at the left and the time beneath, with what happened meanwhile.
    func drawAxes(
        _ frame: inout Frame, _ rect: Rect, _ plot: Rect, _ scale: GraphScale, _ scene: Scene
    ) {
        frame.verticalLine(x: plot.x - 1, y: plot.y, height: plot.height, role: .grid)
        func label(_ share: Double) {
            let y = plot.y + Int(Double(plot.height) * (1 - share))
            frame.runs(
                [Run(Self.format(scale.low + (scale.high - scale.low) * share, measure), .dim)],
                x: rect.x, y: y, width: Self.labelWidth - 1, align: .right)
            frame[plot.x - 1, y] = Cell(Glyph.tickLeft, .grid)
        }
        label(1)
        if plot.height >= 5 && !isSmall { label(0.5) }
        if plot.height >= 12 && !isSmall {
            label(0.25)
            label(0.75)
        }
        guard !isSmall else { return }
        let axis = plot.bottom
        // A foot that is not zero is to be seen: the axis is broken there.
        frame.runs(
            [
                Run(
                    scale.isBand ? Self.format(scale.low, measure) : "0",
                    scale.isBand ? .accent : .dim)
            ],
            x: rect.x, y: axis, width: Self.labelWidth - 1, align: .right)
        frame[plot.x - 1, axis] =
            scale.isBand ? Cell(Glyph.brokenAxis, .accent) : Cell(Glyph.cornerBottomLeft, .grid)
        frame.horizontalLine(x: plot.x, y: axis, width: plot.width, role: .grid)
        for label in times(plot, scene) {
            frame.text(
                label.text, x: plot.x + label.start, y: plot.bottom, role: .dim, within: rect)
        }
        for (x, tick) in placedTicks(plot, scene) {
            frame[plot.x + x, plot.bottom] = Cell(tick.glyph, tick.role)
        }
    }

    /// The times of day on the axis, each with the cell of the plot that it begins in.
    func times(_ plot: Rect, _ scene: Scene) -> [(text: String, start: Int)] {
        // Five minutes need the seconds to tell their ticks apart.
        let isFine = window == .fiveMinutes && plot.width >= 40
        let ticks = max(1, min(6, plot.width / (isFine ? 20 : 16)))
        let end = Self.edge(
            series(scene, measure)?.end ?? scene.cluster.takenAt, cells: plot.width,
            seconds: window.seconds)
        return (0...ticks).map { tick in
            let x = (plot.width - 1) * tick / ticks
            let ago = window.seconds * Double(ticks - tick) / Double(ticks)
            let moment = end - ago
            let text =
                scene.clockOffset.map {
                    NumberFormat.clock(
                        secondsOfDay: Int((moment + $0).wholeBelow), withSeconds: isFine)
                } ?? (ago == 0 ? "now" : "-" + NumberFormat.shortDuration(ago))
            let start = tick == 0 ? x : tick == ticks ? x - text.count + 1 : x - text.count / 2
            return (text, start)
        }
    }
}
