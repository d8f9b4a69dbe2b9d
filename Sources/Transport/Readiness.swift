// Many descriptors watched by one thread, for servers on real sockets: the simulated cluster has a
// listener for each of a thousand brokers. The loop has its own way of watching (EpollSystem).
import CHost
import Glibc

/// Descriptors and what is waited for on each. They are named by number; a closed one is forgotten
/// by the system itself.
package final class Readiness: Sendable {
    private let epoll: Int32

    /// Fails with the system's error number, as when descriptors have run out.
    package init() throws(TransportError) {
        epoll = chost_epoll_create()
        guard epoll >= 0 else { throw .system(call: "epoll_create1", errno: -epoll) }
        EpollSystem.raiseDescriptorLimit()
    }

    deinit { _ = Glibc.close(epoll) }

    /// Watches a descriptor for input. False where the system has no room for it.
    package func add(_ descriptor: Int32) -> Bool {
        chost_epoll_add(epoll, descriptor, UInt64(UInt32(bitPattern: descriptor)), 1, 0) >= 0
    }

    /// Whether room for output is waited for besides input.
    package func setWriting(_ descriptor: Int32, _ writing: Bool) {
        _ = chost_epoll_change(
            epoll, descriptor, UInt64(UInt32(bitPattern: descriptor)), 1, writing ? 1 : 0)
    }

    /// Waits for so many milliseconds at most and replaces `ready` by the descriptors on which
    /// something can be done.
    package func wait(milliseconds: Int32, _ ready: inout [Int32]) {
        ready.removeAll(keepingCapacity: true)
        withUnsafeTemporaryAllocation(of: chost_event.self, capacity: Limits.eventsPerWait) {
            found in
            let count = chost_epoll_wait(
                epoll, found.baseAddress, Int32(found.count), milliseconds)
            for index in 0..<max(0, Int(count)) {
                ready.append(Int32(bitPattern: UInt32(truncatingIfNeeded: found[index].token)))
            }
        }
    }
}
