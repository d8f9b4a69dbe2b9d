// ElectLeaders: leadership back to the preferred replica, or to any live one with what it has.
import KafkaWire

/// One request for a change and the broker that was asked.
struct Order {
    /// The broker that was asked.
    let index: Int
    let version: Int16
}

extension Handler {
    static let electLeaders = changes { $0.electLeaders($1, $2) }
}

extension Machine {
    var isZooKeeper: Bool { shape.coordination == .zookeeper }

    /// Whether a broker may answer for the controller: in KRaft mode each forwards.
    func speaksForController(_ order: Order) -> Bool {
        !isZooKeeper || controllerID == brokers[order.index].id
    }

    mutating func electLeaders(
        _ request: ElectLeadersRequest, _ order: Order
    ) -> ElectLeadersResponse {
        var response = ElectLeadersResponse()
        let denied = shape.access.deniesCluster || shape.access.isReadOnly
        if denied || answersError {
            let error: KafkaError = denied ? .clusterAuthorizationFailed : .requestTimedOut
            if order.version >= 1 { response.error = error }
            response.results = Self.each(request.topicPartitions ?? []) { _, _ in (error, nil) }
            return response
        }
        guard speaksForController(order) else {
            response.results = Self.each(request.topicPartitions ?? []) { _, _ in
                (.notController, nil)
            }
            return response
        }
        let isUnclean = request.electionType == 1
        guard request.electionType == 0 || isUnclean else {
            response.error = .invalidRequest
            return response
        }
        guard let wanted = request.topicPartitions else {
            response.results = electAll(isUnclean)
            return response
        }
        response.results = Self.each(
            wanted.filter { !(isZooKeeper && $0.partitions.isEmpty) }
        ) { election($0, $1, isUnclean) }
        return response
    }

    /// An answer for every partition asked about.
    private static func each(
        _ wanted: [ElectLeadersRequest.TopicPartitions],
        _ answer: (String, Int32) -> (KafkaError, String?)
    ) -> [ElectLeadersResponse.Result] {
        wanted.map { topic in
            var result = ElectLeadersResponse.Result()
            result.topic = topic.topic
            result.partitions = topic.partitions.map { number in
                var entry = ElectLeadersResponse.PartitionResult()
                entry.partitionID = number
                (entry.error, entry.errorMessage) = answer(topic.topic, number)
                return entry
            }
            return result
        }
    }

    /// All that need it; only those that changed are answered.
    private mutating func electAll(_ isUnclean: Bool) -> [ElectLeadersResponse.Result] {
        var results: [ElectLeadersResponse.Result] = []
        var last = -1
        func begin(_ topic: Int) {
            guard topic != last else { return }
            last = topic
            var result = ElectLeadersResponse.Result()
            result.topic = topics[topic].name
            results.append(result)
        }
        for partition in leader.indices {
            // KRaft names every topic, if only to say that nothing changed.
            let index = Int(topicOf[partition])
            if topics[index].isDeleted { continue }
            if !isZooKeeper { begin(index) }
            if isUnclean ? leader[partition] >= 0 : isWellLed(partition) { continue }
            let (error, message) = elect(partition, isUnclean)
            if error == .electionNotNeeded { continue }
            begin(index)
            var entry = ElectLeadersResponse.PartitionResult()
            entry.partitionID = Int32(partition - topics[index].firstPartition)
            entry.error = error
            entry.errorMessage = message
            results[results.count - 1].partitions.append(entry)
        }
        return results
    }

    /// A quick look that needs no list of replicas: most partitions are led as they should be.
    private func isWellLed(_ partition: Int) -> Bool {
        guard moves.isEmpty, oddReplicas.isEmpty else {
            return replicas(partition).first == leader[partition]
        }
        let topic = topics[Int(topicOf[partition])]
        let first =
            topic.firstReplica + (partition - topic.firstPartition) * topic.replicationFactor
        return replicaBroker[first] == leader[partition]
    }

    private mutating func election(
        _ name: String, _ number: Int32, _ isUnclean: Bool
    ) -> (KafkaError, String?) {
        guard let index = topicIndex[name] else {
            return (
                .unknownTopicOrPartition,
                isZooKeeper ? "The partition does not exist." : "No such topic as \(name)"
            )
        }
        guard let partition = row(index, number) else {
            return (
                .unknownTopicOrPartition,
                isZooKeeper
                    ? "The partition does not exist." : "No such partition as \(name)-\(number)"
            )
        }
        return elect(partition, isUnclean)
    }

    private mutating func elect(_ partition: Int, _ isUnclean: Bool) -> (KafkaError, String?) {
        let stop = shape.release == .v24 ? "" : "."
        let notNeeded = "Leader election not needed for topic partition\(stop)"
        func failed(_ strategy: String) -> String {
            let topic = topics[Int(topicOf[partition])]
            return "Failed to elect leader for partition "
                + "\(topic.name)-\(partition - topic.firstPartition) under strategy \(strategy)"
        }
        if isUnclean {
            if leader[partition] >= 0 { return (.electionNotNeeded, notNeeded) }
            if let next = inSyncBrokers(partition).first(where: { canServe(partition, $0) }) {
                setLeader(partition, next)
                return (.none, nil)
            }
            if electUnclean(partition) { return (.none, nil) }
            return (
                .eligibleLeadersNotAvailable,
                isZooKeeper
                    ? failed("OfflinePartitionLeaderElectionStrategy(true)")
                    : "Eligible topic partition leaders are not available."
            )
        }
        let first = replicas(partition).first ?? -1
        if leader[partition] == first { return (.electionNotNeeded, notNeeded) }
        guard isInSync(partition, first), canServe(partition, first) else {
            return (
                .preferredLeaderNotAvailable,
                isZooKeeper
                    ? failed("PreferredReplicaPartitionLeaderElectionStrategy")
                    : "The preferred leader was not available."
            )
        }
        setLeader(partition, first)
        return (.none, nil)
    }

    // MARK: Unclean

    /// Whether a topic may be led by a replica that is not in sync.
    func allowsUnclean(_ partition: Int) -> Bool {
        let name = "unclean.leader.election.enable"
        let entry =
            topics[Int(topicOf[partition])].overrides.first { $0.name == name }
            ?? defaultOverrides.first { $0.name == name }
        return entry?.value == "true"
    }

    /// The first live replica leads alone with what it has; what it lacks is lost. False: none
    /// is alive.
    mutating func electUnclean(_ partition: Int) -> Bool {
        guard leader[partition] < 0 || !canServe(partition, leader[partition]) else { return false }
        let list = replicas(partition)
        guard let place = list.firstIndex(where: { canServe(partition, $0) }) else { return false }
        let end = replicaEnd(
            partition, list[place], seconds,
            topicFlown: topic(of: partition).wave.flown(seconds))
        setLeader(partition, list[place])
        inSync[partition] = 1 << UInt32(place)
        stuckMarks[Int32(partition)] = nil
        // Others cut their logs down to the new leader's.
        past[Int32(partition)] = nil
        current[partition].end = Double(end)
        checkMark(partition)
        return true
    }
}
