// A link between the product and a real server that a test can cut and restore.
import Foundation
import Glibc
import Synchronization

/// Forwards TCP from a port of its own to one of 127.0.0.1, while it is not cut.
final class LinkProxy: Sendable {
    let port: UInt16
    private let target: UInt16
    private let listener: Int32
    private struct State {
        var isCut = false
        var isOver = false
        var open: Set<Int32> = []
    }
    private let state = Mutex(State())

    init(to target: UInt16) throws {
        self.target = target
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, length) == 0 && listen(handle, 16) == 0
                    && getsockname(handle, $0, &length) == 0
            }
        }
        guard handle >= 0, bound else { throw HarnessError("no proxy: \(errno)") }
        listener = handle
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in acceptAll() }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// Ends all connections and takes no new ones, until `restore`.
    func cut() {
        let open = state.withLock { state in
            state.isCut = true
            defer { state.open = [] }
            return state.open
        }
        for handle in open { shutdown(handle, Int32(SHUT_RDWR)) }
    }

    func restore() { state.withLock { $0.isCut = false } }

    func end() {
        cut()
        state.withLock { $0.isOver = true }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func acceptAll() {
        while !state.withLock({ $0.isOver }) {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.address(target)
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            let isTaken = state.withLock { state in
                guard isConnected, !state.isCut else { return false }
                state.open.formUnion([client, server])
                return true
            }
            guard isTaken else {
                close(client)
                close(server)
                continue
            }
            Thread.detachNewThread { [self] in copy(client, server) }
            Thread.detachNewThread { [self] in copy(server, client) }
        }
    }

    /// Moves bytes one way until either end is over. Descriptors stay open: a number that was given
    /// back too early would be another connection's.
    private func copy(_ from: Int32, _ to: Int32) {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(from, &bytes, bytes.count)
            guard count > 0, send(to, bytes, count, Int32(MSG_NOSIGNAL)) == count else {
                break
            }
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }
}
