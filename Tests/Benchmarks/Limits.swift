// Every budget, and the sizes it is for, in one place. Counts decide the exit code; times are only
// shown, because other work on the machine changes them threefold.

/// The largest cluster the console is made for.
enum Size {
    static let brokers = 1_000
    static let topics = 10_000
    static let partitionsPerTopic = 20
    static let replicas: Int32 = 3
    static let groups = 10_000
    static let partitions = topics * partitionsPerTopic
    static let replicaCount = partitions * Int(replicas)
    /// Of `brokers`, how many one round asks: Polling's 60,000 replicas of 600,000.
    static let brokersPerRound = brokers / 10
    static let frameWidth = 200
    static let frameHeight = 60
    static let keys = 400
    static let reviewedElections = 10_000
    static let reviewedTopics = 1_000
    /// Ticks of two seconds in the longest window of the history.
    static let ticks = 10_800
}

/// What each thing may cost; times in seconds.
enum Budget {
    static let metadataDecode = 0.100
    static let metadataAllocations = 40_000.0
    /// A name and an array for each topic of each broker's answer.
    static let offsetsAllocationsPerTopic = 2.1
    static let offsetsDecode = 0.150
    static let fold = 0.100
    static let foldAllocations = 20_000.0
    /// Nothing is made for a replica: what is left are the columns that are copied once.
    static let foldOffsetsAllocations = 100.0
    static let summarise = 0.050
    static let summariseAllocations = 100.0
    /// A quarter of a core at a refresh of two seconds.
    static let round = 0.500
    static let roundAllocations = 60_000.0
    static let residentBytes = 150.0 * 1_048_576
    static let historyBytes = 64.0 * 1_048_576
    static let historyAppend = 0.005
    static let frame = 0.001
    static let frameAllocations = 2_000.0
    static let review = 0.050
    static let diff = 0.000_3
    static let reorder = 0.060
    static let keyToFrame = 0.016
    static let snapshot = 0.500
    static let snapshotAllocations = 75_000.0
}

/// What the largest cluster may cost over the network; design.md, "Budgets".
enum ScaleBudget {
    static let frame = 0.050
    static let rows = 0.500
    static let complete = 3.0
    /// Of one core.
    static let steady = 0.25
    static let resident = 300.0 * 1_048_576
    /// A second.
    static let terminalBytes = 1_024.0
    static let connections = 2.0
    /// How long the complete picture is waited for.
    static let patience = 40.0
    static let settleSeconds = 12.0
    static let restSeconds = 30.0
    static let keys = 200
}

/// What a ZooKeeper ensemble may be asked for the largest cluster.
enum EnsembleBudget {
    /// With no partitions in view, and with rows of them.
    static let watches = 20.0
    static let watchesInView = 84.0
    /// At the start, beside one for each broker's registration.
    static let reads = 100.0
    /// Reads a minute while nothing changes.
    static let readsAtRest = 0.0
    static let settleSeconds = 20.0
    static let restSeconds = 60.0
}
