// Links that are slow, answers that are odd and addresses that lead elsewhere, on real clusters:
// through `kafka-link` and `kafka-odd`, with an address map as operators write it.
import Foundation
import Synchronization
import Testing

/// One of the relays of the scripts between the product and some of a cluster's brokers.
private final class Relay {
    private let process: ChildProcess
    /// The value of `highwater.address.map`.
    let map: String
    /// Where a link takes orders.
    private let control: String

    /// - Parameter words: the script's name and what comes before the addresses.
    init(_ words: [String], to brokers: [KafkaCluster.Broker]) throws {
        let addresses = brokers.map { "\($0.host):\($0.port)" }.joined(separator: ",")
        let script = KafkaScripts.folder + "/" + words[0]
        let process = try ChildProcess(
            [KafkaScripts.load[0], script] + words.dropFirst() + [addresses])
        var map: String?
        var control: String?
        let isLink = words[0] == "kafka-link"
        do {
            try waitUntil("the relay's addresses", seconds: 30) {
                map = process.output.split(separator: "\n").first { $0.hasPrefix("MAP=") }
                    .map { String($0.dropFirst(4)) }
                control = process.output.split(separator: "\n")
                    .first { $0.hasPrefix("CONTROL=") }.map { String($0.dropFirst(8)) }
                return isLink ? control != nil : process.output.contains("BOOTSTRAP=")
            }
        } catch {
            process.end()
            throw error
        }
        self.process = process
        self.map = map ?? ""
        self.control = control ?? ""
    }

    /// Changes the link.
    func set(_ values: String) throws {
        let script = KafkaScripts.folder + "/kafka-link"
        _ = try ChildProcess([KafkaScripts.load[0], script, "--say", control, "set \(values)"])
            .wait(seconds: 20)
    }

    func end() { process.end() }
}

/// What is right, whatever lies between.
struct Relays {
    let cluster: KafkaCluster

    /// `snapshot` with this address map, and what it printed.
    private func snapshot(_ map: String, _ more: String...) throws -> ChildProcess.Ended {
        let folder = try makeTemporaryFolder("map")
        defer { _ = try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/client.properties"
        try "highwater.address.map=\(map)\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        return try Highwater.run(
            ["snapshot", "-b", cluster.bootstrap, "--command-config", file] + more, limit: 90)
    }

    private func document(_ ended: ChildProcess.Ended) throws -> SnapshotDocument {
        try SnapshotDocument(json: Data(ended.output.utf8))
    }

    /// One broker's tunnel leads to what says it is another cluster.
    func checkAnotherCluster() throws {
        let id = try cluster.readClusterID()
        let first = id.first == "Z" ? Character("Y") : "Z"
        let other = String(first) + id.dropFirst()
        #expect(id != other)
        let relay = try Relay(["kafka-odd", "rename:\(id)=\(other)"], to: [cluster.brokers[1]])
        defer { relay.end() }
        let ended = try snapshot(relay.map)
        #expect(ended.exitCode == ExitCode.nothingKnown && ended.output.isEmpty)
        #expect(ended.errors.contains(id) && ended.errors.contains(other), "\(ended.errors)")
    }

    /// Two brokers at one address: neither's facts are the other's.
    func checkTwoAtOneAddress() throws {
        let (first, second) = (cluster.brokers[0], cluster.brokers[1])
        let ended = try snapshot(
            "\(second.host):\(second.port)=\(first.host):\(first.port)")
        #expect(ended.exitCode == ExitCode.partial, "\(ended.errors)")
        let told = try document(ended)
        #expect(told.errors.contains { $0.broker == second.id && $0.code == "WRONG_BROKER" })
        #expect(told.logDirs?.contains { $0.broker == first.id } == true)
        #expect(told.logDirs?.contains { $0.broker == second.id } == false)
        for partition in told.partitions ?? [] {
            for replica in partition.replicaStates where replica.broker == second.id {
                #expect(replica.logEndOffset == nil)
            }
        }
    }

    /// Bytes behind every valid answer are passed over.
    func checkTrailingBytes() throws {
        let relay = try Relay(["kafka-odd", "trail"], to: cluster.brokers)
        defer { relay.end() }
        let ended = try snapshot(relay.map)
        #expect(ended.exitCode == ExitCode.complete, "\(ended.errors)")
        #expect(try document(ended).complete)
    }

