// `highwater snapshot` on simulated clusters over loopback, and files that are whole or not there.
import Glibc
import JSON
import SimulatedCluster
import Testing
import TransportTesting

@testable import Commands

@MainActor
@Suite(.serialized, .onOwnThread) struct SnapshotTests {
    private func shape() -> Shape {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = 12
        shape.offsetsPartitions = 3
        shape.groups = 2
        return shape
    }

    private func snapshot(_ shape: Shape, _ more: String = "") throws -> Ended {
        let cluster = try LoopbackCluster(shape)
        defer { cluster.stop() }
        return try highwater("snapshot -b \(cluster.endpoints[0]) \(more)")
    }

    @Test func aWholeClusterIsOneCompleteDocument() throws {
        let ended = try snapshot(shape())
        #expect(ended.code == 0, "\(ended.errors)")
        let document = try ended.document()
        #expect(document["complete"]?.bool == true)
        #expect(document["brokers"]?.array?.count == 3)
        #expect(document["groups"]?.array?.count == 2)
        #expect(ended.output.last == "\n" && ended.errors.isEmpty)
    }

    @Test func onlyTheSectionsAskedForAreWritten() throws {
        let document = try snapshot(shape(), "--sections topics,brokers --pretty").document()
        #expect(document["topics"]?.array?.isEmpty == false)
        #expect(document["groups"] == nil && document["partitions"] == nil)
    }

    @Test func whatIsRefusedMakesItPartial() throws {
        var shape = shape()
        shape.access.deniesCluster = true
        let ended = try snapshot(shape)
        #expect(ended.code == ExitCode.partial.rawValue)
        // The reason, not what KRaft never tells: that explains nulls and is missing nowhere.
        let document = try ended.document()
        #expect(document["complete"]?.bool == false)
        let errors = try #require(document["errors"]?.array)
        let first = try #require(errors.first?["message"]?.string)
        #expect(
            ended.errors
                == "highwater: the snapshot is partial: \(first) (and \(errors.count - 1) more in "
                + "\"errors\")\n")
        #expect(first.contains("not allowed on the cluster (CLUSTER_AUTHORIZATION_FAILED)"))
        #expect(errors.allSatisfy { $0["code"]?.string != "NOT_TOLD" })
        #expect(document["notes"]?.array?.map { $0["code"]?.string } == ["NOT_TOLD"])
    }

    /// Two clusters in one list of addresses, whichever answers first.
    @Test func twoClustersAreNoSnapshot() throws {
        var other = shape()
        other.seed = 9
        let (first, second) = (try LoopbackCluster(shape()), try LoopbackCluster(other))
        defer {
            first.stop()
            second.stop()
        }
        for list in [[first, second], [second, first]] {
            let addresses = list.map { "\($0.endpoints[0])" }.joined(separator: ",")
            let ended = try highwater("snapshot -b \(addresses)")
            #expect(ended.code == ExitCode.noCluster.rawValue && ended.output.isEmpty)
            #expect(ended.errors.contains("no snapshot of two clusters"), "\(ended.errors)")
            for cluster in [shape(), other].map(clusterID) {
                #expect(ended.errors.contains(cluster), "\(ended.errors)")
            }
        }
    }

    private func clusterID(_ shape: Shape) -> String {
        Machine(shape, startNs: 0).clusterID
    }

    /// A rule of the address map leads two brokers to one: neither is told as the other.
    @Test func aMapThatLeadsTwoBrokersToOneIsSaid() throws {
        let cluster = try LoopbackCluster(shape())
        defer { cluster.stop() }
        let settings = try ScratchFile()
        try settings.replace(
            Array("highwater.address.map=\(cluster.endpoints[1])=\(cluster.endpoints[0])\n".utf8))
        let ended = try highwater(
            "snapshot -b \(cluster.endpoints[0]) --command-config \(settings.path)")
        #expect(ended.code == ExitCode.partial.rawValue, "\(ended.errors)")
        let document = try ended.document()
        let codes = document["errors"]?.array?.filter { $0["broker"]?.integer == 2 }
            .compactMap { $0["code"]?.string }
        #expect(codes?.contains("WRONG_BROKER") == true)
        #expect(ended.errors.contains("broker 1 answers at its address"), "\(ended.errors)")
        let replicas =
            document["partitions"]?.array?.flatMap {
                $0["replica_states"]?.array ?? []
            } ?? []
        let second = replicas.filter { $0["broker"]?.integer == 2 }
        #expect(!second.isEmpty && second.allSatisfy { $0["log_end_offset"]?.integer == nil })
        let dirs = document["log_dirs"]?.array?.map { $0["broker"]?.integer }
        #expect(dirs?.contains(1) == true && dirs?.contains(2) == false)
    }

    @Test func nobodyThereIsSaidWithTheAddress() throws {
        // Port 1 of loopback: refused at once.
        let ended = try highwater("snapshot -b 127.0.0.1:1 --timeout 1s")
        #expect(ended.code == ExitCode.noCluster.rawValue)
        #expect(ended.errors.contains("127.0.0.1:1"), "\(ended.errors)")
        #expect(try ended.document()["complete"]?.bool == false)
    }

    @Test func aFileIsReplacedOrStays() throws {
        let file = try ScratchFile()
        try toFiles.write(file.path) { sink in try Array("new".utf8).withUnsafeBytes(sink) }
        #expect(file.text == "new\n")
        struct Stopped: Error {}
        #expect(throws: Stopped.self) {
            try toFiles.write(file.path) { sink in
                try Array("half".utf8).withUnsafeBytes(sink)
                throw Stopped()
            }
        }
        #expect(file.text == "new\n")
        let cluster = try LoopbackCluster(shape())
        defer { cluster.stop() }
        let line = "snapshot -b \(cluster.endpoints[0]) --sections brokers --output "
        let refused = try highwater(line + "/nonexistent/now.json")
        #expect(refused.code == ExitCode.cannotRun.rawValue)
        #expect(refused.errors.contains("could not be written to /nonexistent/now.json"))
        #expect(try highwater(line + file.path).code == 0)
        #expect(try JSONValue(parsing: file.text)["brokers"]?.array?.count == 3)
    }

    /// What an earlier version left behind is no business of this one; its own is cleared away.
    @Test func aFailedFileLeavesNothingBeside() throws {
        let file = try ScratchFile()
        struct Stopped: Error {}
        try? toFiles.write(file.path) { _ in throw Stopped() }
        #expect(file.filesBeside == [file.path])
    }
}
