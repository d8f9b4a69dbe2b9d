// The PLAIN login (RFC 4616): name and password as they are, so only to be used under TLS.
package import Transport

/// One login by name and password, which the server sees.
package final class Plain: SaslMechanism, CustomReflectable {
    private let username: String
    private let password: String
    private var isSent = false

    package init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    package var name: String { "PLAIN" }

    /// Nothing of it prints: it knows the password.
    package var customMirror: Mirror { Mirror(self, children: []) }

    package func step(_ challenge: [UInt8]?) throws(SaslFailure) -> [UInt8]? {
        guard !isSent else { return nil }
        isSent = true
        let name = Array(username.utf8)
        let secret = Array(password.utf8)
        guard !name.isEmpty, !name.contains(0), !secret.contains(0) else {
            throw SaslFailure("PLAIN takes no empty name, and no NUL in name or password")
        }
        // No authorization id: whoever logs in acts as itself.
        return [0] + name + [0] + secret
    }
}
