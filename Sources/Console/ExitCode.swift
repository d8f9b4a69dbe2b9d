// The process's answers to scripts; documented in help and README.

/// Exit codes of every command. A process ended by signal n leaves 128 + n.
enum ExitCode: Int32 {
    case done = 0
    /// The command line or a file it names is wrong.
    case usage = 2
    /// Nothing could be read of the cluster.
    case noCluster = 3
    /// The document is there and says what is missing.
    case partial = 4
    /// The terminal cannot be used, or a file not written.
    case cannotRun = 5
}
