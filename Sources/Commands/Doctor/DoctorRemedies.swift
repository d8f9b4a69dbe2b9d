// The shortest list of what to change, worst first: what has one cause is said once.
internal import ClusterModel
internal import KafkaClient
internal import Settings
internal import Transport

/// One thing to change.
struct DoctorRemedy: Equatable {
    enum Severity: String { case fault, warning, note }

    var severity: Severity
    /// What is wrong, without a full stop.
    var text: String
    /// What to do, whole sentences; may be empty.
    var advice: String
    /// A stable name of the cause.
    var code: String
}

extension DoctorReport {
    /// Days before its end from which a certificate is warned of.
    private static let expirySeconds = Int64(Threshold.certificateEnds.entry.standard)
    /// From then on times of events and the lives of tokens are wrong enough to matter.
    private static let clockMs = UInt64(Threshold.clockApart.entry.standard * 1_000)
    private static let namesInOne = 4

    var remedies: [DoctorRemedy] {
        var remedies = causes(of: servers, isBroker: false)
        remedies += nowhere ?? causes(of: brokers, isBroker: true)
        // Where a broker fails alike, the address of the settings is not said again.
        if isReached {
            for place in remedies.indices where remedies[place].severity == .fault {
                if !isBrokersOwn(remedies[place]) { remedies[place].severity = .warning }
            }
        }
        remedies += refused
        remedies += nothingSeen
        remedies += expiring
        remedies += clockRemedy
        remedies += coordinator
        let order: [DoctorRemedy.Severity] = [.fault, .warning, .note]
        return order.flatMap { severity in remedies.filter { $0.severity == severity } }
    }

    private func isBrokersOwn(_ remedy: DoctorRemedy) -> Bool { remedy.text.hasPrefix("broker") }

    // MARK: What failed

    /// Failures with one cause in one, those that came the farthest first: a login that is refused
    /// says more than a name beside it that is not known.
    private func causes(of servers: [ExaminedServer], isBroker: Bool) -> [DoctorRemedy] {
        var groups: [(failure: ExaminationStep, servers: [ExaminedServer])] = []
        for server in servers {
            guard let failure = server.failure else { continue }
            let place = groups.firstIndex {
                $0.failure.code == failure.code && $0.failure.kind == failure.kind
                    && ($0.failure.text == failure.text || failure.kind == .dial)
            }
            if let place {
                groups[place].servers.append(server)
            } else {
                groups.append((failure, [server]))
            }
        }
        func depth(_ step: ExaminationStep) -> Int {
            ExaminationStep.Kind.allCases.firstIndex(of: step.kind) ?? 0
        }
        groups.sort { depth($0.failure) > depth($1.failure) }
        return groups.map { failure, servers in
            let names = names(of: servers, isBroker)
            // Each address has its own text.
            let what = servers.count > 1 && failure.kind == .dial ? common(failure) : failure.text
            return DoctorRemedy(
                severity: .fault, text: "\(names): \(what)", advice: failure.advice,
                code: failure.code?.rawValue ?? "FAILED")
        }
    }

    private func common(_ failure: ExaminationStep) -> String {
        switch failure.code {
        case .connectionRefused: "connections are refused"
        case .connectTimedOut: "connection attempts are not answered"
        default: failure.text
        }
    }

    private func names(of servers: [ExaminedServer], _ isBroker: Bool) -> String {
        let names = servers.prefix(Self.namesInOne).map { server in
            isBroker
                ? "\(server.brokerID ?? -1) (\(server.endpoint))" : server.endpoint.description
        }
        let more = servers.count - names.count
        let list = names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        guard isBroker else { return list }
        return (servers.count == 1 ? "broker " : "brokers ") + list
    }

    /// The cluster can be reached, and no name that it gives its brokers leads anywhere from here.
    private var nowhere: [DoctorRemedy]? {
        guard !brokers.isEmpty, !brokers.contains(where: \.isUsable),
            setup.configuration.connection.addressMap.isEmpty,
            setup.configuration.connection.proxy == nil,
            brokers.allSatisfy({ [.resolve, .dial].contains($0.failure?.kind) }),
            let reached = servers.first(where: \.isUsable)
        else { return nil }
        let shown = brokers.prefix(Self.namesInOne)
        let names = shown.map(\.endpoint.description).joined(separator: ", ")
        let more = brokers.count - shown.count
        let why = brokers[0].failure?.text ?? ""
        let tunnels = shown.enumerated().map { place, broker in
            "-L \(19_092 + place):\(broker.endpoint)"
        }.joined(separator: " ")
        let map = shown.enumerated().map { place, broker in
            "\(broker.endpoint)=127.0.0.1:\(19_092 + place)"
        }.joined(separator: ",")
        let single =
            brokers.count == 1
            ? "If it is the one at \(reached.endpoint), "
                + "highwater.address.map=\(brokers[0].endpoint)=\(reached.dialled) is enough. " : ""
        return [
            DoctorRemedy(
                severity: .fault,
                text: "brokers name themselves \(names)\(more > 0 ? " and \(more) more" : ""), "
                    + "which leads nowhere from here (\(why))",
                advice: single + "Open tunnels, as with ssh \(tunnels) BASTION, and tell of them: "
                    + "highwater.address.map=\(map). Or ssh -D 1080 BASTION and "
                    + "highwater.proxy=socks5h://127.0.0.1:1080. Or mend advertised.listeners.",
                code: "ADVERTISED_NOWHERE")
        ]
    }

