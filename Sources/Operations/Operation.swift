// What every kind of change is and how it is carried out: each in one file of `Changes`.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// A kind of change: one file, and one line of `allOperations`.
package protocol Operation: Change {
    /// The right on the cluster that it needs; nil where rights on topics decide.
    var neededRight: Rights.Operation? { get }
    /// The rights on topics and groups that it needs; they are asked for before its review.
    var neededRights: [NeededRight] { get }
    /// What it would change of a cluster, for an operator to review.
    static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal
    /// Reads from the cluster, now, the values that `before` names.
    func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void)
    /// The requests, in the order they are sent, one after the other.
    var steps: [Step] { get }
    /// Kafka can be asked beforehand whether it would take it, and it holds at once: it is checked
    /// before its review and read again after its end.
    static var isChecked: Bool { get }
    /// When what was changed is read again after the end, in nanoseconds.
    static var readAgainAfterNs: [UInt64] { get }
    /// Says in a proposal of this change what goes with it, as far as the cluster is known.
    func describe(_ proposal: inout Proposal, in cluster: Cluster)
    /// Says in a proposal of this change, which stands on values read since, what only those tell.
    func complete(_ proposal: inout Proposal)
    /// Asks whether Kafka would take it, and changes nothing.
    func validate(
        _ client: KafkaClient,
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void)
}

extension Operation {
    package var neededRights: [NeededRight] { [] }
    package static var isChecked: Bool { false }
    package static var readAgainAfterNs: [UInt64] {
        isChecked ? [Limits.readAgainNs, Limits.readOnceMoreNs] : []
    }
    package func describe(_ proposal: inout Proposal, in cluster: Cluster) {}
    package func complete(_ proposal: inout Proposal) {}
    package func validate(
        _ client: KafkaClient,
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) { completion(.success([])) }
}

/// Every kind of change that this version carries out.
package let allOperations: [any Operation.Type] = [
    PreferredElection.self, UncleanElection.self, ConfigAlteration.self, Reassignment.self,
    GroupOffsetAlteration.self, GroupDeletion.self, MemberRemoval.self,
    TopicCreation.self, TopicDeletion.self, PartitionAddition.self, PlanExecution.self,
]

/// The proposal of what is asked for; nil where this version knows no such kind of change.
package func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal? {
    guard let kind = allOperations.first(where: { $0.kind == request.kind }) else { return nil }
    var proposal: Proposal
    if let document = request.document {
        guard let change = kind.init(document) else { return nil }
        proposal = Proposal(change)
        proposal.counts = [.init("resources", change.resources.count)]
    } else {
        proposal = kind.propose(request, in: cluster)
    }
    (proposal.change as? any Operation)?.describe(&proposal, in: cluster)
    if let right = (proposal.change as? any Operation)?.neededRight, let rights = cluster.rights,
        !rights.allows(right)
    {
        proposal.missingRight =
            "your principal lacks the right to it: \(right.name) on the cluster"
    }
    guard !request.facts.isEmpty else { return proposal }
    let known = proposal.change.before
    proposal.change = proposal.change.rebased(on: request.facts)
    (proposal.change as? any Operation)?.complete(&proposal)
    if request.isUndo, !(proposal.change is PlanExecution) {
        proposal.warnings += movedFacts(known, FactTable(request.facts))
    }
    return proposal
}

/// What an exact change found otherwise than it was to be, a sentence each.
private func movedFacts(_ known: [Fact], _ now: FactTable) -> [String] {
    let moved = known.filter { now.value($0.subject, $0.property, else: $0.value) != $0.value }
    return moved.prefix(Limits.namedLosses).map { fact in
        let value = now.value(fact.subject, fact.property, else: fact.value) ?? "not set"
        return "\(fact.subject) \(fact.property) is \(value) now, not "
            + "\(fact.value ?? "not set"): it was changed since"
    }
}

/// The change of a kind that a journal has kept; nil where this version does not know the kind or
/// the document is not whole.
package func readChange(kind: String, _ document: JSONValue) -> (any Change)? {
    allOperations.first { $0.kind == kind }?.init(document)
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
