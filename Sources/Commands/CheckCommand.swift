// `highwater check`: the rules of the console once over a cluster, for monitors and scripts. Its
// exit codes are those that monitoring plugins agree on: 0 ok, 1 warning, 2 critical, 3 unknown.
internal import Arguments
internal import ClusterModel
internal import Health
internal import JSON
internal import KafkaClient
internal import Polling
internal import Settings
internal import Transport

/// One run of `check`.
struct CheckCommand: Subcommand {
    static let entry = CommandEntry(
        "check", "judge the cluster for a monitor: ok to critical",
        options: [
            Option(
                "rules", value: "LIST",
                "only these, separated by commas: " + ruleNames.joined(separator: ", ")),
            Option(
                "severity", value: "LEAST", choices: ["notice", "warning", "critical"],
                "print findings from this severity on (warning); a notice is no warning"),
            Option(
                "format", value: "FORMAT", choices: Format.allCases.map(\.rawValue),
                "text, json, or nagios: one line with performance data"),
            Option(
                "for", value: "SAMPLES",
                "look so many times, 2 s apart: what is not there each time does not count (1)"),
            Option(
                "safe-to-stop", value: "broker:ID|rack:NAME",
                "judge this instead: whether the broker, or all brokers of the rack, may be "
                    + "stopped now; several with commas"),
            Option(
                "timeout", value: "DURATION", kind: .duration, "limit of each look (10s)"),
            Option(
                "limits",
                "print the limits of the rules, as settings and their defaults have them, instead"),
        ])
    /// A monitor must not take a wrong command line for an ill cluster.
    static let usageCode = ExitCode.unknown

    private enum Format: String, CaseIterable { case text, json, nagios }

    private static let ruleNames = allRules.map { $0.entry.name }
    private static let mostSamples = 100
    private static let spacingMs: UInt32 = 2_000

    private let host: Host
    private let setup: Setup
    private let rules: Set<String>
    private let least: Finding.Severity
    private let format: Format
    private let samples: Int
    private let stopped: StopWish?
    private let timeoutNs: UInt64
    private let printsLimits: Bool

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.host = host
        printsLimits = invocation.has("limits")
        do throws(Ending) {
            setup = try Setup(invocation, host)
            let names = invocation.all("rules").joined(separator: ",").split(separator: ",")
                .map(String.init)
            for name in names where !Self.ruleNames.contains(name) {
                throw Ending(
                    code: .usage,
                    sentence: "--rules: \(name) is not one of "
                        + Self.ruleNames.joined(separator: ", ")
                        + hint(for: name, among: Self.ruleNames))
            }
            rules = Set(names.isEmpty ? Self.ruleNames : names)
            samples = try Self.samples(invocation.value("for"))
            stopped = try invocation.value("safe-to-stop").map { text throws(Ending) in
                try StopWish(text, of: "--safe-to-stop")
            }
            timeoutNs = try invocation.timeoutNs(or: .seconds(10))
        } catch {
            throw Ending(code: .unknown, sentence: error.sentence)
        }
        least = invocation.value("severity").flatMap(Finding.Severity.init) ?? .warning
        format = invocation.value("format").flatMap(Format.init) ?? .text
    }

    private static func samples(_ text: String?) throws(Ending) -> Int {
        guard let text else { return 1 }
        guard let count = Int(text), (1...mostSamples).contains(count) else {
            throw Ending(
                code: .usage, sentence: "--for is a number of looks, 1 to \(mostSamples): \(text)")
        }
        return count
    }

    // MARK: Looking

    func run() throws(Ending) -> ExitCode {
        if printsLimits {
            let lines = RuleLimits.lines(setup.judging.thresholds, setup.configuration)
            for line in lines { host.output.line(printable(line)) }
            return .done
        }
        let loop = try Setup.startLoop()
        defer { loop.stop() }
        var cluster = Cluster()
        // What was there at every look so far.
        var lasting: Set<FindingID>?
        var commits = CommitsSeen()
        var isFinished = false
        for number in 0..<samples {
            if number > 0 { rest(milliseconds: Self.spacingMs) }
            (cluster, isFinished) = ClusterPass(
                session: ClusterSession(loop: loop, config: setup.client.within(timeoutNs)),
                ensemble: setup.ensemble, sections: Set(Section.allCases), timeoutNs: timeoutNs,
                judging: setup.judging
            ).run()
            commits.look(at: cluster)
            let now = Set(cluster.findings.map(\.id))
            lasting = lasting?.intersection(now) ?? now
        }
        if let sentence = cluster.otherClusterSentence {
            throw Ending(code: .unknown, sentence: "two clusters answer: \(sentence)")
        }
        guard !cluster.brokers.isEmpty else {
            let first = cluster.failures.first?.message ?? "no broker has answered in time"
            if format == .nagios { host.output.line("KAFKA UNKNOWN - \(printable(first))") }
            throw Ending(code: .unknown, sentence: first)
        }
        if let stopped { return try judge(stopped, cluster, isFinished) }
        var answer = CheckAnswer(cluster, isWhole: isFinished && cluster.failures.isEmpty)
        answer.findings = cluster.findings.filter {
            rules.contains($0.rule) && lasting?.contains($0.id) == true
                && !commits.deny($0, cluster)
        }
        answer.rules = allRules.map { $0.entry.name }.filter(rules.contains)
        write(answer)
        return answer.code
    }

    private func write(_ answer: CheckAnswer) {
        switch format {
        case .text: for line in answer.lines(from: least) { host.output.line(line) }
        case .json: host.output.line(answer.document(from: least).text)
        case .nagios: host.output.line(answer.pluginLine)
        }
    }

    // MARK: What if

    private func judge(
        _ wish: StopWish, _ cluster: Cluster, _ isFinished: Bool
    ) throws(Ending) -> ExitCode {
        let stopped = try wish.brokers(cluster)
        var answer = StoppageAnswer(
            cluster.stoppage(of: stopped), cluster, racks: wish.racks, isAll: wish.ids.isEmpty)
        if !isFinished, answer.isSafe == true { answer.isSafe = nil }
        switch format {
        case .text: for line in answer.lines { host.output.line(line) }
        case .json: host.output.line(answer.document.text)
        case .nagios: host.output.line("KAFKA \(answer.word) - \(answer.sentence)")
        }
        return answer.code
    }
}

