// The layout of every API as text, compared with a file: a layout never changes by accident.
// `UPDATE_GOLDEN=1 swift test --filter OutlineTests` writes the files again.

import GoldenFiles
import KafkaWire
import Testing

@Suite struct OutlineTests {
    @Test func layoutsAreTheOnesOnFile() throws {
        let outlines = Dictionary(
            uniqueKeysWithValues: allRequests.map { ("\($0.name).txt", Self.outline($0)) })
        for difference in try GoldenFolder("KafkaWireTests/Golden").differences(outlines) {
            Issue.record("\(difference)")
        }
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
