// What every command that changes a cluster takes, and who is said to change it.
internal import Arguments
internal import Glibc
internal import Planning
internal import Settings

/// How a command's answer is written.
enum AnswerFormat: String, CaseIterable {
    case text, json

    static let option = Option(
        "format", value: "FORMAT", choices: allCases.map(\.rawValue), "how the answer is written")

    init(_ invocation: Invocation) {
        self = invocation.value("format").flatMap(AnswerFormat.init) ?? .text
    }
}

/// Whether a change is only shown, or made, and on which cluster.
struct ChangeOptions {
    let isDryRun: Bool
    /// The change is to be made.
    let isAgreed: Bool
    /// The only cluster that may be changed.
    let expectedClusterID: String?
    /// Why, for the journal.
    let note: String?
    let format: AnswerFormat
    /// Of the pass over the cluster, and of no request of the change.
    let timeoutNs: UInt64

    private static let defaultTimeout = Duration.seconds(10)

    static let table: [Option] = [
        Option("dry-run", "show what would change, and the same by hand; send nothing"),
        Option("yes", "make the change; only together with --expect-cluster-id"),
        Option(
            "expect-cluster-id", value: "ID", "refuse where another cluster than this one answers"),
        Option("note", value: "TEXT", "why, for the journal"),
        .init(
            "timeout", value: "DURATION", kind: .duration,
            "limit for reading the cluster before the change (10s)"),
        AnswerFormat.option,
    ]

    init(_ invocation: Invocation) throws(Ending) {
        isDryRun = invocation.has("dry-run")
        isAgreed = invocation.has("yes")
        expectedClusterID = invocation.value("expect-cluster-id")
        note = invocation.value("note")
        format = AnswerFormat(invocation)
        timeoutNs = try invocation.timeoutNs(or: Self.defaultTimeout)
        if isAgreed, expectedClusterID == nil {
            throw Ending(
                code: .usage,
                sentence: "--yes is taken only together with --expect-cluster-id ID: the cluster "
                    + "that you mean (--dry-run shows the id of the one that answers)")
        }
        if isAgreed, isDryRun {
            throw Ending(code: .usage, sentence: "--dry-run sends nothing: leave --yes out")
        }
        if !isAgreed, !isDryRun {
            throw Ending(
                code: .usage,
                sentence: "say what is to be done: --dry-run shows the change, --yes "
                    + "--expect-cluster-id ID makes it")
        }
    }
}

extension ChangeAuthor {
    /// Whoever runs this process, and who they were before `sudo` and `ssh`.
    init(_ host: Host, _ connection: ConnectionSettings) {
        let id = getuid()
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: Self.bufferBytes)
        var found: UnsafeMutablePointer<passwd>?
        let isKnown = getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0 && found != nil
        self.init(
            user: isKnown ? entry.pw_name.map { String(cString: $0) } ?? "\(id)" : "\(id)",
            sudoUser: host.environment["SUDO_USER"],
            sshConnection: host.environment["SSH_CONNECTION"],
            // Whom a certificate stands for only the brokers' rules say.
            principal: connection.securityProtocol == .plaintext ? "User:ANONYMOUS" : nil)
    }

    /// An entry of the user database, at the most.
    private static let bufferBytes = 4096
}
