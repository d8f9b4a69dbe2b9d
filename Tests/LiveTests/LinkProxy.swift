// A link between the product and a real server that a test can cut and restore, or through which no
// four-letter words go.
import Foundation
import Glibc
import Synchronization
import Transport

/// Forwards TCP from a port of its own to one of 127.0.0.1, while it is not cut.
final class LinkProxy: Sendable {
    /// What becomes of a connection that begins with a four-letter word.
    enum Words: CaseIterable {
        case passed
        /// Answered as a ZooKeeper server answers a word that its whitelist does not name.
        case refused
        /// Closed without an answer, as by a firewall that knows the protocol.
        case closed
    }

    let port: UInt16
    let target: UInt16
    private let words: Words
    private let listener: Int32
    private struct State {
        var isCut = false
        var isOver = false
        var open: Set<Int32> = []
        var carried = 0
    }
    private let state = Mutex(State())

    init(to target: UInt16, words: Words = .passed) throws {
        self.target = target
        self.words = words
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

    /// How many connections went through it.
    var carried: Int { state.withLock { $0.carried } }

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
                state.carried += 1
                return true
            }
            guard isTaken else {
                close(client)
                close(server)
                continue
            }
            Thread.detachNewThread { [self] in
                if words == .passed || !endWord(client) {
                    copy(client, server)
                } else {
                    shutdown(server, Int32(SHUT_RDWR))
                }
            }
            Thread.detachNewThread { [self] in copy(server, client) }
        }
    }

    /// True when the client said a word instead of opening a session, whose first bytes are a size.
    private func endWord(_ client: Int32) -> Bool {
        var first = [UInt8](repeating: 0, count: 4)
        let count = recv(client, &first, first.count, Int32(MSG_PEEK | MSG_WAITALL))
        guard count == 4, first.allSatisfy({ (0x61...0x7a).contains($0) }) else { return false }
        if words == .refused {
            let word = String(decoding: first, as: UTF8.self)
            let answer = Array("\(word) is not executed because it is not in the whitelist.\n".utf8)
            _ = send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
        }
        // What was peeked at is taken, else the end would be a reset.
        _ = read(client, &first, first.count)
        shutdown(client, Int32(SHUT_RDWR))
        return true
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

/// An address map as operators write it for a bastion: each of the ports is dialled by way of a
/// proxy of its own.
struct Detours: Sendable {
    let proxies: [LinkProxy]
    private let dialled: [UInt16: UInt16]

    /// `words` are what becomes of four-letter words on the way to each port; they pass where it
    /// says nothing.
    init(to ports: [UInt16], words: [LinkProxy.Words] = []) throws {
        proxies = try ports.enumerated().map { index, port in
            try LinkProxy(to: port, words: index < words.count ? words[index] : .passed)
        }
        dialled = Dictionary(uniqueKeysWithValues: zip(ports, proxies.map(\.port)))
    }

    func dial(_ advertised: Endpoint) -> Endpoint {
        Endpoint(host: advertised.host, port: dialled[advertised.port] ?? advertised.port)
    }

    /// The value of `highwater.address.map`.
    var setting: String {
        dialled.map { "127.0.0.1:\($0)=127.0.0.1:\($1)" }.joined(separator: ", ")
    }

    /// The advertised ports that were reached by their detour.
    var used: Set<UInt16> {
        Set(proxies.filter { $0.carried > 0 }.map(\.target))
    }

    func end() { for proxy in proxies { proxy.end() } }
}
