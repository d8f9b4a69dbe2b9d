// The host's OpenSSL as this module uses it: the table of its functions, what its error queue says,
// and texts taken out of its structures. Nothing is loaded before the first `OpenSSL()`.
internal import CHost
internal import Transport

/// The library's functions. Cheap to make where it is needed: the library is opened once.
struct OpenSSL {
    let f: UnsafePointer<chost_openssl>

    init() throws(TransportError) {
        guard let table = chost_openssl_load() else {
            let problem = String(cString: chost_openssl_problem())
            throw .protection(
                "OpenSSL is not to be had on this machine (\(problem)): install its library "
                    + "(package libssl3 on Debian and Ubuntu, openssl-libs on Red Hat's)")
        }
        f = table
    }

    /// One entry of the error queue, as numbers: the texts differ between versions.
    struct Reason: Hashable, CustomStringConvertible {
        let library: Int
        let code: Int

        init(_ library: Int, _ code: Int) {
            self.library = library
            self.code = code
        }

        var description: String { "\(library):\(code)" }
    }

    /// Takes everything out of this thread's error queue: to be called in the same synchronous
    /// section as the call that failed.
    func drain() -> [Reason] {
        let isThree = f.pointee.OpenSSL_version_num() >> 28 >= 3
        var reasons: [Reason] = []
        while reasons.count < Limits.openSSLReasons {
            let error = f.pointee.ERR_get_error()
            guard error != 0 else { break }
            if isThree, error & 0x8000_0000 != 0 {
                reasons.append(Reason(2, Int(error & 0x7fff_ffff)))
            } else if isThree {
                reasons.append(Reason(Int(error >> 23 & 0xff), Int(error & 0x7f_ffff)))
            } else {
                reasons.append(Reason(Int(error >> 24 & 0xff), Int(error & 0xfff)))
            }
        }
        f.pointee.ERR_clear_error()
        return reasons
    }

    /// Its name and release, as in "OpenSSL 3.0.19 27 Jan 2026".
    var version: String { String(cString: f.pointee.OpenSSL_version(0)) }

