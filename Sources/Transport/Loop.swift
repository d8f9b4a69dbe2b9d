// The loop: one thread that runs what is posted to it, timers and connections. Everything it owns
// is confined to that thread; `post` and `stop` are the only ways in from others. It knows bytes
// and time, no protocol.

/// One thread's worth of connections and timers over an operating system, real or simulated.
package final class Loop: Sendable {
    private struct Inbox {
        var posts: [@Sendable () -> Void] = []
        /// True while the loop sleeps or is about to: a post must wake it.
        var needsWake = false
        /// Nothing posted from now on will run.
        var isStopping = false
    }

    package let system: any OperatingSystem
    package let thread: LoopThread
    private let inbox = Locked(Inbox())
    private let core: LoopBound<LoopCore>
    private let ended = Locked(false)

    package init(_ system: any OperatingSystem) {
        self.system = system
        let thread = LoopThread()
        self.thread = thread
        core = LoopBound(thread) { LoopCore() }
    }

    /// Starts the loop on a thread of its own. False when the system has no thread to give.
    package func start() -> Bool { Thread.startDetached { self.run() } }

    /// Runs on this thread until `stop`; the way of simulations and tests.
    package func run() { turn(until: nil) }

    /// Runs on this thread until the loop's clock shows `time`, or `stop`. Everything stays as it
    /// is then and goes on with the next call: the way to drive a simulation step by step.
    package func run(until time: UInt64) { turn(until: time) }

    private func turn(until time: UInt64?) {
        thread.claim()
        let core = core.value
        var isPausing = false
        var events: [SystemEvent] = []
        var backlog = core.backlog
        var lookedAt = system.now()
        while !isStopping && !isPausing {
            takePosts(into: &backlog)
            runDueTimers(core, lookedAt)
            flush(core)
            // What is due at that moment has run by now, and what it sent has left.
            if let time, system.now() >= time {
                isPausing = true
                continue
            }
            system.wait(until: sleepUntil(core, backlog: backlog, notAfter: time), &events)
            inbox.withLock { $0.needsWake = false }
            lookedAt = system.now()
            handle(events, core)
        }
        core.backlog = backlog
        let isOver = isStopping
        if isOver { shutDown(core) }
        thread.release()
        guard isOver else { return }
        ended.withLock { $0 = true }
        ended.signal()
    }

    /// Hands work to the loop's thread; the only way in from elsewhere. False when the loop is
    /// stopping: the work never runs. What was posted just before a stop may not run either.
    @discardableResult
    package func post(_ work: @escaping @Sendable () -> Void) -> Bool {
        let (taken, wakes) = inbox.withLock { inbox -> (Bool, Bool) in
            guard !inbox.isStopping else { return (false, false) }
            inbox.posts.append(work)
            defer { inbox.needsWake = false }
            return (true, inbox.needsWake)
        }
        if wakes { system.wake() }
        return taken
    }

    /// Ends the loop: connections close with `.shutdown`, timers are dropped, later posts refused.
    package func stop() {
        inbox.withLock { $0.isStopping = true }
        system.wake()
    }

    /// Blocks until a started loop has ended; never on the loop's own thread.
    package func waitUntilEnded() {
        precondition(!thread.isCurrent, "the loop cannot wait for itself")
        ended.waitUntil { $0 ? () : nil }
    }

    /// Monotonic nanoseconds.
    package var now: UInt64 { system.now() }

    /// Runs `action` on the loop's thread after so many nanoseconds. On the loop's thread only.
    @discardableResult
    package func after(_ nanoseconds: UInt64, _ action: @escaping () -> Void) -> TimerID {
        at(system.now() &+ nanoseconds, action)
    }

    /// Runs `action` at a point of the loop's clock. On the loop's thread only.
    @discardableResult
    package func at(_ time: UInt64, _ action: @escaping () -> Void) -> TimerID {
        core.value.timers.add(at: time, action)
    }

    /// Forgets a timer; harmless when it has fired. On the loop's thread only.
    package func cancel(_ timer: TimerID) { core.value.timers.cancel(timer) }

    /// Opens a byte stream to an endpoint and calls `handler` with what becomes of it, never before
    /// this call has returned. On the loop's thread only.
    package func connect(
        to endpoint: Endpoint, _ options: ConnectOptions = ConnectOptions(),
        handler: any StreamHandler
    ) -> Connection {
        let connection = Connection(
            loop: self, endpoint: endpoint, options: options, handler: handler)
        register(connection)
        connection.begin()
        return connection
    }

    /// Looks a name up; the completion runs on the loop's thread, perhaps never: the caller has a
    /// deadline of its own. On the loop's thread only.
    package func resolve(
        _ name: String, completion: @escaping (Result<[Address], LookupFailure>) -> Void
    ) {
        let number = core.value.addLookup(completion)
        system.resolve(name, port: 0) { [self] result in
            post { [self] in core.value.takeLookup(number)?(result) }
        }
    }

    /// Timers and connections alive, for tests and the status screen. On the loop's thread only.
    package var load: (timers: Int, connections: Int) {
        (core.value.timers.count, core.value.connectionCount)
    }

    // MARK: For Connection

    func register(_ connection: Connection) { connection.token = core.value.add(connection) }
    /// A new token for the next handle, so that events of the last one are dropped.
    func renew(_ connection: Connection) { connection.token = core.value.renew(connection.token) }
    func unregister(_ connection: Connection) { core.value.remove(connection.token) }
    func connection(_ token: UInt64) -> Connection? { core.value.find(token) }
    func markDirty(_ connection: Connection) { core.value.dirty.append(connection) }
    var scratch: UnsafeMutableRawBufferPointer { core.value.scratch }

    // MARK: A turn

    private var isStopping: Bool { inbox.withLock { $0.isStopping } }

    /// Runs at most a turn's share of what was posted; the rest stays in `backlog`, in order.
    private func takePosts(into backlog: inout [@Sendable () -> Void]) {
        let fresh = inbox.withLock { inbox in
            defer { inbox.posts = [] }
            return inbox.posts
        }
        backlog.append(contentsOf: fresh)
        let share = min(backlog.count, Limits.postsPerTurn)
        for index in 0..<share { backlog[index]() }
        backlog.removeFirst(share)
    }

    /// Runs what was due when the connections were last looked at. What fell due since then waits
    /// for the next look: an answer that lies there must not be reported as a silence, however long
    /// this turn has taken.
    private func runDueTimers(_ core: LoopCore, _ lookedAt: UInt64) {
        var left = Limits.timersPerTurn
        while left > 0, let action = core.timers.popDue(lookedAt) {
            action()
            left -= 1
        }
    }

    private func flush(_ core: LoopCore) {
        while !core.dirty.isEmpty {
            let connections = core.dirty
            core.dirty = []
            for connection in connections { connection.flush() }
        }
    }

    /// When to wake at the latest; a time past means not to sleep at all.
    private func sleepUntil(
        _ core: LoopCore, backlog: [@Sendable () -> Void], notAfter limit: UInt64?
    ) -> UInt64? {
        let mayRest = inbox.withLock { inbox in
            let rests = inbox.posts.isEmpty && !inbox.isStopping && backlog.isEmpty
            inbox.needsWake = rests
            return rests
        }
        guard mayRest else { return 0 }
        guard let limit else { return core.timers.next() }
        return min(limit, core.timers.next() ?? limit)
    }

    private func handle(_ events: [SystemEvent], _ core: LoopCore) {
        for (index, event) in events.enumerated() {
            if index % Limits.eventsPerStopCheck == 0, isStopping { return }
            // An event for a connection closed earlier in the batch finds no such token.
            core.find(event.token)?.ready(reading: event.isReadable, writing: event.isWritable)
        }
    }

    private func shutDown(_ core: LoopCore) {
        for connection in core.connections() { connection.fail(.shutdown) }
        core.timers.removeAll()
        core.dirty = []
        core.backlog = []
        core.dropLookups()
        // What never ran is freed here, outside the lock.
        let dropped = inbox.withLock { inbox in
            defer { inbox.posts = [] }
            return inbox.posts
        }
        withExtendedLifetime(dropped) {}
    }
}

