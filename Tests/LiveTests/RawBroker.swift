// One blocking connection to one broker, real or simulated: requests as they are, answers as they
// come, nothing negotiated and nothing asked again.
import Foundation
import KafkaWire

/// A broker that is asked directly.
final class RawBroker {
    let port: UInt16
    private var connection: LoopbackSocket?
    private var number: Int32 = 0

    init(port: UInt16) { self.port = port }

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
        let connection = try connection ?? LoopbackSocket(port: port)
        self.connection = connection
        guard connection.send(frame), let head = connection.receive(4),
            let answer = connection.receive(head.reduce(0) { $0 << 8 | Int($1) })
        else {
            self.connection = nil
            return nil
        }
        return answer
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
