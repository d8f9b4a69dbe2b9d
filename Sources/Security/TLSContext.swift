// What all TLS connections to one cluster share: trust, identity and rules, made of settings when
// the first of them is made.
internal import CHost
package import Transport

/// One set of TLS settings. Nothing is loaded before the first connection or `check`; what is wrong
/// with the settings ends each connection attempt with the same sentence.
package final class TLSContext: Sendable {
    let options: TLSOptions
    private let isServer: Bool
    /// The newest TLS version spoken; nil for whatever the library has.
    private let newestVersion: Int?
    private let built = Locked<Result<UnsafeMutablePointer<SSL_CTX>, TransportError>?>(nil)

    package init(_ options: TLSOptions) {
        self.options = options
        isServer = false
        newestVersion = nil
    }

    /// A server's side, for tests: its `trust` makes it ask for a client's certificate.
    init(server options: TLSOptions, newestVersion: Int? = nil) {
        self.options = options
        isServer = true
        self.newestVersion = newestVersion
    }

    deinit {
        if case .success(let context) = built.withLock({ $0 }), let library = try? OpenSSL() {
            library.f.pointee.SSL_CTX_free(context)
        }
    }

    /// The layer of one connection to the server that is known, and certified, by this name or
    /// address: the advertised one, whatever is dialled.
    package func makeLayer(for name: String) -> any StreamLayer { TLSLayer(self, peer: name) }

    /// Opens keys and certificates now: what is wrong with them, or nil. That OpenSSL itself is not
    /// to be had is said by the first connection.
    package func check() -> TransportError? {
        guard let library = try? OpenSSL() else { return nil }
        do throws(TransportError) {
            _ = try context(library)
            return nil
        } catch {
            return error
        }
    }

    /// A new connection's state; the caller frees it.
    func makeSSL(_ library: OpenSSL) throws(TransportError) -> UnsafeMutablePointer<SSL> {
        let context = try context(library)
        guard let ssl = library.f.pointee.SSL_new(context) else {
            throw .protection("OpenSSL could not begin (\(library.drain()))")
        }
        if isServer {
            library.f.pointee.SSL_set_accept_state(ssl)
        } else {
            library.f.pointee.SSL_set_connect_state(ssl)
        }
        return ssl
    }

    private func context(_ library: OpenSSL) throws(TransportError)
        -> UnsafeMutablePointer<SSL_CTX>
    {
        let result = built.withLock { built in
            if let built { return built }
            let made = make(library)
            built = made
            return made
        }
        return try result.get()
    }

    private func make(_ library: OpenSSL) -> Result<UnsafeMutablePointer<SSL_CTX>, TransportError> {
        let f = library.f
        f.pointee.ERR_clear_error()
        guard let context = f.pointee.SSL_CTX_new(f.pointee.TLS_method()) else {
            let reasons = library.drain()
            return .failure(
                .protection(
                    reasons.contains(.init(20, 161))
                        ? "this system's OpenSSL has no ciphers: its configuration file loads no "
                            + "usable provider" : "OpenSSL could not begin (\(reasons))"))
        }
        do throws(TransportError) {
            try configure(context, library)
            return .success(context)
        } catch {
            f.pointee.SSL_CTX_free(context)
            f.pointee.ERR_clear_error()
            return .failure(error)
        }
    }

    private func configure(
        _ context: UnsafeMutablePointer<SSL_CTX>, _ library: OpenSSL
    ) throws(TransportError) {
        let f = library.f
        _ = f.pointee.SSL_CTX_ctrl(context, OpenSSLCode.setMinimumVersion, OpenSSLCode.tls12, nil)
        if let newestVersion {
            _ = f.pointee.SSL_CTX_ctrl(
                context, OpenSSLCode.setMaximumVersion, newestVersion, nil)
        }
        _ = f.pointee.SSL_CTX_ctrl(context, OpenSSLCode.setMode, OpenSSLCode.modes, nil)
        if !isServer { _ = f.pointee.SSL_CTX_set_options(context, OpenSSLCode.noRenegotiation) }
        if let trust = options.trust {
            try add(trust, to: context, library)
        } else if !isServer {
            _ = f.pointee.SSL_CTX_set_default_verify_paths(context)
        }
        let asks = isServer ? options.trust != nil : options.checksCertificate
        let mode: Int32 = asks ? (isServer ? 3 : 1) : 0
        f.pointee.SSL_CTX_set_verify(context, mode, TLSReport.verify)
        f.pointee.SSL_CTX_set_client_cert_cb(context, TLSReport.clientCertificate)
        try identify(context, library)
        f.pointee.ERR_clear_error()
    }

    private func add(
        _ trust: TLSMaterial, to context: UnsafeMutablePointer<SSL_CTX>, _ library: OpenSSL
    ) throws(TransportError) {
        let keys = try TLSKeys(trust, library, wantsKey: false)
        guard !keys.certificates.isEmpty else {
            throw .protection("\(trust.name) holds no certificate")
        }
        guard let store = library.f.pointee.SSL_CTX_get_cert_store(context) else { return }
        for certificate in keys.certificates {
            // A certificate that is in twice is no fault in any version.
            _ = library.f.pointee.X509_STORE_add_cert(store, certificate)
        }
    }

    private func identify(
        _ context: UnsafeMutablePointer<SSL_CTX>, _ library: OpenSSL
    ) throws(TransportError) {
        let f = library.f
        guard let identity = options.identity else { return }
        let keys = try TLSKeys(identity, library, wantsKey: options.key == nil)
        if let key = options.key {
            let own = try TLSKeys(key, library, wantsKey: true)
            keys.take(own)
        }
        guard let first = keys.chain.first else {
            throw .protection("\(identity.name) holds no certificate")
        }
        guard let key = keys.key else {
            throw .protection("\(options.key?.name ?? identity.name) holds no private key")
        }
        guard f.pointee.SSL_CTX_use_certificate(context, first) == 1 else {
            throw .protection(
                "the certificate in \(identity.name) is not accepted by this system's OpenSSL "
                    + "(\(library.drain()))")
        }
        guard f.pointee.SSL_CTX_use_PrivateKey(context, key) == 1 else {
            let reasons = library.drain()
            throw .protection(
                reasons.contains(.init(11, 116))
                    ? "the private key in \(options.key?.name ?? identity.name) does not belong to "
                        + "its certificate"
                    : "the private key in \(options.key?.name ?? identity.name) is not accepted "
                        + "(\(reasons))")
        }
        for certificate in keys.chain.dropFirst() {
            // The context takes a reference of its own.
            _ = f.pointee.SSL_CTX_ctrl(context, OpenSSLCode.addChain, 1, certificate)
        }
    }
}

/// Numbers behind OpenSSL's macros, the same in 1.1.1, 3 and 4.
enum OpenSSLCode {
    static let setMinimumVersion: Int32 = 123
    static let setMaximumVersion: Int32 = 124
    static let tls12 = 0x0303
    static let setMode: Int32 = 33
    /// Moving write buffer (2), release of idle buffers (16).
    static let modes = 2 | 16
    static let addChain: Int32 = 89
    static let setServerName: Int32 = 55
    static let noRenegotiation: UInt64 = 1 << 30
    static let noPartialWildcards: UInt32 = 4
    /// A trusted certificate ends the chain even when it is not self-signed, as in Java.
    static let partialChain: UInt = 0x80000
    static let memoryInfo: Int32 = 3
    static let reset: Int32 = 1
}
