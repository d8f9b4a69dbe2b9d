// The three kinds of moves of a round: in number and bytes together, bytes alone, number alone.

extension Balancer {
    /// Replicas go from brokers with too many to brokers with too few. Each time the size is
    /// chosen that brings both nearer to their bytes: what the giver has to lose in each of its
    /// moves, times what the taker lacks in each, by what all lose in each.
    func moveTogether(_ group: [Int32], _ targets: Targets) {
        var givers = BrokerHeap(brokers: placement.brokers)
        var takers = BrokerHeap(brokers: placement.brokers)
        var (count, bytes) = (0.0, 0.0)
        for broker in group {
            let surplus = placement.replicas[Int(broker)] - targets.replicas[Int(broker)]
            if surplus > 0 {
                givers.set(broker, -Double(surplus))
                count += Double(surplus)
                bytes += Double(max(0, placement.bytes[Int(broker)] - targets.bytes[Int(broker)]))
            } else if surplus < 0 {
                takers.set(broker, Double(surplus))
            }
        }
        let mean = count > 0 ? bytes / count : 0
        while let taker = takers.least, !givers.isEmpty {
            let lacking = targets.replicas[Int(taker)] - placement.replicas[Int(taker)]
            let missing = max(0, targets.bytes[Int(taker)] - placement.bytes[Int(taker)])
            let each = Double(missing) / Double(max(1, lacking))
            var pick: ReplicaLists.Pick?
            let giver = givers.first(limit: Limits.partners) { giver in
                let surplus = placement.replicas[Int(giver)] - targets.replicas[Int(giver)]
                let excess = max(0, placement.bytes[Int(giver)] - targets.bytes[Int(giver)])
                let lost = Double(excess) / Double(max(1, surplus))
                let wanted =
                    lacking > 1 ? (mean > 0 ? lost * each / mean : 0) : Double(missing)
                // No more than the one lacks and the other has too much: what is only counted is
                // small.
                let most = min(missing, excess)
                pick = lists.nearest(giver, taker, min(Int64(wanted), most))
                return pick != nil
            }
            guard let giver, let pick else {
                takers.remove(taker)
                continue
            }
            let isGiver = replicasOff(giver) > 0
            placement.move(
                pick.row, slot: pick.slot, to: taker, isGiver ? .overReplicas : .underReplicas,
                isGiver ? giver : taker)
            let surplus = placement.replicas[Int(giver)] - targets.replicas[Int(giver)]
            if surplus > 0 { givers.set(giver, -Double(surplus)) } else { givers.remove(giver) }
            if lacking > 1 { takers.set(taker, -Double(lacking - 1)) } else { takers.remove(taker) }
        }
    }

    /// Bytes go from brokers above their target to brokers below, in the largest pieces that
    /// neither overshoots; the last piece may be a little too large.
    func moveBytes(_ group: [Int32], _ targets: Targets) {
        var givers = BrokerHeap(brokers: placement.brokers)
        var takers = BrokerHeap(brokers: placement.brokers)
        var isOff = [Bool](repeating: false, count: placement.brokers)
        var offCount = 0
        for broker in group {
            let surplus = placement.bytes[Int(broker)] - targets.bytes[Int(broker)]
            if surplus > 0 { givers.set(broker, -Double(surplus)) }
            if surplus < 0 { takers.set(broker, Double(surplus)) }
            if bytesOff(broker) != 0 {
                isOff[Int(broker)] = true
                offCount += 1
            }
        }
        func settle(_ broker: Int32) {
            guard isOff[Int(broker)], bytesOff(broker) == 0 else { return }
            isOff[Int(broker)] = false
            offCount -= 1
        }
        while offCount > 0, let giver = givers.least, !takers.isEmpty {
            let excess = placement.bytes[Int(giver)] - targets.bytes[Int(giver)]
            var (pick, back): (ReplicaLists.Pick?, ReplicaLists.Pick?) = (nil, nil)
            let taker = takers.first(limit: Limits.partners) { taker in
                guard isOff[Int(giver)] || isOff[Int(taker)],
                    let piece = pieceOfBytes(giver, taker, excess, targets)
                else { return false }
                (pick, back) = (piece, nil)
                guard needsReturn(giver, taker) else { return true }
                back = smallReturn(for: piece, giver, taker)
                return back != nil
            }
            guard let taker, let pick else {
                givers.remove(giver)
                continue
            }
            let isGiver = isOff[Int(giver)]
            placement.move(
                pick.row, slot: pick.slot, to: taker, isGiver ? .overBytes : .underBytes,
                isGiver ? giver : taker)
            if let back {
                placement.move(back.row, slot: back.slot, to: giver, .overReplicas, taker)
            }
            settle(giver)
            settle(taker)
            let left = placement.bytes[Int(giver)] - targets.bytes[Int(giver)]
            let lacking = targets.bytes[Int(taker)] - placement.bytes[Int(taker)]
            let isDone = !isOff[Int(giver)] && bytesOff(giver) == 0 && left <= 0
            if isDone || left <= 0 {
                givers.remove(giver)
            } else {
                givers.set(giver, -Double(left))
            }
            if lacking <= 0 { takers.remove(taker) } else { takers.set(taker, -Double(lacking)) }
        }
    }

