// Brokers of the overview as gauges: leaders and flow against the mean of all, disk, lag. A gauge
// ends at twice the mean; what is over it is marked.

internal import ClusterModel
internal import Drawing

/// Where the parts of a broker's line stand in so many columns.
struct BrokerGauges {
    let width: Int
    /// Columns of the gauges and of words that only wide panes have; 0: there is none.
    let leadersBar: Int
    let flowBar: Int
    let diskBar: Int
    let rack: Int
    let times: Int
    let days: Int
    let lag: Int
    private let idWidth: Int
    /// Twice the mean of those that answer; 0 unknown.
    private let leadersEnd: Double
    private let flowEnd: Double

    private static let margin = 3
    private static let (leaders, flow, disk) = (6, 7, 5)

    init(_ cluster: Cluster, width: Int) {
        self.width = width
        let ids = cluster.brokers.reduce(1) { max($0, $1.id.description.count) }
        // " ctrl" stands behind one of them.
        idWidth = ids + 6
        var left = width - Self.margin - idWidth - Self.leaders - Self.flow - Self.disk
        func take(_ columns: Int) -> Int {
            guard columns <= left else { return 0 }
            left -= columns
            return columns
        }
        let racks = cluster.brokers.compactMap(\.rack).map { displayWidth(of: shownName($0)) }
        flowBar = take(7)
        leadersBar = take(7)
        times = take(6)
        diskBar = take(7)
        lag = take(8)
        rack = racks.isEmpty ? 0 : take(min(14, racks.max() ?? 0) + 1)
        days = cluster.logDirs.contains { $0.fillsIn != nil } ? take(7) : 0
        let peers = cluster.brokers.filter(\.isAnswering)
        let count = Double(max(1, peers.count))
        leadersEnd = 2 * peers.reduce(0) { $0 + Double($1.leaderCount) } / count
        flowEnd = 2 * peers.reduce(0) { $0 + ($1.recordsPerSecond ?? 0) } / count
    }

    /// The heads over the numbers.
    var heads: [Run] {
        var text = pad("", rack)
        text += pad("leaders", Self.leaders + leadersBar)
        text += pad("rec/s", Self.flow + flowBar) + pad("", times)
        text += pad("disk", Self.disk + diskBar) + pad(days > 0 ? "full in" : "", days)
        text += pad(lag > 0 ? "lag" : "", lag)
        return [Run(text, .dim)]
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - displayWidth(of: text))) + text
    }

    private func right(_ runs: [Run], _ width: Int) -> [Run] {
        [Run(String(repeating: " ", count: max(0, width - runs.width)))] + runs
    }

    /// A gauge in half columns: it moves only when the value clearly does.
    private func gauge(_ share: Double, _ columns: Int, _ role: Role) -> [Run] {
        guard columns > 1 else { return [] }
        let width = columns - 1
        let halves = (min(1, max(0, share)) * Double(width) * 2).nearestWhole
        let filled = bar(halves / Double(width * 2), width: width)
        let track = String(
            repeating: String(Glyph.trackEmpty), count: max(0, width - displayWidth(of: filled)))
        return [Run(" "), Run(filled, role), Run(track, .grid)]
    }

    /// One broker's line behind its mark.
    func runs(_ broker: Broker, _ scene: Scene) -> (left: [Run], right: [Run]) {
        let cluster = scene.cluster
        var left = [Run("\(broker.id)", broker.isIll ? .critical : .text)]
        if broker.id == cluster.controller { left.append(Run(" ctrl", .accent)) }
        let state = broker.isIll || broker.trouble > 0 ? broker.stateRun(scene) : nil
        let rackRuns =
            rack > 0
            ? right([Run(truncated(broker.rack.map(shownName) ?? "-", to: rack - 1), .dim)], rack)
            : []
        guard let state else {
            return (
                left,
                rackRuns + leaderRuns(broker, cluster) + flowRuns(broker)
                    + diskRuns(broker, cluster) + lagRuns(broker)
            )
        }
        left += [Run("  "), state]
        if rack > 0, let name = broker.rack { left.append(Run("  " + shownName(name), .dim)) }
        var leaders = leaderRuns(broker, cluster, isPlain: true)
        // Its words take the room of the gauge it has not.
        leaders[0].text = String(leaders[0].text.drop { $0 == " " })
        return (
            left,
            leaders + flowRuns(broker, isPlain: broker.isIll) + diskRuns(broker, cluster)
                + lagRuns(broker)
        )
    }

    private func leaderRuns(_ broker: Broker, _ cluster: Cluster, isPlain: Bool = false) -> [Run] {
        let isShort = broker.leaderCount < broker.preferredLeaderCount
        let number: [Run] = [
            cluster.knowsPartitions
                ? Run(NumberFormat.count(broker.leaderCount)) : unknownFigure[0],
            Run(isShort ? String(Glyph.notPreferred) : " ", .warning),
        ]
        let share = leadersEnd > 0 ? Double(broker.leaderCount) / leadersEnd : 0
        let bar = isPlain ? [] : gauge(share, leadersBar, .graph)
        return bar + right(number, Self.leaders + leadersBar - bar.width)
    }

    private func flowRuns(_ broker: Broker, isPlain: Bool = false) -> [Run] {
        let rate = figure(
            broker.recordsPerSecond, NumberFormat.rate, isStale: broker.isRateStale)
        let share = flowEnd > 0 ? (broker.recordsPerSecond ?? 0) / flowEnd : 0
        let isHot = share > 1
        let bar = isPlain ? [] : gauge(share, flowBar, isHot ? .warning : .graphSecond)
        // Twice the mean is 1 on the gauge. Told in halves, and only of those far above it.
        let more =
            isHot ? [Run("\(NumberFormat.rate((share * 4).nearestWhole / 2))x", .warning)] : []
        return bar + right(rate, Self.flow + flowBar - bar.width)
            + (times > 0 ? right(more, times) : [])
    }

    private func diskRuns(_ broker: Broker, _ cluster: Cluster) -> [Run] {
        let dirs = cluster.logDirs(of: broker.id)
        let place = OverviewScreen.fullestDir(dirs)
        let used = place.flatMap { dirs[$0].usedFraction }
        let role = volumeRole(used, cluster.thresholds)
        let number = figure(
            used.map { NumberFormat.percent($0) }, isStale: broker.isIll, role: role)
        let bar =
            broker.isIll ? [] : gauge(used ?? 0, diskBar, role == .text ? .graphThird : role)
        let days = place.flatMap { dirs[$0].fillsIn }
        return bar + right(number, Self.disk + diskBar - bar.width)
            + (self.days > 0 ? right(days.map { [Run($0, .dim)] } ?? [], self.days) : [])
    }

    private func lagRuns(_ broker: Broker) -> [Run] {
        guard lag > 0 else { return [] }
        return right(
            figure(broker.worstReplicaLag, NumberFormat.count, isStale: broker.isIll), lag)
    }
}
