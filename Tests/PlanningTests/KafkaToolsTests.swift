// Words quoted for bash, whatever they are made of.

import Foundation
import Planning
import Testing

/// Names that a shell, a terminal or a tool's own syntax would act on.
private let hostileNames = [
    "orders", "", "a b", "it's", "$(reboot)", "`reboot`", "a\\b", "a\nb", "-x", "*", "a;b|c&d>e",
    "evil\u{1b}[2J", "\u{202e}gnp.exe", "zero\u{200b}width", "ünï", "\"q\"", "!!", "~root",
    "a\u{0}b",
]

@Suite struct KafkaToolsTests {
    /// bash itself is asked what it makes of a quoted word. No word of a shell holds a zero byte.
    @Test func bashReadsWhatWasQuoted() throws {
        for name in hostileNames where !name.utf8.contains(0) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", "printf %s \(shellQuoted(name))"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(Array(bytes) == Array(name.utf8), "\(shellQuoted(name))")
        }
    }
}
