// Logins to a real broker by every mechanism that is spoken, sessions that are renewed, and what is
// said where a login fails.
import Foundation
import KafkaClient
import KafkaWire
import Security
import Synchronization
import Testing
import Transport

/// One broker whose listener takes all of them over TLS, and wants a new login every three seconds.
enum SaslBroker {
    static let plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
    static let scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
    static let bearer = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
    static let password = "jk,7=\u{e9}"

    static func options(_ version: String) -> KafkaCluster.Options {
        let listener = "listener.name.client."
        return KafkaCluster.Options(
            version: version, brokers: 1, security: "sasl_ssl", mechanism: "SCRAM-SHA-512",
            settings: [
                "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
                listener + "plain.sasl.jaas.config":
                    // Java reads its files as ISO 8859-1.
                    "\(plain) required user_paula="
                    + "\"\(password.replacing("\u{e9}", with: "\\u00e9"))\";",
                listener + "scram-sha-256.sasl.jaas.config": "\(scram) required;",
                listener + "oauthbearer.sasl.jaas.config":
                    "\(bearer) required unsecuredLoginStringClaim_sub=\"broker\";",
                "connections.max.reauth.ms": "3000",
            ])
    }

    /// A topic, and a user of each SCRAM hash.
    static func prepare(_ cluster: KafkaCluster) throws {
        let users = ["SCRAM-SHA-256", "SCRAM-SHA-512"].map { hash in
            [
                "kafka-configs", "--alter", "--entity-type", "users", "--entity-name", "sam",
                "--add-config", "\(hash)=[password=\(password.replacing(",", with: "-"))]",
            ]
        }
        let topic = [
            "kafka-topics", "--create", "--topic", "secured", "--partitions", "2",
            "--replication-factor", "1",
        ]
        _ = try cluster.tools(users + [topic])
    }
}

/// Snapshots through one login.
private struct Logins {
    let cluster: KafkaCluster
    let folder: String

    init(_ cluster: KafkaCluster) throws {
        self.cluster = cluster
        folder = try makeTemporaryFolder("login")
    }

    func end() { _ = try? FileManager.default.removeItem(atPath: folder) }

