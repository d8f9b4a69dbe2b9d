// One request of a caller, from its first wait to its one end, and the queue it waits in.
import Transport

/// A request before and while it is asked.
final class SessionCall {
    /// As in "read /controller", for its error.
    let action: String
    /// A read may be asked again of another server.
    let isRead: Bool
    let encode: (_ xid: Int32) -> [UInt8]
    /// When it was handed in, or when the server it waited for was lost.
    var waitsSince: UInt64
    let submittedAt: UInt64
    /// How often it was sent.
    var attempts = 0
    /// Nil once it has ended.
    private var finish: ((Result<ReplyFrame, ZooKeeperError>) -> Void)?

    init(
        action: String, isRead: Bool, now: UInt64,
        encode: @escaping (Int32) -> [UInt8],
        finish: @escaping (Result<ReplyFrame, ZooKeeperError>) -> Void
    ) {
        self.action = action
        self.isRead = isRead
        self.encode = encode
        self.finish = finish
        waitsSince = now
        submittedAt = now
    }

    var isEnded: Bool { finish == nil }

    func end(_ result: Result<ReplyFrame, ZooKeeperError>) {
        guard let finish else { return }
        self.finish = nil
        finish(result)
    }

    func fail(_ failure: SessionFailure, _ server: Endpoint?) {
        end(.failure(failure.error(action, server)))
    }
}

/// An answer: its header and the whole frame, header included.
struct ReplyFrame {
    let head: ReplyHead
    let bytes: [UInt8]
    let server: Endpoint
}

/// Requests in the order they came.
struct CallQueue {
    private var calls: [SessionCall] = []
    private var first = 0

    var count: Int { calls.count - first }
    var isEmpty: Bool { count == 0 }
    /// Those waiting, in order.
    private var all: ArraySlice<SessionCall> { calls[first...] }

    /// The smallest of a time that grows from call to call.
    func earliest(_ time: (SessionCall) -> UInt64) -> UInt64? { all.first.map(time) }

    func forEach(_ body: (SessionCall) -> Void) { all.forEach(body) }

    mutating func append(_ call: SessionCall) { calls.append(call) }

    mutating func popFirst() -> SessionCall? {
        guard first < calls.count else { return nil }
        let call = calls[first]
        first += 1
        if first >= 256, first * 2 >= calls.count {
            calls.removeFirst(first)
            first = 0
        }
        return call
    }

    /// Puts calls before all others, in their order.
    mutating func putBack(_ returned: [SessionCall]) {
        calls = returned + calls[first...]
        first = 0
    }

    mutating func removeAll() -> [SessionCall] {
        defer {
            calls = []
            first = 0
        }
        return Array(calls[first...])
    }

    /// Takes out those for which `isOver` holds.
    mutating func remove(where isOver: (SessionCall) -> Bool) -> [SessionCall] {
        let over = all.filter(isOver)
        if !over.isEmpty {
            calls = all.filter { !isOver($0) }
            first = 0
        }
        return over
    }
}
