// Reads the brokers' own files: the only truth about where a follower's log ends that does not come
// over the protocol, and it can be had of a frozen broker too.
import Foundation

/// The log of one replica in a broker's log directory.
struct LogOnDisk {
    var folder: String
    /// The log directory it lies in.
    var logDir: String

    /// nil where the broker has no such replica.
    init?(_ broker: KafkaCluster.Broker, topic: String, partition: Int) {
        for dir in broker.logDirs {
            let folder = "\(dir)/\(topic)-\(partition)"
            guard FileManager.default.fileExists(atPath: folder) else { continue }
            self.folder = folder
            logDir = dir
            return
        }
        return nil
    }

    /// One past the last offset, from the headers of the last segment's record batches
    /// (base offset int64 at 0, length int32 at 8, last offset delta int32 at 23). A batch that is
    /// being written is not counted.
    func readEnd() throws -> Int {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        guard let last = names.filter({ $0.hasSuffix(".log") }).max(),
            var end = Int(last.dropLast(".log".count))
        else { throw HarnessError("no segment in \(folder)") }
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(last)"))
        try data.withUnsafeBytes { bytes in
            var at = 0
            while at + 27 <= bytes.count {
                let base = bytes.loadUnaligned(fromByteOffset: at, as: Int64.self).bigEndian
                let length = bytes.loadUnaligned(fromByteOffset: at + 8, as: Int32.self).bigEndian
                let delta = bytes.loadUnaligned(fromByteOffset: at + 23, as: Int32.self).bigEndian
                guard length > 0 else { throw HarnessError("not a record batch in \(folder)") }
                at += 12 + Int(length)
                if at <= bytes.count { end = Int(base) + Int(delta) + 1 }
            }
        }
        return end
    }

    /// The newest leader epoch the broker has led or followed in (`leader-epoch-checkpoint`: a
    /// version, a count, then "epoch start-offset" a line).
    func readLeaderEpoch() throws -> Int? {
        let text = try String(contentsOfFile: folder + "/leader-epoch-checkpoint", encoding: .utf8)
        let entries = text.split(separator: "\n").dropFirst(2)
        return entries.last?.split(separator: " ").first.flatMap { Int($0) }
    }
}

/// A volume's room, as the operating system tells it.
struct Volume {
    var totalBytes: Int
    var usableBytes: Int

    init(_ path: String) throws {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { throw HarnessError("statvfs \(path)") }
        totalBytes = Int(info.f_blocks) * Int(info.f_frsize)
        usableBytes = Int(info.f_bavail) * Int(info.f_frsize)
    }
}
