// A plan as a page for a ticket, or for a person at a terminal.

extension PlanDocument {
    /// Lines of Markdown. Names of the cluster are escaped: nothing in them makes a table.
    package var markdown: [String] {
        var lines = ["# Plan: \(plan.request.kind.rawValue)", ""]
        lines += head
        if plan.isEmpty {
            lines += ["", plan.refused.isEmpty ? "Nothing is needed." : "Nothing can be done."]
        } else {
            lines += ["", "## Brokers", ""] + brokerLines
            lines += ["", "## Moves", ""] + moveLines
        }
        if !plan.refused.isEmpty { lines += ["", "## Refused", ""] + refusedLines }
        if !plan.warnings.isEmpty {
            lines += ["", "## Mind", ""] + plan.warnings.map { "- \(Self.escaped($0))" }
        }
        return lines
    }

    private var head: [String] {
        let model = plan.model
        let (totals, minimum) = (plan.totals, plan.minimum)
        var lines = [
            "- cluster \(model.clusterID.map(Self.escaped) ?? "unknown"), as of "
                + (model.takenAt.map(Self.escaped) ?? "an unknown moment"),
            "- hash `\(plan.hash)`, planned in \((planningMs * 10).rounded() / 10) ms",
            "- \(counted(totals.partitions, "partition")), "
                + "\(counted(totals.replicas, "new replica")), \(bytesText(totals.bytes)), "
                + "\(counted(totals.leaders, "leader")) change, "
                + "\(counted(totals.reorders, "reorder"))",
        ]
        if let bytes = plan.bytesRatio, let replicas = plan.replicasRatio {
            lines.append(
                "- \(Self.ratio(bytes)) x the least bytes (\(bytesText(minimum.bytes))), "
                    + "\(Self.ratio(replicas)) x the least replicas (\(minimum.replicas)): "
                    + minimum.binding)
        }
        if let broker = plan.eta.bindingBroker, let direction = plan.eta.direction {
            lines.append(
                "- \(Self.time(plan.eta.lowSeconds)) to \(Self.time(plan.eta.highSeconds)) at "
                    + "\(bytesText(plan.request.throttle))/s for each broker, in "
                    + "\(counted(plan.waves.count, "wave")); broker "
                    + "\(model.brokers[broker].id) \(direction == .in ? "takes" : "sends") most")
        }
        return lines
    }

    private var brokerLines: [String] {
        var lines = [
            "| broker | rack | replicas | bytes | leaders | in | out | disk peak |",
            "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for (broker, change) in zip(plan.model.brokers, plan.brokers) {
            lines.append(
                "| \(broker.id) | \(broker.rack.map(Self.escaped) ?? "") "
                    + "| \(change.replicasBefore) → \(change.replicasAfter) "
                    + "| \(bytesText(change.bytesBefore)) → \(bytesText(change.bytesAfter)) "
                    + "| \(change.leadersBefore) → \(change.leadersAfter) "
                    + "| \(bytesText(change.bytesIn)) | \(bytesText(change.bytesOut)) "
                    + "| \(bytesText(change.diskPeak)) |")
        }
        return lines
    }

    private var moveLines: [String] {
        var lines = ["| partition | replicas | bytes | why |", "| --- | --- | ---: | --- |"]
        let model = plan.model
        for move in 0..<min(plan.count, Limits.markdownMoves) {
            let row = Int(plan.rows[move])
            let before = model.replicas(of: row).map { index in
                list(model.replica[index], leader: model.leader[row])
            }
            let after = plan.replicas(of: move).map { list($0, leader: plan.leaderAfter[move]) }
            lines.append(
                "| \(Self.escaped(model.name(row))) "
                    + "| [\(before.joined(separator: ", "))] → [\(after.joined(separator: ", "))] "
                    + "| \(bytesText(plan.bytes[move])) | \(Self.escaped(plan.reasons[move])) |")
        }
        if plan.count > Limits.markdownMoves {
            lines += [
                "", "and \(plan.count - Limits.markdownMoves) more: `--format plan` has all.",
            ]
        }
        return lines
    }

    /// "3", or "3\*" for who leads.
    private func list(_ broker: Int32, leader: Int32) -> String {
        "\(plan.model.brokers[Int(broker)].id)" + (broker == leader ? "\\*" : "")
    }

    private var refusedLines: [String] {
        var lines = plan.refused.prefix(Limits.markdownMoves).map { refusal in
            let name =
                refusal.row.map { plan.model.name($0) }
                ?? refusal.name.map { "\($0.topic)-\($0.partition)" }
            return "- " + (name.map { Self.escaped($0) + ": " } ?? "")
                + Self.escaped(refusal.reason)
        }
        if plan.refused.count > Limits.markdownMoves {
            lines.append("- and \(plan.refused.count - Limits.markdownMoves) more")
        }
        return lines
    }

    /// Text that Markdown shows as it is, on one line.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "&", "~":
                result += "\\"
                result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                result += "\u{B7}"
            case "\u{2028}", "\u{2029}": result += "\u{B7}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// "1.01": never less than it is.
    private static func ratio(_ ratio: Double) -> String {
        let hundredths = Int((ratio * 100 - 1e-9).rounded(.up))
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// "45 s", "12 min", "3.4 h".
    private static func time(_ seconds: Double) -> String {
        if seconds < 90 { return "\(Int(seconds.rounded(.up))) s" }
        if seconds < 5400 { return "\(Int((seconds / 60).rounded(.up))) min" }
        return "\((seconds / 360).rounded(.up) / 10) h"
    }
}
