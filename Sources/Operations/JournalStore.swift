// Where the journals of clusters lie: a folder of the operator's state, or memory for practice.
internal import Glibc
package import Planning
internal import Synchronization

/// The journals of all clusters, each by its cluster's id.
package struct JournalStore: Sendable {
    /// Opens one for adding lines, or makes it.
    package let open: @Sendable (_ clusterID: String) throws(JournalError) -> Journal
    /// What one says, oldest first, and how many of its lines cannot be read; nothing where there
    /// is none.
    package let read: @Sendable (_ clusterID: String) throws(JournalError) -> JournalReading

    /// Beneath this folder; nil: there is no place for them, and nothing can be changed.
    package static func folder(_ folder: String?) -> JournalStore {
        JournalStore(
            open: { id throws(JournalError) in
                guard let folder else { throw JournalError.noFolder }
                return try Journal(path: Journal.path(folder: folder, clusterID: id))
            },
            read: { id throws(JournalError) in
                guard let folder else { throw JournalError.noFolder }
                return try Journal.readIfThere(Journal.path(folder: folder, clusterID: id))
            })
    }

    /// Each ends with the process: a simulated cluster is changed for practice.
    package static func inMemory() -> JournalStore {
        let kept = Kept()
        return JournalStore(
            open: { id throws(JournalError) in kept.journal(id) },
            read: { id throws(JournalError) in kept.journal(id).recordsInMemory })
    }

    /// All journals beneath a folder, those of clusters whose ids nobody names too.
    package static func readAll(folder: String) throws(JournalError) -> JournalReading {
        var all = JournalReading()
        for name in names(folder) {
            let reading = try Journal.readIfThere("\(folder)/\(name)/\(Journal.fileName)")
            all.records += reading.records
            all.unreadable += reading.unreadable
        }
        return all
    }

    private static func names(_ folder: String) -> [String] {
        guard let entries = opendir(folder) else { return [] }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private final class Kept: Sendable {
        private let journals = Mutex<[String: Journal]>([:])

        func journal(_ id: String) -> Journal {
            journals.withLock { journals in
                if let journal = journals[id] { return journal }
                let journal = Journal(inMemory: id)
                journals[id] = journal
                return journal
            }
        }
    }
}

/// What a journal says.
package struct JournalReading: Sendable {
    /// Oldest first.
    package var records: [JournalRecord] = []
    /// Lines that cannot be read.
    package var unreadable = 0

    package init(records: [JournalRecord] = [], unreadable: Int = 0) {
        self.records = records
        self.unreadable = unreadable
    }

    /// As it is shown, newest first.
    package var entries: [JournalEntry] {
        records.enumerated()
            .sorted { ($1.element.atMs, $1.offset) < ($0.element.atMs, $0.offset) }
            .map(\.element.entry)
    }
}