    private func pieceOfBytes(
        _ giver: Int32, _ taker: Int32, _ excess: Int64, _ targets: Targets
    ) -> ReplicaLists.Pick? {
        let lacking = targets.bytes[Int(taker)] - placement.bytes[Int(taker)]
        let amount = min(excess, lacking)
        guard amount > 0 else { return nil }
        let rack = Int(placement.rack[Int(giver)])
        let slack = Int64(wish.bands.bytesPerBroker[rack] * Limits.bytesMargin / 2)
        if let last = lists.smallest(giver, taker, atLeast: amount, atMost: amount + slack) {
            return last
        }
        if let piece = lists.largest(giver, taker, atMost: amount) { return piece }
        // Nothing is small enough: one that is too large, where both stay in their bands.
        let room = min(
            placement.bytes[Int(giver)] - wish.bands.leastBytes[Int(giver)],
            wish.bands.mostBytes[Int(taker)] - placement.bytes[Int(taker)])
        guard room > amount else { return nil }
        return lists.smallest(giver, taker, atLeast: amount, atMost: room)
    }

    /// One replica more, or one less, brings a number out of its band.
    private func needsReturn(_ giver: Int32, _ taker: Int32) -> Bool {
        wish.countsReplicas
            && (placement.replicas[Int(taker)] >= wish.bands.mostReplicas[Int(taker)]
                || placement.replicas[Int(giver)] <= wish.bands.leastReplicas[Int(giver)])
    }

    /// A small replica that goes the other way, so that numbers stay as they are; nil where there
    /// is none small enough that bytes still gain.
    private func smallReturn(
        for piece: ReplicaLists.Pick, _ giver: Int32, _ taker: Int32
    ) -> ReplicaLists.Pick? {
        guard wish.gives[Int(taker)], wish.takes[Int(giver)],
            let back = lists.smallest(taker, giver, atLeast: 0, atMost: piece.bytes / 2),
            back.row != piece.row
        else { return nil }
        return back
    }

    /// The smallest replicas go where some are missing; bytes stay in their bands.
    func moveSmallest(_ group: [Int32], _ targets: Targets) {
        var givers = BrokerHeap(brokers: placement.brokers)
        var takers = BrokerHeap(brokers: placement.brokers)
        for broker in group {
            let surplus = placement.replicas[Int(broker)] - targets.replicas[Int(broker)]
            if surplus > 0 { givers.set(broker, -Double(surplus)) }
            if surplus < 0 { takers.set(broker, Double(surplus)) }
        }
        while let giver = givers.least, !takers.isEmpty {
            var pick: ReplicaLists.Pick?
            let taker = takers.first(limit: Limits.partners) { taker in
                pick = lists.smallest(giver, taker, atLeast: 0)
                guard let found = pick else { return false }
                let fits =
                    !wish.countsBytes
                    || placement.bytes[Int(taker)] + found.bytes
                        <= wish.bands.mostBytes[Int(taker)]
                        && placement.bytes[Int(giver)] - found.bytes
                            >= min(
                                wish.bands.leastBytes[Int(giver)], placement.bytes[Int(giver)])
                return fits
            }
            guard let taker, let found = pick else {
                givers.remove(giver)
                continue
            }
            let isGiver = replicasOff(giver) > 0
            placement.move(
                found.row, slot: found.slot, to: taker, isGiver ? .overReplicas : .underReplicas,
                isGiver ? giver : taker)
            let surplus = placement.replicas[Int(giver)] - targets.replicas[Int(giver)]
            if surplus > 0 { givers.set(giver, -Double(surplus)) } else { givers.remove(giver) }
            let lacking = targets.replicas[Int(taker)] - placement.replicas[Int(taker)]
            if lacking > 0 { takers.set(taker, -Double(lacking)) } else { takers.remove(taker) }
        }
    }
}
