// The OAUTHBEARER login (RFC 7628, KIP-255): a token that somebody else has issued.
package import Transport

/// A bearer token and what goes with it.
package struct BearerToken: Sendable, CustomReflectable {
    let text: String
    /// Names and values that the broker gets with it (KIP-342), such as `logicalCluster`.
    let extensions: [(name: String, value: String)]

    /// - Throws: what the format of the login cannot carry.
    package init(
        _ text: String, extensions: [(name: String, value: String)] = []
    ) throws(SaslFailure) {
        let isToken = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard !text.isEmpty, isToken else {
            throw SaslFailure("the token is empty or holds what no token holds")
        }
        for (name, value) in extensions {
            // RFC 7628, 3.1: names are letters, `auth` is taken; values are printable.
            let isName = !name.isEmpty && name.allSatisfy { $0.isASCII && $0.isLetter }
            let isValue = value.utf8.allSatisfy {
                $0 >= 0x20 && $0 < 0x7f || [0x09, 0x0a, 0x0d].contains($0)
            }
            guard isName, name != "auth", isValue else {
                throw SaslFailure("the SASL extension \(printable(name)) cannot be sent")
            }
        }
        self.text = text
        self.extensions = extensions
    }

    /// Nothing of it prints: whoever has it may use it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// One login by token.
package final class OAuthBearer: SaslMechanism, CustomReflectable {
    package typealias Source = @Sendable () throws(SaslFailure) -> BearerToken

    private enum Stage { case start, sent, refused }

    private let source: Source
    private var stage = Stage.start

    /// - Parameter source: gives a token that is valid now.
    package init(source: @escaping Source) { self.source = source }

    package var name: String { "OAUTHBEARER" }

    /// Nothing of it prints: its source knows the token.
    package var customMirror: Mirror { Mirror(self, children: []) }

    package func step(_ challenge: [UInt8]?) throws(SaslFailure) -> [UInt8]? {
        switch stage {
        case .start:
            stage = .sent
            let token = try source()
            var text = "n,,\u{1}auth=Bearer \(token.text)\u{1}"
            for (name, value) in token.extensions { text += "\(name)=\(value)\u{1}" }
            return Array((text + "\u{1}").utf8)
        case .sent:
            // Nothing is a success; else the server says why, and wants one byte before it fails
            // the login (RFC 7628, 3.2.3).
            guard let challenge, !challenge.isEmpty else { return nil }
            stage = .refused
            return [1]
        case .refused: throw SaslFailure("the server did not take the token")
        }
    }
}
