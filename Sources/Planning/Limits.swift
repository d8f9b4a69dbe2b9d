// Every bound of this module, with its reason.

enum Limits {
    /// Kafka's longest topic name has 249 characters; a cluster's name is shorter.
    static let typedCharacters = 300

    /// Bytes of all replicas, or of a volume: sums of a few of them stay within 64 bits.
    static let largestTotal: Int64 = 1 << 57
    /// Volumes of one broker.
    static let volumes = 32
    /// Rows of replicas are counted in 32 bits.
    static let replicas = 100_000_000
    /// Ids within such a span are looked up in a table of it.
    static let denseBrokers = 1_000_000
    /// So much of a broker's volumes may be full after a plan.
    static let usableShare = 0.9
    /// How often shares are worked out anew where one replica is larger than a share.
    static let giantRounds = 4
    /// How far into its band a broker is brought that is outside of it, by the share that it
    /// should hold: what is moved for it beyond the least that must be.
    static let bytesMargin = 0.000_5
    /// Rows that are looked at for one that may go from one broker to another.
    static let looks = 64
    /// Brokers that are tried for an exchange with another one.
    static let partners = 24
    static let balanceRounds = 12
    /// How often bands are made anew after moves.
    static let bandRounds = 4
    /// Of a rack, brokers that are tried for a replica, emptiest first.
    static let receivers = 64
    /// Sets of brokers whose leaders cannot be shared with others, found one after another.
    static let leaderGroups = 16
    /// Replicas that come to one broker, and that one leader sends, in one wave.
    static let moversPerBroker = 5
    /// Partitions of one wave: of one request.
    static let wavePartitions = 1_000
    /// Brokers, racks and partitions that a sentence names before it says how many more there are.
    static let namedInSentence = 5
    /// A broker is relieved of so much less than what it has to lose too much at most, once.
    static let overshoot: Int64 = 500
    /// Moves and refusals that a page for people lists.
    static let markdownMoves = 200
    /// Replicas of one partition in a request for moves.
    static let replicasOfRow = 1_000
}
