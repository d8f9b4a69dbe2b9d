// Finds the scripts that start real Kafka, and says in one line why the live tests do not run.
import Foundation

/// The folder with `kafka-cluster` and `kafka-load`: `$HIGHWATER_KAFKA`, else `../shared/kafka`
/// beside the package.
enum KafkaScripts {
    static let folder: String =
        ProcessInfo.processInfo.environment["HIGHWATER_KAFKA"]
        ?? packageRoot.deletingLastPathComponent().appendingPathComponent("shared/kafka").path

    static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let clusterPath = folder + "/kafka-cluster"
    private static let loadPath = folder + "/kafka-load"

    /// The words that begin a command of each script.
    static var cluster: [String] { python + [clusterPath] }
    static var load: [String] { python + [loadPath] }

    /// The interpreter itself: a version manager's shim in front of it starts a shell each time.
    private static let python: [String] = {
        let asked = try? run(["python3", "-c", "import sys; print(sys.executable)"], seconds: 30)
        return asked?.output.split(separator: "\n").first.map { [String($0)] } ?? []
    }()

    /// The folder of a version's jars, as the scripts find it: `$KAFKA_LIB` adds folders.
    static func jars(_ version: String) throws -> String {
        let added = ProcessInfo.processInfo.environment["KAFKA_LIB"] ?? ""
        let folders = added.split(separator: ":").map(String.init) + [folder + "/lib"]
        let found = folders.map { "\($0)/\(version)" }.first {
            FileManager.default.fileExists(atPath: $0)
        }
        guard let found else { throw HarnessError("no jars of Kafka \(version) in \(folders)") }
        return found
    }

    /// nil when the live tests can run. Asked once; says so on stderr when they cannot.
    static let whyNot: String? = {
        let why = findObstacle()
        if let why { FileHandle.standardError.write(Data("live tests skipped: \(why)\n".utf8)) }
        return why
    }()

    private static func findObstacle() -> String? {
        if ProcessInfo.processInfo.environment["HIGHWATER_LIVE"] == "0" {
            return "HIGHWATER_LIVE=0"
        }
        guard FileManager.default.isExecutableFile(atPath: clusterPath),
            FileManager.default.isExecutableFile(atPath: loadPath)
        else { return "no Kafka scripts at \(folder) (HIGHWATER_KAFKA names another folder)" }
        for program in ["python3", "java"] where !isOnPath(program) {
            return "\(program) is not on PATH, and the Kafka scripts need it"
        }
        return nil
    }

    private static func isOnPath(_ program: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }
}
