// The lines above the tables of the Plan screen: what is moved, the least that any plan must move,
// how long it takes, what may be changed with a key.

internal import ClusterModel
internal import Drawing
internal import Planning

extension PlanScreen {
    /// The lines of the head, the most important first.
    private func lines(_ scene: Scene) -> [[Run]] {
        let title = [
            Run(capitalised(request.title), .title),
            Run(draft.map { "   plan \($0.hash.prefix(8))" } ?? "", .dim),
            Run(isBehind && draft != nil && fault == nil ? "   planning again" : "", .unknown),
        ]
        if let fault { return [title, [Run("Nothing is planned: \(fault).", .warning)]] }
        guard let draft else {
            let why = PlanKeys.noPartitions(scene)
            return [
                title, [Run(why.map { capitalised($0) + "." } ?? "Planning.", .unknown)],
            ]
        }
        var lines = [title]
        lines += staying(draft)
        if draft.plan.isEmpty {
            if !draft.plan.isRefused {
                lines.append([Run("Nothing is needed: it is so already.", .good)])
            }
        } else {
            lines.append(sums(draft))
            lines += time(draft)
        }
        if request.hasTolerance { lines.append(curve(draft)) }
        if !leftOut.isEmpty {
            let names = leftOut.suffix(5).reversed().map { "\($0)" }.joined(separator: ", ")
            lines.append([
                Run("left out: ", .dim), Run(names), Run(leftOut.count > 5 ? ", …" : ""),
                Run("   X", .key), Run(" takes the last in again", .dim),
            ])
        }
        return lines
    }

    private func sums(_ draft: PlanDraft) -> [Run] {
        let (totals, least) = (draft.plan.totals, draft.plan.minimum)
        /// What cannot be reached moves less than reaching it would.
        func beside(_ least: String, _ ratio: Double?) -> String {
            guard let ratio, ratio < 0.9995 || ratio > 1.0005 else { return " (least \(least))   " }
            return ratio < 1
                ? " (least to reach it \(least))   "
                : " (least \(least), x \((ratio * 1000).nearestWhole / 1000))   "
        }
        var runs: [Run] = []
        if totals.replicas > 0 {
            runs += [
                Run(NumberFormat.grouped(totals.replicas), .accent), Run(" replicas"),
                Run(
                    beside(NumberFormat.grouped(least.replicas), draft.plan.replicasRatio), .dim),
                Run(NumberFormat.bytes(totals.bytes), .accent), Run(" copied"),
                Run(beside(NumberFormat.bytes(least.bytes), draft.plan.bytesRatio), .dim),
            ]
        }
        if totals.leaders > 0 {
            runs += [Run(NumberFormat.grouped(totals.leaders), .accent), Run(" leaders   ")]
        }
        if totals.reorders > 0 {
            runs += [
                Run(NumberFormat.grouped(totals.reorders), .accent), Run(" only reordered   "),
            ]
        }
        if least.replicas > 0 { runs.append(Run("bound by " + least.binding, .dim)) }
        return runs
    }

    /// What cannot be done, with the reason that most of it has.
    private func staying(_ draft: PlanDraft) -> [[Run]] {
        let refused = draft.plan.refused
        guard !refused.isEmpty else { return [] }
        var counts: [String: Int] = [:]
        for refusal in refused { counts[refusal.reason, default: 0] += 1 }
        let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        let other = counts.count - 1
        let more = other == 0 ? "" : " \(plural(other, "other reason")): the view Safety has them."
        let what =
            draft.plan.isRefused
            ? "Nothing of it can be done: "
            : "\(plural(refused.count, "partition")) \(refused.count == 1 ? "stays" : "stay"): "
        return [
            [
                Run(what, .warning), Run((most?.key ?? "") + "."), Run(more, .dim),
            ]
        ]
    }

