// The receiving half of a session's connection: frames of an int32 length and so many bytes.
import Transport

/// Cuts what a server sends into frames. Nothing is allocated by a length alone: the buffer grows
/// with the bytes that come.
struct ReplyFrames {
    private var pending: [UInt8] = []
    private var taken = 0
    /// Frames taken.
    private(set) var count = 0

    /// Takes bytes; whole frames are handed over in order. `take` says whether to go on.
    mutating func receive(
        _ bytes: UnsafeRawBufferPointer, _ take: ([UInt8]) -> Bool
    ) throws(TransportError) {
        pending.append(contentsOf: bytes)
        defer { compact() }
        while pending.count - taken >= 4 {
            let length = pending[taken..<taken + 4].reduce(Int32(0)) { $0 << 8 | Int32($1) }
            try check(Int(length))
            guard pending.count - taken - 4 >= Int(length) else { return }
            let frame = [UInt8](pending[taken + 4..<taken + 4 + Int(length)])
            taken += 4 + Int(length)
            count += 1
            guard take(frame) else { return }
        }
    }

    /// What the end of the stream means now.
    func end(wasReset: Bool) -> TransportError {
        if count == 0, let known = foreign { return known }
        let left = pending.count - taken
        if left > 0 { return .closedInFrame(received: left, expected: max(left, 4)) }
        return wasReset ? .reset(answers: count) : .closedByPeer(answers: count)
    }

    private func check(_ length: Int) throws(TransportError) {
        if length >= 0, length <= Limits.answerBytes { return }
        if count == 0 { throw foreign ?? .notTheProtocol(firstBytes: first) }
        if length > 0 { throw .frameTooLarge(bytes: length, limit: Limits.answerBytes) }
        throw .malformed("an answer of \(length) bytes")
    }

    private var first: [UInt8] { [UInt8](pending[taken...].prefix(8)) }

    /// Names the two protocols commonly met at a wrong port.
    private var foreign: TransportError? {
        let bytes = first
        if bytes.count >= 2, (0x14...0x18).contains(bytes[0]), bytes[1] == 3 { return .tlsBytes }
        if bytes.starts(with: Array("HTTP".utf8)) { return .httpBytes }
        return nil
    }

    private mutating func compact() {
        if taken == pending.count {
            pending.removeAll(keepingCapacity: pending.capacity <= 1 << 20)
            taken = 0
        } else if taken > 1 << 16, taken * 2 >= pending.count {
            pending.removeFirst(taken)
            taken = 0
        }
    }
}
