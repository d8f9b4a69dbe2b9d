// What the cluster says now of changes of which the journal does not know what became.
internal import ClusterModel
internal import KafkaClient
internal import Operations
internal import Planning
internal import Polling
internal import TerminalIO
internal import Transport

/// A read-only connection to a cluster for questions about changes.
@MainActor
struct FactQuestion {
    private let setup: Setup
    private let loop: Loop
    private let session: ClusterSession

    private static let timeoutNs: UInt64 = 30_000_000_000
    private static let waitMs: Int32 = 1_000

    init(_ setup: Setup) throws(Ending) {
        self.setup = setup
        loop = try Setup.startLoop()
        session = ClusterSession(loop: loop, config: setup.client.within(Self.timeoutNs))
    }

    func end() { loop.stop() }

    /// Of the cluster that answers.
    func clusterID() throws(Ending) -> String { try cluster().clusterID ?? "" }

    /// Its brokers, topics and partitions.
    func cluster() throws(Ending) -> Cluster {
        let (cluster, _) = ClusterPass(
            session: session, ensemble: setup.ensemble, sections: [.metadata],
            timeoutNs: Self.timeoutNs
        ).run()
        guard cluster.clusterID != nil else {
            throw Ending(
                code: .noCluster,
                sentence: cluster.failures.first?.message ?? "no broker has answered in time")
        }
        return cluster
    }

    /// The configs in force of a resource.
    func configs(of resource: ConfigResource) throws(Ending) -> [ConfigInForce] {
        try session.configs(of: resource)
    }

    /// By the changes' ids what their values are now; those that cannot be read are missing.
    func ask(_ records: [JournalRecord]) -> [String: [JournalEntry.Found]] {
        let reader = Operator(
            session,
            journal: { _ throws(JournalError) -> Journal in throw JournalError.noFolder })
        var found: [String: [JournalEntry.Found]] = [:]
        for record in records {
            guard let change = record.change else { continue }
            let inbox = Inbox<Swift.Result<FactReading, OperationRefusal>>()
            reader.read(change) { inbox.post($0) }
            var answer: Swift.Result<FactReading, OperationRefusal>?
            while answer == nil {
                _ = inbox.wait(milliseconds: Self.waitMs)
                answer = inbox.drain().first
            }
            guard case .success(let reading)? = answer, reading.clusterID == record.clusterID
            else { continue }
            let now = FactTable(reading.facts)
            found[record.id] = change.differences.map {
                JournalEntry.Found($0, now: now.value($0.resource, $0.property, else: nil))
            }
        }
        return found
    }
}

extension ClusterSession {
    /// The configs in force of a resource; waits for the answer.
    func configs(of resource: ConfigResource) throws(Ending) -> [ConfigInForce] {
        let inbox = Inbox<Swift.Result<[ConfigInForce], OperationRefusal>>()
        run { client in
            client.readConfigs(inForceOf: resource) { result in
                inbox.post(result.mapError { .unread($0.sentence) })
            }
        }
        while true {
            _ = inbox.wait(milliseconds: 1_000)
            switch inbox.drain().first {
            case .success(let configs)?: return configs
            case .failure(let refusal)?:
                throw Ending(code: .noCluster, sentence: refusal.sentence)
            case nil: continue
            }
        }
    }
}