/// What groups had committed from look to look: one look cannot tell whether anything commits for a
/// group without members, as Flink and Spark do; several can.
private struct CommitsSeen {
    private var sums: [String: Int64] = [:]
    private var moved: Set<String> = []

    mutating func look(at cluster: Cluster) {
        for group in cluster.groups {
            guard let offsets = group.offsets else { continue }
            let sum = offsets.reduce(Int64(0)) { $0.addingReportingOverflow($1.committed ?? 0).0 }
            if let before = sums.updateValue(sum, forKey: group.id), before != sum {
                moved.insert(group.id)
            }
        }
    }

    /// Whether the finding says that nobody commits for a group whose commits were seen to move.
    func deny(_ finding: Finding, _ cluster: Cluster) -> Bool {
        guard case .group(let id) = finding.subject, moved.contains(id) else { return false }
        return cluster.group(id)?.standing.verdict == .noMembers
    }
}

/// What is to be judged as stopped: brokers, racks, or both.
struct StopWish {
    private(set) var ids: Set<BrokerID> = []
    /// By name, as they were given.
    private(set) var racks: [String] = []

    /// `broker:3`, `3`, `901-1000`, `rack:eu-1a`, or several with commas between them.
    init(_ text: String, of option: String) throws(Ending) {
        var brokers: [Substring] = []
        for word in text.split(separator: ",") {
            guard word.hasPrefix("rack:") else {
                brokers.append(word)
                continue
            }
            let name = String(word.dropFirst("rack:".count))
            guard !name.isEmpty else {
                throw Ending(code: .usage, sentence: "\(option): rack: names no rack")
            }
            racks.append(name)
        }
        guard !brokers.isEmpty || racks.isEmpty else { return }
        ids = try BrokerList.parse(brokers.joined(separator: ","), of: option)
    }

    /// All brokers that are meant.
    func brokers(_ cluster: Cluster) throws(Ending) -> Set<BrokerID> {
        for id in ids where cluster.brokerIndex(id) == nil {
            throw Ending(code: .unknown, sentence: "there is no broker \(id) in this cluster")
        }
        var all = ids
        for rack in racks {
            let members = cluster.brokers.filter { $0.rack == rack }.map(\.id)
            guard !members.isEmpty else {
                let known = Set(cluster.brokers.compactMap(\.rack)).sorted()
                let names =
                    known.isEmpty
                    ? "no broker names its rack" : "racks are \(known.joined(separator: ", "))"
                throw Ending(
                    code: .unknown,
                    sentence: "there is no rack \(rack) in this cluster: \(names)"
                        + hint(for: rack, among: known))
            }
            all.formUnion(members)
        }
        return all
    }
}

/// Brokers as an option names them.
enum BrokerList {
    private static let mostInRange = 100_000

    /// `broker:3`, `3`, `901-1000`, or several with commas between them.
    static func parse(_ text: String, of option: String) throws(Ending) -> Set<BrokerID> {
        var ids: Set<BrokerID> = []
        for word in text.split(separator: ",") {
            let number = word.hasPrefix("broker:") ? word.dropFirst("broker:".count) : word
            let ends = number.split(separator: "-", omittingEmptySubsequences: false)
            guard let first = ends.first.flatMap({ Int32($0) }),
                let last = ends.last.flatMap({ Int32($0) }), ends.count <= 2,
                0 <= first, first <= last, Int(last) - Int(first) < mostInRange
            else {
                throw Ending(
                    code: .usage,
                    sentence: "\(option): \(word) is not broker:ID, as broker:3 is, nor a range as "
                        + "901-1000 is")
            }
            for id in first...last { ids.insert(BrokerID(id)) }
        }
        guard !ids.isEmpty else {
            throw Ending(code: .usage, sentence: "\(option) names no broker")
        }
        return ids
    }
}
