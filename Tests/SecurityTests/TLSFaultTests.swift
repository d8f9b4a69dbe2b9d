// TLS when something is wrong: settings, strangers, damage, goodbyes; and under the loop.
import Simulation
import Testing
import Transport
import TransportTesting

@testable import Security

/// Numbers that look random and are the same in every run.
private struct Dice {
    var state: UInt64

    mutating func next(_ below: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % below
    }
}

@Suite(.enabled(if: hasOpenSSL(), needsLibrary)) struct TLSFaultTests {
    private let goodClient = TLSContext(clientOptions())
    private let goodServer = TLSContext(server: serverOptions())
    private let oldServer = TLSContext(server: serverOptions(), newestVersion: 0x0303)

    /// A certificate, its key where it stands apart, and what is said of the two.
    private static let wrongSettings: [(TLSMaterial, TLSMaterial?, String)] = {
        func store(_ name: String, _ bytes: [UInt8], _ password: String?) -> TLSMaterial {
            TLSMaterial(name: name, bytes: bytes, password: password.map { Array($0.utf8) })
        }
        func key(_ text: String, _ password: String?) -> TLSMaterial {
            store("c.key", Array(text.utf8), password)
        }
        let certificate = material("c.pem", TestKeys.client)
        let cutJKS = Array(TestKeys.clientJKS.dropLast(200))
        return [
            (store("e", [], nil), nil, "e is empty"),
            (
                material("x", "hello"), nil,
                "x holds neither PEM text nor a PKCS12 or JKS store"
            ),
            (certificate, nil, "c.pem holds no private key"),
            (material("k", TestKeys.clientKey), nil, "k holds no certificate"),
            (
                certificate, key(TestKeys.serverKey, nil),
                "the private key in c.key does not belong to its certificate"
            ),
            (
                certificate, key(TestKeys.clientKeyEncrypted, nil),
                "the private key in c.key is encrypted and no password is set for it"
            ),
            (
                certificate, key(TestKeys.clientKeyEncrypted, "wrong"),
                "the password does not open the private key in c.key"
            ),
            (
                certificate, key(TestKeys.clientKeyOldEncrypted, "wrong"),
                "the password does not open the private key in c.key"
            ),
            (
                store("c.p12", TestKeys.clientPKCS12, "wrong"), nil,
                "the password does not open c.p12"
            ),
            (
                store("c.p12", TestKeys.clientPKCS12, nil), nil,
                "c.p12 needs a password and none is set"
            ),
            (
                store("c.p12", Array(TestKeys.clientPKCS12.dropLast(9)), "secret"), nil,
                "c.p12 is not a PKCS12 store, or is cut short"
            ),
            (
                store("c.jks", TestKeys.clientJKS, "wrong"), nil,
                "the password does not open c.jks, or it is damaged"
            ),
            (
                store("c.jks", cutJKS, "secret"), nil,
                "the password does not open c.jks, or it is damaged"
            ),
            (store("c.jks", cutJKS, nil), nil, "c.jks is cut short"),
            (
                store("c.jks", TestKeys.clientJKS, nil), nil,
                "the key in c.jks needs a password and none is set"
            ),
            (
                store("c", [0xce, 0xce, 0xce, 0xce, 0, 0], nil), nil,
                "c is a JCEKS store, which is not read: convert it with keytool "
                    + "-importkeystore -deststoretype PKCS12"
            ),
        ]
    }()

    @Test func wrongSettingsAreNamed() {
        for (identity, key, expected) in Self.wrongSettings {
            var options = clientOptions()
            options.identity = identity
            options.key = key
            let context = TLSContext(options)
            #expect(context.check() == .protection(expected))
            // The same sentence at every connection.
            let pair = Pair(context, goodServer)
            pair.run()
            #expect(pair.clientWords == expected)
        }
        #expect(goodClient.check() == nil)
    }

    @Test func damagedStoresNeverTrap() {
        var dice = Dice(state: 7)
        let stores = [
            TestKeys.clientPKCS12, TestKeys.clientJKS, TestKeys.trustJKS,
            Array((TestKeys.client + TestKeys.clientKey).utf8),
        ]
        var faults = 0
        for round in 0..<240 {
            var bytes = stores[round % stores.count]
            for _ in 0...dice.next(3) {
                bytes[dice.next(bytes.count)] = UInt8(dice.next(256))
            }
            if round % 5 == 0 { bytes.removeLast(dice.next(bytes.count)) }
            var options = TLSOptions()
            // JKS without its password is parsed whatever its check sum says.
            let password = round % 2 == 0 ? TestKeys.password : nil
            let held = TLSMaterial(name: "s", bytes: bytes, password: password)
            options.trust = held
            options.identity = held
            if TLSContext(options).check() != nil { faults += 1 }
        }
        #expect(faults > 120)
    }

    @Test func strangersAreNamed() {
        let cases: [(String, String)] = [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", "an HTTP server answered, not TLS"),
            ("SSH-2.0-OpenSSH_9\r\n", "an SSH server answered, not TLS"),
            ("This ZooKeeper instance", "the answer is not TLS: this may be a plaintext port"),
            ("\0\0\0\u{5}hello there", "the answer is not TLS: this may be a plaintext port"),
        ]
        for (bytes, expected) in cases {
            let pair = Pair(goodClient, goodServer)
            pair.damage = { _ in Array(bytes.utf8) }
            pair.run()
            #expect(pair.clientWords == expected)
        }
        let pair = Pair(goodClient, goodServer)
        // A record of TLS that says: no version in common.
        pair.damage = { _ in [0x15, 3, 3, 0, 2, 2, 70] }
        pair.run()
        #expect(
            pair.clientWords
                == "the server speaks no TLS version that is allowed here (1.2 or newer)")
    }

    @Test func damageOnTheWayIsAlwaysNoticed() throws {
        let secret = Array("the answer".utf8)
        for server in [goodServer, oldServer] {
            var length = 400
            var at = 0
            while at < length {
                var passed = 0
                let pair = Pair(goodClient, server)
                pair.damage = { bytes in
                    defer { passed += bytes.count }
                    length = max(length, passed + bytes.count)
                    guard (passed..<passed + bytes.count).contains(at) else { return bytes }
                    var bytes = bytes
                    bytes[at - passed] ^= 1 << UInt8(at % 8)
                    return bytes
                }
                pair.run()
                if pair.clientError == nil, pair.serverError == nil, pair.server.isReady {
                    try pair.server.send(secret, &pair.toClient)
                    pair.move()
                }
                // Wrong data is never taken for the peer's.
                #expect(pair.clientHeard.isEmpty || pair.clientHeard == secret)
                at += 41
            }
        }
    }

    @Test func randomBytesNeverTrap() {
        var dice = Dice(state: 11)
        for _ in 0..<150 {
            let pair = Pair(goodClient, goodServer)
            var bytes = (0..<dice.next(300)).map { _ in UInt8(dice.next(256)) }
            if dice.next(3) > 0 {
                let kind = 20 + UInt8(dice.next(4))
                bytes = [kind, 3, 3, 0, UInt8(dice.next(256))] + bytes
            }
            pair.damage = { _ in bytes }
            pair.run()
            #expect(pair.clientHeard.isEmpty)
        }
    }

    @Test func aGoodbyeEndsTheStreamAndTheRestIsLeft() throws {
        for server in [goodServer, oldServer] {
            let pair = Pair(goodClient, server)
            pair.run()
            try pair.server.send([1, 2, 3], &pair.toClient)
            pair.server.sayGoodbye(&pair.toClient)
            pair.toClient += [9, 9, 9]
            pair.move()
            #expect(pair.clientHeard == [1, 2, 3])
            #expect(pair.client.hasEnded && pair.clientError == nil)
        }
    }

    @Test func newKeysInTheMiddleAreRefused() throws {
        let pair = Pair(goodClient, oldServer)
        pair.run()
        try pair.server.send([5], &pair.toClient)
        pair.move()
        pair.server.renegotiate(&pair.toClient)
        pair.move()
        // OpenSSL's server gives up then; what came before counts.
        #expect(pair.clientHeard == [5])
        #expect(pair.clientWords == "the server broke off with TLS alert 40")
    }

    /// An echo behind TLS in the simulated network, which cuts bytes as it likes.
    private final class SecureEcho: SimulatedServer {
        let layer: LoopBound<TLSLayer>
        let saysGoodbye: Bool

        init(_ loop: Loop, _ context: TLSContext, saysGoodbye: Bool) {
            self.saysGoodbye = saysGoodbye
            layer = LoopBound(loop) {
                let layer = TLSLayer(context, peer: nil)
                var nothing: [UInt8] = []
                try? layer.start(&nothing)
                return layer
            }
        }

        func received(_ bytes: [UInt8], _ side: ServerSide) {
            var plain: [UInt8] = []
            var output: [UInt8] = []
            bytes.withUnsafeBytes { bytes in
                try? layer.value.receive(bytes, plain: &plain, output: &output)
            }
            if !plain.isEmpty { try? layer.value.send(plain, &output) }
            if !plain.isEmpty, saysGoodbye { layer.value.sayGoodbye(&output) }
            if !output.isEmpty { side.send(output) }
        }
    }

    private func ask(name: String, saysGoodbye: Bool = false) -> Result<[UInt8], TransportError>? {
        let system = SimulatedSystem()
        let loop = Loop(system)
        system.set(
            Address(10, 0, 0, 1, port: 2281),
            .serves(SecureEcho(loop, goodServer, saysGoodbye: saysGoodbye)))
        let outcome = Locked<Result<[UInt8], TransportError>?>(nil)
        let context = goodClient
        loop.post {
            var options = ConnectOptions()
            options.makeLayer = { context.makeLayer(for: name) }
            let stream = FrameStream()
            stream.onOpen = { [unowned stream] in
                let body = [UInt8](repeating: 6, count: 3000)
                _ = stream.send(framed(bigEndian(stream.nextCorrelationID) + body)) { result in
                    outcome.withLock {
                        if $0 == nil { $0 = result.map { $0.withBytes(Array.init) } }
                    }
                    if !saysGoodbye { loop.stop() }
                }
            }
            stream.onEnd = { error in
                outcome.withLock { if $0 == nil || saysGoodbye { $0 = .failure(error) } }
                loop.stop()
            }
            stream.connect(loop, to: Endpoint(host: "10.0.0.1", port: 2281), options)
        }
        loop.run()
        return outcome.withLock { $0 }
    }

    @Test func theLoopSpeaksThroughTLS() {
        #expect(ask(name: "zk1.example.com") == .success([UInt8](repeating: 6, count: 3000)))
        guard case .failure(.protection(let words)) = ask(name: "zk9.example.com") else {
            Issue.record("a wrong name passed")
            return
        }
        #expect(words.hasSuffix("not for zk9.example.com"))
        // The goodbye alone ends the connection; the peer's socket stays open here.
        guard case .failure(let end) = ask(name: "zk1.example.com", saysGoodbye: true) else {
            Issue.record("the goodbye was not heard")
            return
        }
        #expect(end == .closedByPeer(answers: 1) || "\(end)".hasPrefix("closedInFrame"))
    }

    @Test func md5IsTheKnownOne() throws {
        // RFC 1321, A.5.
        let digest = try Digest.md5(Array("message digest".utf8))
        let hex = digest.map { (byte: UInt8) -> String in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        #expect(hex.joined() == "f96b697d7cb7938d525a2f31aaf161d0")
    }
}
