// `highwater doctor`: why a cluster cannot be reached, or what of it will be missing, step by step
// with times, and the shortest list of what to change. It sends nothing that changes anything.
internal import Arguments
internal import ClusterModel
internal import JSON
internal import KafkaClient
internal import Polling
internal import Security
internal import Settings
internal import TerminalIO
internal import Transport

/// One run of `doctor`.
struct DoctorCommand: Subcommand {
    static let entry = CommandEntry(
        "doctor", "find out what keeps a cluster from being read",
        options: [
            Option(
                "format", value: "FORMAT", choices: ["text", "json"],
                "text, as it is found, or json"),
            Option(
                "timeout", value: "DURATION", kind: .duration,
                "limit of each step (5s); reading the cluster may take three times as long"),
        ])

    private let host: Host
    private let setup: Setup
    private let isJSON: Bool
    private let timeoutNs: UInt64

    /// Topics and groups whose rights are asked for: a request names them.
    private static let askedTopics = 1_000
    private static let askedGroups = 8
    private static let waitMs: Int32 = 1_000

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.host = host
        isJSON = invocation.value("format") == "json"
        timeoutNs = try invocation.timeoutNs(or: .seconds(5))
        setup = try Setup(invocation, host)
    }

    func run() throws(Ending) -> ExitCode {
        let loop = try Setup.startLoop()
        defer { loop.stop() }
        var report = DoctorReport(setup)
        let examiner = makeExaminer(loop)
        report.servers = waitFor(loop) { answer in
            examiner.value.examineBootstrap { answer($0) }
        }
        show(report.serverLines)
        if let first = report.servers.first(where: \.isUsable) {
            let clusterID = first.clusterID
            let brokers = first.brokers
            report.brokers = waitFor(loop) { answer in
                examiner.value.expectedCluster = examiner.value.expectedCluster ?? clusterID
                examiner.value.examine(brokers: brokers) { answer($0) }
            }
            show(report.brokerLines)
            if report.brokers.contains(where: \.isUsable) {
                ask(loop, &report)
                show(report.accessLines)
            }
        }
        if isJSON {
            host.output.line(report.document.text)
        } else {
            show(report.endLines)
        }
        return report.code
    }

    private func show(_ lines: [String]) {
        guard !isJSON else { return }
        for line in lines { host.output.line(line) }
    }

    // MARK: Asking

    private func makeExaminer(_ loop: Loop) -> LoopBound<Examiner> {
        var config = setup.client.within(3 * timeoutNs)
        config.connectTimeoutNs = min(config.connectTimeoutNs, timeoutNs)
        config.negotiateTimeoutNs = timeoutNs
        let connection = setup.configuration.connection
        let login = connection.sasl.map { login in
            login.mechanism + (login.username.isEmpty ? "" : " as \(login.username)")
        }
        // It checks nothing: whoever answers, a handshake shows that the port speaks TLS.
        var unchecked = TLSOptions()
        unchecked.checksCertificate = false
        let trial = TLSContext(unchecked)
        return LoopBound(loop) { [config] in
            Examiner(
                loop: loop, config: config, expectedCluster: connection.expectedClusterID,
                loginName: login ?? "", trialLayer: { trial.makeLayer(for: $0.host) })
        }
    }

    /// The answer of something done on the loop's thread, which has limits of its own.
    private func waitFor<Answer: Sendable>(
        _ loop: Loop, _ work: @escaping @Sendable (@escaping @Sendable (Answer) -> Void) -> Void
    ) -> Answer {
        let inbox = Inbox<Answer>()
        loop.post { work { inbox.post($0) } }
        while true {
            _ = inbox.wait(milliseconds: Self.waitMs)
            if let answer = inbox.drain().first { return answer }
        }
    }

    /// One look at everything the console shows, and what may be done.
    private func ask(_ loop: Loop, _ report: inout DoctorReport) {
        let limitNs = 3 * timeoutNs
        let session = ClusterSession(loop: loop, config: setup.client.within(limitNs))
        let (cluster, isFinished) = ClusterPass(
            session: session, ensemble: setup.ensemble, sections: Set(Section.allCases),
            timeoutNs: limitNs
        ).run()
        report.look = DoctorReport.Look(cluster: cluster, isFinished: isFinished)
        let topics = Array(cluster.topics.prefix(Self.askedTopics).map(\.name))
        let groups = cluster.groups.prefix(Self.askedGroups).map(\.id)
        report.access = waitFor(loop) { answer in
            session.run { client in
                var access = Access()
                client.readClusterOperations { bits in
                    access.cluster = bits
                    client.readAuthorizedOperations(ofTopics: topics, group: nil) { operations in
                        access.topics = operations.topics
                        client.readGroupOperations(of: groups) { bits in
                            access.groups = bits
                            client.readControllerClock { clock in
                                access.clock = clock
                                answer(access)
                            }
                        }
                    }
                }
            }
        }
    }
}
