// "If it stops now": what the loss of a broker, a rack, a log directory, a voter or a server of the
// ensemble would cost, for the box that `i` opens.

internal import ClusterModel
internal import Drawing

/// What the stop of one or several brokers at once would cost.
func whatIfLines(
    _ stoppage: Stoppage, _ scene: Scene, title: String = "If it stops now"
) -> [[Run]] {
    let cluster = scene.cluster
    var lines: [[Run]] = []
    let verdict: Run =
        switch stoppage.isSafe {
        case true: Run("safe", .good)
        case false: Run("not safe", .critical)
        default: Run("cannot tell", .unknown)
        }
    var first = [Run(title + ": ", .accent), verdict]
    if stoppage.isSafe == true {
        first.append(
            Run(
                "; every partition keeps a leader, writers with acks=all go on, "
                    + "the coordinator keeps its majority."))
    }
    lines.append(first)
    for reason in stoppage.reasons(cluster) {
        lines.append([Run("  " + reason + ".", stoppage.isSafe == false ? .warning : .unknown)])
    }
    if let votes = voteLine(stoppage, cluster) { lines.append(votes) }
    lines += leaderLines(stoppage, cluster)
    if stoppage.groups > 0 {
        lines.append([
            Run(
                "  It coordinates \(plural(stoppage.groups, "group")), which pause while another "
                    + "broker loads them: \(stoppage.groupNames(cluster)).")
        ])
    }
    return lines
}

/// Where leaders would go, and how much each of those brokers would take then.
private func leaderLines(_ stoppage: Stoppage, _ cluster: Cluster) -> [[Run]] {
    guard stoppage.led > 0 else { return [[Run("  It leads nothing.", .dim)]] }
    let gains = stoppage.gains(cluster).map { gain -> String in
        let now = cluster.broker(gain.broker)?.recordsPerSecond
        let more = stoppage.gainedPerSecond[gain.broker] ?? 0
        let load = now.map { " (takes \(NumberFormat.rate($0 + more)) rec/s then)" } ?? ""
        return "broker \(gain.broker) +\(NumberFormat.grouped(gain.leaders))\(load)"
    }
    let rest = stoppage.successors.count - gains.count
    let more = rest > 0 ? " and \(rest) more" : ""
    let to = gains.isEmpty ? "" : " to " + gains.joined(separator: ", ") + more
    return [[Run("  \(plural(stoppage.led, "leader")) would move\(to).")]]
}

/// How many voters would be left, where one of them would stop.
private func voteLine(_ stoppage: Stoppage, _ cluster: Cluster) -> [Run]? {
    guard let votes = cluster.votersLeft(without: Set(stoppage.brokers)) else { return nil }
    let isActive = stoppage.brokers.contains { $0 == cluster.controller }
    let next = isActive ? "; another controller is elected first" : ""
    return [
        Run(
            "  \(votes.left) of \(plural(votes.all, "voter")) would be left, "
                + "\(votes.needed) are needed\(next).",
            votes.left < votes.needed ? .critical : .text)
    ]
}

/// What the stop of a broker would cost, and of its whole rack where there are several.
func whatIfLines(ofBroker id: BrokerID, _ scene: Scene) -> [[Run]] {
    let cluster = scene.cluster
    guard let broker = cluster.broker(id), cluster.knowsPartitions else { return [] }
    guard !broker.isIll else { return [] }
    var lines = whatIfLines(cluster.stoppage(of: [id]), scene)
    guard let rack = broker.rack else { return lines }
    let peers = cluster.brokers.filter { $0.rack == rack }.map(\.id)
    guard peers.count > 1, peers.count < cluster.brokers.count else { return lines }
    let all = cluster.stoppage(of: Set(peers))
    let name = "If its rack \(shownName(rack)) (\(plural(peers.count, "broker"))) stops: "
    switch all.isSafe {
    case true: lines.append([Run(name, .accent), Run("safe", .good)])
    case false:
        lines.append([
            Run(name, .accent), Run("not safe", .critical),
            Run(": " + all.reasons(cluster).joined(separator: "; ") + "."),
        ])
    default: lines.append([Run(name, .accent), Run("cannot tell", .unknown)])
    }
    return lines
}

