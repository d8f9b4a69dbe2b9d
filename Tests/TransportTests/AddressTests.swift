// Endpoints as people write them and addresses as the system has them.
import Testing

@testable import Transport

@Suite struct AddressTests {
    @Test func endpointsAreRead() throws {
        let good: [(String, String, UInt16)] = [
            ("kafka-1:9092", "kafka-1", 9092), ("10.0.0.1:1", "10.0.0.1", 1),
            ("[::1]:9092", "::1", 9092), ("SSL://b.example:65535", "b.example", 65535),
            ("PLAINTEXT://[fe80::1]:9092", "fe80::1", 9092),
        ]
        for (text, host, port) in good {
            let endpoint = try Endpoint(parsing: text)
            #expect(endpoint == Endpoint(host: host, port: port), "\(text)")
        }
        let bad = [
            "", "kafka", ":9092", "kafka:", "kafka:0", "kafka:65536", "kafka:+1", "::1:9092",
            "[::1:9092", "[::1]9092", "[]:9092", "kafka:9092/x", "[::1]", "kafka:９",
        ]
        for text in bad {
            #expect(throws: EndpointFault.self, "\(text)") { try Endpoint(parsing: text) }
        }
        #expect(Endpoint(host: "::1", port: 9).description == "[::1]:9")
    }

    @Test func numericAddressesKeepTheirText() throws {
        for text in ["127.0.0.1", "255.1.2.3", "0.0.0.0"] {
            let address = try #require(Address(numeric: text, port: 80))
            #expect(address.description == "\(text):80")
            #expect(!address.isIPv6)
        }
        for text in ["::1", "fe80::1:2", "2001:db8::8a2e:370:7334"] {
            let address = try #require(Address(numeric: text, port: 80))
            #expect(address.description == "[\(text)]:80")
            #expect(address.isIPv6)
        }
        for text in ["localhost", "1.2.3", "256.0.0.1", "fe80::g", ""] {
            #expect(Address(numeric: text, port: 80) == nil, "\(text)")
        }
    }

    @Test func socketAddressesAreInNetworkOrder() throws {
        let v4 = Address(1, 2, 3, 4, port: 0x1234)
        v4.withSocketAddress { pointer, size in
            let bytes = UnsafeRawBufferPointer(start: pointer, count: Int(size))
            #expect(Array(bytes[2..<8]) == [0x12, 0x34, 1, 2, 3, 4])
        }
        let v6 = try #require(Address(numeric: "102:304::f", port: 0x1234))
        v6.withSocketAddress { pointer, size in
            let bytes = UnsafeRawBufferPointer(start: pointer, count: Int(size))
            #expect(Array(bytes[2..<4]) == [0x12, 0x34])
            #expect(Array(bytes[8..<12]) == [1, 2, 3, 4])
            #expect(bytes[23] == 15)
        }
    }
}
