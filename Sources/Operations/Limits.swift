// Every bound of this module, with its reason.

enum Limits {
    /// Kafka's own leader rebalance asks for no more at once; over 10,000 fail as a whole.
    static let partitionsPerRequest = 1000
    /// Between two requests of one operation, so that a large one never fills the controller.
    static let betweenStepsNs: UInt64 = 200_000_000
    /// Of a cluster's id in the name of a folder; Kafka's own have 22.
    static let clusterIDBytes = 64
    /// A journal is read in pieces of so many bytes.
    static let readBytes = 65_536
}
