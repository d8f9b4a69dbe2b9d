// What the tests of commands share: a command line run inside the test's process, with its output,
// its messages and its exit code.
import Commands
import Glibc
import JSON
import Operations
import Testing

/// A simulated cluster on loopback takes requests as fast as they come.
private let shortPauses: OperationPauses = {
    var pauses = OperationPauses()
    (pauses.betweenStepsNs, pauses.betweenLooksNs) = (10_000_000, 20_000_000)
    pauses.looksPerReading = 1
    return pauses
}()

/// How a command line ended.
struct Ended {
    let code: Int32
    let output: String
    let errors: String

    /// The output read as one JSON document.
    func document() throws -> JSONValue { try JSONValue(parsing: output) }
}

/// Runs a command line as the shell would split it, without a terminal and with no settings of the
/// person who runs the tests.
@MainActor
func highwater(_ line: String, environment: [String: String] = [:]) throws -> Ended {
    try highwater(line.split(separator: " ").map(String.init), environment: environment)
}

@MainActor
func highwater(_ words: [String], environment: [String: String] = [:]) throws -> Ended {
    let (output, errors) = (try ScratchFile(), try ScratchFile())
    let host = Host(
        output: OutputStream(descriptor: output.descriptor),
        error: OutputStream(descriptor: errors.descriptor),
        environment: environment.merging(["HOME": "/nonexistent"]) { given, _ in given },
        pauses: shortPauses)
    let code = runHighwater(words, host)
    return Ended(code: code.rawValue, output: output.text, errors: errors.text)
}

/// A file of the test's own in the temporary folder, removed with it.
final class ScratchFile {
    let path: String
    let descriptor: Int32

    struct Failure: Error { let number = errno }

    init() throws {
        var name = Array("/tmp/highwater-commands-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else { throw Failure() }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Gives the file other contents.
    func replace(_ bytes: [UInt8]) throws {
        guard ftruncate(descriptor, 0) == 0,
            pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
        else { throw Failure() }
    }

    /// The files whose paths begin with this one's.
    var filesBeside: [String] {
        var found: [String] = []
        guard let folder = opendir("/tmp") else { return found }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                "/tmp/" + String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(path) { found.append(name) }
        }
        return found.sorted()
    }

    /// What the file of this name holds now.
    var text: String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Removes a folder of the test's own with all that is in it.
func rmTree(_ path: String) -> Int32 {
    guard path.hasPrefix("/tmp/highwater-") else { return -1 }
    guard let folder = opendir(path) else { return unlink(path) }
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
            String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { _ = rmTree(path + "/" + name) }
    }
    closedir(folder)
    return rmdir(path)
}
