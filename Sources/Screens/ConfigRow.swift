// One line of the Configs screen: what a broker told of a key, and what the catalogue knows of it.

internal import ClusterModel
internal import Drawing
internal import KafkaConfigs

/// A key of the resource whose configs are in view.
struct ConfigRow: Sendable {
    let key: String
    /// nil: it is not set, and brokers list it only where it is.
    let config: DescribedConfig?
    let known: KnownConfig?
    let form: ConfigForm
    /// What is set on the resource itself, and what would be in force without that.
    let override: ConfigLevel?
    let without: ConfigLevel?

    private init(
        _ key: String, _ config: DescribedConfig?, _ known: KnownConfig?,
        of configs: ResourceConfigs
    ) {
        self.key = key
        self.config = config
        self.known = known
        form = ConfigForm(key, known, told: config.flatMap { ConfigType(rawValue: $0.type) })
        override = config.flatMap { configs.override($0) }
        without = config.flatMap { configs.withoutOverride($0) }
    }

    /// Ascending by key.
    static func rows(_ cluster: Cluster) -> [ConfigRow] {
        guard let told = cluster.configsInView, told.answeredAt.happened else { return [] }
        let release = cluster.kafkaVersion.flatMap { KafkaRelease($0) }
        let isTopic = if case .topic = told.resource { true } else { false }
        var rows = told.configs.map { config in
            ConfigRow(config.name, config, known(config.name, isTopic, release), of: told)
        }
        if !isTopic {
            // What can be set and is not told of, since it is not set.
            let listed = Set(told.configs.map(\.name))
            for known in ConfigCatalogue.unset(of: release, forAll: told.resource == .cluster)
            where !listed.contains(known.name) {
                rows.append(ConfigRow(known.name, nil, known, of: told))
            }
            rows.sort { $0.key < $1.key }
        }
        return rows
    }

    private static func known(
        _ key: String, _ isTopic: Bool, _ release: KafkaRelease?
    ) -> KnownConfig? {
        isTopic ? ConfigCatalogue.topic(key, release) : ConfigCatalogue.broker(key, release)
    }

    var isSensitive: Bool { config?.isSensitive == true }

    /// Only a restart of the broker changes it. Brokers before 4.0 call throttles so that can be
    /// changed (seen on 3.9.2).
    var needsRestart: Bool {
        config?.isReadOnly == true && (known.map { $0.access == .atStart } ?? true)
    }

    /// Why it cannot be changed here; nil where it can.
    var obstacle: String? {
        if needsRestart { return "needs a restart of the broker: it is read at its start only" }
        return isSensitive
            ? "its value is a secret, which is not typed here: use kafka-configs.sh" : nil
    }

    var humanised: String? { config?.value.flatMap { form.humanised($0) } }

    var valueRun: Run {
        if isSensitive { return Run("(hidden)", .dim) }
        guard let config, let value = config.value else { return Run("not set", .dim) }
        return Run(value.isEmpty ? "(empty)" : shownName(value), value.isEmpty ? .dim : .text)
    }

    /// "604800000 (7d)". What stands behind it may count in another unit under its own name.
    func shown(_ level: ConfigLevel) -> String {
        if isSensitive { return "(hidden)" }
        guard let value = level.value else { return "not told" }
        let own =
            level.name == key
            ? form : ConfigForm(level.name, ConfigCatalogue.broker(level.name))
        return shownName(value) + (own.humanised(value).map { " (\($0))" } ?? "")
    }

    // MARK: Under the cursor

    /// What is known of the key: how it is typed, what it risks, what stands behind it, and Kafka's
    /// own words.
    func details(_ scene: Scene) -> [[Run]] {
        var lines: [[Run]] = [[Run(key, .title), Run(form.hint.map { "  \($0)" } ?? "", .dim)]]
        if let obstacle { lines.append([Run(capitalised(obstacle) + ".", .warning)]) }
        if obstacle == nil, let risk = known?.risk {
            lines.append([Run("\(Glyph.warning) ", .warning), Run(capitalised(risk) + ".")])
        }
        if override != nil {
            lines.append(
                without.map {
                    [
                        Run("Would become "), Run(shown($0), .accent),
                        Run(" if you delete the override."),
                    ]
                } ?? [Run("What would be without the override is not told.", .unknown)])
        }
        for (number, level) in (config?.levels ?? []).enumerated() {
            lines.append([
                Run(number == 0 ? "  in force   " : "  then       ", .dim),
                Run(level.source.text.padded(to: 12), number == 0 ? .accent : .text),
                Run(shown(level), number == 0 ? .text : .dim),
                Run(level.name == key ? "" : "  \(level.name)", .dim),
            ])
        }
        if let text = config?.documentation.map(plainText), !text.isEmpty {
            lines.append([Run(text, .dim)])
        }
        return lines
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}

/// Kafka documents its configs in HTML: the words without the marks.
func plainText(_ html: String) -> String {
    var text = String.UnicodeScalarView()
    var isMark = false
    for scalar in html.unicodeScalars {
        switch scalar {
        case "<": isMark = true
        case ">" where isMark:
            isMark = false
            text.append(" ")
        default: if !isMark { text.append(scalar.value < 0x20 ? " " : scalar) }
        }
    }
    var words = String(text).split(separator: " ").joined(separator: " ")
    for (code, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
        words = words.split(separator: code, omittingEmptySubsequences: false)
            .joined(separator: sign)
    }
    for sign in [".", ",", ")", ";", ":"] {
        words = words.split(separator: " " + sign, omittingEmptySubsequences: false)
            .joined(separator: sign)
    }
    return words
}
