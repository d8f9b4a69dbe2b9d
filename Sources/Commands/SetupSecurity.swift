// How connections are protected, from settings: key stores are read here, and secrets leave the
// settings here for the layers that use them.
internal import Glibc
internal import KafkaClient
internal import Polling
internal import Security
internal import Settings
internal import Transport
internal import ZooKeeperClient

extension Setup {
    /// Gives both clients their TLS and login. Files are read and opened now, so that a wrong path
    /// or password is said before anything is asked.
    static func protect(
        _ client: inout ClientConfig, _ ensemble: inout EnsembleConfig,
        _ connection: ConnectionSettings
    ) throws(Ending) {
        if connection.securityProtocol.hasTLS {
            let context = try checked(TLSContext(try options(connection.tls, "ssl.")))
            client.makeLayer = { broker in context.makeLayer(for: broker.host) }
        }
        if let login = connection.sasl { client.makeLogin = try makeLogin(login, connection) }
        let security = connection.zookeeperSecurity
        if let tls = security.tls {
            let context = try checked(TLSContext(try options(tls, "zookeeper.ssl.")))
            ensemble.makeLayer = { server in context.makeLayer(for: server.host) }
        }
        if let auth = security.auth {
            ensemble.auth = [ZooKeeperAuth(scheme: "digest", auth: Array(auth.reveal().utf8))]
        }
        if let username = security.saslUsername, let password = security.saslPassword {
            ensemble.makeSasl = { _ in
                DigestMD5(username: username, password: password.reveal())
            }
        }
    }

    static func proxy(_ settings: ProxySettings) -> Proxy {
        if settings.password != nil { forbidCoreDumps() }
        return Proxy(
            kind: settings.kind == .http ? .http : .socks5h,
            endpoint: Endpoint(host: settings.server.host, port: settings.server.port),
            user: settings.username, password: settings.password?.reveal() ?? "")
    }

    /// What makes the login of each connection. A password that no file holds is asked for now.
    private static func makeLogin(
        _ settings: SASLLogin, _ connection: ConnectionSettings
    ) throws(Ending) -> @Sendable (Endpoint) -> any Login {
        var login = settings
        if login.needsPassword {
            let source = PasswordSource(connection: connection, username: login.username)
            login = login.with(password: try source.read())
        }
        forbidCoreDumps()
        let user = login.username
        switch login {
        case .plain(_, let password):
            let password = password?.reveal() ?? ""
            return { _ in SaslLogin(Plain(username: user, password: password), user: user) }
        case .scram(let isSHA512, _, let password, let isToken):
            let scram = ScramLogin(
                username: user, password: password?.reveal() ?? "", isToken: isToken)
            return { _ in SaslLogin(Scram(isSHA512 ? .sha512 : .sha256, scram), user: user) }
        case .bearer(let source, let extensions):
            let pairs = extensions.map { ($0.name, $0.value) }
            let token = try tokenSource(source, pairs)
            return { _ in SaslLogin(OAuthBearer(source: token), user: user) }
        case .mskIAM(let source, let region):
            let keys = AWSKeys(source)
            do throws(SaslFailure) {
                _ = try keys.read()
            } catch {
                throw Ending(code: .usage, sentence: printable("AWS_MSK_IAM: \(error.reason)"))
            }
            return { broker in
                let mechanism = MSKIAM(
                    host: broker.host, region: region, agent: "highwater-\(toolVersion)",
                    now: { Int(time(nil)) }, source: { () throws(SaslFailure) in try keys.read() })
                return SaslLogin(mechanism, user: user)
            }
        }
    }

