// Replica lag held to the follower's own log file. A follower is frozen while much is written, and
// then let go under a throttle so tight that it answers but stays behind.
import Foundation
import Testing

/// One follower of two partitions, made to lag by a known number of records.
struct FollowerLag {
    var cluster: KafkaCluster
    private let topic = "lagging"
    private let partitionCount = 2
    private let rate = "follower.replication.throttled.rate"

    func check() throws {
        let follower = try findBystander(cluster)
        let leaders = cluster.brokers.map(\.id).filter { $0 != follower }
        try waitUntilWell(cluster)
        try createTopic(follower, leaders)
        _ = try cluster.write(to: [topic], rate: 5000, seconds: 1)
        try waitUntil("the follower has all", seconds: 30) {
            try readEnds(follower) == readEnds(leaders[0])
        }
        let start = try readEnds(leaders[0])
        // Not before: what it took of the first records would make it rest already.
        try throttle(follower)
        defer { try? release(follower) }
        // In ZooKeeper mode a broker hears of a config by a watch; nothing tells when it has.
        sleep(2)

        try cluster.send("stop", to: follower)
        defer { try? cluster.send("cont", to: follower) }
        // Longer than replica.lag.time.max.ms: a follower in sync is not throttled. More than it
        // takes before it rests.
        let written = try cluster.write(to: [topic], rate: 40_000, seconds: 4)
        try #require(written.unanswered == 0)
        try #require(readEnds(follower) == start)
        let ends = try readEnds(leaders[0])
        try #require(sum(ends) - sum(start) == written.records)
        // A frozen broker's lag is not known; nobody else can tell it.
        let frozen = try Highwater.snapshot(cluster.bootstrap)
        #expect(frozen.ended.exitCode == ExitCode.partial)
        for row in rows(frozen.document) {
            #expect(row.logEndOffset == ends[row.partition])
            #expect(row.replica(follower)?.lag == nil)
            #expect(row.replica(follower)?.logEndOffset == nil)
        }

        try cluster.send("cont", to: follower)
        try checkExactLag(follower, ends, written)
        try release(follower)
        try waitUntilWell(cluster)
        let well = rows(try Highwater.snapshot(cluster.bootstrap).document)
        #expect(well.count == partitionCount)
        for row in well {
            #expect(row.replica(follower)?.logEndOffset == ends[row.partition])
            #expect(row.replica(follower)?.lag == 0)
            #expect(row.replica(follower)?.inSync == true)
        }
    }

    /// The throttled follower fetches about a megabyte and then rests for ten seconds: a snapshot
    /// in a rest must tell its end to the record.
    private func checkExactLag(_ follower: Int, _ ends: [Int], _ written: Written) throws {
        var isCompared = false
        try waitUntil("a snapshot while the follower rests", seconds: 60) {
            let before = try readEnds(follower)
            let taken = try Highwater.snapshot(cluster.bootstrap)
            let found = rows(taken.document)
            guard try readEnds(follower) == before,
                found.allSatisfy({ $0.replica(follower)?.logEndOffset != nil })
            else { return false }
            #expect(found.count == partitionCount)
            for row in found {
                let state = row.replica(follower)
                let lag = ends[row.partition] - before[row.partition]
                try #require(lag > 0, "the throttle did not hold")
                #expect(row.logEndOffset == ends[row.partition])
                #expect(state?.logEndOffset == before[row.partition])
                #expect(state?.lag == lag)
                #expect(state?.inSync == row.isr.contains(follower))
                for other in row.replicaStates where other.broker != follower {
                    #expect(other.lag == 0)
                }
            }
            let lag = found.compactMap { $0.replica(follower)?.lag }.reduce(0, +)
            #expect(lag > 0 && lag <= written.records)
            isCompared = true
            return true
        }
        #expect(isCompared)
    }

    private func createTopic(_ follower: Int, _ leaders: [Int]) throws {
        let assignment = [leaders, leaders.reversed()].map {
            ($0 + [follower]).map(String.init).joined(separator: ":")
        }
        try cluster.tool(
            "kafka-topics", "--create", "--topic", topic, "--replica-assignment",
            assignment.joined(separator: ","))
    }

    private func throttle(_ follower: Int) throws {
        try cluster.alterBroker(follower, rate, "1")
        // A broker may hear of a new topic later than the one that made it.
        try waitUntil("a throttle for \(topic)", seconds: 20) {
            let throttled = "0:\(follower),1:\(follower)"
            let name = "follower.replication.throttled.replicas"
            return (try? cluster.alterTopic(topic, name, throttled)) != nil
        }
    }

    /// A broker that stood still may have lost its session with the ensemble: until it has a new
    /// one it answers UNKNOWN_SERVER_ERROR.
    private func release(_ follower: Int) throws {
        try waitUntil("broker \(follower) takes its throttle off", seconds: 30) {
            (try? cluster.alterBroker(follower, rate, nil)) != nil
        }
    }

    private func rows(_ document: SnapshotDocument) -> [SnapshotDocument.Partition] {
        (document.partitions ?? []).filter { $0.topic == topic }
    }

    private func sum(_ ends: [Int]) -> Int { ends.reduce(0, +) }

    /// The ends of both partitions on a broker's disk.
    private func readEnds(_ broker: Int) throws -> [Int] {
        let broker = try cluster.broker(broker)
        return try (0..<partitionCount).map { partition in
            guard let log = LogOnDisk(broker, topic: topic, partition: partition) else {
                throw HarnessError("broker \(broker.id) has no \(topic)-\(partition)")
            }
            return try log.readEnd()
        }
    }
}
