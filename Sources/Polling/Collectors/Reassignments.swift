// Moves of partitions under way.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks for the complete list of moves: the controller where only that answers, else any broker,
/// which forwards the question.
final class ReassignmentCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()

    init(_ observer: Observer) { self.observer = observer }

    func round(_ due: Due) {
        let now = observer.loop.now
        if clock.isDue(due, every: Limits.reassignmentInterval, at: now), ask() {
            clock.start(at: now)
        }
    }

    private func ask() -> Bool {
        let target: Target = observer.working.cluster.kind == .zookeeper ? .controller : .any
        var question = Question(.reassignments, to: target)
        question.lane = .slow
        question.timeoutNs = observer.patience(live: Limits.forwardedTimeout)
        question.isAlone = true
        return observer.ask(
            question,
            { _ in
                var request = ListPartitionReassignmentsRequest()
                request.timeoutMs = Int32(Limits.forwardedTimeout / Limits.millisecond)
                request.topics = nil
                return request
            },
            // In ZooKeeper mode the controller may be another by now.
            failed: { [weak self] in self?.observer.metadata.wantsWhole = true }
        ) { [weak self, question] answer in
            guard let self else { return }
            let error = answer.value.error
            guard !error.isError else {
                if error == .notController { observer.metadata.wantsWhole = true }
                observer.note(
                    error, in: answer, to: question, api: ListPartitionReassignmentsRequest.name,
                    message: "Moves under way could not be listed: \(error.reason). It needs "
                        + "DESCRIBE on the cluster.")
                return
            }
            if observer.working.fold(reassignments: answer.value.topics, now: observer.loop.now) {
                observer.metadata.wantsWhole = true
            }
        }
    }
}

extension WorkingCluster {
    /// Folds the complete list of moves under way: what is not listed does not move any more.
    /// Returns true when moves began or ended, or name replicas that we do not know: a reason to
    /// ask for Metadata.
    mutating func fold(
        reassignments reported: [ListPartitionReassignmentsResponse.Topic], now: UInt64
    ) -> Bool {
        var moving: [Int: ReplicaFlags] = [:]
        var hasChanged = false
        for topic in reported {
            for partition in topic.partitions {
                let key = PartitionKey(topic: topic.name, partition: partition.partitionIndex)
                guard let row = cluster.row(of: key) else {
                    hasChanged = true
                    continue
                }
                for broker in Array(partition.addingReplicas) + Array(partition.removingReplicas) {
                    guard let replica = replicaRow(partition: row, broker: BrokerID(broker)) else {
                        hasChanged = true
                        continue
                    }
                    let isAdding = partition.addingReplicas.contains(broker)
                    moving[replica, default: []].insert(isAdding ? .adding : .removing)
                }
            }
        }
        var changed: Set<Int32> = []
        let isFirst = !cluster.health(.reassignments).answeredAt.happened
        for replica in 0..<cluster.partitions.replicaCount {
            let known = cluster.partitions.replicaFlags[replica]
            // Most replicas of most clusters: nothing moves, nothing moved.
            if moving.isEmpty && known.isDisjoint(with: .moving) { continue }
            let next = known.subtracting(.moving).union(moving[replica] ?? [])
            guard next != known else { continue }
            cluster.partitions.replicaFlags[replica] = next
            hasChanged = true
            if !isFirst { changed.insert(partitionOfReplica[replica]) }
        }
        for row in changed.sorted() { noteMove(row: Int(row)) }
        markAnswered(.reassignments, at: now)
        return hasChanged
    }

    /// Notes that the moves of a partition began, changed or ended.
    private mutating func noteMove(row: Int) {
        var adding = IDList()
        var removing = IDList()
        for replica in cluster.partitions.replicas(of: row) {
            let flags = cluster.partitions.replicaFlags[replica]
            let broker = cluster.partitions.replicaBroker[replica]
            if flags.contains(.adding) { adding.append(broker) }
            if flags.contains(.removing) { removing.append(broker) }
        }
        pendingEvents.moves.append(
            PendingEvents.Move(
                key: cluster.key(ofRow: row), adding: adding, removing: removing,
                hasEnded: adding.isEmpty && removing.isEmpty))
    }
}
