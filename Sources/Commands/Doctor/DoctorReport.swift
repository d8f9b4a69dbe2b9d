// What an examination found, as text for people: the way to each address, each broker, what may be
// done, the coordinator, the clocks, and what to change.
internal import ClusterModel
internal import KafkaClient
internal import Settings
internal import Transport

/// All that was found, and what follows from it.
struct DoctorReport {
    /// One look at everything the console shows.
    struct Look {
        var cluster: Cluster
        var isFinished: Bool
    }

    let setup: Setup
    /// Addresses of the settings.
    var servers: [ExaminedServer] = []
    var brokers: [ExaminedServer] = []
    var look: Look?
    var access = Access()

    /// Wall-clock seconds since 1970, for the dates of certificates.
    let nowSeconds = LocalClock.wallMs / 1000

    init(_ setup: Setup) { self.setup = setup }

    var isReached: Bool { servers.contains(where: \.isUsable) }

    /// Nothing could be read, something is missing, or all is well, whatever is warned of.
    var code: ExitCode {
        guard isReached else { return .noCluster }
        return remedies.contains { $0.severity == .fault } ? .partial : .done
    }

    var verdicts: [AccessVerdict] {
        access.verdicts(
            brokers.filter(\.isUsable).compactMap(\.versions), kind: look?.cluster.kind)
    }

    // MARK: Lines

    var serverLines: [String] {
        var lines = ["Addresses of the settings"]
        for server in servers {
            lines.append("  \(printable(server.endpoint.description))")
            lines += stepLines(server)
        }
        return lines
    }

    var brokerLines: [String] {
        var lines = ["", "Brokers, as the cluster names them"]
        for broker in brokers {
            let name = "\(broker.brokerID ?? -1)  \(printable(broker.endpoint.description))"
            let rack = broker.rack.map { "  rack \(printable($0))" } ?? ""
            if broker.failure == nil, broker.isUsable {
                let took = broker.steps.reduce(0) { $0 + ($1.tookNs ?? 0) }
                let apis = broker.versions?.ranges.count ?? 0
                let identity = broker.steps.last?.text ?? ""
                lines.append(
                    "  \(name)\(rack)  \(Self.time(took)), \(apis) APIs, \(identity)")
                lines += broker.steps.filter { $0.outcome == .failed }.flatMap(Self.lines)
            } else {
                lines.append("! \(name)\(rack)")
                lines += stepLines(broker)
            }
        }
        return lines
    }

    private func stepLines(_ server: ExaminedServer) -> [String] {
        var lines: [String] = []
        for step in server.steps {
            lines += Self.lines(step)
            if step.kind == .tls, let protection = server.protection {
                lines += certificateLines(protection)
            }
        }
        return lines
    }

    private static let indent = String(repeating: " ", count: 24)

    private static func lines(_ step: ExaminationStep) -> [String] {
        let mark = step.outcome == .failed ? "  ! " : "    "
        let name = step.kind.rawValue.padded(to: 9)
        let took = (step.tookNs.map(time) ?? "").padded(before: 8)
        let skipped = step.outcome == .skipped ? "not done: " : ""
        var lines = ["\(mark)\(name) \(took)  \(skipped)\(step.text)"]
        if !step.advice.isEmpty { lines.append("\(indent)\(step.advice)") }
        return lines
    }

    private func certificateLines(_ protection: Protection) -> [String] {
        var lines = protection.chain.map { certificate -> String in
            let until = expiry(certificate).map { "until \($0)" } ?? "without a readable date"
            let list = certificate.names.joined(separator: ", ")
            let names = list.isEmpty ? "" : ", for \(list)"
            return printable(
                "\(certificate.subject) by \(certificate.issuer), \(until)\(names)")
        }
        if !protection.checksCertificate {
            lines.append("the certificate is not checked: the settings say so")
        } else if !protection.checksName {
            lines.append("its name is not checked: the settings say so")
        }
        return lines.map { Self.indent + $0 }
    }

