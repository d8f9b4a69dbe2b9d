// What the main loop waits for: the terminal, the inbox of other threads, signals and time.

import CTerminal
package import Drawing
import Glibc
import Synchronization

/// One thing that happened outside.
package enum TerminalEvent: Equatable, Sendable {
    case keys([Key])
    /// The size changed, or the screen must be drawn anew after a stop.
    case resized(width: Int, height: Int)
    /// Something was posted to the inbox.
    case inbox
    /// The terminal takes output again after a `draw` that it did not take.
    case writable
    /// SIGTERM, SIGHUP, SIGINT or SIGQUIT: leave within a second with exit code 128 + signal.
    case ended(signal: Int32)
    /// The terminal is gone without a signal: leave with exit code 129.
    case vanished
}

/// Events from any thread to the main loop, which is woken by a descriptor.
package final class Inbox<Event: Sendable>: Sendable {
    private let events = Mutex<[Event]>([])
    /// Readable while something is in the inbox.
    package let descriptor: Int32

    package init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    }
    deinit { close(descriptor) }

    /// Adds an event; wakes the loop only when it is the first. Earlier events that `isReplaced`
    /// picks are dropped: of clusters only the newest is worth drawing, and a terminal that stands
    /// still must not make them pile up.
    package func post(_ event: Event, replacing isReplaced: (Event) -> Bool = { _ in false }) {
        let wasEmpty = events.withLock { list in
            let wasEmpty = list.isEmpty
            list.removeAll(where: isReplaced)
            list.append(event)
            return wasEmpty
        }
        guard wasEmpty else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Waits for an event without a terminal; false when `timeout` is over.
    package func wait(milliseconds timeout: Int32) -> Bool {
        var source = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&source, 1, timeout) > 0
    }

    /// Takes all events, in order.
    package func drain() -> [Event] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return events.withLock { list in
            defer { list = [] }
            return list
        }
    }
}

extension Terminal {
    /// Waits until something happens or `timeout` is over (nil: no limit); empty means time.
    /// `inbox` is an `Inbox`'s descriptor, or -1. An outside stop (SIGTSTP, SIGSTOP) is carried
    /// out here and shows as `.resized`.
    package mutating func wait(inbox: Int32, timeout: Duration?) -> [TerminalEvent] {
        var sources = [
            pollfd(fd: isGone ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: rescue.pointee.wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inbox, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isBehind ? STDOUT_FILENO : -1, events: Int16(POLLOUT), revents: 0),
        ]
        let asked = timeout.map { milliseconds($0) }
        let pending = decoder.pendingDelayMs.map { Int32($0) }
        let limit = [asked, pending].compactMap { $0 }.min() ?? -1
        let count = poll(&sources, 4, limit)
        var events: [TerminalEvent] = []
        guard count > 0 else {
            if count == 0 && pending != nil {
                let keys = decoder.flush()
                if !keys.isEmpty { events.append(.keys(keys)) }
            }
            return events
        }
        if sources[1].revents != 0 { takeSignals(&events) }
        if sources[0].revents != 0 {
            let keys = readKeys()
            if !keys.isEmpty { events.append(.keys(keys)) }
            if isGone { events.append(.vanished) }
        }
        if sources[2].revents != 0 { events.append(.inbox) }
        if sources[3].revents != 0 {
            isBehind = false
            events.append(.writable)
        }
        return events
    }

    private mutating func takeSignals(_ events: inout [TerminalEvent]) {
        let bits = Int(ct_rescue_take(rescue))
        if bits & Int(CT_ENDING) != 0 {
            events.append(.ended(signal: ct_rescue_ending(rescue)))
            return
        }
        if bits & Int(CT_SUSPEND) != 0 {
            // Comes back with CT_RESIZED.
            suspend()
            return
        }
        guard bits & Int(CT_CONTINUED | CT_RESIZED) != 0 else { return }
        if bits & Int(CT_CONTINUED) != 0 { resume() } else { measure() }
        events.append(.resized(width: size.width, height: size.height))
    }

    /// Everything typed by now. Sets `isGone` at the terminal's end.
    private mutating func readKeys() -> [Key] {
        var bytes: [UInt8] = []
        var source = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        repeat {
            var failure: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: Limits.readBytes) { room, count in
                let found = read(STDIN_FILENO, room.baseAddress, room.count)
                if found < 0 { failure = errno }
                count = max(0, found)
            }
            if chunk.isEmpty {
                if failure == EINTR || failure == EAGAIN { break }
                // The end of file, or EIO: there is no terminal any more.
                isGone = true
            }
            bytes += chunk
        } while !isGone && bytes.count < Limits.readBytes * 16 && poll(&source, 1, 0) > 0
        return decoder.feed(bytes)
    }

    /// Rounded up, so that a loop does not spin in the last millisecond.
    private func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        if seconds < 0 || attoseconds < 0 { return 0 }
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(seconds * 1_000 + part)
    }
}

/// RFC 4648, for OSC 52.
package func base64(_ bytes: [UInt8]) -> [UInt8] {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var at = 0
    while at < bytes.count {
        let group = (0..<3).map { at + $0 < bytes.count ? UInt32(bytes[at + $0]) : 0 }
        let value = group[0] << 16 | group[1] << 8 | group[2]
        let have = min(3, bytes.count - at)
        for place in 0..<4 {
            let digit = Int(value >> UInt32(18 - 6 * place) & 63)
            text.append(place <= have ? letters[digit] : UInt8(ascii: "="))
        }
        at += 3
    }
    return text
}
