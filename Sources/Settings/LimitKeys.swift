// Keys whose meaning is not this module's: the limits of rules. Whoever reads them says which there
// are and what each takes; here they are found, with their places.

/// A key and what it takes.
package struct LimitKey: Sendable {
    package let name: String
    /// Why a value cannot be taken; nil: it can.
    package let fault: @Sendable (String) -> String?

    package init(_ name: String, fault: @escaping @Sendable (String) -> String?) {
        self.name = name
        self.fault = fault
    }
}

extension ConfigFolders {
    /// Files of limits alone, which hold for every cluster: a person's own before a site's.
    package var limitPaths: [String] { folders.map { "\($0)/limits.properties" } }
}

extension SettingsResolver {
    /// Reads the files of limits that there are. Nothing else may stand in them.
    mutating func readLimits(_ files: some ConfigFiles) {
        guard !limits.isEmpty else { return }
        for path in ConfigFolders(environment: environment).limitPaths {
            switch files.read(path) {
            case .success(let bytes):
                let file = Properties(bytes: bytes, file: path)
                limitFiles.append(file)
                faults += file.faults
                notes += file.duplicates
                for entry in file.entries where !judge(entry, in: file) {
                    let near = hint(for: entry.key, among: limits.map(\.name))
                    faults.append(file.fault(entry.key, "is no limit of a rule" + near))
                }
            case .failure(let problem) where problem.isMissing: continue
            case .failure(let problem):
                faults.append(SettingsFault(file: path, message: problem.description))
            }
        }
    }

    /// Says what is wrong with the value of a limit; false: the entry is none.
    mutating func judge(_ entry: Properties.Entry, in file: Properties) -> Bool {
        guard let limit = limits.first(where: { $0.name == entry.key }) else { return false }
        if let why = limit.fault(entry.value.trimmed) {
            faults.append(file.fault(entry.key, why))
        }
        return true
    }

    /// What was set: in the context or the file of settings, else in the files of limits.
    mutating func limitsFound() -> [String: String] {
        var found: [String: String] = [:]
        for limit in limits {
            for file in layers.files + limitFiles {
                guard let entry = file.entry(limit.name) else { continue }
                found[limit.name] = entry.value.trimmed
                origins[limit.name] = "\(file.file):\(entry.line)"
                break
            }
        }
        return found
    }
}
