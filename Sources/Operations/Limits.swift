// Every bound of this module, with its reason.

enum Limits {
    /// How much of the end of a file of maintenance is read, the longest line of it, and so many
    /// objects.
    static let maintenanceBytes = 1 << 20
    static let maintenanceLineBytes = 4_096
    static let maintenanceEntries = 1_000
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

    // MARK: Executing plans

    /// Copies that come to one broker, and that one leader sends, at a time.
    static let copiesPerBroker = 5
    /// Of a config's value: Kafka keeps 32,767, and with more the broker closes the connection.
    static let configBytes = 32_000
    /// A refusal that says what is wrong is asked for so often, one that passes longer.
    static let finalRefusals = 3
    static let passingRefusals = 30
    /// Looks in a row that do not find a partition, before it counts as deleted.
    static let goneLooks = 4
    /// Looks in a row without a reason to hold, before an execution goes on.
    static let clearLooks = 3
    /// Whole looks in a row with more partitions out of sync than at first.
    static let behindLooks = 3
    /// Looks that a leader is waited for, and between two elections of it.
    static let leaderLooks = 15
    static let looksPerElection = 3
    /// Requests in a row for the throttle of one resource, before somebody else is thought to
    /// change it.
    static let throttleRequests = 10
    /// Looks at the end that wait for throttles to be put back.
    static let endLooks = 60
    /// Under it nothing more is sent to a broker's volumes.
    static let leastFreeShare = 0.05
    /// A throttle lets a fetch pass and then nothing for 11 s; this is far beyond.
    static let standstillNs: UInt64 = 600_000_000_000
    /// The whole cluster is read again after so long.
    static let wholeNs: UInt64 = 10_000_000_000
    static let leastInSyncNs: UInt64 = 120_000_000_000
    /// Bytes a second that hardly any topic is written below.
    static let lowThrottle: Int64 = 1_000_000
    /// A plan that another process carries out is waited for so often and so long: it may be
    /// ending.
    static let lockTries = 5
    static let lockNs: UInt64 = 500_000_000
    /// A rate is of so long at the most.
    static let rateNs: UInt64 = 60_000_000_000
    /// A plan of so many moves is written out as a command line.
    static let movesByHand = 50
    /// Facts that a pre-flight names before it says how many more there are.
    static let namedObstacles = 5
}
