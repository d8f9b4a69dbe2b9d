// The conversation with a proxy, byte by byte: what is asked, what is made of each answer, and that
// what comes behind the last one is the server's.
import Testing

@testable import Transport

@Suite struct ProxyTests {
    private let here = Endpoint(host: "bastion", port: 1080)

    /// What is sent, in pieces, and what came out; or why it ended.
    private func talk(
        _ proxy: Proxy, to target: String, _ answers: [[UInt8]], portion: Int = .max
    ) throws -> (sent: [[UInt8]], plain: [UInt8], error: TransportError?) {
        let layer = ProxyLayer(proxy, target: try Endpoint(parsing: target))
        var first: [UInt8] = []
        try layer.start(&first)
        var sent = [first]
        var plain: [UInt8] = []
        for answer in answers {
            var out: [UInt8] = []
            for at in stride(from: 0, to: answer.count, by: min(portion, answer.count)) {
                let part = answer[at..<min(answer.count, at + min(portion, answer.count))]
                var error: TransportError?
                part.withUnsafeBytes { bytes in
                    do throws(TransportError) {
                        try layer.receive(bytes, plain: &plain, output: &out)
                    } catch let failure {
                        error = failure
                    }
                }
                if let error { return (sent, plain, error) }
            }
            sent.append(out)
        }
        #expect(layer.isReady)
        return (sent, plain, nil)
    }

    private func why(_ proxy: Proxy, _ answers: [[UInt8]]) throws -> String {
        let error = try talk(proxy, to: "kafka-1:9092", answers).error
        guard case .proxy(let name, let reason)? = error else { return "none" }
        #expect(name == "\(proxy)")
        return reason
    }

    @Test(arguments: [1, 2, 3, .max]) func socksByName(portion: Int) throws {
        let proxy = Proxy(kind: .socks5h, endpoint: here)
        let said = try talk(
            proxy, to: "kafka-1:9092",
            [[5, 0], [5, 0, 0, 1, 10, 0, 0, 1, 4, 56] + Array("hello".utf8)], portion: portion)
        #expect(
            said.sent == [
                [5, 1, 0], [5, 1, 0, 3, 7] + Array("kafka-1".utf8) + [0x23, 0x84], [],
            ])
        #expect(said.plain == Array("hello".utf8))
    }

    @Test func socksByAddressAndWithALogin() throws {
        let proxy = Proxy(kind: .socks5h, endpoint: here, user: "bob", password: "pw")
        let said = try talk(
            proxy, to: "[::2]:1",
            [[5, 2], [1, 0], [5, 0, 0, 4] + Array(repeating: 0, count: 16) + [0, 0]])
        #expect(
            said.sent == [
                [5, 2, 0, 2], [1, 3] + Array("bob".utf8) + [2] + Array("pw".utf8),
                [5, 1, 0, 4] + Array(repeating: 0, count: 15) + [2, 0, 1], [],
            ])
        let four = try talk(
            Proxy(kind: .socks5h, endpoint: here), to: "10.0.0.7:1",
            [[5, 0], [5, 0, 0, 3, 2, 65, 66, 0, 0]])
        #expect(four.sent[1] == [5, 1, 0, 1, 10, 0, 0, 7, 0, 1])
    }

    @Test func socksRefusals() throws {
        let bare = Proxy(kind: .socks5h, endpoint: here)
        let named = Proxy(kind: .socks5h, endpoint: here, user: "bob", password: "secret")
        #expect(try why(bare, [[5, 0xff]]).hasPrefix("it wants a login: set highwater.proxy."))
        #expect(try why(named, [[5, 0xff]]) == "it takes no login by user and password")
        #expect(try why(named, [[5, 2], [1, 1]]) == "it refused the login of bob")
        #expect(
            try why(bare, [[5, 0], [5, 5, 0, 1, 0]])
                == "kafka-1:9092 could not be reached: the connection was refused")
        #expect(
            try why(bare, [[5, 0], [5, 77, 0, 1, 0]])
                == "kafka-1:9092 could not be reached: error 77")
        #expect(try why(bare, [Array("HTTP/1.1 400".utf8)]) == "it speaks HTTP, not SOCKS 5")
        #expect(try why(bare, [[0]]) == "it speaks no SOCKS 5")
    }

    @Test(arguments: [1, 5, .max]) func connect(portion: Int) throws {
        let proxy = Proxy(kind: .http, endpoint: here, user: "bob", password: "pw")
        let said = try talk(
            proxy, to: "kafka-1:9092", [Array("HTTP/1.1 200 OK\r\nVia: x\r\n\r\nhello".utf8)],
            portion: portion)
        #expect(
            String(decoding: said.sent[0], as: UTF8.self)
                == "CONNECT kafka-1:9092 HTTP/1.1\r\nHost: kafka-1:9092\r\n"
                + "Proxy-Authorization: Basic Ym9iOnB3\r\n\r\n")
        #expect(said.plain == Array("hello".utf8))
    }

    @Test func connectRefusals() throws {
        let bare = Proxy(kind: .http, endpoint: here)
        let named = Proxy(kind: .http, endpoint: here, user: "bob", password: "secret")
        func answer(_ line: String) -> [[UInt8]] { [Array("HTTP/1.1 \(line)\r\n\r\n".utf8)] }
        #expect(try why(bare, answer("407 Login")).hasPrefix("it wants a login: set highwater"))
        #expect(try why(named, answer("407 Login")) == "it refused the login of bob")
        #expect(
            try why(bare, answer("403 Forbidden"))
                == "kafka-1:9092 could not be reached: it answered 403 Forbidden")
        #expect(try why(bare, [[5, 0]]) == "it speaks SOCKS 5, not HTTP")
        #expect(try why(bare, [Array("220 mail".utf8)]) == "it speaks no HTTP")
        let endless = Array("HTTP/1.1 200 ".utf8) + Array(repeating: 65, count: 70_000)
        #expect(try why(bare, [endless]) == "its answer has no end")
    }

    @Test func aProxyPrintsNoPassword() {
        let proxy = Proxy(kind: .http, endpoint: here, user: "bob", password: "hidden")
        #expect("\(proxy)" == "http://bastion:1080")
    }
}
