// Verbs about share groups in plain values: where they begin to read, in place of what others have
// committed. Asked of their coordinator, Kafka 4.1 and later.
internal import KafkaWire

extension KafkaClient {
    /// Where a share group begins to read, as its commits: it has no others.
    func readShareOffsets(
        _ id: String, at broker: Int32, _ reading: GroupReading,
        _ completion: @escaping (Result<GroupReading, ClientError>) -> Void
    ) {
        var group = DescribeShareGroupOffsetsRequest.Group()
        group.groupID = id
        var request = DescribeShareGroupOffsetsRequest()
        request.groups = [group]
        send(request, to: .broker(broker)) { result in
            completion(
                result.flatMap { answer in
                    func refused(_ error: KafkaError, _ message: String?) -> ClientError {
                        Self.refused(
                            DescribeShareGroupOffsetsRequest.self, broker, error, message)
                    }
                    let told = answer.value.groups.first ?? .init()
                    guard !told.error.isError else {
                        return .failure(refused(told.error, told.errorMessage))
                    }
                    var reading = reading
                    for topic in told.topics {
                        for entry in topic.partitions {
                            let name = PartitionName(
                                topic: topic.topicName, number: entry.partitionIndex)
                            guard !entry.error.isError else {
                                return .failure(
                                    refused(entry.error, "\(name.topic)-\(name.number)"))
                            }
                            guard entry.startOffset >= 0 else { continue }
                            reading.commits[name] = CommittedOffset(entry.startOffset)
                        }
                    }
                    return .success(reading)
                })
        }
    }
}
