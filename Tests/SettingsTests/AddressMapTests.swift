// Advertised addresses and where they are really reached.
import Settings
import Testing

@Suite struct AddressMapTests {
    private func dial(
        _ map: String, _ address: String, broker: Int32? = nil
    ) throws -> String {
        let (rules, wrong) = AddressMap.parse(map)
        #expect(wrong.isEmpty)
        return rules.dialled(try HostPort(parsing: address), broker: broker).description
    }

    @Test func aPartOfANameMayBeAnything() throws {
        let map = "*.prod:9092=*.tunnel:* b-*.local:*=127.0.0.1:*, *:9093=[::1]:7000"
        #expect(try dial(map, "b-1.prod:9092") == "b-1.tunnel:9092")
        #expect(try dial(map, "b-1.prod:9094") == "b-1.prod:9094")
        #expect(try dial(map, "b-7.local:1") == "127.0.0.1:1")
        #expect(try dial(map, "b.local:1") == "b.local:1")
        #expect(try dial(map, "anything:9093") == "[::1]:7000")
        #expect(try dial("*:*=*:19092", "kafka-3:9092") == "kafka-3:19092")
        #expect(try dial("kafka-3:*=*:19092", "kafka-3:9092") == "kafka-3:19092")
        #expect(try dial("*.prod:1=*:2", "kafka-3.prod:1") == "kafka-3.prod:2")
    }

    /// Of an address whose broker is not known such a rule says nothing.
    @Test func theBrokersIDMayStandOnTheRight() throws {
        let map = "*:9092=bastion:1909{id}, *:9093=broker-{id}.tunnel:*"
        #expect(try dial(map, "kafka:9092", broker: 3) == "bastion:19093")
        #expect(try dial(map, "kafka:9092") == "kafka:9092")
        #expect(try dial(map, "kafka:9093", broker: 12) == "broker-12.tunnel:9093")
        // 1909 and 1001 make no port.
        #expect(try dial(map, "kafka:9092", broker: 1001) == "kafka:9092")
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
        for text in [
            "a", "a:1", "a=b", "a:1=b", "a:x=b:1", ":1=b:1", "a:1=b:2=c:3", "a:0=b:1",
            "*a*:1=b:1", "*:1=**:1", "{id}:1=b:1", "a:1={id}:x",
        ] {
            let (map, wrong) = AddressMap.parse("ok:1=ok:2,\(text)")
            #expect(wrong.count == 1 && !map.isEmpty, "\(text)")
            #expect(wrong.first?.contains(text) == true)
        }
    }
}
