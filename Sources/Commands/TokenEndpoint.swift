// Tokens from an endpoint of OAuth 2 (RFC 6749, 4.4, client credentials), as Kafka's own client
// gets them (HttpAccessTokenRetriever.java): the first before anything connects, then a new one
// before each runs out.
internal import Glibc
internal import JSON
internal import Security
internal import Settings
internal import Transport

/// Holds a token that is valid, on a loop of its own: a login asks for it and must not wait.
final class TokenEndpoint: Sendable {
    private struct Held: Sendable {
        var text: String?
        /// Seconds since 1970.
        var endsAt = 0
        var failure = "it was not asked yet"
    }

    private let settings: TokenEndpointSettings
    private let loop: Loop
    private let context: TLSContext?
    private let held = Locked(Held())

    /// For one answer of the endpoint.
    private static let limitNs: UInt64 = 10_000_000_000
    /// After a failure it is asked again so late: a client that is refused must not be locked.
    private static let retrySeconds = 30
    /// A token of which nobody says how long it lives is used for so long.
    private static let usedSeconds = 300
    /// Nobody believes in more: a day.
    private static let longestSeconds = 86_400

    init(
        _ settings: TokenEndpointSettings, _ context: TLSContext?, _ loop: Loop
    ) {
        self.settings = settings
        self.context = context
        self.loop = loop
    }

    deinit { loop.stop() }

    /// Gets the first token; waits for it.
    func start() throws(SaslFailure) {
        let answered = Locked(false)
        loop.post { [self] in
            ask {
                answered.withLock { $0 = true }
                answered.signal()
            }
        }
        answered.waitUntil { $0 ? () : nil }
        _ = try read()
    }

    /// The token that is valid now.
    func read() throws(SaslFailure) -> String {
        let now = Int(time(nil))
        let held = held.withLock { $0 }
        guard let text = held.text, now < held.endsAt else {
            throw SaslFailure("no token from \(settings.url): \(held.failure)")
        }
        return text
    }

    // MARK: On the loop

    private func ask(_ told: @escaping () -> Void = {}) {
        var options = ConnectOptions()
        options.connectTimeoutNs = Self.limitNs
        options.layerTimeoutNs = Self.limitNs
        if let context {
            options.makeLayer = { [settings] in context.makeLayer(for: settings.server.host) }
        }
        HTTPExchange.run(request, loop, options, limitNs: Self.limitNs) { [self] result in
            let seconds = take(result)
            loop.after(UInt64(max(1, seconds)) * 1_000_000_000) { [weak self] in self?.ask() }
            told()
        }
    }

    private var request: HTTPRequest {
        let account = "\(settings.clientID):\(settings.clientSecret.reveal())"
        var body = "grant_type=client_credentials"
        if let scope = settings.scope { body += "&scope=\(Self.encoded(scope))" }
        return HTTPRequest(
            method: "POST",
            server: Endpoint(host: settings.server.host, port: settings.server.port),
            path: settings.path,
            headers: [
                ("Accept", "application/json"),
                ("Authorization", "Basic \(Base64.encode(Array(account.utf8)))"),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array(body.utf8))
    }

    private static func encoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.map { byte in
            if plain.contains(byte) { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }

    /// Takes an answer in; when to ask again, in seconds.
    private func take(_ result: Result<HTTPAnswer, TransportError>) -> Int {
        do throws(SaslFailure) {
            let (text, seconds) = try Self.token(result)
            _ = try BearerToken(text)
            let endsAt = Int(time(nil)) + seconds
            held.withLock { $0 = Held(text: text, endsAt: endsAt) }
            // As Kafka's own clients do, at four fifths of its life.
            return max(1, seconds * 4 / 5)
        } catch {
            held.withLock { $0.failure = error.reason }
            return Self.retrySeconds
        }
    }

    private static func token(
        _ result: Result<HTTPAnswer, TransportError>
    ) throws(SaslFailure) -> (text: String, seconds: Int) {
        let answer: HTTPAnswer
        switch result {
        case .success(let given): answer = given
        case .failure(let error):
            let (what, advice) = error.sentence(about: .tokenEndpoint)
            throw SaslFailure(advice.isEmpty ? what : "\(what). \(String(advice.dropLast()))")
        }
        let document = try? JSONValue(parsing: answer.body)
        guard answer.status == 200 else {
            let words = ["error", "error_description"].compactMap { document?[$0]?.string }
            let said = words.isEmpty ? "" : " (\(printable(words.joined(separator: ": "))))"
            let advice =
                [400, 401, 403].contains(answer.status)
                ? ": check the client's id, its secret and the scope" : ""
            throw SaslFailure("it answered \(answer.status)\(said)\(advice)")
        }
        guard let text = document?["access_token"]?.string else {
            throw SaslFailure("its answer holds no access_token")
        }
        let seconds = document?["expires_in"]?.integer.map { Int(clamping: $0) } ?? usedSeconds
        return (text, min(max(1, seconds), longestSeconds))
    }
}

extension ServerWording {
    fileprivate static let tokenEndpoint = ServerWording(
        name: "HTTP", process: "the identity provider", port: 443,
        tlsAdvice: "Write https://.")
}
