// Java's own key store format (JKS), as clusters of old still have it: certificates in the clear
// and keys under a stream of SHA-1. Layout as the JDK's JavaKeyStore writes it.
internal import Transport

/// The content of a JKS file.
struct JavaKeyStore {
    static let magic: [UInt8] = [0xfe, 0xed, 0xfe, 0xed]
    /// DER; the chain of the first key first, then the trusted ones.
    private(set) var certificates: [[UInt8]] = []
    /// PKCS8, in the clear.
    private(set) var key: [UInt8]?

    private let name: String
    private var rest: ArraySlice<UInt8>
    private static let checkBytes = 20

    /// Reads a store. Without a password its check sum is not looked at, as in Java.
    init(_ material: TLSMaterial, _ library: OpenSSL, wantsKey: Bool) throws(TransportError) {
        name = material.name
        guard material.bytes.count >= 12 + Self.checkBytes else {
            throw .protection("\(material.name) is cut short")
        }
        rest = material.bytes.dropLast(Self.checkBytes)
        if let password = material.password {
            let salted = Self.wide(password) + Array("Mighty Aphrodite".utf8) + rest
            let sum = try Digest.sha1(salted, library)
            guard sum.elementsEqual(material.bytes.suffix(Self.checkBytes)) else {
                throw .protection("the password does not open \(name), or it is damaged")
            }
        }
        rest = rest.dropFirst(4)
        let version = try number(4)
        guard version == 1 || version == 2 else {
            throw .protection("\(name) is a JKS store of an unknown version (\(version))")
        }
        var trusted: [[UInt8]] = []
        for _ in 0..<(try number(4)) {
            let tag = try number(4)
            _ = try take(try number(2))
            _ = try take(8)
            switch tag {
            case 1:
                let sealed = try take(try number(4))
                var chain: [[UInt8]] = []
                for _ in 0..<(try number(4)) { chain.append(try certificate(version)) }
                guard wantsKey, key == nil else { continue }
                certificates = chain
                key = try open(sealed, material, library)
            case 2: trusted.append(try certificate(version))
            default: throw .protection("\(name) has an entry of an unknown kind (\(tag))")
            }
        }
        certificates += trusted
    }

    private mutating func certificate(_ version: Int) throws(TransportError) -> [UInt8] {
        if version == 2 { _ = try take(try number(2)) }
        return Array(try take(try number(4)))
    }

    /// The key out of its envelope: salt, body and check, wrapped in ASN.1 with Sun's own number.
    private func open(
        _ sealed: ArraySlice<UInt8>, _ material: TLSMaterial, _ library: OpenSSL
    ) throws(TransportError) -> [UInt8] {
        guard let password = material.keyPassword ?? material.password else {
            throw .protection("the key in \(name) needs a password and none is set")
        }
        var envelope = sealed
        guard let outer = Self.element(0x30, &envelope) else { throw damaged }
        var inner = outer
        guard Self.element(0x30, &inner) != nil, let octets = Self.element(0x04, &inner),
            octets.count > 2 * Self.checkBytes
        else { throw damaged }
        let wide = Self.wide(password)
        var word = Array(octets.prefix(Self.checkBytes))
        let body = octets.dropFirst(Self.checkBytes).dropLast(Self.checkBytes)
        var plain: [UInt8] = []
        plain.reserveCapacity(body.count)
        var at = body.startIndex
        while at < body.endIndex {
            word = try Digest.sha1(wide + word, library)
            for (byte, mask) in zip(body[at...], word) { plain.append(byte ^ mask) }
            at += min(Self.checkBytes, body.endIndex - at)
        }
        let check = try Digest.sha1(wide + plain, library)
        guard check.elementsEqual(octets.suffix(Self.checkBytes)) else {
            throw .protection(
                "the store's password does not open the key in \(name): it has one of its own")
        }
        return plain
    }

    private var damaged: TransportError { .protection("the key in \(name) is damaged") }

    /// The content of the next element of ASN.1, when it is of this kind.
    private static func element(
        _ tag: UInt8, _ bytes: inout ArraySlice<UInt8>
    ) -> ArraySlice<UInt8>? {
        guard bytes.popFirst() == tag, let first = bytes.popFirst() else { return nil }
        var count = Int(first)
        if first >= 0x80 {
            let size = Int(first & 0x7f)
            guard size <= 4, bytes.count >= size else { return nil }
            count = bytes.prefix(size).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(size)
        }
        guard bytes.count >= count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    /// A password as Java hashes it: UTF-16, high byte first.
    private static func wide(_ password: [UInt8]) -> [UInt8] {
        String(decoding: password, as: UTF8.self).utf16.flatMap {
            [UInt8($0 >> 8), UInt8($0 & 0xff)]
        }
    }

    private mutating func number(_ size: Int) throws(TransportError) -> Int {
        try take(size).reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func take(_ count: Int) throws(TransportError) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .protection("\(name) is cut short") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
