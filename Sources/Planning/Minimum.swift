// The least that any plan must move, proven from what brokers hold: it is worked out beside the
// plan, from the same bands, and is below or equal to the best that there is.

/// The least that must be moved, and why.
package struct Minimum: Sendable, Equatable {
    package var replicas = 0
    package var bytes: Int64 = 0
    package var leaders = 0
    /// What makes it so much, in words: for bytes, or for what is counted where none move.
    package var binding = "nothing has to move"

    package init() {}
}

extension Minimum {
    /// What must leave brokers above their bands, and what must come to those below. A broker that
    /// must lose both replicas and bytes loses at least the fewest replicas that have so many
    /// bytes, and at least the bytes of its smallest replicas.
    init(_ balancer: Balancer) {
        let placement = balancer.placement
        let bands = balancer.wish.bands
        // Replicas that are larger than their leaders' lose more than a new copy costs.
        var oversize = [Int64](repeating: 0, count: placement.brokers)
        for row in 0..<placement.rows {
            for slot in placement.slots(row) where placement.own[slot] > placement.size[row] {
                oversize[Int(placement.replica[slot])] += placement.own[slot] - placement.size[row]
            }
        }
        // A broker gets each row at most once.
        let all = SizeSums(rowsBySize(placement).reversed().map { placement.size[Int($0)] })
        let racks = bands.isByRack ? placement.racks : 1
        var giving = [Side](repeating: Side(), count: racks)
        var taking = giving
        for group in balancer.groups {
            for broker in group {
                let place = bands.isByRack ? Int(placement.rack[Int(broker)]) : 0
                let replicas = Int(balancer.replicasOff(broker))
                let bytes = balancer.bytesOff(broker)
                if replicas > 0 || bytes > 0 {
                    giving[place].add(
                        SizeSums(balancer.lists.sizes(of: broker)), replicas,
                        bytes - oversize[Int(broker)])
                }
                if replicas < 0 || bytes < 0 {
                    taking[place].add(all, -replicas, -bytes)
                }
                let at = Int(broker)
                if balancer.wish.takes[at] {
                    giving[place].room += max(0, bands.mostBytes[at] - placement.bytes[at])
                    giving[place].places += Int(
                        max(0, bands.mostReplicas[at] - placement.replicas[at]))
                }
            }
        }
        self.init(giving, taking, balancer)
    }

    private init(_ giving: [Side], _ taking: [Side], _ balancer: Balancer) {
        let placement = balancer.placement
        var worst: (bytes: Int64, replicas: Int, rack: Int, gives: Bool) = (0, 0, 0, true)
        let byRack = balancer.wish.bands.isByRack && placement.racks > 1
        for rack in giving.indices {
            // What finds no room where it may go need not leave.
            let out = min(giving[rack].bytes, giving[rack].room)
            let gone = min(giving[rack].replicas, giving[rack].places)
            bytes += max(out, taking[rack].bytes)
            replicas += max(gone, taking[rack].replicas)
            let gives =
                out > taking[rack].bytes
                || out == taking[rack].bytes
                    && gone >= taking[rack].replicas
            let most = max(out, taking[rack].bytes)
            let mostReplicas = max(gone, taking[rack].replicas)
            if (most, mostReplicas) > (worst.bytes, worst.replicas) {
                worst = (most, mostReplicas, rack, gives)
            }
        }
        guard worst.bytes > 0 || worst.replicas > 0 else { return }
        binding =
            worst.gives
            ? "what brokers hold above the tolerance" : "what brokers lack below the tolerance"
        if byRack { binding += ", most of it in \(placement.model.rackName(worst.rack))" }
    }

    /// Brokers on one side of a balance.
    private struct Side {
        var replicas = 0
        var bytes: Int64 = 0
        /// What takers may take at most.
        var room: Int64 = 0
        var places = 0

        /// - Parameter sizes: of the replicas that it can lose or get.
        mutating func add(_ sizes: SizeSums, _ count: Int, _ bytes: Int64) {
            replicas += max(sizes.fewest(holding: bytes), count, 0)
            self.bytes += max(bytes, sizes.least(of: count), 0)
        }
    }

    /// Sums of the largest of some sizes.
    private struct SizeSums {
        /// Of the largest 0, 1, 2, … sizes.
        private var sums: [Int64] = [0]

        /// - Parameter sizes: largest first.
        init(_ sizes: some Sequence<Int64>) {
            var sum: Int64 = 0
            for size in sizes {
                sum += size
                sums.append(sum)
            }
        }

        /// The fewest that have so many bytes together.
        func fewest(holding bytes: Int64) -> Int {
            guard bytes > 0 else { return 0 }
            var (low, high) = (0, sums.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] < bytes { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// The bytes of the smallest `count`.
        func least(of count: Int) -> Int64 {
            let rest = max(0, sums.count - 1 - max(0, count))
            return sums[sums.count - 1] - sums[rest]
        }
    }
}
