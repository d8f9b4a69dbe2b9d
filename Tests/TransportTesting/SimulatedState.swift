// The inside of the simulated system: what one step of virtual time does to sockets and queues.
import Glibc
import Transport

/// A small generator of random numbers, the same for the same seed (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension SimulatedSystem.State {
    enum Step {
        case deadline
        case happened(SimulatedSystem.Event)
        case deadlock
    }

    mutating func note(_ kind: UInt64, _ value: UInt64) {
        trace = (trace ^ (kind << 56 ^ value ^ now)) &* 0x100_0000_01b3
    }

    /// The network's delay, 50 to 500 microseconds.
    mutating func delay() -> UInt64 { UInt64.random(in: 50_000...500_000, using: &random) }

    mutating func push(
        _ handle: Int32, _ delay: UInt64, _ what: SimulatedSystem.Happening
    ) {
        sequence += 1
        let event = SimulatedSystem.Event(
            at: now + delay, sequence: sequence, handle: handle, what: what)
        // Kept sorted, the next event last; few are outstanding at a time.
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            let other = events[middle]
            if (other.at, other.sequence) > (event.at, event.sequence) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        events.insert(event, at: low)
    }

    mutating func ready() -> [SystemEvent] {
        sockets.sorted { $0.key < $1.key }.compactMap { _, socket in
            let readable =
                socket.reading && socket.isConnected
                && (!socket.incoming.isEmpty || socket.isEnded || socket.isReset)
            let writable = socket.writing && (socket.isConnected || socket.error != 0)
            guard readable || (writable && socket.isConnected) else { return nil }
            return SystemEvent(
                token: socket.token, isReadable: readable, isWritable: writable)
        }
    }

    mutating func advance(until deadline: UInt64?) -> Step {
        guard let next = events.last, next.at <= deadline ?? UInt64.max else {
            guard let deadline else { return .deadlock }
            now = max(now, deadline)
            return .deadline
        }
        events.removeLast()
        now = max(now, next.at)
        return .happened(next)
    }

    /// Changes the sockets; gives the server that is to be told.
    mutating func apply(_ event: SimulatedSystem.Event) -> (any SimulatedServer)? {
        note(2, UInt64(UInt32(bitPattern: event.handle)))
        switch event.what {
        case .connected:
            sockets[event.handle]?.isConnected = true
            guard sockets[event.handle]?.error == 0 else { return nil }
        case .arrive(let bytes): sockets[event.handle]?.incoming += bytes
        case .end: sockets[event.handle]?.isEnded = true
        case .reset:
            sockets[event.handle]?.isReset = true
            sockets[event.handle]?.incoming = []
        case .serverReceives, .call: break
        }
        return sockets[event.handle]?.server
    }

    /// Bytes for the client: 1 to 700 at a time.
    mutating func take(_ handle: Int32, room: Int) -> ([UInt8], Int) {
        guard let socket = sockets[handle] else { return ([], -Int(EBADF)) }
        if socket.isReset { return ([], -Int(ECONNRESET)) }
        guard !socket.incoming.isEmpty else { return ([], socket.isEnded ? 0 : -Int(EAGAIN)) }
        let share = readLimit ?? Int.random(in: 1...700, using: &random)
        let count = min(share, room, socket.incoming.count)
        let bytes = [UInt8](socket.incoming[..<count])
        sockets[handle]?.incoming.removeFirst(count)
        note(3, UInt64(count))
        return (bytes, count)
    }

    /// Bytes from the client: one write in five finds no room, the others take 1 to 400.
    mutating func give(_ handle: Int32, _ bytes: [UInt8]) -> Int {
        guard let socket = sockets[handle] else { return -Int(EBADF) }
        if socket.isReset { return -Int(EPIPE) }
        if UInt8.random(in: 0..<5, using: &random) == 0 { return -Int(EAGAIN) }
        let count = min(bytes.count, Int.random(in: 1...400, using: &random))
        let at = max(now + delay(), socket.lastDelivery)
        sockets[handle]?.lastDelivery = at
        push(handle, at - now, .serverReceives([UInt8](bytes[..<count])))
        note(4, UInt64(count))
        return count
    }
}
