// A plan that goes on without its terminal: a process of its own resumes it, with what it says in a
// file beside the journal.
internal import Arguments
internal import Glibc
internal import Operations
internal import Planning
internal import Settings
internal import Transport

/// How such a process is begun.
struct DetachedRun {
    /// The options that say which cluster, and how fast, as this process was given them.
    private let words: [String]
    private let environment: [String: String]
    private let folder: String?

    private static let ofCluster = ["bootstrap-server", "command-config", "context", "zookeeper"]
    private static let passed = ["throttle", "timeout"]

    /// - Parameter context: whose cluster it is about; nil: the one that this process began with.
    init(_ invocation: Invocation, context: String? = nil, _ host: Host) {
        var words = context.map { ["--context", $0] } ?? []
        for option in (context == nil ? Self.ofCluster : []) + Self.passed {
            if let value = invocation.value(option) { words += ["--\(option)", value] }
        }
        self.words = words
        environment = host.environment
        folder = ConfigFolders(environment: host.environment).state
    }

    /// Begins it; what came of that, in words.
    func begin(_ id: String, _ clusterID: String, as sequel: PlanSequel = .resume) -> String {
        guard let folder else { return "\(JournalError.noFolder)" }
        let journal = Journal.path(folder: folder, clusterID: clusterID)
        let beside = journal.lastIndex(of: "/").map { String(journal[..<$0]) } ?? "."
        let log = "\(beside)/\(id).log"
        let arguments =
            ["highwater", sequel.rawValue, id, "--yes", "--expect-cluster-id"]
            + [clusterID] + words
        let fault = spawn(arguments, log)
        guard fault == 0 else {
            return "it is not under way: no process could be started (\(SystemError.text(fault))); "
                + "highwater resume \(id)"
        }
        return "it goes on by itself and writes to \(log); highwater moves shows it"
    }

    /// The error's number; 0: none.
    private func spawn(_ arguments: [String], _ log: String) -> Int32 {
        var files = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&files) == 0 else { return ENOMEM }
        defer { posix_spawn_file_actions_destroy(&files) }
        guard posix_spawnattr_init(&attributes) == 0 else { return ENOMEM }
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own: the terminal's end is not its end.
        posix_spawnattr_setflags(&attributes, Self.newSession)
        let mode: mode_t = 0o600
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &files, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, mode)
        posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO)
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        return posix_spawn(&child, "/proc/self/exe", &files, &attributes, &words, &variables)
    }

    /// `POSIX_SPAWN_SETSID`, which the header shows only to those who ask for GNU's own.
    private static let newSession: Int16 = 0x80
}
