// `highwater contexts --check` over clusters that are well, away, others than pinned, and settings
// that are wrong; and what the console keeps and writes of contexts.
import Foundation
import JSON
import Screens
import SimulatedCluster
import Testing
import Transport
import TransportTesting

@testable import Commands

@MainActor
@Suite(.serialized, .onOwnThread) struct ContextsTests {
    /// A person's home with contexts in it.
    @MainActor
    private final class Home {
        let path = NSTemporaryDirectory() + "highwater-contexts-" + UUID().uuidString
        var folder: String { path + "/highwater/contexts" }
        var environment: [String: String] {
            ["XDG_CONFIG_HOME": path, "XDG_STATE_HOME": path + "/state"]
        }

        init() throws {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ name: String, _ text: String) throws {
            try text.write(
                toFile: "\(folder)/\(name).properties", atomically: true, encoding: .utf8)
        }

        func read(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder)/\(name).properties", encoding: .utf8)
        }

        var contexts: Contexts {
            let nowhere = OutputStream(descriptor: -1)
            return Contexts(Host(output: nowhere, error: nowhere, environment: environment))
        }
    }

    private func shape() -> Shape {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = 24
        shape.offsetsPartitions = 3
        shape.groups = 1
        return shape
    }

    @Test func theWholeEstateInOneTable() throws {
        let cluster = try LoopbackCluster(shape())
        defer { cluster.stop() }
        let closed = try #require(LoopbackServer.closedPort())
        let home = try Home()
        let server = "bootstrap.servers=\(cluster.endpoints[0])\n"
        try home.write("well", server + "highwater.production=true\n")
        try home.write("away", "bootstrap.servers=127.0.0.1:\(closed)\n")
        try home.write("other", server + "highwater.cluster.id=another-one\n")
        try home.write("wrong", server + "highwater.nonsense=1\n")
        let ended = try highwater("contexts --check --timeout 20s", environment: home.environment)
        #expect(ended.code == ExitCode.partial.rawValue, "\(ended.output) \(ended.errors)")
        let rows = Dictionary(
            uniqueKeysWithValues: ended.output.split(separator: "\n").map { line in
                let words = line.split(separator: " ").map(String.init)
                return (words[0], (state: words[1], line: String(line)))
            })
        #expect(rows.count == 5)
        #expect(rows["away"]?.state == "unreached")
        #expect(rows["away"]?.line.contains("connection refused at 127.0.0.1:\(closed)") == true)
        #expect(rows["other"]?.state == "other")
        #expect(rows["other"]?.line.contains("and other is pinned to another-one") == true)
        #expect(rows["wrong"]?.state == "settings")
        #expect(rows["wrong"]?.line.contains("highwater.nonsense: unknown key") == true)
        #expect(
            ["ok", "warning", "critical", "partial"].contains(rows["well"]?.state), "\(rows)")
        #expect(rows["well"]?.line.contains("KRaft 4.3") == true, "\(rows)")

        let document = try highwater(
            "contexts --check --timeout 20s --format json", environment: home.environment
        ).document()
        let entries = try #require(document["contexts"]?.array)
        #expect(entries.compactMap { $0["name"]?.string } == ["away", "other", "well", "wrong"])
        #expect(entries[2]["production"]?.bool == true)
        #expect(entries[2]["brokers"]?.integer == 3)
        #expect(entries[2]["findings"]?["critical"]?.integer != nil)
        #expect(entries[0]["cluster_id"]?.string == nil)
        #expect(entries[1]["expected_cluster_id"]?.string == "another-one")
        #expect(entries[1]["reached"]?.bool == false)
    }

    @Test func nothingReachedIsSaidByTheExitCode() throws {
        let closed = try #require(LoopbackServer.closedPort())
        let home = try Home()
        try home.write("away", "bootstrap.servers=127.0.0.1:\(closed)\n")
        let ended = try highwater("contexts --check --timeout 5s", environment: home.environment)
        #expect(ended.code == ExitCode.noCluster.rawValue)
        #expect(try highwater("contexts --timeout 5s").code == ExitCode.usage.rawValue)
    }

    @Test func thoseThatWereOpenLastComeFirst() throws {
        let home = try Home()
        for name in ["a", "b", "c", "d"] { try home.write(name, "bootstrap.servers=\(name):1\n") }
        try home.write("e", "bootstrap.servers=e:1\nhighwater.nonsense=1\n")
        let contexts = home.contexts
        for name in ["b", "d", "b", "gone"] { contexts.noteOpened(name) }
        let list = contexts.list(current: "d").entries
        #expect(list.map(\.name) == ["b", "d", "a", "c", "e"])
        #expect(list.map(\.isCurrent) == [false, true, false, false, false])
        #expect(list[0].address == "b:1")
        #expect(list[4].isWrong)
        #expect(list[4].address.hasSuffix("highwater.nonsense: unknown key"))
    }

    @Test func theClustersIDIsWrittenBehindWhatTheFileHolds() throws {
        let home = try Home()
        try home.write("a", "# ours\nbootstrap.servers=a:1")
        let path = try home.contexts.pin("kQot7IkCXMG-642hZY7sZw", in: "a")
        #expect(path == "\(home.folder)/a.properties")
        #expect(
            try home.read("a")
                == "# ours\nbootstrap.servers=a:1\nhighwater.cluster.id=kQot7IkCXMG-642hZY7sZw\n")
        #expect(home.contexts.list(current: "a").entries[0].clusterID == "kQot7IkCXMG-642hZY7sZw")
        for hostile in ["", "a\nhighwater.read.only=false", "a b", "a=b"] {
            #expect(throws: ContextFault.self) { try home.contexts.pin(hostile, in: "a") }
        }
        #expect(throws: ContextFault.self) { try home.contexts.pin("a", in: "b") }
    }
}
