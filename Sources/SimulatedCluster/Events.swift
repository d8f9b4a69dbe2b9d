// What happens to the cluster: brokers die and come back, replicas fall out of sync and return,
// leaders are elected, groups get stuck. Each costs what it changes and no more.
import KafkaWire

extension Machine {
    mutating func carryOut(_ what: Happening) {
        if waitsForZooKeeper(what) { return schedule(in: 0.5, what) }
        switch what {
        case .kill(let id): end(id, .dead)
        case .freeze(let id): end(id, .frozen)
        case .shutDown(let id):
            // Without ZooKeeper nothing can be handed over: the process just ends.
            if isWithoutQuorum { end(id, .dead) } else { shutDown(id) }
        case .start(let id, let release): start(id, release)
        case .thaw(let id): thaw(id)
        case .degrade(let id, let speed, let delay): degrade(id, speed, delay)
        case .recover(let id): recover(id)
        case .sessionOver(let id, let since): endSession(id, since: since)
        case .review: review()
        case .balanceLeaders: balanceLeaders()
        case .heat(let partition, let factor):
            let rate = usualRate[partition] * Float(factor)
            usualRate[partition] = rate
            if leader[partition] >= 0 { setRate(partition, rate) }
        case .stick(let group): setPace(group, speed: 0)
        case .fallBehind(let group, let speed), .release(let group, let speed):
            setPace(group, speed: speed)
        case .resize(let group, let members): resize(group, members)
        case .reassign(let count, let bytes): reassignSome(count, bytes)
        case .failOverController: failOverController()
        case .zooKeeper(let what): carryOut(what)
        case .moveCoordinator(let slot): moveCoordinator(slot)
        case .failVolume(let id, let volume): failVolume(id, volume)
        case .rerate:
            isRerating = false
            rerate()
            rerateFutures()
        case .repeat(let scenario, let number): begin(scenario, number)
        }
    }

    private mutating func setPace(_ group: Int, speed: Double) {
        let from = groups[group].committedTime(seconds)
        groups[group].pace = Pace(since: seconds, from: from, speed: speed)
    }

    /// The next live broker, or controller of the quorum, takes over.
    mutating func failOverController() {
        controllerEpoch += 1
        controllerTurn += 1
        guard shape.coordination == .zookeeper else { return }
        let live = brokers.filter(\.isServing)
        controllerBroker =
            (live.first { $0.id > controllerBroker } ?? live.first)?.id ?? -1
    }

    // MARK: Brokers go

    /// The process ends or stands still: the controller does not know until its session is over.
    private mutating func end(_ id: Int32, _ condition: SimulatedBroker.Condition) {
        guard let index = brokerIndex(id), brokers[index].condition == .running else { return }
        stopCopying(index)
        brokers[index].condition = condition
        for row in brokers[index].partitions where leader[Int(row)] == id { setRate(Int(row), 0) }
        schedule(in: shape.sessionSeconds, .sessionOver(id, since: seconds))
        if condition == .dead { changes.append(.down(id)) }
    }

    mutating func shutDown(_ id: Int32) {
        guard let index = brokerIndex(id), brokers[index].condition == .running else { return }
        stopCopying(index)
        brokers[index].condition = .dead
        leave(index)
        changes.append(.down(id))
    }

    private mutating func endSession(_ id: Int32, since: Double) {
        guard let index = brokerIndex(id), brokers[index].condition != .running,
            brokers[index].isRegistered, let pace = brokers[index].pace, pace.since <= since
        else { return }
        leave(index)
    }

    private mutating func stopCopying(_ index: Int) {
        // Its position follows from its pace before, which is the same for all its partitions.
        let reached = brokers[index].pace?.reached(seconds) ?? seconds
        brokers[index].pace = Pace(since: seconds, from: min(seconds, reached), speed: 0)
        beginReview()
    }

    /// The controller takes a broker off the list: its leaderships go to others, it leaves every
    /// ISR in which it is not the last.
    mutating func leave(_ index: Int) {
        let id = brokers[index].id
        brokers[index].isRegistered = false
        if shape.coordination == .zookeeper, controllerID == id { failOverController() }
        for row in brokers[index].partitions {
            let partition = Int(row)
            removeFromISR(partition, id)
            if leader[partition] == id {
                elect(partition)
            } else if shape.coordination == .zookeeper {
                epoch[partition] += 1
            }
        }
    }

    mutating func removeFromISR(_ partition: Int, _ id: Int32) {
        guard let position = replicas(partition).firstIndex(of: id) else { return }
        let rest = inSync[partition] & ~(1 << UInt32(position))
        if rest != 0, rest != inSync[partition] {
            let mark = highWatermark(partition)
            inSync[partition] = rest
            checkMark(partition, mark)
        }
    }

    /// The first live replica in sync leads; without one nobody does and nothing is written,
    /// unless the topic may have any replica for a leader.
    mutating func elect(_ partition: Int) {
        let next = inSyncBrokers(partition).first { canServe(partition, $0) }
        if next == leader[partition] { return }
        if next == nil, allowsUnclean(partition), electUnclean(partition) { return }
        setLeader(partition, next ?? -1)
    }

