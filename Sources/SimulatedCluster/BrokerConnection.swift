// A broker's end of one connection, on the simulated network and on real sockets.

/// What a broker keeps of one client's connection.
struct BrokerConnection {
    /// Bytes of a request that has not come whole.
    private var bytes: [UInt8] = []
    /// Requests that came while the broker stood still.
    private var held: [[UInt8]] = []
    /// A request was swallowed: nothing after it is answered either.
    var isMute = false

    /// Takes bytes and gives the whole frames, sizes removed. True when a size cannot be one.
    mutating func take(_ chunk: [UInt8]) -> (frames: [[UInt8]], isBroken: Bool) {
        bytes += chunk
        var frames: [[UInt8]] = []
        var at = 0
        while bytes.count - at >= 4 {
            let size = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            guard size <= Limits.requestBytes else {
                bytes = []
                return (isMute ? [] : frames, true)
            }
            guard bytes.count - at >= 4 + size else { break }
            frames.append([UInt8](bytes[at + 4..<at + 4 + size]))
            at += 4 + size
        }
        if at > 0 { bytes.removeFirst(at) }
        return (isMute ? [] : frames, false)
    }

    /// Keeps a request for the moment the broker goes on.
    mutating func hold(_ frame: [UInt8]) { held.append(frame) }

    mutating func takeHeld() -> [[UInt8]] {
        defer { held = [] }
        return held
    }
}
