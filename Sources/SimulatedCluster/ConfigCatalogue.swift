// The configs that brokers of each release know, with type, default, bounds and the releases that
// have them. Names and defaults are those that real brokers answered (3.9.2, 4.3.1) or have in
// their sources (2.4).

/// One config as a broker knows it.
struct KnownConfig: Sendable {
    let name: String
    /// DescribeConfigs' number of the type: 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double,
    /// 7 list, 8 class, 9 password.
    let type: Int8
    let initial: String?
    /// Of a topic's config: the broker's that its default comes from.
    let brokerName: String?
    /// Of a broker's config: "r" only at its start, "b" for one broker, "w" for all too.
    let access: String
    let rule: Rule
    let releases: ClosedRange<Release>

    /// What a value must be, besides its type.
    enum Rule: Sendable {
        case any
        case atLeast(Int64)
        case oneOf([String])
        case throttledReplicas
    }

    /// "name type default second rule since until"; "-" is nothing.
    fileprivate init?(_ line: Substring, isTopic: Bool) {
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count == 7, let letter = parts[1].utf8.first,
            let number = "_bsihldLcp".utf8.enumerated().first(where: { $0.element == letter }),
            let since = Release(rawValue: parts[5]), let until = Release(rawValue: parts[6]),
            since <= until
        else { return nil }
        name = parts[0]
        type = Int8(number.offset)
        initial =
            switch parts[2] {
            case "-": nil
            case "''": ""
            case "max": "\(Int64.max)"
            default: parts[2]
            }
        brokerName = isTopic && parts[3] != "-" ? parts[3] : nil
        access = isTopic ? "w" : parts[3]
        rule = Self.rule(parts[4])
        releases = since...until
    }

    private static func rule(_ text: String) -> Rule {
        if let least = Int64(text) { return .atLeast(least) }
        if text == "throttle" { return .throttledReplicas }
        if text == "stamp" { return .oneOf(["CreateTime", "LogAppendTime"]) }
        if text == "codec" {
            return .oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
        }
        guard text.hasPrefix("in=") else { return .any }
        return .oneOf(text.dropFirst(3).split(separator: ",").map(String.init))
    }
}

/// Every known config, ascending by name, and by name.
struct ConfigCatalogue: Sendable {
    let topics: [KnownConfig]
    let brokers: [KnownConfig]
    private let topicPlace: [String: Int]
    private let brokerPlace: [String: Int]

    func topic(_ name: String) -> KnownConfig? { topicPlace[name].map { topics[$0] } }
    func broker(_ name: String) -> KnownConfig? { brokerPlace[name].map { brokers[$0] } }

    private init(_ release: Release) {
        topics = Self.read(Self.topicTable, isTopic: true, release)
        brokers = Self.read(Self.brokerTable, isTopic: false, release)
        topicPlace = Self.places(topics)
        brokerPlace = Self.places(brokers)
    }

    private static func read(
        _ table: String, isTopic: Bool, _ release: Release
    ) -> [KnownConfig] {
        table.split(separator: "\n").compactMap { KnownConfig($0, isTopic: isTopic) }
            .filter { $0.releases.contains(release) }
    }

