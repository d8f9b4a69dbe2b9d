// How long an answer may be owed, and what it means that none came: only what a broker itself owes,
// while nothing else came from it, makes it silent.
import Transport

extension BrokerLane {
    /// Gives up the room of what this broker owes while others answer.
    func releaseIfStalled() {
        let quiet = quietNs
        let isAlone = context.heardAtNs &+ quiet <= loop.now
        guard quiet >= (isAlone ? Limits.aloneStall : Limits.stall) else { return }
        connecting.release(&context.flow)
        for call in sent { call.passage.release(&context.flow) }
        sent = []
    }

    /// How long an answer may be owed: what was allowed, and longer where the link was measured to
    /// take longer.
    func patience(_ allowed: UInt64) -> UInt64 {
        let now = loop.now
        let measured = max(
            Limits.roundTrips * (broker.roundTripNs ?? 0),
            Limits.longTrips * (context.flow.longestOwed(now) ?? 0),
            Limits.carries * context.flow.carryNs(now))
        return max(allowed, min(measured, Limits.longestPatience))
    }

    /// When the time of a request that has left is over, as things stand.
    func due(_ call: Call) -> UInt64 {
        let sentAt = call.sentAtNs ?? loop.now
        return min(
            sentAt &+ call.kind.longestNs,
            max(sentAt, movedAtNs) &+ min(patience(call.kind.timeoutNs), call.kind.longestNs))
    }

    /// The time of a request is over, unless answers before it have come meanwhile.
    func expired(_ call: Call) {
        guard let id = call.correlationID, let stream else { return }
        let due = due(call)
        guard due <= loop.now else {
            return call.setTimer(at: due) { [weak self] in self?.expired($0) }
        }
        let partial = stream.partial
        let quiet = quietNs
        let took = loop.now - (call.sentAtNs ?? loop.now)
        stream.abandon(id)
        let isQuiet = quiet >= call.kind.timeoutNs / 4 * 3
        if isQuiet {
            if lane == .fast { broker.markSilent(since: sentTimes.first ?? loop.now - quiet) }
            watchSilence()
        }
        let failure = RequestFailure.timedOut(took, partial: partial, isSilent: isQuiet)
        if lane == .fast { broker.failed(call.kind.error(failure, broker)) }
        call.fail(failure, broker)
        sent.removeAll(where: \.isEnded)
        if isQuiet, lane == .fast { refuseWaiting(quiet) }
        if isRetiring { retire() }
    }

    /// What waits would only wait behind what is not answered.
    private func refuseWaiting(_ quiet: UInt64) {
        let calls = waiting
        waiting = []
        for call in calls { call.fail(.silent(forNs: quiet), broker) }
    }

    /// The last moment at which the broker could not have been called silent: an answer came, or it
    /// had asked us to wait.
    private var movedAtNs: UInt64 { max(progressedAtNs, min(broker.throttleEndNs, loop.now)) }

    /// How long the connection has owed us an answer.
    var quietNs: UInt64 {
        switch state {
        case .connecting, .negotiating, .authenticating: return loop.now - connectingSinceNs
        case .idle, .backingOff, .ready:
            guard let oldest = sentTimes.first else { return 0 }
            return loop.now - max(oldest, movedAtNs)
        }
    }

    /// A connection that owes us bytes for too long is made anew: the broker may have lost it.
    private func watchSilence() {
        guard silenceTimer == nil else { return }
        let quiet = quietNs
        let left = config.silentCloseNs > quiet ? config.silentCloseNs - quiet : 0
        silenceTimer = loop.after(left) { [weak self] in
            guard let self else { return }
            silenceTimer = nil
            guard !sentTimes.isEmpty else { return }
            guard quietNs >= config.silentCloseNs else { return watchSilence() }
            drop(.silent(forNs: quietNs), backsOff: false)
            // Nobody need ask: the new connection's first answer is the proof of life.
            if !isRetiring { probe() }
        }
    }
}
