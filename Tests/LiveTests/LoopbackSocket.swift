// One blocking TCP connection to a port of this machine.
import Foundation

/// Closed with its last reference.
final class LoopbackSocket {
    private let descriptor: Int32

    /// - Parameter seconds: that one read may take.
    init(port: UInt16, seconds: Int = 15) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isOpen = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isOpen else {
            close(descriptor)
            throw HarnessError("cannot connect to 127.0.0.1:\(port)")
        }
    }

    deinit { close(descriptor) }

    /// False where the other side has ended the connection.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Nothing more will be sent.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// So many bytes; nil where the other side ends before, or is silent for too long.
    func receive(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let chunk = receiveSome(count - bytes.count)
            guard !chunk.isEmpty else { return nil }
            bytes += chunk
        }
        return bytes
    }

    /// All until the other side ends, or is silent for too long.
    func receiveAll() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let chunk = receiveSome(65_536)
            guard !chunk.isEmpty else { return bytes }
            bytes += chunk
        }
    }

    private func receiveSome(_ most: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: most) { buffer, got in
            got = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
    }
}
