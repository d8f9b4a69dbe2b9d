// The layout of every API as text, compared with a file: a layout never changes by accident.
// `UPDATE_GOLDEN=1 swift test --filter OutlineTests` writes the files again.

import Foundation
import KafkaWire
import Testing

@Suite struct OutlineTests {
    @Test func layoutsAreTheOnesOnFile() throws {
        let update = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"
        if update {
            try FileManager.default.createDirectory(
                at: Folders.golden, withIntermediateDirectories: true)
        }
        for type in allRequests {
            let name = type.name
            let file = Folders.golden.appending(path: "\(name).txt")
            let text = Self.outline(type)
            if update { try text.write(to: file, atomically: true, encoding: .utf8) }
            let golden = try? String(contentsOf: file, encoding: .utf8)
            #expect(golden == text, "\(name): layout and golden file differ")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: Folders.golden.path)
        #expect(Set(files) == Set(allRequests.map { "\($0.name).txt" }))
    }

    @Test func walksFollowTheDeclaredOrder() {
        for type in allRequests { Self.expectEveryField(type) }
    }

    private static func expectEveryField<R: KafkaRequest>(_ type: R.Type) {
        #expect(WireOutline.of(R.self).mismatches == [], "\(R.name) request")
        #expect(WireOutline.of(R.Response.self).mismatches == [], "\(R.name) answer")
    }

    private static func outline<R: KafkaRequest>(_ type: R.Type) -> String {
        let flexible =
            R.firstFlexible == Limits.neverFlexible
            ? "never flexible" : "flexible \(R.firstFlexible)+"
        let versions = "\(R.versions.lowerBound)-\(R.versions.upperBound)"
        var lines = ["\(R.name) key \(R.apiKey) versions \(versions) \(flexible)", "request"]
        lines += WireOutline.of(R.self).lines
        lines.append("answer")
        lines += WireOutline.of(R.Response.self).lines
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func everyAPIIsListedOnce() {
        let keys = allRequests.map { $0.apiKey }
        #expect(keys == keys.sorted() && Set(keys).count == keys.count)
    }
}
