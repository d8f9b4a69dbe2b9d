// A question that was not answered, or answered with an error.

internal import ClusterModel

/// Requests that failed, one finding for each API, broker and error.
enum FailedRequests: Rule {
    static let entry = RuleEntry(
        "request_failed", "failed requests", .notice, .none,
        advice: "The error says why; what depends on the answer is shown as unknown or old.")

    static func check(_ pass: HealthPass) -> [Finding] {
        var found: [Finding] = []
        var seen: Set<FindingID> = []
        for failure in pass.cluster.failures {
            // An ill broker is one line already, not one line an API.
            if let id = failure.broker, pass.cluster.broker(id)?.isIll == true { continue }
            let one = finding(
                .request(api: failure.api, broker: failure.broker), firstWords(failure.message),
                link: .nothing, detail: failure.code, advice: failure.message)
            if seen.insert(one.id).inserted { found.append(one) }
        }
        return found
    }

    /// The first sentence as the text of a finding, which begins small and ends without a stop.
    private static func firstWords(_ message: String) -> String {
        var text = Substring(message)
        var before: Character = " "
        for index in message.indices {
            if before == ".", message[index] == " " {
                text = message[..<index]
                break
            }
            before = message[index]
        }
        if text.last == "." { text = text.dropLast() }
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
