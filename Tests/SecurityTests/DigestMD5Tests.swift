// The DIGEST-MD5 login against proofs computed with Python's hashlib, and against servers that say
// nonsense.
import Testing
import Transport

@testable import Security

private let challenge =
    "realm=\"zk-sasl-md5\",nonce=\"OA6MG9tEQGm2hh\",charset=utf-8,algorithm=md5-sess"

/// Whether the host has the library that MD5 comes from.
private func hasMD5() -> Bool { (try? Digest.md5([])) != nil }

private func login(_ user: String = "kafka", _ password: String = "kafka-secret") -> DigestMD5 {
    DigestMD5(username: user, password: password, nonce: "OA6MHXh6VqTrRk")
}

private func fault(_ login: DigestMD5, _ challenge: [UInt8]?) -> String {
    do throws(SaslFailure) {
        _ = try login.step(challenge)
        return "none"
    } catch {
        return error.reason
    }
}

@Suite(.enabled(if: hasMD5(), "MD5 needs the host's libssl, which is not here or forbids it"))
struct DigestMD5Tests {
    @Test func theProofsAreThoseOfTheStandard() throws {
        // A1 = MD5(user:realm:password):nonce:cnonce, the texts in ISO 8859-1 where they fit;
        // A2 = AUTHENTICATE:zookeeper/zk-sasl-md5, and without its first word for the server.
        let cases = [
            (
                "kafka", "kafka-secret", "3de978aea441c1fc4249bdcd57c57be9",
                "8577028eadc1cb807127eb830939ec99"
            ),
            (
                "k\u{e4}fka", "geh\u{e9}im", "9f86000589a8ca6699a49c4bb602c07b",
                "f7cd7d467fd74a5592503aec0cc4e6e6"
            ),
            (
                "\u{436}\u{443}\u{43a}", "\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}",
                "0dc2ac98944d1e229db63949a92cc15b", "ca63823e2e4e77888ca575e9b6883a70"
            ),
        ]
        for (user, password, proof, serverProof) in cases {
            let login = login(user, password)
            #expect(try login.step(nil) == [])
            let answer = try #require(try login.step(Array(challenge.utf8)))
            #expect(
                String(decoding: answer, as: UTF8.self)
                    == "charset=utf-8,username=\"\(user)\",realm=\"zk-sasl-md5\","
                    + "nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\","
                    + "digest-uri=\"zookeeper/zk-sasl-md5\",response=\(proof),qop=auth")
            #expect(try login.step(Array("rspauth=\(serverProof)".utf8)) == nil)
        }
    }

    @Test func aServerMustProveItself() throws {
        for (proof, expected) in [
            ("rspauth=8577028eadc1cb807127eb830939ec98", "the server does not know the password"),
            ("ok=1", "the server did not prove that it knows the password"),
            ("", "the server did not prove that it knows the password"),
        ] {
            let login = login()
            _ = try login.step(nil)
            _ = try login.step(Array(challenge.utf8))
            #expect(fault(login, Array(proof.utf8)) == expected)
        }
        let login = login()
        _ = try login.step(nil)
        _ = try login.step(Array(challenge.utf8))
        #expect(fault(login, nil) == "the server did not prove that it knows the password")
    }

    @Test func challengesThatCannotBeAnsweredAreNamed() throws {
        let cases: [([UInt8]?, String)] = [
            (nil, "the server offers no SASL login"),
            ([], "the server offers no SASL login"),
            (Array("realm=\"x\"".utf8), "the server's challenge has no nonce"),
            (Array("nonce=\"x".utf8), "the server's challenge makes no sense"),
            (Array("nonce".utf8), "the server's challenge makes no sense"),
            (
                Array("nonce=a,algorithm=sha".utf8),
                "the server asks for another algorithm than md5-sess"
            ),
            (
                Array("nonce=a,qop=\"auth-int,auth-conf\"".utf8),
                "the server wants to protect every message, which is not supported"
            ),
            (Array("nonce=a, qop=\"auth-int, AUTH\"".utf8), "none"),
        ]
        for (bytes, expected) in cases {
            let login = login()
            _ = try login.step(nil)
            #expect(fault(login, bytes) == expected)
        }
    }

    @Test func quotesAreReadAndWritten() throws {
        let read = try DigestText.read(Array(#"a="x\"y\\z,",b=2 , ,c="",a=3"#.utf8))
        #expect(read == ["a": #"x"y\z,"#, "b": "2 ", "c": ""])
        #expect(DigestText.quoted(#"x"y\z"#) == #""x\"y\\z""#)
        // Whatever comes, it is read or refused.
        var state: UInt64 = 5
        for _ in 0..<3_000 {
            var bytes: [UInt8] = []
            for _ in 0..<(state >> 40 & 15) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(Array("a=\",\\ \u{7f}b".utf8)[Int(state >> 33 & 7)])
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            _ = try? DigestText.read(bytes)
        }
        var dumped = ""
        dump(login("me", "hunter2"), to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(DigestMD5.randomNonce() != DigestMD5.randomNonce())
    }
}
