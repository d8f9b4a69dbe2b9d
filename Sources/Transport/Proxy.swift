// A proxy on the way to servers, as bastions have them: SOCKS 5 or HTTP's CONNECT. Names of servers
// are looked up by the proxy.

/// Where a proxy is and who uses it. Printing it shows no password.
package struct Proxy: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        /// RFC 1928, with user and password as in RFC 1929.
        case socks5h
        /// CONNECT (RFC 9110, 9.3.6), with Basic authentication.
        case http
    }

    package let kind: Kind
    package let endpoint: Endpoint
    let user: String?
    let password: String

    package init(kind: Kind, endpoint: Endpoint, user: String? = nil, password: String = "") {
        self.kind = kind
        self.endpoint = endpoint
        self.user = user
        self.password = password
    }

    package var description: String { "\(kind.rawValue)://\(endpoint)" }

    func noAnswer(to target: Endpoint) -> String {
        let protocolName = kind == .socks5h ? "SOCKS 5" : "HTTP"
        return "no answer (it does not reach \(target) in time, or is no \(protocolName) proxy)"
    }

    func failure(_ reason: String) -> TransportError {
        .proxy(name: description, reason: reason)
    }
}
