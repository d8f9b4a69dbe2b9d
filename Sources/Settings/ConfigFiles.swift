// Where configuration files are, and the one place that reads them.

import Glibc

/// Files as settings see them; tests answer from a dictionary.
package protocol ConfigFiles {
    /// The bytes of a file, or why not (the operating system's own words).
    func read(_ path: String) -> Result<[UInt8], FileProblem>
    /// The names in a folder, sorted; empty when there is none.
    func list(_ folder: String) -> [String]
    /// Whether somebody else than its owner can read a file.
    func isReadByOthers(_ path: String) -> Bool
}

extension ConfigFiles {
    package func isReadByOthers(_ path: String) -> Bool { false }
}

/// Why a file could not be read.
package struct FileProblem: Error, Equatable, CustomStringConvertible {
    package let isMissing: Bool
    package let description: String
    package init(isMissing: Bool, description: String) {
        self.isMissing = isMissing
        self.description = description
    }
}

/// The folders a person's and a site's configuration lives in.
package struct ConfigFolders: Sendable {
    /// `$XDG_CONFIG_HOME/highwater` or `~/.config/highwater`, then `/etc/highwater`.
    package let folders: [String]
    /// `$XDG_STATE_HOME/highwater` or `~/.local/state/highwater`: what a program keeps for itself;
    /// nil where there is no home.
    package let state: String?

    package init(environment: [String: String]) {
        if let base = environment["XDG_STATE_HOME"], base.hasPrefix("/") {
            state = base + "/highwater"
        } else {
            state = environment["HOME"].flatMap {
                $0.hasPrefix("/") ? $0 + "/.local/state/highwater" : nil
            }
        }
        var found: [String] = []
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") {
            found.append(base + "/highwater")
        } else if let home = environment["HOME"], !home.isEmpty {
            found.append(home + "/.config/highwater")
        }
        found.append("/etc/highwater")
        folders = found
    }

    /// Where NAME.properties of a context is looked for, in order.
    package func contextPaths(_ name: String) -> [String] {
        folders.map { "\($0)/contexts/\(name).properties" }
    }

    /// Where NAME.theme is looked for, in order.
    package func themePaths(_ name: String) -> [String] {
        folders.map { "\($0)/themes/\(name).theme" }
    }

    /// All contexts by name, a person's own before a site's of the same name.
    package func contexts(_ files: some ConfigFiles) -> [(name: String, path: String)] {
        var found: [(name: String, path: String)] = []
        for folder in folders {
            for file in files.list(folder + "/contexts") where file.hasSuffix(".properties") {
                let name = String(file.dropLast(".properties".count))
                if !name.isEmpty && !found.contains(where: { $0.name == name }) {
                    found.append((name, "\(folder)/contexts/\(file)"))
                }
            }
        }
        return found.sorted { $0.name < $1.name }
    }
}

/// The host's files.
package struct HostFiles: ConfigFiles {
    package init() {}

    package func read(_ path: String) -> Result<[UInt8], FileProblem> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(problem(path)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            // What a shell puts in place of a file, as <(…), may not have written yet.
            if count < 0 && errno == EAGAIN && isComing(descriptor) { continue }
            guard count >= 0 else { return .failure(problem(path)) }
            if count == 0 { return .success(bytes) }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= Limits.fileBytes else {
                return .failure(
                    FileProblem(isMissing: false, description: "\(path): too large to be settings"))
            }
        }
    }

    package func list(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// By the mode of a regular file: a pipe of the shell is nobody's to read.
    package func isReadByOthers(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return status.st_mode & (S_IRGRP | S_IROTH) != 0
    }

    /// Waits for bytes of a pipe; false where none come.
    private func isComing(_ descriptor: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let isReady = poll(&wanted, 1, Limits.pipePatienceMs) > 0
        if !isReady { errno = ETIMEDOUT }
        return isReady
    }

    private func problem(_ path: String) -> FileProblem {
        let code = errno
        return FileProblem(
            isMissing: code == ENOENT || code == ENOTDIR,
            description: "\(path): \(String(cString: strerror(code)))")
    }
}

/// The process's environment as a dictionary.
package func processEnvironment() -> [String: String] {
    var found: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let pair = String(cString: text).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if pair.count == 2 { found[String(pair[0])] = String(pair[1]) }
        entry += 1
    }
    return found
}
