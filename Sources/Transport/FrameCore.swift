// The receiving half of a protocol of frames: an int32 length, an int32 correlation id, then the
// body, answers in the order of the requests. Bytes in, answers out; no descriptor, clock or
// thread.

/// Matches the bytes of answers with the requests that wait for them.
package struct FrameCore<Waiter> {
    private struct Pending {
        let id: Int32
        /// Nil for an abandoned request: its late answer is thrown away as it arrives.
        var waiter: Waiter?
    }

    private let frameLimit: Int
    private let unansweredLimit: Int
    private var pending: [Pending] = []
    private var first = 0
    private var head: (UInt64, count: Int) = (0, 0)
    private var current: (waiter: Waiter, buffer: FrameBuffer, filled: Int)?
    private var discardBytes = 0
    private var expectedBytes = 0

    /// The id the next request must carry.
    package private(set) var nextID: Int32 = 0
    /// Answers taken, late ones included.
    package private(set) var answers = 0
    /// Answers that came after their request had been abandoned.
    package private(set) var lateAnswers = 0

    package init(
        frameLimit: Int? = nil, unansweredLimit: Int? = nil
    ) {
        self.frameLimit = frameLimit ?? Limits.frameBytes
        self.unansweredLimit = unansweredLimit ?? Limits.unansweredRequests
    }

    /// Requests sent and not answered, abandoned ones included.
    package var unanswered: Int { pending.count - first }

    /// How much of a begun frame has come, when one is under way.
    package var partial: (received: Int, expected: Int)? {
        if let current { return (current.filled + 8, current.buffer.count + 8) }
        if discardBytes > 0 { return (expectedBytes - discardBytes, expectedBytes) }
        if head.count > 0 { return (head.count, 8) }
        return nil
    }

    /// Whether one more request may be sent.
    package var hasRoom: Bool { unanswered < unansweredLimit }

    /// Notes a request sent with `nextID`. False when too many are unanswered: send nothing.
    package mutating func expect(_ waiter: Waiter) -> Bool {
        guard hasRoom else { return false }
        pending.append(Pending(id: nextID, waiter: waiter))
        nextID = nextID == Int32.max ? 0 : nextID + 1
        return true
    }

    /// Gives up on a request; its waiter comes back if it was still waiting for a first byte.
    /// An answer that has begun to arrive is finished and thrown away.
    package mutating func abandon(_ id: Int32) -> Waiter? {
        guard first < pending.count else { return nil }
        let distance = Int(id) - Int(pending[first].id)
        let index = first + (distance >= 0 ? distance : distance + Int(Int32.max) + 1)
        guard index < pending.count, pending[index].id == id else { return nil }
        defer { pending[index].waiter = nil }
        if index == first, let current {
            discardBytes = current.buffer.count - current.filled
            expectedBytes = current.buffer.count + 8
            self.current = nil
            lateAnswers += 1
            pending[index].waiter = nil
            if discardBytes == 0 { dropFirst() }
            return current.waiter
        }
        return pending[index].waiter
    }

    /// Where the rest of the answer under way belongs.
    package var tail: UnsafeMutableRawBufferPointer? {
        current.map { $0.buffer.tail(from: $0.filled) }
    }

    /// Takes bytes, the first `placed` of which stand in `tail` already, and adds whole answers.
    package mutating func received(
        placed: Int, _ bytes: UnsafeRawBufferPointer, _ done: inout [(Waiter, FrameBuffer)]
    ) throws(TransportError) {
        if placed > 0 { filled(placed, &done) }
        var position = 0
        while position < bytes.count {
            let left = bytes.count - position
            if discardBytes > 0 {
                let share = min(discardBytes, left)
                discardBytes -= share
                position += share
                if discardBytes == 0 { dropFirst() }
            } else if let current {
                let share = min(current.buffer.count - current.filled, left)
                let source = UnsafeRawBufferPointer(rebasing: bytes[position..<position + share])
                current.buffer.tail(from: current.filled).copyMemory(from: source)
                position += share
                filled(share, &done)
            } else {
                head.0 = head.0 << 8 | UInt64(bytes[position])
                head.count += 1
                position += 1
                if head.count == 4 { try checkLength(Int(Int32(truncatingIfNeeded: head.0))) }
                if head.count == 8 { try begin(&done) }
            }
        }
    }

    /// What the end of the stream means now.
    package func end(wasReset: Bool) -> TransportError {
        if answers == 0, head.count > 0, current == nil, let known = foreignBytes() { return known }
        if let partial {
            return .closedInFrame(received: partial.received, expected: partial.expected)
        }
        return wasReset ? .reset(answers: answers) : .closedByPeer(answers: answers)
    }

    /// Ends every request still waiting.
    package mutating func removeAll() -> [Waiter] {
        var waiters: [Waiter] = []
        if let current { waiters.append(current.waiter) }
        let skipped = current == nil ? 0 : 1
        waiters += pending[first...].dropFirst(skipped).compactMap(\.waiter)
        pending = []
        first = 0
        current = nil
        discardBytes = 0
        return waiters
    }

    private mutating func filled(_ count: Int, _ done: inout [(Waiter, FrameBuffer)]) {
        guard let current else { return }
        let total = current.filled + count
        guard total == current.buffer.count else {
            self.current?.filled = total
            return
        }
        self.current = nil
        answers += 1
        removeFirst()
        done.append((current.waiter, current.buffer))
    }

    /// The length is judged as soon as it is there: a peer that speaks something else may send no
    /// eighth byte.
    private func checkLength(_ length: Int) throws(TransportError) {
        if length >= 4, length <= frameLimit { return }
        if answers == 0 { throw foreignBytes() ?? .notTheProtocol(firstBytes: headBytes()) }
        if length > frameLimit { throw .frameTooLarge(bytes: length, limit: frameLimit) }
        throw .malformed("an answer of \(length) bytes")
    }

    private mutating func begin(_ done: inout [(Waiter, FrameBuffer)]) throws(TransportError) {
        let length = Int(Int32(truncatingIfNeeded: head.0 >> 32))
        let id = Int32(truncatingIfNeeded: head.0)
        guard first < pending.count, pending[first].id == id else {
            if answers == 0 { throw .notTheProtocol(firstBytes: headBytes()) }
            guard first < pending.count else { throw .malformed("an answer nobody asked for") }
            throw .malformed("answer \(id) where \(pending[first].id) was due")
        }
        head = (0, 0)
        guard let waiter = pending[first].waiter else {
            lateAnswers += 1
            discardBytes = length - 4
            expectedBytes = length + 4
            if discardBytes == 0 { dropFirst() }
            return
        }
        guard let buffer = FrameBuffer(count: length - 4) else {
            throw .system(call: "malloc", errno: SystemError.outOfMemory)
        }
        current = (waiter, buffer, 0)
        if length == 4 { filled(0, &done) }
    }

    /// A discarded answer is complete.
    private mutating func dropFirst() {
        answers += 1
        removeFirst()
    }

    private mutating func removeFirst() {
        pending[first].waiter = nil
        first += 1
        if first == pending.count {
            pending.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 64, first * 2 >= pending.count {
            pending.removeFirst(first)
            first = 0
        }
    }

    private func headBytes() -> [UInt8] {
        (0..<head.count).map { UInt8(truncatingIfNeeded: head.0 >> (8 * (head.count - 1 - $0))) }
    }

    /// Names the two protocols commonly met at a wrong port.
    private func foreignBytes() -> TransportError? {
        let bytes = headBytes()
        // A TLS record: a type of 20 to 24 and the major version 3.
        if bytes.count >= 2, (0x14...0x18).contains(bytes[0]), bytes[1] == 3 { return .tlsBytes }
        if bytes.starts(with: Array("HTTP".utf8)) { return .httpBytes }
        if bytes.count >= 4, bytes[0] > UInt8(Limits.frameBytes >> 24) {
            return .notTheProtocol(firstBytes: bytes)
        }
        return nil
    }
}
