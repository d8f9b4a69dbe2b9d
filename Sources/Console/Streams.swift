// Standard output for data, standard error for people. Writing to a closed pipe is an ordinary end.
import Glibc

/// Writes whole buffers to a descriptor.
struct OutputStream {
    let descriptor: Int32

    static let standardOutput = OutputStream(descriptor: STDOUT_FILENO)
    static let standardError = OutputStream(descriptor: STDERR_FILENO)

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

/// Removes what a terminal would act on from a sentence made of other people's words.
func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { scalar in
                let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                return isControl ? "·" : scalar
            }))
}
