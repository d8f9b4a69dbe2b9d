// Addresses as people write them.

import Settings
import Testing

@Suite struct HostPortTests {
    @Test func readsAddresses() throws {
        let cases: [(String, String, UInt16)] = [
            ("kafka-1", "kafka-1", 9092), ("kafka-1:9093", "kafka-1", 9093),
            ("10.0.0.1:6667", "10.0.0.1", 6667), ("[::1]:9092", "::1", 9092),
            ("[fe80::1%eth0]", "fe80::1%eth0", 9092), ("PLAINTEXT://a.b:1", "a.b", 1),
            ("ssl://[::1]:65535", "::1", 65535),
        ]
        for (text, host, port) in cases {
            #expect(try HostPort(parsing: text) == HostPort(host: host, port: port))
        }
        #expect(HostPort(host: "::1", port: 9092).description == "[::1]:9092")
        #expect(HostPort(host: "a", port: 1).description == "a:1")
    }

    @Test func namesWhatIsWrong() {
        for text in [
            ":9092", "a:", "a:0", "a:65536", "a:x", "a:+1", "::1", "[::1", "[::1]9092", "a b", "",
            "http://", "a/b:1", "a\u{1b}[31m",
        ] {
            #expect(throws: HostPort.Malformed.self, "\(text)") { try HostPort(parsing: text) }
        }
        let (servers, faults) = HostPort.list("a, b:9092;a:9092 \t[::1]:1,x:y,\u{1b}")
        #expect(servers.map(\.description) == ["a:9092", "b:9092", "[::1]:1"])
        #expect(
            faults == [
                "\"x:y\": the port must be a number from 1 to 65535",
                "\"\\u{1b}\" is not a host name",
            ])
    }
}
