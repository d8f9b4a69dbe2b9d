// What each API is for, in the words of an error sentence, and which of them only read.

/// Names and kinds of APIs by key. Source: the API table of Kafka's message files.
package enum ApiNames {
    /// What was tried, as in "Could not ... from broker 3".
    static let actions: [Int16: String] = [
        1: "read records", 2: "read offsets", 3: "read topics and brokers",
        9: "read committed offsets", 10: "find a coordinator", 15: "read group members",
        16: "list groups", 17: "log in", 18: "read API versions", 29: "read ACLs",
        32: "read configs", 35: "read log directories", 36: "log in",
        46: "list reassignments", 48: "read client quotas", 50: "read SCRAM users",
        55: "read the quorum", 60: "read the cluster's brokers", 61: "read producers",
        65: "read transactions", 66: "list transactions", 69: "read group members",
        74: "list config resources", 75: "read topic partitions", 77: "read share groups",
        89: "read streams groups", 90: "read share group offsets",
    ]

    /// APIs that change nothing; the allow-list of the read-only mode. FindCoordinator is among
    /// them although a first one may create an internal topic: the caller decides on that.
    package static let readOnlyKeys = Set(actions.keys)

    /// A request of this API may be asked again, also of another broker.
    static func isRepeatable(_ key: Int16) -> Bool { readOnlyKeys.contains(key) }

    static func action(_ key: Int16, _ name: String) -> String {
        actions[key] ?? "carry out \(name)"
    }
}
