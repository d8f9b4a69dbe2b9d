// AlterPartitionReassignments: begins, replaces and cancels moves. Refusals and their texts are
// those seen on real brokers of each kind.
import KafkaWire

/// What became of one part of a request for a change.
struct Verdict {
    var error = KafkaError.none
    var message: String?

    init(_ error: KafkaError = .none, _ message: String? = nil) {
        self.error = error
        self.message = message
    }
}

extension Handler {
    static let alterReassignments = changes { $0.alterReassignments($1, $2) }
}

extension Machine {
    mutating func alterReassignments(
        _ request: AlterPartitionReassignmentsRequest, _ order: Order
    ) -> AlterPartitionReassignmentsResponse {
        var response = AlterPartitionReassignmentsResponse()
        response.allowReplicationFactorChange = request.allowReplicationFactorChange
        if isZooKeeper { response.errorMessage = "" }
        if shape.access.deniesCluster || shape.access.isReadOnly {
            response.error = .clusterAuthorizationFailed
            response.errorMessage = "Cluster authorization failed."
            return response
        }
        if answersError {
            response.error = .requestTimedOut
            response.errorMessage = "The request timed out."
            return response
        }
        guard speaksForController(order) else {
            response.error = .notController
            response.errorMessage = "This is not the correct controller for this cluster."
            return response
        }
        var changed = 0
        for topic in request.topics where !(isZooKeeper && topic.partitions.isEmpty) {
            var answer = AlterPartitionReassignmentsResponse.Topic()
            answer.name = topic.name
            for partition in topic.partitions {
                let verdict = alter(
                    topic.name, partition,
                    keepsFactor: order.version >= 1 && !request.allowReplicationFactorChange,
                    &changed)
                var entry = AlterPartitionReassignmentsResponse.Partition()
                entry.partitionIndex = partition.partitionIndex
                entry.error = verdict.error
                entry.errorMessage = verdict.message
                answer.partitions.append(entry)
            }
            response.topics.append(answer)
        }
        rerate()
        return response
    }

    private mutating func alter(
        _ name: String, _ wanted: AlterPartitionReassignmentsRequest.Partition,
        keepsFactor: Bool, _ changed: inout Int
    ) -> Verdict {
        let missing = "The partition does not exist."
        guard let index = topicIndex[name] else {
            return Verdict(
                .unknownTopicOrPartition,
                isZooKeeper ? missing : "Unable to find a topic named \(name).")
        }
        guard let partition = row(index, wanted.partitionIndex) else {
            return Verdict(
                .unknownTopicOrPartition,
                isZooKeeper
                    ? missing : "Unable to find partition \(name):\(wanted.partitionIndex).")
        }
        if !isZooKeeper, changed >= Limits.changesPerRequest {
            return Verdict(.unknownServerError)
        }
        changed += 1
        if let target = wanted.replicas {
            let now = replicas(partition).without(moves[Int32(partition)]?.adding ?? [])
            if keepsFactor, target.count != now.count {
                return Verdict(
                    .invalidReplicationFactor,
                    "The replication factor is changed from \(now.count) to \(target.count)")
            }
            return alterReassignment(partition, to: target)
        }
        guard let move = moves[Int32(partition)] else {
            return Verdict(
                .noReassignmentInProgress,
                isZooKeeper ? "No partition reassignment is in progress." : nil)
        }
        let original = move.replicas.without(move.adding)
        if !isZooKeeper, !original.contains(where: { isInSync(partition, $0) }) {
            return Verdict(
                .invalidReplicaAssignment,
                "Reverting this assignment would require an unclean leader election.")
        }
        cancelMove(partition)
        return Verdict()
    }

    /// Begins a move if its target is sound. The caller calls `rerate` after the last of several.
    mutating func alterReassignment(_ partition: Int, to target: IDList) -> Verdict {
        if let fault = fault(in: target) { return Verdict(.invalidReplicaAssignment, fault) }
        let going = replicas(partition).without(target).count
        guard target.count + going <= Limits.replicasPerPartition else {
            return Verdict(.invalidReplicaAssignment, "More replicas than the simulation holds.")
        }
        beginMove(partition, to: target)
        return Verdict()
    }

    /// What is wrong with a list of replicas, in the words of the release; nil: nothing.
    private func fault(in target: IDList) -> String? {
        let isOldest = shape.release == .v24
        let old = "Replica assignment is invalid."
        let manual = "The manual partition assignment includes"
        let ids = target.map(String.init).joined(separator: ", ")
        if target.isEmpty {
            if isOldest { return old }
            return isZooKeeper
                ? "Empty replica list specified in partition reassignment."
                : "\(manual) an empty replica list."
        }
        // Texts of both kinds name what each looks for first.
        if let twice = firstRepeated(target) {
            if isOldest { return old }
            return isZooKeeper
                ? "Duplicate replica ids in partition reassignment replica list: "
                    + "ArrayBuffer(\(ids))"
                : "\(manual) the broker \(twice) more than once."
        }
        if isZooKeeper, target.contains(where: { $0 < 0 }) {
            return isOldest ? old : "Invalid broker id in replica list: ArrayBuffer(\(ids))"
        }
        let present = target.allSatisfy { id in
            brokerIndex(id).map { brokers[$0].isRegistered || !isZooKeeper } ?? false
        }
        guard !present else { return nil }
        if isOldest { return old }
        if isZooKeeper {
            let absent = target.filter { id in
                !(brokerIndex(id).map { brokers[$0].isRegistered } ?? false)
            }.map(String.init).joined(separator: ", ")
            let live = brokers.filter(\.isRegistered).map { String($0.id) }
            return "Replica assignment has brokers that are not alive. Replica list: "
                + "ArrayBuffer(\(absent)), live broker list: Set(\(live.joined(separator: ", ")))"
        }
        let unknown = target.first { brokerIndex($0) == nil } ?? -1
        return "\(manual) broker \(unknown), but no such broker is registered."
    }

    private func firstRepeated(_ ids: IDList) -> Int32? {
        var seen = IDList()
        for id in ids.sorted() {
            if seen.contains(id) { return id }
            seen.append(id)
        }
        return nil
    }
}
