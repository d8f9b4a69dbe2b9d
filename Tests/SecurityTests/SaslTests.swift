// SASL logins: against the exchanges that the standards print, against values computed with
// Python's hashlib, and against servers that lie.
import Testing
import Transport

@testable import Security

private func hasSHA2() -> Bool { (try? SHA2.sha256.hash([])) != nil }

private func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
}

private func fault(_ mechanism: any SaslMechanism, _ challenge: String?) -> String {
    do throws(SaslFailure) {
        return "no fault: \(text(try mechanism.step(challenge.map { Array($0.utf8) })) ?? "done")"
    } catch {
        return error.reason
    }
}

@Suite(.enabled(if: hasSHA2(), "SHA-2 needs the host's libssl, which is not here or forbids it"))
struct ScramTests {
    private static let nonce = "rOprNGfwEbeRWgbNEkqO"
    private static let serverNonce = nonce + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    private static let salt = "W22ZaJ0SNY7soEsUEjb6gQ=="

    private func login(_ password: String = "pencil") -> Scram {
        Scram(
            .sha256, ScramLogin(username: "user", password: password), nonce: Self.nonce)
    }

    /// RFC 7677, 3.
    @Test func theExchangeOfTheStandard() throws {
        let scram = login()
        #expect(scram.name == "SCRAM-SHA-256")
        #expect(text(try scram.step(nil)) == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
        let challenge = "r=\(Self.serverNonce),s=\(Self.salt),i=4096"
        #expect(
            text(try scram.step(Array(challenge.utf8)))
                == "c=biws,r=\(Self.serverNonce),"
                + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
        let last = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        #expect(try scram.step(Array(last.utf8)) == nil)
    }

    /// With SHA-512, a name that must be written otherwise, and a password beyond ASCII.
    @Test func namesAreEscapedAndPasswordsAreUTF8() throws {
        let scram = Scram(
            .sha512, ScramLogin(username: "al,ice=", password: "p\u{e9}ncil,="), nonce: "abc")
        #expect(text(try scram.step(nil)) == "n,,n=al=2Cice=3D,r=abc")
        #expect(
            text(try scram.step(Array("r=abcdef,s=\(Self.salt),i=4096".utf8)))
                == "c=biws,r=abcdef,p=LYw8fdBUHlfMfUPBjAwNiO7ZXnFd4hxr+t/QvEJv3jdHtk+V5MMIzgGhx3bpk"
                + "yVAIWbI51WC2o5z3ZIy7LXoiw==")
        let last =
            "v=9jb/g8rpZXWYVJxdpMhjzF6g4e9HzCg9ypx+2s6Urjc4WAnYL4FLn2VP2aPiBJHrtwc+dpyb5v1ydz0b0N"
            + "FbIg=="
        #expect(try scram.step(Array(last.utf8)) == nil)
    }

    /// KIP-48: the broker is told that this is a token.
    @Test func aDelegationTokenSaysSo() throws {
        let login = ScramLogin(username: "id", password: "hmac", isToken: true)
        let scram = Scram(.sha512, login, nonce: "n")
        #expect(text(try scram.step(nil)) == "n,,n=id,r=n,tokenauth=true")
    }

    @Test func whatServersMustNotSay() throws {
        let good = "r=\(Self.serverNonce),s=\(Self.salt)"
        let cases = [
            ("", "nonce is not built on ours"),
            ("r=another,s=\(Self.salt),i=4096", "nonce is not built on ours"),
            // Nothing of its own.
            ("r=\(Self.nonce),s=\(Self.salt),i=4096", "nonce is not built on ours"),
            ("r=\(Self.serverNonce),s=,i=4096", "makes no sense"),
            ("r=\(Self.serverNonce),s=!,i=4096", "makes no sense"),
            ("\(good),i=many", "makes no sense"), (good, "makes no sense"),
            ("\(good),i=4095", "asks for 4095 iterations"),
            ("\(good),i=2147483647", "asks for 2147483647 iterations"),
            ("m=x,\(good),i=4096", "demands a SCRAM extension"),
            ("e=unknown-user", "answered unknown-user"),
        ]
        for (challenge, expected) in cases {
            let scram = login()
            _ = try scram.step(nil)
            let said = fault(scram, challenge)
            #expect(said.contains(expected), "\(said)")
        }
        let ends = [
            ("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "does not know the password"),
            ("v=", "does not know the password"), ("v=!", "did not prove"), ("", "did not prove"),
            ("e=invalid-proof", "answered invalid-proof"),
        ]
        for (end, expected) in ends {
            let scram = login()
            _ = try scram.step(nil)
            _ = try scram.step(Array("\(good),i=4096".utf8))
            let said = fault(scram, end)
            #expect(said.contains(expected), "\(end): \(said)")
        }
    }

    /// Cut anywhere, what the server says is a fault or a proof that is not the right one.
    @Test func cutChallengesAreNoProof() throws {
        let challenge = Array("r=\(Self.serverNonce),s=\(Self.salt),i=4096".utf8)
        for count in 0..<challenge.count {
            let scram = login()
            _ = try scram.step(nil)
            let answer = try? scram.step(Array(challenge[..<count]))
            #expect(text(answer ?? [])?.contains("dHzbZapWIk4jUhN") != true, "\(count)")
        }
    }

    @Test func onePasswordIsDerivedOnce() throws {
        let login = ScramLogin(username: "user", password: "pencil")
        let salt = try #require(Base64.decode(Self.salt))
        let first = try login.keys(.sha256, salt: salt, iterations: 4096)
        #expect(try login.keys(.sha256, salt: salt, iterations: 4096).client == first.client)
        // Another salt, another hash: another key.
        #expect(try login.keys(.sha256, salt: salt + [1], iterations: 4096).client != first.client)
        #expect(try login.keys(.sha512, salt: salt, iterations: 4096).client.count == 64)
    }
}

