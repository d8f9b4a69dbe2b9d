// The DIGEST-MD5 login (RFC 2831) as ZooKeeper's servers speak it: quality of protection "auth",
// one realm, no channel and no authorization of others.
package import Transport

/// One login by name and password; the password never leaves this machine.
package final class DigestMD5: SaslMechanism, CustomReflectable {
    package typealias Hash = @Sendable ([UInt8]) throws(SaslFailure) -> [UInt8]

    private enum Stage { case start, challenged, done }

    package var name: String { "DIGEST-MD5" }
    /// Service and server name as all ZooKeeper clients give them.
    private static let uri = "zookeeper/zk-sasl-md5"
    private static let count = "00000001"
    private let username: String
    private let password: String
    private let nonce: String
    private let hash: Hash
    private var stage = Stage.start
    private var expected = ""

    /// `nonce` is ours, new for each login; `hash` is MD5.
    package init(
        username: String, password: String, nonce: String = DigestMD5.randomNonce(),
        hash: @escaping Hash = DigestMD5.systemHash
    ) {
        self.username = username
        self.password = password
        self.nonce = nonce
        self.hash = hash
    }

    /// 128 random bits as text.
    package static func randomNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(generator.next(), radix: 16) + String(generator.next(), radix: 16)
    }

    /// Nothing of it prints: it knows the password.
    package var customMirror: Mirror { Mirror(self, children: []) }

    package func step(_ challenge: [UInt8]?) throws(SaslFailure) -> [UInt8]? {
        switch stage {
        case .start:
            // The server speaks first, once it is asked to.
            stage = .challenged
            return []
        case .challenged:
            guard let challenge, !challenge.isEmpty else {
                throw SaslFailure("the server offers no SASL login")
            }
            stage = .done
            return try answer(try DigestText.read(challenge))
        case .done:
            guard let challenge, let proof = try DigestText.read(challenge)["rspauth"] else {
                throw SaslFailure("the server did not prove that it knows the password")
            }
            guard proof == expected else {
                throw SaslFailure("the server does not know the password")
            }
            return nil
        }
    }

    private func answer(_ challenge: [String: String]) throws(SaslFailure) -> [UInt8] {
        guard let serverNonce = challenge["nonce"], !serverNonce.isEmpty else {
            throw SaslFailure("the server's challenge has no nonce")
        }
        guard challenge["algorithm"].map({ $0.lowercased() == "md5-sess" }) ?? true else {
            throw SaslFailure("the server asks for another algorithm than md5-sess")
        }
        let offered = challenge["qop", default: "auth"].split(separator: ",").map {
            $0.filter { !$0.isWhitespace }.lowercased()
        }
        guard offered.contains("auth") else {
            throw SaslFailure("the server wants to protect every message, which is not supported")
        }
        let realm = challenge["realm"] ?? ""
        let identity =
            Self.text(username) + [0x3a] + Self.text(realm) + [0x3a]
            + Self.text(password)
        let secret = try hash(identity) + Array(":\(serverNonce):\(nonce)".utf8)
        let key = Self.hex(try hash(secret))
        func proof(_ request: String) throws(SaslFailure) -> String {
            let asked = Self.hex(try hash(Array(request.utf8)))
            let all = "\(key):\(serverNonce):\(Self.count):\(nonce):auth:\(asked)"
            return Self.hex(try hash(Array(all.utf8)))
        }
        let response = try proof("AUTHENTICATE:\(Self.uri)")
        expected = try proof(":\(Self.uri)")
        let parts = [
            "charset=utf-8", "username=\(DigestText.quoted(username))",
            "realm=\(DigestText.quoted(realm))", "nonce=\(DigestText.quoted(serverNonce))",
            "nc=\(Self.count)", "cnonce=\(DigestText.quoted(nonce))",
            "digest-uri=\(DigestText.quoted(Self.uri))", "response=\(response)", "qop=auth",
        ]
        return Array(parts.joined(separator: ",").utf8)
    }

    /// MD5 of the host's OpenSSL.
    package static let systemHash: Hash = { bytes throws(SaslFailure) in
        do throws(TransportError) {
            return try Digest.md5(bytes)
        } catch {
            if case .protection(let words) = error { throw SaslFailure(words) }
            throw SaslFailure("MD5 is not to be had")
        }
    }

    /// As RFC 2831 hashes names and passwords: ISO 8859-1 where that can express them, else UTF-8.
    private static func text(_ string: String) -> [UInt8] {
        let scalars = string.unicodeScalars
        guard scalars.allSatisfy({ $0.value < 256 }) else { return Array(string.utf8) }
        return scalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { (byte: UInt8) -> String in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// The text of a challenge: `name=value` and `name="value"`, separated by commas.
enum DigestText {
    /// Reads the directives; of one that is there twice the first counts.
    static func read(_ bytes: [UInt8]) throws(SaslFailure) -> [String: String] {
        let fault = SaslFailure("the server's challenge makes no sense")
        var directives: [String: String] = [:]
        var at = 0
        func skip(_ isSkipped: (UInt8) -> Bool) {
            while at < bytes.count, isSkipped(bytes[at]) { at += 1 }
        }
        while true {
            skip { $0 == 0x2c || $0 == 0x20 || $0 == 0x09 || $0 == 0x0d || $0 == 0x0a }
            guard at < bytes.count else { return directives }
            let start = at
            skip { $0 != 0x3d && $0 != 0x2c }
            guard at < bytes.count, bytes[at] == 0x3d, at > start else { throw fault }
            let name = String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
            at += 1
            var value: [UInt8] = []
            if at < bytes.count, bytes[at] == 0x22 {
                at += 1
                while at < bytes.count, bytes[at] != 0x22 {
                    if bytes[at] == 0x5c { at += 1 }
                    guard at < bytes.count else { throw fault }
                    value.append(bytes[at])
                    at += 1
                }
                guard at < bytes.count else { throw fault }
                at += 1
            } else {
                let begin = at
                skip { $0 != 0x2c }
                value = Array(bytes[begin..<at])
            }
            if directives[name] == nil {
                directives[name] = String(decoding: value, as: UTF8.self)
            }
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            if character == "\"" || character == "\\" { result += "\\" }
            result.unicodeScalars.append(character)
        }
        return result + "\""
    }
}
