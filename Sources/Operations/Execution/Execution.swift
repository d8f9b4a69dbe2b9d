// The execution of a plan as a state machine: facts of the cluster in, the next request out. It
// assumes nothing of what it did before: where the cluster stands says what is left to do, so that
// it goes on from any point after its process was ended.
internal import KafkaClient
package import Planning

/// Carries one plan out, a request at a time.
package struct Execution {
    /// Where one partition stands.
    enum State: Equatable {
        /// Not told this time.
        case unknown
        /// It has what it was to have.
        case done
        /// A step of ours is under way.
        case moving(OngoingMove)
        /// To be moved on from these replicas; a step in another direction may be under way.
        case waiting([Int32])
        /// Its replicas are in the order that lets Kafka elect the leader it is to have.
        case turned
        /// It is left as it is; `left` says why.
        case dropped
    }

    let moves: [PlannedMove]
    let names: [PartitionName]
    let places: [PartitionName: Int]
    let topics: [String]
    /// Bytes a second; nil: no throttle.
    private(set) var throttle: Int64?
    let earlier: EarlierThrottles
    /// By topic, as it was when the plan was begun.
    let knownTopics: [String: KnownTopic]
    let drained: [Int32]
    let clusterID: String
    /// May send as leaders, and may get new replicas.
    let sources: Set<Int32>
    let destinations: Set<Int32>
    /// Who may be throttled, ascending.
    package let involved: [Int32]

    // What it remembers; all of it may be lost.
    var states: [State]
    /// Moves that are given up, by their place.
    package internal(set) var left: [Int: String] = [:]
    /// The next step's moves, for which throttles are being set.
    var chosen: [Int] = []
    var failures: [String: Failure] = [:]
    var goneLooks: [Int: Int] = [:]
    var leaderLooks: [Int: Int] = [:]
    /// Topics whose lists are as they were before us.
    var settledTopics: Set<String> = []
    var areRatesOurs = false
    var areRatesRestored = false
    var endLooks = 0
    var wantsWhole = false
    /// Why what is left does not begin, as of the newest look, in words without a full stop.
    var waits: [String] = []
    /// What is wanted of it, as of the newest look.
    var mode = ExecutionMode.run
    /// How often throttles were set in a row without anything else, by resource.
    private var throttleRequests: [String: Int] = [:]
    var guards = Guards()
    var elsewhere: MovingReading.Elsewhere?

    /// What was answered to requests about one resource.
    struct Failure {
        var count = 0
        var text: String
        var isFinal: Bool
    }

    package init(
        _ plan: PlanExecution, clusterID: String, earlier: EarlierThrottles,
        topics known: [String: KnownTopic]
    ) {
        moves = plan.moves
        names = plan.moves.map(\.name)
        places = Dictionary(
            names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        topics = Set(plan.moves.lazy.map(\.topic)).sorted()
        throttle = plan.throttle
        drained = plan.drained
        self.earlier = earlier
        knownTopics = known
        self.clusterID = clusterID
        var (sources, destinations): (Set<Int32>, Set<Int32>) = ([], [])
        var all: Set<Int32> = []
        for move in plan.moves {
            let added = move.added
            all.formUnion(move.touched)
            guard !added.isEmpty else { continue }
            sources.formUnion(move.before)
            destinations.formUnion(added)
        }
        self.sources = sources
        self.destinations = destinations
        involved = all.union(sources).union(destinations).sorted()
        states = Array(repeating: .unknown, count: plan.moves.count)
    }

    // MARK: One look

    /// What to do next, of what the cluster says now.
    package mutating func next(
        _ facts: ExecutionFacts, _ mode: ExecutionMode, nowNs: UInt64
    ) -> ExecutionDecision {
        let decision = decide(facts, mode, nowNs: nowNs)
        guard case .send(let request) = decision, request.isOfThrottles else {
            throttleRequests = [:]
            return decision
        }
        var most: (resource: String, count: Int) = ("", 0)
        for resource in request.resources {
            throttleRequests[resource, default: 0] += 1
            let count = throttleRequests[resource, default: 0]
            if count > most.count { most = (resource, count) }
        }
        guard most.count > Limits.throttleRequests else { return decision }
        waits.append(
            "the throttle of \(most.resource) is set again and again and is not there a moment "
                + "later: somebody else changes it")
        // Every other look, so that neither the cluster nor the journal fills with it.
        return most.count % 2 == 0 ? .wait : decision
    }

    private mutating func decide(
        _ facts: ExecutionFacts, _ mode: ExecutionMode, nowNs: UInt64
    ) -> ExecutionDecision {
        self.mode = mode
        if let id = facts.reading.clusterID, id != clusterID {
            return .end("cluster \(id) answers now, and not \(clusterID): nothing more is sent")
        }
        if let whole = facts.reading.elsewhere { elsewhere = whole }
        waits = []
        look(facts)
        judge(facts, mode, nowNs)
        let isHeld = !guards.reasons.isEmpty
        if let decision = throttleBefore(facts, mode) { return decision }
        switch mode {
        case .run where !isHeld:
            if let decision = submit(facts) { return decision }
        case .stop:
            if let request = takeBack(facts) { return .send(request) }
        case .run, .pause, .adopt, .forget: chosen = []
        }
        if let request = listsToSet(facts, for: []) { return .send(request) }
        if mode != .forget, isAnyMoving || states.contains(.unknown) { return .wait }
        if mode == .run || mode == .pause {
            if mode == .pause || states.contains(where: \.isWaiting) { return .wait }
            // Leaders copy nothing: what holds copies back does not hold them.
            if let decision = leaders(facts) { return decision }
        }
        return restore(facts, mode)
    }

    /// Another throttle from now on; brokers are told with the next request.
    mutating func setThrottle(_ bytesPerSecond: Int64) {
        guard throttle != bytesPerSecond else { return }
        throttle = bytesPerSecond
        areRatesOurs = false
    }

    var isAnyMoving: Bool { states.contains { if case .moving = $0 { true } else { false } } }

    /// What it wants to know for its next look.
    package var questions: ExecutionQuestions {
        var questions = ExecutionQuestions(isWhole: wantsWhole)
        var busy: Set<String> = []
        for (index, state) in states.enumerated() {
            guard case .moving(let move) = state else { continue }
            busy.insert(moves[index].topic)
            for broker in move.adding {
                questions.replicas[broker, default: []].append(names[index])
            }
        }
        for index in chosen { busy.insert(moves[index].topic) }
        questions.topics = topics.filter { !settledTopics.contains($0) || busy.contains($0) }
        let isSettled = needsThrottle ? areRatesOurs : areRatesRestored
        questions.brokers = isSettled ? [] : involved
        return questions
    }

    /// Takes in what was answered: by resource Kafka's name of the error with its words, or nil.
    package mutating func take(_ request: ExecutionRequest, _ outcomes: [StepOutcome]) {
        let kind = request.failureKind
        for outcome in outcomes {
            let key = kind + outcome.resource
            guard let error = outcome.error else {
                failures[key] = nil
                continue
            }
            var failure = failures[key] ?? Failure(text: "", isFinal: false)
            failure.count += 1
            failure.text = error + (outcome.message.map { ": \($0)" } ?? "")
            failure.isFinal = Self.finalErrors.contains(error)
            failures[key] = failure
        }
        switch request {
        case .reassign(let items):
            for item in items {
                guard let index = places[item.partition],
                    let failure = failures[kind + item.partition.resource], isOver(failure)
                else { continue }
                drop(index, "Kafka refuses its move: \(failure.text)")
            }
            chosen = []
        case .rates:
            areRatesOurs = false
            areRatesRestored = false
        case .lists, .elect: break
        }
    }

    /// Refusals that asking again does not change.
    private static let finalErrors: Set<String> = [
        "INVALID_REPLICA_ASSIGNMENT", "INVALID_REPLICATION_FACTOR", "UNKNOWN_TOPIC_OR_PARTITION",
        "CLUSTER_AUTHORIZATION_FAILED", "TOPIC_AUTHORIZATION_FAILED", "POLICY_VIOLATION",
        "INVALID_CONFIG", "INVALID_REQUEST", "UNSUPPORTED_VERSION",
    ]

    func isOver(_ failure: Failure) -> Bool {
        failure.count >= (failure.isFinal ? Limits.finalRefusals : Limits.passingRefusals)
    }

    mutating func drop(_ index: Int, _ reason: String) {
        left[index] = reason
        states[index] = .dropped
    }
}

extension Execution.State {
    var isWaiting: Bool { if case .waiting = self { true } else { false } }
}

extension ExecutionRequest {
    /// Refusals of elections and of moves of one partition are counted apart.
    var failureKind: String { if case .elect = self { "elect " } else { "" } }

    fileprivate var isOfThrottles: Bool {
        switch self {
        case .lists, .rates: true
        case .reassign, .elect: false
        }
    }
}
