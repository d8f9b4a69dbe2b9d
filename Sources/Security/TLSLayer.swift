// TLS under a protocol: one OpenSSL connection on memory buffers. Synchronous throughout, since
// OpenSSL keeps the reasons of a failure per thread.
internal import CHost
internal import Transport

/// The protection of one connection.
final class TLSLayer: StreamLayer {
    private(set) var isReady = false
    private(set) var hasEnded = false
    private let context: TLSContext
    /// The name or address the peer is known by; nil on a server's side.
    private let peer: String?
    private let report = TLSReport()
    private var machine: Machine?
    private var scratch: [UInt8] = []

    /// The library with what belongs to one connection; the SSL owns the two BIOs.
    private struct Machine {
        let f: UnsafePointer<chost_openssl>
        let library: OpenSSL
        let ssl: UnsafeMutablePointer<SSL>
        let reading: UnsafeMutablePointer<BIO>
        let writing: UnsafeMutablePointer<BIO>
    }

    init(_ context: TLSContext, peer: String?) {
        self.context = context
        self.peer = peer
    }

    deinit { if let machine { machine.f.pointee.SSL_free(machine.ssl) } }

    /// The protocol's version as agreed, such as "TLSv1.3".
    var version: String? {
        machine.map { String(cString: $0.f.pointee.SSL_get_version($0.ssl)) }
    }

    var protection: Protection? {
        var protection = Protection()
        protection.checksCertificate = context.options.checksCertificate
        protection.checksName = context.options.checksName && context.options.checksCertificate
        protection.chain = report.chain
        guard let machine else { return protection }
        if let cipher = machine.f.pointee.SSL_get_current_cipher(machine.ssl) {
            protection.version = version ?? ""
            protection.cipher = String(cString: machine.f.pointee.SSL_CIPHER_get_name(cipher))
        }
        let shown = machine.f.pointee.SSL_get_peer_cert_chain(machine.ssl)
        if shown != nil { protection.chain = machine.library.certificates(shown) }
        return protection
    }

