// OAUTHBEARER with tokens from an endpoint: over TLS, refused, slow to come, and renewed.
import Glibc
import JSON
import Testing
import Transport
import TransportTesting

@testable import Commands
@testable import Security
@testable import Settings

/// An identity provider on loopback: one request and one answer a connection.
private final class IdentityProvider: Sendable {
    let server: LoopbackServer
    let requests: Locked<[String]>

    /// - Parameter answer: from the number of the request, 1 at first.
    init?(tls: TLSOptions?, answer: @escaping @Sendable (Int) -> String) {
        let requests = Locked<[String]>([])
        self.requests = requests
        let context = tls.map { TLSContext(server: $0) }
        let made = LoopbackServer(
            .serve { peer in
                Self.serve(peer, context.map { TLSLayer($0, peer: nil) }, requests, answer)
            })
        guard let made else { return nil }
        server = made
    }

    private static func serve(
        _ peer: Int32, _ layer: TLSLayer?, _ requests: Locked<[String]>,
        _ answer: (Int) -> String
    ) {
        var out: [UInt8] = []
        try? layer?.start(&out)
        var chunk = [UInt8](repeating: 0, count: 16_384)
        var heard: [UInt8] = []
        while true {
            let count = recv(peer, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            if let layer {
                var reply: [UInt8] = []
                let isGood = chunk[..<count].withUnsafeBytes {
                    (try? layer.receive($0, plain: &heard, output: &reply)) != nil
                }
                _ = send(peer, reply, reply.count, Int32(MSG_NOSIGNAL))
                guard isGood else { return }
            } else {
                heard += chunk[..<count]
            }
            let text = String(decoding: heard, as: UTF8.self)
            guard text.contains("grant_type=") else { continue }
            let number = requests.withLock { list in
                list.append(text)
                return list.count
            }
            var bytes = Array(answer(number).utf8)
            if let layer {
                let plain = bytes
                bytes = []
                try? layer.send(plain, &bytes)
            }
            _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            return
        }
    }

    var port: UInt16 { server.endpoint.port }
}

private func json(_ status: String, _ body: String) -> String {
    "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

@MainActor
@Suite(.serialized, .onOwnThread) struct TokenEndpointTests {
    private var certificate: TLSOptions {
        var options = TLSOptions()
        options.identity = TLSMaterial(
            name: "server.pem", bytes: Array((TestKeys.server + "\n" + TestKeys.serverKey).utf8))
        return options
    }

    private func doctor(_ broker: Endpoint, _ url: String, _ trust: String) throws -> Ended {
        let file = try ScratchFile()
        try file.replace(
            Array(
                """
                bootstrap.servers=\(broker)
                security.protocol=SASL_PLAINTEXT
                sasl.mechanism=OAUTHBEARER
                sasl.oauthbearer.token.endpoint.url=\(url)
                sasl.jaas.config=a.OAuthBearerLoginModule required clientId="the client" \\
                  clientSecret="s3cret-of-it" scope="kafka read" \\
                  ssl.truststore.type=PEM ssl.truststore.location="\(trust)" extension_pool="p1";

                """.utf8))
        return try highwater("doctor --timeout 3s --command-config \(file.path)")
    }

    @Test func aTokenComesOverTLSAndOpensTheDoor() throws {
        let made = DoorServer {
            $0.mechanisms = ["OAUTHBEARER"]
            $0.token = "tok.en.1"
        }
        let broker = try #require(made)
        let token = json("200 OK", #"{"access_token":"tok.en.1","expires_in":3600}"#)
        let idp = IdentityProvider(tls: certificate) { _ in token }
        let provider = try #require(idp)
        defer {
            broker.stop()
            provider.server.stop()
        }
        let trust = try ScratchFile()
        try trust.replace(Array(TestKeys.authority.utf8))
        let ended = try doctor(
            broker.endpoint, "https://127.0.0.1:\(provider.port)/oauth/token", trust.path)
        #expect(ended.output.contains("OAUTHBEARER as the client\n"), "\(ended.output)")
        #expect(ended.output.contains("it is broker 1\n"), "\(ended.errors)")
        let asked = provider.requests.withLock { $0 }
        #expect(asked.count == 1)
        #expect(asked.first?.hasPrefix("POST /oauth/token HTTP/1.1\r\n") == true)
        #expect(
            asked.first?.contains(
                "Authorization: Basic \(Base64.encode(Array("the client:s3cret-of-it".utf8)))\r\n")
                == true)
        #expect(
            asked.first?.hasSuffix("\r\n\r\ngrant_type=client_credentials&scope=kafka%20read")
                == true)
        for secret in ["s3cret", "tok.en.1"] {
            #expect(!(ended.output + ended.errors).contains(secret))
        }
    }

    @Test func whyThereIsNoTokenIsSaid() throws {
        let trust = try ScratchFile()
        try trust.replace(Array(TestKeys.authority.utf8))
        let closed = try #require(LoopbackServer.closedPort())
        let door = Endpoint(host: "127.0.0.1", port: closed)
        let cases: [(String, String)] = [
            (
                json(
                    "401 Unauthorized",
                    #"{"error":"invalid_client","error_description":"no such client"}"#),
                "it answered 401 (invalid_client: no such client): check the client's id, its "
                    + "secret and the scope"
            ),
            (json("200 OK", "{}"), "its answer holds no access_token"),
            (
                json("200 OK", #"{"access_token":"a b"}"#),
                "the token is empty or holds what no token holds"
            ),
            ("SSH-2.0-x\r\n", "the port does not speak HTTP"),
        ]
        for (answer, reason) in cases {
            let idp = IdentityProvider(tls: certificate) { _ in answer }
            let provider = try #require(idp)
            defer { provider.server.stop() }
            let url = "https://127.0.0.1:\(provider.port)/t"
            let ended = try doctor(door, url, trust.path)
            #expect(
                ended.errors.contains("OAUTHBEARER: no token from \(url): \(reason)"),
                "\(ended.errors)")
            #expect(ended.code == ExitCode.noCluster.rawValue)
            #expect(!ended.errors.contains("s3cret"))
        }
        try trust.replace(Array(TestKeys.otherAuthority.utf8))
        let idp = IdentityProvider(tls: certificate) { _ in "" }
        let provider = try #require(idp)
        defer { provider.server.stop() }
        let ended = try doctor(door, "https://127.0.0.1:\(provider.port)/t", trust.path)
        #expect(ended.errors.contains("its certificate was issued by"), "\(ended.errors)")
    }

    /// Before it runs out, at four fifths of its life.
    @Test func aTokenIsRenewed() throws {
        let idp = IdentityProvider(tls: nil) { number in
            json("200 OK", #"{"access_token":"token-\#(number)","expires_in":2}"#)
        }
        let provider = try #require(idp)
        defer { provider.server.stop() }
        let settings = TokenEndpointSettings(
            isTLS: false, server: try HostPort(parsing: "127.0.0.1:\(provider.port)"), path: "/",
            clientID: "c", clientSecret: Secret("s"))
        let endpoint = TokenEndpoint(settings, nil, try Setup.startLoop())
        try endpoint.start()
        #expect(try endpoint.read() == "token-1")
        var newest = ""
        for _ in 0..<1_200 where newest != "token-3" {
            usleep(50_000)
            newest = (try? endpoint.read()) ?? newest
        }
        #expect(newest == "token-3")
    }
}
