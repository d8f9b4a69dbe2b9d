// Advertised addresses and where they are really reached.
import Settings
import Testing

@Suite struct AddressMapTests {
    private func dial(_ map: String, _ address: String) throws -> String {
        let (rules, wrong) = AddressMap.parse(map)
        #expect(wrong.isEmpty)
        return rules.dialled(try HostPort(parsing: address)).description
    }

    @Test func theFirstRuleThatFits() throws {
        let map = "kafka-1:9092=127.0.0.1:19092, *:2181=zk.local:* kafka-2:*=[::1]:7000"
        #expect(try dial(map, "kafka-1:9092") == "127.0.0.1:19092")
        #expect(try dial(map, "kafka-1:9093") == "kafka-1:9093")
        #expect(try dial(map, "any:2181") == "zk.local:2181")
        #expect(try dial(map, "kafka-2:1") == "[::1]:7000")
        #expect(try dial("", "kafka-2:1") == "kafka-2:1")
    }

    @Test func wrongPairsAreNamed() {
        for text in ["a", "a:1", "a=b", "a:1=b", "a:x=b:1", ":1=b:1", "a:1=b:2=c:3", "a:0=b:1"] {
            let (map, wrong) = AddressMap.parse("ok:1=ok:2,\(text)")
            #expect(wrong.count == 1 && !map.isEmpty, "\(text)")
            #expect(wrong.first?.contains(text) == true)
        }
    }
}
