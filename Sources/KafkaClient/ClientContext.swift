// What every part of a client shares, and the order in which connections get room for what waits.
import KafkaWire
import Transport

/// What every part of a client shares.
final class ClientContext {
    let loop: Loop
    let config: ClientConfig
    let writes: WritePolicy
    var counters = ClientCounters()
    var isClosed = false
    var flow = FlowControl()
    var logins = LoginGate()
    /// When any connection gave an answer, or a good part of one, last.
    var heardAtNs: UInt64 = 0

    /// Connections find out who answers before an answer counts.
    var checksIdentity = false
    /// The cluster that is meant; nil: any.
    var clusterID: String?
    /// Controllers are asked, who know no Metadata.
    var areControllers = false
    /// Of ApiVersions, to begin the next connection with.
    var apiVersions = Limits.firstApiVersions
    /// Brokers of the newest Metadata.
    var listedCount = 0
    /// The newest connection begun then has shown that it leads to that cluster.
    var provenAtNs: UInt64 = 0
    /// Connections to mapped addresses that have shown it.
    var provenMapped = 0
    /// Another cluster was met: each connection shows for itself where it leads.
    var isSuspicious = false

    private var lanes: [WeakLane] = []
    /// Connections with something to send and no room for it, in the order in which they came.
    private var leading: [BrokerLane] = []
    private var others: [BrokerLane] = []
    private var isWakePlanned = false
    private var stallTimer: TimerID?
    /// The connection that shows where all lead.
    private weak var prover: BrokerLane?
    private var waitingForProof: [BrokerLane] = []

    private struct WeakLane {
        weak var lane: BrokerLane?
    }

    init(loop: Loop, config: ClientConfig, writes: WritePolicy) {
        self.loop = loop
        self.config = config
        self.writes = writes
    }

    var hasRoom: Bool { flow.hasRoom(loop.now) }

    func register(_ lane: BrokerLane) { lanes.append(WeakLane(lane: lane)) }

    /// The lane is pumped when there is room again; what leads to more questions goes first.
    func waitForRoom(_ lane: BrokerLane, isLeading: Bool) {
        if isLeading { leading.append(lane) } else { others.append(lane) }
        watchStalls()
    }

    /// Something that was under way is not any more.
    func roomMade() {
        guard !isWakePlanned, !leading.isEmpty || !others.isEmpty else { return }
        isWakePlanned = true
        loop.later { [weak self] in
            self?.isWakePlanned = false
            self?.wake()
        }
    }

    private func wake() {
        let waiting = leading + others
        leading = []
        others = []
        for (place, lane) in waiting.enumerated() {
            guard hasRoom else {
                // Those that did not get their turn come before any that came meanwhile.
                let rest = waiting[place...]
                leading = rest.filter(\.isWaitingToLead) + leading
                others = rest.filter { !$0.isWaitingToLead } + others
                return
            }
            lane.hasRoomNow()
        }
    }

    /// What a broker owes while others answer is not on the link: it must not keep others waiting.
    private func watchStalls() {
        guard stallTimer == nil else { return }
        stallTimer = loop.after(Limits.stallInterval) { [weak self] in
            guard let self else { return }
            stallTimer = nil
            guard !leading.isEmpty || !others.isEmpty else { return }
            lanes.removeAll { $0.lane == nil }
            for entry in lanes { entry.lane?.releaseIfStalled() }
            roomMade()
            watchStalls()
        }
    }

    /// Whether this connection is the one to show where all lead; where not, it is told when that
    /// is known.
    func becomesProver(_ lane: BrokerLane) -> Bool {
        if prover == nil { prover = lane }
        if prover === lane { return true }
        waitingForProof.append(lane)
        return false
    }

    /// The one that shows it has done so, or has ended.
    func proofEnded(_ lane: BrokerLane) {
        guard prover === lane else { return }
        prover = nil
        let lanes = waitingForProof
        waitingForProof = []
        for lane in lanes { lane.proofIsOver() }
    }

    func close() {
        isClosed = true
        waitingForProof = []
        leading = []
        others = []
        if let stallTimer { loop.cancel(stallTimer) }
        stallTimer = nil
    }
}
