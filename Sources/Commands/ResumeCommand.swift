// `highwater resume|adopt|forget ID`: what becomes of a plan whose process was ended. Where it
// stands is read from the cluster.
internal import Arguments
internal import ClusterModel
internal import Operations
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

    func run() throws(Ending) -> ExitCode { try road.goOn(id, isAdopted: false) }
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

    func run() throws(Ending) -> ExitCode { try road.goOn(id, isAdopted: true) }
}

/// One run of `forget`.
struct ForgetCommand: Subcommand {
    static let entry = CommandEntry(
        "forget", "call a plan that was cut short over; send nothing",
        options: ChangeOptions.table, arguments: [Argument("ID")])

    private let road: ChangeRun
    private let id: String

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        id = invocation.arguments.first ?? ""
        road = try ChangeRun(invocation, host)
    }

    func run() throws(Ending) -> ExitCode {
        let (cluster, _) = try road.open()
        let record = try road.unfinished(id, of: cluster)
        guard road.options.isAgreed else {
            road.host.output.line("\(id): \(record.summary): would be forgotten")
            return .done
        }
        let refusal: OperationRefusal?
        do throws(JournalError) {
            let journal = try road.journals.open(cluster.clusterID ?? "")
            refusal = try Operator.forget(id, in: journal, atMs: LocalClock.wallMs)
        } catch {
            throw Ending(code: .cannotRun, sentence: "\(error)")
        }
        if let refusal { throw Ending(code: .refused, sentence: refusal.sentence) }
        road.host.output.line(
            "\(id): forgotten; what it has set stays: highwater moves says what is there")
        return .done
    }
}
