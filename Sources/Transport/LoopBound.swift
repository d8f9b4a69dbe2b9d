// The way another thread holds something that lives on the loop's thread. The other file of this
// module with `@unchecked Sendable`: every access checks the thread and traps on a wrong one, so
// the value is never used by two threads at a time.
import Synchronization

/// Which thread a loop runs on.
package final class LoopThread: Sendable {
    private let thread = Atomic<UInt>(0)

    init() {}

    func claim() { thread.store(Thread.current, ordering: .releasing) }
    func release() { thread.store(0, ordering: .releasing) }

    /// True on the thread the loop runs on, while it runs.
    package var isCurrent: Bool { thread.load(ordering: .acquiring) == Thread.current }
}

/// Something confined to a loop's thread, held anywhere. It is made on that thread at the first
/// use.
package final class LoopBound<Value>: @unchecked Sendable {
    private let thread: LoopThread
    private let make: @Sendable () -> Value
    private var made: Value?

    package init(_ thread: LoopThread, _ make: @escaping @Sendable () -> Value) {
        self.thread = thread
        self.make = make
    }

    /// Made on the loop's thread at the first use.
    package convenience init(_ loop: Loop, _ make: @escaping @Sendable () -> Value) {
        self.init(loop.thread, make)
    }

    /// The value; traps on any thread but the loop's.
    package var value: Value {
        precondition(thread.isCurrent, "used off the loop's thread")
        if let made { return made }
        let value = make()
        made = value
        return value
    }
}