    private func time(_ draft: PlanDraft) -> [[Run]] {
        guard draft.plan.totals.bytes > 0 else { return [] }
        guard let throttle else {
            return [[Run("without a throttle", .input), Run(": as fast as it goes", .dim)]]
        }
        // The waves were reckoned with the throttle that the request came with.
        let share = Double(draft.request.throttle) / Double(throttle)
        let eta = draft.plan.eta
        let (low, high) = (eta.lowSeconds * share, eta.highSeconds * share)
        var runs = [
            Run(PlanWords.text(rate: throttle), .input), Run(" for each broker: ", .dim),
            Run(NumberFormat.duration(low)),
        ]
        if high > low * 1.05 { runs.append(Run(" to \(NumberFormat.duration(high))")) }
        if let place = eta.bindingBroker {
            let id = draft.model.brokers[place].id
            let verb = eta.direction == .out ? "sends" : "takes"
            runs.append(Run(", broker \(id) \(verb) most", .dim))
        }
        var lines = [runs]
        let least = draft.leastThrottle
        if least > 0 {
            let isTooLow = Double(throttle) <= least
            lines[0].append(
                Run(
                    "   \(isTooLow ? "never ends" : "would never end") below "
                        + "\(NumberFormat.bytes(least))/s", isTooLow ? .critical : .dim))
        }
        if draft.unknownFlows > 0 {
            lines[0].append(
                Run(
                    "   flow of \(NumberFormat.grouped(draft.unknownFlows)) not known", .unknown))
        }
        return lines
    }

    /// What is copied at several tolerances.
    private func curve(_ draft: PlanDraft) -> [Run] {
        var runs = [Run("tolerance ", .dim), Run(PlanWords.text(share: tolerance), .input)]
        guard !costs.isEmpty else { return runs }
        runs.append(Run("   copied at", .dim))
        for cost in costs {
            let isNow = cost.tolerance == tolerance
            runs += [
                Run("  \(PlanWords.text(share: cost.tolerance)) ", .dim),
                Run(NumberFormat.bytes(cost.bytes), isNow ? .accent : .text),
            ]
        }
        return runs
    }

    private func tabs(_ width: Int) -> [Run] {
        var runs: [Run] = []
        for option in Pane.allCases {
            let count = draft.map { rowCount(of: option, $0) }
            let text = option.title + (width >= 80 ? count.map { " \($0)" } ?? "" : "")
            runs.append(
                Run(option == pane ? "[\(text)]" : " \(text) ", option == pane ? .accent : .dim))
        }
        return runs
    }

    private func rowCount(of pane: Pane, _ draft: PlanDraft) -> String {
        switch pane {
        case .brokers: NumberFormat.grouped(draft.plan.brokers.count)
        case .racks: NumberFormat.grouped(draft.racks.count)
        case .topics: NumberFormat.grouped(draft.topics.count)
        case .partitions: NumberFormat.grouped(draft.plan.count)
        case .waves: NumberFormat.grouped(draft.plan.waves.count)
        case .safety: NumberFormat.grouped(draft.checks.count)
        }
    }

    /// The head in the room there is: the tabs stand last.
    private func head(_ scene: Scene) -> [[Run]] {
        let body = scene.body
        var lines = lines(scene).flatMap { wrapped($0, to: max(10, body.width - 2)) }
        let room = max(2, body.height / 2 - 1)
        if lines.count > room { lines = Array(lines.prefix(room)) }
        return lines + [tabs(body.width)]
    }

    func tableRect(_ scene: Scene) -> Rect {
        scene.body.split(top: min(scene.body.height, head(scene).count + editorLines)).1
    }

    private var editorLines: Int { editor == nil ? 0 : 1 }

    func renderAround(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        var y = body.y
        if let editor {
            let name = editor.field == .editThrottle ? "Throttle: " : "Tolerance: "
            let x = frame.text(name, x: body.x + 1, y: y, role: .accent, within: body)
            let room = max(1, min(24, body.right - x - 1))
            let end = editor.line.draw(
                &frame, Rect(x: x, y: y, width: room, height: 1), room: room, within: body)
            if let fault = editor.fault {
                frame.text("  " + fault, x: end + 1, y: y, role: .warning, within: body)
            }
            y += 1
        }
        for runs in head(scene) where y < body.bottom {
            frame.runs(
                runs, x: body.x + 1, y: y, width: body.width - 2, align: .left, within: body)
            y += 1
        }
    }
}
