// From options, environment and files to one Configuration.

/// Resolves settings: option > environment > context > client.properties > default.
///
/// One exception, for safety: when a context or file is named by an option and lists bootstrap
/// servers, a variable does not send the console to another cluster; a note says so.
/// - Parameter limits: keys of rules besides, each with what it takes.
/// - Throws: every fault of every file read, at once.
package func resolveConfiguration(
    _ choices: Choices, environment: [String: String], files: some ConfigFiles,
    limits: [LimitKey] = []
) throws(ConfigurationError) -> Configuration {
    var resolver = SettingsResolver(environment: environment, files: files, limits: limits)
    resolver.give(choices)
    resolver.readFiles(choices, files)
    resolver.readLimits(files)
    let configuration = resolver.configuration()
    guard resolver.faults.isEmpty else { throw ConfigurationError(resolver.faults) }
    return configuration
}

struct SettingsResolver {
    let environment: [String: String]
    var layers = Layers()
    var faults: [SettingsFault] = []
    var notes: [SettingsFault] = []
    var origins: [String: String] = [:]
    var contextName: String?

    var references: References
    /// Variables read outside files that hold secrets.
    var secretVariables = ["KAFKA_SASL_PASSWORD"]
    let isReadByOthers: (String) -> Bool
    let limits: [LimitKey]
    /// Files of limits alone: a person's, then a site's.
    var limitFiles: [Properties] = []

    init(environment: [String: String], files: some ConfigFiles, limits: [LimitKey] = []) {
        self.limits = limits
        // An empty variable is as good as none.
        self.environment = environment.filter { !$0.value.isEmpty }
        references = References(environment: self.environment, read: files.read)
        isReadByOthers = files.isReadByOthers
    }

    mutating func give(_ choices: Choices) {
        layers.give("bootstrap.servers", choices.bootstrapServers, from: "--bootstrap-server")
        layers.give("highwater.zookeeper.connect", choices.zookeeper, from: "--zookeeper")
        layers.give("highwater.theme", choices.theme, from: "--theme")
        if choices.isReadOnly { layers.give("highwater.read.only", "true", from: "--read-only") }
        if choices.usesASCII { layers.give("highwater.ascii", "true", from: "--ascii") }
        if choices.withoutMouse { layers.give("highwater.mouse", "false", from: "--no-mouse") }
        if choices.withoutColor { layers.give("no.color", "true", from: "--no-color") }
        if let refresh = choices.refresh {
            let (seconds, attoseconds) = refresh.components
            let ms = seconds.multipliedReportingOverflow(by: 1000)
            let total =
                ms.overflow ? Int64.max : ms.partialValue + attoseconds / 1_000_000_000_000_000
            layers.give("highwater.refresh.ms", "\(total)", from: "--refresh")
        }
        for (variable, key) in [
            ("HIGHWATER_THEME", "highwater.theme"), ("HIGHWATER_READ_ONLY", "highwater.read.only"),
            ("HIGHWATER_ASCII", "highwater.ascii"), ("HIGHWATER_MOUSE", "highwater.mouse"),
            ("HIGHWATER_REFRESH_MS", "highwater.refresh.ms"), ("HIGHWATER_CLIENT_ID", "client.id"),
        ] {
            layers.give(key, environment[variable], from: "$" + variable)
        }
        if environment["NO_COLOR"] != nil { layers.give("no.color", "true", from: "$NO_COLOR") }
    }

