// `highwater plan` on snapshot files and on a simulated cluster over loopback.
import Glibc
import JSON
import Planning
import SimulatedCluster
import Testing
import TransportTesting

@testable import Commands

@MainActor
@Suite(.serialized, .onOwnThread) struct PlanCommandTests {
    /// Three brokers in three racks and one more in the first; t-0 and t-1 on 1, 2, 3.
    private func snapshot(_ more: String = "") throws -> ScratchFile {
        let file = try ScratchFile()
        let racks = [(1, "a"), (2, "b"), (3, "c"), (4, "a")]
        let brokers = racks.map { #"{"id":\#($0.0),"rack":"\#($0.1)","state":"answering"}"# }
        let partitions = (0..<2).map { number in
            #"{"topic":"t","partition":\#(number),"leader":1,"replicas":[1,2,3],"isr":[1,2,3],"#
                + #""replica_states":[{"broker":1,"size_bytes":100},{"broker":2,"size_bytes":100},"#
                + #"{"broker":3,"size_bytes":100}]}"#
        }
        try file.replace(
            Array(
                (#"{"schema":"highwater.snapshot","schema_version":"1.1","cluster_id":"c\u001b1","#
                    + "\(more)\"brokers\":[\(brokers.joined(separator: ","))],"
                    + "\"partitions\":[\(partitions.joined(separator: ","))]}").utf8))
        return file
    }

    @Test func aDrainIsOneDocument() throws {
        let file = try snapshot()
        let ended = try highwater("plan drain --broker 1 --from \(file.path) --throttle 10B/s")
        #expect(ended.code == 0 && ended.errors.isEmpty, "\(ended.errors)")
        let plan = try ended.document()
        #expect(
            plan.keys == [
                "schema", "schema_version", "tool_version", "kind", "arguments", "cluster_id",
                "taken_at", "hash", "planning_ms", "moves", "totals", "minimum", "ratio",
                "brokers", "waves", "eta", "refused", "warnings",
            ])
        #expect(plan["schema"]?.string == "highwater.plan" && plan["kind"]?.string == "drain")
        let move = try #require(plan["moves"]?[0])
        #expect(
            move.keys == [
                "topic", "partition", "replicas_before", "replicas_after", "leader_before",
                "leader_after", "bytes", "reason",
            ])
        #expect(plan["totals"]?["bytes"]?.integer == 200)
        #expect(plan["minimum"]?["bytes"]?.integer == 200)
        // Only broker 4 is in the same rack, and leads least.
        let after = move["replicas_after"]?.array?.compactMap(\.integer) ?? []
        #expect(Set(after) == [2, 3, 4] && move["reason"]?.string == "drain broker 1")
        #expect(plan["eta"]?["binding_broker"]?.integer == 1)
        #expect(plan["eta"]?["direction"]?.string == "out")
        #expect(ended.output.last == "\n" && !ended.output.contains("\u{1b}"))
    }

    @Test func theFormatsOfOthersAreWritten() throws {
        let file = try snapshot()
        let kafka = try highwater("plan drain --broker 1 --from \(file.path) --format kafka")
        let document = try kafka.document()
        #expect(document["version"]?.integer == 1)
        #expect(document["partitions"]?.array?.count == 2)
        #expect(document["partitions"]?[0]?.keys == ["topic", "partition", "replicas"])
        // What is written there is the plan, imported.
        let written = try ScratchFile()
        try written.replace(Array(kafka.output.utf8))
        let imported = try highwater("plan import \(written.path) --from \(file.path)").document()
        #expect(imported["totals"]?["bytes"]?.integer == 200)
        let page = try highwater("plan drain --broker 1 --from \(file.path) --format markdown")
        #expect(page.output.hasPrefix("# Plan: drain\n"))
        #expect(page.output.contains("1.00 x the least bytes (200 B)"), "\(page.output)")
        #expect(!page.output.contains("\u{1b}"))
        let target = try ScratchFile()
        let quiet = try highwater("plan drain --broker 1 --from \(file.path) -o \(target.path)")
        #expect(quiet.output.isEmpty && quiet.code == 0)
        #expect(target.text.contains("highwater.plan"))
    }

    @Test func whatCannotBeDoneIsSaid() throws {
        let file = try snapshot()
        let racks = try highwater("plan drain --broker 2 --from \(file.path)")
        #expect(racks.code == ExitCode.refused.rawValue)
        #expect(
            racks.errors
                == "highwater: nothing of it can be done: t-0: rack b has no other broker for it, "
                + "and every other rack holds a replica already: broker 2 keeps it (and 1 more)\n")
        #expect(try racks.document()["refused"]?.array?.count == 2)
        let nobody = try highwater("plan drain --broker 9 --from \(file.path)")
        #expect(nobody.code == ExitCode.refused.rawValue && nobody.output.isEmpty)
        #expect(nobody.errors.contains("there is no broker 9"))
        let topic = try highwater("plan balance --topic x* --from \(file.path)")
        #expect(topic.errors.contains("no topic is called x*"), "\(topic.errors)")
        let settled = try highwater("plan racks --from \(file.path)")
        #expect(settled.code == 0 && settled.errors.contains("nothing is needed"))
        #expect(try settled.document()["moves"]?.array?.isEmpty == true)
    }

    @Test func wrongCommandLinesAreSaid() throws {
        let file = try snapshot()
        for (words, reason) in [
            ("drain", "drain which brokers? --broker 3,4"),
            ("drain --broker 4-3", "nor a range as 901-1000 is"),
            ("balance --broker 3", "--broker is for drain, fill, relieve, not for balance"),
            ("balance --tolerance x", "--tolerance is a share such as 5%: x"),
            ("relieve --broker 1", "--to 80% of the volumes, or --to 2TB"),
            ("relieve --broker 1 --to 80", ""), ("replication", "--factor N, such as 3"),
            ("move", "move what?"), ("move t-0", "t-0 is not TOPIC-N=IDS"),
            ("move t-0=1,+2", "t-0=1,+2 is not TOPIC-N=IDS"), ("balance x", "takes no x"),
            ("leaders --throttle 0", "--throttle is bytes a second"),
        ] where !reason.isEmpty {
            let ended = try highwater("plan \(words) --from \(file.path)")
            #expect(ended.code == ExitCode.usage.rawValue, "\(words): \(ended.errors)")
            #expect(ended.errors.contains(reason), "\(words): \(ended.errors)")
        }
        let other = try ScratchFile()
        try other.replace(Array(#"{"schema":"highwater.plan"}"#.utf8))
        let strange = try highwater("plan balance --from \(other.path)")
        #expect(strange.code == ExitCode.usage.rawValue)
        #expect(strange.errors.contains("\(other.path) is no snapshot to plan from"))
        let missing = try highwater("plan balance --from /nowhere")
        #expect(missing.errors.contains("No such file"), "\(missing.errors)")
    }

    @Test func movesAreReadAsTheyAreTyped() throws {
        #expect(PlanWords.bytes("50MB") == 50_000_000 && PlanWords.bytes("1KiB") == 1_024)
        #expect(PlanWords.bytes("50M") == nil && PlanWords.bytes("-1") == nil)
        #expect(PlanWords.share("5%") == 0.05 && PlanWords.share("0.05") == 0.05)
        #expect(PlanWords.share("5") == nil && PlanWords.share("%") == nil)
        let file = try snapshot()
        let worse = try highwater("plan move t-0=1,4,3 --from \(file.path)")
        #expect(worse.code == ExitCode.refused.rawValue)
        #expect(worse.errors.contains("2 of its replicas would be in rack a"), "\(worse.errors)")
        let any = try highwater("plan move t-0=1,4,3 --any-rack --from \(file.path)").document()
        #expect(any["totals"]?["replicas"]?.integer == 1)
        let changed = try highwater("plan move t-1=-1,+4 --from \(file.path)").document()
        #expect(changed["moves"]?[0]?["replicas_after"]?[0]?.integer == 4)
    }

    /// The live cluster and its own snapshot give one plan.
    @Test func theLiveClusterIsPlannedOn() throws {
        var shape = Shape()
        shape.brokers = 4
        shape.partitions = 24
        shape.offsetsPartitions = 3
        let cluster = try LoopbackCluster(shape)
        defer { cluster.stop() }
        let live = try highwater("plan drain --broker 2 -b \(cluster.endpoints[0])")
        #expect(live.code == 0, "\(live.errors)")
        let plan = try live.document()
        #expect(plan["totals"]?["replicas"]?.integer ?? 0 > 0)
        let drained = plan["brokers"]?.array?.first { $0["id"]?.integer == 2 }
        // What cannot leave its rack is refused, and everything else leaves.
        #expect(
            drained?["replicas_after"]?.integer == plan["refused"]?.array.map { Int64($0.count) })
        let file = try ScratchFile()
        let taken = try highwater(
            "snapshot -b \(cluster.endpoints[0]) --sections brokers,partitions,log_dirs "
                + "-o \(file.path)")
        #expect(taken.code == 0, "\(taken.errors)")
        let later = try highwater("plan drain --broker 2 --from \(file.path)").document()
        #expect(later["totals"]?["replicas"] == plan["totals"]?["replicas"])
        #expect(later["cluster_id"] == plan["cluster_id"])
        let nobody = try highwater("plan balance -b 127.0.0.1:1 --timeout 1s")
        #expect(nobody.code == ExitCode.noCluster.rawValue && nobody.output.isEmpty)
    }
}
