// Rights on topics and groups: what a change needs, and what the principal lacks of it.
package import ClusterModel
internal import KafkaClient
internal import Planning

/// A right on one topic or group that a change needs.
package struct NeededRight: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        case topic(String), group(String)

        fileprivate var name: String {
            switch self {
            case .topic(let name): "topic \(name)"
            case .group(let id): "group \(id)"
            }
        }
    }

    package var subject: Subject
    package var operation: Rights.Operation

    package init(_ subject: Subject, _ operation: Rights.Operation) {
        self.subject = subject
        self.operation = operation
    }

    fileprivate var sentence: String {
        "your principal lacks the right to it: \(operation.name) on \(subject.name)"
    }

    /// The same right on each topic, once.
    static func topics(
        _ names: some Sequence<String>, _ operation: Rights.Operation
    ) -> [NeededRight] {
        Set(names).sorted().map { NeededRight(.topic($0), operation) }
    }

    /// Not known: may be there.
    fileprivate func isMissing(_ told: AuthorizedOperations) -> Bool {
        let bits =
            switch subject {
            case .topic(let name): told.topics[name]
            case .group(let id): told.groups[id]
            }
        return bits.flatMap { Rights(told: $0) }.map { !$0.allows(operation) } ?? false
    }
}

extension Operator {
    /// Says in a proposal which of the rights it needs the principal lacks: nothing can be made
    /// without one on the group, or without all of those on topics.
    static func checkRights(
        _ operation: any Operation, _ proposal: Proposal, _ client: KafkaClient,
        _ report: @escaping (Proposal) -> Void
    ) {
        let needed = operation.neededRights
        guard proposal.refusal == nil, !needed.isEmpty else { return report(proposal) }
        var topics: [String] = []
        var group: String?
        for right in needed {
            switch right.subject {
            case .topic(let name): topics.append(name)
            case .group(let id): group = id
            }
        }
        client.readAuthorizedOperations(ofTopics: topics, group: group) { told in
            var next = proposal
            let missing = needed.filter { $0.isMissing(told) }
            let ofGroup = missing.first { if case .group = $0.subject { true } else { false } }
            if let first = ofGroup ?? (missing.count == topics.count ? missing.first : nil) {
                next.missingRight = first.sentence
            } else {
                let shown = missing.prefix(Limits.namedLosses).map(\.sentence)
                next.warnings = shown + next.warnings
            }
            report(next)
        }
    }
}
