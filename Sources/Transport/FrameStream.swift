// A connection that speaks frames: FrameCore for what comes, a place to send from, and one
// completion for each request. The Kafka client builds on it.

/// Requests and answers on one connection, matched by correlation id.
package final class FrameStream: StreamHandler {
    /// The one end every request has.
    package typealias Completion = (Result<FrameBuffer, TransportError>) -> Void

    /// Called once when the stream stands.
    package var onOpen: () -> Void = {}
    /// Called once when it has ended by itself, before the waiting requests are failed, so that the
    /// owner's state is right when their completions run.
    package var onEnd: (TransportError) -> Void = { _ in }
    /// Called when bytes have come, before any completion.
    package var onBytes: () -> Void = {}

    package private(set) var connection: Connection?
    private var core: FrameCore<Completion>

    package init(frameLimit: Int? = nil, unansweredLimit: Int? = nil) {
        core = FrameCore(frameLimit: frameLimit, unansweredLimit: unansweredLimit)
    }

    /// Opens the connection this stream lives on.
    package func connect(
        _ loop: Loop, to endpoint: Endpoint, _ options: ConnectOptions = ConnectOptions()
    ) {
        connection = loop.connect(to: endpoint, options, handler: self)
    }

    /// The correlation id the next frame must carry.
    package var nextCorrelationID: Int32 { core.nextID }
    /// Requests sent and not answered, abandoned ones included.
    package var unanswered: Int { core.unanswered }
    package var answers: Int { core.answers }
    package var lateAnswers: Int { core.lateAnswers }
    /// How much of a begun answer has come, when one is under way.
    package var partial: (received: Int, expected: Int)? { core.partial }
    package var isOpen: Bool { connection?.state == .open }

    /// Sends a whole frame, length first, that carries `nextCorrelationID`; returns that id. Nil
    /// when the stream is not open or its limits are reached: nothing was sent, `completion` never
    /// runs.
    package func send(_ frame: [UInt8], completion: @escaping Completion) -> Int32? {
        guard let connection, core.hasRoom else { return nil }
        let id = core.nextID
        guard connection.send(frame), core.expect(completion) else { return nil }
        return id
    }

    /// Gives up on a request: its completion never runs, a late answer is thrown away.
    package func abandon(_ id: Int32) { _ = core.abandon(id) }

    /// Ends the stream from this side; every waiting request fails with `error`.
    package func close(_ error: TransportError) {
        connection?.close()
        for completion in core.removeAll() { completion(.failure(error)) }
    }

    // MARK: StreamHandler

    package func opened(_ connection: Connection) { onOpen() }

    package var tail: UnsafeMutableRawBufferPointer? { core.tail }

    package func received(placed: Int, _ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        var done: [(Completion, FrameBuffer)] = []
        var failure: TransportError?
        do throws(TransportError) {
            try core.received(placed: placed, bytes, &done)
        } catch {
            failure = error
        }
        onBytes()
        // Answers that were whole before the fault still count.
        for (completion, buffer) in done { completion(.success(buffer)) }
        if let failure { throw failure }
    }

    package func endOfStream(wasReset: Bool) -> TransportError { core.end(wasReset: wasReset) }

    package func ended(_ error: TransportError) {
        let waiting = core.removeAll()
        onEnd(error)
        for completion in waiting { completion(.failure(error)) }
    }
}
