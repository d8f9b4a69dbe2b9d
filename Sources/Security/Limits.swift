// Every bound of this module, in one place, each with its reason.

enum Limits {
    /// Bytes given to OpenSSL at once: its memory buffers grow to this and never shrink.
    static let tlsFeedBytes = 32 * 1024
    /// The most one TLS record holds.
    static let tlsRecordBytes = 16 * 1024
    /// Reasons taken from OpenSSL's queue, which holds sixteen.
    static let openSSLReasons = 32
    /// Names of a certificate that an error gives; the rest would not help.
    static let certificateNames = 6
    /// Certificates of a chain that are explained.
    static let chainCertificates = 8
    /// Bytes of a certificate's subject or issuer that an error gives.
    static let certificateNameBytes = 400
    /// Iterations of SCRAM's key that are done: Kafka's least, and at the most what takes a tenth
    /// of a second (a hostile server may ask for two thousand million).
    static let scramIterations = 4096...200_000
}
