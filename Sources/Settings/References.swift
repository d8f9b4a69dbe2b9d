// References in values, as Kafka's config providers resolve them (KIP-297): `${file:PATH:KEY}`,
// `${dir:FOLDER:FILE}`, `${env:NAME}`. So a secret need not stand in the file that others copy.

/// Resolves the references of a value.
struct References {
    /// Reads a file.
    var read: (String) -> Result<[UInt8], FileProblem>
    var environment: [String: String]
    /// Variables that were referred to.
    private(set) var variables: [String] = []

    init(
        environment: [String: String],
        read: @escaping (String) -> Result<[UInt8], FileProblem>
    ) {
        self.environment = environment
        self.read = read
    }

    /// The value with every reference replaced; what is replaced in is not looked through again.
    /// - Throws: which reference cannot be resolved, and why.
    mutating func resolve(_ text: String) throws(Unresolved) -> String {
        var rest = Substring(text)
        var result = ""
        while let open = rest.firstRange(of: "${") {
            result += rest[..<open.lowerBound]
            let inside = rest[open.upperBound...]
            guard let close = inside.firstIndex(of: "}") else { break }
            result += try value(of: String(inside[..<close]))
            rest = inside[inside.index(after: close)...]
        }
        return result + rest
    }

    /// A sentence that names the reference and never its value.
    struct Unresolved: Error, Equatable {
        var message: String
    }

    private mutating func value(of reference: String) throws(Unresolved) -> String {
        let parts = reference.split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = "${\(reference)}"
        guard parts.count == 2 else { throw unknown(name) }
        switch parts[0] {
        case "env":
            guard let value = environment[String(parts[1])] else {
                throw Unresolved(message: "\(name): there is no such variable")
            }
            variables.append(String(parts[1]))
            return value
        case "file", "dir":
            // The path may hold colons; the key does not.
            guard let colon = parts[1].lastIndex(of: ":") else { throw unknown(name) }
            let path = String(parts[1][..<colon])
            let key = String(parts[1][parts[1].index(after: colon)...])
            let isFile = parts[0] == "file"
            switch read(isFile ? path : "\(path)/\(key)") {
            case .failure(let problem):
                throw Unresolved(message: "\(name): \(problem.description)")
            case .success(let bytes):
                guard isFile else {
                    // A file of one value ends with a line's end that is none of it.
                    var text = String(decoding: bytes, as: UTF8.self)
                    while text.last?.isNewline == true { text.removeLast() }
                    return text
                }
                guard let value = Properties(bytes: bytes, file: path)[key] else {
                    throw Unresolved(message: "\(name): the file has no such key")
                }
                return value
            }
        default: throw unknown(name)
        }
    }

    private func unknown(_ name: String) -> Unresolved {
        Unresolved(
            message: "\(name) is no reference that is known: there are ${file:PATH:KEY}, "
                + "${dir:FOLDER:FILE} and ${env:NAME}")
    }
}
