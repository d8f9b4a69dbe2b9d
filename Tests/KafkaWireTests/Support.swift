// What the tests of this module share: folders, hex, and the two directions of any API.

import Foundation
import KafkaWire

/// Where test data is. Everything hangs off the package root, found from this file's own path.
enum Folders {
    static var packageRoot: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// Every folder that may hold recorded frames, whether or not it exists.
    static var frames: [URL] {
        let environment = ProcessInfo.processInfo.environment
        let kafka =
            environment["HIGHWATER_KAFKA"].map { URL(fileURLWithPath: $0) }
            ?? packageRoot.deletingLastPathComponent().appending(path: "shared/kafka")
        let more = (environment["HIGHWATER_FRAMES"] ?? "").split(separator: ":")
        return [kafka.appending(path: "frames")] + more.map { URL(fileURLWithPath: String($0)) }
    }
}

/// The bytes of hex text; nil when it is not hex.
func bytes(hex: some StringProtocol) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(hex.utf8.count / 2)
    var high: UInt8?
    for character in hex.utf8 {
        let digit: UInt8
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
        case UInt8(ascii: " "), UInt8(ascii: "\n"): continue
        default: return nil
        }
        if let first = high {
            result.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return high == nil ? result : nil
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// Reads a request frame and writes it again; both without the size.
func rewriteRequest<R: KafkaRequest>(_ type: R.Type, _ frame: [UInt8]) throws -> [UInt8] {
    let (header, request) = try frame.withUnsafeBytes { try decodeRequest(type, frame: $0) }
    let again = try encodeRequest(
        request, version: header.version, correlationID: header.correlationID,
        clientID: header.clientID)
    return Array(again.dropFirst(4))
}

/// Reads an answer frame and writes it again; both without the size.
func rewriteResponse<R: KafkaRequest>(
    _ type: R.Type, version: Int16, _ frame: [UInt8]
) throws -> [UInt8] {
    let (correlationID, response) = try frame.withUnsafeBytes {
        try decodeResponseFrame(type, version: version, frame: $0)
    }
    let answered = frame.dropFirst(4).withUnsafeBytes {
        answeredVersion(type, asked: version, bytes: $0)
    }
    let again = try encodeResponse(
        type, response, version: answered, correlationID: correlationID)
    return Array(again.dropFirst(4))
}
