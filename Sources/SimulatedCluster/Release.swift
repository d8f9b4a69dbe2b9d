// Which versions of which APIs a broker of a release offers. Seen on real brokers' ApiVersions
// (2.4.1, 3.9.2 of both kinds, 4.3.1); 2.8 from that branch's message definitions.
import KafkaConfigs

/// A release of Kafka the simulation can be.
package enum Release: String, CaseIterable, Comparable, Sendable {
    case v24 = "2.4"
    case v28 = "2.8"
    case v39 = "3.9"
    case v43 = "4.3"

    package static func < (left: Release, right: Release) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The release as the catalogue of configs names it.
    var kafka: KafkaRelease {
        switch self {
        case .v24: KafkaRelease(2, 4)
        case .v28: KafkaRelease(2, 8)
        case .v39: KafkaRelease(3, 9)
        case .v43: KafkaRelease(4, 3)
        }
    }

    /// First and last version by API key, as ApiVersions lists them.
    package func versions(_ coordination: Coordination) -> [Int16: ClosedRange<Int16>] {
        switch (self, coordination) {
        case (.v24, _): Self.parse(Self.table24)
        case (.v28, _): Self.parse(Self.table28)
        case (.v39, .kraft): Self.parse(Self.table39 + Self.only39KRaft)
        case (.v39, .zookeeper): Self.parse(Self.table39 + Self.only39ZooKeeper)
        case (.v43, _): Self.parse(Self.table43)
        }
    }

    /// "18:0-3 19:0-5" as ranges by key.
    private static func parse(_ text: String) -> [Int16: ClosedRange<Int16>] {
        var ranges: [Int16: ClosedRange<Int16>] = [:]
        for entry in text.split(separator: " ") {
            let numbers = entry.split { $0 == ":" || $0 == "-" }.compactMap { Int16($0) }
            guard numbers.count == 3, numbers[1] <= numbers[2] else { continue }
            ranges[numbers[0]] = numbers[1]...numbers[2]
        }
        return ranges
    }

    /// Kafka's names of APIs that clients ask and the simulation does not play.
    static let otherAPIs: [Int16: String] = [
        0: "Produce", 1: "Fetch", 11: "JoinGroup", 12: "Heartbeat",
        14: "SyncGroup",
        21: "DeleteRecords", 22: "InitProducerId", 23: "OffsetForLeaderEpoch",
        24: "AddPartitionsToTxn", 25: "AddOffsetsToTxn", 26: "EndTxn", 28: "TxnOffsetCommit",
        29: "DescribeAcls", 30: "CreateAcls", 31: "DeleteAcls",
        38: "CreateDelegationToken", 41: "DescribeDelegationToken",
        48: "DescribeClientQuotas", 49: "AlterClientQuotas",
        50: "DescribeUserScramCredentials", 57: "UpdateFeatures", 61: "DescribeProducers",
        65: "DescribeTransactions", 66: "ListTransactions", 68: "ConsumerGroupHeartbeat",
        71: "GetTelemetrySubscriptions", 74: "ListConfigResources",
    ]

    private static let table24 = """
        0:0-8 1:0-11 2:0-5 3:0-9 4:0-4 5:0-2 6:0-6 7:0-3 8:0-8 9:0-6 10:0-3 11:0-6 12:0-4 13:0-4 \
        14:0-4 15:0-5 16:0-3 17:0-1 18:0-3 19:0-5 20:0-4 21:0-1 22:0-2 23:0-3 24:0-1 25:0-1 26:0-1 \
        27:0-0 28:0-2 29:0-1 30:0-1 31:0-1 32:0-2 33:0-1 34:0-1 35:0-1 36:0-1 37:0-1 38:0-2 39:0-1 \
        40:0-1 41:0-1 42:0-2 43:0-2 44:0-1 45:0-0 46:0-0 47:0-0
        """
    private static let table28 = """
        0:0-9 1:0-12 2:0-6 3:0-11 4:0-5 5:0-3 6:0-7 7:0-3 8:0-8 9:0-7 10:0-3 11:0-7 12:0-4 13:0-4 \
        14:0-5 15:0-5 16:0-4 17:0-1 18:0-3 19:0-7 20:0-6 21:0-2 22:0-4 23:0-4 24:0-3 25:0-3 26:0-3 \
        27:0-1 28:0-3 29:0-2 30:0-2 31:0-2 32:0-4 33:0-2 34:0-2 35:0-2 36:0-2 37:0-3 38:0-2 39:0-2 \
        40:0-2 41:0-2 42:0-2 43:0-2 44:0-1 45:0-0 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 56:0-0 \
        57:0-0 60:0-0
        """
    private static let table39 = """
        0:0-11 1:0-17 2:0-9 3:0-12 8:0-9 9:0-9 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-5 16:0-5 \
        17:0-1 18:0-4 19:0-7 20:0-6 21:0-2 22:0-5 23:0-4 24:0-5 25:0-4 26:0-4 27:0-1 28:0-4 29:0-3 \
        30:0-3 31:0-3 32:0-4 33:0-2 34:0-2 35:0-4 36:0-2 37:0-3 38:0-3 39:0-2 40:0-2 41:0-3 42:0-2 \
        43:0-2 44:0-1 45:0-0 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 57:0-1 60:0-1 61:0-0 65:0-0 \
        66:0-1 68:0-0 69:0-0
        """
    private static let only39KRaft = " 55:0-2 64:0-0 74:0-0 75:0-0 80:0-0 81:0-0"
    private static let only39ZooKeeper = " 4:0-7 5:0-4 6:0-8 7:0-3 56:0-3 58:0-0 67:0-0"
    private static let table43 = """
        0:0-13 1:4-18 2:1-11 3:0-13 8:2-10 9:1-10 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-6 16:0-5 \
        17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 27:1-2 28:0-5 29:1-3 \
        30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-5 36:0-2 37:0-3 38:1-3 39:1-2 40:1-2 41:1-3 42:0-2 \
        43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 55:0-2 57:0-2 60:0-2 61:0-0 \
        64:0-0 65:0-0 66:0-2 68:0-1 69:0-1 74:0-1 75:0-0 76:1-1 77:1-1 78:1-2 79:1-2 80:0-1 81:0-0 \
        83:0-0 84:0-0 85:0-1 86:0-0 87:0-1 88:0-0 89:0-0 90:0-1 91:0-0 92:0-0
        """
}
