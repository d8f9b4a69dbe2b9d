// The real operating system: non-blocking sockets watched by epoll, woken by an eventfd, the clock
// of the kernel. The timeout of the wait is the only timer.
import CHost
import Glibc

/// Sockets, time and names of this machine.
package final class EpollSystem: OperatingSystem {
    /// The token of the eventfd; no connection has it, since slots are fewer.
    private static let wakeToken = UInt64.max

    private let epoll: Int32
    private let waker: Int32
    private let resolver = Resolver()

    /// Fails with the system's error number, as when descriptors have run out.
    package init() throws(TransportError) {
        epoll = chost_epoll_create()
        guard epoll >= 0 else { throw .system(call: "epoll_create1", errno: -epoll) }
        waker = chost_eventfd_create()
        guard waker >= 0 else {
            _ = Glibc.close(epoll)
            throw .system(call: "eventfd", errno: -waker)
        }
        _ = chost_epoll_add(epoll, waker, Self.wakeToken, 1, 0)
        Self.raiseDescriptorLimit()
    }

    /// A thousand brokers need more descriptors than the usual soft limit of 1024 leaves.
    static func raiseDescriptorLimit() {
        let files = Int32(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, Limits.descriptors))
        _ = setrlimit(files, &limit)
    }

    deinit {
        _ = Glibc.close(waker)
        _ = Glibc.close(epoll)
    }

    package func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * Limits.nanosecondsPerSecond + UInt64(time.tv_nsec)
    }

    package func wallClockMs() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    package func random() -> UInt64 { UInt64.random(in: 0...UInt64.max) }

    package func open(_ address: Address, token: UInt64) -> OpenOutcome {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let handle = socket(address.isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        guard handle >= 0 else { return .failed(errno) }
        setOption(handle, Int32(IPPROTO_TCP), TCP_NODELAY)
        setOption(handle, SOL_SOCKET, SO_KEEPALIVE)
        let outcome = address.withSocketAddress { Glibc.connect(handle, $0, $1) }
        if outcome != 0, errno != EINPROGRESS {
            let number = errno
            _ = Glibc.close(handle)
            return .failed(number)
        }
        let added = chost_epoll_add(epoll, handle, token, 0, 1)
        guard added >= 0 else {
            _ = Glibc.close(handle)
            return .failed(-added)
        }
        return .opened(handle)
    }

    package func connectError(_ handle: Int32) -> Int32 {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(handle, SOL_SOCKET, SO_ERROR, &number, &size) == 0 else { return errno }
        return number
    }

    package func read(
        _ handle: Int32, tail: UnsafeMutableRawBufferPointer?,
        scratch: UnsafeMutableRawBufferPointer
    ) -> Int {
        let count: Int
        if let tail {
            var parts = (
                iovec(iov_base: tail.baseAddress, iov_len: tail.count),
                iovec(iov_base: scratch.baseAddress, iov_len: scratch.count)
            )
            count = withUnsafeBytes(of: &parts) { bytes in
                Glibc.readv(handle, bytes.assumingMemoryBound(to: iovec.self).baseAddress, 2)
            }
        } else {
            count = recv(handle, scratch.baseAddress, scratch.count, 0)
        }
        return count < 0 ? -Int(errno) : count
    }

    package func write(_ handle: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        // Without MSG_NOSIGNAL a closed peer would end the process.
        let count = Glibc.send(handle, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        return count < 0 ? -Int(errno) : count
    }

    package func setInterest(_ handle: Int32, token: UInt64, reading: Bool, writing: Bool) {
        _ = chost_epoll_change(epoll, handle, token, reading ? 1 : 0, writing ? 1 : 0)
    }

    package func close(_ handle: Int32) { _ = Glibc.close(handle) }

    package func wait(until deadline: UInt64?, _ events: inout [SystemEvent]) {
        events.removeAll(keepingCapacity: true)
        var timeoutMs: Int32 = -1
        if let deadline {
            let now = deadline == 0 ? 0 : now()
            let left = deadline > now ? deadline - now : 0
            // Rounded up: waking early would spin until the deadline.
            let whole =
                (left + Limits.nanosecondsPerMillisecond - 1)
                / Limits.nanosecondsPerMillisecond
            timeoutMs = Int32(min(whole, UInt64(Int32.max)))
        }
        withUnsafeTemporaryAllocation(of: chost_event.self, capacity: Limits.eventsPerWait) {
            found in
            let count = chost_epoll_wait(
                epoll, found.baseAddress, Int32(found.count), timeoutMs)
            for index in 0..<max(0, Int(count)) {
                let event = found[index]
                guard event.token != Self.wakeToken else {
                    _ = chost_eventfd_clear(waker)
                    continue
                }
                events.append(
                    SystemEvent(
                        token: event.token, isReadable: event.readable != 0,
                        isWritable: event.writable != 0))
            }
        }
    }

    package func wake() { _ = chost_eventfd_signal(waker) }

    package func resolve(
        _ host: String, port: UInt16,
        completion: @escaping @Sendable (Result<[Address], LookupFailure>) -> Void
    ) {
        resolver.resolve(host, port: port, completion: completion)
    }

    private func setOption(_ handle: Int32, _ level: Int32, _ option: Int32) {
        var on: Int32 = 1
        setsockopt(handle, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
