// Folding answers into a picture without a connection: for what wants to know the cost or the
// result of a fold alone, such as the benchmarks.
package import ClusterModel
package import KafkaWire

/// A picture that grows by answers handed to it, exactly as an observation's does.
package struct AnswerFold {
    private var draft = Draft()

    package init() {}

    /// The picture as far as it has come; sums are those of the last `summarise()`.
    package var cluster: Cluster { draft.cluster }

    /// Folds an answer that names all topics.
    package mutating func fold(_ answer: MetadataColumns, at now: Instant) {
        _ = draft.fold(brokers: answer.brokers, now: now.ns)
        _ = draft.fold(TopicAnswers(answer), whole: true, now: now.ns)
        draft.reconcileBrokers(now: now.ns)
        draft.cluster.takenAt = now
    }

    /// The question for the log ends of all replicas on `broker`.
    package func logEndRequest(of broker: BrokerID) -> ListOffsetsColumns {
        logEnds(of: broker).request(draft)
    }

    /// Folds the answer to `request`, which `logEndRequest(of:)` gave.
    package mutating func fold(
        logEnds answer: OffsetColumns, to request: ListOffsetsColumns, of broker: BrokerID,
        asked: Instant, answered: Instant
    ) {
        _ = logEnds(of: broker).fold(
            answer, to: request, asked: asked.ns, answered: answered.ns, into: &draft)
        draft.cluster.takenAt = answered
    }

    /// Fills all sums, as before every publication.
    package mutating func summarise() { draft.cluster.summarise() }

    private func logEnds(of broker: BrokerID) -> OffsetAsk {
        OffsetAsk(
            kind: .logEnd, broker: broker, rows: draft.rowsOfBroker[broker] ?? [],
            layout: draft.cluster.layout)
    }
}
