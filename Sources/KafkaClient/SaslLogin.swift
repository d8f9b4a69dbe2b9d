// A SASL login to a broker: SaslHandshake names the mechanism, SaslAuthenticate carries its tokens
// (KIP-43, KIP-152), and the last answer says how long the session lives (KIP-368).
internal import KafkaWire
package import Transport

/// One login on one connection. Handshake version 0, whose tokens have no header, is of before
/// Kafka 1.0 and not spoken.
package final class SaslLogin: Login {
    private enum Stage { case start, named, asked(version: Int16) }

    private let mechanism: any SaslMechanism
    /// Who logs in, for sentences; empty: not known here.
    private let user: String
    private var stage = Stage.start
    package private(set) var sessionLifetimeMs: Int64 = 0

    package init(_ mechanism: any SaslMechanism, user: String) {
        self.mechanism = mechanism
        self.user = user
    }

    package func next(
        after answer: FrameBuffer?, versions: VersionTable
    ) throws(LoginFailure) -> LoginRequest? {
        switch stage {
        case .start:
            stage = .named
            return try begin(versions)
        case .named:
            let response = try read(SaslHandshakeRequest.self, answer, 1)
            guard !response.error.isError else { throw refused(response) }
            guard let version = versions.version(of: SaslAuthenticateRequest.self) else {
                throw tooOld
            }
            stage = .asked(version: version)
            return try token(nil, version)
        case .asked(let version):
            let response = try read(SaslAuthenticateRequest.self, answer, version)
            guard !response.error.isError else { throw refused(response) }
            sessionLifetimeMs = response.sessionLifetimeMs
            return try token(response.authBytes, version)
        }
    }

    private func begin(_ versions: VersionTable) throws(LoginFailure) -> LoginRequest {
        guard let newest = versions.version(of: SaslHandshakeRequest.self), newest >= 1 else {
            throw tooOld
        }
        var request = SaslHandshakeRequest()
        request.mechanism = mechanism.name
        return LoginRequest { [request] id, client throws(WireFault) in
            try encodeRequest(request, version: 1, correlationID: id, clientID: client)
        }
    }

    private var tooOld: LoginFailure {
        LoginFailure(
            error: .unsupportedVersion,
            message: "the broker speaks no SASL login as Kafka has it since 1.0")
    }

    /// The next token of the mechanism; nil when it needs to say nothing more.
    private func token(
        _ challenge: [UInt8]?, _ version: Int16
    ) throws(LoginFailure) -> LoginRequest? {
        do throws(SaslFailure) {
            guard let token = try mechanism.step(challenge) else { return nil }
            var request = SaslAuthenticateRequest()
            request.authBytes = token
            return LoginRequest { [request] id, client throws(WireFault) in
                try encodeRequest(request, version: version, correlationID: id, clientID: client)
            }
        } catch {
            throw LoginFailure(error: .none, message: "\(who) failed: \(error.reason)")
        }
    }

    private func read<R: ClientRequest>(
        _ request: R.Type, _ answer: FrameBuffer?, _ version: Int16
    ) throws(LoginFailure) -> R.Response {
        var leftOver = 0
        let response = try? answer?.withBytes { bytes throws(WireFault) in
            try decodeResponse(R.self, version: version, bytes: bytes, leftOver: &leftOver)
        }
        guard let response else {
            throw LoginFailure(
                error: .none, message: "\(who) failed: the answer to \(R.name) makes no sense")
        }
        return response
    }

    // MARK: Sentences

    private var who: String {
        "the login" + (user.isEmpty ? "" : " of \(printable(user))") + " by \(mechanism.name)"
    }

    private func refused(_ response: SaslHandshakeResponse) -> LoginFailure {
        let name = mechanism.name
        guard response.error == .unsupportedSaslMechanism else {
            // A listener without SASL: it is asked for a login that it does not know.
            let isPlain = response.error == .illegalSaslState
            return LoginFailure(
                error: response.error, message: "\(who) was refused: \(response.error)",
                advice: isPlain
                    ? "This listener takes no login: set security.protocol to PLAINTEXT or SSL."
                    : "")
        }
        let offered = response.mechanisms.map(printable).joined(separator: ", ")
        return LoginFailure(
            error: response.error,
            message: "the broker does not offer \(name) on this listener",
            advice: offered.isEmpty
                ? "It offers no mechanism." : "It offers \(offered): set sasl.mechanism.")
    }

    private func refused(_ response: SaslAuthenticateResponse) -> LoginFailure {
        let said = response.errorMessage.map { " (\(printable($0)))" } ?? ""
        var advice = ""
        if response.error == .saslAuthenticationFailed {
            advice =
                switch mechanism.name {
                case "OAUTHBEARER":
                    "Check the token: its issuer, audience, scope and expiry, and both clocks."
                case "AWS_MSK_IAM": "Check the credentials, their policy and this machine's clock."
                case "GSSAPI": "Check the principal, and that both sides are of one realm."
                default: "Check the user's name and password."
                }
        }
        return LoginFailure(
            error: response.error,
            message: "\(who) was refused: \(response.error)\(said)", advice: advice)
    }
}
