// Where it is written down what is in maintenance: beside a cluster's journal, one line of JSON a
// word, added at the end of the file, so that several consoles write to it at once and a line that
// a crash cut short spoils no other. The last word on an object counts.
package import ClusterModel
internal import Glibc
internal import JSON
internal import Synchronization

/// What is in maintenance, of all clusters.
package final class MaintenanceStore: Sendable {
    /// Where the files lie; nil: in memory, and what is said ends with the process.
    private let folder: String?
    private let isInMemory: Bool
    private let known = Mutex<[String: Known]>([:])

    /// A file as it was read last.
    private struct Known {
        var stamp = Stamp()
        var bytes: [UInt8] = []
        var maintenance = Maintenance()
    }
    /// What changes when somebody writes to the file.
    private struct Stamp: Equatable {
        var inode: UInt64 = 0
        var size: Int64 = 0
        var seconds = 0
        var nanoseconds = 0
    }

    private init(folder: String?, isInMemory: Bool) {
        self.folder = folder
        self.isInMemory = isInMemory
    }

    /// Beneath this folder; nil: there is no place for it, and nothing can be put in maintenance.
    package static func folder(_ folder: String?) -> MaintenanceStore {
        MaintenanceStore(folder: folder, isInMemory: false)
    }

    /// A simulated cluster is worked on for practice.
    package static func inMemory() -> MaintenanceStore {
        MaintenanceStore(folder: nil, isInMemory: true)
    }

    /// Of the cluster of this id, those whose time is over too. The file is read again where it has
    /// changed: asked with every state of a cluster it costs one look at the folder.
    package func read(_ clusterID: String) -> Maintenance {
        known.withLock { known in
            var file = known[clusterID] ?? Known()
            if !isInMemory, let folder {
                let path = Self.path(folder: folder, clusterID: clusterID)
                let stamp = Self.stamp(path)
                if stamp != file.stamp {
                    file.stamp = stamp
                    file.maintenance = MaintenanceLines.fold(Self.bytes(path))
                }
            }
            known[clusterID] = file
            return file.maintenance
        }
    }

    /// Puts an object in maintenance.
    package func set(_ entry: Maintenance.Entry, _ clusterID: String) throws(JournalError) {
        try add(MaintenanceLines.line(entry), clusterID)
    }

    /// Ends the maintenance of an object.
    package func lift(
        _ object: ObjectID, _ clusterID: String, at now: WallTime
    ) throws(JournalError) {
        try add(MaintenanceLines.line(lifting: object, at: now), clusterID)
    }

    private func add(_ line: JSONValue, _ clusterID: String) throws(JournalError) {
        let bytes = Array((line.text + "\n").utf8)
        if isInMemory {
            return known.withLock {
                var file = $0[clusterID] ?? Known()
                file.bytes += bytes
                file.maintenance = MaintenanceLines.fold(file.bytes)
                $0[clusterID] = file
            }
        }
        guard let folder else { throw JournalError.noFolder }
        try Journal(path: Self.path(folder: folder, clusterID: clusterID)).append(bytes)
    }

    package static func path(folder: String, clusterID: String) -> String {
        Journal.path(folder: folder, clusterID: clusterID).dropLast(Journal.fileName.utf8.count)
            + "maintenance.ndjson"
    }

    private static func stamp(_ path: String) -> Stamp {
        var status = stat()
        guard stat(path, &status) == 0 else { return Stamp() }
        return Stamp(
            inode: UInt64(status.st_ino), size: Int64(status.st_size),
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    /// The file's end, up to a bound: what counts was said last. Empty where it cannot be read.
    private static func bytes(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { return [] }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return [] }
        let size = Int(status.st_size)
        let start = max(0, size - Limits.maintenanceBytes)
        var bytes = [UInt8](repeating: 0, count: size - start)
        var filled = 0
        while filled < bytes.count {
            let count = bytes[filled...].withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(start + filled))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        return Array(bytes[..<filled])
    }
}

/// The lines of such a file. Every one of them may have been written by anybody: what cannot be
/// read is passed over.
enum MaintenanceLines {
    static func line(_ entry: Maintenance.Entry) -> JSONValue {
        .object([
            .init("object", document(entry.object)),
            .init("by", .string(entry.by)),
            .init("since_ms", .integer(entry.since.ms)),
            .init("until_ms", .integer(entry.until.ms)),
            .init("note", .string(entry.note)),
        ])
    }

    static func line(lifting object: ObjectID, at now: WallTime) -> JSONValue {
        .object([
            .init("object", document(object)), .init("lifted_ms", .integer(now.ms)),
        ])
    }

    /// The last word on each object, in the order of the first.
    static func fold(_ bytes: [UInt8]) -> Maintenance {
        var order: [ObjectID] = []
        var entries: [ObjectID: Maintenance.Entry] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard line.count <= Limits.maintenanceLineBytes,
                let value = try? JSONValue(parsing: Array(line)), let written = value["object"],
                let object = object(written)
            else { continue }
            if value["lifted_ms"]?.integer != nil {
                entries[object] = nil
                continue
            }
            guard let since = value["since_ms"]?.integer, let until = value["until_ms"]?.integer,
                since >= 0, until > since,
                until - since <= Maintenance.longestMs
            else { continue }
            if entries[object] == nil { order.append(object) }
            entries[object] = Maintenance.Entry(
                object, by: value["by"]?.string ?? "?", since: WallTime(ms: since),
                until: WallTime(ms: until), note: value["note"]?.string ?? "")
        }
        var seen: Set<ObjectID> = []
        let kept = order.filter { seen.insert($0).inserted }.compactMap { entries[$0] }
        return Maintenance(Array(kept.suffix(Limits.maintenanceEntries)))
    }

    private static func document(_ object: ObjectID) -> JSONValue {
        var members: [JSONValue.Member] = [.init("kind", .string(object.kind))]
        if case .volume(let broker, let path) = object {
            members.append(.init("broker", .integer(Int64(broker.value))))
            members.append(.init("name", .string(path)))
        } else {
            members.append(.init("name", .string(object.name)))
        }
        return .object(members)
    }

    private static func object(_ value: JSONValue) -> ObjectID? {
        guard let kind = value["kind"]?.string, let name = value["name"]?.string else { return nil }
        func number(_ value: JSONValue?) -> BrokerID? {
            value?.integer.flatMap { Int32(exactly: $0) }.map { BrokerID($0) }
        }
        switch kind {
        case "broker": return Int32(name).map { .broker(BrokerID($0)) }
        case "rack": return .rack(name)
        case "topic": return .topic(name)
        case "partition": return PartitionKey(parsing: name).map { .partition($0) }
        case "group": return .group(name)
        case "server": return .server(name)
        case "log_dir": return number(value["broker"]).map { .volume($0, path: name) }
        default: return nil
        }
    }
}
