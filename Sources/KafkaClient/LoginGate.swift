// Which connection may log in: after a login was refused no account is tried more than once in half
// a minute, whatever the number of connections, since some systems lock an account after a few.
import Transport

/// Lets one connection log in at a time until a login has succeeded, and none for a while after one
/// was refused.
struct LoginGate {
    /// A login has succeeded since the last refusal: all may log in at once.
    private(set) var isOpen = false
    /// The refusal, and until when nobody tries again.
    private(set) var refusal: (failure: RequestFailure, untilNs: UInt64)?
    private weak var holder: BrokerLane?
    private var waiting: [BrokerLane] = []

    /// Why no connection is made now, and until when.
    func rest(at now: UInt64) -> (failure: RequestFailure, untilNs: UInt64)? {
        guard let refusal, refusal.untilNs > now else { return nil }
        return refusal
    }

    /// Whether this connection may log in now; where not, it is told later.
    mutating func enters(_ lane: BrokerLane) -> Bool {
        if isOpen || holder == nil || holder === lane {
            holder = lane
            return true
        }
        waiting.append(lane)
        return false
    }

    /// Those who may go on.
    mutating func succeeded() -> [BrokerLane] {
        isOpen = true
        refusal = nil
        holder = nil
        defer { waiting = [] }
        return waiting
    }

    /// Those whose login would be refused too.
    mutating func refused(_ failure: RequestFailure, untilNs: UInt64) -> [BrokerLane] {
        isOpen = false
        refusal = (failure, untilNs)
        holder = nil
        defer { waiting = [] }
        return waiting
    }

    /// A connection has ended without a verdict; the next may try.
    mutating func left(_ lane: BrokerLane) -> BrokerLane? {
        waiting.removeAll { $0 === lane }
        guard holder === lane || holder == nil else { return nil }
        holder = nil
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }
}