struct SaslTests {
    @Test func plainSaysNameAndPassword() throws {
        let plain = Plain(username: "alice", password: "p\u{e9}")
        #expect(plain.name == "PLAIN")
        #expect(
            try plain.step(nil) == [0] + Array("alice".utf8) + [0] + [0x70, 0xc3, 0xa9])
        #expect(try plain.step([]) == nil)
        #expect(fault(Plain(username: "a\0b", password: ""), nil).contains("NUL"))
        #expect(fault(Plain(username: "", password: "x"), nil).contains("no empty name"))
    }

    @Test func aTokenIsSentWithItsExtensions() throws {
        let token = try BearerToken(
            "a.b.c", extensions: [("identityPoolId", "pool-1"), ("logicalCluster", "lkc-1")])
        let login = OAuthBearer { token }
        #expect(
            text(try login.step(nil))
                == "n,,\u{1}auth=Bearer a.b.c\u{1}identityPoolId=pool-1\u{1}"
                + "logicalCluster=lkc-1\u{1}\u{1}")
        #expect(try login.step([]) == nil)
        // A refusal: the server says why, and wants one byte before it ends the login.
        let refused = OAuthBearer { token }
        _ = try refused.step(nil)
        #expect(try refused.step(Array("{\"status\":\"invalid_token\"}".utf8)) == [1])
        #expect(fault(refused, "").contains("did not take the token"))
    }

    @Test func whatATokenCannotBe() {
        for text in ["", "a b", "a\u{1}auth=Bearer x", "\u{e9}", "a\n"] {
            #expect(throws: SaslFailure.self) { try BearerToken(text) }
        }
        for (name, value) in [("auth", "x"), ("", "x"), ("a-b", "x"), ("a", "\u{1}")] {
            #expect(throws: SaslFailure.self) {
                try BearerToken("t", extensions: [(name, value)])
            }
        }
    }

    @Test func anUnsignedTokenIsAsKafkaMakesIt() {
        var token = UnsecuredToken()
        token.strings = [("sub", "a\"b\\c\n")]
        token.numbers = [("n", "1.5")]
        token.lists = [("scope", ["r", "w"])]
        let parts = token.text(at: 1000).split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 3 && parts[2].isEmpty)
        let decoded = parts.dropLast().map { text(Base64.decode(String($0))) }
        #expect(
            decoded == [
                #"{"alg":"none"}"#,
                #"{"sub":"a\"b\\c\u000a","n":1.5,"scope":["r","w"],"iat":1000,"exp":4600}"#,
            ])
    }

    /// RFC 4648, 10, and what is none.
    @Test func base64() {
        for (plain, coded) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ] {
            let bytes = Array(plain.utf8)
            #expect(Base64.encode(bytes) == coded)
            #expect(Base64.decode(coded) == bytes)
            let bare = coded.filter { $0 != "=" }
            #expect(Base64.encode(bytes, isForURLs: true) == bare)
            #expect(Base64.decode(bare) == bytes)
        }
        #expect(Base64.encode([0xfb, 0xff], isForURLs: true) == "-_8")
        #expect(Base64.decode("+/8=") == [0xfb, 0xff] && Base64.decode("-_8") == [0xfb, 0xff])
        for text in ["A", "A===", "Zg=", "Z g=", "Zg==Zg==", "Zm8=="] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    /// Nothing of a login prints what it knows.
    @Test func loginsPrintNothing() throws {
        let token = try BearerToken("hunter2")
        let login = ScramLogin(username: "u", password: "hunter2")
        let all: [Any] = [
            Plain(username: "u", password: "hunter2"), login, Scram(.sha256, login), token,
            OAuthBearer { token }, AWSCredentials(keyID: "k", secret: "hunter2"),
        ]
        for one in all {
            var dumped = ""
            dump(one, to: &dumped)
            #expect(!dumped.contains("hunter2") && !"\(one)".contains("hunter2"))
        }
    }
}

