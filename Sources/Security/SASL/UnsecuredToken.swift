// A JSON Web Token that nobody signed (RFC 7519, 6), as Kafka's own login module makes it for test
// clusters.
internal import Transport

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
        var members = strings.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.value))" }
        members += numbers.map { "\(JSONText.quoted($0.name)):\($0.value)" }
        members += lists.map { list in
            let values = list.values.map(JSONText.quoted).joined(separator: ",")
            return "\(JSONText.quoted(list.name)):[\(values)]"
        }
        members += ["\"iat\":\(now)", "\"exp\":\(now + lifetimeSeconds)"]
        let parts = [#"{"alg":"none"}"#, "{\(members.joined(separator: ","))}"]
        return parts.map { Base64.encode(Array($0.utf8), isForURLs: true) }
            .joined(separator: ".") + "."
    }
}
