// Reads the small JSON files that operators' tools leave in ZooKeeper. Whatever the bytes are, the
// outcome is a value or nil.

/// A value of JSON. Texts with escapes other than the plain ones are not needed here.
enum SmallJSON: Sendable, Equatable {
    case object([String: SmallJSON])
    case list([SmallJSON])
    case text(String)
    case number(Double)
    case other

    /// Nil where the bytes are not one value and nothing else.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard let value = reader.value(depth: 0), reader.next() == nil else { return nil }
        self = value
    }

    subscript(key: String) -> SmallJSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0
        static let depth = 16

        init(bytes: [UInt8]) { self.bytes = bytes }

        /// The next byte that is not white space, not yet taken.
        mutating func next() -> UInt8? {
            while at < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[at]) { at += 1 }
            return at < bytes.count ? bytes[at] : nil
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next() == byte else { return false }
            at += 1
            return true
        }

        mutating func value(depth: Int) -> SmallJSON? {
            guard depth < Self.depth, let first = next() else { return nil }
            switch first {
            case UInt8(ascii: "{"): return object(depth)
            case UInt8(ascii: "["): return list(depth)
            case UInt8(ascii: "\""): return text().map { .text($0) }
            default:
                let start = at
                while at < bytes.count, !",]} \n\r\t".utf8.contains(bytes[at]) { at += 1 }
                let word = String(decoding: bytes[start..<at], as: UTF8.self)
                if ["true", "false", "null"].contains(word) { return .other }
                return Double(word).map { .number($0) }
            }
        }

        private mutating func object(_ depth: Int) -> SmallJSON? {
            at += 1
            var members: [String: SmallJSON] = [:]
            if take(UInt8(ascii: "}")) { return .object(members) }
            repeat {
                guard next() == UInt8(ascii: "\""), let key = text(), take(UInt8(ascii: ":")),
                    let member = value(depth: depth + 1)
                else { return nil }
                members[key] = member
            } while take(UInt8(ascii: ","))
            return take(UInt8(ascii: "}")) ? .object(members) : nil
        }

        private mutating func list(_ depth: Int) -> SmallJSON? {
            at += 1
            var elements: [SmallJSON] = []
            if take(UInt8(ascii: "]")) { return .list(elements) }
            repeat {
                guard let element = value(depth: depth + 1) else { return nil }
                elements.append(element)
            } while take(UInt8(ascii: ","))
            return take(UInt8(ascii: "]")) ? .list(elements) : nil
        }

        private mutating func text() -> String? {
            at += 1
            var result: [UInt8] = []
            while at < bytes.count {
                let byte = bytes[at]
                at += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: result, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    result.append(byte)
                    continue
                }
                guard at < bytes.count, "\"\\/".utf8.contains(bytes[at]) else { return nil }
                result.append(bytes[at])
                at += 1
            }
            return nil
        }
    }
}
