// What a path names, when links have been followed.
internal import Glibc

/// Where bytes for a path go.
enum OutputPlace {
    /// `-`.
    case standardOutput
    /// A descriptor of this process: `/dev/stdout`, `/dev/fd/3`. Opened anew by its path, a file
    /// would be written from its beginning.
    case descriptor(Int32)
    /// A device, a FIFO or what another process has open: opened by this path and written through.
    case special(String)
    /// A regular file by its own name, no link, and what is known of the one that is there; nil
    /// where there is none.
    case regular(String, known: stat?)

    init(_ path: String) throws(WriteFailure) {
        if path == "-" {
            self = .standardOutput
            return
        }
        var path = path
        for _ in 0..<Self.longestChain {
            let folder = Self.folder(of: path)
            if folder == "/proc/\(getpid())/fd", let number = Int32(Self.name(path)) {
                self = .descriptor(number)
                return
            }
            guard let target = Self.link(path) else {
                self = try Self.place(path)
                return
            }
            // The links of processes are no names: "pipe:[4711]".
            if folder?.hasPrefix("/proc/") == true {
                self = .special(path)
                return
            }
            let beside = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            path = target.hasPrefix("/") ? target : beside + target
        }
        throw WriteFailure(number: ELOOP)
    }

    /// As many links one after the other as Linux follows.
    private static let longestChain = 40

    private static func place(_ path: String) throws(WriteFailure) -> OutputPlace {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw WriteFailure() }
            return .regular(path, known: nil)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .regular(path, known: status)
        case S_IFDIR: throw WriteFailure(number: EISDIR)
        default: return .special(path)
        }
    }

    private static func name(_ path: String) -> Substring {
        path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    }

    /// The folder's own name without any link; nil where there is no such folder.
    private static func folder(of path: String) -> String? {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard let resolved = realpath(folder, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// What a link says; nil where the path is none.
    private static func link(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
