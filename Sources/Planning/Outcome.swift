// What becomes of a change that was confirmed, as it is told to whoever confirmed it.

/// What the cluster said to one resource of a request.
package struct StepOutcome: Hashable, Sendable {
    package var resource: String
    /// Kafka's name of the error; nil: done.
    package var error: String?
    /// Kafka's own sentence.
    package var message: String?

    package init(_ resource: String, error: String? = nil, message: String? = nil) {
        self.resource = resource
        self.error = error
        self.message = message
    }
}

/// What an operator reports before it works, while it works and when it is done.
package enum OperationEvent: Equatable, Sendable {
    /// What was proposed, with the facts as they are now and with Kafka's word on whether it would
    /// be taken.
    case prepared(ChangeRequest, Proposal)
    /// Nothing was sent.
    case refused(OperationRefusal)
    /// It is written down by this name, and its first request is about to leave.
    case begun(id: String)
    /// So many of its requests are answered.
    case progress(done: Int, of: Int)
    /// How far the execution of a plan is.
    case moving(MovingProgress)
    /// Over: all outcomes, and why requests were left out, if any were.
    case ended(outcomes: [StepOutcome], reason: String?)
    /// After the end: what was changed was read again.
    case readAgain(ReadAgain)
    /// Of the plan that is carried out beside other changes.
    indirect case ofPlan(OperationEvent)
}

/// How far the execution of a plan is.
package struct MovingProgress: Hashable, Sendable {
    /// Partitions: all, those that are where they were to be, on their way, and given up.
    package var of: Int
    package var done = 0
    package var inFlight = 0
    package var dropped = 0
    /// Why the first of those was given up, with its name.
    package var droppedBecause: String?
    /// Of new replicas.
    package var bytesDone: Int64 = 0
    package var bytesTotal: Int64 = 0
    /// Of the newest minute; nil before there is one.
    package var bytesPerSecond: Double?
    package var secondsLeft: Double?
    /// Why nothing new begins now, in words without a full stop.
    package var paused: [String] = []
    /// Why what is left does not begin although nothing holds it, in words without a full stop.
    package var waits: [String] = []
    /// Why the cluster could not be read or asked just now.
    package var trouble: String?
    /// Bytes a second for each broker and direction; nil: no throttle.
    package var throttle: Int64?

    package init(of: Int) { self.of = of }
}

/// What becomes of a plan whose process was ended, by the name of the command for it.
package enum PlanSequel: String, Hashable, Sendable {
    /// It goes on, from where the cluster stands.
    case resume
    /// What is in flight ends, nothing new begins, and its throttles go.
    case adopt
    /// It is over at once: its throttles go, and what is in flight goes on without any.
    case forget
}

/// What was read again after a change.
package struct ReadAgain: Equatable, Sendable {
    /// How long after the end, in seconds.
    package var afterSeconds: Double
    /// What is not as it was set: each as it was to be, with what it is now.
    package var differing: [OperationRefusal.FactChange]
    /// Why it could not be read; nil where it was.
    package var failure: String?

    package init(
        afterSeconds: Double, differing: [OperationRefusal.FactChange], failure: String? = nil
    ) {
        self.afterSeconds = afterSeconds
        self.differing = differing
        self.failure = failure
    }
}

/// Why nothing was sent.
package enum OperationRefusal: Error, Hashable, Sendable {
    /// Another operation of this session is under way.
    case busy
    /// This version does not carry out such a change.
    case unsupported(kind: String)
    /// The facts could not be read again.
    case unread(String)
    case otherCluster(String?)
    /// What the review showed is no longer so: the facts now, each with what it was.
    case changed([FactChange])
    /// What is to be written down first cannot be.
    case journal(String)
    /// What stands against a plan in the cluster as it is now.
    case hindered([String])

    /// A fact that differs from the one reviewed.
    package struct FactChange: Hashable, Sendable {
        package var reviewed: Fact
        package var now: String?

        package init(reviewed: Fact, now: String?) {
            self.reviewed = reviewed
            self.now = now
        }
    }

    /// One sentence without a full stop.
    package var sentence: String {
        switch self {
        case .busy: "another change of this session is under way"
        case .unsupported(let kind): "this version does not carry out \(kind)"
        case .unread(let why): why
        case .otherCluster(let id):
            "the cluster that answers now is \(id ?? "one without an id"), not the one reviewed"
        case .changed(let facts):
            "\(counted(facts.count, "value")) changed since the review"
        case .journal(let why): why
        case .hindered(let reasons): reasons.joined(separator: "; ")
        }
    }
}
