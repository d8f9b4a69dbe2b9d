// `highwater journal`: what was changed from here, newest first; of what was cut short, what became
// of it.
internal import Arguments
internal import JSON
internal import Operations
internal import Planning
internal import Settings

/// One run of `journal`.
struct JournalCommand: Subcommand {
    static let entry = CommandEntry(
        "journal", "list the changes made from here, newest first",
        options: [
            Option("cluster-id", value: "ID", "only the changes of this cluster"),
            Option(
                "unfinished",
                "only changes of which nothing says what became; where a cluster is named, it is "
                    + "asked, and what it says is told and written down"),
            AnswerFormat.option,
        ])

    private let host: Host
    private let format: AnswerFormat
    private let clusterID: String?
    private let isUnfinished: Bool
    /// How to reach the cluster; nil where none is named: the journals of all are told.
    private let setup: Setup?

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.host = host
        format = AnswerFormat(invocation)
        clusterID = invocation.value("cluster-id")
        isUnfinished = invocation.has("unfinished")
        setup = Setup.namesCluster(invocation, host) ? try Setup(invocation, host) : nil
    }

    func run() throws(Ending) -> ExitCode {
        guard let folder = ConfigFolders(environment: host.environment).state else {
            throw Ending(code: .cannotRun, sentence: "\(JournalError.noFolder)")
        }
        var answer = JournalAnswer()
        let pinned = clusterID ?? setup?.configuration.connection.expectedClusterID
        if let setup, isUnfinished || pinned == nil {
            let question = try FactQuestion(setup)
            defer { question.end() }
            let id = try question.clusterID()
            if let pinned, pinned != id {
                throw Ending(
                    code: .refused, sentence: "cluster \(id) answers, and not \(pinned)")
            }
            take(
                try read { () throws(JournalError) -> JournalReading in
                    try JournalStore.folder(folder).read(id)
                }, &answer)
            if isUnfinished, !answer.records.isEmpty {
                settle(question.ask(answer.records), id, folder, &answer)
            }
        } else if let pinned {
            take(
                try read { () throws(JournalError) -> JournalReading in
                    try JournalStore.folder(folder).read(pinned)
                }, &answer)
        } else {
            take(
                try read { () throws(JournalError) -> JournalReading in
                    try JournalStore.readAll(folder: folder)
                }, &answer)
        }
        switch format {
        case .json: host.output.line(answer.document.text)
        case .text: for line in answer.lines { host.output.line(line) }
        }
        return .done
    }

    private func read(
        _ read: () throws(JournalError) -> JournalReading
    ) throws(Ending) -> JournalReading {
        do throws(JournalError) {
            return try read()
        } catch {
            throw Ending(code: .cannotRun, sentence: "\(error)")
        }
    }

    private func take(_ reading: JournalReading, _ answer: inout JournalAnswer) {
        answer.unreadable = reading.unreadable
        answer.records =
            isUnfinished
            ? reading.records.filter(\.isOpen) : reading.records
    }

    /// Writes down what was found, and tells the changes as they are known then.
    private func settle(
        _ found: [String: [JournalEntry.Found]], _ clusterID: String, _ folder: String,
        _ answer: inout JournalAnswer
    ) {
        let asked = answer.records
        answer.found = found
        do throws(JournalError) {
            let store = JournalStore.folder(folder)
            let atMs = LocalClock.wallMs
            guard let written = try store.open(clusterID).settle(found, of: asked, atMs: atMs)
            else {
                answer.unwritten = "a change of this cluster is under way here: ask again after it"
                return
            }
            let late = found.keys.filter { !written.contains($0) }
            if !late.isEmpty { answer.unwritten = "gone on since: \(late.sorted())" }
            let ids = Set(asked.map(\.id))
            answer.records = try store.read(clusterID).records.filter { ids.contains($0.id) }
        } catch {
            answer.unwritten = "\(error)"
        }
    }
}
