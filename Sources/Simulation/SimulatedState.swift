// The inside of the simulated system: what one step of virtual time does to sockets and queues.
internal import Glibc
internal import Transport

extension SimulatedSystem.State {
    enum Step {
        case deadline
        case happened(SimulatedSystem.Event)
        case deadlock
        /// Real time has not come so far: sleep so long, or until woken.
        case sleep(milliseconds: Int32)
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

    /// What can be done on each socket, in the order they were opened. Only sockets that something
    /// happened to are looked at.
    mutating func ready() -> [SystemEvent] {
        var found: [SystemEvent] = []
        var kept: [Int32] = []
        for handle in touched {
            guard let socket = sockets[handle], socket.isConnected else { continue }
            let readable =
                socket.reading && (!socket.incoming.isEmpty || socket.isEnded || socket.isReset)
            guard readable || socket.writing else { continue }
            kept.append(handle)
            found.append(
                SystemEvent(
                    token: socket.token, isReadable: readable, isWritable: socket.writing))
        }
        touched = kept
        return found
    }

    /// Something may be done on a socket from now on.
    mutating func touch(_ handle: Int32) {
        let at = touched.firstIndex { $0 >= handle } ?? touched.count
        if at == touched.count || touched[at] != handle { touched.insert(handle, at: at) }
    }

    mutating func advance(until deadline: UInt64?) -> Step {
        if let step = sleepStep(until: deadline) { return step }
        guard let next = events.last, next.at <= deadline ?? UInt64.max else {
            guard let deadline else { return .deadlock }
            now = max(now, deadline)
            return .deadline
        }
        events.removeLast()
        now = max(now, next.at)
        return .happened(next)
    }

    /// When time follows the real clock: how long nothing happens, or nil where something is due.
    private mutating func sleepStep(until deadline: UInt64?) -> Step? {
        let next = min(events.last?.at ?? .max, deadline ?? .max)
        if let from = followsFrom, following == nil, next >= from {
            now = max(now, from)
            following = SimulatedSystem.Following(
                real: SimulatedSystem.realNow(), base: now, speed: followSpeed)
        }
        guard following != nil else { return nil }
        catchUp()
        guard next > now else { return nil }
        guard next < .max else { return .sleep(milliseconds: -1) }
        let left = Double(next - now) / followSpeed / 1e6
        return .sleep(milliseconds: Int32(min(max(1, left.rounded(.up)), 3_600_000)))
    }

    /// Brings virtual time to where the real clock says it is.
    mutating func catchUp() {
        guard let following else { return }
        let real = SimulatedSystem.realNow() - following.real
        now = max(now, following.base + UInt64(Double(real) * following.speed))
    }

    /// Changes the sockets; gives the server to notify.
    mutating func apply(_ event: SimulatedSystem.Event) -> (any SimulatedServer)? {
        note(2, UInt64(UInt32(bitPattern: event.handle)))
        if case .crosses(let what, let way) = event.what {
            cross(event.handle, what, way)
            return nil
        }
        touch(event.handle)
        switch event.what {
        case .connected:
            sockets[event.handle]?.isConnected = true
            guard sockets[event.handle]?.error == 0 else { return nil }
        case .arrive(let bytes): sockets[event.handle]?.incoming += bytes
        case .end: sockets[event.handle]?.isEnded = true
        case .reset:
            sockets[event.handle]?.isReset = true
            sockets[event.handle]?.incoming = []
        case .serverReceives, .call, .crosses: break
        }
        return sockets[event.handle]?.server
    }

    /// Bytes for the client: 1 to 700 at a time where the network cuts, else all there are.
    mutating func take(_ handle: Int32, room: Int) -> ([UInt8], Int) {
        guard let socket = sockets[handle] else { return ([], -Int(EBADF)) }
        if socket.isReset { return ([], -Int(ECONNRESET)) }
        guard !socket.incoming.isEmpty else { return ([], socket.isEnded ? 0 : -Int(EAGAIN)) }
        let share = readLimit ?? (cuts ? Int.random(in: 1...700, using: &random) : room)
        let count = min(share, room, socket.incoming.count)
        note(3, UInt64(count))
        if count == socket.incoming.count {
            sockets[handle]?.incoming = []
            return (socket.incoming, count)
        }
        sockets[handle]?.incoming.removeFirst(count)
        return ([UInt8](socket.incoming[..<count]), count)
    }

    /// Bytes from the client. Where the network cuts, one write in five finds no room and the
    /// others take 1 to 400.
    mutating func give(_ handle: Int32, _ bytes: [UInt8]) -> Int {
        guard let socket = sockets[handle] else { return -Int(EBADF) }
        if socket.isReset { return -Int(EPIPE) }
        if cuts, UInt8.random(in: 0..<5, using: &random) == 0 { return -Int(EAGAIN) }
        let count =
            cuts ? min(bytes.count, Int.random(in: 1...400, using: &random)) : bytes.count
        if use != nil {
            send(handle, .serverReceives([UInt8](bytes[..<count])), .up, from: now + delay())
            note(4, UInt64(count))
            return count
        }
        let at = max(now + delay(), socket.lastDelivery)
        sockets[handle]?.lastDelivery = at
        push(handle, at - now, .serverReceives([UInt8](bytes[..<count])))
        note(4, UInt64(count))
        return count
    }
}
