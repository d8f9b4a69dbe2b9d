// Hashes and keys of the host's OpenSSL: for logins, for Java's key stores and for signatures.
internal import CHost
internal import Transport

/// Hashes of the host's OpenSSL, for what protocols of old still ask for.
enum Digest {
    /// MD5 (RFC 1321), for SASL DIGEST-MD5; fails where the system's policy forbids it.
    static func md5(_ bytes: [UInt8]) throws(TransportError) -> [UInt8] {
        let library = try OpenSSL()
        return try digest(bytes, library, library.f.pointee.EVP_md5(), count: 16, "MD5")
    }

    /// SHA-1, for the check sums of Java's key stores.
    static func sha1(_ bytes: [UInt8], _ library: OpenSSL) throws(TransportError) -> [UInt8] {
        try digest(bytes, library, library.f.pointee.EVP_sha1(), count: 20, "SHA-1")
    }

    static func digest(
        _ bytes: [UInt8], _ library: OpenSSL, _ kind: UnsafePointer<EVP_MD>?, count: Int,
        _ name: String
    ) throws(TransportError) -> [UInt8] {
        // Room for the longest digest there is.
        var out = [UInt8](repeating: 0, count: 64)
        var size: UInt32 = 0
        guard let kind,
            library.f.pointee.EVP_Digest(bytes, bytes.count, &out, &size, kind, nil) == 1,
            Int(size) == count
        else {
            _ = library.drain()
            throw .protection("this system's OpenSSL does not allow \(name)")
        }
        return Array(out.prefix(count))
    }
}

/// A hash of the SHA-2 family (FIPS 180-4) with what is built on it.
enum SHA2: Sendable {
    case sha256, sha512

    /// Bytes of a hash.
    var count: Int { self == .sha256 ? 32 : 64 }

    private var name: String { self == .sha256 ? "SHA-256" : "SHA-512" }

    private func kind(_ library: OpenSSL) -> UnsafePointer<EVP_MD>? {
        self == .sha256 ? library.f.pointee.EVP_sha256() : library.f.pointee.EVP_sha512()
    }

    func hash(_ bytes: [UInt8]) throws(TransportError) -> [UInt8] {
        let library = try OpenSSL()
        return try Digest.digest(bytes, library, kind(library), count: count, name)
    }

    /// HMAC (RFC 2104).
    func authenticate(_ bytes: [UInt8], key: [UInt8]) throws(TransportError) -> [UInt8] {
        let library = try OpenSSL()
        var out = [UInt8](repeating: 0, count: count)
        var size: UInt32 = 0
        // An empty array has no address to give.
        let key = key.isEmpty ? [0] : key
        guard let kind = kind(library),
            library.f.pointee.HMAC(
                kind, key, Int32(clamping: key.count), bytes, bytes.count, &out, &size) != nil,
            Int(size) == count
        else { throw refused(library, "HMAC") }
        return out
    }

    /// PBKDF2 (RFC 8018) with one hash's length of key.
    func derive(
        _ password: [UInt8], salt: [UInt8], iterations: Int
    ) throws(TransportError) -> [UInt8] {
        let library = try OpenSSL()
        var out = [UInt8](repeating: 0, count: count)
        let characters = password.map { CChar(bitPattern: $0) } + [0]
        guard let kind = kind(library),
            library.f.pointee.PKCS5_PBKDF2_HMAC(
                characters, Int32(clamping: password.count), salt, Int32(clamping: salt.count),
                Int32(clamping: iterations), kind, Int32(count), &out) == 1
        else { throw refused(library, "PBKDF2") }
        return out
    }

    private func refused(_ library: OpenSSL, _ what: String) -> TransportError {
        _ = library.drain()
        return .protection("this system's OpenSSL does not allow \(what) with \(name)")
    }
}
