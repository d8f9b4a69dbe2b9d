import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

// Versions: negotiated on each connection, with the fallback for old brokers, and refused before
// sending when there is none in common.
@testable import KafkaClient

@Suite struct NegotiationTests {
    private func versions(_ known: ClosedRange<Int16>) -> [Int16] {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change { $0.ranges[18] = known }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.ask(.any, log, "metadata")
        }
        #expect(log.text == ["0.0 metadata ok -"])
        return broker.behaviour.withLock { $0.seen.filter { $0.key == 18 }.map(\.version) }
    }

    @Test func oldBrokersAreAskedAgainInTheirVersion() {
        #expect(versions(0...5) == [3])
        #expect(versions(0...3) == [3])
        #expect(versions(0...2) == [3, 2])
        #expect(versions(0...0) == [3, 0])
    }

    @Test func aBrokerThatListsNothingIsAskedWithVersionZero() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change {
            $0.custom[18] = { header, _ in
                var response = ApiVersionsResponse()
                if header.version > 0 { response.error = .unsupportedVersion }
                var entry = ApiVersionsResponse.ApiVersion()
                entry.apiKey = 3
                entry.maxVersion = 1
                if header.version == 0 { response.apiKeys = [entry] }
                return try? encodeResponse(
                    ApiVersionsRequest.self, response, version: 0,
                    correlationID: header.correlationID)
            }
        }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.ask(.any, log, "metadata")
        }
        #expect(log.text == ["0.0 metadata ok -"])
        #expect(broker.behaviour.withLock { $0.seen.map(\.version) } == [3, 0, 1])
    }

    @Test func bytesBehindAnAnswerArePassedOverAndCounted() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change { $0.bytesBehind = 5 }
        let log = Log(system)
        let counted = Locked<[UInt64]>([])
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.send(MetadataRequest(), to: .broker(1)) { result in
                log.add("metadata", result)
                let link = client.link(1)?.overlongAnswers ?? 0
                counted.withLock { $0 = [link, client.counters.overlongAnswers] }
            }
        }
        #expect(log.text == ["0.0 metadata ok 1"])
        // ApiVersions and Metadata.
        #expect(counted.withLock { $0 } == [2, 2])
    }

    /// Zeros read as an answer that lists nothing and ends early: that is not Kafka.
    @Test func zerosAreNoBroker() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change {
            $0.custom[18] = { header, _ in
                framed(bigEndian(header.correlationID) + [UInt8](repeating: 0, count: 100))
            }
        }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.ask(.any, log, "metadata")
        }
        #expect(log.text == ["0.0 metadata NOT_KAFKA"])
    }

    @Test func theNewestCommonVersionIsUsedAndTold() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change { $0.ranges[3] = 0...7 }
        let built = Locked<[Int16]>([])
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            #expect(client.version(of: MetadataRequest.self, broker: 1) == nil)
            client.send(
                to: .broker(1),
                building: { version in
                    built.withLock { $0.append(version) }
                    return MetadataRequest()
                },
                completion: { result in
                    #expect((try? result.get())?.version == 7)
                    #expect(client.version(of: MetadataRequest.self, broker: 1) == 7)
                    #expect(client.version(of: ListOffsetsRequest.self, broker: 1) == nil)
                })
        }
        #expect(built.withLock { $0 } == [7])
    }

    @Test func noCommonVersionIsRefusedBeforeSending() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change {
            $0.ranges[3] = 90...95
            $0.ranges[16] = nil
        }
        let sentences = Locked<[String]>([])
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.send(MetadataRequest(), to: .broker(1)) { result in
                if case .failure(let error) = result {
                    sentences.withLock { $0.append(error.description) }
                }
            }
            client.send(ListGroupsRequest(), to: .broker(1)) { result in
                if case .failure(let error) = result {
                    sentences.withLock { $0.append(error.description) }
                }
            }
        }
        let metadata = MetadataRequest.versions
        let groups = ListGroupsRequest.versions
        let first =
            "UNSUPPORTED_VERSION: Could not read topics and brokers from broker 1 "
            + "(10.0.0.1:9092): no common version of Metadata: highwater speaks "
        let second =
            "UNSUPPORTED_VERSION: Could not list groups from broker 1 (10.0.0.1:9092): "
            + "no common version of ListGroups: highwater speaks "
        let ends = [
            "\(metadata.lowerBound) to \(metadata.upperBound), "
                + "the broker speaks versions 90 to 95.",
            "\(groups.lowerBound) to \(groups.upperBound), the broker does not have it.",
        ]
        #expect(sentences.withLock { $0 } == [first + ends[0], second + ends[1]])
        #expect(broker.seen == [18])
    }

    @Test func aLoginComesBeforeTheFirstRequest() {
        final class Handshake: Login {
            private var steps = 0
            func next(after answer: FrameBuffer?, versions: VersionTable) throws(LoginFailure)
                -> LoginRequest?
            {
                steps += 1
                if let answer, answer.count == 1 {
                    throw LoginFailure(error: .saslAuthenticationFailed, message: "bad password")
                }
                guard steps <= 2 else { return nil }
                return LoginRequest { id, client throws(WireFault) in
                    try encodeRequest(
                        SaslHandshakeRequest(), version: 1, correlationID: id, clientID: client)
                }
            }
        }
        for accepts in [true, false] {
            let system = SimulatedSystem()
            let broker = FakeBroker(1, system)
            broker.change {
                $0.custom[17] = { header, _ in
                    framed(bigEndian(header.correlationID) + (accepts ? [0, 0] : [0]))
                }
            }
            let log = Log(system)
            var config = ClientConfig(bootstrap: [broker.endpoint])
            config.makeLogin = { _ in Handshake() }
            withClient(system, config) { client in client.ask(.any, log, "metadata") }
            #expect(broker.seen == (accepts ? [18, 17, 17, 3] : [18, 17]))
            #expect(log.text == [accepts ? "0.0 metadata ok -" : "0.0 metadata LOGIN_FAILED"])
        }
    }
}
