// Which system the built program needs: it is copied to bastions that are older than the machine it
// was built on.
import Foundation
import Glibc
import Testing

struct BinaryTests {
    /// The version of glibc that RHEL 9 and Amazon Linux 2023 have.
    private static let newest = 34

    /// Headers newer than Debian 12's put newer names into all that is built with them.
    private static var hostIsOldEnough: Bool {
        // "glibc 2.36"
        var text = [CChar](repeating: 0, count: 64)
        guard confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count) > 0 else { return false }
        let version = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        let minor = version.split(separator: ".").last.flatMap { Int($0) }
        return version.hasPrefix("glibc 2.") && (minor ?? 99) <= 36
    }

    /// Versions of glibc's functions that the file asks for: their names stand in it as text.
    private func versions(_ path: String) throws -> [Int] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        let mark = Data("GLIBC_2.".utf8)
        var found: [Int] = []
        var at = data.startIndex
        while let place = data.range(of: mark, in: at..<data.endIndex) {
            let digits = data[place.upperBound...].prefix(3).prefix { (48...57).contains($0) }
            if let number = Int(String(decoding: digits, as: UTF8.self)) { found.append(number) }
            at = place.upperBound
        }
        return found
    }

    /// The program under test, and the release build where there is one.
    @Test(.enabled(if: hostIsOldEnough)) func oldHostsCanStartIt() throws {
        let release = KafkaScripts.packageRoot.appendingPathComponent(".build/release/highwater")
        for path in [Highwater.path, release.path]
        where FileManager.default.fileExists(atPath: path) {
            let asked = try versions(path)
            #expect(asked.contains { $0 >= 2 }, "\(path) names no version")
            #expect(asked.allSatisfy { $0 <= Self.newest }, "\(path): \(Set(asked).sorted())")
        }
    }
}
