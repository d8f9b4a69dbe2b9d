// What every screen has around it: title, health strip, trail, footer; and the frame as a whole.

internal import ClusterModel
package import Drawing
internal import Health
internal import Planning

/// Where the parts of a frame stand; parts without room are empty.
struct Regions {
    var title: Rect
    var strip: Rect
    var trail: Rect
    var rule: Rect
    var body: Rect
    var lowerRule: Rect
    var footer: Rect
}

extension ScreenState {
    func regions() -> Regions {
        var rest = Rect(x: 0, y: 0, width: width, height: height)
        func top(_ rows: Int) -> Rect {
            let (part, left) = rest.split(top: rows)
            rest = left
            return part
        }
        let title = top(height >= 7 ? 1 : 0)
        let strip = top(1)
        let trail = top(height >= 8 ? 1 : 0)
        let rule = top(height >= Limits.compactHeight ? 1 : 0)
        let low = (height >= 30 ? 1 : 0) + 1
        let (body, bottom) = rest.split(top: max(0, rest.height - low))
        let (lowerRule, footer) = bottom.split(top: max(0, bottom.height - 1))
        return Regions(
            title: title, strip: strip, trail: trail, rule: rule, body: body,
            lowerRule: lowerRule, footer: footer)
    }

    /// The frame for the present state and size.
    package func render() -> Frame {
        var frame = Frame(width: width, height: height)
        guard width >= Limits.leastWidth && height >= Limits.leastHeight else {
            if height > 0 {
                frame.runs(
                    [
                        Run(
                            "too small: \(width)x\(height)"
                                + (width < 40
                                    ? "" : ", at least \(Limits.leastWidth)x\(Limits.leastHeight)"),
                            .warning)
                    ], x: 0, y: height / 2,
                    width: width, align: .centre)
            }
            return frame
        }
        let regions = regions()
        drawTitle(&frame, regions.title)
        drawStrip(&frame, regions.strip)
        drawTrail(&frame, regions.trail)
        frame.horizontalLine(x: 0, y: regions.rule.y, width: regions.rule.isEmpty ? 0 : width)
        frame.horizontalLine(
            x: 0, y: regions.lowerRule.y, width: regions.lowerRule.isEmpty ? 0 : width)
        drawBody(&frame, regions.body)
        if let prompt {
            let fault =
                prompt.kind == .filter ? screens.last?.table?.filter.fault : promptFault
            prompt.draw(&frame, regions, scene(), fault: fault)
        } else {
            drawFooter(&frame, regions.footer)
        }
        return frame
    }

    private func drawBody(_ frame: inout Frame, _ body: Rect) {
        guard let top = screens.last else { return }
        if !hasCluster, screens.count == 1 {
            drawWaiting(&frame, body)
            return
        }
        // An overlay lies on the screen below it.
        if type(of: top).traits.contains(.overlay), screens.count > 1 {
            let below = screens[screens.count - 2]
            below.render(&frame, scene(for: below))
        }
        top.render(&frame, scene())
    }

    private func drawWaiting(_ frame: inout Frame, _ body: Rect) {
        let text = sentence.isEmpty ? "Nothing asked yet." : sentence
        let lines = wrapped([Run(text)], to: max(5, body.width - 4))
        // Long reasons begin higher: what to do stands at their end, and the wait below it.
        let y = body.y + max(0, min(body.height / 3, body.height - lines.count - 2))
        for (line, runs) in lines.enumerated() where y + line < body.bottom {
            frame.runs(runs, x: body.x, y: y + line, width: body.width, align: .centre)
        }
        let below = y + max(3, lines.count + 1)
        guard startedAt.happened, below < body.bottom else { return }
        let waited = now.seconds(since: startedAt).wholeBelow
        frame.runs(
            [Run("waiting \(NumberFormat.duration(waited))", .dim)], x: body.x, y: below,
            width: body.width, align: .centre)
    }

    // MARK: Title

