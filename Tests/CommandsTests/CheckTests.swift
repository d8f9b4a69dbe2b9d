// `highwater check` and `highwater wait` on simulated clusters over loopback.
import ClusterModel
import Glibc
import JSON
import Operations
import SimulatedCluster
import Testing
import Transport
import TransportTesting

@testable import Commands

@MainActor
@Suite(.serialized, .onOwnThread) struct CheckTests {
    private func shape() -> Shape {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = 24
        shape.offsetsPartitions = 3
        shape.groups = 2
        return shape
    }

    private func run(_ line: String) throws -> Ended {
        let cluster = try LoopbackCluster(shape())
        defer { cluster.stop() }
        return try highwater("\(line) -b \(cluster.endpoints[0])")
    }

    @Test func theRulesDecideTheExitCode() throws {
        let cluster = try LoopbackCluster(shape())
        defer { cluster.stop() }
        let address = "\(cluster.endpoints[0])"
        let rules = "--rules offline,under_min_isr,under_replicated"
        let well = try highwater("check \(rules) -b \(address)")
        #expect(well.code == 0, "\(well.output) \(well.errors)")
        #expect(well.output == "OK: nothing found wrong, of 3 rules\n")
        let line = try highwater("check \(rules) --format nagios -b \(address)").output
        #expect(
            line == "KAFKA OK - nothing found wrong | offline=0 under_min_isr=0 "
                + "under_replicated=0\n")
    }

    /// Its followers stay listed in sync for a while: who does not answer is what counts.
    @Test func aLostBrokerIsCriticalAndTheOthersMayNotStop() throws {
        var shape = shape()
        shape.scenario = .brokerLost
        shape.storyAtSeconds = 0
        let cluster = try LoopbackCluster(shape)
        defer { cluster.stop() }
        let address = "\(cluster.endpoints.map(\.description).joined(separator: ","))"
        let ill = try repeatUntil {
            try highwater("check --format json -b \(address)")
        } holds: {
            $0.code == ExitCode.critical.rawValue
        }
        let document = try ill.document()
        #expect(ill.code == ExitCode.critical.rawValue, "\(ill.output)")
        #expect(document["state"]?.string == "critical")
        let findings = try #require(document["findings"]?.array)
        #expect(findings.contains { $0["subject"]?["kind"]?.string == "broker" }, "\(ill.output)")
        #expect(
            (document["counts"]?["critical"]?.integer ?? 0)
                == Int64(findings.count { $0["severity"]?.string == "critical" }))
        // As snapshots have it.
        #expect(findings.allSatisfy { $0["evidence"] != nil && $0["caused_by"] != nil })
        let broker = try #require(findings.first { $0["rule"]?.string == "brokers_ill" })
        #expect(broker["evidence"]?["replicas"]?.integer ?? 0 > 0)
        #expect(broker["key"]?.string == "Enter")
        #expect(broker["unwritable_partitions"]?.integer != nil)
        try whatIsInMaintenanceDoesNotCry(
            broker["subject"]?["name"]?.string ?? "", document, address)
        // Only what is asked for counts; with a broker away not all is known.
        let few = try highwater("check --rules rack_spread --format nagios -b \(address)")
        #expect(few.code == ExitCode.unknown.rawValue, "\(few.output)")
        #expect(few.output.hasPrefix("KAFKA UNKNOWN - nothing found wrong: "), "\(few.output)")
        let states = try (1...3).map {
            try highwater("check --safe-to-stop \($0) -b \(address)")
        }
        #expect(
            states.count { $0.output.contains("may not be stopped now; ") } >= 2,
            "\(states.map(\.output))")
        let waiting = try highwater(
            "wait --until safe-to-stop:1,2,3 --timeout 1s -b \(address)")
        #expect(waiting.code == 1 || waiting.code == 3, "\(waiting.errors)")
        #expect(waiting.errors.contains("does not hold after 1 s"), "\(waiting.errors)")
        // Metadata may still list what it held as in sync: it does not answer.
        let inSync = try highwater("wait --until no-urp --timeout 1s -b \(address)")
        #expect(inSync.code == 1 || inSync.code == 3, "\(inSync.errors)")
    }

    /// As the console writes it down: counted, named, and no alarm any more.
    private func whatIsInMaintenanceDoesNotCry(
        _ broker: String, _ before: JSONValue, _ address: String
    ) throws {
        let state = try ScratchFile()
        let folder = state.path + ".state"
        defer { _ = rmTree(folder) }
        let cluster = try #require(before["cluster_id"]?.string)
        let id = try #require(Int32(broker))
        let now = LocalClock.wallMs
        let store = MaintenanceStore.folder(folder + "/highwater")
        try store.set(
            Maintenance.Entry(
                .broker(BrokerID(id)), by: "ann", since: WallTime(ms: now - 1_000),
                until: WallTime(ms: now + 3_600_000), note: "new disk"), cluster)
        let environment = ["XDG_STATE_HOME": folder]
        let calm = try highwater("check --format json -b \(address)", environment: environment)
        let document = try calm.document()
        #expect(document["counts"]?["critical"]?.integer == 0, "\(calm.output)")
        #expect(document["maintenance"]?[0]?["by"]?.string == "ann")
        let text = try highwater("check -b \(address)", environment: environment)
        #expect(text.output.contains("1 in maintenance"), "\(text.output)")
        #expect(text.output.contains("in maintenance  broker \(id)  by ann, "), "\(text.output)")
        let snapshot = try highwater("snapshot -b \(address)", environment: environment).document()
        let ill = try #require(
            snapshot["findings"]?.array?.first { $0["rule"]?.string == "brokers_ill" })
        #expect(ill["in_maintenance"]?.bool == true && ill["severity"]?.string == "notice")
        #expect(snapshot["maintenance"]?[0]?["note"]?.string == "new disk")
    }

    @Test func limitsComeFromSettings() throws {
        let file = try ScratchFile()
        let folder = file.path + ".config"
        defer { _ = rmTree(folder) }
        #expect(mkdir(folder, 0o700) == 0 && mkdir(folder + "/highwater", 0o700) == 0)
        func write(_ text: String) throws {
            let stream = try #require(fopen(folder + "/highwater/limits.properties", "w"))
            fputs(text, stream)
            fclose(stream)
        }
        let environment = ["XDG_CONFIG_HOME": folder]
        try write("highwater.limit.volume.full=70\n")
        let shown = try highwater("check --limits -b h:1", environment: environment)
        #expect(shown.code == 0, "\(shown.errors)")
        #expect(
            shown.output.contains("highwater.limit.volume.full ")
                && shown.output.contains("  70 % (by itself 85 %)"),
            "\(shown.output)")
        #expect(shown.output.contains("limits.properties:1; source: MSK"), "\(shown.output)")
        try write("highwater.limit.volume.full=170\n")
        for line in ["check -b h:1", "snapshot -b h:1", "wait --until no-urp -b h:1"] {
            let refused = try highwater(line, environment: environment)
            #expect(refused.code == 2 || refused.code == 3)
            #expect(
                refused.errors.contains(
                    "limits.properties:1:1: highwater.limit.volume.full: 170 is not a number of "
                        + "percent from 1 % to 100 %"), "\(refused.errors)")
        }
        try write("highwater.limit.volume.full=97\n")
        let crossed = try highwater("check --limits -b h:1", environment: environment)
        #expect(crossed.errors.contains("more than highwater.limit.volume.critical, 95 %"))
    }

    /// A simulated story begins a moment after its cluster.
    private func repeatUntil(
        _ run: () throws -> Ended, holds: (Ended) -> Bool
    ) throws -> Ended {
        var ended = try run()
        for _ in 0..<20 where !holds(ended) { ended = try run() }
        return ended
    }

    @Test func whatIsWrongOnTheCommandLineIsUnknown() throws {
        for line in [
            "check --rules nosuch -b h:1", "check --safe-to-stop rack: -b h:1",
            "check --for 0 -b h:1", "check --format xml -b h:1", "check --nosuch",
            "check -b 127.0.0.1:1 --timeout 1s",
        ] {
            let ended = try highwater(line)
            #expect(ended.code == ExitCode.unknown.rawValue, "\(line)")
            #expect(ended.errors.hasPrefix("highwater: "), "\(line): \(ended.errors)")
        }
    }

    @Test func onlyOneBrokerMayStop() throws {
        let one = try run("check --safe-to-stop broker:3")
        #expect(one.code == 0 && one.output.hasPrefix("OK: broker 3 may be stopped now\n"))
        let two = try run("check --safe-to-stop broker:3,broker:2 --format json")
        let document = try two.document()
        #expect(two.code == ExitCode.critical.rawValue)
        #expect(document["safe_to_stop"]?.bool == false)
        #expect(document["under_min_isr"]?.array?.isEmpty == false)
        let gone = try run("check --safe-to-stop broker:9")
        #expect(gone.code == 3 && gone.errors.contains("there is no broker 9"))
        // A rack is its brokers: each of three has one here, and two replicas of three are enough.
        let nowhere = try run("check --safe-to-stop rack:nowhere")
        #expect(nowhere.code == 3 && nowhere.errors.contains("there is no rack nowhere"))
        let name = try #require(
            nowhere.errors.split(separator: " ").last { $0.contains("-") && $0.count > 3 })
        let rack = String(name.filter { !$0.isNewline })
        let racked = try run("check --safe-to-stop rack:\(rack)")
        #expect(racked.code == 0, "\(racked.output) \(racked.errors)")
        #expect(racked.output.hasPrefix("OK: rack \(rack) (broker "), "\(racked.output)")
        let both = try run("check --safe-to-stop rack:\(rack),1,2,3 --format json")
        #expect(try both.document()["racks"]?[0]?.string == String(rack))
        #expect(both.code == ExitCode.critical.rawValue)
    }

    @Test func waitEndsWhenItHolds() throws {
        for condition in ["no-urp", "no-reassignment", "safe-to-stop:3"] {
            let ended = try run("wait --until \(condition) --timeout 60s")
            #expect(ended.code == 0, "\(condition): \(ended.errors)")
            #expect(ended.output == "\(condition) holds\n")
        }
        let late = try run("wait --until group-caught-up:nobody --timeout 2s")
        #expect(late.code == 1, "\(late.errors)")
        #expect(late.errors.contains("there is no group nobody"))
        for line in ["wait", "wait --until lunch", "wait --until safe-to-stop:x"] {
            #expect(try highwater("\(line) -b h:1").code == ExitCode.usage.rawValue)
        }
    }
}
