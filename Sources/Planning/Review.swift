// The one door to a change: what is proposed is reviewed, and only a review that was confirmed
// makes a `Confirmed`, without which nothing is carried out. Screen and commands both go here.
package import ClusterModel

/// A change with what an operator must know before it: how much it touches, what could go wrong,
/// and whether it can be made at all.
package struct Proposal: Sendable {
    /// How many of something the change touches.
    package struct Count: Hashable, Sendable {
        package var noun: String
        package var count: Int

        package init(_ noun: String, _ count: Int) {
            self.noun = noun
            self.count = count
        }
    }

    /// What was asked about and stays as it is, and why.
    package struct Skip: Hashable, Sendable {
        package var resource: String
        /// Words without a full stop.
        package var reason: String

        package init(_ resource: String, _ reason: String) {
            self.resource = resource
            self.reason = reason
        }
    }

    package var change: any Change
    package var counts: [Count] = []
    package var skipped: [Skip] = []
    /// What else becomes otherwise because of it, a lag, what a broker leads. These values move by
    /// themselves, so that nothing depends on them.
    package var preview: [ValueChange] = []
    /// Sentences without a full stop.
    package var warnings: [String] = []
    /// What else there is to know, in sentences without a full stop.
    package var notes: [String] = []
    /// Why it cannot be made; nil where it can.
    package var refusal: String?
    /// Which right the principal lacks, where brokers tell what it has.
    package var missingRight: String?
    /// All that was asked for is so already, and nothing of it was left out.
    package var isSettled = false

    package init(_ change: any Change) { self.change = change }
}

extension Proposal {
    /// What differs afterwards, each resource's preview behind its own values.
    package var rows: [ValueChange] {
        var rest = Dictionary(grouping: preview, by: \.resource)
        let differences = change.differences
        let rows = differences.indices.flatMap { index -> [ValueChange] in
            let row = differences[index]
            let isLast =
                index + 1 == differences.count || differences[index + 1].resource != row.resource
            return [row] + (isLast ? rest.removeValue(forKey: row.resource) ?? [] : [])
        }
        return rows + preview.filter { rest[$0.resource] != nil }
    }
}

extension Proposal: Equatable {
    package static func == (a: Proposal, b: Proposal) -> Bool {
        type(of: a.change).kind == type(of: b.change).kind
            && a.change.document == b.change.document && a.counts == b.counts
            && a.warnings == b.warnings && a.notes == b.notes && a.refusal == b.refusal
            && a.preview == b.preview
    }
}

/// What a session lets its operator do, and by which name the cluster is called here.
package struct ReviewPolicy: Hashable, Sendable {
    package var isReadOnly: Bool
    /// Every change asks for the cluster's name.
    package var isProduction = false
    /// The context's name; nil: the cluster's id is typed instead.
    package var clusterName: String?
    /// The only cluster that may be changed; nil where none is pinned.
    package var expectedClusterID: String?
    package var tools: KafkaTools

    package init(isReadOnly: Bool = false, tools: KafkaTools = KafkaTools(bootstrap: "")) {
        self.isReadOnly = isReadOnly
        self.tools = tools
    }
}

/// One proposal before its operator: shows it, takes what is typed, and makes the `Confirmed`.
package struct Review: Sendable {
    package let proposal: Proposal
    /// The same with Kafka's own tools.
    package let byHand: [String]
    /// What must be typed, exactly.
    package let phrase: String
    /// Why it cannot be confirmed whatever is typed; nil where it can.
    package let obstacle: String?
    package private(set) var typed = ""
    private let clusterID: String

    /// - Parameter seen: the cluster that the proposal was made from.
    package init(_ proposal: Proposal, _ policy: ReviewPolicy, _ seen: Cluster) {
        self.proposal = proposal
        byHand = proposal.change.byHand(policy.tools)
        clusterID = seen.clusterID ?? ""
        let clusterName = policy.clusterName ?? clusterID
        switch proposal.change.confirmation {
        case _ where policy.isProduction: phrase = clusterName
        // A word: keys at random, or a hand on the keyboard, do not write it.
        case .yes: phrase = "yes"
        case .resource(let name): phrase = name
        case .cluster: phrase = clusterName
        }
        obstacle = Self.obstacle(proposal, policy, seen)
    }

    private static func obstacle(
        _ proposal: Proposal, _ policy: ReviewPolicy, _ seen: Cluster
    ) -> String? {
        if policy.isReadOnly { return "this session is read-only" }
        guard let id = seen.clusterID, !id.isEmpty else {
            return "the cluster's id is not known yet"
        }
        if let expected = policy.expectedClusterID, expected != id {
            return "this is cluster \(id), and only \(expected) may be changed here"
        }
        if let refusal = proposal.refusal ?? proposal.missingRight { return refusal }
        let change = proposal.change
        return change.before == change.after ? "nothing would change" : nil
    }

    /// Adds what was typed; more than any phrase is not kept.
    package mutating func type(_ text: String) {
        typed = String((typed + text).prefix(Limits.typedCharacters))
    }

    /// Takes the last character away.
    package mutating func erase() { _ = typed.popLast() }

    /// The change, once the phrase stands there exactly; nil before, and where an obstacle is.
    package func confirm() -> Confirmed? {
        guard obstacle == nil, typed == phrase else { return nil }
        return Confirmed(proposal.change, clusterID: clusterID, byHand: byHand)
    }
}

/// A change that was reviewed and confirmed, for one cluster. Only a `Review` makes one.
package struct Confirmed: Sendable {
    /// Its `before` holds what the review showed: what is no longer so must not be changed.
    package let change: any Change
    package let clusterID: String
    package let byHand: [String]

    fileprivate init(_ change: any Change, clusterID: String, byHand: [String]) {
        self.change = change
        self.clusterID = clusterID
        self.byHand = byHand
    }
}

extension Confirmed: Equatable {
    package static func == (a: Confirmed, b: Confirmed) -> Bool {
        a.clusterID == b.clusterID && a.byHand == b.byHand
            && type(of: a.change).kind == type(of: b.change).kind
            && a.change.document == b.change.document
    }
}
