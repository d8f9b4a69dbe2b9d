// A KRaft cluster of three brokers in three racks with two log directories each, shared by all of
// these tests; each leaves it well again.
import Foundation
import Testing

extension Live {
    @Suite(
        .serialized,
        WithCluster(
            options: .init(
                racks: "a,b,c", logDirs: 2,
                settings: [
                    // A frozen follower leaves the ISR while the test still watches; a frozen
                    // broker keeps its leaderships for as long as a snapshot takes.
                    "replica.lag.time.max.ms": "4000", "broker.session.timeout.ms": "10000",
                ]),
            prepare: PausedTraffic.prepare))
    struct KRaft {
        @Test func factsEqualWhatKafkasToolsPrint() throws {
            try PausedTraffic.compare(currentCluster())
        }

        /// Groups read together equal each read alone.
        @Test func allGroupsEqualEachGroupAskedAlone() throws {
            let cluster = try currentCluster()
            let document = try Highwater.snapshot(cluster.bootstrap).document
            var differences = Differences()
            let groups = ["job3", PausedTraffic.classicGroup, PausedTraffic.consumerGroup]
            try cluster.runAhead(
                groups.map { ["kafka-consumer-groups", "--describe", "--group", $0] })
            for group in groups {
                let alone = try cluster.describeOffsets(of: [group])
                Truth.compareOffsets(of: group, alone[group] ?? [:], document, &differences)
            }
            differences.expectNone(atLeast: 29, "groups together and alone")
        }

        @Test func documentFollowsTheSchema() throws {
            let cluster = try currentCluster()
            let ended = try Highwater.run(["snapshot", "-b", cluster.bootstrap])
            #expect(try Schema.findMissingFields(Data(ended.output.utf8)) == [])
            let document = try SnapshotDocument(json: Data(ended.output.utf8))
            #expect(document.schemaVersion == "1.1")
            #expect(!document.toolVersion.isEmpty)
            // RFC 3339 in UTC: 2026-01-31T12:00:00Z, with or without a fraction.
            #expect(document.takenAt.contains("T") && document.takenAt.hasSuffix("Z"))
        }

        @Test func sectionsAndOutputAreHonoured() throws {
            let cluster = try currentCluster()
            let few = try Highwater.snapshot(cluster.bootstrap, "--sections", "brokers,topics")
            #expect(few.ended.exitCode == ExitCode.complete)
            #expect(few.document.brokers?.count == 3)
            #expect((few.document.topics?.count ?? 0) >= 4)
            // Not asked for is not the same as none.
            #expect(few.document.partitions == nil && few.document.groups == nil)

            let folder = try makeTemporaryFolder("output")
            defer { _ = try? FileManager.default.removeItem(atPath: folder) }
            let file = folder + "/cluster.json"
            let ended = try Highwater.run(["snapshot", "-b", cluster.bootstrap, "--output", file])
            #expect(ended.exitCode == ExitCode.complete)
            #expect(ended.output.isEmpty)
            let written = try SnapshotDocument(json: Data(contentsOf: URL(fileURLWithPath: file)))
            #expect(written.complete)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left == ["cluster.json"])
        }

        /// A bootstrap list may name brokers that are gone.
        @Test func oneGoodAddressOfManyIsEnough() throws {
            let cluster = try currentCluster()
            let good = "\(cluster.brokers[2].host):\(cluster.brokers[2].port)"
            let taken = try Highwater.snapshot("127.0.0.1:1,nowhere.invalid:9092,\(good)")
            #expect(taken.ended.exitCode == ExitCode.complete)
            #expect(taken.document.complete)
            #expect(taken.document.brokers?.count == 3)
        }

        @Test func frozenBrokerCostsOnlyWhatItAloneKnows() throws {
            let cluster = try currentCluster()
            let frozen = try findBystander(cluster)
            try waitUntilWell(cluster)
            let before = try Highwater.snapshot(cluster.bootstrap).document
            try cluster.send("stop", to: frozen)
            defer { try? cluster.send("cont", to: frozen) }
            let ill = try Highwater.snapshot(cluster.bootstrap)
            #expect(ill.ended.seconds < Illness.limitSeconds)
            Illness(broker: frozen, before: before).check(ill, states: ["silent"])
            try cluster.send("cont", to: frozen)
            try waitUntilWell(cluster)
        }
    }
}
