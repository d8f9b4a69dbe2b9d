// Asks one server everything it will say about itself, and keeps what it refused and why.
import JSON
package import Transport

/// Where a status may come from.
package enum StatusSource: String, Hashable, Sendable, CaseIterable {
    case srvr
    case mntr
    case adminServer = "AdminServer"
}

/// What one server said.
package struct ServerReport: Hashable, Sendable {
    package var server: Endpoint
    /// Nil when no source answered.
    package var status: ServerStatus?
    /// The sources that answered.
    package var sources: [StatusSource]
    /// The sources asked in vain, with why.
    package var refusals: [StatusSource: ZooKeeperError]
}

/// Asks a server: `srvr`, `mntr` for what `srvr` does not say, and the AdminServer where `mntr` is
/// not allowed.
package final class ServerProbe {
    private let loop: Loop
    private let config: ZooKeeperConfig
    private let server: Endpoint
    private let sources: Set<StatusSource>
    private let adminPort: UInt16
    private var report: ServerReport
    private let completion: (ServerReport) -> Void

    /// - Parameters:
    ///   - sources: those that may be asked; leave out what was refused before.
    ///   - adminPort: of the AdminServer.
    ///   - completion: called once, on the loop's thread.
    package static func ask(
        _ server: Endpoint, _ loop: Loop, _ config: ZooKeeperConfig,
        sources: Set<StatusSource> = Set(StatusSource.allCases), adminPort: UInt16 = 8080,
        completion: @escaping (ServerReport) -> Void
    ) {
        ServerProbe(server, loop, config, sources, adminPort, completion).askWords()
    }

    private init(
        _ server: Endpoint, _ loop: Loop, _ config: ZooKeeperConfig, _ sources: Set<StatusSource>,
        _ adminPort: UInt16, _ completion: @escaping (ServerReport) -> Void
    ) {
        self.server = server
        self.loop = loop
        self.config = config
        self.sources = sources
        self.adminPort = adminPort
        self.completion = completion
        report = ServerReport(server: server, status: nil, sources: [], refusals: [:])
    }

    private func askWords() {
        guard sources.contains(.srvr) else { return askMonitor() }
        word(.srvr, .srvr, { ServerStatus(srvr: $0) }) { [self] error in
            switch error?.code {
            // The machine or the port is gone: the other questions would only wait.
            case .connectionRefused, .connectTimedOut, .unreachable, .unknownHost, .resolverSilent,
                .proxyFailed,
                .timedOut, .shutdown:
                completion(report)
            default: askMonitor()
            }
        }
    }

    private func askMonitor() {
        guard sources.contains(.mntr) else { return askAdminServer() }
        word(.mntr, .mntr, { ServerStatus(monitor: $0) }) { [self] error in
            if error == nil { completion(report) } else { askAdminServer() }
        }
    }

    private func askAdminServer() {
        guard sources.contains(.adminServer) else {
            if report.status == nil, report.refusals.isEmpty {
                loop.after(0) { [self] in completion(report) }
            } else {
                completion(report)
            }
            return
        }
        command("monitor") { [self] isAnswered in
            // The one thing monitoring lacks is the zxid.
            guard isAnswered, report.status?.zxid == nil else { return completion(report) }
            command("server_stats") { [self] _ in completion(report) }
        }
    }

    private func word(
        _ word: FourLetterWord, _ source: StatusSource, _ read: @escaping (String) -> ServerStatus,
        _ next: @escaping (ZooKeeperError?) -> Void
    ) {
        ServerQuery.word(
            word, of: server, at: config.map(server), loop,
            options: config.connectOptions(to: server)
        ) { [self] result in
            switch result {
            case .success(let text):
                take(read(text), source)
                next(nil)
            case .failure(let error):
                report.refusals[source] = error
                next(error)
            }
        }
    }

    private func command(_ name: String, _ next: @escaping (Bool) -> Void) {
        // The AdminServer speaks plain HTTP whatever the client port does.
        var options = config.connectOptions(to: server)
        options.makeLayer = nil
        let address = config.map(Endpoint(host: server.host, port: adminPort))
        ServerQuery.command(name, of: server, at: address, loop, options: options) {
            [self] result in
            switch result {
            case .success(let bytes):
                guard let status = AdminAnswer.status(bytes) else {
                    report.refusals[.adminServer] = SessionFailure(
                        code: .httpError, what: "the answer is not the JSON expected"
                    ).error("ask the AdminServer (port \(adminPort)) for \(name)", server)
                    return next(false)
                }
                take(status, .adminServer)
                next(true)
            case .failure(let error):
                report.refusals[.adminServer] = error
                next(false)
            }
        }
    }

    private func take(_ status: ServerStatus, _ source: StatusSource) {
        var whole = report.status ?? ServerStatus()
        whole.fill(from: status)
        report.status = whole
        if !report.sources.contains(source) { report.sources.append(source) }
    }
}

/// The JSON of the AdminServer's commands.
enum AdminAnswer {
    /// Reads `monitor`, `server_stats` or `srvr`; nil when it is none of these.
    static func status(_ bytes: [UInt8]) -> ServerStatus? {
        guard let document = try? JSONValue(parsing: bytes), !document.keys.isEmpty else {
            return nil
        }
        var status = ServerStatus()
        read(document, &status)
        if let stats = document["server_stats"] { read(stats, &status) }
        if let count = document["node_count"]?.integer { status.znodeCount = count }
        if document["read_only"]?.bool == true { status.mode = .readOnly }
        return status
    }

    private static func read(_ object: JSONValue, _ status: inout ServerStatus) {
        guard case .object(let members) = object else { return }
        for member in members {
            guard let text = text(member.value) else { continue }
            switch member.key {
            case "last_processed_zxid": status.zxid = member.value.integer
            case "num_alive_client_connections":
                status.set("num_alive_connections", Substring(text))
            default: status.set(Substring(member.key), Substring(text))
            }
        }
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        default: nil
        }
    }
}
