// The honesty script, reading part: versions, metadata, offsets, groups, log directories.
import Foundation
import KafkaWire

extension HonestCluster {
    /// Ranges by API, as the first broker offers them.
    func offered() throws -> [Int16: ClosedRange<Int16>] {
        let answer = try broker(1).ask(ApiVersionsRequest(), version: 0)
        return Dictionary(
            uniqueKeysWithValues: (answer?.apiKeys ?? []).map {
                ($0.apiKey, $0.minVersion...max($0.minVersion, $0.maxVersion))
            })
    }

    func readVersions() throws {
        for (key, range) in try offered().sorted(by: { $0.key < $1.key }) {
            note("version of \(key)", "\(range)")
        }
        var request = ApiVersionsRequest()
        request.clientSoftwareName = "honesty"
        request.clientSoftwareVersion = "1.0"
        let features = try broker(1).ask(request, version: 3)
        note(
            "features v3",
            (features?.supportedFeatures ?? []).map { "\($0.name) \($0.minVersion)" }.sorted()
                .joined(separator: ", "))
        note(
            "levels v3",
            (features?.finalizedFeatures ?? []).map { "\($0.name) \($0.maxVersionLevel)" }.sorted()
                .joined(separator: ", "))
        request.clientSoftwareName = "-bad name-"
        try note("software", request, 3) { $0.error }
        let frame = try encodeRequest(
            ApiVersionsRequest(), version: 3, correlationID: 9, clientID: nil)
        var newer = frame
        newer[7] = 99
        let bytes = try broker(1).exchange(newer).map { [UInt8]($0.dropFirst(4)) }
        let answer = try bytes.map {
            try decodeResponse(ApiVersionsRequest.self, version: 0, bytes: $0)
        }
        note("versions v99", answer.map { outline($0, replacing: [:]) } ?? "closed")
        try note("login on a plain listener", SaslHandshakeRequest(), 1)
        try note("token on a plain listener", SaslAuthenticateRequest(), 1)
    }

    func readMetadata() throws {
        let offered = try offered()
        func request(_ names: [String], _ version: Int16) -> MetadataRequest {
            var request = MetadataRequest()
            request.topics = names.map { MetadataRequest.Topic(name: $0) }
            if version >= 4 { request.allowAutoTopicCreation = false }
            return request
        }
        try noteAll("known topic", offered[3]) { request([self.quiet], $0) }
        try noteAll("unknown topic", offered[3]) { request(["no.such.topic"], $0) }
        try note("bad topic", request(["bad name!"], 9), 9)
        try note("no topics", request([], 9), 9)
        var rights = request([quiet], 9)
        rights.includeTopicAuthorizedOperations = true
        rights.includeClusterAuthorizedOperations = true
        let told = try note("rights", rights, 9)
        note(
            "rights in full",
            "\(told?.topics.first?.topicAuthorizedOperations ?? 0) "
                + "\(told?.clusterAuthorizedOperations ?? 0)")
        if offered[3]?.contains(12) == true {
            var unknown = MetadataRequest()
            var topic = MetadataRequest.Topic()
            topic.topicID = KafkaUUID(high: 77, low: 78)
            unknown.topics = [topic]
            unknown.allowAutoTopicCreation = false
            try note("unknown id", unknown, 12)
        }
        try noteAll("cluster", offered[60]) { version in
            var request = DescribeClusterRequest()
            request.includeClusterAuthorizedOperations = version > 0
            return request
        }
        if offered[60]?.contains(1) == true {
            var request = DescribeClusterRequest()
            request.endpointType = 2
            try note("controllers of a broker", request, 1) { "\($0.error) \($0.controllerID)" }
        }
        try readPages(offered)
        try readQuorum(offered)
    }

