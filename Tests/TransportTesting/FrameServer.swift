// A simulated server that takes the stream apart into frames and leaves the answers to a closure.
package import Simulation
import Transport

/// Serves length-prefixed frames; remembers every whole request.
package final class FrameServer: SimulatedServer {
    package typealias Answer = @Sendable (_ frame: [UInt8], _ side: ServerSide) -> Void

    private struct Answering {
        var answer: Answer
    }

    private let answering: Locked<Answering>
    private let pending = Locked<[Int32: [UInt8]]>([:])
    private let seen = Locked<[[UInt8]]>([])
    private let accepted = Locked(0)

    /// `answer` gets each frame without its length.
    package init(_ answer: @escaping Answer) { answering = Locked(Answering(answer: answer)) }

    /// An echo: the correlation id (the first four bytes) and the rest come back.
    package static func echo() -> FrameServer {
        FrameServer { frame, side in side.send(framed(frame)) }
    }

    package var requests: [[UInt8]] { seen.withLock { $0 } }
    package var connections: Int { accepted.withLock { $0 } }

    package func setAnswer(_ answer: @escaping Answer) {
        answering.withLock { $0.answer = answer }
    }

    package func opened(_ side: ServerSide) { accepted.withLock { $0 += 1 } }

    package func received(_ bytes: [UInt8], _ side: ServerSide) {
        let frames = pending.withLock { pending -> [[UInt8]] in
            var buffer = pending[side.handle, default: []] + bytes
            var frames: [[UInt8]] = []
            while buffer.count >= 4 {
                let length = buffer[..<4].reduce(0) { $0 << 8 | Int($1) }
                guard buffer.count >= 4 + length else { break }
                frames.append([UInt8](buffer[4..<4 + length]))
                buffer.removeFirst(4 + length)
            }
            pending[side.handle] = buffer
            return frames
        }
        for frame in frames {
            seen.withLock { $0.append(frame) }
            let answer = answering.withLock { $0.answer }
            answer(frame, side)
        }
    }
}

/// A frame: the length of the bytes and the bytes.
package func framed(_ bytes: [UInt8]) -> [UInt8] { bigEndian(Int32(bytes.count)) + bytes }

/// The four bytes of a number as they stand on the wire.
package func bigEndian(_ value: Int32) -> [UInt8] {
    let bits = UInt32(bitPattern: value)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
}
