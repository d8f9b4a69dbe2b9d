// Where a server is: an endpoint as people write it, and an address as the system connects to it.
import Glibc

/// A server as written in settings or named by a broker: a name (or a numeric address) and a port.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets, also for IPv6.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `name:9092`, `10.0.0.1:9092` or `[::1]:9092`; a listener's `PLAINTEXT://` before it is
    /// skipped, as Kafka's own clients do.
    package init(parsing text: some StringProtocol) throws(EndpointFault) {
        var rest = text[...]
        if let slashes = rest.firstRange(of: "://") { rest = rest[slashes.upperBound...] }
        let host: Substring
        let port: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else {
                throw EndpointFault(text: String(text), reason: "the bracket is not closed")
            }
            host = Substring(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            guard after.first == ":" else {
                throw EndpointFault(text: String(text), reason: "the port is missing")
            }
            port = Substring(after.dropFirst())
        } else {
            guard let colon = rest.lastIndex(of: ":") else {
                throw EndpointFault(text: String(text), reason: "the port is missing")
            }
            host = Substring(rest[..<colon])
            port = Substring(rest[rest.index(after: colon)...])
            guard !host.contains(":") else {
                throw EndpointFault(
                    text: String(text), reason: "an IPv6 address needs brackets, as in [::1]:9092")
            }
        }
        guard !host.isEmpty else {
            throw EndpointFault(text: String(text), reason: "the name is missing")
        }
        guard port.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt16(port),
            number > 0
        else {
            throw EndpointFault(text: String(text), reason: "the port is not a number 1 to 65535")
        }
        self.init(host: String(host), port: number)
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Why a text is not an endpoint.
package struct EndpointFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package let reason: String

    package var description: String { "\"\(text)\" is not HOST:PORT: \(reason)" }
}

/// A numeric IPv4 or IPv6 address and a port.
package struct Address: Hashable, Sendable, CustomStringConvertible {
    /// The four (IPv4) or sixteen (IPv6) bytes in network order, padded with zeros.
    package let high: UInt64
    package let low: UInt64
    package let isIPv6: Bool
    /// The interface of a link-local IPv6 address, else 0.
    package let scope: UInt32
    package let port: UInt16

    package init(high: UInt64, low: UInt64, isIPv6: Bool, scope: UInt32 = 0, port: UInt16) {
        self.high = high
        self.low = low
        self.isIPv6 = isIPv6
        self.scope = scope
        self.port = port
    }

    /// An IPv4 address from its four numbers.
    package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) {
        let value = UInt64(a) << 24 | UInt64(b) << 16 | UInt64(c) << 8 | UInt64(d)
        self.init(high: 0, low: value, isIPv6: false, port: port)
    }

    /// The address a text spells, or nil when it is a name that must be looked up.
    package init?(numeric text: String, port: UInt16) {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(
                high: 0, low: UInt64(UInt32(bigEndian: v4.s_addr)), isIPv6: false, port: port)
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        self.init(v6, scope: 0, port: port)
    }

    init(_ v6: in6_addr, scope: UInt32, port: UInt16) {
        let (high, low) = withUnsafeBytes(of: v6) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self.init(high: high, low: low, isIPv6: true, scope: scope, port: port)
    }

    /// Hands over the system's own form of the address.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result)
        -> Result
    {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
                bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
                bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            return withUnsafeBytes(of: address) { bytes in
                body(
                    bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(bytes.count))
            }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
        return withUnsafeBytes(of: address) { bytes in
            body(
                bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count))
        }
    }

    /// Without the port and without brackets.
    package var hostText: String {
        let text = description
        guard let colon = text.lastIndex(of: ":") else { return text }
        let host = text[..<colon]
        return String(isIPv6 ? host.dropFirst().dropLast() : host)
    }

    /// The same address and another port.
    package func with(port: UInt16) -> Address {
        Address(high: high, low: low, isIPv6: isIPv6, scope: scope, port: port)
    }

    package var description: String {
        guard isIPv6 else {
            return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255):\(port)"
        }
        var v6 = in6_addr()
        withUnsafeMutableBytes(of: &v6) { bytes in
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = inet_ntop(AF_INET6, &v6, &text, socklen_t(text.count))
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "[\(String(decoding: bytes, as: UTF8.self))]:\(port)"
    }
}
