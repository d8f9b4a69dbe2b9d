// Where each partition of a plan stands, read from the cluster alone.
internal import KafkaClient
package import Planning

extension Execution {
    /// Reads anew where every partition stands.
    mutating func look(_ facts: ExecutionFacts) {
        for index in moves.indices where left[index] == nil {
            states[index] = state(index, facts)
        }
        chosen.removeAll { !states[$0].isWaiting }
        guard let unread = facts.reading.unread.min(by: { $0.key < $1.key }),
            states.contains(.unknown)
        else { return }
        waits.append("topic \(unread.key) is not told of: \(unread.value)")
    }

    private mutating func state(_ index: Int, _ facts: ExecutionFacts) -> State {
        let move = moves[index]
        let reading = facts.reading
        if reading.unread[move.topic] != nil { return .unknown }
        guard let now = reading.states[names[index]] else {
            // A broker that has just started may not know it yet.
            goneLooks[index, default: 0] += 1
            guard goneLooks[index, default: 0] >= Limits.goneLooks else { return .unknown }
            drop(index, "it was deleted")
            return .dropped
        }
        goneLooks[index] = nil
        let known = knownTopics[move.topic]
        if let first = known?.id, let id = reading.topicIDs[move.topic], id != first {
            drop(index, "its topic was deleted and created again")
            return .dropped
        }
        let ours = move.before + move.after + move.touched
        // What has begun ends: half of it would be neither the one nor the other.
        if let first = known?.partitions, let count = reading.partitionCounts[move.topic],
            count > first, facts.ongoing[names[index]] == nil, now.replicas == move.before,
            move.before != move.after
        {
            drop(index, "its topic has \(count) partitions now, and not \(first): plan again")
            return .dropped
        }
        guard let ongoing = facts.ongoing[names[index]] else {
            return settled(index, now.replicas, ours)
        }
        guard ongoing.replicas.allSatisfy({ ours.contains($0) }) else {
            drop(
                index, "somebody else moves it to \(ongoing.target.listed): what they began is left"
            )
            return .dropped
        }
        let isOnItsWay =
            ongoing.adding.allSatisfy { move.after.contains($0) }
            && !ongoing.removing.contains { move.after.contains($0) }
        return isOnItsWay
            ? .moving(ongoing)
            : .waiting(ongoing.replicas.filter { !ongoing.adding.contains($0) })
    }

    /// One that is not being moved.
    private mutating func settled(_ index: Int, _ now: [Int32], _ ours: [Int32]) -> State {
        let move = moves[index]
        if now == move.after { return .done }
        if let leader = move.leaderAfter, leader != move.after.first,
            now == MoveStep.turned(move.after, first: leader),
            leaderLooks[index, default: 0] < Limits.leaderLooks
        {
            return .turned
        }
        if now.allSatisfy({ ours.contains($0) }) { return .waiting(now) }
        drop(
            index, "its replicas are \(now.listed) now, neither what it was planned from nor to")
        return .dropped
    }

    // MARK: How far it is

    /// How far it is, as a number of moves and bytes.
    package func progress(_ facts: ExecutionFacts) -> MovingProgress {
        var progress = MovingProgress(of: moves.count)
        for (index, move) in moves.enumerated() {
            progress.bytesTotal += move.bytes
            switch states[index] {
            case .done, .turned:
                progress.done += 1
                progress.bytesDone += move.bytes
            case .dropped: progress.dropped += 1
            case .moving(let ongoing):
                progress.inFlight += 1
                progress.bytesDone += copied(index, ongoing, facts)
            case .unknown, .waiting: break
            }
        }
        progress.paused = guards.reasons
        progress.waits = waits
        progress.droppedBecause = left.keys.min().flatMap { index in
            left[index].map { "\(names[index].resource): \($0)" }
        }
        return progress
    }

    /// Bytes of new replicas that are there already; no more than were reckoned with.
    private func copied(_ index: Int, _ ongoing: OngoingMove, _ facts: ExecutionFacts) -> Int64 {
        let move = moves[index]
        let added = move.added
        guard !added.isEmpty else { return 0 }
        let each = move.bytes / Int64(added.count)
        return added.reduce(0) { sum, broker in
            if ongoing.adding.contains(broker) {
                return sum + min(each, facts.sizes[ReplicaName(names[index], broker)] ?? 0)
            }
            return sum + (ongoing.replicas.contains(broker) ? each : 0)
        }
    }
}

extension [Int32] {
    /// "1, 2, 3".
    var listed: String { map(String.init).joined(separator: ", ") }
}
