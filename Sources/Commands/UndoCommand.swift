// `highwater undo ID`: the reverse of a change that was made from here, as a new change over the
// same road.
internal import Arguments
internal import ClusterModel
internal import Operations
internal import Planning

/// One run of `undo`.
struct UndoCommand: Subcommand {
    static let entry = CommandEntry(
        "undo", "take back what a change of the journal did",
        options: ChangeOptions.table + [ApplyCommand.throttle] + ExecutionFollower.options,
        arguments: [Argument("ID")])

    private let road: ChangeRun
    private let throttle: ExecutionThrottle?
    private let id: String

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        id = invocation.arguments.first ?? ""
        throttle = try ApplyCommand.readThrottle(invocation)
        road = try ChangeRun(invocation, host)
    }

    func run() throws(Ending) -> ExitCode {
        // A plan that was cut short before anything moved has throttles to take away.
        if road.options.isAgreed {
            let record = try record(road.options.expectedClusterID ?? "")
            if record.change is PlanExecution, !record.isEnded, record.entry.undo == nil {
                return try road.takeUp(id, as: .adopt)
            }
        }
        var leftOpen = false
        let code = try road.run(reading: []) {
            (cluster: Cluster) throws(Ending) -> ChangeRequest in
            let record = try record(cluster.clusterID ?? "")
            leftOpen = record.change is PlanExecution && !record.isEnded
            return try undo(record.entry)
        }
        guard leftOpen, road.options.isAgreed, try isOpen() else { return code }
        return try road.takeUp(id, as: .adopt)
    }

    private func record(_ clusterID: String) throws(Ending) -> JournalRecord {
        let reading: JournalReading
        do throws(JournalError) {
            reading = try road.journals.read(clusterID)
        } catch {
            throw Ending(code: .cannotRun, sentence: "\(error)")
        }
        if let record = reading.records.last(where: { $0.id == id }) { return record }
        throw Ending(
            code: .refused,
            sentence: "nothing was sent: the journal of cluster \(clusterID) has no change \(id)")
    }

    private func isOpen() throws(Ending) -> Bool {
        try !record(road.options.expectedClusterID ?? "").isEnded
    }

    private func undo(_ entry: JournalEntry) throws(Ending) -> ChangeRequest {
        guard let undo = entry.undo else {
            throw Ending(
                code: .refused,
                sentence: "nothing was sent: \(id) (\(entry.summary)): \(entry.noUndo ?? "")")
        }
        guard let throttle, let document = undo.document, var plan = PlanExecution(document)
        else { return undo }
        plan.throttle = throttle.bytesPerSecond
        return ChangeRequest(plan, isUndo: true)
    }
}