    private func readPages(_ offered: [Int16: ClosedRange<Int16>]) throws {
        guard offered[75] != nil else { return }
        var request = DescribeTopicPartitionsRequest()
        request.topics = ["zz.none", quiet].map { name in
            var topic = DescribeTopicPartitionsRequest.Topic()
            topic.name = name
            return topic
        }
        let told = try note("pages", request, 0)
        note("order of pages", "\(told?.topics.map { $0.name == quiet } ?? [])")
        request.responsePartitionLimit = 1
        let first = try note("one a page", request, 0)
        let next = first?.nextCursor?.partitionIndex
        note("where it goes on", "\(next ?? -9) \(first?.topics.last?.partitions.count ?? 0)")
        var cursor = DescribeTopicPartitionsRequest.Cursor()
        cursor.topicName = quiet
        cursor.partitionIndex = 2
        request.cursor = cursor
        try note("the next page", request, 0) {
            "\($0.topics.count) \($0.topics.first?.name == self.quiet)"
        }
    }

    private func readQuorum(_ offered: [Int16: ClosedRange<Int16>]) throws {
        for name in ["__cluster_metadata", "no.such.topic"] {
            var request = DescribeQuorumRequest()
            var topic = DescribeQuorumRequest.Topic()
            topic.topicName = name
            topic.partitions = [DescribeQuorumRequest.Partition()]
            request.topics = [topic]
            guard let versions = offered[55] else { continue }
            for version in versions {
                try note("quorum of \(name)", request, version) { answer -> Any in
                    // Brokers that are controllers too are voters and no observers.
                    var answer = answer
                    for topic in answer.topics.indices {
                        for place in answer.topics[topic].partitions.indices {
                            answer.topics[topic].partitions[place].observers = []
                        }
                    }
                    return answer
                }
            }
        }
    }

    // MARK: Offsets

    /// The quiet topic's partition 0 is on brokers 1 (leader) and 2.
    func readOffsets() throws {
        let offered = try offered()
        let newest = min(offered[2]?.upperBound ?? 1, ListOffsetsRequest.versions.upperBound)
        func request(
            _ topic: String, _ partitions: [Int32], replica: Int32, time: Int64, epoch: Int32 = -1
        ) -> ListOffsetsRequest {
            var request = ListOffsetsRequest()
            request.replicaID = replica
            request.topics = [
                ListOffsetsRequest.Topic(
                    name: topic,
                    partitions: partitions.map { number in
                        var entry = ListOffsetsRequest.Partition(
                            partitionIndex: number, timestamp: time)
                        entry.currentLeaderEpoch = epoch
                        return entry
                    })
            ]
            return request
        }
        for (id, who) in [(Int32(1), "leader"), (2, "follower"), (3, "stranger")] {
            for replica in [Int32(-1), -2, -3] {
                try note(
                    "end for \(replica) at the \(who)",
                    request(quiet, [0], replica: replica, time: -1), newest, at: id)
            }
            try note(
                "-6 at the \(who)", request(quiet, [0], replica: -2, time: -6), newest, at: id)
        }
        for version in offered[2] ?? 1...1 where ListOffsetsRequest.versions.contains(version) {
            try note("end", request(quiet, [0], replica: -2, time: -1), version)
        }
        let busyLeader = try leader(of: busy)
        for time in [Int64(-2), -3, -4, -5, -6, 0] {
            try note(
                "time \(time)", request(busy, [0], replica: -2, time: time), newest,
                at: busyLeader)
        }
        try note("unknown partition", request(quiet, [77], replica: -2, time: -1), newest)
        try note("end of no topic", request("no.such", [0], replica: -2, time: -1), newest)
        try note("epoch 77", request(quiet, [0], replica: -2, time: -1, epoch: 77), newest)
        let twice = try note("twice", request(quiet, [0, 0], replica: -2, time: -1), newest)
        note("how often", "\(twice?.topics.first?.partitions.count ?? -1)")
    }

    private func leader(of topic: String) throws -> Int32 {
        var request = MetadataRequest()
        request.topics = [MetadataRequest.Topic(name: topic)]
        let answer = try broker(1).ask(request, version: 9)
        return answer?.topics.first?.partitions.first { $0.partitionIndex == 0 }?.leaderID ?? 1
    }

    // MARK: Groups

