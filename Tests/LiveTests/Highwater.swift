// Runs the built `highwater` as a user's script would: a process, its exit code, its two streams.
import Foundation
import Testing

/// The exit codes that `highwater snapshot` documents.
enum ExitCode {
    static let complete: Int32 = 0
    static let usage: Int32 = 2
    /// No broker could be connected to, or none answered: nothing is known.
    static let nothingKnown: Int32 = 3
    /// Something is missing, for whatever reason; the document says `complete: false`.
    static let partial: Int32 = 4
}

/// The product under test.
enum Highwater {
    /// `$HIGHWATER_BINARY`, else the executable that lies beside the test bundle.
    static let path: String = {
        if let named = ProcessInfo.processInfo.environment["HIGHWATER_BINARY"] { return named }
        for argument in CommandLine.arguments {
            guard let bundle = argument.range(of: "/highwaterPackageTests.xctest") else { continue }
            return argument[..<bundle.lowerBound] + "/highwater"
        }
        #if DEBUG
            let build = "debug"
        #else
            let build = "release"
        #endif
        return KafkaScripts.packageRoot.appendingPathComponent(".build/\(build)/highwater").path
    }()

    /// Runs it; `limit` is when the test gives up on it.
    static func run(
        _ arguments: [String], limit: Double = 60, environment: [String: String] = [:]
    ) throws -> ChildProcess.Ended {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw HarnessError("no executable at \(path): swift build makes it")
        }
        return try ChildProcess(
            [path] + arguments, environment: environment.merging(["NO_COLOR": "1"]) { $1 }
        ).wait(seconds: limit)
    }

    /// `highwater snapshot -b ADDRESSES …` with its document read.
    static func snapshot(_ addresses: String, _ more: String...) throws -> Snapshot {
        try read(run(["snapshot", "-b", addresses] + more), more)
    }

    /// The same with a context of the user whose configuration is in `folder`.
    static func snapshot(
        context: String, in folder: String, _ more: String...
    ) throws -> Snapshot {
        try read(
            run(
                ["snapshot", "--context", context] + more,
                environment: ["XDG_CONFIG_HOME": folder]), more)
    }

    private static func read(_ ended: ChildProcess.Ended, _ more: [String]) throws -> Snapshot {
        do {
            return Snapshot(
                document: try SnapshotDocument(json: Data(ended.output.utf8)), ended: ended)
        } catch {
            throw HarnessError(
                "snapshot \(more): exit \(ended.exitCode), \(ended.output.utf8.count) bytes on "
                    + "stdout, stderr \(ended.errors.debugDescription): \(error)")
        }
    }

    struct Snapshot {
        var document: SnapshotDocument
        var ended: ChildProcess.Ended
    }
}
