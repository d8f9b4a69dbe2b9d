// The simulated cluster is held beside a real one of the same release: the same requests, answers
// of the same kind. And Kafka's own tools take it for a cluster.
import Foundation
import SimulatedCluster
import Testing
import Transport

enum Honesty {
    /// The whole script.
    static func run(_ cluster: HonestCluster) throws {
        try cluster.clearTopic()
        try cluster.move([[1, 2], [2, 3], [3, 1]])
        try cluster.readVersions()
        try cluster.readMetadata()
        try cluster.readOffsets()
        try cluster.readGroups()
        try cluster.readLogDirs()
        try cluster.tryConfigs()
        try cluster.setConfigs()
        try cluster.elect()
        try cluster.reassign()
    }

    /// A simulated cluster like the real ones of the live tests.
    static func simulated(
        _ release: Release, isZooKeeper: Bool, logDirs: Int
    ) throws -> LoopbackCluster {
        var shape = Shape()
        shape.volumesPerBroker = logDirs
        shape.brokers = 3
        shape.partitions = 60
        shape.groups = 80
        shape.release = release
        shape.coordination = isZooKeeper ? .zookeeper : .kraft
        return try LoopbackCluster(shape)
    }

    static func compare(
        port: UInt16, busy: String, quiet: String, release: Release, isZooKeeper: Bool,
        logDirs: Int, groups: HonestCluster.Groups? = nil
    ) throws {
        let real = try HonestCluster(
            port: port, busy: busy, quiet: quiet, isZooKeeper: isZooKeeper)
        try run(real)
        try real.move([[1, 2, 3], [2, 3, 1], [3, 1, 2]])
        let served = try simulated(release, isZooKeeper: isZooKeeper, logDirs: logDirs)
        defer { served.stop() }
        let simulated = try HonestCluster(
            port: served.endpoints[0].port, busy: "orders.created", quiet: "payments.updated",
            isZooKeeper: isZooKeeper)
        try run(simulated)
        if var groups {
            let likewise = try simulated.findGroups()
            if likewise.consumer == nil { groups.consumer = nil }
            try real.readMembers(groups)
            try simulated.readMembers(likewise)
        }
        var differences = Differences()
        let told = Dictionary(simulated.told, uniquingKeysWith: { first, _ in first })
        // The simulation lists what it plays and nothing else, in the versions of the real one.
        let isListed = { (step: String) in !step.hasPrefix("version of") || told[step] != nil }
        #expect(told.keys.count { $0.hasPrefix("version of") } > 20)
        for (step, truth) in real.told where isListed(step) {
            differences.compare(step, told[step] ?? "nothing", truth)
        }
        let truth = try real.brokerConfigs()
        for (name, text) in try simulated.brokerConfigs() where truth[name] != nil {
            differences.compare("broker config \(name)", text, truth[name] ?? "")
        }
        if ProcessInfo.processInfo.environment["HIGHWATER_HONEST"] != nil {
            for line in differences.found { print(line) }
        }
        differences.expectNone(atLeast: 300, "simulated and real answers")
    }

    static func compare(_ cluster: KafkaCluster) throws {
        let isZooKeeper = cluster.options.mode == "zookeeper"
        try compare(
            port: UInt16(cluster.brokers[0].port), busy: PausedTraffic.topics[2],
            quiet: "quiet.topic_with-all-signs",
            release: isZooKeeper ? .v39 : .v43, isZooKeeper: isZooKeeper,
            logDirs: cluster.options.logDirs,
            groups: HonestCluster.Groups(
                classic: PausedTraffic.classicGroup, empty: "job3",
                consumer: isZooKeeper ? nil : PausedTraffic.consumerGroup))
        try waitUntilWell(cluster)
    }
}

extension Live.KRaft {
    @Test func simulationAnswersAsThisCluster() throws { try Honesty.compare(currentCluster()) }
}

extension Live.ZooKeeperMode {
    @Test func simulationAnswersAsThisCluster() throws { try Honesty.compare(currentCluster()) }
}

/// For a cluster that runs already: HIGHWATER_HONEST=port,busy topic,quiet topic,release[,zk].
@Suite(.enabled(if: ProcessInfo.processInfo.environment["HIGHWATER_HONEST"] != nil))
struct HonestyByHand {
    @Test func simulationAnswersAsThisCluster() throws {
        let words = (ProcessInfo.processInfo.environment["HIGHWATER_HONEST"] ?? "")
            .split(separator: ",").map(String.init)
        guard words.count >= 4, let port = UInt16(words[0]),
            let release = Release(rawValue: words[3])
        else { return }
        try Honesty.compare(
            port: port, busy: words[1], quiet: words[2], release: release,
            isZooKeeper: words.count > 4, logDirs: words.count > 4 ? 1 : 2)
    }
}
