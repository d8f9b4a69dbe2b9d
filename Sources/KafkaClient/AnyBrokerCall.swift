// A request that any broker can answer: tried on one after another until one does. When the first
// is slow, the next is asked as well, so that a frozen broker costs a second and not the answer.
import Transport

/// One request with several brokers to choose from; the first answer wins.
final class AnyBrokerCall {
    private let context: ClientContext
    private let kind: CallKind
    private let deadlineNs: UInt64
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
        deadlineNs = context.loop.now + kind.timeoutNs
    }

    /// Asks the next candidate; keeps itself alive until the end.
    func tryNext() {
        guard completion != nil else { return }
        let isLate = context.loop.now >= deadlineNs
        guard !isLate, let broker = candidates.popFirst() else {
            if running == 0 { end(.failure(summary)) }
            return
        }
        running += 1
        let call = Call(context, kind, deadlineNs: deadlineNs) { [self] result in
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
        guard kind.isRepeatable, !candidates.isEmpty,
            running < Limits.anyAttemptsAtOnce
        else { return }
        if let timer { context.loop.cancel(timer) }
        timer = context.loop.after(kind.timeoutNs / Limits.hedgeShare) { [weak self] in
            self?.tryNext()
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
        let each = errors.map { "\($0.place): \($0.what)" }.joined(separator: "; ")
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