    func start(_ output: inout [UInt8]) throws(TransportError) {
        let library = try OpenSSL()
        let f = library.f
        let ssl = try context.makeSSL(library)
        guard let reading = f.pointee.BIO_new(f.pointee.BIO_s_mem()) else {
            f.pointee.SSL_free(ssl)
            throw .protection("no memory for OpenSSL")
        }
        guard let writing = f.pointee.BIO_new(f.pointee.BIO_s_mem()) else {
            _ = f.pointee.BIO_free(reading)
            f.pointee.SSL_free(ssl)
            throw .protection("no memory for OpenSSL")
        }
        f.pointee.SSL_set_bio(ssl, reading, writing)
        machine = Machine(f: f, library: library, ssl: ssl, reading: reading, writing: writing)
        scratch = [UInt8](repeating: 0, count: Limits.tlsRecordBytes)
        // The report lives as long as this layer, which frees the SSL.
        _ = f.pointee.SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(report).toOpaque())
        guard let peer else { return }
        try expect(peer, ssl, library)
        _ = try shakeHands()
        transmit(&output)
    }

    private func expect(
        _ peer: String, _ ssl: UnsafeMutablePointer<SSL>, _ library: OpenSSL
    ) throws(TransportError) {
        let f = library.f
        report.peer = peer
        report.trust = context.options.trust?.name
        guard let param = f.pointee.SSL_get0_param(ssl) else { return }
        if context.options.trust != nil {
            _ = f.pointee.X509_VERIFY_PARAM_set_flags(param, OpenSSLCode.partialChain)
        }
        let isAddress = Address(numeric: peer, port: 0) != nil
        // A name may be written with the root's dot, certificates never have it.
        let name = peer.hasSuffix(".") && !isAddress ? String(peer.dropLast()) : peer
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw .protection("a server needs a name to be checked by")
        }
        var taken: Int32 = 1
        if !isAddress {
            taken = name.withCString { text in
                Int32(
                    clamping: f.pointee.SSL_ctrl(
                        ssl, OpenSSLCode.setServerName, 0, UnsafeMutableRawPointer(mutating: text)))
            }
        }
        if context.options.checksName, context.options.checksCertificate, taken == 1 {
            if isAddress {
                taken = f.pointee.X509_VERIFY_PARAM_set1_ip_asc(param, name)
            } else {
                f.pointee.X509_VERIFY_PARAM_set_hostflags(param, OpenSSLCode.noPartialWildcards)
                taken = f.pointee.X509_VERIFY_PARAM_set1_host(param, name, name.utf8.count)
            }
        }
        guard taken == 1 else {
            throw .protection("the name \(name) cannot be checked (\(library.drain()))")
        }
    }

    func peerLeft(afterAnswering: Bool) -> String {
        afterAnswering
            ? "the peer closed the connection during the handshake"
            : "the server closed the connection without a word of TLS: this may be a plaintext port"
    }

    func receive(
        _ bytes: UnsafeRawBufferPointer, plain: inout [UInt8], output: inout [UInt8]
    ) throws(TransportError) {
        guard let machine, !hasEnded else { return }
        report.note(bytes)
        // What is answered counts after a failure too: the alert that tells the peer why.
        defer { transmit(&output) }
        var rest = bytes[...]
        while !rest.isEmpty, !hasEnded {
            // A memory BIO never shrinks, so it is fed little at a time.
            let share = UnsafeRawBufferPointer(rebasing: rest.prefix(Limits.tlsFeedBytes))
            guard let base = share.baseAddress,
                machine.f.pointee.BIO_write(machine.reading, base, Int32(share.count))
                    == share.count
            else { throw .protection("no memory for OpenSSL") }
            rest = rest.dropFirst(share.count)
            try advance(machine, &plain)
        }
    }

    private func advance(_ machine: Machine, _ plain: inout [UInt8]) throws(TransportError) {
        if !isReady {
            guard try shakeHands() else { return }
            isReady = true
        }
        while true {
            machine.f.pointee.ERR_clear_error()
            let count = machine.f.pointee.SSL_read(machine.ssl, &scratch, Int32(scratch.count))
            guard count > 0 else { return try judge(machine, count) }
            report.hasRead = true
            plain.append(contentsOf: scratch[..<Int(count)])
        }
    }

    /// True when the handshake is done, false when more must come first.
    private func shakeHands() throws(TransportError) -> Bool {
        guard let machine else { return false }
        machine.f.pointee.ERR_clear_error()
        let result = machine.f.pointee.SSL_do_handshake(machine.ssl)
        if result == 1 { return true }
        try judge(machine, result)
        return false
    }

    /// Sorts "more must come" from the peer's goodbye and from a fault, which is thrown.
    private func judge(_ machine: Machine, _ result: Int32) throws(TransportError) {
        switch machine.f.pointee.SSL_get_error(machine.ssl, result) {
        // Want read, want write: the buffers grow, so only the peer is waited for.
        case 2, 3: return
        case 6:
            hasEnded = true
            _ = machine.f.pointee.SSL_shutdown(machine.ssl)
            machine.f.pointee.ERR_clear_error()
        default:
            throw .protection(report.sentence(machine.library.drain(), machine.library))
        }
    }

    func send(_ plain: [UInt8], _ output: inout [UInt8]) throws(TransportError) {
        guard let machine, isReady, !plain.isEmpty else { return }
        defer { transmit(&output) }
        machine.f.pointee.ERR_clear_error()
        let count = machine.f.pointee.SSL_write(machine.ssl, plain, Int32(clamping: plain.count))
        guard count == plain.count else {
            throw .protection("writing failed (\(machine.library.drain()))")
        }
    }

    /// Takes what OpenSSL wants sent.
    private func transmit(_ output: inout [UInt8]) {
        guard let machine else { return }
        var start: UnsafeMutableRawPointer?
        let count = withUnsafeMutablePointer(to: &start) {
            machine.f.pointee.BIO_ctrl(machine.writing, OpenSSLCode.memoryInfo, 0, $0)
        }
        guard count > 0, let start else { return }
        output.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
        _ = machine.f.pointee.BIO_ctrl(machine.writing, OpenSSLCode.reset, 0, nil)
    }

    /// Says goodbye in order; for tests of the other side.
    func sayGoodbye(_ output: inout [UInt8]) {
        guard let machine else { return }
        _ = machine.f.pointee.SSL_shutdown(machine.ssl)
        transmit(&output)
    }

    /// Asks for new keys in the middle (TLS 1.2); for tests of the other side.
    func renegotiate(_ output: inout [UInt8]) {
        guard let machine else { return }
        _ = machine.f.pointee.SSL_renegotiate(machine.ssl)
        _ = machine.f.pointee.SSL_do_handshake(machine.ssl)
        transmit(&output)
    }
}
