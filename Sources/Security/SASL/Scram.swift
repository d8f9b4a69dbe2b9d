// The SCRAM login (RFC 5802, RFC 7677) as Kafka speaks it: SHA-256 and SHA-512, no channel binding,
// names and passwords as UTF-8 without SASLprep (KIP-84), delegation tokens (KIP-48).
package import Transport

/// One login by name and password; the password never leaves this machine, and the server proves
/// that it knows it too.
package final class Scram: SaslMechanism, CustomReflectable {
    /// Which of the two Kafka offers.
    package enum Variant: String, Sendable, CaseIterable {
        case sha256 = "SCRAM-SHA-256"
        case sha512 = "SCRAM-SHA-512"

        var hash: SHA2 { self == .sha256 ? .sha256 : .sha512 }
    }

    private enum Stage { case start, asked, proved, done }

    private let variant: Variant
    private let login: ScramLogin
    private let nonce: String
    private var stage = Stage.start
    private var bare = ""
    private var expected: [UInt8] = []

    /// - Parameter nonce: ours, new for each login, printable and without a comma.
    package init(
        _ variant: Variant, _ login: ScramLogin, nonce: String = DigestMD5.randomNonce()
    ) {
        self.variant = variant
        self.login = login
        self.nonce = nonce
    }

    package var name: String { variant.rawValue }

    /// Nothing of it prints: it knows the password.
    package var customMirror: Mirror { Mirror(self, children: []) }

    package func step(_ challenge: [UInt8]?) throws(SaslFailure) -> [UInt8]? {
        switch stage {
        case .start:
            stage = .asked
            bare = "n=\(Self.escaped(login.username)),r=\(nonce)"
            if login.isToken { bare += ",tokenauth=true" }
            return Array(("n,," + bare).utf8)
        case .asked:
            stage = .proved
            return try prove(challenge ?? [])
        case .proved:
            stage = .done
            try verify(challenge ?? [])
            return nil
        case .done: return nil
        }
    }

    private func prove(_ challenge: [UInt8]) throws(SaslFailure) -> [UInt8] {
        let text = String(decoding: challenge, as: UTF8.self)
        let fields = Self.fields(text)
        if let error = fields["e"] { throw SaslFailure("the server answered \(printable(error))") }
        guard fields["m"] == nil else {
            throw SaslFailure("the server demands a SCRAM extension that is not known here")
        }
        guard let both = fields["r"], both.hasPrefix(nonce), both.utf8.count > nonce.utf8.count
        else { throw SaslFailure("the server's nonce is not built on ours: is it the server?") }
        guard let salt = fields["s"].flatMap(Base64.decode), !salt.isEmpty,
            let iterations = fields["i"].flatMap({ Int($0) })
        else { throw SaslFailure("the server's SCRAM challenge makes no sense") }
        guard Limits.scramIterations.contains(iterations) else {
            throw SaslFailure(
                "the server asks for \(iterations) iterations, and only "
                    + "\(Limits.scramIterations.lowerBound) to "
                    + "\(Limits.scramIterations.upperBound) are done")
        }
        let keys = try login.keys(variant.hash, salt: salt, iterations: iterations)
        let withoutProof = "c=biws,r=\(both)"
        let message = Array("\(bare),\(text),\(withoutProof)".utf8)
        do throws(TransportError) {
            let signature = try variant.hash.authenticate(message, key: keys.stored)
            let proof = zip(keys.client, signature).map { $0 ^ $1 }
            expected = try variant.hash.authenticate(message, key: keys.server)
            return Array("\(withoutProof),p=\(Base64.encode(proof))".utf8)
        } catch {
            throw SaslFailure(error)
        }
    }

    private func verify(_ answer: [UInt8]) throws(SaslFailure) {
        let fields = Self.fields(String(decoding: answer, as: UTF8.self))
        if let error = fields["e"] { throw SaslFailure("the server answered \(printable(error))") }
        guard let signature = fields["v"].flatMap(Base64.decode) else {
            throw SaslFailure("the server did not prove that it knows the password")
        }
        // Whoever could time this would learn what it may know anyway: its own signature.
        guard signature == expected else {
            throw SaslFailure("the server does not know the password: is it the server?")
        }
    }

    /// RFC 5802, 5.1: a comma and an equals sign of a name are written as =2C and =3D.
    private static func escaped(_ name: String) -> String {
        name.reduce(into: "") {
            $0 += $1 == "=" ? "=3D" : $1 == "," ? "=2C" : String($1)
        }
    }

    /// `a=value` separated by commas; of one that is there twice the first counts.
    private static func fields(_ text: String) -> [String: String] {
        let pairs = text.split(separator: ",").compactMap { part -> (String, String)? in
            let sides = part.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return sides.count == 2 ? (String(sides[0]), String(sides[1])) : nil
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}

/// Who logs in by SCRAM, shared by all connections: brokers give one user the same salt, so its
/// keys are derived once and not for each of a thousand connections.
package final class ScramLogin: Sendable, CustomReflectable {
    /// What the password becomes (RFC 5802, 3).
    struct Keys {
        var client: [UInt8]
        var stored: [UInt8]
        var server: [UInt8]
    }

    private struct Derived {
        var hash: SHA2
        var salt: [UInt8]
        var iterations: Int
        var keys: Keys
    }

    package let username: String
    private let password: String
    /// Name and password are a delegation token's id and its HMAC.
    package let isToken: Bool
    private let derived = Locked<Derived?>(nil)

    package init(username: String, password: String, isToken: Bool = false) {
        self.username = username
        self.password = password
        self.isToken = isToken
    }

    /// Nothing of it prints: it knows the password.
    package var customMirror: Mirror { Mirror(self, children: []) }

    func keys(_ hash: SHA2, salt: [UInt8], iterations: Int) throws(SaslFailure) -> Keys {
        if let known = derived.withLock({ $0 }), known.hash == hash, known.salt == salt,
            known.iterations == iterations
        {
            return known.keys
        }
        do throws(TransportError) {
            let salted = try hash.derive(
                Array(password.utf8), salt: salt, iterations: iterations)
            let client = try hash.authenticate(Array("Client Key".utf8), key: salted)
            let keys = Keys(
                client: client, stored: try hash.hash(client),
                server: try hash.authenticate(Array("Server Key".utf8), key: salted))
            derived.withLock {
                $0 = Derived(hash: hash, salt: salt, iterations: iterations, keys: keys)
            }
            return keys
        } catch {
            throw SaslFailure(error)
        }
    }
}

extension SaslFailure {
    /// A function of OpenSSL that is not to be had.
    init(_ error: TransportError) {
        if case .protection(let words) = error {
            self.init(words)
        } else {
            self.init("\(error)")
        }
    }
}
