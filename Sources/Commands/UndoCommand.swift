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
        options: ChangeOptions.table, arguments: [Argument("ID")])

    private let road: ChangeRun
    private let id: String

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        id = invocation.arguments.first ?? ""
        road = try ChangeRun(invocation, host)
    }

    func run() throws(Ending) -> ExitCode {
        try road.run(reading: []) { (cluster: Cluster) throws(Ending) -> ChangeRequest in
            let reading: JournalReading
            do throws(JournalError) {
                reading = try road.journals.read(cluster.clusterID ?? "")
            } catch {
                throw Ending(code: .cannotRun, sentence: "\(error)")
            }
            guard let entry = reading.records.last(where: { $0.id == id })?.entry else {
                throw Ending(
                    code: .refused,
                    sentence: "nothing was sent: the journal of cluster "
                        + "\(cluster.clusterID ?? "?") has no change \(id)")
            }
            guard let undo = entry.undo else {
                throw Ending(
                    code: .refused,
                    sentence: "nothing was sent: \(id) (\(entry.summary)): \(entry.noUndo ?? "")")
            }
            return undo
        }
    }
}
