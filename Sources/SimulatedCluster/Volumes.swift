// Log directories that fail, and replicas that move between the directories of one broker.
import KafkaWire

/// A replica on its way to another directory of its broker.
struct FutureReplica: Sendable {
    let volume: Int
    var since: Double
    var copiedBytes: Double
    var bytesPerSecond: Double

    func bytes(_ t: Double) -> Double { copiedBytes + bytesPerSecond * max(0, t - since) }
}

extension Machine {
    /// Whether a replica lies on a directory that failed.
    func isOffline(_ partition: Int, _ index: Int) -> Bool {
        offlineVolumes > 0 && brokers[index].volumes[volume(partition, index)].isOffline
    }

    /// Whether a broker is up and has its replica's directory.
    func canServe(_ partition: Int, _ id: Int32) -> Bool {
        guard let index = brokerIndex(id) else { return false }
        return brokers[index].isServing && !isOffline(partition, index)
    }

    // MARK: ExchangeFault

    /// What is on the directory is offline until the broker starts again; a broker that has lost
    /// all of its directories ends itself.
    mutating func failVolume(_ id: Int32, _ number: Int) {
        guard let index = brokerIndex(id), brokers[index].condition == .running,
            brokers[index].volumes.indices.contains(number),
            !brokers[index].volumes[number].isOffline
        else { return }
        brokers[index].volumes[number].isOffline = true
        offlineVolumes += 1
        for row in brokers[index].partitions where volume(Int(row), index) == number {
            removeFromISR(Int(row), id)
            if leader[Int(row)] == id { elect(Int(row)) }
        }
        if brokers[index].volumes.allSatisfy(\.isOffline) { schedule(in: 0, .kill(id)) }
    }

    /// A broker starts: somebody has made room.
    mutating func mendVolumes(_ index: Int) {
        for number in brokers[index].volumes.indices where brokers[index].volumes[number].isOffline
        {
            brokers[index].volumes[number].isOffline = false
            brokers[index].volumes[number].totalBytes *= 1.5
            offlineVolumes -= 1
        }
    }

    /// Moves fill volumes: one without room fails.
    mutating func checkVolumes() {
        var ids: Set<Int32> = []
        for move in moves.values { ids.formUnion(move.copies.map(\.broker)) }
        for id in ids.sorted() {
            let index = Int(id) - 1
            guard brokers[index].isServing else { continue }
            for (number, used) in usedBytes(index).enumerated()
            where used > brokers[index].volumes[number].totalBytes {
                failVolume(id, number)
            }
        }
    }

    /// Bytes on each volume of a broker.
    private func usedBytes(_ index: Int) -> [Double] {
        var used = brokers[index].volumes.map(\.otherBytes)
        for row in brokers[index].partitions {
            let flown = topic(of: Int(row)).wave.flown(seconds)
            used[volume(Int(row), index)] += Double(
                sizeBytes(Int(row), brokers[index].id, seconds, topicFlown: flown))
        }
        return used
    }

    // MARK: Between directories

    /// AlterReplicaLogDirs for one replica of a broker.
    mutating func moveReplica(_ partition: Int, _ index: Int, to number: Int) {
        let key = replicaKey(partition, index)
        guard number != volume(partition, index) else {
            futures[key] = nil
            return
        }
        guard futures[key]?.volume != number else { return }
        futures[key] = FutureReplica(
            volume: number, since: seconds, copiedBytes: 0, bytesPerSecond: 0)
        rerateFutures()
        beginReview()
    }

    /// Puts the replicas that have been copied where they were to be.
    mutating func reviewFutures() {
        guard !futures.isEmpty else { return }
        rerateFutures()
        for (key, future) in futures {
            let (partition, index) = (Int(key >> 32), Int(key & 0xFFFF_FFFF))
            let size = sizeBytes(
                partition, brokers[index].id, seconds,
                topicFlown: topic(of: partition).wave.flown(seconds))
            guard future.bytes(seconds) >= Double(size), brokers[index].isServing else { continue }
            futures[key] = nil
            placed[key] =
                future.volume == firstVolume(partition, index) ? nil : future.volume
        }
    }

    mutating func rerateFutures() {
        guard !futures.isEmpty else { return }
        var shares: [Int: Double] = [:]
        for key in futures.keys { shares[Int(key & 0xFFFF_FFFF), default: 0] += 1 }
        for (key, future) in futures {
            let index = Int(key & 0xFFFF_FFFF)
            let most = rate(ThrottleName.logDirsRate, of: brokers[index].id) ?? .infinity
            let speed = min(most, Limits.volumeBytesPerSecond) / (shares[index] ?? 1)
            var next = future
            next.copiedBytes = future.bytes(seconds)
            next.since = seconds
            next.bytesPerSecond = brokers[index].isServing ? speed : 0
            futures[key] = next
        }
    }
}
