// The columns of Leadership: one for each broker or rack that topics are laid out by, and those of
// the brokers themselves.

internal import ClusterModel
internal import Drawing

/// A column of the matrix: a broker or a rack.
struct LeaderGroup: Sendable {
    let id: String
    let title: String
    let share: Leadership.Share
    /// Leaders it would have if all had as many.
    let fair: Double?
    let recordsPerSecond: Double?
    let isStale: Bool
    /// Of a topic, by its index: what it leads and should lead.
    let cell: @Sendable (Int) -> (leaders: Int32, preferred: Int32)

    /// "1,810/3,398≠": it leads fewer than it should; ▲: many more than its fair share.
    func shareRuns(_ width: Int, most: Double) -> [Run] {
        let isLess = share.leaders < share.preferred
        let isMore = !isLess && Double(share.leaders) > (fair ?? .infinity) * most
        var text = NumberFormat.grouped(share.leaders) + "/" + NumberFormat.grouped(share.preferred)
        if text.count >= width {
            text = NumberFormat.count(share.leaders) + "/" + NumberFormat.count(share.preferred)
        }
        let mark = isLess ? Glyph.notPreferred : isMore ? Glyph.warning : " "
        return [Run(text), Run(String(mark), .warning)]
    }

    /// The cell of a topic: how many it leads, of how many it should where that differs, and both
    /// as a bar where there is room; ░ should lead here and does not.
    func runs(_ topic: Int, most: Int32, _ width: Int) -> [Run] {
        let (leaders, preferred) = cell(topic)
        if leaders == 0 && preferred == 0 { return [Run("- ", .dim)] }
        let text = leaders == preferred ? "\(leaders)" : "\(leaders)/\(preferred)"
        let mark =
            leaders < preferred ? Glyph.notPreferred : leaders > preferred ? Glyph.warning : " "
        let figure = [Run(text), Run(String(mark), .warning)]
        let room = width - max(6, text.count + 2)
        guard room >= 4, most > 0 else { return figure }
        func columns(_ count: Int32) -> Int {
            count == 0 ? 0 : max(1, Int(count) * room / Int(most))
        }
        let led = columns(leaders)
        let missing = max(0, columns(preferred) - led)
        let gap = width - led - missing - text.count - 1
        return [
            Run(String(repeating: String(Glyph.leftBlocks[7]), count: led), .graph),
            Run(String(repeating: String(Glyph.trackEmpty), count: missing), .warning),
            Run(String(repeating: " ", count: max(0, gap))),
        ] + figure
    }
}

/// "+20", "-31", "0".
func signed(_ count: Int) -> String { (count > 0 ? "+" : "") + NumberFormat.grouped(count) }

extension LeadershipScreen {
    /// Topics down, the groups across; `most` is the greatest figure of a topic's cells.
    static func topicSpec(
        _ groups: [LeaderGroup], width: Int, most: @escaping @Sendable (Int) -> Int32
    ) -> TableSpec {
        let topics = TopicsScreen.spec
        // The widths that the table gives to margin, name, count and rate, with their gaps.
        let room = max(9, width - (width >= 100 ? 55 : 44))
        let shown = max(1, min(groups.count, room / 11))
        let ideal = max(9, min(18, room / shown - 2))
        let name = TopicsScreen.name(least: 14)
        let rate = ["records"].compactMap { topics.column($0) }
        let wrong = Column.figure(
            "wrong", "wrong", least: 6, priority: 1, NumberFormat.count, role: .warning,
            of: { $0.cluster.topics[$1].wrongLeaderCount })
        let across = groups.map { group in
            Column(
                group.id, group.title, least: min(9, ideal), ideal: ideal, priority: 2,
                value: { Float(group.cell($1).leaders) },
                text: { group.runs($1, most: most($1), $2) })
        }
        return TableSpec(
            noun: "topics", hasStableRows: true, section: .topics,
            columns: [name, wrong] + rate + across, sort: "wrong",
            tiebreak: "records", identityIdeal: topics.identityIdeal, rows: topics.rows,
            id: topics.id, find: topics.find, matching: topics.matching,
            mark: { scene, row in
                scene.cluster.topics[row].wrongLeaderCount > 0
                    ? Run(String(Glyph.notPreferred), .warning) : nil
            },
            isFault: { $0.cluster.topics[$1].wrongLeaderCount > 0 })
    }

