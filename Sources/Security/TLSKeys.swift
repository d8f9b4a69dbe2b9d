// Certificates and private keys out of PEM text, PKCS12 and Java key stores, told apart by content
// and never by what a setting calls them.
internal import CHost
internal import Transport

/// What one file or setting held; owns OpenSSL's objects.
final class TLSKeys {
    private(set) var certificates: [UnsafeMutablePointer<X509>] = []
    private(set) var key: UnsafeMutablePointer<EVP_PKEY>?
    private let library: OpenSSL
    private let name: String

    /// The key's pass phrase, and whether it was asked for.
    private final class PassPhrase {
        let bytes: [UInt8]?
        var wasAsked = false

        init(_ bytes: [UInt8]?) { self.bytes = bytes }

        /// Given to OpenSSL always, so that it never asks at the terminal.
        static let callback: chost_password_cb = { buffer, size, _, user in
            guard let user else { return -1 }
            let phrase = Unmanaged<PassPhrase>.fromOpaque(user).takeUnretainedValue()
            phrase.wasAsked = true
            guard let bytes = phrase.bytes, bytes.count <= Int(size) else { return -1 }
            for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
            return Int32(bytes.count)
        }
    }

    init(_ material: TLSMaterial, _ library: OpenSSL, wantsKey: Bool) throws(TransportError) {
        self.library = library
        name = material.name
        library.f.pointee.ERR_clear_error()
        defer { library.f.pointee.ERR_clear_error() }
        switch material.bytes.first {
        case nil: throw .protection("\(name) is empty")
        case 0xfe where material.bytes.starts(with: JavaKeyStore.magic):
            try readJava(material, wantsKey: wantsKey)
        case 0xce where material.bytes.starts(with: [0xce, 0xce, 0xce, 0xce]):
            throw .protection(
                "\(name) is a JCEKS store, which is not read: convert it with keytool "
                    + "-importkeystore -deststoretype PKCS12")
        case 0x30: try readPKCS12(material)
        default: try readPEM(material, wantsKey: wantsKey)
        }
    }

    deinit {
        for certificate in certificates { library.f.pointee.X509_free(certificate) }
        if let key { library.f.pointee.EVP_PKEY_free(key) }
    }

    /// Takes the key of another one.
    func take(_ other: TLSKeys) {
        if let key { library.f.pointee.EVP_PKEY_free(key) }
        key = other.key
        other.key = nil
    }

    /// The first certificate and its issuers in order, whatever order the store had.
    var chain: [UnsafeMutablePointer<X509>] {
        guard let first = certificates.first else { return [] }
        var chain = [first]
        var left = Array(certificates.dropFirst())
        while let last = chain.last,
            let next = left.firstIndex(where: {
                library.f.pointee.X509_check_issued($0, last) == 0
            })
        {
            chain.append(left.remove(at: next))
        }
        return chain
    }

    // MARK: PEM

    private func readPEM(_ material: TLSMaterial, wantsKey: Bool) throws(TransportError) {
        let blocks = PEMBlock.all(in: String(decoding: material.bytes, as: UTF8.self))
        guard !blocks.isEmpty else {
            throw .protection("\(name) holds neither PEM text nor a PKCS12 or JKS store")
        }
        for block in blocks {
            if block.isCertificate {
                try readCertificate(block)
            } else if block.isPrivateKey, wantsKey, key == nil {
                try readKey(block, material.keyPassword ?? material.password)
            }
        }
    }

    private func readCertificate(_ block: PEMBlock) throws(TransportError) {
        let f = library.f
        let certificate = library.withInput(block.bytes) { bio in
            bio.flatMap { f.pointee.PEM_read_bio_X509($0, nil, PassPhrase.callback, nil) }
        }
        guard let certificate else {
            throw .protection("a certificate in \(name) is damaged (\(library.drain()))")
        }
        certificates.append(certificate)
    }

    private func readKey(_ block: PEMBlock, _ password: [UInt8]?) throws(TransportError) {
        let f = library.f
        let phrase = PassPhrase(password)
        key = withExtendedLifetime(phrase) {
            library.withInput(block.bytes) { bio in
                bio.flatMap {
                    f.pointee.PEM_read_bio_PrivateKey(
                        $0, nil, PassPhrase.callback, Unmanaged.passUnretained(phrase).toOpaque())
                }
            }
        }
        guard key == nil else { return }
        let reasons = library.drain()
        guard phrase.wasAsked else {
            throw .protection("the private key in \(name) cannot be read (\(reasons))")
        }
        throw .protection(
            password == nil
                ? "the private key in \(name) is encrypted and no password is set for it"
                : "the password does not open the private key in \(name)")
    }

    // MARK: PKCS12

