// How often what stands still is asked: as often as everything else where that costs little, else
// less and less, up to a bound. What changes is asked in every round.
import ClusterModel

/// When a thing that has not changed for a while is asked again.
enum Pace {
    /// So many rounds lie between two questions about a thing that has stood still for `stillNs`,
    /// with rounds every `roundNs`: half of the rounds it stood, as a power of two, and at most
    /// what lasts `mostNs`. 1: it is asked in every round.
    static func rounds(still stillNs: UInt64, round roundNs: UInt64, most mostNs: UInt64) -> UInt64
    {
        let roundNs = max(1, roundNs)
        let most = max(1, mostNs / roundNs)
        let half = stillNs / roundNs / 2
        guard half > 1 else { return 1 }
        let power = UInt64(1) << UInt64(half.bitWidth - 1 - half.leadingZeroBitCount)
        return min(most, power)
    }

    /// The time between two passes that cost `bytes` each, so that they take no more than
    /// `bytesPerSecond`; within bounds.
    static func interval(
        bytes: Int, bytesPerSecond: Int, least: UInt64, most: UInt64
    ) -> UInt64 {
        let seconds = Double(max(0, bytes)) / Double(max(1, bytesPerSecond))
        return min(max(UInt64(min(seconds, 1e6) * 1e9), least), max(least, most))
    }
}

/// What answers take for each thing they are about, of the last of them.
struct MeanBytes {
    private var mean = 0.0

    mutating func note(_ bytes: Int, of count: Int) {
        guard count > 0 else { return }
        let one = Double(bytes) / Double(count)
        mean += (one - mean) / (mean == 0 ? 1 : 8)
    }

    func of(_ count: Int) -> Int { Int(mean * Double(count)) }
}

/// What groups take on the wire, and with it how often each is asked.
struct GroupPace {
    /// Rounds, or passes of a sweep, so far, and from one to the next.
    var turn: UInt64 = 0
    var roundNs: UInt64 = Limits.second
    /// What answers take for one group.
    var offsetBytes = MeanBytes()
    var memberBytes = MeanBytes()
    var listBytes = MeanBytes()

    func listInterval(_ groups: Int, _ budget: Budget) -> UInt64 {
        Pace.interval(
            bytes: listBytes.of(groups), bytesPerSecond: budget.groupListBytesPerSecond,
            least: Limits.groupListInterval, most: Limits.longestGroupListInterval)
    }

    /// Whether so many groups cost too much to be asked in each turn.
    func isSparing(_ groups: Int, _ budget: Budget) -> Bool {
        let bytes = UInt64(offsetBytes.of(groups) + memberBytes.of(groups))
        return bytes * Limits.second / max(1, roundNs) > UInt64(budget.groupBytesPerSecond)
    }

    /// Three of these are the age at which what is known of a group is stale.
    func interval(_ isSparing: Bool) -> UInt64 {
        isSparing ? max(roundNs, Limits.stillGroup / 2) : roundNs
    }

    /// Whether it is the turn of a group that has stood still since `movedAt`; 0: it has not.
    func isTurn(
        _ group: ConsumerGroup, still movedAt: UInt64, isInView: Bool, _ now: UInt64
    ) -> Bool {
        let every = Pace.rounds(
            still: now - min(now, movedAt), round: roundNs,
            most: isInView ? Limits.stillInView : Limits.stillGroup)
        return movedAt == 0 || (turn &+ UInt64(group.historyIndex)) % every == 0
    }
}