/// What the loss of a log directory would cost.
func whatIfLines(ofLogDir place: Int, _ scene: Scene) -> [[Run]] {
    let cluster = scene.cluster
    guard cluster.logDirs[place].errorCode == 0, cluster.knowsPartitions else { return [] }
    let stoppage = cluster.stoppage(ofLogDir: place)
    let isOnly = !stoppage.brokers.isEmpty
    return whatIfLines(
        stoppage, scene,
        title: isOnly
            ? "If it fails now, its broker stops, which has no other" : "If it fails now")
}

/// What the stop of a voter of the quorum would cost: of a node that is a broker too, that of both.
func whatIfLines(ofVoter id: BrokerID, _ scene: Scene) -> [[Run]] {
    let cluster = scene.cluster
    if cluster.broker(id) != nil { return whatIfLines(ofBroker: id, scene) }
    guard let votes = cluster.votersLeft(without: [id]) else { return [] }
    let isActive = id == cluster.controller
    return [
        majorityLine(votes, noun: "voter"),
        [
            Run(
                isActive
                    ? "  It is the active controller: another is elected first, within seconds."
                    : "  It leads nothing: nobody notices but the quorum.", .dim)
        ],
    ]
}

/// What the stop of a server of the ensemble would cost.
func whatIfLines(ofServer name: String, _ scene: Scene) -> [[Run]] {
    let coordinator = scene.cluster.coordinator
    guard let server = coordinator.servers.first(where: { $0.name == name }),
        let votes = coordinator.serversLeft(without: name)
    else { return [] }
    var lines = [majorityLine(votes, noun: "server")]
    if server.mode == "leader" {
        lines.append([
            Run("  It leads the ensemble: another is elected first, and sessions wait.", .dim)
        ])
    }
    if let count = server.connections {
        lines.append([
            Run("  \(plural(Int(clamping: count), "connection")) would go to the others.", .dim)
        ])
    }
    return lines
}

private func majorityLine(_ votes: VotersLeft, noun: String) -> [Run] {
    let isSafe = votes.left >= votes.needed
    return [
        Run("If it stops now: ", .accent),
        Run(isSafe ? "safe" : "not safe", isSafe ? .good : .critical),
        Run(
            "; \(votes.left) of \(plural(votes.all, noun)) would be left, "
                + "\(votes.needed) are needed"
                + (isSafe ? "." : ": no elections and no changes to topics.")),
    ]
}

/// How much the stop of a broker would cost, to sort by; NaN unknown.
func stopValue(_ cluster: Cluster, _ place: Int) -> Float {
    switch cluster.isSafeToStop(place) {
    case true: return 0
    case false:
        let cost = cluster.stopCosts[place]
        return 1 + Float(cost.underMinISR) + 1_000_000 * Float(cost.leaderless)
    default: return .nan
    }
}

/// Whether a broker may stop now, in a cell: "yes", "no 12 minISR".
func stopRuns(_ scene: Scene, _ place: Int, _ width: Int) -> [Run] {
    let cluster = scene.cluster
    guard !cluster.brokers[place].isIll else { return [Run("-", .dim)] }
    switch cluster.isSafeToStop(place) {
    case true: return [Run("yes", .good)]
    case false: break
    default: return unknownFigure
    }
    let cost = cluster.stopCosts[place]
    let isLong = width >= 22
    let reason =
        if cost.leaderless > 0 {
            "\(NumberFormat.count(Int(cost.leaderless))) \(isLong ? "would be offline" : "off")"
        } else if cost.underMinISR > 0 {
            "\(NumberFormat.count(Int(cost.underMinISR))) \(isLong ? "under min ISR" : "minISR")"
        } else {
            isLong ? "quorum would be lost" : "quorum"
        }
    return [Run("no", .critical), Run(" " + reason, .warning)]
}
