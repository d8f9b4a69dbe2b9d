// Logins over SASL: the exchange on the wire, one login at a time until one has succeeded, the rest
// after a refusal, and the next login before a session ends.
import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import KafkaClient

/// Says its name and one token; `verdict` is what it makes of the answer.
private final class Token: SaslMechanism {
    let name: String
    private let token: [UInt8]
    private let verdict: String?
    private var isSent = false

    init(_ name: String, _ token: String, verdict: String? = nil) {
        self.name = name
        self.token = Array(token.utf8)
        self.verdict = verdict
    }

    func step(_ challenge: [UInt8]?) throws(SaslFailure) -> [UInt8]? {
        if isSent {
            if let verdict { throw SaslFailure(verdict) }
            return nil
        }
        isSent = true
        return token
    }
}

/// What a broker with SASL saw and answers.
private final class Door: Sendable {
    struct State {
        var mechanisms = ["PLAIN"]
        var password = "right"
        var lifetimeMs: Int64 = 0
        /// The tokens, with the time in seconds.
        var tokens: [(token: String, at: UInt64)] = []
        var error = KafkaError.none
    }

    let state = Locked(State())

    init(_ broker: FakeBroker) {
        let system = broker.system
        broker.change { behaviour in
            behaviour.ranges[17] = 0...1
            behaviour.ranges[36] = 0...2
            behaviour.custom[17] = { [state] header, frame in
                Door.handshake(header, frame, state)
            }
            behaviour.custom[36] = { [state] header, frame in
                Door.authenticate(header, frame, state, system.now() / second)
            }
        }
    }

    private static func handshake(
        _ header: RequestHeader, _ frame: [UInt8], _ state: Locked<State>
    ) -> [UInt8]? {
        let asked = frame.withUnsafeBytes {
            try? decodeRequest(SaslHandshakeRequest.self, frame: $0).request.mechanism
        }
        var response = SaslHandshakeResponse()
        let now = state.withLock { $0 }
        response.mechanisms = now.mechanisms
        if !now.mechanisms.contains(asked ?? "") { response.error = .unsupportedSaslMechanism }
        if now.error.isError { response.error = now.error }
        return try? encodeResponse(
            SaslHandshakeRequest.self, response, version: 1,
            correlationID: header.correlationID)
    }

    private static func authenticate(
        _ header: RequestHeader, _ frame: [UInt8], _ state: Locked<State>, _ at: UInt64
    ) -> [UInt8]? {
        let bytes = frame.withUnsafeBytes {
            try? decodeRequest(SaslAuthenticateRequest.self, frame: $0).request.authBytes
        }
        let token = String(decoding: bytes ?? [], as: UTF8.self)
        var response = SaslAuthenticateResponse()
        state.withLock {
            $0.tokens.append((token, at))
            response.sessionLifetimeMs = $0.lifetimeMs
            if token != $0.password {
                response.error = .saslAuthenticationFailed
                response.errorMessage = "Authentication failed: Invalid username or password"
            }
        }
        return try? encodeResponse(
            SaslAuthenticateRequest.self, response, version: header.version,
            correlationID: header.correlationID)
    }

    var tokens: [String] { state.withLock { $0.tokens.map(\.token) } }
}

/// A client that logs in with this password.
private func config(
    _ brokers: [FakeBroker], _ password: Locked<String>, verdict: String? = nil
) -> ClientConfig {
    var config = ClientConfig(bootstrap: brokers.map(\.endpoint))
    config.makeLogin = { _ in
        SaslLogin(
            Token("PLAIN", password.withLock { $0 }, verdict: verdict), user: "alice")
    }
    return config
}

struct LoginTests {
    /// Whether an answer came, or the error's sentence.
    private func ask(
        _ password: String, verdict: String? = nil, _ edit: @escaping (inout Door.State) -> Void
    ) -> (said: String, broker: FakeBroker, door: Door) {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let door = Door(broker)
        door.state.withLock { edit(&$0) }
        let said = Locked("")
        let settings = config([broker], Locked(password), verdict: verdict)
        withClient(system, settings) { client in
            client.send(MetadataRequest(), to: .any) { result in
                switch result {
                case .success: said.withLock { $0 = "ok" }
                case .failure(let error): said.withLock { $0 = error.description }
                }
            }
        }
        return (said.withLock { $0 }, broker, door)
    }

    @Test func theMechanismIsNamedAndItsTokenSent() {
        let (said, broker, door) = ask("right") { _ in }
        #expect(said == "ok")
        #expect(broker.seen == [18, 17, 36, 3])
        #expect(door.tokens == ["right"])
    }

