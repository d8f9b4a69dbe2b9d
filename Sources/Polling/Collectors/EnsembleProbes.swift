// Asks each server of the ensemble how it is, by four-letter words or its AdminServer, and
// remembers what it refuses.
import ClusterModel
import Transport
import ZooKeeperClient

/// How one server may be asked.
struct ProbeState {
    let server: Endpoint
    var askedAt: UInt64 = 0
    var isUnderWay = false
    /// Words get through to it, or did.
    var hasAnswered = false

    /// A source that is refused, or not there, is tried again much later.
    func key(_ source: StatusSource) -> QuestionKey {
        QuestionKey(api: source.rawValue, broker: nil, subject: "\(server)")
    }
}

extension EnsembleWatch {
    func probeServers() {
        let now = observer.loop.now
        let interval =
            observer.interest.wantsCoordinator ? Limits.probeInterval : Limits.hiddenProbeInterval
        for number in probes.indices {
            let isDue =
                probes[number].askedAt == 0 || now &- probes[number].askedAt >= interval
            guard isDue, !probes[number].isUnderWay else { continue }
            probe(number, now)
        }
    }

    private func probe(_ number: Int, _ now: UInt64) {
        probes[number].askedAt = now
        probes[number].isUnderWay = true
        // srvr is asked even where it is refused: the refusal proves that the server is there.
        var sources: Set<StatusSource> = [.srvr]
        for source in StatusSource.allCases {
            if !observer.isRefused(probes[number].key(source)) { sources.insert(source) }
        }
        // The AdminServer is asked only where mntr is known to be refused.
        let isRefused = observer.working.refusals.contains(probes[number].key(.mntr))
        if !isRefused, !observer.isOnce {
            sources.remove(.adminServer)
        }
        begin()
        ServerProbe.ask(
            probes[number].server, observer.loop, config, sources: sources, adminPort: adminPort
        ) { [weak self] report in
            guard let self else { return }
            probes[number].isUnderWay = false
            stampWall()
            take(report, number)
            observer.changed()
            end()
        }
    }

    private func take(_ report: ServerReport, _ number: Int) {
        let now = observer.loop.now
        // The AdminServer of most ensembles is switched off: that is as lasting as a refusal.
        for (source, error) in report.refusals
        where error.code == .notAllowed || source == .adminServer {
            observer.working.refusals.remember(
                [probes[number].key(source)], until: now &+ Limits.refusalInterval)
        }
        for source in report.sources {
            observer.working.refusals.remove(probes[number].key(source))
        }
        if report.status != nil { probes[number].hasAnswered = true }
        var server = ZooKeeperServer(
            host: report.server.host, port: Int32(report.server.port))
        let known = observer.working.cluster.coordinator.servers
        if let status = report.status {
            server.mode = status.mode?.description
            server.version = status.version?.description
            server.zxid = status.zxid.map {
                "0x" + String(UInt64(bitPattern: $0), radix: 16)
            }
            server.latencyAverageMs = status.latencyAvgMs
            server.latencyMaximumMs = status.latencyMaxMs
            server.outstanding = status.outstanding
            server.connections = status.connections
            server.watches = status.watchCount
            server.nodes = status.znodeCount
            server.dataBytes = status.approximateDataBytes
            server.syncedFollowers = status.syncedFollowers
            server.answeredAt = Instant(ns: now)
            server.isServing = status.mode != nil ? true : nil
        } else if known.indices.contains(number) {
            server.answeredAt = known[number].answeredAt
        }
        let serves = session.server == report.server
        if serves { server.isServing = true }
        let isFiltered =
            report.refusals[.srvr]?.code == .closedAtOnce && !probes[number].hasAnswered
        server.error = words(report, serves: serves, isFiltered: isFiltered)
        // Whoever refuses the command, or stands before a server and does, is there; whether it
        // serves is another question.
        let isRefused = report.refusals[.srvr]?.code == .notAllowed
        if report.status == nil, !serves {
            server.isServing = isRefused || isFiltered ? nil : false
        }
        observer.working.fold(server: server, number: number, now: now)
    }

    /// What could not be had of a server and why, in one sentence; nil where nothing is missing.
    private func words(_ report: ServerReport, serves: Bool, isFiltered: Bool) -> String? {
        if report.status != nil {
            // What is lacking is shown as unknown; the reason belongs beside it.
            guard report.status?.watchCount == nil else { return nil }
            return report.refusals[.mntr].map { "watches and size: \($0.what)" }
                ?? "watches and size: mntr is not allowed here"
        }
        let session = serves ? "it serves our session; " : ""
        switch report.refusals[.srvr]?.code {
        case .notAllowed:
            return session + "it refuses four-letter words: add srvr and mntr to "
                + "4lw.commands.whitelist"
        case .closedAtOnce where isFiltered:
            return session + "it closes the connection instead of answering srvr: something "
                + "between here and the server may let no four-letter words through, or it has "
                + "too many connections from here (maxClientCnxns)"
        default: break
        }
        return report.refusals.min { $0.key.rawValue < $1.key.rawValue }?.value.sentence
    }
}
