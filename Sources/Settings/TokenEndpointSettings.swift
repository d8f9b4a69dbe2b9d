// Where tokens are given, and to whom: `sasl.oauthbearer.token.endpoint.url` with the client's id
// and secret, from a JAAS line or from the keys of Kafka 4.1 and of librdkafka.

/// An endpoint of OAuth 2 and the client it knows. Interpolating it prints no secret.
package struct TokenEndpointSettings: Equatable, Sendable {
    package var isTLS: Bool
    package var server: HostPort
    /// Path and query.
    package var path: String
    package var clientID: String
    package var clientSecret: Secret
    package var scope: String?
    /// How the endpoint itself is trusted; nothing set: by the system's store.
    package var tls = TLSSettings()

    /// Without the query, for sentences.
    package var url: String {
        "\(isTLS ? "https" : "http")://\(server)\(path.prefix { $0 != "?" })"
    }
}

extension SettingsResolver {
    /// Of an endpoint over HTTP; nil: a fault was said.
    mutating func tokenEndpoint(_ found: Setting, _ jaas: JaasConfig?) -> TokenEndpointSettings? {
        let options = jaas?.options ?? [:]
        guard let scheme = found.value.firstRange(of: "://") else {
            faults.append(found.fault("write https://HOST/PATH or file:///PATH"))
            return nil
        }
        let isTLS = found.value[..<scheme.lowerBound].lowercased() == "https"
        let rest = found.value[scheme.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var place = String(rest[..<slash])
        guard !place.contains("@") else {
            faults.append(found.fault("user and password do not belong into the address"))
            return nil
        }
        if !place.drop(while: { $0 != "]" }).contains(":"),
            !place.contains(":") || place.last == "]"
        {
            place += isTLS ? ":443" : ":80"
        }
        do throws(HostPort.Malformed) {
            let server = try HostPort(parsing: place)
            guard isTLS || ["localhost", "127.0.0.1", "::1"].contains(server.host) else {
                faults.append(
                    found.fault("the client's secret would go in plaintext: write https://"))
                return nil
            }
            guard let (id, secret) = client(options, found) else { return nil }
            var settings = TokenEndpointSettings(
                isTLS: isTLS, server: server,
                path: slash == rest.endIndex ? "/" : String(rest[slash...]),
                clientID: id, clientSecret: secret)
            settings.scope = options["scope"] ?? string("sasl.oauthbearer.scope")
            // Kafka's own: options of the login module that begin with ssl.
            settings.tls.trustStoreLocation =
                options["ssl.truststore.location"] ?? string("https.ca.location")
            settings.tls.trustStoreType = options["ssl.truststore.type"]?.uppercased()
            settings.tls.trustStorePassword = options["ssl.truststore.password"].map(Secret.init)
            settings.tls.trustStoreCertificates = options["ssl.truststore.certificates"]
            return settings
        } catch {
            faults.append(found.fault(error.description))
            return nil
        }
    }

    private mutating func client(
        _ options: [String: String], _ found: Setting
    ) -> (id: String, secret: Secret)? {
        let prefix = "sasl.oauthbearer.client.credentials."
        let id = options["clientId"] ?? string(prefix + "client.id")
        let secret = options["clientSecret"].map(Secret.init) ?? secret(prefix + "client.secret")
        if options["clientSecret"] != nil { warnIfOthersRead("sasl.jaas.config") }
        guard let id, let secret else {
            faults.append(
                found.fault(
                    "needs the client: set clientId and clientSecret in sasl.jaas.config, or "
                        + "\(prefix)client.id and \(prefix)client.secret"))
            return nil
        }
        return (id, secret)
    }
}
