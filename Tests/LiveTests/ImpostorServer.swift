// Servers that are no Kafka: what an operator meets behind a wrong port.
import Foundation
import Synchronization

/// Listens on a free loopback port until it is closed, and treats every connection alike.
final class ImpostorServer: Sendable {
    /// What it does to a connection once it has sent something.
    enum Conduct: String, CaseIterable, Sendable {
        case http
        case tls
        case silent
        case halfFrame
        case closing
    }

    let port: Int
    private let listener: Int32
    private let connections = Mutex<[Int32]>([])

    init(_ conduct: Conduct) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, size) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, generic, &size) == 0
            }
        }
        guard isBound else { throw HarnessError("cannot listen on loopback") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                connections.withLock { $0.append(connection) }
                Thread.detachNewThread { ImpostorServer.serve(connection, conduct) }
            }
        }
    }

    var address: String { "127.0.0.1:\(port)" }

    /// Ends the listener and every connection.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Foundation.close(listener)
        for connection in connections.withLock({ $0 }) {
            shutdown(connection, Int32(SHUT_RDWR))
            Foundation.close(connection)
        }
    }

    private static func serve(_ connection: Int32, _ conduct: Conduct) {
        var request = [UInt8](repeating: 0, count: 4096)
        guard recv(connection, &request, request.count, 0) > 0 else { return }
        switch conduct {
        case .http:
            let text = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
            send(connection, Array(text.utf8))
        case .tls:
            // A fatal alert, "protocol_version", as a TLS server answers to plain text.
            send(connection, [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46])
        case .silent:
            return
        case .halfFrame:
            // 100 bytes announced, six of them sent.
            send(connection, [0, 0, 0, 100] + request[8..<12] + [0, 0])
            return
        case .closing:
            break
        }
        shutdown(connection, Int32(SHUT_RDWR))
    }

    private static func send(_ connection: Int32, _ bytes: [UInt8]) {
        _ = Foundation.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