    mutating func readFiles(_ choices: Choices, _ files: some ConfigFiles) {
        let context = choices.context ?? environment["HIGHWATER_CONTEXT"]
        var pointed: String?
        if let context {
            readContext(context, files)
            pointed = layers.files.first?["highwater.command.config"]
        }
        let config =
            choices.commandConfig ?? environment["HIGHWATER_COMMAND_CONFIG"] ?? pointed?.trimmed
            ?? environment["KCAT_CONFIG"]
        if let config {
            switch files.read(expandHome(config)) {
            case .success(let bytes): add(Properties(bytes: bytes, file: config))
            case .failure(let problem):
                faults.append(SettingsFault(file: "--command-config", message: problem.description))
            }
        }
        let isNamed = choices.context != nil || choices.commandConfig != nil
        let listed = layers.find("bootstrap.servers")
        for variable in ["HIGHWATER_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS"] {
            guard let value = environment[variable] else { continue }
            if isNamed, let listed, listed.line > 0 {
                notes.append(
                    SettingsFault(
                        file: "$" + variable,
                        message: "ignored: \(listed.file) was named and lists its own servers"))
            } else {
                layers.give("bootstrap.servers", value, from: "$" + variable)
            }
        }
        // The seen-in-the-wild variables count less than any file.
        for (variable, key) in [
            ("KAFKA_SECURITY_PROTOCOL", "security.protocol"),
            ("KAFKA_SASL_MECHANISM", "sasl.mechanism"), ("KAFKA_SASL_USERNAME", "sasl.username"),
            ("KAFKA_SASL_PASSWORD", "sasl.password"),
            ("KAFKA_SSL_CA_LOCATION", "ssl.truststore.location"),
        ] where layers.find(key) == nil {
            layers.give(key, environment[variable], from: "$" + variable)
        }
    }

    private mutating func readContext(_ name: String, _ files: some ConfigFiles) {
        contextName = name
        let folders = ConfigFolders(environment: environment)
        guard !name.isEmpty && !name.utf8.contains(UInt8(ascii: "/")) && !name.hasPrefix(".")
        else {
            faults.append(
                SettingsFault(file: "--context", message: "\(name) is not a context's name"))
            return
        }
        for path in folders.contextPaths(name) {
            switch files.read(path) {
            case .success(let bytes):
                add(Properties(bytes: bytes, file: path))
                return
            case .failure(let problem) where problem.isMissing: continue
            case .failure(let problem):
                faults.append(SettingsFault(file: "--context", message: problem.description))
                return
            }
        }
        let places = folders.contextPaths(name).joined(separator: " or ")
        let help = hint(for: name, among: folders.contexts(files).map(\.name))
        faults.append(
            SettingsFault(
                file: "--context", message: "no context \(name) (looked for \(places))\(help)"))
    }

    private func expandHome(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
        return home + path.dropFirst()
    }

    /// Takes a file in, and judges its keys.
    private mutating func add(_ file: Properties) {
        layers.files.append(file)
        faults += file.faults
        notes += file.duplicates
        for entry in file.entries where !knownKeys.contains(entry.key) {
            if entry.key.hasPrefix("highwater.") {
                guard !ownKeys.contains(entry.key), !judge(entry, in: file) else { continue }
                let known = ownKeys + limits.map(\.name)
                faults.append(
                    file.fault(entry.key, "unknown key" + hint(for: entry.key, among: known)))
            } else if let near = nearestName(to: entry.key, among: knownKeys),
                abs(near.count - entry.key.count) < 2,
                near.split(separator: ".").count == entry.key.split(separator: ".").count
            {
                notes.append(file.fault(entry.key, "not used: did you mean \(near)?"))
            }
        }
    }
}

extension SettingsResolver {
    mutating func configuration() -> Configuration {
        let servers = bootstrap()
        var connection = ConnectionSettings(bootstrap: servers)
        if let found = find("security.protocol") {
            if let known = SecurityProtocol(parsing: found.value) {
                connection.securityProtocol = known
            } else {
                let names = SecurityProtocol.allCases.map(\.rawValue)
                faults.append(
                    found.fault(
                        "\(found.value) is not one of \(names.joined(separator: ", "))"
                            + hint(for: found.value, among: names)))
            }
        }
        connection.clientID = string("client.id") ?? connection.clientID
        connection.requestTimeout = milliseconds("request.timeout.ms", Limits.timeoutMsRange)
        connection.connectTimeout = milliseconds(
            "socket.connection.setup.timeout.ms", Limits.timeoutMsRange)
        let idle = milliseconds("connections.max.idle.ms", -1...Int(Int32.max))
        connection.idleTimeout = idle.flatMap { $0 > .zero ? $0 : nil }
        connection.isReadOnly = bool("highwater.read.only") ?? false
        connection.isProduction = bool("highwater.production") ?? false
        connection.expectedClusterID = string("highwater.cluster.id")
        connection.zookeeper = string("highwater.zookeeper.connect")
        connection.addressMap = addressMap()
        connection.proxy = proxy()
        connection.tls = tls()
        connection.sasl = sasl(connection.securityProtocol)
        connection.passwordCommand = string("highwater.password.command")
        connection.zookeeperSecurity = zookeeperSecurity()
        connection.refusals = refusals()
        return Configuration(
            connection: connection, preferences: preferences(), contextName: contextName,
            settingsPath: layers.files.last.map { expandHome($0.file) },
            contextColor: contextColor(), limits: limitsFound(), notes: notes, origins: origins,
            secretVariables: secretVariables + references.variables)
    }

