// What lies in the state folder beside the journal while plans are carried out: the plan and its
// way back as Kafka's own tool takes them, and a lock, so that one process at a time carries out.
internal import Glibc
internal import JSON
internal import Planning
internal import Synchronization

/// Held while a process carries out a plan on a cluster; the kernel lets it go with the process. Of
/// a journal in memory it is held among the sessions that share it.
final class ExecutionLock {
    private let descriptor: Int32
    private let journal: Journal

    private init(_ descriptor: Int32, _ journal: Journal) {
        self.descriptor = descriptor
        self.journal = journal
    }

    /// Nil where another process holds it.
    static func take(_ journal: Journal) throws(JournalError) -> ExecutionLock? {
        guard let folder = journal.folder else {
            let isHeld = journal.isLocked.exchange(true, ordering: .acquiringAndReleasing)
            return isHeld ? nil : ExecutionLock(-1, journal)
        }
        let path = folder + "/execution.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw JournalError(path, "open the lock of", errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else {
            return ExecutionLock(descriptor, journal)
        }
        let number = errno
        _ = close(descriptor)
        if number == EWOULDBLOCK { return nil }
        throw JournalError(path, "take the lock of", errno: number)
    }

    deinit {
        if descriptor >= 0 {
            _ = close(descriptor)
        } else {
            journal.isLocked.store(false, ordering: .releasing)
        }
    }
}

/// The two files of an execution.
enum ExecutionFiles {
    static let plan = "plan.json"
    static let rollback = "rollback.json"

    /// Writes both; they are on the disk when this returns.
    static func write(
        _ execution: PlanExecution, id: String, folder: String
    ) throws(JournalError) {
        let own = "\(folder)/\(id)"
        try Journal.makeFolders(own, "\(own)/\(plan)")
        try write(PlanExecution.list(execution.moves.map { ($0, $0.after) }), "\(own)/\(plan)")
        try write(
            PlanExecution.list(execution.moves.map { ($0, $0.before) }), "\(own)/\(rollback)")
        for path in [own, folder] {
            let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard directory >= 0 else { continue }
            _ = fsync(directory)
            _ = close(directory)
        }
    }

    private static func write(_ document: JSONValue, _ path: String) throws(JournalError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw JournalError(path, "open", errno: errno) }
        defer { _ = close(descriptor) }
        let bytes = Array((document.text + "\n").utf8)
        var at = 0
        while at < bytes.count {
            let count = bytes[at...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
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
}
