// ListOffsets and DescribeLogDirs: how long each replica is, in records and in bytes.
import KafkaWire

extension Handler {
    static let listOffsets = reads(RequestContext.listOffsets)
    static let describeLogDirs = reads(RequestContext.describeLogDirs)
}

extension RequestContext {
    private enum Wanted {
        static let latest: Int64 = -1
        static let earliest: Int64 = -2
        static let newestTime: Int64 = -3
        static let earliestLocal: Int64 = -4
        static let lastTiered: Int64 = -5
        static let earliestPending: Int64 = -6
        /// The replica id of a debugging client, which followers answer too.
        static let debugging: Int32 = -2
    }

    // MARK: ListOffsets

    func listOffsets(_ request: ListOffsetsRequest) -> ListOffsetsResponse {
        var response = ListOffsetsResponse()
        response.topics.reserveCapacity(request.topics.count)
        for wanted in request.topics {
            var topic = ListOffsetsResponse.Topic()
            topic.name = wanted.name
            let known = machine.topicIndex[wanted.name]
            let flown = known.map { machine.topics[$0].wave.flown(t) } ?? 0
            let isHidden = isHidden(topic: wanted.name)
            var entries: [ListOffsetsResponse.Partition] = []
            entries.reserveCapacity(wanted.partitions.count)
            let (partitions, repeated) = distinct(wanted.partitions)
            for partition in partitions {
                if repeated.contains(partition.partitionIndex) {
                    var entry = ListOffsetsResponse.Partition()
                    entry.partitionIndex = partition.partitionIndex
                    entry.error = .invalidRequest
                    entries.append(entry)
                    continue
                }
                entries.append(
                    offset(
                        partition, known, request.replicaID, topicFlown: flown,
                        isHidden: isHidden))
            }
            if version == 0 {
                topic.oldPartitions = entries.map { entry in
                    var old = ListOffsetsResponse.OldPartition()
                    old.partitionIndex = entry.partitionIndex
                    old.error = entry.error
                    old.offsets = entry.error.isError ? [] : [entry.offset]
                    return old
                }
            } else {
                topic.partitions = entries
            }
            response.topics.append(topic)
        }
        return response
    }

    /// A partition that is asked about twice is refused, once; 3.9 refuses it as often as asked.
    private func distinct(
        _ wanted: [ListOffsetsRequest.Partition]
    ) -> (partitions: [ListOffsetsRequest.Partition], repeated: Set<Int32>) {
        if wanted.count < 2 { return (wanted, []) }
        // Ascending, as nearly everybody asks, needs no set.
        let isAscending = zip(wanted, wanted.dropFirst()).allSatisfy {
            $0.partitionIndex < $1.partitionIndex
        }
        if isAscending { return (wanted, []) }
        var seen: Set<Int32> = []
        var repeated: Set<Int32> = []
        let first = wanted.filter { entry in
            if seen.insert(entry.partitionIndex).inserted { return true }
            repeated.insert(entry.partitionIndex)
            return false
        }
        return (shape.release == .v39 ? wanted : first, repeated)
    }

    private func offset(
        _ wanted: ListOffsetsRequest.Partition, _ known: Int?, _ replicaID: Int32,
        topicFlown: Double, isHidden: Bool
    ) -> ListOffsetsResponse.Partition {
        var entry = ListOffsetsResponse.Partition()
        entry.partitionIndex = wanted.partitionIndex
        if isHidden {
            entry.error = .topicAuthorizationFailed
            return entry
        }
        guard let known, let row = machine.row(known, wanted.partitionIndex) else {
            entry.error = .unknownTopicOrPartition
            return entry
        }
        if machine.answersError {
            entry.error = .notLeaderOrFollower
            return entry
        }
        if wanted.timestamp == Wanted.earliestPending, shape.release == .v39 {
            entry.error = .unsupportedVersion
            return entry
        }
        let isLeader = machine.leader[row] == brokerID
        let hasReplica = isLeader || machine.isReplica(row, brokerID)
        guard isLeader || (hasReplica && replicaID == Wanted.debugging) else {
            entry.error =
                hasReplica || shape.release > .v24 ? .notLeaderOrFollower : .replicaNotAvailable
            return entry
        }
        if machine.isOffline(row, index) {
            entry.error = .kafkaStorageError
            return entry
        }
        if wanted.currentLeaderEpoch >= 0, wanted.currentLeaderEpoch != machine.epoch[row] {
            entry.error =
                wanted.currentLeaderEpoch < machine.epoch[row]
                ? .fencedLeaderEpoch : .unknownLeaderEpoch
            return entry
        }
        if version >= 4 { entry.leaderEpoch = machine.epoch[row] }
        fill(&entry, row, wanted.timestamp, replicaID, topicFlown: topicFlown)
        return entry
    }

