// How kinds of change are carried out: each in a file of `Changes`, by verbs of the client.
package import KafkaClient
package import Planning

/// The way one kind of change is carried out: one file, and one line of `allOperations`.
package protocol Operation: SendableMetatype {
    associatedtype Input: Change
    init(_ change: Input)
    /// Reads from the cluster, now, the values that the change's `before` names.
    func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void)
    /// The requests, in the order they are sent, one after the other.
    var steps: [Step] { get }
}

/// Every kind of change that this version carries out.
package let allOperations: [any Operation.Type] = [PreferredElectionOperation.self]

/// The operation for a change; nil where this version has none.
@Sendable package func operation(for change: any Change) -> (any Operation)? {
    func make<Kind: Operation>(_ type: Kind.Type) -> (any Operation)? {
        (change as? Kind.Input).map { Kind($0) }
    }
    for type in allOperations { if let made = make(type) { return made } }
    return nil
}

/// Values of the cluster as they were read right before a change.
package struct FactReading: Sendable {
    package var clusterID: String?
    package var facts: [Fact]

    package init(clusterID: String?, facts: [Fact]) {
        self.clusterID = clusterID
        self.facts = facts
    }
}

/// One request of an operation.
package struct Step {
    /// What it changes, as the journal names it.
    package let resources: [String]
    /// Sends it, once; never called a second time.
    package let send: (KafkaClient, @escaping (Result<[StepOutcome], ClientError>) -> Void) -> Void

    package init(
        _ resources: [String],
        send:
            @escaping (
                KafkaClient, @escaping (Result<[StepOutcome], ClientError>) -> Void
            ) -> Void
    ) {
        self.resources = resources
        self.send = send
    }
}
