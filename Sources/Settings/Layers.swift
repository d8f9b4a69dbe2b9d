// The order in which sources of settings count: option, environment, context, client.properties.

/// One setting as found, with where.
struct Setting {
    let value: String
    /// For a fault: the file, option or variable, and the place in it.
    let file: String
    let line: Int
    let column: Int
    let key: String

    func with(value: String) -> Setting {
        Setting(value: value, file: file, line: line, column: column, key: key)
    }

    var origin: String { line == 0 ? file : "\(file):\(line)" }
    func fault(_ message: String) -> SettingsFault {
        SettingsFault(
            file: file, line: line, column: column,
            message: line == 0 ? message : "\(key): \(message)")
    }
}

/// Sources in order of precedence; each answers by canonical key.
struct Layers {
    /// What stands outside files: option or variable name by canonical key.
    var given: [String: Setting] = [:]
    var files: [Properties] = []

    mutating func give(_ key: String, _ value: String?, from source: String) {
        guard let value, given[key] == nil else { return }
        given[key] = Setting(value: value, file: source, line: 0, column: 0, key: key)
    }

    /// The value that counts, under its own name or librdkafka's.
    func find(_ key: String) -> Setting? {
        if let setting = given[key] { return setting }
        for file in files {
            for name in [key] + (librdkafkaNames[key] ?? []) {
                if let entry = file.entry(name) {
                    return Setting(
                        value: entry.value.trimmed, file: file.file, line: entry.line,
                        column: entry.column, key: name)
                }
            }
        }
        return nil
    }
}

/// Other names of the same settings; librdkafka's are from its CONFIGURATION.md.
let librdkafkaNames: [String: [String]] = [
    "bootstrap.servers": ["metadata.broker.list"],
    "sasl.mechanism": ["sasl.mechanisms"],
    "request.timeout.ms": ["socket.timeout.ms"],
    "ssl.truststore.location": ["ssl.ca.location"],
    "ssl.truststore.certificates": ["ssl.ca.pem"],
    "ssl.keystore.certificate.chain": ["ssl.certificate.pem"],
    "ssl.keystore.key": ["ssl.key.pem"],
    "sasl.oauthbearer.token.endpoint.url": ["sasl.oauthbearer.token.endpoint"],
    "sasl.oauthbearer.client.credentials.client.id": ["sasl.oauthbearer.client.id"],
    "sasl.oauthbearer.client.credentials.client.secret": ["sasl.oauthbearer.client.secret"],
    // ZooKeeper's own tools spell these so.
    "zookeeper.ssl.client.enable": ["zookeeper.client.secure"],
    "zookeeper.ssl.truststore.location": ["zookeeper.ssl.trustStore.location"],
    "zookeeper.ssl.truststore.password": ["zookeeper.ssl.trustStore.password"],
    "zookeeper.ssl.truststore.type": ["zookeeper.ssl.trustStore.type"],
    "zookeeper.ssl.keystore.location": ["zookeeper.ssl.keyStore.location"],
    "zookeeper.ssl.keystore.password": ["zookeeper.ssl.keyStore.password"],
    "zookeeper.ssl.keystore.type": ["zookeeper.ssl.keyStore.type"],
]

/// Keys that are read, under every name: candidates for hints.
let knownKeys: [String] =
    [
        "bootstrap.servers", "client.id", "security.protocol", "request.timeout.ms",
        "socket.connection.setup.timeout.ms", "connections.max.idle.ms", "sasl.mechanism",
        "sasl.jaas.config", "sasl.username", "sasl.password", "sasl.kerberos.service.name",
        "sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.extensions",
        "sasl.oauthbearer.client.credentials.client.id",
        "sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.scope",
        "https.ca.location",
        "ssl.truststore.location", "ssl.truststore.type",
        "ssl.truststore.password", "ssl.truststore.certificates", "ssl.keystore.location",
        "ssl.keystore.type", "ssl.keystore.password", "ssl.keystore.key",
        "ssl.keystore.certificate.chain", "ssl.key.password", "ssl.key.location",
        "ssl.certificate.location", "ssl.endpoint.identification.algorithm",
        "enable.ssl.certificate.verification", "zookeeper.ssl.client.enable",
        "zookeeper.ssl.truststore.location", "zookeeper.ssl.truststore.type",
        "zookeeper.ssl.truststore.password", "zookeeper.ssl.keystore.location",
        "zookeeper.ssl.keystore.type", "zookeeper.ssl.keystore.password",
        "zookeeper.ssl.endpoint.identification.algorithm",
    ] + librdkafkaNames.values.flatMap { $0 }

/// Keys of our own, in contexts.
let ownKeys = [
    "highwater.cluster.id", "highwater.read.only", "highwater.production", "highwater.color",
    "highwater.zookeeper.connect", "highwater.refresh.ms", "highwater.theme", "highwater.ascii",
    "highwater.mouse", "highwater.command.config", "highwater.address.map",
    "highwater.proxy", "highwater.proxy.username", "highwater.proxy.password",
    "highwater.zookeeper.auth", "highwater.zookeeper.sasl.username",
    "highwater.zookeeper.sasl.password", "highwater.password.command",
]

/// Keys that load code into a Java client: a native one must say that it cannot.
let javaOnlyKeys = [
    "sasl.client.callback.handler.class", "sasl.login.callback.handler.class",
    "sasl.login.class", "ssl.engine.factory.class", "security.providers",
]

/// Classes of Kafka's and Amazon's own that do what is done here anyway.
let knownHandlers = [
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
    "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
    "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
]

extension String {
    var trimmed: String {
        let isBlank: (Character) -> Bool = { " \t\r\n".contains($0) }
        guard let first = firstIndex(where: { !isBlank($0) }),
            let last = lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(self[first...last])
    }
}
