// Reassignments under way: which replicas come and go, how fast new ones copy under throttles and
// volumes, when a move ends.
import KafkaWire

/// A new replica on its way to the end of the log, in records. Its speed changes only at looks at
/// the moves, so that where it is costs nothing in between.
struct Copy: Sendable {
    let broker: Int32
    /// The first offset it copied.
    let start: Double
    var since: Double
    /// How far it was then.
    var reached: Double
    var recordsPerSecond = 0.0
    /// Under a throttle whole fetches pass and then nothing: records of one; 0: no throttle.
    var step = 0.0

    init(broker: Int32, start: Double, since: Double) {
        self.broker = broker
        self.start = start
        self.since = since
        reached = start
    }

    func reached(_ t: Double) -> Double { reached + recordsPerSecond * max(0, t - since) }

    /// The log end that others see.
    func end(_ t: Double) -> Double {
        let reached = reached(t)
        guard step > 0 else { return reached }
        return start + (((reached - start) / step).rounded(.down) + 1) * step
    }
}

/// A reassignment under way.
struct Move: Sendable {
    var target: IDList
    var adding: IDList
    var removing: IDList
    /// The target and then what goes.
    var replicas: IDList
    /// Those of `adding` that are not in sync yet.
    var copies: [Copy]
}

extension IDList {
    func without(_ others: IDList) -> IDList { IDList(filter { !others.contains($0) }) }
}

extension Machine {
    // MARK: Begin, replace, cancel

    /// Has a partition on `target` in the end; replaces a move under way. The caller has checked
    /// the target and calls `rerate` after the last of several.
    mutating func beginMove(_ partition: Int, to target: IDList) {
        let row = Int32(partition)
        let old = moves[row]
        let present = replicas(partition)
        let original = old.map { present.without($0.adding) } ?? present
        let members = inSyncBrokers(partition)
        let adding = target.without(original)
        let removing = original.without(target)
        let end = written(partition, seconds)
        let start = Double(logStart(partition, end: end))
        let copies = adding.compactMap { id -> Copy? in
            if let copy = old?.copies.first(where: { $0.broker == id }) { return copy }
            if old?.adding.contains(id) == true { return nil }
            return Copy(broker: id, start: start, since: seconds)
        }
        let isIdle = adding.isEmpty && removing.isEmpty
        let list = isIdle ? target : IDList(Array(target) + Array(removing))
        moves[row] = Move(
            target: target, adding: adding, removing: removing, replicas: list, copies: copies)
        if isIdle {
            moves[row] = nil
            setReplicas(partition, target)
        }
        setISR(partition, members)
        for id in list.without(present) { brokers[Int(id) - 1].partitions.append(row) }
        drop(partition, from: present.without(list))
        if shape.coordination == .zookeeper { epoch[partition] += 1 }
        if !list.contains(leader[partition]), leader[partition] >= 0 { elect(partition) }
        if adding.isEmpty { reviewMove(partition) }
        if moves[row] != nil { beginReview() }
    }

    /// Takes back what has not ended. The original replicas stay in the order they have now.
    mutating func cancelMove(_ partition: Int) {
        guard let move = moves[Int32(partition)] else { return }
        let members = inSyncBrokers(partition)
        let original = move.replicas.without(move.adding)
        moves[Int32(partition)] = nil
        setReplicas(partition, original)
        setISR(partition, members)
        drop(partition, from: move.adding)
        epoch[partition] += 1
        if !original.contains(leader[partition]), leader[partition] >= 0 { elect(partition) }
    }

    private mutating func drop(_ partition: Int, from ids: IDList) {
        for id in ids {
            let index = Int(id) - 1
            brokers[index].partitions.removeAll { $0 == Int32(partition) }
            placed[replicaKey(partition, index)] = nil
            futures[replicaKey(partition, index)] = nil
        }
    }

    private mutating func setISR(_ partition: Int, _ members: IDList) {
        var mask: UInt32 = 0
        for (position, id) in replicas(partition).enumerated() where members.contains(id) {
            mask |= 1 << UInt32(position)
        }
        inSync[partition] = mask
        checkMark(partition)
    }

    // MARK: Progress

    /// The log end of a new replica: it began with the oldest record kept, and what retention
    /// removes meanwhile it need not copy.
    func copied(_ copy: Copy, _ partition: Int, _ end: Int64, _ t: Double) -> Int64 {
        min(end, max(logStart(partition, end: end), Int64(copy.end(t))))
    }

    /// Joins what has caught up and ends the moves that are done.
    mutating func reviewMoves() {
        guard !moves.isEmpty else { return }
        rerate()
        for row in moves.keys.sorted() { reviewMove(Int(row)) }
        if Int(seconds) % Limits.fillCheckSeconds == 0 { checkVolumes() }
        if moves.isEmpty { liftStoryThrottles() }
    }

