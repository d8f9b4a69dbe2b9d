// Where advertised addresses are really reached: through tunnels and port forwards the name a
// broker gives leads nowhere from here.

/// Pairs of an advertised address and the one to dial. Names shown and checked stay the advertised
/// ones.
package struct AddressMap: Equatable, Sendable {
    private struct Rule: Equatable, Sendable {
        /// What stands before and after the `*`; without one, the name itself and nil.
        var before: String
        var after: String?
        /// Nil: any port.
        var port: UInt16?
        /// With `*` for what the `*` stood for, and `{id}`.
        var dialHost: String
        var dialPort: String

        var needsID: Bool { (dialHost + dialPort).contains(AddressMap.id) }

        /// What its `*` stands for in a name; empty where it has none; nil where it does not fit.
        func star(in host: String) -> Substring? {
            guard let after else { return host == before ? "" : nil }
            guard host.hasPrefix(before), host.hasSuffix(after),
                host.utf8.count >= before.utf8.count + after.utf8.count
            else { return nil }
            return host.dropFirst(before.count).dropLast(after.count)
        }
    }
    private var rules: [Rule] = []

    fileprivate static let id = "{id}"

    package init() {}

    package var isEmpty: Bool { rules.isEmpty }

    /// Reads `kafka-1:9092=127.0.0.1:19092, *.prod:9092=*.tunnel:*, *:2181=zk.local:*`. On the left
    /// one `*` stands for any part of a name, or for any port; on the right for what it stood for,
    /// alone for the whole name or port as advertised. `{id}` on the right is the broker's id:
    /// `*:9092=bastion:1909{id}` (such a rule fits no address whose broker is not known). Returns
    /// what could be read, and a sentence for each pair that could not.
    package static func parse(_ text: String) -> (map: AddressMap, wrong: [String]) {
        var map = AddressMap()
        var wrong: [String] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\n" }) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let rule = rule(sides[0], sides[1]) else {
                wrong.append("\(part) is not ADVERTISED:PORT=DIALLED:PORT")
                continue
            }
            map.rules.append(rule)
        }
        return (map, wrong)
    }

    private static func rule(_ left: Substring, _ right: Substring) -> Rule? {
        guard let from = side(left), let to = side(right) else { return nil }
        let parts = from.host.split(separator: "*", omittingEmptySubsequences: false)
        let stars = to.host.count { $0 == "*" }
        guard parts.count <= 2, to.host == "*" || stars < parts.count, !left.contains("{"),
            from.port == "*" || port(from.port) != nil,
            to.port == "*" || port(to.port.replacing(id, with: "1")) != nil
        else { return nil }
        return Rule(
            before: String(parts[0]), after: parts.count > 1 ? String(parts[1]) : nil,
            port: port(from.port), dialHost: to.host, dialPort: to.port)
    }

    private static func port(_ text: String) -> UInt16? {
        UInt16(text).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func side(_ text: Substring) -> (host: String, port: String)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        let port = text[text.index(after: colon)...]
        return host.isEmpty || port.isEmpty ? nil : (String(host), String(port))
    }

    /// The address to dial: by the first rule that fits, else the advertised one.
    /// - Parameter broker: whose address it is; nil where that is not known.
    package func dialled(_ advertised: HostPort, broker: Int32? = nil) -> HostPort {
        for rule in rules where rule.port ?? advertised.port == advertised.port {
            guard let star = rule.star(in: advertised.host), broker != nil || !rule.needsID else {
                continue
            }
            let number = broker.map(String.init) ?? ""
            let host =
                rule.dialHost == "*"
                ? advertised.host
                : rule.dialHost.replacing("*", with: star).replacing(Self.id, with: number)
            let port =
                rule.dialPort == "*"
                ? advertised.port : Self.port(rule.dialPort.replacing(Self.id, with: number))
            if let port { return HostPort(host: host, port: port) }
        }
        return advertised
    }
}
