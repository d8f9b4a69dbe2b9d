// `highwater resume|adopt|forget ID`: what becomes of a plan whose process was ended. Where it
// stands is read from the cluster.
internal import Arguments
internal import Planning

/// One run of `resume`.
struct ResumeCommand: Subcommand {
    static let entry = CommandEntry(
        "resume", "go on with a plan that was cut short",
        options: ChangeOptions.table + [ApplyCommand.throttle, ApplyCommand.detach]
            + ExecutionFollower.options,
        arguments: [Argument("ID")])

    private let road: ChangeRun
    private let id: String

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        id = invocation.arguments.first ?? ""
        road = try ChangeRun(invocation, host)
    }

    func run() throws(Ending) -> ExitCode { try road.takeUp(id, as: .resume) }
}

/// One run of `adopt`.
struct AdoptCommand: Subcommand {
    static let entry = CommandEntry(
        "adopt", "end a plan where it is: its throttles go",
        options: ChangeOptions.table + [ApplyCommand.detach] + ExecutionFollower.options,
        arguments: [Argument("ID")])

    private let road: ChangeRun
    private let id: String

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        id = invocation.arguments.first ?? ""
        road = try ChangeRun(invocation, host)
    }

    func run() throws(Ending) -> ExitCode { try road.takeUp(id, as: .adopt) }
}

/// One run of `forget`.
struct ForgetCommand: Subcommand {
    static let entry = CommandEntry(
        "forget", "end a plan at once: its throttles go too",
        options: ChangeOptions.table + ExecutionFollower.options, arguments: [Argument("ID")])

    private let road: ChangeRun
    private let id: String

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        id = invocation.arguments.first ?? ""
        road = try ChangeRun(invocation, host)
    }

    func run() throws(Ending) -> ExitCode { try road.takeUp(id, as: .forget) }
}
