// Folding answers into a cluster without a connection: the cost of a fold alone.
import ClusterModel
import KafkaWire
import Polling

/// A cluster that grows by answers handed to it, exactly as an observation's does.
struct AnswerFold {
    private var working = WorkingCluster()

    init() {}

    /// The cluster as far as it has come; sums are those of the last `summarise()`.
    var cluster: Cluster { working.cluster }

    /// Folds an answer that names all topics.
    mutating func fold(_ answer: MetadataColumns, at now: Instant) {
        _ = working.fold(brokers: answer.brokers, now: now.ns)
        _ = working.fold(topics: answer, whole: true, now: now.ns)
        working.reconcileBrokers(now: now.ns)
        working.cluster.takenAt = now
    }

    /// The question for the log ends of all replicas on `broker`.
    func logEndRequest(of broker: BrokerID) -> ListOffsetsColumns {
        logEnds(of: broker).request(working)
    }

    /// Folds the answer to `request`, which `logEndRequest(of:)` gave.
    mutating func fold(
        logEnds answer: OffsetColumns, to request: ListOffsetsColumns, of broker: BrokerID,
        asked: Instant, answered: Instant
    ) {
        _ = logEnds(of: broker).fold(
            answer, to: request, asked: asked.ns, answered: answered.ns, into: &working)
        working.cluster.takenAt = answered
    }

    /// Fills all sums, as before every publication.
    mutating func summarise() { working.cluster.summarise() }

    private func logEnds(of broker: BrokerID) -> OffsetQuestion {
        OffsetQuestion(
            kind: .logEnd, broker: broker, rows: working.rowsOfBroker[broker] ?? [],
            layout: working.cluster.layout)
    }
}
