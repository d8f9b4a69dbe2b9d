// A proxy on loopback for tests: SOCKS 5 or CONNECT, with or without a login. It knows names that
// nobody else does.
import Glibc
package import Transport

/// Relays to servers on this machine by the names it was given.
package final class ProxyServer: Sendable {
    package enum Kind: Sendable { case socks, http }

    /// What it was asked for, in order.
    package let asked: Locked<[String]>
    private let server: LoopbackServer

    /// - Parameters:
    ///   - names: the port on this machine behind each `name:port`; others are refused.
    ///   - account: user and password that it wants; nil: none.
    package init?(
        _ kind: Kind, names: [String: UInt16], account: (user: String, password: String)? = nil
    ) {
        let asked = Locked<[String]>([])
        self.asked = asked
        let user = account.map { ($0.user, $0.password) }
        let made = LoopbackServer(
            .serve { peer in
                ProxiedConnection(peer, kind, names, user, asked).serve()
            })
        guard let made else { return nil }
        server = made
    }

    package var endpoint: Endpoint { server.endpoint }
    package func stop() { server.stop() }
}

/// One connection, on a thread of its own.
private struct ProxiedConnection {
    let peer: Int32
    let kind: ProxyServer.Kind
    let names: [String: UInt16]
    let account: (user: String, password: String)?
    let asked: Locked<[String]>

    init(
        _ peer: Int32, _ kind: ProxyServer.Kind, _ names: [String: UInt16],
        _ account: (user: String, password: String)?, _ asked: Locked<[String]>
    ) {
        (self.peer, self.kind, self.names) = (peer, kind, names)
        (self.account, self.asked) = (account, asked)
    }

    func serve() {
        let upstream = kind == .socks ? socks() : http()
        guard let upstream else { return }
        relay(upstream)
        close(upstream)
    }

    // MARK: SOCKS 5

    private func socks() -> Int32? {
        guard let head = read(2), let methods = read(Int(head[1])) else { return nil }
        let wanted: UInt8 = account == nil ? 0 : 2
        guard methods.contains(wanted) else {
            write([5, 0xff])
            return nil
        }
        write([5, wanted])
        if let account {
            guard let begin = read(2), let user = read(Int(begin[1])), let size = read(1),
                let password = read(Int(size[0]))
            else { return nil }
            let isRight =
                text(user) == account.user && text(password) == account.password
            write([1, isRight ? 0 : 1])
            guard isRight else { return nil }
        }
        guard let request = read(4), request[3] == 3 || request[3] == 1 else { return nil }
        let host: String
        if request[3] == 1 {
            guard let bytes = read(4) else { return nil }
            host = bytes.map { "\($0)" }.joined(separator: ".")
        } else {
            guard let size = read(1), let name = read(Int(size[0])) else { return nil }
            host = text(name)
        }
        guard let port = read(2) else { return nil }
        let upstream = open("\(host):\(Int(port[0]) << 8 | Int(port[1]))")
        write([5, upstream == nil ? 4 : 0, 0, 1, 0, 0, 0, 0, 0, 0])
        return upstream
    }

    // MARK: CONNECT

    private func http() -> Int32? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard head.count < 4_096, let next = read(1) else { return nil }
            head += next
            guard head[0] >= 0x41 else {
                answer("400 Bad Request")
                return nil
            }
        }
        let lines = text(head).split(whereSeparator: \.isNewline)
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3, words[0] == "CONNECT" else {
            answer("405 Method Not Allowed")
            return nil
        }
        if let account {
            let wanted = Base64.encode(Array("\(account.user):\(account.password)".utf8))
            guard lines.contains("Proxy-Authorization: Basic \(wanted)") else {
                answer("407 Proxy Authentication Required")
                return nil
            }
        }
        let upstream = open(String(words[1]))
        answer(upstream == nil ? "502 Bad Gateway" : "200 Connection established")
        return upstream
    }

    private func answer(_ status: String) {
        write(Array("HTTP/1.1 \(status)\r\nVia: test\r\n\r\n".utf8))
    }

    // MARK: Bytes

    private func open(_ name: String) -> Int32? {
        asked.withLock { $0.append(name) }
        guard let port = names[name] else { return nil }
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if outcome == 0 { return handle }
        close(handle)
        return nil
    }

    /// Both ways until either side ends.
    private func relay(_ upstream: Int32) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var ends = [
            pollfd(fd: peer, events: Int16(POLLIN), revents: 0),
            pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&ends, 2, -1) > 0 {
            for (from, to) in [(0, upstream), (1, peer)] where ends[from].revents != 0 {
                let count = recv(ends[from].fd, &chunk, chunk.count, 0)
                guard count > 0, send(to, chunk, count, Int32(MSG_NOSIGNAL)) == count else {
                    return
                }
            }
        }
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(peer, $0.baseAddress?.advanced(by: have), count - have, 0)
            }
            guard got > 0 else { return nil }
            have += got
        }
        return bytes
    }

    private func write(_ bytes: [UInt8]) { _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
