import KafkaWire
import Testing
import Transport

// The words: each failure is one line in the house shape, with a stable code.
@testable import KafkaClient

@Suite struct ErrorTests {
    private let address = Address(10, 0, 0, 1, port: 9092)

    private var failures: [RequestFailure] {
        let ends: [TransportError] = [
            .unknownHost(name: "kafka", reason: "Name or service not known"),
            .resolverSilent(name: "kafka"), .refused(address), .connectTimedOut(address),
            .unreachable(address, errno: 113), .system(call: "socket", errno: 24),
            .closedByPeer(answers: 0), .reset(answers: 7),
            .closedInFrame(received: 9, expected: 20), .tlsBytes, .httpBytes,
            .notTheProtocol(firstBytes: Array("SSH-".utf8)),
            .notTheProtocol(firstBytes: [0xff, 0x22, 0x1b, 0]),
            .malformed("answer 9 where 1 was due"), .frameTooLarge(bytes: 9, limit: 8),
            .protection("certificate expired"),
            .proxy(name: "socks5h://b:1", reason: "it speaks no SOCKS 5"), .closedLocally("x"),
            .shutdown,
        ]
        return ends.flatMap {
            [RequestFailure($0, greeted: false), RequestFailure($0, greeted: true)]
        } + [
            .timedOut(3_000_000_000, partial: nil, isSilent: true),
            .timedOut(1_500_000_000, partial: (9, 100), isSilent: true),
            .negotiationSilent(2_000_000_000),
            .silent(forNs: 12_000_000_000), .unsupported("Metadata", ours: 0...9, theirs: nil),
            .throttled(forNs: 100_000_000), .kafka(.invalidRequest), .kafka(.invalidRequest, "x"),
            .securityUnsupported("SASL_SSL"), .readOnly, .queueFull, .unknownBroker,
            .unknownController, .noServers,
            .wrongBroker(1, nil), .wrongBroker(-1, Endpoint(host: "127.0.0.1", port: 19_092)),
            .sharedAddress(2, 1, Endpoint(host: "127.0.0.1", port: 19_092)),
            .wrongCluster("MkU3OEVBNTcwNTJENDM2Qk", instead: "AAAAOEVBNTcwNTJENDM2Qk"),
            RequestFailure(code: .cannotExpress, what: "x"),
            RequestFailure(code: .loginFailed, what: "x"),
        ]
    }

    @Test func everySentenceIsOneLineInTheHouseShape() {
        for failure in failures {
            let error = ClientError(
                code: failure.code, api: "Metadata", action: "read topics", brokerID: 3,
                endpoint: Endpoint(host: "kafka-3", port: 9092), what: failure.what,
                advice: failure.advice)
            let text = error.sentence
            #expect(text.hasPrefix("Could not read topics from broker 3 (kafka-3:9092): "))
            #expect(text.hasSuffix(".") && !text.contains(".."), "\(text)")
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "\(text)")
            #expect(text.utf8.count < 260, "\(text)")
            #expect(!failure.what.hasSuffix("."), "\(text)")
        }
        let known = Set(failures.map(\.code))
        #expect(Set(ClientError.Code.allCases).subtracting(known).isEmpty)
    }

    @Test func textOfTheClusterCannotReachTheTerminal() {
        let hostile = "evil\u{1b}[2J\u{202e}\n\u{9b}host"
        let error = ClientError(
            code: .unknownHost, api: "Metadata", action: "read topics", brokerID: 3,
            endpoint: Endpoint(host: hostile, port: 1), what: printable(hostile), advice: "")
        #expect(
            error.sentence
                == "Could not read topics from broker 3 (evil·[2J···host:1): evil·[2J···host.")
    }

    @Test func codesAreStable() {
        let codes = ClientError.Code.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.utf8.allSatisfy { $0 == 0x5f || ($0 > 0x40 && $0 < 0x5b) } })
    }
}
