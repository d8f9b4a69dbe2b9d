// What protects a connection: whom to trust, who we are, what is checked. Bytes and no files: who
// reads them is the caller's matter.

/// A key store or PEM text as it was read, with where it is from. Prints as that place only.
package struct TLSMaterial: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The file or setting, for error messages.
    package let name: String
    package let bytes: [UInt8]
    /// Of the store.
    package let password: [UInt8]?
    /// Of an encrypted PEM key, or of the key inside a Java key store, where it differs from
    /// `password`.
    package let keyPassword: [UInt8]?

    package init(
        name: String, bytes: [UInt8], password: [UInt8]? = nil, keyPassword: [UInt8]? = nil
    ) {
        self.name = name
        self.bytes = bytes
        self.password = password
        self.keyPassword = keyPassword
    }

    package var description: String { name }
    package var debugDescription: String { name }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// Settings of all connections to one cluster or ensemble. The kind of a store (PEM, PKCS12, JKS)
/// is known from its content.
package struct TLSOptions: Sendable {
    /// Certificates that are trusted, and no others; nil for the system's own.
    package var trust: TLSMaterial?
    /// Our certificate with its chain, and its key unless `key` has it; nil for none.
    package var identity: TLSMaterial?
    /// The PEM key of `identity`.
    package var key: TLSMaterial?
    /// False only where someone has said so: then anybody may be the peer.
    package var checksCertificate = true
    /// Whether the certificate must be for the name asked for.
    package var checksName = true

    package init() {}
}
