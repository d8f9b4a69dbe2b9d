// TLS between two layers of this process: data, certificates, key stores.
import Testing
import Transport
import TransportTesting

@testable import Security

@Suite(.enabled(if: hasOpenSSL(), needsLibrary)) struct TLSTests {
    private let goodClient = TLSContext(clientOptions())
    private let goodServer = TLSContext(server: serverOptions())
    private let oldServer = TLSContext(server: serverOptions(), newestVersion: 0x0303)

    @Test func dataPassesInPiecesOfAnySize() throws {
        let question = Array("are you ok".utf8)
        let answer = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for (server, version) in [(goodServer, "TLSv1.3"), (oldServer, "TLSv1.2")] {
            for portion in [1, 2, 5, 100, 1_000, 16_384, 100_000] {
                let pair = Pair(goodClient, server)
                pair.portion = portion
                pair.run()
                #expect(pair.client.isReady && pair.server.isReady)
                #expect(pair.client.version == version)
                try pair.client.send(question, &pair.toServer)
                try pair.server.send(answer, &pair.toClient)
                pair.move()
                #expect(pair.serverHeard == question)
                #expect(pair.clientHeard == answer)
                #expect(pair.clientError == nil && pair.serverError == nil)
            }
        }
    }

    @Test func muchDataPasses() throws {
        let pair = Pair(goodClient, goodServer)
        pair.portion = 128 * 1024
        pair.run()
        let piece = [UInt8](repeating: 7, count: 3 << 20)
        for _ in 0..<4 { try pair.server.send(piece, &pair.toClient) }
        pair.move()
        #expect(pair.clientHeard.count == 12 << 20)
        #expect(pair.clientHeard.last == 7)
        try pair.client.send(piece, &pair.toServer)
        pair.move()
        #expect(pair.serverHeard == piece)
    }

    @Test func everyFaultOfACertificateIsNamed() {
        // Who serves, what is trusted, which name, and what must be said.
        let cases: [(String, String?, String, String)] = [
            (TestKeys.server, TestKeys.authority, "zk1.example.com", "none"),
            (TestKeys.server, TestKeys.authority, "zk1.example.com.", "none"),
            (TestKeys.server, TestKeys.authority, "a.svc.example.com", "none"),
            (TestKeys.server, TestKeys.authority, "127.0.0.1", "none"),
            (TestKeys.server, TestKeys.authority, "::1", "none"),
            (
                TestKeys.server, TestKeys.authority, "a.b.svc.example.com",
                "its certificate is for zk1.example.com, *.svc.example.com, 127.0.0.1, ::1, "
                    + "not for a.b.svc.example.com"
            ),
            (
                TestKeys.server, TestKeys.authority, "zk2.example.com",
                "its certificate is for zk1.example.com, *.svc.example.com, 127.0.0.1, ::1, "
                    + "not for zk2.example.com"
            ),
            (TestKeys.server, TestKeys.authority, "127.0.0.2", "not for 127.0.0.2"),
            (
                TestKeys.expired, TestKeys.authority, "zk1.example.com",
                "its certificate expired on 2021-01-01 00:00 UTC (CN=expired)"
            ),
            (
                TestKeys.early, TestKeys.authority, "zk1.example.com",
                "its certificate is not valid before 2098-01-01 00:00 UTC (CN=early): check "
                    + "this machine's clock"
            ),
            (
                TestKeys.server, TestKeys.otherAuthority, "zk1.example.com",
                "its certificate was issued by CN=Test CA, which ca.pem does not contain"
            ),
            (
                TestKeys.server, nil, "zk1.example.com",
                "its certificate was issued by CN=Test CA, which the system's trust store does "
                    + "not contain"
            ),
            (
                TestKeys.selfSigned, TestKeys.authority, "zk1.example.com",
                "it shows a self-signed certificate (CN=alone) that ca.pem does not contain"
            ),
            (TestKeys.selfSigned, TestKeys.selfSigned, "zk1.example.com", "none"),
            // A trusted certificate need not be an authority's, as in Java.
            (TestKeys.server, TestKeys.server, "zk1.example.com", "none"),
        ]
        for (certificate, trust, name, expected) in cases {
            for version in [nil, 0x0303] {
                let server = TLSContext(
                    server: serverOptions(certificate), newestVersion: version)
                let pair = Pair(TLSContext(clientOptions(trust)), server, name: name)
                pair.run()
                #expect(pair.clientWords.contains(expected), "\(name): \(pair.clientWords)")
                // The peer is told why.
                #expect((pair.serverError == nil) == (expected == "none"))
            }
        }
    }

    @Test func checksCanBeTurnedOff() {
        var anyName = clientOptions()
        anyName.checksName = false
        let nameless = Pair(TLSContext(anyName), goodServer, name: "elsewhere")
        nameless.run()
        #expect(nameless.clientError == nil)
        var anybody = clientOptions(nil)
        anybody.checksCertificate = false
        let expired = TLSContext(server: serverOptions(TestKeys.expired))
        let blind = Pair(TLSContext(anybody), expired, name: "elsewhere")
        blind.run()
        #expect(blind.clientError == nil)
        // Who names what is trusted is protected still.
        anyName.trust = material("ca.pem", TestKeys.otherAuthority)
        let wrong = Pair(TLSContext(anyName), goodServer, name: "elsewhere")
        wrong.run()
        #expect(wrong.clientError != nil)
    }

    @Test func clientsShowTheirCertificateFromEveryKindOfStore() {
        let oneLine = TestKeys.client.replacing("\n", with: " ")
        let stores: [(String, TLSMaterial, TLSMaterial?)] = [
            ("pem", material("c.pem", TestKeys.client + "\n" + TestKeys.clientKey), nil),
            ("two", material("c.pem", TestKeys.client), material("c.key", TestKeys.clientKey)),
            ("line", material("inline", oneLine), material("c.key", TestKeys.clientKey)),
            (
                "sealed", material("c.pem", TestKeys.client),
                material("c.key", TestKeys.clientKeyEncrypted, password: TestKeys.password)
            ),
            (
                "old", material("c.pem", TestKeys.client),
                material("c.key", TestKeys.clientKeyOldEncrypted, password: TestKeys.password)
            ),
            (
                "p12",
                TLSMaterial(
                    name: "c.p12", bytes: TestKeys.clientPKCS12, password: TestKeys.password), nil
            ),
            (
                "jks",
                TLSMaterial(
                    name: "c.jks", bytes: TestKeys.clientJKS, password: TestKeys.password), nil
            ),
        ]
        var demanding = serverOptions()
        demanding.trust = material("ca.pem", TestKeys.authority)
        for version in [nil, 0x0303] {
            let server = TLSContext(server: demanding, newestVersion: version)
            for (kind, identity, key) in stores {
                var options = clientOptions()
                options.identity = identity
                options.key = key
                let pair = Pair(TLSContext(options), server)
                pair.run()
                #expect(pair.clientWords == "none" && pair.server.isReady, "\(kind)")
            }
            let none = Pair(goodClient, server)
            none.run()
            #expect(
                none.clientWords == "the server requires a client certificate and none is set")
            var stranger = serverOptions()
            stranger.trust = material("other.pem", TestKeys.otherAuthority)
            var options = clientOptions()
            options.identity = stores[0].1
            let refused = Pair(
                TLSContext(options), TLSContext(server: stranger, newestVersion: version))
            refused.run()
            #expect(refused.clientWords.hasPrefix("the server refused this client's certificate"))
        }
    }

    @Test func trustComesFromEveryKindOfStore() {
        let stores: [TLSMaterial] = [
            TLSMaterial(name: "t.p12", bytes: TestKeys.trustPKCS12, password: TestKeys.password),
            TLSMaterial(name: "t.jks", bytes: TestKeys.trustJKS, password: TestKeys.password),
            // Java reads a trust store without its password too.
            TLSMaterial(name: "t.jks", bytes: TestKeys.trustJKS),
            material("t.pem", "a word before\n" + TestKeys.authority.replacing("\n", with: "\r\n")),
            material("t.pem", TestKeys.otherAuthority + "\n" + TestKeys.authority),
            material("inline", TestKeys.authority.replacing("\n", with: " ")),
        ]
        for store in stores {
            var options = TLSOptions()
            options.trust = store
            let pair = Pair(TLSContext(options), goodServer)
            pair.run()
            #expect(pair.clientWords == "none", "\(store)")
        }
    }
}
