// Which release and which kind of coordinator a broker has, read off the list of APIs it serves
// (reference: the message definitions of each release branch, compared).
package import ClusterModel

/// What can be concluded from ApiVersions beyond versions.
package enum Fingerprint {
    /// (release, API key, least maximum version) newest first: the first entry a broker has.
    private static let marks: [(release: String, key: Int16, version: Int16)] = [
        ("4.4", 93, 0), ("4.3", 35, 5), ("4.2", 2, 11), ("4.1", 45, 1), ("4.0", 3, 13),
        ("3.9", 18, 4), ("3.8", 16, 5), ("3.7", 60, 1), ("3.6", 24, 4), ("3.5", 2, 8),
        ("3.4", 4, 7), ("3.3", 35, 4), ("3.2", 35, 3), ("3.1", 3, 12), ("3.0", 9, 8),
        ("2.8", 60, 0), ("2.7", 57, 0), ("2.6", 48, 0), ("2.5", 9, 7), ("2.4", 45, 0),
    ]

    /// The first release whose brokers take no more than all replicas for `min.insync.replicas`.
    static let capsMinISR = "3.7"

    /// The newest release whose mark the broker shows, or nil below 2.4.
    package static func release(_ apis: [Int16: ClosedRange<Int16>]) -> String? {
        marks.first { mark in
            guard let range = apis[mark.key] else { return false }
            return range.upperBound >= mark.version
        }?.release
    }

    /// The kind of coordinator: DescribeQuorum or UnregisterBroker stand for KRaft, the old
    /// inter-broker requests for ZooKeeper.
    package static func kind(_ apis: [Int16: ClosedRange<Int16>]) -> CoordinatorKind? {
        if apis[55] != nil || apis[64] != nil { return .kraft }
        if apis[4] != nil || apis[5] != nil || apis[6] != nil { return .zookeeper }
        return nil
    }

    /// The kind of a whole cluster. While it migrates some brokers live by ZooKeeper still and some
    /// by KRaft: it is on ZooKeeper until none does.
    package static func kind(ofAll lists: [[Int16: ClosedRange<Int16>]]) -> CoordinatorKind? {
        let kinds = lists.compactMap { kind($0) }
        return kinds.contains(.zookeeper) ? .zookeeper : kinds.first
    }

    /// Orders releases: "3.10" is newer than "3.9".
    package static func isOlder(_ a: String, than b: String) -> Bool {
        let left = a.split(separator: ".").compactMap { Int($0) }
        let right = b.split(separator: ".").compactMap { Int($0) }
        return left.lexicographicallyPrecedes(right)
    }
}