    private static func places(_ configs: [KnownConfig]) -> [String: Int] {
        Dictionary(configs.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    private static let all = Dictionary(
        uniqueKeysWithValues: Release.allCases.map { ($0, ConfigCatalogue($0)) })

    static func of(_ release: Release) -> ConfigCatalogue {
        all[release] ?? ConfigCatalogue(release)
    }

    /// Name, type, default, the broker's config, bounds, first and last release.
    private static let topicTable = """
        cleanup.policy L delete log.cleanup.policy in=compact,delete 2.4 4.3
        compression.gzip.level i -1 compression.gzip.level - 3.9 4.3
        compression.lz4.level i 9 compression.lz4.level - 3.9 4.3
        compression.type s producer compression.type codec 2.4 4.3
        compression.zstd.level i 3 compression.zstd.level - 3.9 4.3
        delete.retention.ms l 86400000 log.cleaner.delete.retention.ms 0 2.4 4.3
        file.delete.delay.ms l 60000 log.segment.delete.delay.ms 0 2.4 4.3
        flush.messages l max log.flush.interval.messages 1 2.4 4.3
        flush.ms l max log.flush.interval.ms 0 2.4 4.3
        follower.replication.throttled.replicas L '' - throttle 2.4 4.3
        index.interval.bytes i 4096 log.index.interval.bytes 0 2.4 4.3
        leader.replication.throttled.replicas L '' - throttle 2.4 4.3
        local.retention.bytes l -2 log.local.retention.bytes -2 3.9 4.3
        local.retention.ms l -2 log.local.retention.ms -2 3.9 4.3
        max.compaction.lag.ms l max log.cleaner.max.compaction.lag.ms 1 2.4 4.3
        max.message.bytes i 1048588 message.max.bytes 0 2.4 4.3
        message.downconversion.enable b true log.message.downconversion.enable - 2.4 3.9
        message.format.version s 3.0-IV1 log.message.format.version - 2.4 3.9
        message.timestamp.after.max.ms l max log.message.timestamp.after.max.ms 0 3.9 3.9
        message.timestamp.after.max.ms l 3600000 log.message.timestamp.after.max.ms 0 4.3 4.3
        message.timestamp.before.max.ms l max log.message.timestamp.before.max.ms 0 3.9 4.3
        message.timestamp.difference.max.ms l max log.message.timestamp.difference.max.ms 0 2.4 3.9
        message.timestamp.type s CreateTime log.message.timestamp.type stamp 2.4 4.3
        min.cleanable.dirty.ratio d 0.5 log.cleaner.min.cleanable.ratio 0 2.4 4.3
        min.compaction.lag.ms l 0 log.cleaner.min.compaction.lag.ms 0 2.4 4.3
        min.insync.replicas i 1 min.insync.replicas 1 2.4 4.3
        preallocate b false log.preallocate - 2.4 4.3
        remote.log.copy.disable b false - - 3.9 4.3
        remote.log.delete.on.disable b false - - 3.9 4.3
        remote.storage.enable b false - - 3.9 4.3
        retention.bytes l -1 log.retention.bytes - 2.4 4.3
        retention.ms l 604800000 log.retention.ms -1 2.4 4.3
        segment.bytes i 1073741824 log.segment.bytes 14 2.4 4.3
        segment.index.bytes i 10485760 log.index.size.max.bytes 4 2.4 4.3
        segment.jitter.ms l 0 log.roll.jitter.ms 0 2.4 4.3
        segment.ms l 604800000 log.roll.ms 1 2.4 4.3
        unclean.leader.election.enable b false unclean.leader.election.enable - 2.4 4.3
        """

    /// Name, type, default, when it may be changed, bounds, first and last release.
    private static let brokerTable = """
        advertised.listeners s - b - 2.4 3.9
        advertised.listeners L - r - 4.3 4.3
        auto.create.topics.enable b true r - 2.4 4.3
        auto.leader.rebalance.enable b true r - 2.4 4.3
        background.threads i 10 w 1 2.4 4.3
        broker.id i -1 r - 2.4 4.3
        broker.rack s - r - 2.4 4.3
        compression.gzip.level i -1 w - 3.9 4.3
        compression.lz4.level i 9 w - 3.9 4.3
        compression.type s producer w codec 2.4 4.3
        compression.zstd.level i 3 w - 3.9 4.3
        config.providers L '' w - 4.3 4.3
        connections.max.idle.ms l 600000 r - 2.4 4.3
        controlled.shutdown.enable b true r - 2.4 4.3
        controller.quorum.voters L '' r - 2.4 4.3
        controller.socket.timeout.ms i 30000 r - 2.4 4.3
        cordoned.log.dirs L '' b - 4.3 4.3
        default.replication.factor i 1 r - 2.4 4.3
        delete.topic.enable b true r - 2.4 4.3
        fetch.max.bytes i 57671680 r - 2.4 4.3
        follower.fetch.last.tiered.offset.enable b false w - 4.3 4.3
        group.consumer.assignment.interval.ms i 1000 w - 4.3 4.3
        group.coordinator.cached.buffer.max.bytes i 1048588 w - 4.3 4.3
        group.initial.rebalance.delay.ms i 3000 r - 2.4 4.3
        group.max.session.timeout.ms i 1800000 r - 2.4 4.3
        group.min.session.timeout.ms i 6000 r - 2.4 4.3
        group.share.assignment.interval.ms i 1000 w - 4.3 4.3
        group.streams.assignment.interval.ms i 1000 w - 4.3 4.3
        inter.broker.listener.name s - r - 2.4 4.3
        inter.broker.protocol.version s 3.9-IV0 r - 2.4 3.9
        leader.imbalance.check.interval.seconds l 300 r - 2.4 4.3
        leader.imbalance.per.broker.percentage i 10 r - 2.4 3.9
        listeners s PLAINTEXT://:9092 b - 2.4 3.9
        listeners L PLAINTEXT://:9092 b - 4.3 4.3
        log.cleaner.backoff.ms l 15000 w - 2.4 4.3
        log.cleaner.dedupe.buffer.size l 134217728 w - 2.4 4.3
        log.cleaner.delete.retention.ms l 86400000 w - 2.4 4.3
        log.cleaner.enable b true r - 2.4 4.3
        log.cleaner.io.buffer.load.factor d 0.9 w - 2.4 4.3
        log.cleaner.io.buffer.size i 524288 w - 2.4 4.3
        log.cleaner.io.max.bytes.per.second d 1.7976931348623157E308 w - 2.4 4.3
        log.cleaner.max.compaction.lag.ms l max w - 2.4 4.3
        log.cleaner.min.cleanable.ratio d 0.5 w - 2.4 4.3
        log.cleaner.min.compaction.lag.ms l 0 w - 2.4 4.3
        log.cleaner.threads i 1 w 0 2.4 4.3
        log.cleanup.policy L delete w - 2.4 4.3
        log.dir s /tmp/kafka-logs r - 2.4 3.9
        log.dir L /tmp/kafka-logs r - 4.3 4.3
        log.dirs s - r - 2.4 3.9
        log.dirs L - r - 4.3 4.3
        log.flush.interval.messages l max w - 2.4 4.3
        log.flush.interval.ms l - w - 2.4 4.3
        log.flush.scheduler.interval.ms l max r - 2.4 4.3
        log.index.interval.bytes i 4096 w - 2.4 4.3
        log.index.size.max.bytes i 10485760 w - 2.4 4.3
        log.local.retention.bytes l -2 w - 3.9 4.3
        log.local.retention.ms l -2 w - 3.9 4.3
        log.message.downconversion.enable b true w - 2.4 3.9
        log.message.format.version s 3.0-IV1 r - 2.4 3.9
        log.message.timestamp.after.max.ms l max w - 3.9 3.9
        log.message.timestamp.after.max.ms l 3600000 w - 4.3 4.3
        log.message.timestamp.before.max.ms l max w - 3.9 4.3
        log.message.timestamp.difference.max.ms l max w - 2.4 3.9
        log.message.timestamp.type s CreateTime w - 2.4 4.3
        log.preallocate b false w - 2.4 4.3
        log.retention.bytes l -1 w - 2.4 4.3
        log.retention.check.interval.ms l 300000 r - 2.4 4.3
        log.retention.hours i 168 r - 2.4 4.3
        log.retention.minutes i - r - 2.4 4.3
        log.retention.ms l - w - 2.4 4.3
        log.roll.hours i 168 r - 2.4 4.3
        log.roll.jitter.ms l - w - 2.4 4.3
        log.roll.ms l - w 1 2.4 4.3
        log.segment.bytes i 1073741824 w 14 2.4 4.3
        log.segment.delete.delay.ms l 60000 w - 2.4 4.3
        max.connection.creation.rate i 2147483647 w - 3.9 4.3
        max.connections i 2147483647 w 0 2.4 4.3
        max.connections.per.ip i 2147483647 w 0 2.4 4.3
        max.connections.per.ip.overrides s '' w - 2.4 4.3
        message.max.bytes i 1048588 w 0 2.4 4.3
        min.insync.replicas i 1 w 1 2.4 4.3
        node.id i -1 r - 2.4 3.9
        node.id i - r - 4.3 4.3
        num.io.threads i 8 w 1 2.4 4.3
        num.network.threads i 3 w 1 2.4 4.3
        num.partitions i 1 r - 2.4 4.3
        num.recovery.threads.per.data.dir i 1 w 1 2.4 3.9
        num.recovery.threads.per.data.dir i 2 w 1 4.3 4.3
        num.replica.alter.log.dirs.threads i - r - 2.4 4.3
        num.replica.fetchers i 1 w 1 2.4 4.3
        offset.metadata.max.bytes i 4096 r - 2.4 4.3
        offsets.retention.minutes i 10080 r - 2.4 4.3
        offsets.topic.num.partitions i 50 r - 2.4 4.3
        offsets.topic.replication.factor h 3 r - 2.4 4.3
        process.roles L '' r - 2.4 3.9
        process.roles L - r - 4.3 4.3
        producer.id.expiration.ms i 86400000 w - 3.9 4.3
        queued.max.requests i 500 r - 2.4 4.3
        quota.window.num i 11 r - 2.4 4.3
        quota.window.size.seconds i 1 r - 2.4 4.3
        remote.fetch.max.wait.ms i 500 w - 3.9 4.3
        remote.list.offsets.request.timeout.ms l 30000 w - 4.3 4.3
        remote.log.index.file.cache.total.size.bytes l 1073741824 w - 3.9 4.3
        remote.log.manager.copier.thread.pool.size i -1 r - 3.9 3.9
        remote.log.manager.copier.thread.pool.size i 10 w - 4.3 4.3
        remote.log.manager.copy.max.bytes.per.second l max w - 3.9 4.3
        remote.log.manager.expiration.thread.pool.size i -1 r - 3.9 3.9
        remote.log.manager.expiration.thread.pool.size i 10 w - 4.3 4.3
        remote.log.manager.fetch.max.bytes.per.second l max w - 3.9 4.3
        remote.log.manager.follower.thread.pool.size i 2 w - 4.3 4.3
        remote.log.reader.threads i 10 r - 3.9 3.9
        remote.log.reader.threads i 10 w - 4.3 4.3
        replica.fetch.backoff.ms i 1000 r - 2.4 4.3
        replica.fetch.max.bytes i 1048576 r - 2.4 4.3
        replica.fetch.min.bytes i 1 r - 2.4 4.3
        replica.fetch.response.max.bytes i 10485760 r - 2.4 4.3
        replica.fetch.wait.max.ms i 500 r - 2.4 4.3
        replica.high.watermark.checkpoint.interval.ms l 5000 r - 2.4 4.3
        replica.lag.time.max.ms l 30000 r - 2.4 4.3
        replica.socket.timeout.ms i 30000 r - 2.4 4.3
        replication.quota.window.num i 11 r - 2.4 4.3
        replication.quota.window.size.seconds i 1 r - 2.4 4.3
        request.timeout.ms i 30000 r - 2.4 4.3
        share.coordinator.cached.buffer.max.bytes i 1048588 w - 4.3 4.3
        socket.receive.buffer.bytes i 102400 r - 2.4 4.3
        socket.request.max.bytes i 104857600 r - 2.4 4.3
        socket.send.buffer.bytes i 102400 r - 2.4 4.3
        ssl.keystore.certificate.chain p - w - 3.9 4.3
        ssl.keystore.key p - w - 3.9 4.3
        ssl.keystore.location s - w - 2.4 4.3
        ssl.keystore.password p - w - 2.4 4.3
        ssl.keystore.type s JKS w - 2.4 4.3
        transaction.partition.verification.enable b true w - 3.9 4.3
        transaction.state.log.min.isr i 2 r - 2.4 4.3
        transaction.state.log.num.partitions i 50 r - 2.4 4.3
        transaction.state.log.replication.factor h 3 r - 2.4 4.3
        unclean.leader.election.enable b false w - 2.4 4.3
        zookeeper.connect s - r - 2.4 3.9
        zookeeper.session.timeout.ms i 18000 r - 2.4 3.9
        """
}
