// What is learned while a TLS connection is made, and the sentence that follows from it. The
// numbers were met with OpenSSL 1.1.1, 3.0 and 3.5; texts of the library differ and are not used.
internal import CHost
internal import Transport

/// The facts of one connection's handshake. The certificate that failed can be seen only while it
/// is judged.
final class TLSReport {
    /// The name the peer was asked for by.
    var peer = ""
    /// What is trusted, nil for the system's store.
    var trust: String?
    /// True once data of the protocol came.
    var hasRead = false

    /// The chain of the peer whose certificate was not accepted.
    private(set) var chain: [Protection.Certificate] = []
    private var code: Int32 = 0
    private var subject = ""
    private var issuer = ""
    private var notBefore = ""
    private var notAfter = ""
    private var names: [String] = []
    private var wasAsked = false
    private var firstBytes: [UInt8] = []

    /// Keeps the first bytes: they tell who answers when it is not TLS.
    func note(_ bytes: UnsafeRawBufferPointer) {
        guard firstBytes.count < 8 else { return }
        firstBytes += bytes.prefix(8 - firstBytes.count)
    }

    /// Called by OpenSSL with each judgement of a certificate.
    static let verify: chost_verify_cb = { isGood, context in
        guard isGood != 1 else { return 1 }
        guard let library = try? OpenSSL(),
            let ssl = library.f.pointee.X509_STORE_CTX_get_ex_data(
                context, library.f.pointee.SSL_get_ex_data_X509_STORE_CTX_idx()),
            let report = of(ssl.assumingMemoryBound(to: SSL.self), library)
        else { return 0 }
        report.take(context, library)
        return 0
    }

    /// Called by OpenSSL only when the peer asks for a certificate and none is set.
    static let clientCertificate: chost_client_cert_cb = { ssl, _, _ in
        if let library = try? OpenSSL() { of(ssl, library)?.wasAsked = true }
        return 0
    }

    private static func of(_ ssl: UnsafeMutablePointer<SSL>, _ library: OpenSSL) -> TLSReport? {
        library.f.pointee.SSL_get_ex_data(ssl, 0).map {
            Unmanaged<TLSReport>.fromOpaque($0).takeUnretainedValue()
        }
    }

    private func take(_ context: UnsafeMutablePointer<X509_STORE_CTX>, _ library: OpenSSL) {
        let f = library.f
        code = f.pointee.X509_STORE_CTX_get_error(context)
        chain = library.certificates(f.pointee.X509_STORE_CTX_get0_untrusted(context))
        guard let certificate = f.pointee.X509_STORE_CTX_get_current_cert(context) else { return }
        subject = library.text(f.pointee.X509_get_subject_name(certificate))
        issuer = library.text(f.pointee.X509_get_issuer_name(certificate))
        notBefore = library.date(f.pointee.X509_get0_notBefore(certificate))
        notAfter = library.date(f.pointee.X509_get0_notAfter(certificate))
        names = library.names(of: certificate)
    }

    // MARK: Sentences

    /// What happened, without a full stop.
    func sentence(_ reasons: [OpenSSL.Reason], _ library: OpenSSL) -> String {
        if code != 0, reasons.contains(.init(20, 134)) { return certificateFault(library) }
        for reason in reasons where reason.library == 20 {
            if let words = alert(reason.code - 1000) { return words }
            switch reason.code {
            case 294: return "the connection ended in the middle"
            case 191:
                return "no TLS version is left between this system's limits and ours (1.2 or newer)"
            case 281: return "data arrived damaged"
            case 198, 267,
                313 where !looksLikeTLS:
                return stranger
            case 258,
                259 where !looksLikeTLS:
                return stranger
            default: break
            }
        }
        if !looksLikeTLS, !firstBytes.isEmpty { return stranger }
        let list = reasons.map(\.description).joined(separator: ", ")
        return (hasRead ? "reading failed" : "the handshake broke") + " (\(list))"
    }

    private var looksLikeTLS: Bool {
        guard let first = firstBytes.first else { return false }
        return (20...23).contains(first) && (firstBytes.count < 2 || firstBytes[1] == 3)
    }

    private var stranger: String {
        let text = String(decoding: firstBytes, as: UTF8.self)
        if text.hasPrefix("HTTP/") { return "an HTTP server answered, not TLS" }
        if text.hasPrefix("SSH-") { return "an SSH server answered, not TLS" }
        return "the answer is not TLS: this may be a plaintext port"
    }

    private func certificateFault(_ library: OpenSSL) -> String {
        let store = trust ?? "the system's trust store"
        switch code {
        case 10: return "its certificate expired on \(notAfter) (\(subject))"
        case 9:
            return "its certificate is not valid before \(notBefore) (\(subject)): check "
                + "this machine's clock"
        case 18:
            return "it shows a self-signed certificate (\(subject)) that \(store) does not contain"
        case 2, 19, 20, 21:
            return "its certificate was issued by \(issuer), which \(store) does not contain"
                + (trust == nil ? systemStore(library) : "")
        case 62, 64:
            let known = names.isEmpty ? subject : names.joined(separator: ", ")
            return "its certificate is for \(known), not for \(peer)"
        case 66, 67, 68:
            return "its certificate (\(subject)) is too weak for this system's security level"
        case 23: return "its certificate (\(subject)) was revoked"
        default: return "its certificate (\(subject)) was not accepted (verify error \(code))"
        }
    }

    private func systemStore(_ library: OpenSSL) -> String {
        " (\(String(cString: library.f.pointee.X509_get_default_cert_file())) and "
            + "\(String(cString: library.f.pointee.X509_get_default_cert_dir())))"
    }

    private func alert(_ number: Int) -> String? {
        switch number {
        case 40 where wasAsked, 42 where wasAsked, 43 where wasAsked, 116:
            return "the server requires a client certificate and none is set"
        case 40 where !hasRead:
            return "the server found no cipher or parameters in common (alert 40)"
        case 42, 43, 44, 45, 46, 48, 49:
            let why =
                switch number {
                case 44: "revoked"
                case 45: "expired"
                case 46: "unknown"
                case 48: "its issuer is unknown there"
                case 49: "access denied"
                default: "not accepted"
                }
            return "the server refused this client's certificate (alert \(number): \(why))"
        case 70: return "the server speaks no TLS version that is allowed here (1.2 or newer)"
        case 112: return "the server does not know the name \(peer) (alert 112)"
        case 10...255: return "the server broke off with TLS alert \(number)"
        default: return nil
        }
    }
}
