// `highwater doctor` against set-ups that are broken: it names the cause of each, first.
import JSON
import SimulatedCluster
import Testing
import Transport
import TransportTesting

@testable import Commands
@testable import Security

@MainActor
@Suite(.serialized, .onOwnThread) struct DoctorTests {
    private let plain =
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
        + "sasl.username=alice\n"

    /// What `doctor` says with these settings, and the first line of what to change.
    private func ask(
        _ endpoint: Endpoint, _ settings: String = "", _ more: String = ""
    ) throws -> (ended: Ended, first: String) {
        let file = try ScratchFile()
        try file.replace(Array("bootstrap.servers=\(endpoint)\n\(settings)".utf8))
        let ended = try highwater("doctor --timeout 2s --command-config \(file.path) \(more)")
        let first = ended.output.split(separator: "\n").first { $0.hasPrefix("  1. ") }
        return (ended, String(first?.dropFirst(5) ?? ""))
    }

    /// The same of a broker with a fault.
    private func ask(
        _ settings: String, _ change: (inout DoorServer.Behaviour) -> Void
    ) throws -> (ended: Ended, first: String, at: Endpoint) {
        let made = DoorServer(change)
        let server = try #require(made)
        defer { server.stop() }
        let (ended, first) = try ask(server.endpoint, settings)
        return (ended, first, server.endpoint)
    }

    private func pem(_ key: String, _ text: String) -> String {
        "\(key)=" + text.split(separator: "\n").joined(separator: "\\n\\\n") + "\n"
    }

    private var tls: String {
        "security.protocol=SSL\n" + pem("ssl.truststore.certificates", TestKeys.authority)
    }

    private func certificate(_ text: String = TestKeys.server) -> TLSOptions {
        var options = TLSOptions()
        options.identity = TLSMaterial(
            name: "server.pem", bytes: Array((text + "\n" + TestKeys.serverKey).utf8))
        return options
    }

    // MARK: No way there

