// What every screen shows of a healthy and of an ill simulated cluster, at four sizes, characters
// only. UPDATE_GOLDEN=1 rewrites. Roles are held by the golden frames of ScreensTests.
import ClusterModel
import Drawing
import Glibc
import Screens
import Session
import SimulatedCluster
import Testing

/// The folder of golden files beside this file.
private let folder: String = {
    var path = Substring(#filePath)
    while path.last != "/" { path = path.dropLast() }
    return path + "Golden"
}()

private func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        if count <= 0 { break }
        bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func write(_ text: String, _ path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    defer { fclose(file) }
    let bytes = Array(text.utf8)
    return fwrite(bytes, 1, bytes.count, file) == bytes.count
}

@Suite struct GoldenTests {
    private static let sizes = [(40, 12), (80, 24), (120, 40), (200, 60)]

    /// Every screen by the keys that lead there.
    private static let screens: [(name: String, keys: String)] = [
        ("overview", "0"), ("throughput", "T"), ("brokers", "B"), ("topics", "N"),
        ("partitions", "P"), ("replicas", "R"), ("groups", "O"), ("volumes", "8"),
        ("wrong", "W"), ("coordinator", "K"), ("events", "V"), ("under-replicated", "4"),
        ("help", "P?"),
    ]
    private static let details = [
        ("partition", "partition orders.created-0"), ("group", "group "),
        ("broker", "broker 2"), ("topic", "topic orders.created"),
    ]

    private static func session(isIll: Bool) -> DrivenSession {
        var shape = smallShape(seed: isIll ? 21 : 20)
        shape.storyAtSeconds = 1e9
        var options = SessionOptions()
        options.firstRefreshSeconds = 8
        options.isWatching = false
        let session = DrivenSession(shape, options)
        session.run(until: 220)
        session.setRefresh(seconds: 2)
        session.watch()
        session.run(seconds: 8)
        guard isIll else { return session }
        // One dead, one frozen, one group stuck.
        session.network.change { machine in
            machine.stir(.stuckConsumer)
            machine.deal(.kill, to: 2)
        }
        session.run(seconds: 45)
        session.network.change { $0.deal(.freeze, to: 5) }
        session.run(seconds: 7)
        return session
    }

    /// All frames of one cluster by file name.
    private static func frames(isIll: Bool) -> [String: String] {
        let session = session(isIll: isIll)
        defer { session.end() }
        let group = session.cluster.groups.first?.id ?? ""
        var files: [String: String] = [:]
        func add(_ name: String) {
            for (width, height) in sizes {
                session.resize(width: width, height: height)
                let file = "\(isIll ? "ill" : "well")-\(width)x\(height).txt"
                files[file, default: ""] += "=== \(name)\n\(session.text)\n"
            }
        }
        session.resize(width: 120, height: 40)
        for screen in screens {
            session.press(screen.keys)
            session.run(seconds: 2)
            add(screen.name)
            if screen.name == "help" { session.press(.escape) }
        }
        for (name, command) in details {
            session.go(name == "group" ? command + group : command)
            session.run(seconds: 2)
            add(name)
        }
        return files
    }

    @Test(arguments: [false, true])
    func everyScreenAtFourSizes(isIll: Bool) {
        let frames = Self.frames(isIll: isIll)
        #expect(frames.count == Self.sizes.count)
        for (name, drawn) in frames {
            for entry in screenEntries {
                #expect(drawn.contains("=== \(entry.name)\n"), "\(entry.name) is not in \(name)")
            }
        }
        for (name, drawn) in frames.sorted(by: { $0.key < $1.key }) {
            let path = folder + "/" + name
            if getenv("UPDATE_GOLDEN") != nil {
                #expect(write(drawn, path), "cannot write \(name)")
                continue
            }
            guard let golden = read(path) else {
                Issue.record("no golden file \(name): run with UPDATE_GOLDEN=1")
                continue
            }
            guard golden != drawn else { continue }
            let pairs = zip(
                drawn.split(separator: "\n", omittingEmptySubsequences: false),
                golden.split(separator: "\n", omittingEmptySubsequences: false))
            let differing = pairs.enumerated().filter { $0.element.0 != $0.element.1 }.prefix(12)
            let lines = differing.map { "\($0.offset + 1): \($0.element.0)\n was: \($0.element.1)" }
            Issue.record("\(name) differs:\n\(lines.joined(separator: "\n"))")
        }
    }

    @Test func everyFileIsOfASession() {
        var expected: Set<String> = []
        for (width, height) in Self.sizes {
            for health in ["ill", "well"] { expected.insert("\(health)-\(width)x\(height).txt") }
        }
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(".txt") else { continue }
            #expect(expected.contains(name), "\(name) is of no session")
        }
    }
}