    /// Gives a token for each login. One that cannot be had at all is said now.
    private static func tokenSource(
        _ source: BearerSource, _ extensions: [(String, String)]
    ) throws(Ending) -> OAuthBearer.Source {
        let token: OAuthBearer.Source
        switch source {
        case .file(let path):
            token = { () throws(SaslFailure) in
                switch HostFiles().read(path) {
                case .success(let bytes):
                    let blanks: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
                    var text = bytes[...]
                    while let last = text.last, blanks.contains(last) { text.removeLast() }
                    return try BearerToken(
                        String(decoding: text.drop { blanks.contains($0) }, as: UTF8.self),
                        extensions: extensions)
                case .failure(let problem):
                    throw SaslFailure("its token cannot be read: \(printable("\(problem)"))")
                }
            }
        case .endpoint(let settings):
            let endpoint = TokenEndpoint(
                settings,
                settings.isTLS
                    ? try checked(TLSContext(try options(settings.tls, "ssl."))) : nil,
                try startLoop())
            do throws(SaslFailure) {
                try endpoint.start()
            } catch {
                throw Ending(code: .noCluster, sentence: printable("OAUTHBEARER: \(error.reason)"))
            }
            token = { () throws(SaslFailure) in
                try BearerToken(try endpoint.read(), extensions: extensions)
            }
        case .unsecured(let claims):
            var unsecured = UnsecuredToken()
            unsecured.lifetimeSeconds = claims.lifetimeSeconds
            unsecured.strings =
                [(claims.principalClaim, claims.principal)]
                + claims.strings.map { ($0.name, $0.value) }
            unsecured.numbers = claims.numbers.map { ($0.name, $0.value) }
            unsecured.lists = claims.lists
            token = { [unsecured] () throws(SaslFailure) in
                try BearerToken(unsecured.text(at: Int(time(nil))), extensions: extensions)
            }
        }
        do throws(SaslFailure) {
            _ = try token()
        } catch {
            throw Ending(code: .usage, sentence: printable("OAUTHBEARER: \(error.reason)"))
        }
        return token
    }

    /// A password or a store that does not open is a fault of a file, and no cluster's. Whether
    /// OpenSSL is there is known when it is needed.
    private static func checked(_ context: TLSContext) throws(Ending) -> TLSContext {
        guard case .protection(let reason)? = context.check() else { return context }
        throw Ending(code: .usage, sentence: printable(reason))
    }

    private static func options(
        _ tls: TLSSettings, _ prefix: String
    ) throws(Ending) -> TLSOptions {
        var options = TLSOptions()
        options.checksCertificate = tls.checksCertificate
        options.checksName = tls.checksHostName
        if let text = tls.trustStoreCertificates {
            options.trust = TLSMaterial(
                name: prefix + "truststore.certificates", bytes: Array(text.utf8))
        } else if let path = tls.trustStoreLocation {
            options.trust = try material(
                path, prefix + "truststore.location", tls.trustStorePassword,
                type: (prefix + "truststore.type", tls.trustStoreType))
        }
        if let text = tls.certificateChain {
            options.identity = TLSMaterial(
                name: prefix + "keystore.certificate.chain", bytes: Array(text.utf8))
        } else if let path = tls.keyStoreLocation {
            options.identity = try material(
                path, prefix + "keystore.location", tls.keyStorePassword, tls.keyPassword,
                type: (prefix + "keystore.type", tls.keyStoreType))
        }
        if let text = tls.key {
            options.key = TLSMaterial(
                name: prefix + "keystore.key", bytes: Array(text.reveal().utf8),
                password: (tls.keyPassword ?? tls.keyStorePassword)?.bytes)
        } else if let path = tls.keyLocation {
            options.key = try material(path, prefix + "key.location", tls.keyPassword)
        }
        return options
    }

    private static func material(
        _ path: String, _ key: String, _ password: Secret?, _ keyPassword: Secret? = nil,
        type: (key: String, value: String?)? = nil
    ) throws(Ending) -> TLSMaterial {
        switch HostFiles().read(path) {
        case .success(let bytes):
            // JKS and PKCS12 stand for one another, as in Java; a store is no PEM text.
            let isStore = [0x30, 0xce, 0xfe].contains(bytes.first ?? 0)
            if let type, let value = type.value, !bytes.isEmpty, isStore == (value == "PEM") {
                throw Ending(
                    code: .usage,
                    sentence: "\(type.key) is \(value), and \(path) is "
                        + (isStore ? "a key store" : "no key store"))
            }
            return TLSMaterial(
                name: path, bytes: bytes, password: password?.bytes,
                keyPassword: keyPassword?.bytes)
        case .failure(let problem):
            throw Ending(
                code: .usage, sentence: printable("\(key): \(problem.description)"))
        }
    }
}

extension Secret {
    fileprivate var bytes: [UInt8] { Array(reveal().utf8) }
}
