// The journal of what we change: one line of JSON a step, on the disk before the request leaves and
// after its answer. Lines are only ever added; a line that a crash cut short spoils no other.
internal import Glibc
internal import JSON
package import Planning
internal import Synchronization

/// Why a line is not on the disk, or the journal cannot be read: the system's own words.
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    /// What was tried: "open", "write", "sync", "read".
    package var action: String
    package var reason: String

    package var description: String { "cannot \(action) the journal \(path): \(reason)" }

    /// Nobody says where the journal lies.
    package static let noFolder = JournalError(
        path: "highwater/", action: "make", reason: "neither XDG_STATE_HOME nor HOME is set")

    private init(path: String, action: String, reason: String) {
        self.path = path
        self.action = action
        self.reason = reason
    }

    init(_ path: String, _ action: String, errno number: Int32) {
        self.path = path
        self.action = action
        var buffer = [CChar](repeating: 0, count: 128)
        let isKnown = strerror_r(number, &buffer, buffer.count) == 0
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        reason = isKnown ? String(decoding: bytes, as: UTF8.self) : "error \(number)"
    }
}

/// A journal open for adding lines. Several processes may write to one file: each line is one write
/// at the file's end.
package final class Journal: Sendable {
    package let path: String
    /// -1: the lines are kept in `memory`.
    let descriptor: Int32
    private let memory = Mutex<[JournalLine]>([])
    /// Of one in memory: a plan is being carried out.
    let isLocked = Atomic(false)

    /// Opens or makes the file, for its owner alone, and the folders it lies in.
    package init(path: String) throws(JournalError) {
        self.path = path
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try Self.makeFolders(folder, path)
        let mode: mode_t = 0o600
        descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw JournalError(path, "open", errno: errno) }
        // The file may be older than this rule.
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            _ = fchmod(descriptor, mode)
        }
        // A new file is there after a crash only when its folder is on the disk too.
        let directory = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        _ = fsync(directory)
        _ = close(directory)
    }

    /// A journal that ends with the process: a simulated cluster is changed for practice.
    package init(inMemory name: String) {
        path = name
        descriptor = -1
    }

    /// The journal of a cluster beneath a folder; ids are text from the cluster, and what is no
    /// plain letter or digit in them becomes %XX.
    package static func path(folder: String, clusterID: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        let name = clusterID.utf8.prefix(Limits.clusterIDBytes).map { byte in
            plain.contains(byte)
                ? String(Unicode.Scalar(byte))
                : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return "\(folder)/\(name.joined())/\(fileName)"
    }

    static let fileName = "journal.ndjson"

    deinit { if descriptor >= 0 { _ = close(descriptor) } }

    static func makeFolders(_ folder: String, _ path: String) throws(JournalError) {
        var made = folder.hasPrefix("/") ? "" : "."
        for part in folder.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
            throw JournalError(path, "make the folder of", errno: errno)
        }
    }

    /// Adds a line; it is on the disk when this returns.
    package func append(_ line: JournalLine) throws(JournalError) {
        guard descriptor >= 0 else { return memory.withLock { $0.append(line) } }
        try append(Array((line.document.text + "\n").utf8))
    }

    /// Adds these bytes, a whole line; of a journal on the disk.
    func append(_ line: [UInt8]) throws(JournalError) {
        var bytes = line
        // What a crash or a full disk left of a line before ends here.
        if try isTorn() { bytes.insert(UInt8(ascii: "\n"), at: 0) }
        var at = 0
        while at < bytes.count {
            let count = bytes[at...].withUnsafeBytes {
                write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw JournalError(path, "write", errno: errno) }
            at += count
        }
        while fsync(descriptor) != 0 {
            if errno == EINTR { continue }
            throw JournalError(path, "sync", errno: errno)
        }
    }

    /// Says to other processes, for as long as this value is there, that a change is under way.
    func hold() {
        guard descriptor >= 0 else { return }
        while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
    }

    /// Writes down what the cluster said of changes that were cut short.
    /// - Parameters:
    ///   - found: by their ids.
    ///   - asked: the changes as they were when the cluster was asked.
    /// - Returns: the ids of those that were written down: of no change that has gone on since.
    ///   Nil where another process is changing the cluster, which may be about one of them.
    package func settle(
        _ found: [String: [JournalEntry.Found]], of asked: [JournalRecord], atMs: Int64
    ) throws(JournalError) -> Set<String>? {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return nil }
            throw JournalError(path, "lock", errno: errno)
        }
        defer { _ = flock(descriptor, LOCK_UN) }
        let now = try Self.read(path: path).records
        var written: Set<String> = []
        for record in asked {
            guard let values = found[record.id], !values.isEmpty,
                let same = now.last(where: { $0.id == record.id }), same.isOpen,
                same.steps == record.steps, same.isEnded == record.isEnded
            else { continue }
            try append(JournalLine(id: record.id, atMs: atMs, event: .found(values)))
            written.insert(record.id)
        }
        return written
    }

    private func isTorn() throws(JournalError) -> Bool {
        let end = lseek(descriptor, 0, SEEK_END)
        guard end > 0 else { return false }
        var last: UInt8 = 0
        guard pread(descriptor, &last, 1, end - 1) == 1 else {
            throw JournalError(path, "read", errno: errno)
        }
        return last != UInt8(ascii: "\n")
    }

    /// What one that is kept in memory says.
    var recordsInMemory: JournalReading {
        let lines = memory.withLock { $0 }
        return JournalRecord.fold(lines.flatMap { Array(($0.document.text + "\n").utf8) })
    }

    /// What it says now.
    func reading() throws(JournalError) -> JournalReading {
        descriptor < 0 ? recordsInMemory : try Self.read(path: path)
    }

    /// Its folder; nil where it is kept in memory.
    var folder: String? {
        guard descriptor >= 0 else { return nil }
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// The same as `read`; a journal that was never written says nothing.
    static func readIfThere(_ path: String) throws(JournalError) -> JournalReading {
        access(path, F_OK) != 0 && errno == ENOENT ? JournalReading() : try read(path: path)
    }

    /// What the journal says, oldest first, and how many of its lines cannot be read.
    package static func read(path: String) throws(JournalError) -> JournalReading {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JournalError(path, "open", errno: errno) }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Limits.readBytes)
        while true {
            let count = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw JournalError(path, "read", errno: errno) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return JournalRecord.fold(bytes)
    }
}