    /// A slow link far away is slower and not silent.
    func checkSlowLink() throws {
        let relay = try Relay(["kafka-link", "--to"], to: cluster.brokers)
        defer { relay.end() }
        try relay.set("latency=0.2 rate=256000")
        let ended = try snapshot(relay.map, "--timeout", "60s")
        #expect(ended.exitCode == ExitCode.complete, "\(ended.errors)")
        #expect(try document(ended).complete)
    }

    /// 128 KB/s whose answers come up to two seconds late: slower, and whole.
    func checkUnevenLink() throws {
        let relay = try Relay(["kafka-link", "--to"], to: cluster.brokers)
        defer { relay.end() }
        try relay.set("jitter=2 rate=128000")
        let ended = try snapshot(relay.map, "--timeout", "60s")
        #expect(ended.exitCode == ExitCode.complete, "\(ended.errors)")
        #expect(try document(ended).complete)
    }

    /// What another thread has found out, once it has.
    private final class Finding: Sendable {
        private let result = Mutex<Result<ChildProcess.Ended, any Error>?>(nil)

        init(_ work: @escaping @Sendable () throws -> ChildProcess.Ended) {
            Thread { [self] in
                let done = Result { try work() }
                result.withLock { $0 = done }
            }.start()
        }

        func wait(for what: String, seconds: Double) throws -> ChildProcess.Ended {
            try waitUntil(what, seconds: seconds) { result.withLock { $0 } != nil }
            return try #require(result.withLock { $0 }).get()
        }
    }

    /// Nothing comes down a link for 20 s: asked for 60 s, the snapshot waits.
    @Sendable private func stall() throws -> ChildProcess.Ended {
        let relay = try Relay(["kafka-link", "--to"], to: cluster.brokers)
        defer { relay.end() }
        // Far away, so that the stall comes in the middle of it.
        try relay.set("latency=0.5")
        let map = relay.map
        let taken = Finding { try snapshot(map, "--timeout", "60s") }
        // The stall itself is a time: it is the fault that is tried.
        usleep(1_500_000)
        try relay.set("stall=down")
        usleep(20_000_000)
        try relay.set("stall=none")
        return try taken.wait(for: "the snapshot over the link that stalled", seconds: 100)
    }

    private func checkStalled(_ trial: Finding) throws {
        let ended = try trial.wait(for: "the trial of the link that stalls", seconds: 150)
        #expect(ended.seconds > 15, "it was over before the stall")
        #expect(ended.exitCode == ExitCode.complete, "\(ended.errors)")
        #expect(try document(ended).complete)
    }

    /// A commit past the log's end is no lag of 0, and no gap.
    func checkCommitBeyondTheEnd() throws {
        let commit = """
            import runpy, sys
            script, bootstrap = sys.argv[1:]
            Cluster = runpy.run_path(script)["Cluster"]
            Cluster(bootstrap).commit("beyond", "orders0", {0: 50000000})
            """
        let ended = try ChildProcess(
            [KafkaScripts.load[0], "-c", commit, KafkaScripts.load[1], cluster.internalAddresses]
        ).wait(seconds: 60)
        #expect(ended.exitCode == 0, "\(ended.errors)")
        defer {
            _ = try? cluster.tool("kafka-consumer-groups", "--delete", "--group", "beyond")
        }
        let taken = try Highwater.snapshot(cluster.bootstrap)
        #expect(taken.ended.exitCode == ExitCode.complete, "\(taken.ended.errors)")
        let group = taken.document.groups?.first { $0.id == "beyond" }
        let offset = group?.partitions?.first
        #expect(offset?.committedOffset == 50_000_000)
        let end = offset?.logEndOffset ?? 0
        #expect(end > 0 && offset?.committedBeyondEnd == 50_000_000 - end)
    }

    func check() throws {
        try waitUntilWell(cluster)
        // The longest by far, and nobody else's link.
        let stalled = Finding { try stall() }
        try checkAnotherCluster()
        try checkTwoAtOneAddress()
        try checkTrailingBytes()
        try checkCommitBeyondTheEnd()
        try checkSlowLink()
        try checkUnevenLink()
        try checkStalled(stalled)
    }
}

extension Live.KRaft {
    @Test func addressesAndLinksAreNotTrusted() throws {
        try Relays(cluster: currentCluster()).check()
    }
}

extension Live.ZooKeeperMode {
    @Test func addressesAndLinksAreNotTrusted() throws {
        try Relays(cluster: currentCluster()).check()
    }
}
