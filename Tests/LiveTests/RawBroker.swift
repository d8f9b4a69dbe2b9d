// One blocking connection to one broker, real or simulated: requests as they are, answers as they
// come, nothing negotiated and nothing asked again.
import Foundation
import KafkaWire

/// A broker that is asked directly.
final class RawBroker {
    let port: UInt16
    private var descriptor: Int32 = -1
    private var number: Int32 = 0

    init(port: UInt16) { self.port = port }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The answer, or nil where the broker ends the connection instead.
    func ask<R: KafkaRequest>(_ request: R, version: Int16) throws -> R.Response? {
        number += 1
        let frame = try encodeRequest(
            request, version: version, correlationID: number, clientID: "honesty")
        guard let answer = try exchange(frame) else { return nil }
        return try answer.withUnsafeBytes {
            try decodeResponseFrame(R.self, version: version, frame: $0).response
        }
    }

    /// One frame with its size for another without.
    func exchange(_ frame: [UInt8]) throws -> [UInt8]? {
        if descriptor < 0 { try connectNow() }
        var sent = 0
        while sent < frame.count {
            let count = frame[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return ended() }
            sent += count
        }
        guard let head = receive(4) else { return ended() }
        return receive(head.reduce(0) { $0 << 8 | Int($1) }) ?? ended()
    }

    private func ended() -> [UInt8]? {
        close(descriptor)
        descriptor = -1
        return nil
    }

    private func connectNow() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 15, tv_usec: 0)
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
        guard isOpen else { throw HarnessError("cannot connect to 127.0.0.1:\(port)") }
    }

    private func receive(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let chunk = [UInt8](unsafeUninitializedCapacity: count - bytes.count) { buffer, got in
                got = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
            }
            guard !chunk.isEmpty else { return nil }
            bytes += chunk
        }
        return bytes
    }
}

/// What an answer is like, without what differs between any two clusters: numbers are told from
/// -1 and "not given", texts from null and empty, lists by the kinds of element they have. Errors
/// and what a broker says about them are told in full.
func outline(_ value: Any, replacing names: [String: String], field: String = "") -> String {
    switch value {
    case let error as KafkaError: return "\(error)"
    case let text as String:
        if text.isEmpty { return "''" }
        guard field == "errorMessage" else { return "text" }
        return names.reduce(text) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    case let bool as Bool: return "\(bool)"
    case let id as KafkaUUID: return id.isZero ? "zero" : "id"
    case let ids as IDList: return ids.isEmpty ? "[]" : "[n]"
    case let number as any BinaryInteger:
        let whole = Int64(clamping: number)
        return whole == -1 ? "-1" : whole == Int64(Int32.min) ? "min" : "n"
    default: break
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
        guard let inner = mirror.children.first else { return "null" }
        return outline(inner.value, replacing: names, field: field)
    case .collection:
        let parts = Set(mirror.children.map { outline($0.value, replacing: names) })
        return "[\(parts.sorted().joined(separator: " "))]"
    default:
        let fields = mirror.children.compactMap { child -> String? in
            guard let label = child.label, label != "unknownTags" else { return nil }
            // Racks are as each cluster was started.
            if label == "rack" { return nil }
            return "\(label)=\(outline(child.value, replacing: names, field: label))"
        }
        return "{\(fields.joined(separator: " "))}"
    }
}
