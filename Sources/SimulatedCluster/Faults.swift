// Faults that are no broker's end: brokers that hear of a change late, coordinators that move,
// rights that are missing here and there.
import KafkaWire
import Simulation

/// What a broker believes that has not heard of a partition's new leader yet.
struct FormerLeader: Sendable {
    let leader: Int32
    let epoch: Int32
    let changedAt: Double
}

extension Machine {
    /// Gives a partition to another leader, or to nobody (-1).
    mutating func setLeader(_ partition: Int, _ id: Int32) {
        if shape.faultRates.staleSeconds > 0, seconds < shape.faultsEndAtSeconds {
            if former.count >= Limits.formerLeaders { former = [:] }
            former[Int32(partition)] = FormerLeader(
                leader: leader[partition], epoch: epoch[partition], changedAt: seconds)
        }
        leader[partition] = id
        epoch[partition] += 1
        setRate(partition, id < 0 ? 0 : usualRate[partition])
    }

    /// What a broker that is behind answers about a partition; nil: it knows the truth.
    func formerLeader(_ partition: Int, answeredBy index: Int, _ t: Double) -> FormerLeader? {
        guard !former.isEmpty, let old = former[Int32(partition)] else { return nil }
        let share = fraction(hashed(shape.seed, UInt64(index)))
        return t < old.changedAt + share * shape.faultRates.staleSeconds ? old : nil
    }

    mutating func moveCoordinator(_ slot: Int) {
        let partition = topics[offsetsTopic].firstPartition + slot % shape.offsetsPartitions
        let other = inSyncBrokers(partition).first {
            $0 != leader[partition] && canServe(partition, $0)
        }
        if let other { setLeader(partition, other) }
    }

    /// Whether the seed hides a topic or a group.
    func isHidden(_ name: String) -> Bool {
        guard shape.access.hiddenShare > 0 else { return false }
        let number = UInt64(UInt32(bitPattern: javaHash(name)))
        return fraction(hashed(shape.seed, number)) < shape.access.hiddenShare
    }
}
