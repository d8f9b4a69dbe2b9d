// The login of `sasl.*`: the mechanism, and what it needs, from a JAAS line, from librdkafka's keys
// or from variables.

extension SettingsResolver {
    /// What logs in; nil without SASL, or with a fault said.
    mutating func sasl(_ security: SecurityProtocol) -> SASLLogin? {
        guard security.hasSASL else { return nil }
        let jaas = jaas()
        guard let mechanism = mechanism(jaas) else { return nil }
        switch mechanism {
        case "PLAIN":
            guard let (username, password) = account(jaas, "PlainLoginModule", mechanism) else {
                return nil
            }
            return .plain(username: username, password: password)
        case "SCRAM-SHA-256", "SCRAM-SHA-512":
            guard let (username, password) = account(jaas, "ScramLoginModule", mechanism) else {
                return nil
            }
            return .scram(
                isSHA512: mechanism == "SCRAM-SHA-512", username: username, password: password,
                isToken: jaas?.options["tokenauth"]?.lowercased() == "true")
        case "OAUTHBEARER": return bearer(jaas)
        case "AWS_MSK_IAM": return mskIAM(jaas)
        default:
            let found = find("sasl.mechanism")
            let message =
                "sasl.mechanism=\(mechanism) is not available in this version: there are "
                + Limits.mechanisms.joined(separator: ", ")
                + hint(for: mechanism, among: Limits.mechanisms)
            faults.append(
                found?.fault(message) ?? SettingsFault(file: "highwater", message: message))
            return nil
        }
    }

    /// The mechanism in capitals. Kafka's own standard, where none is set, is GSSAPI; a login
    /// module that fits only one is as good as a name.
    private mutating func mechanism(_ jaas: JaasConfig?) -> String? {
        if let named = string("sasl.mechanism") { return named.uppercased() }
        switch jaas?.kind {
        case "PlainLoginModule": return "PLAIN"
        case "OAuthBearerLoginModule": return "OAUTHBEARER"
        case "IAMLoginModule": return "AWS_MSK_IAM"
        default:
            faults.append(
                SettingsFault(
                    file: layers.find("security.protocol")?.origin ?? "highwater",
                    message: "sasl.mechanism is not set, and Kafka takes it for GSSAPI, which is "
                        + "not available in this version: there are "
                        + Limits.mechanisms.joined(separator: ", ")))
            return nil
        }
    }

    private mutating func jaas() -> JaasConfig? {
        guard let found = find("sasl.jaas.config"), !found.value.isEmpty else { return nil }
        do throws(JaasConfig.Fault) {
            return try JaasConfig(parsing: found.value)
        } catch {
            faults.append(found.fault(error.message))
            return nil
        }
    }

    /// Name and password; the password is nil where it is to be asked for.
    private mutating func account(
        _ jaas: JaasConfig?, _ module: String, _ mechanism: String
    ) -> (String, Secret?)? {
        if let jaas, jaas.kind != module {
            faults.append(
                find("sasl.jaas.config")?.fault(
                    "\(jaas.kind) does not go with \(mechanism), which takes \(module)")
                    ?? SettingsFault(file: "highwater", message: "\(jaas.kind)"))
            return nil
        }
        let username = jaas?.options["username"] ?? string("sasl.username")
        let password: Secret?
        if let own = jaas?.options["password"] {
            warnIfOthersRead("sasl.jaas.config")
            password = Secret(own)
        } else {
            password = secret("sasl.password")
        }
        guard let username, !username.isEmpty else {
            faults.append(
                SettingsFault(
                    file: layers.find("sasl.mechanism")?.origin ?? "highwater",
                    message: "\(mechanism) needs a name: set sasl.jaas.config, or sasl.username"))
            return nil
        }
        return (username, password)
    }

    // MARK: AWS_MSK_IAM

