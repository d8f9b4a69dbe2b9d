// One request on its way to one broker: how to write it, how long it may take, who gets the answer.
// It ends exactly once.
import KafkaWire
import Transport

/// What every part of a client shares.
final class ClientContext {
    let loop: Loop
    let config: ClientConfig
    let writes: WritePolicy
    var counters = ClientCounters()
    var isClosed = false

    init(loop: Loop, config: ClientConfig, writes: WritePolicy) {
        self.loop = loop
        self.config = config
        self.writes = writes
    }
}

/// An answer before it is decoded.
struct Reply {
    let buffer: FrameBuffer
    let version: Int16
    let broker: BrokerConnections
    let sentAtNs: UInt64
    let receivedAtNs: UInt64
}

/// What a request is, whoever it goes to: the same for each attempt.
struct CallKind {
    let key: Int16
    let name: String
    let effect: ApiEffect
    let verb: String
    let versions: ClosedRange<Int16>
    let lane: Lane
    let timeoutNs: UInt64
    let encode: (_ version: Int16, _ id: Int32, _ client: String) throws(WireFault) -> [UInt8]

    /// The request may be sent again, also to another broker.
    var isRepeatable: Bool { effect == .reads }

    func error(_ failure: RequestFailure, _ broker: BrokerConnections?) -> ClientError {
        ClientError(
            code: failure.code, api: name, effect: effect, action: verb,
            brokerID: broker?.id, endpoint: broker?.endpoint, what: printable(failure.what),
            advice: failure.advice)
    }
}

/// One attempt of a request with one broker.
final class Call {
    let kind: CallKind
    let deadlineNs: UInt64
    private let context: ClientContext
    private var completion: ((Result<Reply, ClientError>) -> Void)?
    private var timer: TimerID?

    /// Set when the request was handed to a connection.
    var sentAtNs: UInt64?
    var correlationID: Int32?

    init(
        _ context: ClientContext, _ kind: CallKind, deadlineNs: UInt64,
        completion: @escaping (Result<Reply, ClientError>) -> Void
    ) {
        self.context = context
        self.kind = kind
        self.deadlineNs = deadlineNs
        self.completion = completion
    }

    var isEnded: Bool { completion == nil }

    func setTimer(_ expire: @escaping (Call) -> Void) {
        timer = context.loop.at(deadlineNs) { [weak self] in
            guard let self, !isEnded else { return }
            expire(self)
        }
    }

    func end(_ result: Result<Reply, ClientError>) {
        guard let completion else { return }
        self.completion = nil
        if let timer { context.loop.cancel(timer) }
        switch result {
        case .success: context.counters.answers += 1
        case .failure: context.counters.failures += 1
        }
        completion(result)
    }

    func fail(_ failure: RequestFailure, _ broker: BrokerConnections?) {
        var error = kind.error(failure, broker)
        error.wasSent = sentAtNs != nil
        end(.failure(error))
    }
}
