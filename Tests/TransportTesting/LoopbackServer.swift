// A real server on this machine's loopback for tests: accepts, then follows a script of bytes to
// send and ends to make. It runs on threads of its own and never blocks the test.
import Glibc
package import Transport

/// Listens on 127.0.0.1 at a free port.
package final class LoopbackServer: Sendable {
    /// What to do with each accepted connection.
    package enum Script: Sendable {
        /// Accept and say nothing.
        case silent
        /// Wait for the first bytes, send these, then keep the connection open or end it.
        case answer([UInt8], thenClose: Bool)
        /// Hands the connection over, on a thread of its own; it ends when this returns.
        case serve(@Sendable (_ peer: Int32) -> Void)
    }

    package let port: UInt16
    private let listener: Int32
    private let script: Script
    private let accepted = Locked<[Int32]>([])

    package init?(_ script: Script) {
        guard let (listener, port) = Self.listen() else { return nil }
        self.listener = listener
        self.port = port
        self.script = script
        let started = Thread.startDetached { [script, accepted] in
            while true {
                let peer = accept(listener, nil, nil)
                if peer < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard peer >= 0 else {
                    // Closed here and not by `stop`: the numbers would be another test's at once,
                    // and this thread would answer, or end, for that one.
                    _ = close(listener)
                    accepted.withLock { peers in
                        for peer in peers { _ = close(peer) }
                        peers = []
                    }
                    return
                }
                accepted.withLock { $0.append(peer) }
                Self.follow(script, peer)
            }
        }
        guard started else { return nil }
    }

    package var endpoint: Endpoint { Endpoint(host: "127.0.0.1", port: port) }

    /// Ends the listener and every connection.
    package func stop() {
        _ = shutdown(listener, Int32(SHUT_RDWR))
        accepted.withLock { for peer in $0 { _ = shutdown(peer, Int32(SHUT_RDWR)) } }
    }

    /// A port where nobody listens. It stays taken, unheard, while the process lives: a free one
    /// would be another test's server in a moment.
    package static func closedPort() -> UInt16? { take(listens: false)?.1 }

    private static func follow(_ script: Script, _ peer: Int32) {
        if case .serve(let serve) = script {
            _ = Thread.startDetached {
                serve(peer)
                _ = shutdown(peer, Int32(SHUT_RDWR))
            }
            return
        }
        guard case .answer(let bytes, let thenClose) = script else { return }
        var request = [UInt8](repeating: 0, count: 4096)
        guard recv(peer, &request, request.count, 0) > 0 else { return }
        _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if thenClose { _ = shutdown(peer, Int32(SHUT_RDWR)) }
    }

    private static func listen() -> (Int32, UInt16)? { take(listens: true) }

    /// A socket at a free port of its own.
    private static func take(listens: Bool) -> (Int32, UInt16)? {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, size) == 0
                    && (!listens || Glibc.listen(listener, 16) == 0)
                    && getsockname(listener, generic, &size) == 0
            }
        }
        guard bound else {
            _ = close(listener)
            return nil
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}
