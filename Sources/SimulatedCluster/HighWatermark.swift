// How far consumers may read: the least end in sync, and since 3.9 no further once fewer replicas
// are in sync than min.insync.replicas asks for.
import KafkaWire

extension Machine {
    /// What consumers may read up to.
    func highWatermark(_ partition: Int, _ t: Double, topicFlown: Double) -> Int64 {
        if !stuckMarks.isEmpty, let mark = stuckMarks[Int32(partition)] { return mark }
        var least = written(partition, t, topicFlown: topicFlown)
        if moves.isEmpty, oddReplicas.isEmpty {
            // Without lists: hundreds of thousands of partitions are asked about at once.
            for (position, row) in replicaRows(partition).enumerated()
            where inSync[partition] & 1 << UInt8(position) != 0 {
                let end = replicaEnd(partition, replicaBroker[row], t, topicFlown: topicFlown)
                least = min(least, end)
            }
            return least
        }
        for broker in inSyncBrokers(partition) {
            least = min(least, replicaEnd(partition, broker, t, topicFlown: topicFlown))
        }
        return least
    }

    /// The same now.
    func highWatermark(_ partition: Int) -> Int64 {
        highWatermark(
            partition, seconds, topicFlown: topic(of: partition).wave.flown(seconds))
    }

    /// min.insync.replicas in force for a partition.
    private func leastInSync(_ partition: Int) -> Int {
        let name = "min.insync.replicas"
        let set =
            topic(of: partition).overrides.first { $0.name == name }
            ?? defaultOverrides.first { $0.name == name }
        let least = (set?.value ?? usualMinInSync).flatMap { Int($0) } ?? 1
        // Brokers of these releases take no more than all replicas for it.
        return min(least, replicaRows(partition).count)
    }

    /// The replicas in sync have changed: the mark stops where it is, or goes on.
    /// - Parameter mark: where it was before, if that is known.
    mutating func checkMark(_ partition: Int, _ mark: Int64? = nil) {
        guard shape.release >= .v39 else { return }
        let row = Int32(partition)
        let isShort = inSync[partition].nonzeroBitCount < leastInSync(partition)
        if !isShort {
            if !stuckMarks.isEmpty { stuckMarks[row] = nil }
        } else if stuckMarks[row] == nil {
            stuckMarks[row] = mark ?? highWatermark(partition)
        }
    }
}
