import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

// The client against real sockets that are not a Kafka broker: each gives its own error, soon.
@testable import KafkaClient

@Suite struct WrongPortTests {
    /// Servers that answer have all the time they need; only silence is waited for briefly.
    private func ask(_ endpoint: Endpoint, isSilent: Bool = false) throws -> ClientError? {
        let loop = Loop(try EpollSystem())
        var config = ClientConfig(bootstrap: [endpoint])
        config.negotiateTimeoutNs = isSilent ? second / 5 : 60 * second
        config.requestTimeoutNs = 60 * second
        let client = LoopBound(loop) { [config] in KafkaClient(loop: loop, config: config) }
        let outcome = Locked<ClientError?>(nil)
        #expect(loop.start())
        loop.post {
            client.value.send(MetadataRequest(), to: .any) { result in
                if case .failure(let error) = result { outcome.withLock { $0 = error } }
                loop.stop()
            }
        }
        loop.waitUntilEnded()
        withExtendedLifetime(client) {}
        return outcome.withLock { $0 }
    }

    @Test func eachHasItsOwnError() throws {
        let port = try #require(LoopbackServer.closedPort())
        let refused = try ask(Endpoint(host: "127.0.0.1", port: port))
        #expect(refused?.code == .connectionRefused)
        let cases: [(LoopbackServer.Script, ClientError.Code)] = [
            (.silent, .silent),
            (.answer(Array("HTTP/1.1 400 Bad Request\r\n".utf8), thenClose: true), .notKafka),
            (.answer(Array("220 mail\r\n".utf8), thenClose: true), .notKafka),
            (.answer([0x15, 3, 3, 0, 2, 2, 70], thenClose: true), .tlsExpected),
            (.answer([], thenClose: true), .closedAtOnce),
            (.answer([0, 0, 0, 20, 0, 0, 0, 0, 5], thenClose: true), .truncatedAnswer),
            (.answer([0, 0, 0, 20, 0, 0, 0, 0, 5], thenClose: false), .silent),
            (.answer(framed([0, 0, 0, 0, 1, 2, 3]), thenClose: false), .notKafka),
        ]
        for (script, code) in cases {
            let server = try #require(LoopbackServer(script))
            defer { server.stop() }
            let error = try ask(server.endpoint, isSilent: code == .silent)
            #expect(error?.code == code, "\(script): \(String(describing: error))")
            #expect(error?.endpoint == server.endpoint)
        }
    }
}
