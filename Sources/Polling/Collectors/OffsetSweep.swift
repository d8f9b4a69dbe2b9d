// Which partitions of a large cluster are asked about in a round. One walk for all brokers, so that
// a leader's end and its followers' are read at about the same time: their difference is the lag.
import ClusterModel

/// A walk over the rows of the partition table in pieces, one piece a round. A broker that could
/// not be asked about a piece is owed it, and asked about it with the next one it takes.
struct OffsetSweep {
    /// The row that the next piece begins with.
    private(set) var cursor = 0
    /// How many times the walk has been round.
    private(set) var pass: UInt64 = 0
    /// The piece of this round; empty where the round asks for none.
    private(set) var piece = 0..<0
    /// Rounds since the last piece.
    private var roundsSincePiece = 0
    /// Brokers that were asked about all they hold.
    private var begun: Set<BrokerID> = []
    /// The rows from which on a broker was not asked.
    private var owed: [BrokerID: Int] = [:]

    /// Takes the next piece of `count` rows, which are walked in so many rounds. Of
    /// `roundsPerPiece` rounds, and of those that are left, only the last asks: a piece is as
    /// large as they are many.
    mutating func advance(count: Int, rounds: Int, roundsPerPiece: Int = 1) {
        // Brokers begin with all they hold, which is a pass.
        guard !begun.isEmpty else {
            piece = 0..<count
            pass = 1
            return
        }
        let from = cursor < count ? cursor : 0
        let rowsPerRound = max(1, (count + rounds - 1) / max(rounds, 1))
        let wait = min(roundsPerPiece, (count - from + rowsPerRound - 1) / rowsPerRound)
        roundsSincePiece += 1
        guard roundsSincePiece >= wait else {
            piece = from..<from
            return
        }
        roundsSincePiece = 0
        let to = min(count, from + rowsPerRound * max(1, wait))
        piece = from..<to
        cursor = to
        if to == count {
            cursor = 0
            pass &+= 1
        }
    }

    /// The ranges of rows to ask a broker about in this round; nil: about all it holds, which is
    /// also how it begins.
    mutating func take(_ broker: BrokerID, count: Int) -> [Range<Int>]? {
        guard begun.contains(broker) else {
            begun.insert(broker)
            owed[broker] = nil
            return nil
        }
        guard let from = owed.removeValue(forKey: broker), from < count else { return [piece] }
        if from <= piece.lowerBound { return [from..<piece.upperBound] }
        if from <= piece.upperBound { return nil }
        return [0..<piece.upperBound, from..<count]
    }

    /// The broker is not asked about this round's piece: it has not answered the one before.
    mutating func skip(_ broker: BrokerID) {
        guard begun.contains(broker) else { return }
        guard let from = owed[broker] else {
            owed[broker] = piece.lowerBound
            return
        }
        // Once round: from now on it is owed everything.
        if piece.contains(from) { begin(broker) }
    }

    /// A question to the broker about rows from `row` on failed.
    mutating func fail(_ broker: BrokerID, from row: Int) {
        if begun.contains(broker), owed[broker] == nil { owed[broker] = row }
    }

    /// Asks the broker about all it holds next: its first pass failed.
    mutating func begin(_ broker: BrokerID) {
        begun.remove(broker)
        owed[broker] = nil
    }

    /// After rows came or went: what is asked once in so many passes is asked with the next. The
    /// walk goes on where it is, since topics that come and go all the time must not keep it at its
    /// beginning.
    mutating func restartPasses() { pass = 0 }
}