    // MARK: What is refused

    private var principal: String {
        let login = setup.configuration.connection.sasl?.username ?? ""
        return login.isEmpty ? "User:NAME" : "User:\(login)"
    }

    private var refused: [DoctorRemedy] {
        guard look != nil else { return [] }
        return [false, true].flatMap { isChange in
            let verdicts = verdicts.filter {
                $0.use.isChange == isChange && !$0.missing.isEmpty
            }
            let resources: [AccessUse.Resource] = [.cluster, .topic, .group]
            return resources.compactMap { missing(on: $0, verdicts, isChange) }
                + verdicts.filter(\.rights.isEmpty).map(Self.notOffered)
        }
    }

    /// One line for all rights on a kind of resource: what is read is a fault, a viewer's lack of
    /// rights to change is as it should be.
    private func missing(
        on resource: AccessUse.Resource, _ verdicts: [AccessVerdict], _ isChange: Bool
    ) -> DoctorRemedy? {
        let uses = verdicts.filter { $0.rights.contains { $0.resource == resource } }
        let operations = AccessOperation.allCases.filter { operation in
            uses.contains { $0.rights.contains { $0 == (operation, resource) } }
        }
        guard !operations.isEmpty else { return nil }
        let names = operations.map(\.name)
        let what = uses.map { "\($0.use.what) (\($0.use.place))" }.joined(separator: ", ")
        let noun = resource == .cluster ? "the cluster" : "all \(resource.rawValue)s"
        let flags = names.map { "--operation \($0)" }.joined(separator: " ")
        return DoctorRemedy(
            severity: isChange ? .note : .fault,
            text: "without \(names.joined(separator: ", ")) on \(noun) there will be missing: "
                + what,
            advice: "Allow it where it is wanted: kafka-acls.sh --add --allow-principal "
                + "\(principal) \(flags) \(resource.option)",
            code: "RIGHT_MISSING")
    }

    /// Brokers leave out topics that may not be seen, and do not say so.
    private var nothingSeen: [DoctorRemedy] {
        guard let look, look.isFinished, look.cluster.topics.isEmpty else { return [] }
        return [
            DoctorRemedy(
                severity: .note,
                text: "no topic is seen: there is none, or Describe is not allowed on any",
                advice: "In the second case: kafka-acls.sh --add --allow-principal \(principal) "
                    + "--operation Describe --operation DescribeConfigs --topic '*'",
                code: "NO_TOPICS")
        ]
    }

    private static func notOffered(_ verdict: AccessVerdict) -> DoctorRemedy {
        DoctorRemedy(
            severity: .note,
            text: "there will be missing: \(verdict.use.what) (\(verdict.use.place)), since "
                + verdict.missing.joined(separator: "; "),
            advice: "", code: "NOT_OFFERED")
    }

    // MARK: What will fail

    private var expiring: [DoctorRemedy] {
        var seen: Set<Protection.Certificate> = []
        var remedies: [DoctorRemedy] = []
        for server in servers + brokers {
            // What ended the connection was said.
            if server.failure?.text.contains(" expired on ") == true { continue }
            for certificate in server.protection?.chain ?? [] {
                guard let end = certificate.notAfter,
                    end - nowSeconds < Self.expirySeconds, seen.insert(certificate).inserted
                else { continue }
                remedies.append(
                    DoctorRemedy(
                        severity: .warning,
                        text: "the certificate \(certificate.subject) that \(server.endpoint) "
                            + "shows \(end < nowSeconds ? "is " : "ends in ")\(days(until: end))",
                        advice: "Renew it.", code: "CERTIFICATE_ENDS"))
            }
        }
        return remedies
    }

    private var clockRemedy: [DoctorRemedy] {
        guard let clock = access.clock, clock.aheadMs.magnitude > Self.clockMs else { return [] }
        let amount = NumberFormat.duration(Double(clock.aheadMs.magnitude) / 1000)
        return [
            DoctorRemedy(
                severity: .warning,
                text: "this machine's clock and the controller's differ by \(amount)",
                advice: "Set both by NTP: tokens and certificates are judged by them, and ages of "
                    + "records are wrong by as much.",
                code: "CLOCKS_DIFFER")
        ]
    }

    private var coordinator: [DoctorRemedy] {
        guard let cluster = look?.cluster else { return [] }
        return cluster.coordinator.servers.compactMap { server in
            server.error.map { error in
                DoctorRemedy(
                    severity: .warning, text: "ZooKeeper \(server.name): \(Self.bare(error))",
                    advice: "", code: "ZOOKEEPER")
            }
        }
    }

    /// A sentence without its full stop.
    private static func bare(_ sentence: String) -> String {
        sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}
