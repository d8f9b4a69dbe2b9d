// `highwater snapshot`: one pass over the cluster, one JSON document, one exit code.
internal import Arguments
internal import ClusterModel
internal import Export
internal import Glibc
internal import Health
internal import KafkaClient
internal import Polling
internal import Settings
internal import Transport

/// One run of `snapshot`.
struct SnapshotCommand: Subcommand {
    static let entry = CommandEntry(
        "snapshot", "write what is true now as one JSON document",
        options: [
            Option(
                "sections", value: "LIST",
                "only these, separated by commas: "
                    + sectionNames.joined(separator: ", ")),
            Option(
                "only", value: "RULES",
                "of the partitions only those for which one of these holds: "
                    + ruleNames.joined(separator: ", ")),
            Option(
                "output", short: "o", value: "FILE", kind: .file,
                "write to FILE: a regular file is replaced whole or not at all, anything else is "
                    + "written through; - is standard output"),
            Option(
                "timeout", value: "DURATION", kind: .duration,
                "limit of the whole run (10s); what is known by then is written"),
            Option("pretty", "indent the document"),
        ])

    private let host: Host
    private let setup: Setup
    private let sections: Set<SnapshotSection>
    private let rules: [String]
    private let output: String?
    private let timeoutNs: UInt64
    private let isPretty: Bool

    /// The whole run has this long unless --timeout says otherwise.
    private static let defaultTimeout = Duration.seconds(10)

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.host = host
        setup = try Setup(invocation, host)
        output = invocation.value("output")
        timeoutNs = try invocation.timeoutNs(or: Self.defaultTimeout)
        isPretty = invocation.has("pretty")
        let names = try Self.names("sections", among: Self.sectionNames, invocation)
        sections = Set((names ?? Self.sectionNames).compactMap(SnapshotSection.init))
        rules = try Self.names("only", among: Self.ruleNames, invocation) ?? []
    }

    private static let sectionNames = SnapshotSection.allCases.map(\.rawValue)
    private static let ruleNames = partitionRules.map { $0.entry.name }

    /// What the lists of an option name, each known; nil where there is no such option.
    private static func names(
        _ option: String, among known: [String], _ invocation: Invocation
    ) throws(Ending) -> [String]? {
        let lists = invocation.all(option)
        guard !lists.isEmpty else { return nil }
        let names = lists.joined(separator: ",").split(separator: ",").map(String.init)
        for name in names where !known.contains(name) {
            throw Ending(
                code: .usage,
                sentence: "--\(option): \(name) is not one of "
                    + known.joined(separator: ", ") + hint(for: name, among: known))
        }
        guard !names.isEmpty else {
            throw Ending(code: .usage, sentence: "--\(option) names none")
        }
        return names
    }

    /// Rules read more than the part of partitions does.
    private var observed: Set<Section> {
        let observed = Part.observed(for: sections)
        return rules.isEmpty ? observed : observed.union(Part.observed(for: [.topics]))
    }

    func run() throws(Ending) -> ExitCode {
        let loop = try Setup.startLoop()
        var (cluster, isFinished) = ClusterPass(
            session: ClusterSession(loop: loop, config: setup.client.within(timeoutNs)),
            ensemble: setup.ensemble, sections: observed, timeoutNs: timeoutNs,
            judging: setup.judging
        ).run()
        if !isFinished {
            let asked = setup.client.bootstrap.map(\.description)
            cluster.noteUnfinished(observed, afterSeconds: Double(timeoutNs) / 1e9, of: asked)
        }
        loop.stop()
        if let sentence = cluster.otherClusterSentence {
            throw Ending(
                code: .noCluster,
                sentence: "no snapshot of two clusters: \(sentence); "
                    + "check the addresses, names, tunnels and address maps")
        }
        return try write(cluster)
    }

    private func write(_ cluster: Cluster) throws(Ending) -> ExitCode {
        var snapshot = Snapshot(cluster, sections: sections, toolVersion: toolVersion)
        snapshot.rules = rules
        let place = output ?? "-"
        do {
            try OutputFile(standardOutput: host.output).write(place) { sink in
                try snapshot.write(isPretty: isPretty, to: sink)
            }
        } catch {
            if (error as? WriteFailure)?.isClosedPipe == true { throw .closedPipe }
            throw Ending(
                code: .cannotRun,
                sentence: "the snapshot could not be written to "
                    + "\(place == "-" ? "standard output" : place): \(error)")
        }
        if let warning = setup.identityWarning(cluster.clusterID) {
            host.error.line(printable("highwater: \(warning)"))
        }
        guard !snapshot.gaps.isComplete else { return .done }
        let first = snapshot.gaps.errors.first?.message ?? "something was not answered"
        let isNothing = cluster.brokers.isEmpty
        // Where nothing was read, everything else missing follows from the one reason.
        let more = isNothing ? 0 : snapshot.gaps.errors.count - 1
        let rest = more > 0 ? " (and \(more) more in \"errors\")" : ""
        throw Ending(
            code: isNothing ? .noCluster : .partial,
            sentence: (isNothing ? "" : "the snapshot is partial: ") + first + rest)
    }
}

extension Cluster {
    /// Says of every section that was asked for and not answered in time that it was not; where
    /// no broker has answered, of which addresses it was asked.
    fileprivate mutating func noteUnfinished(
        _ asked: Set<Section>, afterSeconds seconds: Double, of addresses: [String]
    ) {
        let named = addresses.prefix(Self.namedAddresses).joined(separator: ", ")
        let others = addresses.count - Self.namedAddresses
        let all = others > 0 ? "\(named) and \(others) more" : named
        let whom = brokers.isEmpty && !addresses.isEmpty ? " by \(all)" : ""
        for section in Section.allCases where asked.contains(section) {
            let state = health(section).state
            if case .unsupported = state { continue }
            if failures.contains(where: { $0.section == section }) { continue }
            failures.append(
                ObservationFailure(
                    api: section.api(of: kind), broker: nil, code: "TIMED_OUT",
                    message: "Not everything of \(section.noun) was answered within "
                        + "\(seconds) s\(whom); give more with --timeout.",
                    section: section))
        }
    }

    private static let namedAddresses = 3
}
