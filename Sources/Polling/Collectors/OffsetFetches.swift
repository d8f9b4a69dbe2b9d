// OffsetFetch questions and answers, which name one group in older versions and many in newer.
import KafkaClient
import KafkaWire

enum OffsetFetches {
    /// The version from which OffsetFetch takes many groups; v10 names topics by id and leaves the
    /// offsets of deleted topics out in silence, so v9 is the last we use.
    static let manyGroups: Int16 = 8
    static let lastByName: Int16 = 9

    /// Asks for all that these groups have committed; of one group alone before `manyGroups`.
    static func request(_ ids: [String], version: Int16) -> OffsetFetchRequest {
        var request = OffsetFetchRequest()
        if version >= manyGroups {
            request.groups = ids.map { id in
                var group = OffsetFetchRequest.Group()
                group.groupID = id
                group.topics = nil
                return group
            }
        } else {
            request.groupID = ids.first ?? ""
            // Null, all topics, is known from version 2 on.
            request.topics = version >= 2 ? nil : []
        }
        return request
    }

    /// What an answer says of each group, whatever its version.
    static func committed(
        _ answer: Answer<OffsetFetchResponse>, _ ids: [String], _ working: WorkingCluster
    ) -> [(group: String, error: KafkaError, offsets: [WorkingCluster.Committed])] {
        let response = answer.value
        guard answer.version >= manyGroups else {
            return [(ids.first ?? "", response.error, working.committed(response.topics))]
        }
        return response.groups.map { ($0.groupID, $0.error, working.committed($0.topics)) }
    }
}
