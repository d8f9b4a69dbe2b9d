// What plans read of snapshots: every field in any order, sentences for what is none, and pieces
// of any length.
import JSON
import Testing

@testable import Planning

@Suite struct SnapshotReaderTests {
    private let brokers =
        #"[{"id":2,"rack":"b","state":"answering"},{"state":"fenced","id":1,"rack":"a"}]"#

    private func fault(_ text: String) -> String {
        var reader = JSONReader(text)
        do throws(SnapshotFault) {
            _ = try PlanningSnapshot(&reader)
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func whatIsNeededIsRead() throws {
        let model = try planningModel(
            """
            {"partitions":[{"replica_states":[{"size_bytes":70,"broker":2},
            {"broker":1,"size_bytes":null,"more":[{}]}],"isr":[2],"replicas":[2,1],"leader":2,
            "partition":3,"topic":"x","other":{"a":[1,2]}}],"brokers":\(brokers),
            "log_dirs":[{"broker":2,"path":"/a","total_bytes":100,"usable_bytes":30},
            {"broker":2,"path":"/b","total_bytes":100,"usable_bytes":30}]}
            """)
        #expect(model.brokers.map(\.id) == [1, 2])
        #expect(model.brokers[0].fitness == .refuses("fenced"))
        // Two directories of one volume are one volume.
        #expect(model.brokers[1].capacityBytes == 100 && model.brokers[1].usedBytes == 70)
        #expect(model.size == [70] && model.replicaSize == [70, 70])
        #expect(model.replica == [1, 0] && model.isInSync == [true, false])
        #expect(model.name(0) == "x-3" && model.row(topic: "x", partition: 3) == 0)
        #expect(model.row(topic: "x", partition: 2) == nil)
    }

    @Test func whatMovesStandsAtItsTarget() throws {
        let model = try planningModel(
            """
            {"brokers":\(brokers),"partitions":[{"topic":"x","partition":0,"leader":1,
            "replicas":[2,1],"isr":[1],"adding_replicas":[2],"removing_replicas":[1],
            "replica_states":[{"broker":1,"size_bytes":50},{"broker":2,"size_bytes":7}]}]}
            """)
        #expect(model.replica == [1] && model.isMoving == [true])
        // It will have what its leader has, not the part that has come so far.
        #expect(model.size == [50] && model.replicaSize == [50])
    }

    @Test func whatIsNoSnapshotIsSaid() {
        #expect(fault("[]").contains("a snapshot is an object"))
        #expect(fault("{}").contains("it has no brokers"))
        #expect(fault(#"{"brokers":[]}"#).contains("it has no partitions"))
        #expect(fault(#"{"schema":"highwater.plan"}"#).contains("no highwater.snapshot"))
        #expect(fault(#"{"schema_version":"2.0"}"#).contains("reads 1.x"))
        #expect(fault(#"{"only":["offline"]}"#).contains("--only"))
        #expect(fault(#"{"brokers":[{"id":1},{"id":1}]}"#).contains("broker 1 is there twice"))
        #expect(fault(#"{"brokers":[{"id":-1}]}"#).contains("no broker's id"))
        #expect(fault(#"{"brokers":{}}"#).contains("brokers is not a list"))
        let partition = #"{"topic":"x","partition":0,"leader":1,"replicas":[1],"isr":[1]}"#
        let twice = #"{"brokers":[{"id":1}],"partitions":[\#(partition),\#(partition)]}"#
        #expect(fault(twice).contains("x-0 is there twice"))
        let doubled = twice.replacing("[1],\"isr\"", with: "[1,1],\"isr\"")
        #expect(fault(doubled).contains("x-0 has broker 1 twice"))
        let huge =
            #"{"brokers":[{"id":1}],"partitions":[{"topic":"x","partition":0,"#
            + #""replicas":[1],"replica_states":[{"broker":1,"size_bytes":9223372036854775807}]}]}"#
        #expect(fault(huge).contains("larger than any cluster"))
    }

    /// Whatever the pieces, the same is read, and a fault has the same place.
    @Test func piecesMakeNoDifference() throws {
        let text = RandomSnapshot(ClusterShape(partitions: 60), seed: 4).text()
        let bytes = Array(text.utf8)
        let whole = try planningModel(text)
        for length in [1, 7, 4096] {
            var at = 0
            var reader = JSONReader(pieces: {
                defer { at = min(bytes.count, at + length) }
                return Array(bytes[at..<min(bytes.count, at + length)])
            })
            let model = try PlanningSnapshot(&reader).model
            #expect(model.replica == whole.replica && model.size == whole.size)
        }
        // More than is held at once: places are those of the text.
        let long = Array(("[\n" + String(repeating: "1,\n", count: 800_000) + "x]").utf8)
        var at = 0
        var reader = JSONReader(pieces: {
            defer { at = min(long.count, at + 65_536) }
            return Array(long[at..<min(long.count, at + 65_536)])
        })
        let found = #expect(throws: JSONFault.self) {
            while try reader.next() != .end {}
        }
        #expect(found?.line == 800_002 && found?.column == 1)
    }

    @Test func patternsMatchNames() {
        for (pattern, name, isMatch) in [
            ("orders", "orders", true), ("orders", "orders2", false), ("o*s", "orders", true),
            ("*", "", true), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false),
            ("?at", "cat", true), ("?at", "at", false), ("", "", true), ("", "x", false),
            ("*-log", "a-log-log", true),
        ] {
            #expect(matches(name, pattern: pattern) == isMatch, "\(pattern) \(name)")
        }
    }
}
