// The process's answers to scripts; documented in help and README.
internal import Glibc

/// The exit code of a command.
package struct ExitCode: RawRepresentable, Equatable, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let done = ExitCode(rawValue: 0)
    /// The command line or a file it names is wrong.
    package static let usage = ExitCode(rawValue: 2)
    /// Nothing could be read of the cluster.
    package static let noCluster = ExitCode(rawValue: 3)
    /// The document is there and says what is missing.
    package static let partial = ExitCode(rawValue: 4)
    /// The terminal cannot be used, or a file or standard output not written.
    package static let cannotRun = ExitCode(rawValue: 5)
    /// A change was refused before anything was sent.
    package static let refused = ExitCode(rawValue: 6)
    /// A change was sent and is not carried out, or not known to be, everywhere.
    package static let carriedOutInPart = ExitCode(rawValue: 7)
    /// Ended by a signal, as a shell counts it.
    package static func signal(_ number: Int32) -> ExitCode { ExitCode(rawValue: 128 + number) }
}

/// Why a command ends before it is done: the exit code and a sentence for stderr.
struct Ending: Error {
    var code: ExitCode
    /// Without the program's name, which is printed before it; nothing is said where it is empty.
    var sentence: String

    /// Whoever read what is written has gone away: as if by SIGPIPE, and no fault to speak of.
    static let closedPipe = Ending(code: .signal(SIGPIPE), sentence: "")
}
