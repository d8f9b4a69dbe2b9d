// The simulated operating system behind Transport: virtual time, a seeded network, servers as
// objects. The same seed gives the same run. Time jumps from event to event, or follows the real
// clock at a speed: then the whole console runs on it with nothing installed.
internal import Glibc
package import Transport

/// A server inside the simulation. Called on the loop's thread, in virtual time.
package protocol SimulatedServer: AnyObject, Sendable {
    func opened(_ side: ServerSide)
    func received(_ bytes: [UInt8], _ side: ServerSide)
    /// The client closed its end.
    func closed(_ side: ServerSide)
}

extension SimulatedServer {
    package func opened(_ side: ServerSide) {}
    package func closed(_ side: ServerSide) {}
}

/// The server's end of one simulated connection.
package struct ServerSide: Sendable {
    package let system: SimulatedSystem
    package let handle: Int32

    package init(system: SimulatedSystem, handle: Int32) {
        self.system = system
        self.handle = handle
    }

    /// Lets bytes arrive at the client after the network's delay and `delayNs` more.
    package func send(_ bytes: [UInt8], delayNs: UInt64 = 0) {
        system.schedule(handle, delayNs, .arrive(bytes))
    }

    package func end(delayNs: UInt64 = 0, reset: Bool = false) {
        system.schedule(handle, delayNs, reset ? .reset : .end)
    }
}

/// What becomes of a connection attempt to an address.
package enum SimulatedAddress: Sendable {
    case serves(any SimulatedServer)
    /// Fails with this error number.
    case fails(Int32)
    /// Nothing ever comes back.
    case ignores

    package static var refuses: SimulatedAddress { .fails(ECONNREFUSED) }
}