    @Test func nobodyListens() throws {
        let port = try #require(LoopbackServer.closedPort())
        let (ended, first) = try ask(Endpoint(host: "127.0.0.1", port: port))
        #expect(
            first == "127.0.0.1:\(port): connection refused at 127.0.0.1:\(port). Nothing listens "
                + "there: check the address and that the broker runs.")
        #expect(ended.code == 3)
    }

    @Test func nobodyAnswers() throws {
        let server = try #require(LoopbackServer(.silent))
        defer { server.stop() }
        let (ended, first) = try ask(server.endpoint)
        #expect(
            first == "\(server.endpoint): the server accepts connections but did not answer for "
                + "2 s. It is frozen or overloaded, or the port is not Kafka's.")
        #expect(ended.code == 3)
    }

    @Test func anotherProtocolAnswers() throws {
        let bytes = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
        let server = try #require(LoopbackServer(.answer(bytes, thenClose: true)))
        defer { server.stop() }
        let (_, first) = try ask(server.endpoint)
        #expect(
            first == "\(server.endpoint): the port speaks HTTP, not Kafka. Check the port: Kafka "
                + "usually listens on 9092.")
    }

    // MARK: TLS

    @Test func plaintextToAPortOfTLS() throws {
        let (ended, first, at) = try ask("") { $0.tls = certificate() }
        #expect(
            first == "\(at): the port speaks TLS (TLSv1.3), and it was asked in plaintext. "
                + "Set security.protocol=SSL.")
        #expect(ended.code == 3)
    }

    @Test func tlsToAPortOfPlaintext() throws {
        let (_, first, at) = try ask(tls) { _ in }
        #expect(
            first == "\(at): the port speaks Kafka in plaintext, and it was asked for TLS. "
                + "Set security.protocol=PLAINTEXT, or use the port of the TLS listener.")
    }

    @Test func certificatesThatAreNotAccepted() throws {
        let other =
            "security.protocol=SSL\n"
            + pem("ssl.truststore.certificates", TestKeys.otherAuthority)
        let own =
            "security.protocol=SSL\n" + pem("ssl.truststore.certificates", TestKeys.selfSigned)
        let unnamed = tls + "ssl.endpoint.identification.algorithm=\n"
        let cases: [(String, String, String)] = [
            (other, TestKeys.server, "its certificate was issued by CN=Test CA, which"),
            (
                unnamed, TestKeys.expired,
                "its certificate expired on 2021-01-01 00:00 UTC (CN=expired)"
            ),
            (unnamed, TestKeys.early, "its certificate is not valid before 2098-01-01"),
            (own, TestKeys.selfSigned, "its certificate is for zk1.example.com, not for 127.0.0.1"),
        ]
        for (settings, shown, expected) in cases {
            let (ended, first, at) = try ask(settings) { $0.tls = certificate(shown) }
            #expect(
                first.hasPrefix("\(at): no TLS connection: \(expected)"), "\(ended.output)")
            #expect(ended.code == 3)
        }
    }

    @Test func aCertificateIsAskedFor() throws {
        let (_, first, at) = try ask(tls) {
            $0.tls = certificate()
            $0.tls?.trust = TLSMaterial(name: "ca.pem", bytes: Array(TestKeys.authority.utf8))
        }
        #expect(
            first.hasPrefix(
                "\(at): no TLS connection: the server requires a client certificate and none is "
                    + "set"), "\(first)")
    }

    // MARK: Logins

    @Test func aWrongPasswordIsTriedOnce() throws {
        let server = try #require(DoorServer { $0.mechanisms = ["PLAIN"] })
        let other = try #require(DoorServer { $0.mechanisms = ["PLAIN"] })
        defer {
            server.stop()
            other.stop()
        }
        let file = try ScratchFile()
        let settings = "bootstrap.servers=\(server.endpoint),\(other.endpoint)\n\(plain)"
        try file.replace(Array((settings + "sasl.password=wr0ng-one\n").utf8))
        let ended = try highwater("doctor --command-config \(file.path)")
        #expect(
            ended.output.contains(
                "  1. \(server.endpoint): the login of alice by PLAIN was refused: "
                    + "SASL_AUTHENTICATION_FAILED (Authentication failed: Invalid username or "
                    + "password). Check the user's name and password.\n"), "\(ended.output)")
        #expect(ended.code == 3)
        // The other address was looked at, and the account was not tried again.
        #expect(server.logins.withLock(\.count) + other.logins.withLock(\.count) == 1)
        #expect(ended.output.contains("no second login after a refusal"), "\(ended.output)")
        #expect(!(ended.output + ended.errors).contains("wr0ng"))
    }

    @Test func anotherMechanismIsOffered() throws {
        let (_, first, at) = try ask(plain + "sasl.password=right\n") {
            $0.mechanisms = ["SCRAM-SHA-512", "GSSAPI"]
        }
        #expect(
            first == "\(at): the broker does not offer PLAIN on this listener. It offers "
                + "SCRAM-SHA-512, GSSAPI: set sasl.mechanism.")
    }

    @Test func aLoginIsWantedAndNoneIsSet() throws {
        let (_, first, at) = try ask("") { $0.mechanisms = ["SCRAM-SHA-256", "PLAIN"] }
        #expect(
            first == "\(at): the port wants a login, and none is set (it offers SCRAM-SHA-256, "
                + "PLAIN). Set security.protocol=SASL_PLAINTEXT, sasl.mechanism and the login.")
    }

    @Test func aLoginIsSetAndNoneIsWanted() throws {
        let (_, first, at) = try ask(plain + "sasl.password=right\n") { _ in }
        #expect(
            first == "\(at): the login of alice by PLAIN was refused: ILLEGAL_SASL_STATE. This "
                + "listener takes no login: set security.protocol to PLAINTEXT or SSL.")
    }

    // MARK: Another cluster, another broker

    @Test func anotherClusterAnswers() throws {
        let (ended, first, at) = try ask("highwater.cluster.id=the-one-we-mean\n") { _ in }
        #expect(
            first == "\(at): cluster the-cluster answers there, and not the-one-we-mean. Nothing "
                + "it answers is taken in. Check addresses, names, tunnels and maps.")
        #expect(ended.code == 3)
    }

    @Test func aTunnelLeadsToAnotherBroker() throws {
        let server = try #require(
            DoorServer { $0.brokers = [(id: 3, host: "kafka-3", port: 9092)] })
        defer { server.stop() }
        let map = "highwater.address.map=kafka-3:9092=\(server.endpoint)\n"
        let (ended, first) = try ask(server.endpoint, map)
        #expect(
            first == "broker 3 (kafka-3:9092): broker 1 answers at its address "
                + "(\(server.endpoint) by the address map). Nothing it answers there is taken for "
                + "this broker's. Check advertised.listeners, names, tunnels and address maps.",
            "\(ended.output)")
        #expect(ended.code == 4)
    }

    @Test func advertisedNamesLeadNowhere() throws {
        let closed = try #require(LoopbackServer.closedPort())
        let (ended, first, at) = try ask("") {
            $0.brokers = [(id: 1, host: "127.0.0.1", port: closed)]
        }
        #expect(
            first.hasPrefix(
                "brokers name themselves 127.0.0.1:\(closed), which leads nowhere from here "
                    + "(connection refused at 127.0.0.1:\(closed)). If it is the one at \(at), "
                    + "highwater.address.map=127.0.0.1:\(closed)=\(at) is enough. Open tunnels, as "
                    + "with ssh -L 19092:127.0.0.1:\(closed) BASTION, and tell of them: "
                    + "highwater.address.map=127.0.0.1:\(closed)=127.0.0.1:19092."), "\(first)")
        #expect(ended.code == 4)
    }

    // MARK: Rights

    @Test func aRightIsMissing() throws {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = 24
        shape.offsetsPartitions = 3
        shape.groups = 1
        shape.access.deniesCluster = true
        let cluster = try LoopbackCluster(shape)
        defer { cluster.stop() }
        let (ended, first) = try ask(cluster.endpoints[0])
        #expect(
            first.hasPrefix(
                "without Describe, DescribeConfigs on the cluster there will be missing: configs "
                    + "of brokers, with them the way to ZooKeeper (Configs, Coordinator; config "
                    + "get --broker), sizes and how full volumes are (Volumes, Brokers, Topics; "
                    + "plan), moves of partitions"), "\(ended.output)")
        #expect(
            first.hasSuffix(
                "Allow it where it is wanted: kafka-acls.sh --add --allow-principal User:NAME "
                    + "--operation Describe --operation DescribeConfigs --cluster"))
        #expect(ended.output.contains("  2. without Create, Alter, AlterConfigs on the cluster "))
        #expect(ended.code == 4)
    }

    // MARK: All is well

    @Test func aClusterThatIsWellNeedsNothing() throws {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = 24
        shape.offsetsPartitions = 3
        shape.groups = 1
        shape.wallStartMs = LocalClock.wallMs
        let cluster = try LoopbackCluster(shape)
        defer { cluster.stop() }
        let (ended, first) = try ask(cluster.endpoints[0])
        #expect(ended.code == 0, "\(ended.output)")
        #expect(first.isEmpty)
        #expect(ended.output.hasSuffix("\nNothing needs to be changed.\n"))
        let document = try ask(cluster.endpoints[0], "", "--format json").ended.document()
        #expect(document["reached"]?.bool == true)
        #expect(document["to_change"]?.array?.isEmpty == true)
        #expect(document["brokers"]?.array?.count == 3)
        #expect(document["look"]?["complete"]?.bool == true)
        let steps = document["addresses"]?[0]?["steps"]?.array ?? []
        #expect(
            steps.compactMap { $0["step"]?.string } == ["dial", "versions", "metadata"])
        #expect(steps.allSatisfy { $0["outcome"]?.string == "done" })
        #expect(document["access"]?.array?.allSatisfy { $0["available"]?.bool == true } == true)
    }

    /// Over TLS with a login: what each step found stands there.
    @Test func theWayIsToldStepByStep() throws {
        let settings =
            tls.replacing("=SSL\n", with: "=SASL_SSL\n")
            + "sasl.mechanism=PLAIN\nsasl.username=alice\nsasl.password=right\n"
        let (ended, _, at) = try ask(settings) {
            $0.mechanisms = ["PLAIN"]
            $0.tls = certificate()
        }
        for expected in [
            "  \(at)\n", "TLSv1.3, TLS_", "CN=server by CN=Test CA, until 2126-10-31 (",
            "PLAIN as alice\n", "cluster the-cluster, 1 broker", "it is broker 1\n",
        ] {
            #expect(ended.output.contains(expected), "\(expected): \(ended.output)")
        }
        #expect(!ended.output.contains("right\n"))
    }
}
