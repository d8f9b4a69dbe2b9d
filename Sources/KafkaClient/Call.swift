// One request on its way to one broker: how to write it, how long it may take, who gets the answer.
// It ends exactly once.
import KafkaWire
import Transport

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
    /// How long an answer may be owed: from leaving, or from the last answer before it on its
    /// connection, which the broker works on first.
    let timeoutNs: UInt64
    /// From leaving to the answer, whatever happens meanwhile.
    let longestNs: UInt64
    /// Its answer leads to other questions: it leaves before what waits.
    let isLeading: Bool
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
    private let context: ClientContext
    private var completion: ((Result<Reply, ClientError>) -> Void)?
    private var timer: TimerID?

    /// Set when the request was handed to a connection.
    var sentAtNs: UInt64?
    var correlationID: Int32?
    /// What flow control holds of it while it is under way.
    var passage: Passage?

    init(
        _ context: ClientContext, _ kind: CallKind,
        completion: @escaping (Result<Reply, ClientError>) -> Void
    ) {
        self.context = context
        self.kind = kind
        self.completion = completion
    }

    var isEnded: Bool { completion == nil }

    func setTimer(at time: UInt64, _ expire: @escaping (Call) -> Void) {
        timer = context.loop.at(time) { [weak self] in
            guard let self, !isEnded else { return }
            expire(self)
        }
    }

    func end(_ result: Result<Reply, ClientError>) {
        guard let completion else { return }
        self.completion = nil
        if let timer { context.loop.cancel(timer) }
        switch result {
        case .success(let reply):
            context.counters.answers += 1
            passage.arrive(&context.flow, bytes: reply.buffer.count, at: context.loop.now)
        case .failure:
            context.counters.failures += 1
            passage.release(&context.flow)
        }
        context.roomMade()
        completion(result)
    }

    func fail(_ failure: RequestFailure, _ broker: BrokerConnections?) {
        var error = kind.error(failure, broker)
        error.wasSent = sentAtNs != nil
        end(.failure(error))
    }
}

extension Passage? {
    mutating func arrive(_ flow: inout FlowControl, bytes: Int, at now: UInt64) {
        guard var passage = self else { return }
        flow.arrived(&passage, bytes: bytes, at: now)
        self = nil
    }

    mutating func release(_ flow: inout FlowControl) {
        guard var passage = self else { return }
        flow.release(&passage)
        self = nil
    }
}