    private mutating func bootstrap() -> [HostPort] {
        guard let found = find("bootstrap.servers") else {
            // Never a silent fall-back to localhost: that is how the wrong cluster gets changed.
            if faults.isEmpty {
                faults.append(
                    SettingsFault(
                        file: "highwater",
                        message: "no cluster named: give --bootstrap-server HOST:PORT, "
                            + "--context NAME or --command-config FILE"))
            }
            return []
        }
        let (servers, wrong) = HostPort.list(found.value)
        for sentence in wrong { faults.append(found.fault(sentence)) }
        if servers.isEmpty && wrong.isEmpty { faults.append(found.fault("lists no server")) }
        return servers
    }

    private mutating func addressMap() -> AddressMap {
        guard let found = find("highwater.address.map") else { return AddressMap() }
        let (map, wrong) = AddressMap.parse(found.value)
        for sentence in wrong { faults.append(found.fault(sentence)) }
        return map
    }

    private mutating func preferences() -> Preferences {
        var preferences = Preferences()
        preferences.refresh =
            milliseconds("highwater.refresh.ms", Limits.refreshMsRange) ?? preferences.refresh
        preferences.theme = string("highwater.theme")
        preferences.usesASCII = bool("highwater.ascii") ?? false
        preferences.usesMouse = bool("highwater.mouse") ?? true
        preferences.usesColor = find("no.color") == nil
        return preferences
    }

    private mutating func tls() -> TLSSettings {
        var tls = TLSSettings()
        tls.trustStoreLocation = string("ssl.truststore.location")
        tls.trustStoreType = storeType("ssl.truststore.type")
        tls.trustStorePassword = secret("ssl.truststore.password")
        tls.trustStoreCertificates = string("ssl.truststore.certificates")
        tls.keyStoreLocation =
            string("ssl.keystore.location") ?? string("ssl.certificate.location")
        tls.keyStoreType = storeType("ssl.keystore.type")
        tls.keyStorePassword = secret("ssl.keystore.password")
        tls.certificateChain = string("ssl.keystore.certificate.chain")
        tls.key = secret("ssl.keystore.key")
        tls.keyLocation = string("ssl.key.location")
        tls.keyPassword = secret("ssl.key.password")
        if let algorithm = find("ssl.endpoint.identification.algorithm")?.value.lowercased() {
            tls.checksHostName = !algorithm.isEmpty && algorithm != "none"
        }
        tls.checksCertificate = bool("enable.ssl.certificate.verification") ?? true
        return tls
    }

