// A request that any broker can answer: tried on one after another until one does. Where no
// connection stands yet the next follows after a small head start, so that servers that are away
// cost moments; where one stands and is quiet, the next is asked as well, so that a frozen broker
// costs a second and not the answer.
import Transport

/// One request with several brokers to choose from; the first answer wins.
final class AnyBrokerCall {
    private let context: ClientContext
    private let kind: CallKind
    private var candidates: ArraySlice<BrokerConnections>
    private var completion: ((Result<Reply, ClientError>) -> Void)?
    private var running = 0
    private var errors: [ClientError] = []
    private var timer: TimerID?

    init(
        _ context: ClientContext, _ kind: CallKind, _ candidates: [BrokerConnections],
        completion: @escaping (Result<Reply, ClientError>) -> Void
    ) {
        self.context = context
        self.kind = kind
        self.candidates = candidates[...]
        self.completion = completion
    }

    /// Asks the next candidate; keeps itself alive until the end.
    func tryNext() {
        guard completion != nil else { return }
        guard let broker = candidates.popFirst() else {
            if running == 0 { end(.failure(summary)) }
            return
        }
        running += 1
        let call = Call(context, kind) { [self] result in
            running -= 1
            switch result {
            case .success: end(result)
            case .failure(let error):
                errors.append(error)
                // What may have been carried out is not asked of another one.
                if error.wasSent, !kind.isRepeatable { candidates = [] }
                if running == 0 || error.code != .timedOut { tryNext() }
            }
        }
        broker.submit(call)
        if kind.isRepeatable { watch(broker) }
    }

    /// Asks the next as well when this one is not quick.
    private func watch(_ broker: BrokerConnections) {
        guard !candidates.isEmpty else { return }
        if let timer { context.loop.cancel(timer) }
        let asked = context.loop.now
        let wasReady = broker.isReady
        let pause =
            wasReady
            ? min(kind.timeoutNs / Limits.hedgeShare, Limits.longestHedge) : Limits.headStart
        timer = context.loop.after(pause) { [weak self] in
            guard let self, completion != nil else { return }
            // It stands by now, or is answering: that is worth the longer wait.
            let isMoving = broker.isReady && (!wasReady || broker.progressedAtNs > asked)
            let isFull = broker.isReady && running >= Limits.anyAttemptsAtOnce
            if isMoving || isFull { watch(broker) } else { tryNext() }
        }
    }

    private func end(_ result: Result<Reply, ClientError>) {
        guard let completion else { return }
        self.completion = nil
        candidates = []
        if let timer { context.loop.cancel(timer) }
        completion(result)
    }

    /// One error for all attempts; it keeps the code when they agree.
    private var summary: ClientError {
        guard errors.count != 1, let first = errors.first else {
            return errors.first ?? kind.error(.noServers, nil)
        }
        let agree = errors.allSatisfy { $0.code == first.code }
        // The refusal of a login is one for all of them.
        let isSame = errors.allSatisfy { $0.what == first.what }
        let each =
            isSame && first.code == .loginFailed
            ? first.what : errors.map { "\($0.place): \($0.what)" }.joined(separator: "; ")
        var error = kind.error(
            RequestFailure(
                code: agree ? first.code : .noBroker, what: each,
                advice: agree ? first.advice : ""),
            nil)
        error.wasSent = errors.contains(where: \.wasSent)
        error.attempts = errors
        return error
    }
}