/// Virtual time and a simulated network.
package final class SimulatedSystem: OperatingSystem {
    enum Happening {
        case connected
        case arrive([UInt8])
        case end
        case reset
        case serverReceives([UInt8])
        case call(@Sendable () -> Void)
        /// Comes to the narrow part of the link.
        indirect case crosses(Happening, SimulatedLink.Way)
    }

    struct Event {
        let at: UInt64
        let sequence: UInt64
        let handle: Int32
        let what: Happening
    }

    struct Socket {
        var token: UInt64
        var server: (any SimulatedServer)?
        var isConnected = false
        var error: Int32 = 0
        var incoming: [UInt8] = []
        var isEnded = false
        var isReset = false
        var reading = false
        var writing = true
        var lastArrival: UInt64 = 0
        var lastDelivery: UInt64 = 0
    }

    struct State {
        var now = SimulatedSystem.startNs
        var random: SeededGenerator
        var sequence: UInt64 = 0
        var events: [Event] = []
        var sockets: [Int32: Socket] = [:]
        /// Handles of sockets that may be ready, ascending.
        var touched: [Int32] = []
        var nextHandle: Int32 = 3
        var addresses: [Address: SimulatedAddress] = [:]
        var names: [String: Result<[Address], LookupFailure>] = [:]
        var isAwake = false
        var onDeadlock: (@Sendable () -> Void)?
        var trace: UInt64 = 0xcbf2_9ce4_8422_2325
        var opened: [Address] = []
        /// One byte a read when set, else a random share.
        var readLimit: Int?
        /// Whether reads and writes are cut short at random.
        var cuts = true
        /// The wall clock at the start; nil: it began with the virtual clock.
        var wallStartMs: Int64?
        /// From this moment on time follows the real clock.
        var followsFrom: UInt64?
        var followSpeed = 1.0
        var following: Following?
        /// Nil: a fast network.
        var use: LinkUse?
    }

    /// Virtual time tied to the real clock.
    struct Following {
        var real: UInt64
        var base: UInt64
        var speed: Double
    }

    /// When virtual time begins.
    package static let startNs: UInt64 = 1_000_000_000

    let state: Locked<State>

    /// What ends a sleep in real time: both ends of a pipe, -1 where time is only virtual.
    private let waker: (read: Int32, write: Int32)

    /// - Parameters:
    ///   - cuts: whether reads and writes are cut short at random, as a network may.
    ///   - wallStartMs: the wall clock when virtual time begins.
    ///   - following: from when on and how fast virtual time follows the real clock; nil: never.
    package init(
        seed: UInt64 = 1, cuts: Bool = true, wallStartMs: Int64? = nil,
        following: (fromNs: UInt64, speed: Double)? = nil
    ) {
        var state = State(random: SeededGenerator(seed: seed))
        state.cuts = cuts
        state.wallStartMs = wallStartMs
        state.followsFrom = following?.fromNs
        state.followSpeed = min(max(following?.speed ?? 1, 0.01), 10_000)
        var ends: [Int32] = [-1, -1]
        if following != nil {
            if pipe(&ends) != 0 { ends = [-1, -1] }
            for end in ends where end >= 0 { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        }
        waker = (ends[0], ends[1])
        self.state = Locked(state)
    }

    deinit {
        guard waker.read >= 0 else { return }
        _ = Glibc.close(waker.read)
        _ = Glibc.close(waker.write)
    }

    /// The host's monotonic clock.
    package static func realNow() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Whether virtual time follows the real clock by now.
    package var isFollowing: Bool { state.withLock { $0.following != nil } }

    // MARK: Setting the scene

    package func set(_ address: Address, _ behaviour: SimulatedAddress) {
        state.withLock { $0.addresses[address] = behaviour }
    }

    /// A name without an entry never gets an answer.
    package func setName(_ name: String, _ result: Result<[Address], LookupFailure>) {
        state.withLock { $0.names[name] = result }
    }

    /// What lies between the client and all servers from now on; nil: a fast network.
    package func setLink(_ link: SimulatedLink?) {
        state.withLock { state in
            guard let link else {
                state.use = nil
                return
            }
            var use = state.use ?? LinkUse()
            use.link = link
            state.use = use
        }
    }

    package func limitReads(to bytes: Int?) { state.withLock { $0.readLimit = bytes } }

    /// Called when nothing is left that could ever happen.
    package func onDeadlock(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onDeadlock = action }
    }

    /// Runs `action` at a point in virtual time.
    package func after(_ nanoseconds: UInt64, _ action: @escaping @Sendable () -> Void) {
        schedule(0, nanoseconds, .call(action))
    }

    /// Runs `action` when virtual time reaches a moment; at once where it has passed.
    package func at(_ time: UInt64, _ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.push(0, time > $0.now ? time - $0.now : 0, .call(action)) }
    }

    /// A number that differs as soon as two runs differ anywhere.
    package var trace: UInt64 { state.withLock { $0.trace } }
    /// Every address a connection was tried to, in order.
    package var opened: [Address] { state.withLock { $0.opened } }
    /// Sockets not closed.
    package var openSockets: Int { state.withLock { $0.sockets.count } }

    /// Every connection to this address is reset, as when its process is killed.
    package func dropConnections(of server: any SimulatedServer) {
        let handles = state.withLock { state in
            state.sockets.filter { $0.value.server === server }.keys.sorted()
        }
        for handle in handles { schedule(handle, 0, .reset) }
    }

    // MARK: OperatingSystem

    package func now() -> UInt64 {
        state.withLock { state in
            state.catchUp()
            return state.now
        }
    }

    package func wallClockMs() -> Int64 {
        let now = now()
        guard let start = state.withLock({ $0.wallStartMs }) else { return Int64(now / 1_000_000) }
        return start + Int64((now - Self.startNs) / 1_000_000)
    }

    package func random() -> UInt64 { state.withLock { $0.random.next() } }

    package func open(_ address: Address, token: UInt64) -> OpenOutcome {
        state.withLock { state in
            state.opened.append(address)
            state.note(1, address.low)
            let behaviour = state.addresses[address] ?? .refuses
            let handle = state.nextHandle
            state.nextHandle += 1
            var socket = Socket(token: token)
            switch behaviour {
            case .serves(let server):
                socket.server = server
                state.push(handle, state.delay() + state.connectDelay(), .connected)
            case .fails(let number):
                socket.error = number
                state.push(handle, state.delay(), .connected)
            case .ignores: break
            }
            state.sockets[handle] = socket
            return .opened(handle)
        }
    }

    package func connectError(_ handle: Int32) -> Int32 {
        state.withLock { $0.sockets[handle]?.error ?? EBADF }
    }

    package func read(
        _ handle: Int32, tail: UnsafeMutableRawBufferPointer?,
        scratch: UnsafeMutableRawBufferPointer
    ) -> Int {
        // Copied out, since raw pointers may not pass into the lock's closure by reference.
        let room = (tail?.count ?? 0) + scratch.count
        let (bytes, outcome) = state.withLock { state in state.take(handle, room: room) }
        guard outcome > 0 else { return outcome }
        let placed = min(bytes.count, tail?.count ?? 0)
        tail?.copyBytes(from: bytes[..<placed])
        scratch.copyBytes(from: bytes[placed...])
        return outcome
    }

    package func write(_ handle: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        let contents = [UInt8](bytes)
        return state.withLock { $0.give(handle, contents) }
    }

    package func setInterest(_ handle: Int32, token: UInt64, reading: Bool, writing: Bool) {
        state.withLock { state in
            state.sockets[handle]?.token = token
            state.sockets[handle]?.reading = reading
            state.sockets[handle]?.writing = writing
            state.touch(handle)
        }
    }

    package func close(_ handle: Int32) {
        let server = state.withLock { state in
            state.note(5, UInt64(handle))
            return state.sockets.removeValue(forKey: handle)?.server
        }
        server?.closed(ServerSide(system: self, handle: handle))
    }

    package func wait(until deadline: UInt64?, _ events: inout [SystemEvent]) {
        events.removeAll(keepingCapacity: true)
        while true {
            let (ready, awake) = state.withLock { state -> ([SystemEvent], Bool) in
                defer { state.isAwake = false }
                return (state.ready(), state.isAwake)
            }
            events = ready
            if !ready.isEmpty || awake || deadline == 0 { return }
            let step = state.withLock { $0.advance(until: deadline) }
            switch step {
            case .deadline: return
            case .happened(let event): apply(event)
            case .sleep(let milliseconds):
                sleep(milliseconds)
            case .deadlock:
                guard let stop = state.withLock({ $0.onDeadlock }) else {
                    preconditionFailure("nothing is left to happen in the simulation")
                }
                stop()
                return
            }
        }
    }

    package func wake() {
        state.withLock { $0.isAwake = true }
        guard waker.write >= 0 else { return }
        var byte: UInt8 = 1
        _ = Glibc.write(waker.write, &byte, 1)
    }

    private func sleep(_ milliseconds: Int32) {
        var source = pollfd(fd: waker.read, events: Int16(POLLIN), revents: 0)
        guard poll(&source, 1, milliseconds) > 0 else { return }
        var bytes: (UInt64, UInt64) = (0, 0)
        while Glibc.read(waker.read, &bytes, 16) > 0 {}
    }

    package func resolve(
        _ host: String, port: UInt16,
        completion: @escaping @Sendable (Result<[Address], LookupFailure>) -> Void
    ) {
        guard let result = state.withLock({ $0.names[host] }) else { return }
        let answer = result.map { addresses in
            addresses.map {
                Address(
                    high: $0.high, low: $0.low, isIPv6: $0.isIPv6, scope: $0.scope, port: port)
            }
        }
        schedule(0, 0, .call { completion(answer) })
    }

    func schedule(_ handle: Int32, _ delayNs: UInt64, _ what: Happening) {
        state.withLock { state in
            var at = delayNs + state.delay()
            if handle != 0, state.use != nil {
                return state.send(handle, what, .down, from: state.now + at)
            }
            if handle != 0, let last = state.sockets[handle]?.lastArrival {
                // Bytes of one connection arrive in the order they were sent.
                at = max(at, last > state.now ? last - state.now : 0)
                state.sockets[handle]?.lastArrival = state.now + at
            }
            state.push(handle, at, what)
        }
    }

    private func apply(_ event: Event) {
        let server = state.withLock { $0.apply(event) }
        let side = ServerSide(system: self, handle: event.handle)
        switch event.what {
        case .connected: server?.opened(side)
        case .serverReceives(let bytes): server?.received(bytes, side)
        case .call(let action): action()
        case .arrive, .end, .reset, .crosses: break
        }
    }
}