    private mutating func zookeeperSecurity() -> ZooKeeperSecurity {
        var security = ZooKeeperSecurity()
        let prefix = "zookeeper.ssl."
        if bool(prefix + "client.enable") == true {
            var tls = TLSSettings()
            tls.trustStoreLocation = string(prefix + "truststore.location")
            tls.trustStoreType = storeType(prefix + "truststore.type")
            tls.trustStorePassword = secret(prefix + "truststore.password")
            tls.keyStoreLocation = string(prefix + "keystore.location")
            tls.keyStoreType = storeType(prefix + "keystore.type")
            tls.keyStorePassword = secret(prefix + "keystore.password")
            let algorithm = find(prefix + "endpoint.identification.algorithm")?.value.lowercased()
            tls.checksHostName = algorithm.map { !$0.isEmpty && $0 != "none" } ?? true
            security.tls = tls
        } else if let found = find(prefix + "truststore.location")
            ?? find(prefix + "keystore.location")
        {
            notes.append(
                found.fault("not used: zookeeper.ssl.client.enable is not set to true"))
        }
        security.auth = secret("highwater.zookeeper.auth")
        if let auth = security.auth, !auth.reveal().contains(":"),
            let found = find("highwater.zookeeper.auth")
        {
            faults.append(found.fault("must be USER:PASSWORD"))
        }
        security.saslUsername = string("highwater.zookeeper.sasl.username")
        security.saslPassword = secret("highwater.zookeeper.sasl.password")
        for (key, other) in [
            ("highwater.zookeeper.sasl.username", "highwater.zookeeper.sasl.password"),
            ("highwater.zookeeper.sasl.password", "highwater.zookeeper.sasl.username"),
        ] where string(other) == nil {
            if let found = find(key) { faults.append(found.fault("needs \(other) too")) }
        }
        return security
    }

    private mutating func refusals() -> [String] {
        javaOnlyKeys.compactMap { key in
            guard let found = find(key), !knownHandlers.contains(found.value) else { return nil }
            return "\(found.origin): \(key) loads Java code, which Highwater cannot; "
                + "remove it or use another file"
        }
    }

    /// The colour of the context's band in the title.
    private mutating func contextColor() -> ContextColor? {
        guard let found = find("highwater.color") else { return nil }
        if let color = ContextColor(parsing: found.value) { return color }
        let names = ContextColor.named.map(\.name)
        faults.append(
            found.fault(
                "\(found.value) is no colour: write #rrggbb or one of "
                    + names.joined(separator: ", ") + hint(for: found.value, among: names)))
        return nil
    }

    private mutating func storeType(_ key: String) -> String? {
        guard let found = find(key), !found.value.isEmpty else { return nil }
        let type = found.value.uppercased()
        if !Limits.storeTypes.contains(type) {
            faults.append(
                found.fault(
                    "\(found.value) is a type of store that is not read; there are "
                        + Limits.storeTypes.joined(separator: ", ")))
        }
        return type
    }

    // MARK: Values

    mutating func find(_ key: String) -> Setting? {
        guard let found = layers.find(key) else { return nil }
        origins[key] = found.origin
        guard found.line > 0, found.value.contains("${") else { return found }
        do throws(References.Unresolved) {
            return found.with(value: try references.resolve(found.value))
        } catch {
            let fault = found.fault(error.message)
            if !faults.contains(fault) { faults.append(fault) }
            return found
        }
    }

    mutating func string(_ key: String) -> String? {
        find(key).flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    mutating func secret(_ key: String) -> Secret? {
        guard let found = find(key), !found.value.isEmpty else { return nil }
        warnIfOthersRead(key)
        return Secret(found.value)
    }

    /// Says once of a file that it holds a secret and others can read it.
    mutating func warnIfOthersRead(_ key: String) {
        // A reference keeps the secret elsewhere.
        guard let raw = layers.find(key), raw.line > 0, !raw.value.contains("${") else { return }
        let note = SettingsFault(
            file: raw.file,
            message: "holds a password and can be read by others: chmod 600 \(raw.file)")
        if !notes.contains(note), isReadByOthers(expandHome(raw.file)) { notes.append(note) }
    }

    mutating func bool(_ key: String) -> Bool? {
        guard let found = find(key) else { return nil }
        switch found.value.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default:
            faults.append(found.fault("\(found.value) is neither true nor false"))
            return nil
        }
    }

    private mutating func milliseconds(
        _ key: String, _ range: ClosedRange<Int>
    ) -> Duration? {
        guard let found = find(key) else { return nil }
        guard let value = Int(found.value), range.contains(value) else {
            faults.append(
                found.fault(
                    "\(found.value) is not a number of milliseconds from \(range.lowerBound) to "
                        + "\(range.upperBound)"))
            return nil
        }
        return .milliseconds(value)
    }
}
