// The configs of a topic as a broker of 4.3 describes them, some of each kind.
package import ClusterModel

extension SampleCluster {
    /// The healthy cluster while somebody looks at the configs of the topic clicks.
    package static func configs() -> Cluster {
        var cluster = healthy()
        var told = ResourceConfigs(.topic("clicks"))
        told.answeredAt = cluster.takenAt
        func add(
            _ name: String, _ type: Int8, _ levels: [(String, String?, ConfigSource)],
            isSensitive: Bool = false, _ documentation: String = ""
        ) {
            var config = DescribedConfig(
                name, levels.first?.1, levels.first?.2 ?? .initial,
                levels: levels.map { ConfigLevel($0.0, $0.1, $0.2) }, isSensitive: isSensitive)
            config.type = type
            config.documentation = documentation
            told.configs.append(config)
        }
        add(
            "cleanup.policy", 7,
            [
                ("cleanup.policy", "compact", .topic),
                ("log.cleanup.policy", "delete", .initial),
            ], "What becomes of old segments: <code>delete</code> or <code>compact</code>.")
        add(
            "max.message.bytes", 3,
            [
                ("message.max.bytes", "2097152", .file),
                ("message.max.bytes", "1048588", .initial),
            ])
        add("plugin.evil\u{1b}[2J\u{202e}", 0, [("plugin", "a\nb\u{200b}", .topic)])
        add("plugin.secret", 9, [("plugin.secret", "hunter2", .topic)], isSensitive: true)
        add(
            "retention.ms", 5,
            [
                ("retention.ms", "86400000", .topic),
                ("log.retention.ms", "259200000", .allBrokers),
                ("log.retention.hours", "168", .initial),
            ],
            "How long records are kept &amp; read.<br>If it is <code>-1</code>, there is no limit. "
                + "<a href=\"#retention\">More</a>.")
        add(
            "unclean.leader.election.enable", 1,
            [("unclean.leader.election.enable", "false", .initial)])
        cluster.configsInView = told
        return cluster
    }
}
