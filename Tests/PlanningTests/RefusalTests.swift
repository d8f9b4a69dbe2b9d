// What cannot be moved is refused with the brokers and racks that lack room, in the same words for
// all that lack the same; and only where no broker at all may take it.
import JSON
import Testing

@testable import Planning

@Suite struct RefusalTests {
    private struct Site {
        private var brokers: [String] = []
        private var dirs: [String] = []
        private var partitions: [String] = []

        mutating func broker(_ id: Int, _ rack: String, free: Int) {
            brokers.append(#"{"id":\#(id),"rack":"\#(rack)","state":"answering"}"#)
            dirs.append(
                #"{"broker":\#(id),"path":"/d","state":"online","total_bytes":100000,"#
                    + #""usable_bytes":\#(free)}"#)
        }

        mutating func partition(_ number: Int, on replicas: [Int], bytes: Int) {
            let list = replicas.map(String.init).joined(separator: ",")
            let states = replicas.map { #"{"broker":\#($0),"size_bytes":\#(bytes)}"# }
            partitions.append(
                #"{"topic":"t","partition":\#(number),"leader":\#(replicas[0]),"#
                    + #""replicas":[\#(list)],"isr":[\#(list)],"#
                    + #""replica_states":[\#(states.joined(separator: ","))]}"#)
        }

        func drained(_ id: Int32) throws -> Plan {
            let model = try planningModel(
                #"{"schema":"highwater.snapshot","schema_version":"1.1","cluster_id":"c1","#
                    + #""taken_at":"2026-11-30T12:00:00.000Z","complete":true,"#
                    + "\"brokers\":[\(brokers.joined(separator: ","))],"
                    + "\"log_dirs\":[\(dirs.joined(separator: ","))],"
                    + "\"partitions\":[\(partitions.joined(separator: ","))]}")
            var request = PlanRequest(.drain)
            request.brokers = [id]
            return try Plan(request, for: model)
        }
    }

    @Test func whatLacksRoomSaysWhereInTheSameWords() throws {
        var site = Site()
        for (id, rack) in [(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "b")] {
            site.broker(id, rack, free: id == 2 ? 13_000 : id == 3 ? 10_100 : 90_000)
        }
        for number in 0..<6 {
            site.partition(number, on: [1, number % 2 == 0 ? 4 : 5], bytes: 1_000 + number)
        }
        let plan = try site.drained(1)
        // Two of them find room, the others do not: rack b has one of each already.
        #expect(plan.count == 2 && plan.refused.count == 4)
        #expect(
            Set(plan.refused.map(\.reason)) == [
                "broker 2, 3 of rack a, where it may go, have no room for it: at most 90 % of a "
                    + "broker's volumes are filled"
            ], "\(Set(plan.refused.map(\.reason)))")
    }

    /// The emptiest of a hundred brokers are too small for it, and the fullest one is not.
    @Test func theOnlyBrokerWithRoomIsFound() throws {
        var site = Site()
        site.broker(1, "a", free: 90_000)
        for id in 2...100 { site.broker(id, "a", free: id == 100 ? 80_000 : 10_000) }
        site.partition(0, on: [1], bytes: 5_000)
        for number in 1...5 { site.partition(number, on: [100], bytes: 100) }
        let plan = try site.drained(1)
        #expect(plan.refused.isEmpty && plan.count == 1)
        #expect(plan.added(0).map { plan.model.brokers[Int($0)].id } == [100])
    }
}
