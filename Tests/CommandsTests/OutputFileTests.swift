// Paths that are no plain files of ours: each is written through or kept as it is.
import Glibc
import Testing
import TransportTesting

@testable import Commands

/// As the command writes, with no standard output in the way.
let toFiles = OutputFile(standardOutput: nil)

@MainActor
@Suite(.serialized, .onOwnThread) struct OutputFileTests {
    private func write(_ text: String, to path: String, _ output: OutputFile = toFiles) throws {
        try output.write(path) { sink in try Array(text.utf8).withUnsafeBytes(sink) }
    }

    private func status(_ path: String) -> stat {
        var status = stat()
        lstat(path, &status)
        return status
    }

    private func kind(_ path: String) -> mode_t { status(path).st_mode & S_IFMT }

    @Test func modeAndOwnerStay() throws {
        let file = try ScratchFile()
        chmod(file.path, 0o640)
        // Only root can make it another's.
        if geteuid() == 0 { chown(file.path, 65_534, 65_534) }
        let before = status(file.path)
        try write("new", to: file.path)
        let after = status(file.path)
        #expect(after.st_mode == before.st_mode && after.st_mode & 0o7777 == 0o640)
        #expect(after.st_uid == before.st_uid && after.st_gid == before.st_gid)
        #expect(after.st_ino != before.st_ino)
        #expect(file.text == "new\n")
    }

    @Test func linksAreFollowedAndStay() throws {
        let file = try ScratchFile()
        let (link, second, dangling) = (file.path + ".a", file.path + ".b", file.path + ".c")
        let made = file.path + ".made"
        defer { for path in [link, second, dangling, made] { unlink(path) } }
        // One by its whole path, one beside it, one to what is not there.
        #expect(symlink(file.path, link) == 0)
        #expect(symlink(String(link.dropFirst("/tmp/".count)), second) == 0)
        #expect(symlink(made, dangling) == 0)
        try write("through two", to: second)
        #expect(file.text == "through two\n")
        try write("made", to: dangling)
        #expect(kind(made) == S_IFREG)
        for path in [link, second, dangling] { #expect(kind(path) == S_IFLNK, "\(path)") }
        // A link to itself leads nowhere.
        unlink(link)
        #expect(symlink(link, link) == 0)
        #expect(throws: WriteFailure.self) { try write("x", to: link) }
        #expect(kind(link) == S_IFLNK)
    }

    @Test func devicesAreWrittenThrough() throws {
        try write("gone", to: "/dev/null")
        #expect(kind("/dev/null") == S_IFCHR)
        let failure = #expect(throws: WriteFailure.self) { try write("x", to: "/dev/full") }
        #expect(failure?.description == "No space left on device")
        #expect(kind("/dev/full") == S_IFCHR)
        #expect(throws: WriteFailure.self) { try write("x", to: "/tmp") }
    }

    @Test func aFIFOKeepsItsReader() throws {
        let file = try ScratchFile()
        let path = file.path + ".fifo"
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        // The console does not wait for a reader that may never come.
        let nobody = #expect(throws: WriteFailure.self) {
            try write("x", to: path, .ofConsole)
        }
        #expect(nobody?.description == "nobody reads it")
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        for output in [toFiles, .ofConsole] {
            try write("through", to: path, output)
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = read(reader, &bytes, bytes.count)
            #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self) == "through\n")
        }
        #expect(kind(path) == S_IFIFO)
    }

    /// As after `{ echo head; highwater -o /dev/fd/N; } > file`.
    @Test func anOpenDescriptorGoesOnWhereItStands() throws {
        let file = try ScratchFile()
        let descriptor = open(file.path, O_WRONLY)
        defer { close(descriptor) }
        let before = status(file.path)
        #expect(Glibc.write(descriptor, "head\n", 5) == 5)
        try write("one", to: "/dev/fd/\(descriptor)")
        try write("two", to: "/proc/self/fd/\(descriptor)")
        #expect(file.text == "head\none\ntwo\n")
        #expect(status(file.path).st_ino == before.st_ino)
    }

    @Test func aDashIsStandardOutput() throws {
        let file = try ScratchFile()
        let output = OutputFile(standardOutput: OutputStream(descriptor: file.descriptor))
        try write("document", to: "-", output)
        #expect(file.text == "document\n")
        // Where the screen is there is no room for one.
        let refused = #expect(throws: WriteFailure.self) { try write("x", to: "-", .ofConsole) }
        #expect(refused?.description == "highwater's own screen is there")
    }

    /// A file that only its folder's owner could replace is written over.
    @Test func whatCannotBeReplacedIsWrittenOver() throws {
        let file = try ScratchFile()
        try file.replace(Array("much longer than what comes".utf8))
        let before = status(file.path)
        let temporary = try TemporaryFile(beside: file.path)
        #expect(Glibc.write(temporary.descriptor, "short", 5) == 5)
        try temporary.overwrite(file.path)
        temporary.remove()
        #expect(file.text == "short")
        #expect(status(file.path).st_ino == before.st_ino)
        #expect(file.filesBeside == [file.path])
    }

    @Test func aSignalTakesTheTemporaryFileAlong() throws {
        let file = try ScratchFile()
        var beside: [Int] = []
        var before = sigaction()
        sigaction(SIGTERM, nil, &before)
        try? toFiles.write(file.path) { sink in
            try Array("half".utf8).withUnsafeBytes(sink)
            beside.append(file.filesBeside.count)
            for number in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
                var action = sigaction()
                sigaction(number, nil, &action)
                // What a signal calls, with one that ends nobody.
                guard number == SIGTERM else {
                    #expect(action.__sigaction_handler.sa_handler != nil, "\(number)")
                    continue
                }
                action.__sigaction_handler.sa_handler?(SIGWINCH)
            }
            beside.append(file.filesBeside.count)
        }
        #expect(beside == [2, 1])
        var after = sigaction()
        sigaction(SIGTERM, nil, &after)
        let isBack =
            (after.__sigaction_handler.sa_handler == nil)
            == (before.__sigaction_handler.sa_handler == nil)
        #expect(isBack)
    }
}
