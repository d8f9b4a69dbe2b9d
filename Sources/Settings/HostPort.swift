// Addresses of brokers as people write them.

/// A broker's address: a name or an IP address (IPv6 without its brackets) and a port.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    package var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Why an address could not be read: a sentence that names it.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// `kafka-1`, `kafka-1:9092`, `10.0.0.1:9092`, `[::1]:9092`; a listener's scheme
    /// (`PLAINTEXT://`) before it is dropped, as librdkafka does.
    package init(parsing written: String) throws(Malformed) {
        var text = Substring(written)
        if let scheme = text.range(ofText: "://") { text = text[scheme.upperBound...] }
        let name: Substring
        var port: Substring?
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else {
                throw Malformed(description: "\(quoted(written)): the bracket is not closed")
            }
            name = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw Malformed(description: "\(quoted(written)): write [address]:port")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw Malformed(
                    description: "\(quoted(written)): an IPv6 address needs brackets, as in "
                        + "[::1]:9092")
            }
            name = parts.first ?? ""
            port = parts.count == 2 ? parts[1] : nil
        }
        guard !name.isEmpty else {
            throw Malformed(description: "\(quoted(written)): the host is missing")
        }
        guard name.unicodeScalars.allSatisfy({ isAllowed($0) }) else {
            throw Malformed(description: "\(quoted(written)) is not a host name")
        }
        guard let port else {
            self.init(host: String(name), port: Limits.defaultPort)
            return
        }
        guard port.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let number = UInt16(port), number > 0
        else {
            throw Malformed(
                description: "\(quoted(written)): the port must be a number from 1 to 65535")
        }
        self.init(host: String(name), port: number)
    }

    /// A list separated by commas, semicolons or blanks, in order, duplicates dropped; and what
    /// was wrong with the addresses that are missing from it.
    package static func list(_ text: String) -> (servers: [HostPort], faults: [String]) {
        var servers: [HostPort] = []
        var faults: [String] = []
        for piece in text.split(whereSeparator: { ",; \t\n\r".contains($0) })
            .prefix(Limits.bootstrapServers)
        {
            do throws(Malformed) {
                let server = try HostPort(parsing: String(piece))
                if !servers.contains(server) { servers.append(server) }
            } catch {
                faults.append(error.description)
            }
        }
        return (servers, faults)
    }
}

private func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", ":", "%": true
    default: scalar.value > 0x9f && scalar.properties.isAlphabetic
    }
}

/// What people typed, safe to print: control characters shown as escapes.
private func quoted(_ text: String) -> String {
    var shown = "\""
    for scalar in text.unicodeScalars.prefix(200) {
        shown +=
            scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
    return shown + "\""
}

extension Substring {
    fileprivate func range(ofText needle: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) {
                return start..<index(start, offsetBy: needle.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
