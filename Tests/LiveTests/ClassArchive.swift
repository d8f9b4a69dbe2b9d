// Kafka's tools start in half the time when they find their classes loaded and checked: the first
// one leaves an archive of them (JEP 350), the others take it.
import Foundation
import Synchronization

/// The archive of one set of jars.
final class ClassArchive: Sendable {
    /// What one JVM is told, and whether it makes the archive.
    struct Use {
        var environment: [String: String]
        fileprivate var makes: Bool
    }

    private enum State { case missing, underWay, ready }
    private let path: String
    private let state = Mutex(State.missing)

    init(_ path: String) { self.path = path }

    func use() -> Use {
        state.withLock { state in
            // What a JVM thinks of an archive belongs to nobody's output.
            switch state {
            case .missing:
                state = .underWay
                return Use(options: "-XX:ArchiveClassesAtExit=\(path) -Xlog:disable", makes: true)
            case .underWay: return Use(environment: [:], makes: false)
            case .ready:
                return Use(options: "-XX:SharedArchiveFile=\(path) -Xlog:disable", makes: false)
            }
        }
    }

    /// The JVM has ended. An archive that was not made is not tried again.
    func ended(_ use: Use, exitCode: Int32) {
        guard use.makes, exitCode == 0, FileManager.default.fileExists(atPath: path) else { return }
        state.withLock { $0 = .ready }
    }
}

extension ClassArchive.Use {
    fileprivate init(options: String, makes: Bool) {
        self.init(environment: ["JAVA_TOOL_OPTIONS": options], makes: makes)
    }
}
