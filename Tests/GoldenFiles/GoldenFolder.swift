// Golden files: what was drawn or laid out when somebody last looked and found it right.
package import Foundation

/// A folder of golden files below Tests. `UPDATE_GOLDEN=1` writes them anew.
package struct GoldenFolder {
    private let folder: URL
    private let isUpdating: Bool

    /// - Parameter path: below Tests, as "ScreensTests/Golden".
    package init(_ path: String) {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        self.init(
            tests.appending(path: path),
            isUpdating: ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil)
    }

    package init(_ folder: URL, isUpdating: Bool) {
        self.folder = folder
        self.isUpdating = isUpdating
    }

    /// Compares all of the folder's files at once: a sentence for each that differs, that is
    /// missing, and that nothing draws.
    ///
    /// - Parameters:
    ///   - drawn: what the files should hold, by file name.
    ///   - isOurs: which files the caller answers for, where several tests share a folder.
    package func differences(
        _ drawn: [String: String], where isOurs: (String) -> Bool = { _ in true }
    ) throws -> [String] {
        if isUpdating { try update(drawn, where: isOurs) }
        var found: [String] = []
        for (name, text) in drawn.sorted(by: { $0.key < $1.key }) {
            let file = folder.appending(path: name)
            if let golden = try? String(contentsOf: file, encoding: .utf8) {
                if golden != text { found.append(Self.difference(name, text, golden)) }
            } else {
                found.append("\(name) is missing: UPDATE_GOLDEN=1 writes it")
            }
        }
        return try found
            + names().filter { isOurs($0) && drawn[$0] == nil }.map { "nothing draws \($0)" }
    }

    private func names() throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func update(_ drawn: [String: String], where isOurs: (String) -> Bool) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in try names() where isOurs(name) && drawn[name] == nil {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
        for (name, text) in drawn {
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
    }

    /// The first lines that differ.
    private static func difference(_ name: String, _ drawn: String, _ golden: String) -> String {
        let new = drawn.split(separator: "\n", omittingEmptySubsequences: false)
        let old = golden.split(separator: "\n", omittingEmptySubsequences: false)
        var lines: [String] = []
        for index in 0..<max(new.count, old.count) where lines.count < 12 {
            let now = index < new.count ? new[index] : "(no line)"
            let was = index < old.count ? old[index] : "(no line)"
            if now != was { lines.append("\(index + 1): \(now)\n was: \(was)") }
        }
        return "\(name) differs:\n\(lines.joined(separator: "\n"))"
    }
}