    @Test func aRefusalSaysWhoseLoginAndWhatToDo() {
        let (said, broker, _) = ask("wrong") { _ in }
        #expect(
            said
                == "LOGIN_FAILED: Could not read topics and brokers from bootstrap server "
                + "10.0.0.1:9092: the login of alice by PLAIN was refused: "
                + "SASL_AUTHENTICATION_FAILED (Authentication failed: Invalid username or "
                + "password). Check the user's name and password. It is tried again after 30 s, "
                + "so that no account is locked.")
        #expect(broker.seen == [18, 17, 36])
    }

    @Test func otherFaultsAreNamed() {
        let offered = ask("right") { $0.mechanisms = ["SCRAM-SHA-256", "GSSAPI"] }
        #expect(
            offered.said.contains(
                "the broker does not offer PLAIN on this listener. It offers SCRAM-SHA-256, "
                    + "GSSAPI: set sasl.mechanism."))
        let none = ask("right") { $0.error = .illegalSaslState }
        #expect(none.said.contains("takes no login: set security.protocol to PLAINTEXT or SSL."))
        let verdict = ask("right", verdict: "the server does not know the password") { _ in }
        #expect(
            verdict.said.contains(
                "the login of alice by PLAIN failed: the server does not know the password."))
        for said in [offered.said, none.said, verdict.said] {
            #expect(!said.contains("tried again after"), "\(said)")
        }
    }

    /// Whatever asks, and however many connections there are: one account, one attempt, and the
    /// next after the rest.
    @Test func aWrongPasswordIsTriedOnceInHalfAMinute() {
        let system = SimulatedSystem()
        let brokers = (1...5).map { FakeBroker(Int32($0), system) }
        let doors = brokers.map(Door.init)
        let password = Locked("wrong")
        let log = Log(system)
        let begun = system.now() / second
        withClient(system, config(brokers, password)) { client in
            client.updateBrokers(brokers.map(\.listed))
            client.every(second, 110) { time in
                if time == 70 { password.withLock { $0 = "right" } }
                for id in 1...5 { client.ask(.broker(Int32(id)), log, "\(id)") }
            }
        }
        var times: [UInt64] = []
        for door in doors {
            times += door.state.withLock { $0.tokens.filter { $0.token == "wrong" }.map(\.at) }
        }
        // Three in 70 s: at once, and when something is asked after the rest of 30 s.
        #expect(times.sorted().map { $0 - begun } == [0, 31, 62], "\(times)")
        let answered = log.text.filter { $0.contains(" ok ") }
        // From the attempt after the next rest on, all five of the brokers.
        #expect(answered.count >= 5 * 15 && doors.allSatisfy { $0.tokens.contains("right") })
        #expect(log.text.count == 550)
    }

    /// One login at a time until one has succeeded, then all at once; one that hangs is passed
    /// over.
    @Test func othersWaitForTheFirstLogin() {
        let system = SimulatedSystem()
        let brokers = (1...4).map { FakeBroker(Int32($0), system) }
        let doors = brokers.map(Door.init)
        brokers[0].change { $0.custom[36] = { _, _ in [] } }
        let log = Log(system)
        withClient(system, config(brokers, Locked("right"))) { client in
            client.updateBrokers(brokers.map(\.listed))
            for id in 1...4 { client.ask(.broker(Int32(id)), log, "\(id)") }
        }
        #expect(log.text.count { $0.contains("ok") } == 3, "\(log.text)")
        #expect(doors[1...].allSatisfy { $0.tokens == ["right"] })
    }

    /// KIP-368: before the session ends, on the same connection; what is asked meanwhile waits.
    @Test func theNextLoginComesBeforeTheSessionEnds() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change { $0.delayNs = 5_000_000 }
        let door = Door(broker)
        door.state.withLock { $0.lifetimeMs = 3000 }
        let log = Log(system)
        let password = Locked("right")
        withClient(system, config([broker], password)) { client in
            client.updateBrokers([broker.listed])
            client.every(second / 100, 3001) { number in
                // A session that is kept goes on for ever.
                guard number < 3000 else { return client.close() }
                client.ask(.broker(1), log, "m")
            }
        }
        #expect(log.text.count == 3000 && log.text.allSatisfy { $0.contains(" ok 1") })
        let times = door.state.withLock { $0.tokens.map(\.at) }
        // 30 s of sessions that are renewed after 2.55 to 2.85 s, on the one connection.
        #expect((10...13).contains(times.count), "\(times)")
        #expect(broker.seen.count { $0 == 18 } == 1)
    }

    /// A password that is changed meanwhile ends the connection with Kafka's own reason.
    @Test func aLaterRefusalIsSaid() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let door = Door(broker)
        door.state.withLock { $0.lifetimeMs = 3000 }
        let log = Log(system)
        withClient(system, config([broker], Locked("right"))) { client in
            client.updateBrokers([broker.listed])
            client.every(second, 10) { time in
                if time == 1 { door.state.withLock { $0.password = "new" } }
                client.ask(.broker(1), log, "m")
            }
        }
        #expect(log.text.prefix(2).allSatisfy { $0.contains("ok") })
        #expect(log.text.suffix(6).allSatisfy { $0.contains("LOGIN_FAILED") }, "\(log.text)")
        #expect(door.tokens.count == 2)
    }
}
