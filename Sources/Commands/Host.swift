// What a command has of the process around it: standard output for data, standard error for people,
// the environment. Writing to a closed pipe is an ordinary end.
internal import Glibc
package import Operations
internal import Settings
internal import Transport

/// Where a command writes and what it reads of its surroundings; tests give their own.
package struct Host: Sendable {
    package var output: OutputStream
    package var error: OutputStream
    package var environment: [String: String]
    /// Between what a change does to the cluster.
    package var pauses: OperationPauses

    package init(
        output: OutputStream, error: OutputStream, environment: [String: String],
        pauses: OperationPauses = OperationPauses()
    ) {
        (self.output, self.error, self.environment) = (output, error, environment)
        self.pauses = pauses
    }

    /// This process's own.
    package static var process: Host {
        Host(
            output: OutputStream(descriptor: STDOUT_FILENO),
            error: OutputStream(descriptor: STDERR_FILENO), environment: processEnvironment())
    }
}

/// Writes whole buffers to a descriptor.
package struct OutputStream: Sendable {
    package let descriptor: Int32
    /// How long a reader that takes nothing is waited for; negative: for as long as it takes.
    private let patienceMs: Int32
    /// Why the first write failed; 0: none did.
    private let failure = Locked<Int32>(0)

    package init(descriptor: Int32) { self.init(descriptor: descriptor, patienceMs: -1) }

    init(descriptor: Int32, patienceMs: Int32) {
        self.descriptor = descriptor
        self.patienceMs = patienceMs
    }

    /// Why something given to this stream was not written; nil: everything was.
    var fault: WriteFailure? {
        let number = failure.withLock { $0 }
        return number == 0 ? nil : WriteFailure(number: number)
    }

    /// False when the other side is gone or the disk is full; `errno` then says why.
    @discardableResult
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < bytes.count {
            let n = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: at), bytes.count - at)
            if n < 0 {
                if errno == EINTR || errno == EAGAIN && hasRoom() { continue }
                let number = errno
                failure.withLock { if $0 == 0 { $0 = number } }
                errno = number
                return false
            }
            at += n
        }
        return true
    }

    /// Waits for room where the descriptor does not wait by itself; false where none comes.
    private func hasRoom() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let count = Glibc.poll(&poll, 1, patienceMs)
            if count > 0 { return true }
            if count < 0 && errno == EINTR { continue }
            if count == 0 { errno = ETIMEDOUT }
            return false
        }
    }

    @discardableResult
    func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    func line(_ text: String) { write(text + "\n") }
}
