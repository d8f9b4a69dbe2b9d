// AlterReplicaLogDirs: replicas move between the directories of the broker asked.
import KafkaWire

extension Handler {
    static let alterLogDirs = changes { $0.alterLogDirs($1, $2) }
}

extension Machine {
    mutating func alterLogDirs(
        _ request: AlterReplicaLogDirsRequest, _ order: Order
    ) -> AlterReplicaLogDirsResponse {
        var response = AlterReplicaLogDirsResponse()
        let isDenied = shape.access.deniesCluster || shape.access.isReadOnly
        for dir in request.dirs {
            for topic in dir.topics {
                var result = AlterReplicaLogDirsResponse.Topic()
                result.topicName = topic.name
                result.partitions = topic.partitions.map { number in
                    var entry = AlterReplicaLogDirsResponse.Partition()
                    entry.partitionIndex = number
                    entry.error =
                        isDenied
                        ? .clusterAuthorizationFailed
                        : place(topic.name, number, at: dir.path, order.index)
                    return entry
                }
                if let at = response.results.firstIndex(where: { $0.topicName == topic.name }) {
                    response.results[at].partitions += result.partitions
                } else {
                    response.results.append(result)
                }
            }
        }
        return response
    }

    private mutating func place(
        _ name: String, _ number: Int32, at path: String, _ index: Int
    ) -> KafkaError {
        guard let volume = brokers[index].volumes.firstIndex(where: { $0.path == path }) else {
            return .logDirNotFound
        }
        if brokers[index].volumes[volume].isOffline { return .kafkaStorageError }
        guard let known = topicIndex[name], let partition = row(known, number),
            replicas(partition).contains(brokers[index].id)
        else { return .replicaNotAvailable }
        moveReplica(partition, index, to: volume)
        return .none
    }
}