    /// "2027-01-01 (32 days)".
    private func expiry(_ certificate: Protection.Certificate) -> String? {
        guard let end = certificate.notAfter else { return nil }
        let day = WallTime(ms: end.multipliedReportingOverflow(by: 1000).partialValue).iso8601
        return "\(day.prefix(10)) (\(days(until: end)))"
    }

    func days(until end: Int64) -> String {
        let left = (end - nowSeconds) / 86_400
        if end < nowSeconds { return "over" }
        return left == 0 ? "less than a day" : plural(Int(left), "day")
    }

    static func time(_ nanoseconds: UInt64) -> String {
        let ms = (nanoseconds + 500_000) / 1_000_000
        return ms < 1_000 ? "\(ms) ms" : readableSeconds(nanoseconds)
    }

    // MARK: What may be done

    var accessLines: [String] {
        guard let look else { return [] }
        var lines = ["", "What may be done"]
        let verdicts = verdicts
        for verdict in verdicts {
            let mark = verdict.missing.isEmpty ? "    " : verdict.use.isChange ? "  - " : "  ! "
            let why =
                verdict.missing.isEmpty
                ? (verdict.isUnknown ? ": not told" : "")
                : ": " + verdict.missing.joined(separator: "; ")
            lines.append("\(mark)\(verdict.use.what) (\(verdict.use.place))\(why)")
        }
        lines += ["", "One look at everything"]
        lines.append("    \(lookSummary(look))")
        for failure in look.cluster.failures {
            lines.append("  ! \(printable(failure.message))")
        }
        lines += coordinatorLines(look.cluster)
        lines.append("    clock: \(clockText)")
        return lines
    }

    private func lookSummary(_ look: Look) -> String {
        let cluster = look.cluster
        let parts = [
            plural(cluster.brokers.count, "broker"), plural(cluster.topics.count, "topic"),
            plural(cluster.partitions.count, "partition"), plural(cluster.groups.count, "group"),
        ]
        return parts.joined(separator: ", ") + (look.isFinished ? "" : "; not all of it in time")
    }

    private func coordinatorLines(_ cluster: Cluster) -> [String] {
        var lines: [String] = []
        for server in cluster.coordinator.servers {
            let mode = server.mode ?? "mode not known"
            let error = server.error.map { ": \($0)" } ?? ""
            let mark = server.error == nil ? "    " : "  ! "
            lines.append(printable("\(mark)ZooKeeper \(server.name): \(mode)\(error)"))
        }
        for controller in cluster.coordinator.controllers {
            let isLeader = controller.id == cluster.quorum?.leader
            let places = controller.endpoints.joined(separator: ", ")
            let error = controller.error.map { ": \($0)" } ?? ""
            let mark = controller.error == nil ? "    " : "  ! "
            lines.append(
                printable(
                    "\(mark)controller \(controller.id) at \(places)"
                        + "\(isLeader ? ", active" : "")\(error)"))
        }
        return lines
    }

    private var clockText: String {
        guard let clock = access.clock else {
            return "the cluster does not tell its own (only a KRaft controller does)"
        }
        let ms = clock.aheadMs.magnitude
        let amount = ms < 1_000 ? "\(ms) ms" : NumberFormat.duration(Double(ms) / 1000)
        return "the controller's is \(amount) \(clock.aheadMs < 0 ? "behind" : "ahead of") this "
            + "machine's (within \(clock.withinMs) ms)"
    }

    // MARK: What to change

    var endLines: [String] {
        let remedies = remedies
        guard !remedies.isEmpty else { return ["", "Nothing needs to be changed."] }
        var lines = ["", "To change"]
        for (number, remedy) in remedies.enumerated() {
            let advice = remedy.advice.isEmpty ? "" : " " + remedy.advice
            lines.append(printable("  \(number + 1). \(remedy.text).\(advice)"))
        }
        return lines
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
    fileprivate func padded(before width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
