// A value behind a pthread mutex, and a queue other threads wait on. The system's own mutex is used
// since the thread sanitizer understands it and not Synchronization.Mutex. One of the two files of
// this module with `@unchecked Sendable`: the mutex is what makes the value safe to share.
import Glibc

/// A value that several threads may use, one at a time.
///
/// A closure goes in as the member of a struct, never bare: Swift wraps a bare one once more at
/// every access, until calling it takes seconds and freeing it overflows the stack.
package final class Locked<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    package init(_ value: sending Value) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        changed = .allocate(capacity: 1)
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        self.value = value
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` alone with the value; keep it short.
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Runs `body` whenever the value may have changed until it gives a result; blocks the thread.
    package func waitUntil<Result>(_ body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            pthread_cond_wait(changed, mutex)
        }
    }

    /// Lets every thread in `waitUntil` look again.
    package func signal() { pthread_cond_broadcast(changed) }
}
