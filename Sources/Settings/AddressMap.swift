// Where advertised addresses are really reached: through tunnels and port forwards the name a
// broker gives leads nowhere from here.

/// Pairs of an advertised address and the one to dial. Names shown and checked stay the advertised
/// ones.
package struct AddressMap: Equatable, Sendable {
    private struct Rule: Equatable, Sendable {
        /// Nil: any host, any port.
        var host: String?
        var port: UInt16?
        /// Nil: as advertised.
        var dialHost: String?
        var dialPort: UInt16?
    }
    private var rules: [Rule] = []

    package init() {}

    package var isEmpty: Bool { rules.isEmpty }

    /// Reads `kafka-1:9092=127.0.0.1:19092, *:2181=127.0.0.1:*`; `*` stands for any on the left and
    /// for what was advertised on the right. Returns what could be read, and a sentence for each
    /// pair that could not.
    package static func parse(_ text: String) -> (map: AddressMap, wrong: [String]) {
        var map = AddressMap()
        var wrong: [String] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\n" }) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let from = side(sides[0]), let to = side(sides[1]) else {
                wrong.append("\(part) is not ADVERTISED:PORT=DIALLED:PORT")
                continue
            }
            map.rules.append(
                Rule(host: from.host, port: from.port, dialHost: to.host, dialPort: to.port))
        }
        return (map, wrong)
    }

    private static func side(_ text: Substring) -> (host: String?, port: UInt16?)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        let port = text[text.index(after: colon)...]
        let number = UInt16(port)
        guard !host.isEmpty, port == "*" || number ?? 0 > 0 else { return nil }
        return (host == "*" ? nil : String(host), number)
    }

    /// The address to dial: by the first rule that fits, else the advertised one.
    package func dialled(_ advertised: HostPort) -> HostPort {
        for rule in rules
        where rule.host ?? advertised.host == advertised.host
            && rule.port ?? advertised.port == advertised.port
        {
            return HostPort(
                host: rule.dialHost ?? advertised.host, port: rule.dialPort ?? advertised.port)
        }
        return advertised
    }
}