    /// By the options of Amazon's own module (aws-msk-iam-auth).
    private mutating func mskIAM(_ jaas: JaasConfig?) -> SASLLogin? {
        let origin = layers.find("sasl.jaas.config")?.origin ?? "highwater"
        let options = jaas?.options ?? [:]
        if let role = options.keys.sorted().first(where: { $0.hasPrefix("awsRole") }) {
            faults.append(
                SettingsFault(
                    file: origin,
                    message: "\(role) is not followed here: name a profile (awsProfileName) whose "
                        + "credential_process gives the role's key"))
            return nil
        }
        let profiles = AWSProfiles(references: references)
        let named = options["awsProfileName"]
        switch profiles.source(named: named) {
        case .success(let source):
            // Not where a command gives the key: it may need them.
            if case .keys = source {
                secretVariables += ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
            }
            return .mskIAM(source, region: profiles.region)
        case .failure(let problem):
            faults.append(SettingsFault(file: origin, message: problem.description))
            return nil
        }
    }

    // MARK: OAUTHBEARER

    private mutating func bearer(_ jaas: JaasConfig?) -> SASLLogin? {
        let options = jaas?.options ?? [:]
        var extensions = options.filter { $0.key.hasPrefix("extension_") }.map {
            SASLExtension(name: String($0.key.dropFirst("extension_".count)), value: $0.value)
        }
        // librdkafka: name=value, separated by commas.
        for pair in (string("sasl.oauthbearer.extensions") ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            if parts.count == 2 {
                extensions.append(SASLExtension(name: parts[0], value: parts[1]))
            }
        }
        extensions.sort { $0.name < $1.name }
        if let found = find("sasl.oauthbearer.token.endpoint.url"), !found.value.isEmpty {
            guard let path = filePath(found.value) else {
                return tokenEndpoint(found, jaas).map {
                    .bearer(.endpoint($0), extensions: extensions)
                }
            }
            return .bearer(.file(path), extensions: extensions)
        }
        let claims = claims(options)
        guard !claims.principal.isEmpty else {
            faults.append(
                SettingsFault(
                    file: layers.find("sasl.mechanism")?.origin ?? "highwater",
                    message: "OAUTHBEARER needs a token: set sasl.oauthbearer.token.endpoint.url "
                        + "to https://HOST/PATH or file:///PATH (or, on a test cluster, "
                        + "unsecuredLoginStringClaim_sub "
                        + "in sasl.jaas.config)"))
            return nil
        }
        return .bearer(.unsecured(claims), extensions: extensions)
    }

    private func filePath(_ url: String) -> String? {
        guard url.lowercased().hasPrefix("file:") else { return nil }
        let path = url.dropFirst("file:".count)
        return path.hasPrefix("//") ? String(path.dropFirst(2)) : String(path)
    }

    /// By the options of Kafka's own module for tokens that nobody signs.
    private func claims(_ options: [String: String]) -> UnsecuredClaims {
        var claims = UnsecuredClaims()
        claims.principalClaim = options["unsecuredLoginPrincipalClaimName"] ?? "sub"
        claims.lifetimeSeconds =
            options["unsecuredLoginLifetimeSeconds"].flatMap { Int($0) } ?? 3600
        for (key, value) in options.sorted(by: { $0.key < $1.key }) {
            func name(_ prefix: String) -> String? {
                key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : nil
            }
            if let name = name("unsecuredLoginStringClaim_") {
                if name == claims.principalClaim {
                    claims.principal = value
                } else {
                    claims.strings.append(SASLExtension(name: name, value: value))
                }
            } else if let name = name("unsecuredLoginNumberClaim_"), Double(value) != nil {
                claims.numbers.append(SASLExtension(name: name, value: value))
            } else if let name = name("unsecuredLoginListClaim_"), let separator = value.first {
                // Its first character separates the values.
                let values = value.dropFirst().split(separator: separator).map(String.init)
                claims.lists.append((name, values))
            }
        }
        return claims
    }
}
