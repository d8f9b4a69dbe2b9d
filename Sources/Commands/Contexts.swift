// The contexts as the console lists them, which were open last, and the one line that it writes
// into one of their files.
internal import Arguments
internal import Glibc
internal import Screens
internal import Settings
internal import Transport

/// The contexts of this person and site, those that were open last first.
@MainActor
struct Contexts {
    private let host: Host
    private let folders: ConfigFolders

    /// Names that are kept.
    private static let kept = 50

    init(_ host: Host) {
        self.host = host
        folders = ConfigFolders(environment: host.environment)
    }

    private var recentPath: String? { folders.state.map { $0 + "/contexts" } }

    private var recent: [String] {
        guard let recentPath, case .success(let bytes) = HostFiles().read(recentPath) else {
            return []
        }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map(String.init)
    }

    /// As the console's list shows them.
    func list(current: String?) -> ContextList {
        let recent = recent
        let found = folders.contexts(HostFiles()).enumerated().sorted { a, b in
            func rank(_ item: (offset: Int, element: (name: String, path: String))) -> Int {
                recent.firstIndex(of: item.element.name) ?? recent.count
            }
            return (rank(a), a.offset) < (rank(b), b.offset)
        }
        return ContextList(found.map { entry($0.element, current) })
    }

    private func entry(_ context: (name: String, path: String), _ current: String?) -> ContextEntry
    {
        var choices = Choices()
        choices.context = context.name
        var entry = ContextEntry(name: context.name, file: context.path, address: "")
        entry.isCurrent = context.name == current
        do throws(ConfigurationError) {
            let settings = try resolveConfiguration(
                choices, environment: host.environment, files: HostFiles(),
                limits: RuleLimits.keys)
            let connection = settings.connection
            entry.address = connection.bootstrap.map(\.description).joined(separator: ", ")
            entry.isProduction = connection.isProduction
            entry.isReadOnly = connection.isReadOnly
            entry.clusterID = connection.expectedClusterID
        } catch {
            entry.isWrong = true
            entry.address = printable(error.faults.first?.description ?? "\(error)")
        }
        return entry
    }

    /// Remembers that a context is open now. What cannot be written is forgotten: nothing depends
    /// on it.
    func noteOpened(_ name: String) {
        guard let recentPath, let folder = folders.state else { return }
        let names = ([name] + recent.filter { $0 != name }).prefix(Self.kept)
        makeFolder(folder)
        let bytes = Array(names.joined(separator: "\n").utf8)
        try? OutputFile.ofConsole.write(recentPath) { sink in
            try bytes.withUnsafeBytes { try sink($0) }
        }
    }

    private func makeFolder(_ path: String) {
        var partial = ""
        for part in path.split(separator: "/") {
            partial += "/" + part
            mkdir(partial, 0o700)
        }
    }

    /// Writes `highwater.cluster.id` behind what a context's file holds.
    /// - Returns: the file.
    @discardableResult
    func pin(_ id: String, in context: String) throws(ContextFault) -> String {
        guard let path = folders.contexts(HostFiles()).first(where: { $0.name == context })?.path
        else { throw ContextFault(sentence: "the context \(context) is gone") }
        // It comes from the cluster, and goes into a file of ours.
        let isPlain = id.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || byte == 0x2d || byte == 0x5f
        }
        guard isPlain, !id.isEmpty else {
            throw ContextFault(sentence: "the cluster's id is none that can be pinned")
        }
        guard case .success(let bytes) = HostFiles().read(path) else {
            throw ContextFault(sentence: "\(path) cannot be read")
        }
        // A line that goes on would take ours for its own.
        let endsLine = bytes.isEmpty || bytes.last == 0x0a
        let whole = bytes + Array("\(endsLine ? "" : "\n")highwater.cluster.id=\(id)".utf8)
        do {
            try OutputFile.ofConsole.write(path) { sink in
                try whole.withUnsafeBytes { try sink($0) }
            }
        } catch {
            throw ContextFault(sentence: "\(path) could not be written: \(error)")
        }
        return path
    }
}

/// Why something about a context could not be done, in one sentence.
struct ContextFault: Error {
    var sentence: String
}
