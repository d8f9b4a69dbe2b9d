// Every bound of this module, with its reason.

enum Limits {
    /// Kafka's own leader rebalance asks for no more at once; over 10,000 fail as a whole.
    static let partitionsPerRequest = 1000
    /// Topics whose configs one request changes: a bulk of hundreds can be stopped on its way, and
    /// a lost answer leaves few of them unknown.
    static let topicsPerRequest = 50
    /// Topics whose configs are read in one request.
    static let topicsPerReading = 200
    /// Partitions whose losses a review names one by one.
    static let namedLosses = 100
    /// Partitions that one request may make: Kafka refuses more as a whole, or makes some of them.
    static let newPartitions = 10_000
    /// Broker ids below this are counted in an array.
    static let denseBrokerIDs = 4_096
    /// Members of a group that a review names.
    static let namedMembers = 5
    /// Between two requests of one operation, so that a large one never fills the controller.
    static let betweenStepsNs: UInt64 = 200_000_000
    /// When a change is read again after its end: a broker of KRaft tells the old value for some
    /// 50 ms (seen live), and what sets values back by a rule does so within seconds.
    static let readAgainNs: UInt64 = 300_000_000
    static let readOnceMoreNs: UInt64 = 5_000_000_000
    /// Of a cluster's id in the name of a folder; Kafka's own have 22.
    static let clusterIDBytes = 64
    /// Milliseconds since 1970 that a line may name: up to the year 9999.
    static let moments: ClosedRange<Int64> = 0...253_402_300_799_000
    /// A journal is read in pieces of so many bytes.
    static let readBytes = 65_536
}