    private func fill(
        _ entry: inout ListOffsetsResponse.Partition, _ row: Int, _ timestamp: Int64,
        _ replicaID: Int32, topicFlown: Double
    ) {
        lazy var end = machine.replicaEnd(row, brokerID, t, topicFlown: topicFlown)
        lazy var start = machine.logStart(row, end: end)
        switch timestamp {
        case Wanted.latest:
            entry.offset =
                replicaID == Wanted.debugging
                ? end : machine.highWatermark(row, t, topicFlown: topicFlown)
        case Wanted.earliest: entry.offset = start
        case Wanted.newestTime where version >= 7:
            entry.offset = end > start ? end - 1 : -1
            entry.timestamp = end > start ? shape.wallStartMs + Int64(t * 1000) : -1
        case Wanted.earliestLocal where version >= 8: entry.offset = start
        case Wanted.lastTiered where version >= 9:
            entry.offset = -1
            if version >= 4 { entry.leaderEpoch = -1 }
        case Wanted.earliestPending where version >= 11:
            entry.offset = -1
            entry.leaderEpoch = -1
        default: find(&entry, row, timestamp, start: start, end: end)
        }
    }

    /// The first record at or after a time.
    private func find(
        _ entry: inout ListOffsetsResponse.Partition, _ row: Int, _ timestamp: Int64,
        start: Int64, end: Int64
    ) {
        let at = Double(timestamp - shape.wallStartMs) / 1000
        let offset = max(start, at >= t ? end : machine.written(row, at))
        guard offset < end else { return }
        entry.offset = offset
        entry.timestamp = max(timestamp, 0)
    }

    // MARK: DescribeLogDirs

    func describeLogDirs(_ request: DescribeLogDirsRequest) -> DescribeLogDirsResponse {
        var response = DescribeLogDirsResponse()
        guard !shape.access.deniesCluster else {
            if version >= 3 { response.error = .clusterAuthorizationFailed }
            return response
        }
        if machine.answersError && version >= 3 {
            response.error = .unknownServerError
            return response
        }
        var wanted: [Int: Set<Int32>]?
        if let topics = request.topics {
            var asked: [Int: Set<Int32>] = [:]
            for topic in topics {
                guard let known = machine.topicIndex[topic.topic] else { continue }
                asked[known, default: []].formUnion(topic.partitions)
            }
            wanted = asked
        }
        var dirs = broker.volumes.map { volume in
            var dir = DescribeLogDirsResponse.LogDir()
            dir.logDir = volume.path
            if volume.isOffline { dir.error = .kafkaStorageError }
            return dir
        }
        var used = broker.volumes.map(\.otherBytes)
        var topic = -1
        var flown = 0.0
        for row in broker.partitions.sorted() {
            let partition = Int(row)
            let index = Int(machine.topicOf[partition])
            if index != topic {
                topic = index
                flown = machine.topics[index].wave.flown(t)
            }
            let number = row - Int32(machine.topics[index].firstPartition)
            let place = machine.volume(partition, self.index)
            let size = machine.sizeBytes(partition, brokerID, t, topicFlown: flown)
            used[place] += Double(size)
            if let wanted, wanted[index]?.contains(number) != true { continue }
            if broker.volumes[place].isOffline { continue }
            var entry = DescribeLogDirsResponse.Partition()
            entry.partitionIndex = number
            entry.partitionSize = size
            add(entry, to: &dirs[place], machine.topics[index].name)
            if machine.futures.isEmpty { continue }
            guard let future = machine.futures[replicaKey(partition, self.index)] else { continue }
            let copied = min(size, Int64(future.bytes(t)))
            entry.partitionSize = copied
            let left = Double(size - copied) / machine.topics[index].bytesPerRecord
            entry.offsetLag = Int64(left)
            entry.isFutureKey = true
            add(entry, to: &dirs[future.volume], machine.topics[index].name)
        }
        for place in dirs.indices where version >= 4 && !dirs[place].error.isError {
            let total = broker.volumes[place].totalBytes
            dirs[place].totalBytes = Int64(total)
            dirs[place].usableBytes = Int64(max(0, total - used[place]))
        }
        response.results = dirs
        return response
    }

    private func add(
        _ entry: DescribeLogDirsResponse.Partition, to dir: inout DescribeLogDirsResponse.LogDir,
        _ name: String
    ) {
        if dir.topics.last?.name != name {
            var topic = DescribeLogDirsResponse.Topic()
            topic.name = name
            dir.topics.append(topic)
        }
        dir.topics[dir.topics.count - 1].partitions.append(entry)
    }
}
