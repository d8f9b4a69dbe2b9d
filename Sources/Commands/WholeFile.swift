// Files that are there whole or not at all: written beside, synced, renamed over.
internal import Glibc
internal import JSON
internal import Transport

/// Atomic replacement of a file.
enum WholeFile {
    /// Writes through `body` to a temporary file in the same folder and renames it over `path`.
    /// The file that was there stays when anything fails.
    static func write(_ path: String, _ body: (@escaping JSONWriter.Sink) throws -> Void) throws {
        var name = Array((path + ".XXXXXX").utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw WriteFailure() }
        let temporary = String(
            decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let stream = OutputStream(descriptor: descriptor)
        do {
            try body { bytes in
                guard stream.write(bytes) else { throw WriteFailure() }
            }
            guard stream.write("\n") else { throw WriteFailure() }
            // Others may read it as they may read any file made here.
            let mask = umask(0)
            umask(mask)
            guard fchmod(descriptor, 0o666 & ~mask) == 0, fsync(descriptor) == 0,
                rename(temporary, path) == 0
            else { throw WriteFailure() }
            close(descriptor)
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
    }
}

/// Why bytes could not be written: the system's words.
struct WriteFailure: Error, CustomStringConvertible {
    let number = errno
    var description: String { SystemError.text(number) }
}
