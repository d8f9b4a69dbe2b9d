// The one catalogue of configs: screens, commands and the simulation read it.

/// Every config of topics and brokers of a release, ascending by name, and by name.
package struct ConfigCatalogue: Sendable {
    package let topics: [KnownConfig]
    /// Those that a broker always lists.
    package let brokers: [KnownConfig]
    private let topicPlace: [String: Int]
    private let brokerPlace: [String: Int]

    package func topic(_ name: String) -> KnownConfig? { topicPlace[name].map { topics[$0] } }
    package func broker(_ name: String) -> KnownConfig? { brokerPlace[name].map { brokers[$0] } }

    private init(_ release: KafkaRelease) {
        topics = Self.allTopics.filter { $0.releases.contains(release) }
        brokers = Self.allBrokers.filter { $0.releases.contains(release) }
        topicPlace = Self.places(topics)
        brokerPlace = Self.places(brokers)
    }

    private static func places(_ configs: [KnownConfig]) -> [String: Int] {
        Dictionary(configs.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    private static func read(_ table: String, isTopic: Bool) -> [KnownConfig] {
        table.split(separator: "\n").compactMap { KnownConfig($0, isTopic: isTopic) }
    }

    private static let allTopics = read(topicTable, isTopic: true)
    private static let allBrokers = read(brokerTable, isTopic: false)
    private static let unlisted = read(unlistedTable, isTopic: false)
    private static let topicsByName = Dictionary(grouping: allTopics, by: \.name)
    private static let brokersByName = Dictionary(
        grouping: allBrokers + unlisted, by: \.name)

    private static let releases = Dictionary(
        uniqueKeysWithValues: [
            KafkaRelease(2, 4), KafkaRelease(2, 8), KafkaRelease(3, 9), KafkaRelease(4, 3),
        ].map { ($0, ConfigCatalogue($0)) })

    /// What brokers of exactly this release know.
    package static func of(_ release: KafkaRelease) -> ConfigCatalogue {
        releases[release] ?? ConfigCatalogue(release)
    }

    /// A topic's config as brokers of a release know it. Of a release that is not in the tables,
    /// or not known, the nearest word counts: what a key is called it stays for years, and the
    /// broker itself has the last one.
    package static func topic(_ name: String, _ release: KafkaRelease? = nil) -> KnownConfig? {
        nearest(topicsByName[name], release)
    }

    /// The same of a broker's config, of those it does not list too. What is set for one listener
    /// (`listener.name.internal.ssl.keystore.type`) is what it is without the listener.
    package static func broker(_ name: String, _ release: KafkaRelease? = nil) -> KnownConfig? {
        if let known = nearest(brokersByName[name], release) { return known }
        let parts = name.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "listener", parts[1] == "name" else { return nil }
        return nearest(brokersByName[String(parts[3])], release)
    }

    /// What may be set on a broker, or on all together, and is not listed where it is not set.
    package static func unset(of release: KafkaRelease?, forAll: Bool) -> [KnownConfig] {
        guard forAll else { return unlisted }
        return brokersByName.keys.compactMap { broker($0, release) }
            .filter { known in
                known.access == .anywhere && !known.name.hasPrefix("ssl.")
                    && release.map { known.releases.lowerBound <= $0 } ?? true
            }
    }

    private static func nearest(
        _ known: [KnownConfig]?, _ release: KafkaRelease?
    ) -> KnownConfig? {
        guard let release else { return known?.last }
        return known?.first { $0.releases.contains(release) }
            ?? known?.first { $0.releases.lowerBound > release } ?? known?.last
    }

    /// Sentences without a full stop, by the key.
    static let risks = Dictionary(
        riskTable.split(separator: "\n").compactMap { line -> (String, String)? in
            guard let blank = line.firstIndex(of: " ") else { return nil }
            return (String(line[..<blank]), String(line[line.index(after: blank)...]))
        }, uniquingKeysWith: { first, _ in first })

    private static let riskTable = """
        cleanup.policy compact keeps the newest record of each key and removes the others; delete \
        removes by age and size: neither gives back what was removed
        file.delete.delay.ms too short a time takes files away that are still being read
        flush.messages small values write to disk so often that the brokers slow down
        flush.ms small values write to disk so often that the brokers slow down
        follower.replication.throttled.replicas replicas named here catch up at the throttled rate
        leader.replication.throttled.replicas replicas named here are fetched at the throttled rate
        local.retention.bytes less removes records from the brokers' own disks at once
        local.retention.ms less removes records from the brokers' own disks at once
        max.compaction.lag.ms small values compact all the time
        max.message.bytes more than consumers and followers may fetch at once stops readers that \
        are older than Kafka 0.10.2
        message.downconversion.enable false refuses consumers that speak an older record format
        message.format.version a lower version rewrites records for every newer consumer
        message.timestamp.after.max.ms records whose time lies further ahead are refused
        message.timestamp.before.max.ms records whose time lies further back are refused
        message.timestamp.difference.max.ms records whose time differs by more are refused
        message.timestamp.type retention goes by the other time from now on
        min.insync.replicas where fewer replicas are in sync, writes with acks=all are refused
        preallocate true takes the whole size of a segment on disk at once
        remote.log.copy.disable true keeps new segments on the brokers' own disks
        remote.log.delete.on.disable true deletes what lies in remote storage once that is off
        remote.storage.enable false loses what lies only in remote storage
        retention.bytes less removes the oldest records at once; they do not come back
        retention.ms less removes the oldest records at once; they do not come back
        segment.bytes small segments are many open files on every broker
        segment.index.bytes too small an index closes segments early
        segment.ms short times make many small files on every broker
        unclean.leader.election.enable true lets a replica lead that lacks records: those are lost
        advertised.listeners clients reach the broker at these addresses only
        listeners a listener that is missing here cuts its clients off
        log.cleaner.threads too few let compacted topics grow
        log.cleanup.policy holds for every topic without its own: what was removed stays \
        removed
        log.local.retention.bytes holds for every topic without its own
        log.local.retention.ms holds for every topic without its own
        log.retention.bytes holds for every topic without its own: less removes records at once
        log.retention.ms holds for every topic without its own: less removes records at once
        log.segment.bytes holds for every topic without its own: small segments are many files
        max.connections further clients are not let in
        max.connections.per.ip further clients of one address are not let in
        max.connection.creation.rate clients that come together wait for each other
        message.max.bytes holds for every topic without its own
        num.io.threads too few let requests queue
        num.network.threads too few let requests queue
        num.replica.fetchers more fetchers take more processor and network of every leader
        follower.replication.throttled.rate replicas that are throttled may never catch up
        leader.replication.throttled.rate replicas that are throttled may never catch up
        transaction.partition.verification.enable false lets records of dead producers into \
        transactions
        """
}