    private func drawTitle(_ frame: inout Frame, _ rect: Rect) {
        guard !rect.isEmpty else { return }
        let cluster = view.cluster
        var right: [[Run]] = []
        if hasCluster {
            let totals = cluster.totals
            // A sum that lacks partitions, or may be wrong, must not look like the whole.
            let stale = totals.staleRateCount > 0 || totals.isRateUnsure
            right.append(
                figure(totals.recordsPerSecond, NumberFormat.rate, isStale: stale, role: .accent)
                    + [Run(" rec/s", .dim)])
            if width >= 100 {
                right.append(
                    figure(totals.bytesPerSecond, NumberFormat.bytes, isStale: stale)
                        + [Run("/s", .dim)])
            }
        }
        if isPaused { right.append([Run(" PAUSED ", .warning)]) }
        if !localTime.isEmpty { right.append([Run(localTime, .title)]) }
        let rightRuns = Array(right.joined(separator: [Run("  ")])) + [Run(" ")]
        let band = truncated(options.contextName, to: max(8, width / 3))
        var left: [Run] = []
        if width >= 60 { left.append(Run(" Highwater ", .brand)) }
        left.append(
            Run("\(Glyph.bandLeft)\(band)\(Glyph.bandRight)", .banner))
        var parts: [[Run]] = []
        if options.policy.isReadOnly { parts.append([Run("read-only", .warning)]) }
        if let kind = cluster.kind {
            let version = cluster.kafkaVersion.map { " \($0)" } ?? ""
            let name = kind == .kraft ? "KRaft" : "ZooKeeper"
            parts.append([Run(name + version, .title)])
        }
        if hasCluster {
            let racks = cluster.totals.racks
            parts.append([
                Run(plural(cluster.brokers.count, "broker"), .title),
                Run(racks > 1 ? " \(Glyph.separator) \(plural(racks, "rack"))" : "", .dim),
            ])
        }
        if cluster.knowsPartitions {
            parts.append([
                Run(plural(cluster.topics.count, "topic"), .title),
                Run(" \(Glyph.separator) \(plural(cluster.partitions.count, "partition"))", .dim),
            ])
        }
        var room = rect.width - left.width - rightRuns.width
        for part in parts where part.width + 3 <= room {
            left += [Run("  ")] + part
            room -= part.width + 2
        }
        frame.runs(left, x: rect.x, y: rect.y, within: rect)
        let start = max(rect.x + left.width + 1, rect.right - rightRuns.width)
        frame.runs(rightRuns, x: start, y: rect.y, within: rect)
    }

    // MARK: Health strip

    struct StripPiece {
        var rule: RuleEntry
        var columns: Range<Int>
        var runs: [Run]
    }

    /// The counts in the longest wording that fits, and where each stands.
    func stripPieces(_ width: Int) -> (pieces: [StripPiece], width: Int) {
        // A plan under way is said at any width.
        let plan = planRuns.width
        let width = plan > 0 ? width - plan - 2 : width
        for wording in Wording.allCases {
            let (pieces, used) = strip(wording)
            if used <= width || wording == .tiny { return (pieces, used) }
        }
        return ([], 0)
    }

    /// From the longest wording of the strip to the shortest; the last two leave zeros out.
    private enum Wording: CaseIterable {
        case long, short, dense, tiny
    }

    private func strip(_ wording: Wording) -> ([StripPiece], Int) {
        var pieces: [StripPiece] = []
        let start = wording == .tiny ? 0 : 1
        let gap = wording == .long ? 3 : wording == .short ? 2 : 1
        var x = start
        for rule in stripRules {
            guard let place = rule.strip else { continue }
            let count = hasCluster ? view.cluster.counts[rule.name] : nil
            if place.isQuiet, count ?? 0 == 0 { continue }
            let isOld = hasCluster && count != nil && isOld(rule)
            if (wording == .dense || wording == .tiny) && count == 0 && !isOld { continue }
            let mark = ruleMark(rule)
            let name =
                wording == .long ? rule.title : wording == .tiny ? place.tiny : place.short
            let figure = (isOld ? String(Glyph.stale) : "") + NumberFormat.count(count)
            // All of it is being worked on: counted, and no more.
            let isCalm = count ?? 0 > 0 && view.cluster.countsInMaintenance[rule.name] == count
            let role: Role =
                count == nil
                ? .unknown : count == 0 ? isOld ? .stale : .dim : isCalm ? .dim : mark.role
            let runs: [Run] =
                switch wording {
                case .tiny: [Run(name + figure, role)]
                case .dense:
                    [Run("\(count == nil || isCalm ? " " : mark.text)\(name) \(figure)", role)]
                case .long, .short:
                    count == nil
                        ? [Run("\(name) ", .dim), Run(figure, .unknown)]
                        : [
                            Run(
                                (count == 0 || isCalm ? "" : "\(mark.text) ") + "\(name) \(figure)",
                                role)
                        ]
                }
            let width = runs.width
            pieces.append(StripPiece(rule: rule, columns: x..<(x + width), runs: runs))
            x += width + gap
        }
        return (pieces, pieces.isEmpty ? start : x - gap)
    }

