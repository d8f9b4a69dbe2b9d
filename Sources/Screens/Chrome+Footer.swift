// The footer: keys that work here, on this row, and how old what is shown is and what it costs.

internal import ClusterModel
internal import Drawing

extension ScreenState {
    func drawFooter(_ frame: inout Frame, _ rect: Rect) {
        let right = footerStatus(rect.width)
        frame.runs(right, x: max(rect.x, rect.right - right.width - 1), y: rect.y, within: rect)
        let room = rect.width - right.width - 3
        if let notice {
            let role: Role = notice.isWarning ? .warning : .accent
            frame.runs(
                [Run(notice.text, role)], x: rect.x + 1, y: rect.y, width: room, align: .left)
            return
        }
        guard let top = screens.last else { return }
        var x = rect.x + 1
        for binding in top.hints
        where !(binding.action == .back && screens.count == 1) {
            guard let title = top.title(of: binding) else { continue }
            if binding.isSeldom {
                let scene = scene()
                if binding.why?(scene, top.row(scene)) != nil { continue }
            }
            let columns = displayWidth(of: binding.label) + 1 + displayWidth(of: title)
            if x + columns > rect.x + 1 + room { continue }
            x = frame.text(binding.label, x: x, y: rect.y, role: .key, within: rect)
            x = frame.text(" " + title, x: x, y: rect.y, role: .dim, within: rect) + 2
        }
    }

    /// What is still being read for the first time, and how far that has come.
    private func loadingRun() -> Run? {
        for section in Section.allCases {
            if case .loading(let share) = view.cluster.health(section).state {
                let done = share.map { " \(NumberFormat.percent($0))" } ?? ""
                return Run("loading \(section.noun)\(done)", .unknown)
            }
        }
        return nil
    }

    /// The age of what is shown, what it costs, who is silent.
    private func footerStatus(_ width: Int) -> [Run] {
        guard hasCluster else {
            return sentence.isEmpty ? [] : [Run("connecting", .unknown)]
        }
        let cluster = view.cluster
        let section = screens.last?.section
        // Controllers and ZooKeeper tell of themselves: what is shown of topics gets no younger by
        // what they answer.
        let newest =
            screens.last?.answeredAt(scene()) ?? section.map { cluster.health($0).answeredAt }
            ?? max(
                cluster.brokers.map(\.answeredAt).max() ?? .never,
                cluster.health(.metadata).answeredAt)
        let dot = Run(" \(Glyph.separator) ", .dim)
        var runs: [Run] = []
        if newest.happened {
            let age = max(0, now.seconds(since: newest))
            let isOld = age > max(5, refreshSeconds * 3)
            runs.append(Run("data \(ago(age))", isOld ? .stale : .dim))
        } else {
            runs.append(Run("no answer yet", .unknown))
        }
        let ill = view.brokersByTrouble.prefix { cluster.brokers[$0].isIll }
        if width >= (ill.isEmpty ? 100 : 120), let loading = loadingRun() {
            runs += [dot, loading]
        }
        // Where room is short the silent broker matters more than what watching costs.
        if width >= (ill.isEmpty ? 70 : 100) {
            let cost = NumberFormat.rate(cluster.traffic.requestsPerSecond.nearestWhole)
            runs += [dot, Run("\(cost) req/s", .dim)]
            if width >= (ill.isEmpty ? 90 : 130) {
                let bytes = cluster.traffic.bytesInPerSecond + cluster.traffic.bytesOutPerSecond
                runs += [dot, Run("\(NumberFormat.wholeBytes(bytes))/s", .dim)]
            }
        }
        if width >= 150, let id = cluster.clusterID {
            runs += [dot, Run("cluster \(truncated(id, to: 22))", .dim)]
        }
        if let first = ill.first.map({ cluster.brokers[$0] }) {
            let state = first.stateRun(scene())
            let more = ill.count > 1 ? " +\(ill.count - 1)" : ""
            runs += [dot, Run("broker \(first.id) \(state.text)\(more)", .critical)]
        }
        return fit(runs, to: max(0, width - 12))
    }
}
