// A question whose answer is not seen: asked at the terminal itself, whatever the standard streams
// are, before the console takes it.
import CTerminal
import Glibc

/// The line that is typed, without its end; nil where there is no terminal, or nothing is typed.
/// What was typed before the question is no answer.
package func readWithoutEcho(_ question: String, longest: Int) -> [UInt8]? {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var before = termios()
    guard tcgetattr(descriptor, &before) == 0 else { return nil }
    var silent = before
    // Keys one by one, so that an interrupt leaves the terminal as it was.
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    guard tcsetattr(descriptor, TCSAFLUSH, &silent) == 0 else { return nil }
    show(question, on: descriptor)
    var line: [UInt8] = []
    var byte: UInt8 = 0
    var isInterrupted = false
    reading: while line.count < longest, read(descriptor, &byte, 1) == 1 {
        switch byte {
        case 0x0a, 0x0d: break reading
        // Ctrl-d ends an empty line, as everywhere.
        case 0x04: if line.isEmpty { break reading }
        case 0x03:
            isInterrupted = true
            break reading
        case 0x08, 0x7f:
            // The whole character, if it has several bytes.
            while let last = line.popLast(), last & 0xc0 == 0x80 {}
        case 0x15: line = []
        default: line.append(byte)
        }
    }
    show("\n", on: descriptor)
    _ = tcsetattr(descriptor, TCSAFLUSH, &before)
    if isInterrupted { raise(SIGINT) }
    return line.isEmpty || isInterrupted ? nil : line
}

private func show(_ text: String, on descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
}