    /// What the rule counts was told too long ago to pass for the present. Which brokers are ill is
    /// our own connections' to say.
    private func isOld(_ rule: RuleEntry) -> Bool {
        let cluster = view.cluster
        func isOld(_ section: Section) -> Bool {
            cluster.isStale(cluster.health(section).answeredAt, in: section)
        }
        return switch rule.rows {
        // Who does not answer is our own to say; and who leads and is in sync changes through the
        // coordinator alone: without its majority brokers go on telling what was so before.
        case .partitions:
            rule.strip?.isQuiet != true
                && (isOld(.metadata) || cluster.coordinatorHasQuorum == false)
        case .groups: isOld(.metadata)
        case .logDirs: isOld(.logDirs)
        case .brokers, .coordinator, .findings, .none: false
        }
    }

    private func drawStrip(_ frame: inout Frame, _ rect: Rect) {
        var (pieces, used) = stripPieces(rect.width)
        for piece in pieces {
            frame.runs(piece.runs, x: rect.x + piece.columns.lowerBound, y: rect.y, within: rect)
        }
        if pieces.isEmpty {
            let words = Run("all eight counts are 0", .good)
            frame.runs([words], x: rect.x + 1, y: rect.y, within: rect)
            used = 1 + words.width
        }
        guard hasCluster else { return }
        let plan = planRuns
        if !plan.isEmpty {
            frame.runs(plan, x: rect.right - plan.width - 1, y: rect.y, within: rect)
            return
        }
        let cluster = view.cluster
        let epoch = cluster.controllerEpoch.map { " (epoch \($0))" } ?? ""
        var runs: [Run] = [Run("controller ", .dim)]
        if let id = cluster.controller {
            let isIll = cluster.broker(id)?.isIll == true
            let isOld = cluster.isControllerStale
            runs += [
                id.exists
                    ? figure("\(id)", isStale: isOld && !isIll, role: isIll ? .critical : .text)[0]
                    : Run("none", .critical),
                Run(epoch, .dim),
            ]
        } else {
            runs += [Run(NumberFormat.unknown, .unknown)]
        }
        if used + runs.width + 3 > rect.width { runs = runs.dropLast() + [] }
        guard used + runs.width + 2 <= rect.width, runs.count > 1 else { return }
        frame.runs(runs, x: rect.right - runs.width - 1, y: rect.y, within: rect)
    }

    // MARK: Trail

    private func drawTrail(_ frame: inout Frame, _ rect: Rect) {
        guard !rect.isEmpty else { return }
        let status = tableStatus()
        let room = max(12, rect.width - status.width - 4)
        var crumbs = screens.map(\.crumb)
        let link = " \(Glyph.trail) "
        var isCut = false
        while crumbs.count > 1 && displayWidth(of: crumbs.joined(separator: link)) > room - 4 {
            crumbs.removeFirst()
            isCut = true
        }
        var runs: [Run] = isCut ? [Run("\(Glyph.ellipsis)\(link)", .dim)] : []
        for (index, crumb) in crumbs.enumerated() {
            let isLast = index == crumbs.count - 1
            runs.append(
                Run(isLast ? truncated(crumb, to: room - 4) : crumb, isLast ? .title : .dim))
            if !isLast { runs.append(Run(link, .dim)) }
        }
        frame.runs(runs, x: rect.x + 1, y: rect.y, width: room, align: .left, within: rect)
        let space = max(0, rect.right - 1 - (rect.x + 1 + min(room, runs.width)) - 2)
        let fitted = fit(status, to: space)
        frame.runs(fitted, x: rect.right - 1 - fitted.width, y: rect.y, within: rect)
    }

    /// Filter, sort, shown of total.
    private func tableStatus() -> [Run] {
        guard let table = screens.last?.table else { return [] }
        var runs: [Run] = []
        if !table.marks.isEmpty {
            runs.append(Run("\(Glyph.marked) \(table.marks.count) marked   ", .marked))
        }
        if table.isFaultsOnly {
            let narrowed = (screens.last as? any TableScreen)?.spec.narrowed ?? "faults only"
            runs.append(Run("\(narrowed)   ", .accent))
        }
        if !table.filter.isEmpty { runs.append(Run("/\(table.filter.text)   ", .accent)) }
        if width >= 60 {
            let arrow = table.isDescending ? Glyph.down : Glyph.up
            runs.append(Run("sort: \(table.sort) \(arrow)   ", .dim))
        }
        let spec = (screens.last as? any TableScreen)?.spec
        if table.ordered.total == 0, case .reading? = spec?.absence(scene()) {
            return runs + [Run("reading", .unknown)]
        }
        let shown = NumberFormat.grouped(table.rows.count)
        let total = NumberFormat.grouped(table.ordered.total)
        runs.append(Run(shown == total ? total : "\(shown) of \(total)", .title))
        if spec?.mayLack?(scene()) == true { runs.append(Run(" +?", .unknown)) }
        return runs
    }
}
