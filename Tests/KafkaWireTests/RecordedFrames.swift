// Real requests and real answers: each must be read whole and written back as the same bytes.

import Foundation
import KafkaWire
import Testing

@Suite struct RecordedFrames {
    /// One line of a kafka.jsonl file; other lines (another protocol) have no api_key.
    struct Exchange: Decodable {
        var client: String
        var broker: String
        var apiKey: Int16
        var api: String
        var apiVersion: Int16
        var request: String?
        var response: String?

        enum CodingKeys: String, CodingKey {
            case client, broker, api, request, response
            case apiKey = "api_key"
            case apiVersion = "api_version"
        }
    }

    private struct Tally {
        var requests = 0
        var responses = 0
        var others = 0
        var faults: [String] = []
    }

    @Test func everyRecordedExchangeComesBackAsTheSameBytes() throws {
        var tally = Tally()
        var folders: [String] = []
        for folder in Folders.frames {
            let files = Self.files(under: folder)
            if files.isEmpty { continue }
            folders.append(folder.path)
            for file in files {
                let text = try String(contentsOf: file, encoding: .utf8)
                for (index, line) in text.split(separator: "\n").enumerated() {
                    check(line: line, at: "\(file.lastPathComponent):\(index + 1)", &tally)
                }
            }
        }
        if folders.isEmpty {
            print(
                "RecordedFrames: skipped, because none of these folders has a *.jsonl file: "
                    + Folders.frames.map(\.path).joined(separator: ", ")
                    + ". HIGHWATER_KAFKA or HIGHWATER_FRAMES can name one.")
            return
        }
        print(
            "RecordedFrames: \(tally.requests) requests and \(tally.responses) answers checked, "
                + "\(tally.others) exchanges of other APIs left out, in: "
                + folders.joined(separator: ", "))
        #expect(tally.requests + tally.responses > 0)
        #expect(tally.faults == [])
    }

    /// The *.jsonl files in a folder and the folders in it.
    private static func files(under folder: URL) -> [URL] {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap {
            $0 as? String
        }
        return (names ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()
            .map { folder.appending(path: $0) }
    }

    private func check(line: Substring, at place: String, _ tally: inout Tally) {
        guard let exchange = try? JSONDecoder().decode(Exchange.self, from: Data(line.utf8)) else {
            // A line of the other protocol has an operation instead of an API; anything else that
            // does not parse is a fault of the file.
            if line.contains("\"api_key\"") { tally.faults.append("\(place): unreadable line") }
            return
        }
        guard let type = allRequests.first(where: { $0.apiKey == exchange.apiKey }) else {
            tally.others += 1
            return
        }
        // A layout of 4.4, which no release we talk to needs; a too new ApiVersions is answered.
        guard type.versions.contains(exchange.apiVersion) || exchange.apiKey == 18 else {
            tally.others += 1
            return
        }
        check(type, exchange, at: place, &tally)
    }

    private func check<R: KafkaRequest>(
        _ type: R.Type, _ exchange: Exchange, at place: String, _ tally: inout Tally
    ) {
        let what = "\(place) \(exchange.api) v\(exchange.apiVersion) of \(exchange.broker)"
        if let request = exchange.request {
            tally.requests += 1
            note(request, what + " request", &tally) { try Self.rewrite(type, request: $0) }
        }
        if let response = exchange.response {
            tally.responses += 1
            note(response, what + " answer", &tally) {
                try rewriteResponse(type, version: exchange.apiVersion, $0)
            }
        }
    }

    private func note(
        _ recorded: String, _ what: String, _ tally: inout Tally,
        _ rewrite: ([UInt8]) throws -> [UInt8]
    ) {
        guard let frame = bytes(hex: recorded) else {
            tally.faults.append("\(what): not hex")
            return
        }
        do {
            let again = try rewrite(frame)
            if again != frame {
                let at = zip(again, frame).enumerated().first { $1.0 != $1.1 }?.offset
                tally.faults.append("\(what): differs from byte \(at ?? -1): \(hex(again))")
            }
        } catch {
            tally.faults.append("\(what): \(error)")
        }
    }

    /// A request of a version nobody knows yet (ApiVersions v99) is written as one of the layouts
    /// we know with another number in its header: some known layout must fit it.
    private static func rewrite<R: KafkaRequest>(
        _ type: R.Type, request frame: [UInt8]
    ) throws -> [UInt8] {
        guard frame.count >= 4 else { return [] }
        let version = Int16(bitPattern: UInt16(frame[2]) << 8 | UInt16(frame[3]))
        if R.versions.contains(version) { return try rewriteRequest(type, frame) }
        var again: [UInt8] = []
        for known in R.versions.reversed() where again != frame {
            var altered = frame
            altered[2] = UInt8(truncatingIfNeeded: known >> 8)
            altered[3] = UInt8(truncatingIfNeeded: known)
            again = (try? rewriteRequest(type, altered)) ?? []
            if again == altered { again = frame }
        }
        return again
    }
}