    func readGroups() throws {
        let offered = try offered()
        let group = "honesty-nobody"
        var find = FindCoordinatorRequest()
        find.key = group
        // The first question of all makes a real cluster create the offsets topic.
        try waitUntil("a coordinator", seconds: 20, every: 0.1) {
            try broker(1).ask(find, version: 3)?.nodeID ?? -1 > 0
        }
        let found = try note("coordinator", find, 3)
        let owner = found?.nodeID ?? 1
        find.keyType = 9
        try note("coordinator of nothing", find, 3)
        try noteAll("coordinator", offered[10]?.clamped(to: 4...6)) { _ in
            var request = FindCoordinatorRequest()
            request.coordinatorKeys = [group, "another"]
            return request
        }
        try noteAll("unknown group", offered[15], at: owner) { _ in
            var request = DescribeGroupsRequest()
            request.groups = [group]
            return request
        }
        try noteAll("unknown group elsewhere", offered[15], at: owner % 3 + 1) { _ in
            var request = DescribeGroupsRequest()
            request.groups = [group]
            return request
        }
        try noteAll("unknown consumer group", offered[69], at: owner) { _ in
            var request = ConsumerGroupDescribeRequest()
            request.groupIDs = [group]
            return request
        }
        try noteAll("unknown share group", offered[77], at: owner) { _ in
            var request = ShareGroupDescribeRequest()
            request.groupIDs = [group]
            return request
        }
        try noteAll("unknown streams group", offered[89], at: owner) { _ in
            var request = StreamsGroupDescribeRequest()
            request.groupIDs = [group]
            return request
        }
        try noteAll("share offsets of nobody", offered[90], at: owner) { _ in
            var asked = DescribeShareGroupOffsetsRequest.Group()
            asked.groupID = group
            var request = DescribeShareGroupOffsetsRequest()
            request.groups = [asked]
            return request
        }
        try readCommits(offered, group, owner)
        for version in offered[16] ?? 0...0 where ListGroupsRequest.versions.contains(version) {
            try note("groups", ListGroupsRequest(), version) { $0.error }
        }
    }

    private func readCommits(
        _ offered: [Int16: ClosedRange<Int16>], _ group: String, _ owner: Int32
    ) throws {
        try noteAll("commits of nobody", offered[9]?.clamped(to: 2...7), at: owner) { _ in
            var request = OffsetFetchRequest()
            request.groupID = group
            return request
        }
        var one = OffsetFetchRequest.Topic()
        one.name = quiet
        one.partitionIndexes = [0]
        try noteAll("commit of nobody", offered[9]?.clamped(to: 2...7), at: owner) { _ in
            var request = OffsetFetchRequest()
            request.groupID = group
            request.topics = [one]
            return request
        }
        guard let many = offered[9], many.upperBound >= 8 else { return }
        for id in [owner, owner % 3 + 1] {
            try noteAll("commits of nobody at \(id == owner)", 8...many.upperBound, at: id) { _ in
                var request = OffsetFetchRequest()
                request.groups = [OffsetFetchRequest.Group(groupID: group)]
                return request
            }
        }
    }

    // MARK: Log directories

    func readLogDirs() throws {
        let offered = try offered()
        var topic = DescribeLogDirsRequest.Topic()
        topic.topic = quiet
        topic.partitions = [0]
        try noteAll("log dirs", offered[35]) { _ in
            var request = DescribeLogDirsRequest()
            request.topics = [topic]
            return request
        }
        var wanted = AlterReplicaLogDirsRequest.Topic()
        wanted.name = quiet
        wanted.partitions = [0]
        var dir = AlterReplicaLogDirsRequest.LogDir()
        dir.path = "/no/such/dir"
        dir.topics = [wanted]
        try noteAll("to no directory", offered[34]) { _ in
            var request = AlterReplicaLogDirsRequest()
            request.dirs = [dir]
            return request
        }
        let dirs = try broker(3).ask(DescribeLogDirsRequest(), version: 1)
        dir.path = dirs?.results.first?.logDir ?? ""
        var request = AlterReplicaLogDirsRequest()
        request.dirs = [dir]
        try note("to a directory without the replica", request, 1, at: 3)
    }
}

extension ClosedRange<Int16> {
    fileprivate func clamped(to other: ClosedRange<Int16>) -> ClosedRange<Int16>? {
        let low = Swift.max(lowerBound, other.lowerBound)
        let high = Swift.min(upperBound, other.upperBound)
        return low <= high ? low...high : nil
    }
}
