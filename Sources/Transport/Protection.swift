// What a layer such as TLS knows of the connection it protects, for whoever explains a connection.

/// What protects a connection, or why it could not: as far as the handshake came.
package struct Protection: Hashable, Sendable {
    /// As agreed, such as "TLSv1.3"; empty: the handshake did not come so far.
    package var version = ""
    package var cipher = ""
    /// As the peer showed it, its own certificate first; no more than a few of them.
    package var chain: [Certificate] = []
    /// False where the settings leave it out.
    package var checksCertificate = true
    package var checksName = true

    package init() {}

    /// One certificate of a chain.
    package struct Certificate: Hashable, Sendable {
        /// As RFC 2253 writes it.
        package var subject: String
        package var issuer: String
        /// Seconds since 1970; nil: the date cannot be read.
        package var notBefore: Int64?
        package var notAfter: Int64?
        /// The names and addresses it is for (subjectAltName).
        package var names: [String]

        package init(
            subject: String, issuer: String, notBefore: Int64?, notAfter: Int64?, names: [String]
        ) {
            self.subject = subject
            self.issuer = issuer
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.names = names
        }
    }
}