    /// The brokers of all racks.
    static func brokerSpec(_ sums: Leadership) -> TableSpec {
        let brokers = BrokersScreen.spec
        let own = ["id", "records"].compactMap { brokers.column($0) }
        let columns = own.prefix(1) + leaderColumns(sums) + own.dropFirst() + flowColumns(sums)
        return TableSpec(
            noun: "brokers", section: .brokers, columns: Array(columns), sort: "rack",
            identityIdeal: brokers.identityIdeal, rows: brokers.rows, id: brokers.id,
            find: brokers.find, matching: brokers.matching, mark: brokers.mark,
            isFault: { _, row in sums.share(row).leaders < sums.share(row).preferred })
    }

    /// A count of a broker's leaders.
    private static func count(
        _ id: String, _ title: String, _ priority: Int,
        _ value: @escaping @Sendable (Int) -> Int
    ) -> Column {
        Column(
            id, title, least: max(8, title.count + 1), priority: priority,
            value: { Float(value($1)) },
            text: { _, row, _ in [Run(NumberFormat.grouped(value(row)))] })
    }

    private static func leaderColumns(_ sums: Leadership) -> [Column] {
        [
            Column(
                "rack", "rack", least: 7, ideal: 12, align: .left, priority: 4, ascending: true,
                value: {
                    Float(sums.rackOfBroker.indices.contains($1) ? sums.rackOfBroker[$1] : -1)
                },
                word: { $0.cluster.brokers[$1].rack ?? "-" },
                text: { scene, row, _ in
                    [Run(scene.cluster.brokers[row].rack.map(shownName) ?? "-", .dim)]
                }),
            Column(
                "leaders", "leaders", least: 8, priority: 1,
                value: { Float(sums.share($1).leaders) },
                text: { _, row, _ in
                    let share = sums.share(row)
                    let isLess = share.leaders < share.preferred
                    return [
                        Run(NumberFormat.grouped(share.leaders)),
                        Run(isLess ? String(Glyph.notPreferred) : " ", .warning),
                    ]
                }),
            count("preferred", "preferred", 2) { sums.share($0).preferred },
            Column(
                "election", "election", least: 9, priority: 1,
                value: { Float(sums.share($1).change) },
                text: { _, row, _ in
                    let change = sums.share(row).change
                    return [Run(signed(change), change == 0 ? .dim : .accent)]
                }),
            count("after", "after it", 5) { sums.share($0).after },
            Column(
                "fair", "over fair", least: 10, priority: 3,
                value: { _, row in
                    sums.fair.map { Float(Double(sums.share(row).leaders) - $0) } ?? .nan
                },
                text: { _, row, _ in
                    guard let fair = sums.fair else { return unknownFigure }
                    let more = Double(sums.share(row).leaders) - fair
                    let role: Role = more > fair / 10 ? .warning : .text
                    return [Run(signed(Int(more.nearestWhole)), role)]
                }),
        ]
    }

    private static func flowColumns(_ sums: Leadership) -> [Column] {
        let greatest = sums.brokers.reduce(1) { max($0, $1.leaders, $1.preferred) }
        return [
            .figure("recordsafter", "rec/s after", least: 11, priority: 7, NumberFormat.rate) {
                scene, row in
                scene.cluster.brokers[row].recordsPerSecond.map {
                    max(0, $0 + sums.share(row).recordsGained)
                }
            },
            Column(
                "bar", "leads", least: 12, ideal: 40, align: .left, priority: 6,
                text: { _, row, width in
                    let share = Double(sums.share(row).leaders) / Double(greatest)
                    return [Run(bar(share, width: width), .graph)]
                }),
        ]
    }
}

extension Leadership {
    /// The share of a broker by its index; nothing where it is of another cluster.
    fileprivate func share(_ broker: Int) -> Share {
        brokers.indices.contains(broker) ? brokers[broker] : Share()
    }
}
