// Where a document goes, whatever its path is: a regular file is replaced whole or not at all,
// with its mode and its owner; a device, a FIFO or an open descriptor is written through.
internal import Glibc
internal import JSON
internal import Transport

/// How files of a command or of the console are written.
struct OutputFile {
    /// What `-` stands for; nil where standard output is the screen.
    var standardOutput: OutputStream?
    /// How long a reader that takes nothing is waited for; negative: for as long as it takes.
    var patienceMs: Int32 = -1

    /// The console's: its own terminal is no place for a document, and a reader that is slow must
    /// not hold up the keys for long.
    static let ofConsole = OutputFile(standardOutput: nil, patienceMs: 1_000)

    /// Writes what `body` gives and a line end to the place that `path` names. The regular file
    /// that was there stays as it was when anything fails.
    func write(_ path: String, _ body: (@escaping JSONWriter.Sink) throws -> Void) throws {
        switch try OutputPlace(path) {
        case .standardOutput:
            guard let standardOutput else { throw WriteFailure(.isScreen) }
            try fill(standardOutput, body)
        case .descriptor(let descriptor): try fill(through(descriptor), body)
        case .special(let path):
            // Without O_NONBLOCK a FIFO is opened when its reader comes, as by any other program.
            let waits = patienceMs < 0 ? 0 : O_NONBLOCK
            let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | waits)
            guard descriptor >= 0 else { throw WriteFailure() }
            defer { close(descriptor) }
            try fill(through(descriptor), body)
        case .regular(let path, let known):
            if let known { try Self.mayWrite(path, known) }
            let temporary = try TemporaryFile(beside: path)
            defer { temporary.remove() }
            try fill(OutputStream(descriptor: temporary.descriptor), body)
            guard fsync(temporary.descriptor) == 0 else { throw WriteFailure() }
            try temporary.take(path, of: known)
        }
    }

    private func through(_ descriptor: Int32) throws -> OutputStream {
        if standardOutput == nil, isatty(descriptor) == 1 { throw WriteFailure(.isScreen) }
        return OutputStream(descriptor: descriptor, patienceMs: patienceMs)
    }

    private func fill(
        _ stream: OutputStream, _ body: (@escaping JSONWriter.Sink) throws -> Void
    ) throws {
        try body { bytes in
            guard stream.write(bytes) else { throw WriteFailure() }
        }
        guard stream.write("\n") else { throw WriteFailure() }
    }

    /// A file that its owner has protected from being written is not replaced either.
    private static func mayWrite(_ path: String, _ known: stat) throws {
        guard faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 else { throw WriteFailure() }
    }
}

/// Why bytes could not be written: the system's words, or our own.
struct WriteFailure: Error, CustomStringConvertible {
    /// What only highwater objects to.
    enum Objection: String {
        case isScreen = "highwater's own screen is there"
    }
    private let number: Int32
    private let objection: Objection?

    /// With the newest `errno`, or `number`.
    init(number: Int32 = errno) {
        self.number = number
        objection = nil
    }

    init(_ objection: Objection) {
        number = 0
        self.objection = objection
    }

    /// The reader has gone away.
    var isClosedPipe: Bool { number == EPIPE }

    var description: String {
        if let objection { return objection.rawValue }
        // Only a FIFO without a reader answers so when it is opened for writing.
        return number == ENXIO ? "nobody reads it" : SystemError.text(number)
    }
}
