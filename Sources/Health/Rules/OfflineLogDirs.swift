// A log directory that its broker has taken offline.

internal import ClusterModel

/// Directories with an error.
enum OfflineLogDirs: Rule {
    static let entry = RuleEntry(
        "log_dir_offline", "directories offline", .critical, .logDirs,
        advice: "Look at the disk; the broker takes the directory back when it is restarted.")

    static func check(_ pass: HealthPass) -> [Finding] {
        pass.cluster.logDirs.filter { $0.errorCode != 0 }.map { dir in
            finding(
                .volume(dir.broker, path: dir.path),
                "log directory \(dir.path) of broker \(dir.broker) is offline")
        }
    }
}