    // MARK: Brokers come back

    private mutating func start(_ id: Int32, _ release: Release?) {
        guard let index = brokerIndex(id), brokers[index].condition == .dead else { return }
        if let release { brokers[index].release = release }
        brokers[index].condition = .running
        mendVolumes(index)
        changes.append(.up(id))
        comeBack(index)
    }

    private mutating func thaw(_ id: Int32) {
        guard let index = brokerIndex(id), brokers[index].condition == .frozen else { return }
        brokers[index].condition = .running
        changes.append(.thawed(id))
        comeBack(index)
    }

    mutating func comeBack(_ index: Int) {
        let id = brokers[index].id
        brokers[index].isRegistered = true
        if shape.coordination == .zookeeper, controllerBroker < 0 { failOverController() }
        let from = brokers[index].pace?.reached(seconds) ?? seconds
        brokers[index].pace = Pace(since: seconds, from: min(from, seconds), speed: 12)
        for row in brokers[index].partitions {
            let partition = Int(row)
            if leader[partition] < 0, isInSync(partition, id) || allowsUnclean(partition) {
                elect(partition)
            } else if leader[partition] == id {
                // Back before its session was over: it still leads.
                setRate(partition, usualRate[partition])
            }
        }
        beginReview()
    }

    private mutating func degrade(_ id: Int32, _ speed: Double, _ delay: Double) {
        guard let index = brokerIndex(id), brokers[index].condition == .running else { return }
        let from = brokers[index].pace?.reached(seconds) ?? seconds
        brokers[index].pace = Pace(since: seconds, from: min(from, seconds), speed: speed)
        brokers[index].answerDelayNs = UInt64(delay * Double(Limits.nanosecondsPerSecond))
        beginReview()
    }

    private mutating func recover(_ id: Int32) {
        guard let index = brokerIndex(id) else { return }
        brokers[index].answerDelayNs = 0
        guard brokers[index].condition == .running, let pace = brokers[index].pace else { return }
        let from = min(seconds, pace.reached(seconds))
        brokers[index].pace = Pace(since: seconds, from: from, speed: 8)
        beginReview()
    }

    // MARK: In sync or not

    mutating func beginReview() {
        guard !isReviewing else { return }
        isReviewing = true
        schedule(in: Limits.reviewSeconds, .review)
    }

    /// Looks at the replicas of brokers that are behind, and at moves.
    private mutating func review() {
        isReviewing = false
        for index in brokers.indices where brokers[index].pace != nil { review(index) }
        reviewMoves()
        reviewFutures()
        if !moves.isEmpty || !futures.isEmpty
            || brokers.contains(where: { $0.pace != nil && !isAtRest($0) })
        {
            beginReview()
        }
    }

    /// Gone and taken note of: nothing changes until it comes back.
    private func isAtRest(_ broker: SimulatedBroker) -> Bool {
        broker.condition != .running && !broker.isRegistered
    }

    private mutating func review(_ index: Int) {
        guard let pace = brokers[index].pace else { return }
        let id = brokers[index].id
        var isBehind = false
        for row in brokers[index].partitions {
            let partition = Int(row)
            guard leader[partition] != id, leader[partition] >= 0 else { continue }
            let lag = seconds - fetchedTime(partition, index, seconds)
            if lag > Limits.caughtUpSeconds { isBehind = true }
            let isCopying = usualRate[partition] > 0 || pace.speed == 0
            if isInSync(partition, id) {
                if lag > shape.replicaLagSeconds, isCopying { removeFromISR(partition, id) }
            } else if canServe(partition, id), lag <= Limits.caughtUpSeconds || !isCopying {
                join(partition, id)
            }
        }
        if !isBehind, pace.speed > 1, brokers[index].isServing { brokers[index].pace = nil }
    }

    mutating func join(_ partition: Int, _ id: Int32) {
        if moves[Int32(partition)]?.copies.contains(where: { $0.broker == id }) == true { return }
        guard let position = replicas(partition).firstIndex(of: id) else { return }
        inSync[partition] |= 1 << UInt32(position)
        checkMark(partition)
    }

    /// auto.leader.rebalance: leadership goes back to the first replica where it is in sync.
    private mutating func balanceLeaders() {
        schedule(in: Limits.leaderBalanceSeconds, .balanceLeaders)
        for partition in leader.indices {
            let first = replicas(partition).first ?? -1
            guard leader[partition] != first, leader[partition] >= 0, isInSync(partition, first),
                canServe(partition, first)
            else { continue }
            setLeader(partition, first)
        }
    }

    // MARK: The controller

    /// The active controller: one of three of their own on KRaft, else the broker that was elected,
    /// also when it is gone and nobody knows yet.
    var controllerID: Int32 {
        if shape.coordination == .kraft { return 3001 + Int32(controllerTurn % 3) }
        return controllerBroker
    }
}
