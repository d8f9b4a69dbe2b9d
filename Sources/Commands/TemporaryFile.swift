// The file beside the one that it will replace. A signal that ends the process takes it along.
internal import Glibc
internal import Synchronization

/// A temporary file until it has taken its place or is removed. One at a time.
struct TemporaryFile {
    let descriptor: Int32
    private let path: String
    private let guardian: SignalGuard

    /// Makes it in the folder of `path`, for its owner alone.
    init(beside path: String) throws(WriteFailure) {
        let name = path + "." + String(UInt64.random(in: .min ... .max), radix: 36)
        // Before the file is there: a signal may come at any moment.
        let guardian = SignalGuard(removing: name)
        let descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let failure = WriteFailure()
            guardian.end()
            throw failure
        }
        (self.path, self.descriptor, self.guardian) = (name, descriptor, guardian)
    }

    /// Takes the place of `target`, with the mode and owner of the file that was there.
    func take(_ target: String, of known: stat?) throws(WriteFailure) {
        guard let known else {
            // Others may read it as they may read any file made here.
            let mask = umask(0)
            umask(mask)
            guard fchmod(descriptor, 0o666 & ~mask) == 0, rename(path, target) == 0 else {
                throw WriteFailure()
            }
            return
        }
        // The owner first: a change of owner takes bits of the mode away.
        guard fchown(descriptor, known.st_uid, known.st_gid) == 0 else {
            return try overwrite(target)
        }
        guard fchmod(descriptor, known.st_mode & 0o7777) == 0 else { throw WriteFailure() }
        if rename(path, target) == 0 { return }
        // Something is mounted there, as containers do with single files.
        guard errno == EBUSY else { throw WriteFailure() }
        try overwrite(target)
    }

    /// Writes over a file that cannot be replaced by another one without losing its owner or its
    /// place. Room for all of it is had before anything is changed.
    func overwrite(_ target: String) throws(WriteFailure) {
        let place = open(target, O_WRONLY | O_CLOEXEC)
        guard place >= 0 else { throw WriteFailure() }
        defer { close(place) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else { throw WriteFailure() }
        let room = posix_fallocate(place, 0, size)
        guard room == 0 || room == EOPNOTSUPP || room == EINVAL else {
            throw WriteFailure(number: room)
        }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var at: off_t = 0
        while at < size {
            let count = pread(descriptor, &chunk, chunk.count, at)
            guard count > 0, pwrite(place, chunk, count, at) == count else {
                throw WriteFailure()
            }
            at += off_t(count)
        }
        guard ftruncate(place, size) == 0, fsync(place) == 0 else { throw WriteFailure() }
    }

    /// Closes it, and removes it where it has not taken its place.
    func remove() {
        close(descriptor)
        unlink(path)
        guardian.end()
    }
}

/// Removes a file when one of the signals that end a process comes, then lets the signal end it.
private struct SignalGuard {
    private typealias Handler = @convention(c) (Int32) -> Void
    private let path: UnsafeMutablePointer<CChar>?
    private let earlier: [(number: Int32, handler: __sighandler_t?)]

    init(removing name: String) {
        path = strdup(name)
        doomedPath.store(UInt(bitPattern: path), ordering: .sequentiallyConsistent)
        earlier = [SIGTERM, SIGINT, SIGHUP, SIGQUIT].map { number in
            let before = signal(number, removeAndEnd)
            // What the parent has made this process ignore stays ignored (nohup).
            if let before, unsafeBitCast(before, to: Int.self) == Self.ignored {
                signal(number, before)
            }
            return (number, before)
        }
    }

    /// The value of SIG_IGN.
    private static let ignored = 1

    func end() {
        for (number, handler) in earlier { signal(number, handler) }
        doomedPath.store(0, ordering: .sequentiallyConsistent)
        free(path)
    }
}

/// The address of the name to be removed; 0: none.
private let doomedPath = Atomic<UInt>(0)

private func removeAndEnd(_ number: Int32) {
    if let path = UnsafePointer<CChar>(
        bitPattern: doomedPath.load(ordering: .sequentiallyConsistent))
    {
        unlink(path)
    }
    signal(number, SIG_DFL)
    raise(number)
}
