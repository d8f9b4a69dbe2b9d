// A thread of its own for tests that wait: they must not hold one of the few threads that all tests
// share.
import Glibc
import Transport

/// Runs jobs one after the other on one thread, which ends with `end`.
package final class OwnThread: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isOver = false
    }
    private let state = Locked(State())
    private let pipeIn: Int32
    private let pipeOut: Int32

    package init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        (pipeOut, pipeIn) = (ends[0], ends[1])
        _ = Thread.startDetached { [self] in work() }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wake()
    }

    package func end() {
        state.withLock { $0.isOver = true }
        wake()
    }

    private func wake() {
        var byte: UInt8 = 1
        _ = write(pipeIn, &byte, 1)
    }

    private func work() {
        var byte: UInt8 = 0
        while read(pipeOut, &byte, 1) == 1 {
            while let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) {
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
            if state.withLock({ $0.isOver && $0.jobs.isEmpty }) { break }
        }
        _ = close(pipeIn)
        _ = close(pipeOut)
    }
}
