// A trap ends the process before any test can speak: what was being tried is written then.
import Glibc

/// Which seeds are being run, for the handler of signals that a trap raises.
enum CrashNote {
    private static let width = 24
    private static let slots = 16

    /// Where the text of the slots begins, each ended by a zero; empty where the first byte is 0.
    /// Kept as a number: all there is for a handler to do is to write bytes.
    private static let base: UInt = {
        let text = UnsafeMutablePointer<UInt8>.allocate(capacity: width * slots)
        text.initialize(repeating: 0, count: width * slots)
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS] { signal(number, handler) }
        return UInt(bitPattern: text)
    }()

    private static func slot(_ number: Int) -> UnsafeMutablePointer<UInt8>? {
        UnsafeMutablePointer(bitPattern: base + UInt(number % slots * width))
    }

    private static let handler: @convention(c) (Int32) -> Void = { number in
        let words: StaticString = "\nended by a trap; replay with HIGHWATER_SEED= one of:\n"
        _ = write(2, words.utf8Start, words.utf8CodeUnitCount)
        for index in 0..<slots {
            guard let text = slot(index) else { continue }
            var count = 0
            while text[count] != 0, count < width { count += 1 }
            if count > 0 { _ = write(2, text, count) }
        }
        signal(number, SIG_DFL)
        raise(number)
    }

    static func begin(_ lane: Int, seed: Int) {
        guard let text = slot(lane) else { return }
        let bytes = Array("\(seed)\n".utf8.prefix(width - 1))
        for (index, byte) in bytes.enumerated() { text[index] = byte }
        text[bytes.count] = 0
    }

    static func end(_ lane: Int) { slot(lane)?.pointee = 0 }
}