    private mutating func reviewMove(_ partition: Int) {
        let row = Int32(partition)
        guard var move = moves[row], leader[partition] >= 0 else { return }
        let end = written(partition, seconds)
        var members = inSyncBrokers(partition)
        move.copies.removeAll { copy in
            guard canServe(partition, copy.broker), copied(copy, partition, end, seconds) >= end
            else { return false }
            members.append(copy.broker)
            return true
        }
        moves[row] = move
        setISR(partition, members)
        let targetsInSync = move.target.filter { members.contains($0) }.count
        guard move.copies.isEmpty, move.adding.allSatisfy({ members.contains($0) }),
            targetsInSync == move.target.count || (!move.adding.isEmpty && targetsInSync > 0)
        else { return }
        moves[row] = nil
        setReplicas(partition, move.target)
        setISR(partition, members)
        drop(partition, from: move.removing)
        if move.removing.contains(leader[partition]) {
            elect(partition)
        } else if !move.removing.isEmpty || shape.coordination == .zookeeper {
            epoch[partition] += 1
        }
    }

    /// How many copies share one thing.
    private struct Shares {
        var fromLeader: [Int32: Double] = [:]
        var toBroker: [Int32: Double] = [:]
        var toVolume: [Int64: Double] = [:]
        var heldFrom: [Int32: Double] = [:]
        var heldTo: [Int32: Double] = [:]
    }

    /// Gives every copy its speed anew: equal shares of the leader's and the follower's network, of
    /// the volume, and of the throttles that hold it.
    mutating func rerate() {
        guard !moves.isEmpty else { return }
        var shares = Shares()
        for (row, move) in moves where leader[Int(row)] >= 0 {
            for copy in move.copies { count(copy, Int(row), &shares) }
        }
        for row in moves.keys {
            guard var move = moves[row] else { continue }
            for place in move.copies.indices {
                let (speed, step) = speed(move.copies[place], Int(row), shares)
                set(&move.copies[place], Int(row), speed, step)
            }
            moves[row] = move
        }
    }

    private func count(_ copy: Copy, _ partition: Int, _ shares: inout Shares) {
        let source = leader[partition]
        guard canServe(partition, source), canServe(partition, copy.broker) else { return }
        let index = Int(copy.broker) - 1
        shares.fromLeader[source, default: 0] += 1
        shares.toBroker[copy.broker, default: 0] += 1
        let place = replicaKey(volume(partition, index), index)
        shares.toVolume[place, default: 0] += 1
        if holdsLeader(partition) { shares.heldFrom[source, default: 0] += 1 }
        if holdsFollower(partition, copy.broker) { shares.heldTo[copy.broker, default: 0] += 1 }
    }

    /// Bytes a second for a copy, and those of one fetch under a throttle.
    private func speed(
        _ copy: Copy, _ partition: Int, _ shares: Shares
    ) -> (bytesPerSecond: Double, stepBytes: Double) {
        let source = leader[partition]
        guard source >= 0, canServe(partition, source), canServe(partition, copy.broker) else {
            return (0, 0)
        }
        let index = Int(copy.broker) - 1
        let place = replicaKey(volume(partition, index), index)
        let network = Limits.networkBytesPerSecond * shape.copySpeed
        var speed = network / (shares.fromLeader[source] ?? 1)
        speed = min(speed, network / (shares.toBroker[copy.broker] ?? 1))
        speed = min(
            speed, Limits.volumeBytesPerSecond * shape.copySpeed / (shares.toVolume[place] ?? 1))
        var step = 0.0
        if holdsLeader(partition), let rate = rate(ThrottleName.leaderRate, of: source) {
            speed = min(speed, rate / (shares.heldFrom[source] ?? 1))
            step = Limits.fetchBytes
        }
        if holdsFollower(partition, copy.broker),
            let rate = rate(ThrottleName.followerRate, of: copy.broker)
        {
            speed = min(speed, rate / (shares.heldTo[copy.broker] ?? 1))
            step = Limits.fetchBytes
        }
        return (speed, step)
    }

    private func set(
        _ copy: inout Copy, _ partition: Int, _ bytesPerSecond: Double, _ stepBytes: Double
    ) {
        let now = seconds
        let seen = copy.end(now)
        copy.reached = copy.reached(now)
        // What has been seen to be there stays there.
        if copy.step > 0, stepBytes == 0 { copy.reached = seen }
        copy.since = now
        let record = topic(of: partition).bytesPerRecord
        copy.recordsPerSecond = bytesPerSecond / record
        copy.step = stepBytes / record
    }
}
