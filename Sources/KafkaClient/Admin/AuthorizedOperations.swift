// What the principal may do to topics and groups, as brokers tell it: bits by Kafka's number
// (AclOperation).
internal import KafkaWire

/// Bits of authorised operations by name; those that nobody tells are missing.
package struct AuthorizedOperations: Hashable, Sendable {
    package var topics: [String: Int32] = [:]
    package var groups: [String: Int32] = [:]
}

extension KafkaClient {
    /// Reads what may be done to topics (Kafka 2.3 and later) and to a group. It never fails: what
    /// is too old, refused or not answered is not told.
    package func readAuthorizedOperations(
        ofTopics topics: [String], group: String?,
        completion: @escaping (AuthorizedOperations) -> Void
    ) {
        readOperations(topics) { [weak self] operations in
            guard let self, let group else { return completion(operations) }
            readOperations(ofGroup: group) { bits in
                var operations = operations
                operations.groups[group] = bits
                completion(operations)
            }
        }
    }

    private func readOperations(
        _ topics: [String], _ completion: @escaping (AuthorizedOperations) -> Void
    ) {
        guard !topics.isEmpty else { return completion(AuthorizedOperations()) }
        send(
            to: .any, leastVersion: 8,
            building: { version in
                var request = MetadataRequest(topics: topics, version: version)
                request.includeTopicAuthorizedOperations = true
                return request
            }
        ) { result in
            var operations = AuthorizedOperations()
            for topic in (try? result.get())?.value.topics ?? [] {
                guard let name = topic.name, topic.topicAuthorizedOperations != .min else {
                    continue
                }
                operations.topics[name] = topic.topicAuthorizedOperations
            }
            completion(operations)
        }
    }

    private func readOperations(
        ofGroup id: String, _ completion: @escaping (Int32?) -> Void
    ) {
        findCoordinator(of: id) { [weak self] result in
            guard let self, case .success(let broker) = result else { return completion(nil) }
            // A broker that does not know the newer kinds describes all groups as classic ones, and
            // one of another kind as dead, with the same rights.
            send(
                to: .broker(broker), leastVersion: 3, greatestVersion: 5,
                building: { _ in
                    var request = DescribeGroupsRequest()
                    request.groups = [id]
                    request.includeAuthorizedOperations = true
                    return request
                }
            ) { result in
                let told = (try? result.get())?.value.groups.first
                let bits = told.flatMap { group -> Int32? in
                    group.error.isError || group.authorizedOperations == .min
                        ? nil : group.authorizedOperations
                }
                completion(bits)
            }
        }
    }
}