    /// The settings as a file of mode 600.
    private func file(_ lines: String, _ security: String) throws -> String {
        let path = folder + "/client.properties"
        let text = """
            security.protocol=\(security)
            ssl.truststore.type=PEM
            ssl.truststore.location=\(cluster.folder)/tls/ca.pem
            \(lines)

            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o600)
        return path
    }

    func run(
        _ lines: String, _ security: String = "SASL_SSL", timeout: String = "30s"
    ) throws -> ChildProcess.Ended {
        try Highwater.run([
            "snapshot", "-b", cluster.bootstrap, "--command-config", file(lines, security),
            "--timeout", timeout,
        ])
    }

    func checkSucceeds(_ name: String, _ lines: String) throws {
        let ended = try run(lines)
        #expect(ended.exitCode == ExitCode.complete && ended.errors.isEmpty, "\(name): \(ended)")
        let document = try SnapshotDocument(json: Data(ended.output.utf8))
        #expect(document.complete && document.errors.isEmpty, "\(name)")
        #expect(document.partitions?.count { $0.topic == "secured" } == 2, "\(name)")
    }

    /// One sentence that names the fix, and exit code 3.
    func checkFails(_ lines: String, _ security: String = "SASL_SSL", says: String) throws {
        let ended = try run(lines, security, timeout: "8s")
        #expect(ended.exitCode == ExitCode.nothingKnown, "\(says): \(ended)")
        #expect(ended.output.isEmpty || !ended.output.contains(SaslBroker.password))
        #expect(ended.errors.contains(says), "\(ended.errors)")
        #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
        #expect(!ended.errors.contains("secret-of-nobody"))
    }

    static func plain(_ user: String, _ password: String) -> String {
        "sasl.mechanism=PLAIN\nsasl.username=\(user)\nsasl.password=\(password)"
    }

    static func scram(_ bits: Int, _ user: String, _ password: String) -> String {
        "sasl.mechanism=SCRAM-SHA-\(bits)\nsasl.jaas.config=\(SaslBroker.scram) required "
            + "username=\"\(user)\" password=\"\(password)\";"
    }

    static let token =
        "sasl.mechanism=OAUTHBEARER\nsasl.jaas.config=\(SaslBroker.bearer) required "
        + "unsecuredLoginStringClaim_sub=\"olga\""

    func check() throws {
        let password = SaslBroker.password
        let hashed = password.replacing(",", with: "-")
        try checkSucceeds("PLAIN", Self.plain("paula", password))
        for bits in [256, 512] {
            try checkSucceeds("SCRAM \(bits)", Self.scram(bits, "sam", hashed))
        }
        try checkSucceeds("OAUTHBEARER", Self.token + ";")
        try checkSucceeds(
            "a command",
            "sasl.mechanism=SCRAM-SHA-512\nsasl.username=sam\n"
                + "highwater.password.command=printf '%s\\\\n' '\(hashed)'")

        let refused = "SASL_AUTHENTICATION_FAILED"
        for (user, said) in [("paula", "Invalid username or password"), ("nobody", "Invalid")] {
            try checkFails(Self.plain(user, "secret-of-nobody"), says: said)
        }
        for (user, bits) in [("sam", 256), ("sam", 512), ("nobody", 512)] {
            try checkFails(
                Self.scram(bits, user, "secret-of-nobody"),
                says: "the login of \(user) by SCRAM-SHA-\(bits) was refused: \(refused)")
        }
        try checkFails(Self.token + " unsecuredLoginLifetimeSeconds=\"-60\";", says: "OAUTHBEARER")
        // A client without a login, and one without TLS.
        try checkFails("", "SSL", says: "login")
        try checkFails(Self.plain("paula", password), "SASL_PLAINTEXT", says: "TLS")
    }
}

extension Live.InTurn {
    @Suite(
        .serialized,
        WithCluster(options: SaslBroker.options("4.3.1"), prepare: SaslBroker.prepare))
    struct Sasl {
        @Test func everyMechanismLogsIn() throws {
            let logins = try Logins(currentCluster())
            defer { logins.end() }
            try logins.check()
        }

        /// Through several ends of a session under questions without a pause: no answer is lost,
        /// and no connection is made anew.
        @Test func sessionsAreRenewed() throws {
            try RenewedSessions(cluster: currentCluster()).check()
        }
    }
}

/// The product's own client, asking all the time.
private final class RenewedSessions: Sendable {
    private struct Seen {
        var logins = 0
        var answers = 0
        var failures: [String] = []
        var connections: UInt64 = 0
    }

    private static let renewals = 4
    private let cluster: KafkaCluster
    private let seen = Mutex(Seen())

    init(cluster: KafkaCluster) { self.cluster = cluster }

    func check() throws {
        let loop = Loop(try EpollSystem())
        guard loop.start() else { throw HarnessError("no thread for the loop") }
        defer {
            loop.stop()
            loop.waitUntilEnded()
        }
        let session = ClusterSession(loop: loop, config: try config())
        session.run { [self] in ask($0, loop) }
        try waitUntil("\(Self.renewals) more logins", seconds: 90) {
            seen.withLock { $0.logins > Self.renewals }
        }
        let all = seen.withLock { $0 }
        #expect(all.failures.isEmpty, "\(all.failures.prefix(3))")
        #expect(all.connections == 1 && all.answers > 20, "\(all)")
        withExtendedLifetime(session) {}
    }

    private func config() throws -> ClientConfig {
        var options = TLSOptions()
        let authority = cluster.folder + "/tls/ca.pem"
        let text = try Data(contentsOf: URL(fileURLWithPath: authority))
        options.trust = TLSMaterial(name: authority, bytes: Array(text))
        let context = TLSContext(options)
        let scram = ScramLogin(
            username: "sam", password: SaslBroker.password.replacing(",", with: "-"))
        var config = ClientConfig(bootstrap: [try Endpoint(parsing: cluster.bootstrap)])
        config.makeLayer = { context.makeLayer(for: $0.host) }
        config.makeLogin = { [self] _ in
            seen.withLock { $0.logins += 1 }
            return SaslLogin(Scram(.sha512, scram), user: "sam")
        }
        return config
    }

    private func ask(_ client: KafkaClient, _ loop: Loop) {
        client.send(MetadataRequest(), to: .any) { [self] result in
            seen.withLock {
                $0.connections = client.counters.connectionsOpened
                switch result {
                case .success: $0.answers += 1
                case .failure(let error): $0.failures.append("\(error)")
                }
            }
            loop.after(20_000_000) { [self] in ask(client, loop) }
        }
    }
}