    /// Runs `body` with a memory BIO that reads these bytes.
    func withInput<Result, Failure: Error>(
        _ bytes: [UInt8], _ body: (UnsafeMutablePointer<BIO>?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The BIO only refers to the bytes, so it lives within their scope.
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
        defer {
            buffer.update(repeating: 0)
            buffer.deallocate()
        }
        buffer.initialize(repeating: 0)
        _ = buffer.update(fromContentsOf: bytes)
        guard let base = buffer.baseAddress else { return try body(nil) }
        let bio = f.pointee.BIO_new_mem_buf(base, Int32(clamping: bytes.count))
        defer { if let bio { _ = f.pointee.BIO_free(bio) } }
        return try body(bio)
    }

    // MARK: Certificates

    /// A subject's or issuer's name as RFC 2253 writes it.
    func text(_ name: UnsafeMutablePointer<X509_NAME>?) -> String {
        guard let name, let bio = f.pointee.BIO_new(f.pointee.BIO_s_mem()) else { return "?" }
        defer { _ = f.pointee.BIO_free(bio) }
        // XN_FLAG_RFC2253 without escaping what is UTF-8.
        _ = f.pointee.X509_NAME_print_ex(bio, name, 0, 17_892_119 & ~4)
        var bytes = [UInt8](repeating: 0, count: Limits.certificateNameBytes)
        let count = f.pointee.BIO_read(bio, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }

    /// The bytes of one of ASN.1's strings.
    func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
        guard let string, let data = f.pointee.ASN1_STRING_get0_data(string) else { return [] }
        let count = Int(f.pointee.ASN1_STRING_length(string))
        return Array(UnsafeBufferPointer(start: data, count: max(0, count)))
    }

    /// A date of a certificate as people read it: "2021-01-01 00:00 UTC".
    func date(_ time: UnsafePointer<ASN1_STRING>?) -> String {
        guard let digits = digits(time) else { return "an unreadable date" }
        func part(_ range: Range<Int>) -> String {
            String(decoding: digits[range], as: UTF8.self)
        }
        return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8)) \(part(8..<10)):\(part(10..<12)) UTC"
    }

    /// The same as seconds since 1970; nil: it cannot be read.
    func seconds(_ time: UnsafePointer<ASN1_STRING>?) -> Int64? {
        guard let digits = digits(time) else { return nil }
        let numbers = stride(from: 0, to: 14, by: 2).map { place in
            Int64(digits[place] &- 0x30) * 10 + Int64(digits[place + 1] &- 0x30)
        }
        let (month, day) = (numbers[2], numbers[3])
        // Years that begin in March end with their leap day.
        let year = numbers[0] * 100 + numbers[1] - (month <= 2 ? 1 : 0)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let days = year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
        return days * 86_400 + numbers[4] * 3600 + numbers[5] * 60 + numbers[6]
    }

    /// YYYYMMDDHHMMSS and a Z, or nil.
    private func digits(_ time: UnsafePointer<ASN1_STRING>?) -> [UInt8]? {
        var text = bytes(time)
        // UTCTime has a year of two digits, before 1950 meaning 20xx (RFC 5280, 4.1.2.5.1).
        if text.count == 13 { text = Array((text[0] < 0x35 ? "20" : "19").utf8) + text }
        let isDate = text.count == 15 && text.dropLast().allSatisfy { (0x30...0x39).contains($0) }
        return isDate ? text : nil
    }

    /// What a stack of certificates says, the first of them.
    func certificates(_ stack: UnsafePointer<OPENSSL_STACK>?) -> [Protection.Certificate] {
        guard let stack else { return [] }
        let count = min(Int(f.pointee.OPENSSL_sk_num(stack)), Limits.chainCertificates)
        return (0..<max(0, count)).compactMap { index in
            f.pointee.OPENSSL_sk_value(stack, Int32(index)).map {
                facts(of: $0.assumingMemoryBound(to: X509.self))
            }
        }
    }

    private func facts(of certificate: UnsafeMutablePointer<X509>) -> Protection.Certificate {
        Protection.Certificate(
            subject: text(f.pointee.X509_get_subject_name(certificate)),
            issuer: text(f.pointee.X509_get_issuer_name(certificate)),
            notBefore: seconds(f.pointee.X509_get0_notBefore(certificate)),
            notAfter: seconds(f.pointee.X509_get0_notAfter(certificate)),
            names: names(of: certificate))
    }

    /// The names and addresses a certificate is for (its subjectAltName).
    func names(of certificate: UnsafeMutablePointer<X509>) -> [String] {
        guard let list = f.pointee.X509_get_ext_d2i(certificate, 85, nil, nil) else { return [] }
        defer { f.pointee.GENERAL_NAMES_free(list) }
        let stack = UnsafePointer(list.assumingMemoryBound(to: OPENSSL_STACK.self))
        var names: [String] = []
        for index in 0..<max(0, f.pointee.OPENSSL_sk_num(stack)) {
            guard names.count < Limits.certificateNames,
                let entry = f.pointee.OPENSSL_sk_value(stack, index)
            else { break }
            var kind: Int32 = 0
            let value = f.pointee.GENERAL_NAME_get0_value(
                entry.assumingMemoryBound(to: GENERAL_NAME.self), &kind)
            guard kind == 2 || kind == 7, let value else { continue }
            let content = bytes(UnsafePointer(value.assumingMemoryBound(to: ASN1_STRING.self)))
            names.append(
                kind == 2
                    ? String(decoding: content, as: UTF8.self) : Address.text(ofBytes: content))
        }
        return names
    }
}

extension Address {
    /// An address as certificates hold it, four or sixteen bytes, as text.
    fileprivate static func text(ofBytes bytes: [UInt8]) -> String {
        func number(_ part: ArraySlice<UInt8>) -> UInt64 {
            part.reduce(0) { $0 << 8 | UInt64($1) }
        }
        switch bytes.count {
        case 4:
            return bytes.map { "\($0)" }.joined(separator: ".")
        case 16:
            let address = Address(
                high: number(bytes[..<8]), low: number(bytes[8...]), isIPv6: true, port: 0)
            return String(address.description.dropFirst().dropLast(3))
        default: return "?"
        }
    }
}