@Suite(.enabled(if: hasSHA2(), "SHA-2 needs the host's libssl, which is not here or forbids it"))
struct MSKIAMTests {
    private static let host = "b-1.demo.abc123.c2.kafka.eu-central-1.amazonaws.com"
    private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    private func login(
        token: String? = nil, host: String = MSKIAMTests.host, region: String? = nil
    ) -> MSKIAM {
        MSKIAM(
            host: host, region: region, agent: "test", now: { 1_769_903_999 },
            source: { () throws(SaslFailure) in
                AWSCredentials(keyID: "AKIDEXAMPLE", secret: Self.secret, sessionToken: token)
            })
    }

    /// The key that AWS's documentation derives, and signatures computed with Python's hmac.
    @Test func signatures() throws {
        let key = try AWSSignature.key(Self.secret, "20150830/us-east-1/iam/aws4_request")
        #expect(
            AWSSignature.hex(key)
                == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
        let plain = try #require(text(try login().step(nil)))
        #expect(
            plain == #"{"version":"2020_10_22","host":"\#(Self.host)","user-agent":"test","#
                + #""action":"kafka-cluster:Connect","x-amz-algorithm":"AWS4-HMAC-SHA256","#
                + #""x-amz-credential":"AKIDEXAMPLE/20260131/eu-central-1/kafka-cluster/"#
                + #"aws4_request","x-amz-date":"20260131T235959Z","x-amz-expires":"900","#
                + #""x-amz-signedheaders":"host","x-amz-signature":""#
                + #"c9291d5d3928b0687bd8f6a894028b370d3c1efc1f4decf6559a6e3392ddb0bb"}"#)
        let short = try #require(text(try login(token: "to/ken+=\u{e9}").step(nil)))
        #expect(short.contains("\"x-amz-security-token\":\"to/ken+=\u{e9}\""))
        #expect(
            short.contains("e034f465aae1ecba9b30656ae2e4168136af45f9aec7a1535ebfea25b8aa1d1a"))
    }

    @Test func theAnswerIsNeverEmpty() throws {
        let login = login()
        _ = try login.step(nil)
        #expect(fault(login, "").contains("is empty"))
        let good = self.login()
        _ = try good.step(nil)
        #expect(try good.step(Array("{\"version\":\"2020_10_22\"}".utf8)) == nil)
    }

    @Test func theRegionIsOfTheName() {
        for (host, region) in [
            (Self.host, "eu-central-1"),
            ("boot-x.c1.kafka-serverless.us-east-1.amazonaws.com", "us-east-1"),
            ("b-1.x.kafka.cn-north-1.amazonaws.com.cn", "cn-north-1"), ("kafka-1.example.com", nil),
            ("127.0.0.1", nil), ("amazonaws.com", nil),
        ] as [(String, String?)] {
            #expect(MSKIAM.region(of: host) == region, "\(host)")
        }
        #expect(fault(login(host: "localhost"), nil).contains("tells no AWS region"))
        #expect(!fault(login(host: "localhost", region: "us-east-1"), nil).contains("region:"))
    }

    @Test func dates() {
        #expect(UTCTime.compact(0).second == "19700101T000000Z")
        #expect(UTCTime.compact(1_709_164_800).day == "20240229")
        #expect(UTCTime.compact(951_872_523).second == "20000301T010203Z")
        #expect(UTCTime.compact(1_769_903_999).second == "20260131T235959Z")
    }
}