/// What a loop owns, confined to its thread.
final class LoopCore {
    private struct Slot {
        var generation: UInt32 = 0
        var connection: Connection?
    }

    var timers = TimerTable()
    /// Connections with bytes to send at the end of the turn.
    var dirty: [Connection] = []
    /// What was posted and has not run when a run pauses.
    var backlog: [@Sendable () -> Void] = []
    /// Where bytes land before it is known whose they are.
    let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Limits.scratchBytes, alignment: 16)
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    /// Who waits for a name, by the number of the question.
    private var lookups: [UInt64: (Result<[Address], LookupFailure>) -> Void] = [:]
    private var lookupsBegun: UInt64 = 0

    deinit { scratch.deallocate() }

    func addLookup(_ completion: @escaping (Result<[Address], LookupFailure>) -> Void) -> UInt64 {
        lookupsBegun += 1
        lookups[lookupsBegun] = completion
        return lookupsBegun
    }

    func takeLookup(_ number: UInt64) -> ((Result<[Address], LookupFailure>) -> Void)? {
        lookups.removeValue(forKey: number)
    }

    func dropLookups() { lookups = [:] }

    func add(_ connection: Connection) -> UInt64 {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(index)].connection = connection
        return token(index)
    }

    func renew(_ token: UInt64) -> UInt64 {
        let index = UInt32(truncatingIfNeeded: token)
        slots[Int(index)].generation &+= 1
        return self.token(index)
    }

    func remove(_ token: UInt64) {
        guard find(token) != nil else { return }
        let index = UInt32(truncatingIfNeeded: token)
        slots[Int(index)].connection = nil
        slots[Int(index)].generation &+= 1
        free.append(index)
    }

    func find(_ token: UInt64) -> Connection? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < slots.count, slots[index].generation == UInt32(token >> 32) else {
            return nil
        }
        return slots[index].connection
    }

    func connections() -> [Connection] { slots.compactMap(\.connection) }
    var connectionCount: Int { slots.count - free.count }

    private func token(_ index: UInt32) -> UInt64 {
        UInt64(slots[Int(index)].generation) << 32 | UInt64(index)
    }
}
