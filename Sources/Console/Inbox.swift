// Where the loop's thread leaves what the main thread is to know, and how it wakes it.
import Glibc
import Synchronization

/// A mailbox with a descriptor that becomes readable when something lies in it. Many may post, one
/// thread takes. Pictures of the cluster replace each other: only the newest is worth drawing.
final class Inbox<Message: Sendable>: Sendable {
    private let state = Mutex<(messages: [Message], isClosed: Bool)>(([], false))
    private let readEnd: Int32
    private let writeEnd: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Readable while something waits.
    var descriptor: Int32 { readEnd }

    func post(_ message: Message, replacing isReplaced: (Message) -> Bool = { _ in false }) {
        let wasEmpty = state.withLock { state in
            let wasEmpty = state.messages.isEmpty
            state.messages.removeAll(where: isReplaced)
            state.messages.append(message)
            return wasEmpty
        }
        guard wasEmpty else { return }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    func drain() -> [Message] {
        var scratch = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &scratch, scratch.count) > 0 {}
        return state.withLock { state in
            let all = state.messages
            state.messages = []
            return all
        }
    }

    /// Waits at most `milliseconds`; true when something lies in the box.
    func wait(milliseconds: Int32) -> Bool {
        var poller = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, milliseconds) > 0
    }
}
