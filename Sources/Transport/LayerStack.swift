// Two layers as one: what the upper one sends goes through the lower one. So TLS runs through a
// proxy, from this machine to the server itself.

/// The way through a proxy, and on it what protects the connection.
final class LayerStack: StreamLayer {
    let lower: any StreamLayer
    private let upper: (any StreamLayer)?
    private var hasUpperHeard = false

    init(_ lower: any StreamLayer, _ upper: (any StreamLayer)?) {
        self.lower = lower
        self.upper = upper
    }

    var isReady: Bool { lower.isReady && upper?.isReady ?? true }
    var hasEnded: Bool { upper?.hasEnded ?? lower.hasEnded }
    var protection: Protection? { upper?.protection }

    func peerLeft(afterAnswering: Bool) -> String {
        guard lower.isReady, let upper else {
            return lower.peerLeft(afterAnswering: afterAnswering)
        }
        return upper.peerLeft(afterAnswering: hasUpperHeard)
    }

    func start(_ output: inout [UInt8]) throws(TransportError) {
        try lower.start(&output)
        if lower.isReady { try startUpper(&output) }
    }

    private func startUpper(_ output: inout [UInt8]) throws(TransportError) {
        guard let upper else { return }
        var words: [UInt8] = []
        try upper.start(&words)
        try lower.send(words, &output)
    }

    func send(_ plain: [UInt8], _ output: inout [UInt8]) throws(TransportError) {
        guard let upper else { return try lower.send(plain, &output) }
        var words: [UInt8] = []
        try upper.send(plain, &words)
        try lower.send(words, &output)
    }

    func receive(
        _ bytes: UnsafeRawBufferPointer, plain: inout [UInt8], output: inout [UInt8]
    ) throws(TransportError) {
        let wasOpen = lower.isReady
        var inner: [UInt8] = []
        try lower.receive(bytes, plain: &inner, output: &output)
        if !wasOpen, lower.isReady { try startUpper(&output) }
        guard let upper else {
            plain += inner
            return
        }
        guard !inner.isEmpty else { return }
        hasUpperHeard = true
        var words: [UInt8] = []
        var failure: TransportError?
        inner.withUnsafeBytes { bytes in
            do throws(TransportError) {
                try upper.receive(bytes, plain: &plain, output: &words)
            } catch {
                failure = error
            }
        }
        // Also the last words, which tell the peer why.
        try lower.send(words, &output)
        if let failure { throw failure }
    }
}