    private func readPKCS12(_ material: TLSMaterial) throws(TransportError) {
        let f = library.f
        let store = library.withInput(material.bytes) { bio in
            bio.flatMap { f.pointee.d2i_PKCS12_bio($0, nil) }
        }
        guard let store else {
            _ = library.drain()
            throw .protection("\(name) is not a PKCS12 store, or is cut short")
        }
        defer { f.pointee.PKCS12_free(store) }
        guard material.password?.contains(0) != true else {
            throw .protection("the password does not open \(name)")
        }
        var reasons = parse(store, material.password)
        // RC2, the old default: in the legacy provider since 3.
        if let found = reasons, found.contains(.init(6, 524_556)),
            let load = f.pointee.OSSL_PROVIDER_try_load, load(nil, "legacy", 1) != nil
        {
            reasons = parse(store, material.password)
        }
        // A store without a check sum takes no password.
        if let found = reasons, found.contains(.init(35, 108)) { reasons = parse(store, nil) }
        guard let reasons else { return }
        if reasons.contains(.init(6, 524_556)) {
            throw .protection(
                "\(name) is encrypted with RC2, which this system's OpenSSL cannot read: convert "
                    + "it with keytool -importkeystore -deststoretype PKCS12")
        }
        throw .protection(
            reasons.contains(.init(35, 113))
                ? material.password == nil
                    ? "\(name) needs a password and none is set"
                    : "the password does not open \(name)"
                : "\(name) cannot be read (\(reasons))")
    }

    /// Takes the store's content; nil when it could be read, else why not.
    private func parse(
        _ store: UnsafeMutablePointer<PKCS12>, _ password: [UInt8]?
    ) -> [OpenSSL.Reason]? {
        let f = library.f
        var key: UnsafeMutablePointer<EVP_PKEY>?
        var own: UnsafeMutablePointer<X509>?
        var others: UnsafeMutablePointer<OPENSSL_STACK>?
        f.pointee.ERR_clear_error()
        let text = password.map { $0.map { CChar(bitPattern: $0) } + [0] }
        let isRead = f.pointee.PKCS12_parse(store, text, &key, &own, &others) == 1
        guard isRead else { return library.drain() }
        self.key = key
        if let own { certificates.append(own) }
        if let others {
            for index in 0..<max(0, f.pointee.OPENSSL_sk_num(others)) {
                guard let item = f.pointee.OPENSSL_sk_value(others, index) else { continue }
                certificates.append(item.assumingMemoryBound(to: X509.self))
            }
            f.pointee.OPENSSL_sk_free(others)
        }
        return nil
    }

    // MARK: Java

    private func readJava(_ material: TLSMaterial, wantsKey: Bool) throws(TransportError) {
        let store = try JavaKeyStore(material, library, wantsKey: wantsKey)
        for bytes in store.certificates {
            let certificate = bytes.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.flatMap { base in
                    var at: UnsafePointer<UInt8> = base
                    return library.f.pointee.d2i_X509(nil, &at, buffer.count)
                }
            }
            guard let certificate else {
                throw .protection("a certificate in \(name) is damaged (\(library.drain()))")
            }
            certificates.append(certificate)
        }
        guard let bytes = store.key else { return }
        key = bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { base in
                var at: UnsafePointer<UInt8> = base
                return library.f.pointee.d2i_AutoPrivateKey(nil, &at, buffer.count)
            }
        }
        guard key != nil else {
            throw .protection("the private key in \(name) cannot be read (\(library.drain()))")
        }
    }
}

/// One block of PEM text, as OpenSSL wants it: settings often hold it on a single line.
struct PEMBlock: Equatable {
    let label: String
    let bytes: [UInt8]

    var isCertificate: Bool { label.hasSuffix("CERTIFICATE") }
    var isPrivateKey: Bool { label.hasSuffix("PRIVATE KEY") }

    /// Every whole block of a text; what stands between them is skipped.
    static func all(in text: String) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var rest = text[...]
        while let begin = rest.firstRange(of: "-----BEGIN ") {
            rest = rest[begin.upperBound...]
            guard let labelEnd = rest.firstRange(of: "-----") else { break }
            let label = String(rest[..<labelEnd.lowerBound])
            rest = rest[labelEnd.upperBound...]
            guard let end = rest.firstRange(of: "-----END \(label)-----") else { continue }
            blocks.append(PEMBlock(label: label, body: rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return blocks
    }

    private init(label: String, body: Substring) {
        self.label = label
        // Only old encrypted keys have headers, which need their own lines.
        let lines: [Substring]
        if body.contains(":") {
            lines = body.split(whereSeparator: \.isNewline)
        } else {
            let packed = body.filter { !$0.isWhitespace }
            var at = packed.startIndex
            var wrapped: [Substring] = []
            while at < packed.endIndex {
                let next = packed.index(at, offsetBy: 64, limitedBy: packed.endIndex)
                wrapped.append(Substring(packed[at..<(next ?? packed.endIndex)]))
                at = next ?? packed.endIndex
            }
            lines = wrapped
        }
        let gap = body.contains(":")
        var text = "-----BEGIN \(label)-----\n"
        var isHeader = gap
        for line in lines {
            // A blank line ends the headers.
            if isHeader, !line.contains(":") {
                text += "\n"
                isHeader = false
            }
            text += line + "\n"
        }
        bytes = Array((text + "-----END \(label)-----\n").utf8)
    }
}
