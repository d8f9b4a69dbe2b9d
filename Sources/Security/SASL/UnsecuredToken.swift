// A JSON Web Token that nobody signed (RFC 7519, 6), as Kafka's own login module makes it for test
// clusters.

/// What such a token says.
package struct UnsecuredToken: Sendable {
    /// Claims whose values are texts.
    package var strings: [(name: String, value: String)] = []
    /// Claims whose values are numbers, as they are written.
    package var numbers: [(name: String, value: String)] = []
    package var lists: [(name: String, values: [String])] = []
    package var lifetimeSeconds = 3600

    package init() {}

    /// - Parameter now: seconds since 1970.
    package func text(at now: Int) -> String {
        var members = strings.map { "\(quoted($0.name)):\(quoted($0.value))" }
        members += numbers.map { "\(quoted($0.name)):\($0.value)" }
        members += lists.map { list in
            "\(quoted(list.name)):[\(list.values.map(quoted).joined(separator: ","))]"
        }
        members += ["\"iat\":\(now)", "\"exp\":\(now + lifetimeSeconds)"]
        let parts = [#"{"alg":"none"}"#, "{\(members.joined(separator: ","))}"]
        return parts.map { Base64.encode(Array($0.utf8), isForURLs: true) }
            .joined(separator: ".") + "."
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
