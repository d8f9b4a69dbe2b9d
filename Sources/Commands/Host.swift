// What a command has of the process around it: standard output for data, standard error for people,
// the environment. Writing to a closed pipe is an ordinary end.
internal import Glibc
internal import Settings

/// Where a command writes and what it reads of its surroundings; tests give their own.
package struct Host: Sendable {
    package var output: OutputStream
    package var error: OutputStream
    package var environment: [String: String]

    package init(output: OutputStream, error: OutputStream, environment: [String: String]) {
        (self.output, self.error, self.environment) = (output, error, environment)
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
    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// False when the other side is gone or the disk is full; `errno` then says why.
    @discardableResult
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < bytes.count {
            let n = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: at), bytes.count - at)
            if n < 0 {
                if errno == EINTR { continue }
                return false
            }
            at += n
        }
        return true
    }

    @discardableResult
    func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    func line(_ text: String) { write(text + "\n") }
}
