// What the lines of a journal say together: for each operation what was intended, which steps were
// sent, which were answered, and what is not known.
internal import JSON
package import Planning

/// All that a journal says of one operation.
package struct JournalRecord: Sendable {
    /// How far a step has come.
    package enum Step: Hashable, Sendable {
        /// Its request may have left; nothing says what became of it.
        case unknown(resources: [String])
        case answered([StepOutcome])
        /// `wasSent`: the change may have been made all the same.
        case failed(resources: [String], reason: String, wasSent: Bool)

        var resources: [String] {
            switch self {
            case .unknown(let resources), .failed(let resources, _, _): resources
            case .answered(let outcomes): outcomes.map(\.resource)
            }
        }
    }

    package var id: String
    package var atMs: Int64
    package var operation: String
    package var summary: String
    package var clusterID: String
    /// Nil where this version does not know the kind of change.
    package var change: (any Change)?
    package var author = ChangeAuthor()
    package var note: String?
    package var values: [ValueChange]
    package var byHand: [String]
    package var stepCount: Int
    /// The steps whose intent was written, in order.
    package var steps: [Step] = []
    /// Of an execution: how the cluster was before its first request.
    package var executionNote: ExecutionNote?
    /// Of an execution whose throttle was changed since: the newest one; nil: it was not.
    package var throttle: ExecutionThrottle?
    package var isEnded = false
    /// Why steps were left out.
    package var endReason: String?
    /// What the cluster said of its values when it was asked later, the last time.
    package var found: [JournalEntry.Found] = []

    /// It was cut short, and nobody has asked the cluster what became of it.
    package var isOpen: Bool { isUnknown && found.isEmpty }

    /// Whether it cannot be said what became of the change: it was cut short, or a request that
    /// may have left has no answer.
    package var isUnknown: Bool {
        !isEnded
            || steps.contains { step in
                switch step {
                case .unknown: true
                case .failed(_, _, let wasSent): wasSent
                case .answered(let outcomes): outcomes.contains { $0.isUncertain }
                }
            }
    }

    /// Reads whole lines; one that is no journal line, or belongs to no operation, is counted.
    static func fold(_ bytes: [UInt8]) -> JournalReading {
        var records: [JournalRecord] = []
        var places: [String: Int] = [:]
        var unreadable = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let document = try? JSONValue(parsing: Array(line)),
                let id = document["id"]?.string, let event = document["event"]?.string
            else {
                unreadable += 1
                continue
            }
            if event == "begun", places[id] == nil, let record = JournalRecord(id, document) {
                places[id] = records.count
                records.append(record)
            } else if let place = places[id], records[place].take(event, document) {
                continue
            } else {
                unreadable += 1
            }
        }
        return JournalReading(records: records, unreadable: unreadable)
    }

    private init?(_ id: String, _ document: JSONValue) {
        guard let atMs = document["at_ms"]?.integer, Limits.moments.contains(atMs),
            let kind = document["operation"]?.string,
            let clusterID = document["cluster_id"]?.string, let change = document["change"],
            let steps = document["steps"]?.integer
        else { return nil }
        self.id = id
        self.atMs = atMs
        operation = kind
        summary = document["summary"]?.string ?? ""
        self.clusterID = clusterID
        let known = readChange(kind: kind, change)
        self.change = known
        author = ChangeAuthor(
            user: document["user"]?.string, sudoUser: document["sudo_user"]?.string,
            sshConnection: document["ssh_connection"]?.string,
            principal: document["principal"]?.string)
        note = document["note"]?.string
        values =
            document["values"]?.array?.compactMap { ValueChange($0) } ?? known?.differences ?? []
        byHand = document["by_hand"]?.array?.compactMap(\.string) ?? []
        stepCount = Int(steps)
    }

    /// False where the line does not fit what came before it.
    private mutating func take(_ event: String, _ document: JSONValue) -> Bool {
        if event == "ended" {
            isEnded = true
            endReason = document["reason"]?.string
            return true
        }
        if event == "found" {
            found = document["values"]?.array?.compactMap { JournalEntry.Found($0) } ?? []
            return !found.isEmpty
        }
        if event == "noted" {
            executionNote = document["note"].flatMap(ExecutionNote.init)
            return executionNote != nil
        }
        if event == "throttled" {
            guard let rate = document["throttle"] else { return false }
            throttle = ExecutionThrottle(rate.integer.map { max(1, $0) })
            return true
        }
        guard let number = document["step"]?.integer else { return false }
        let index = Int(number) &- 1
        switch event {
        case "sending" where index == steps.count:
            let resources = document["resources"]?.array?.compactMap(\.string) ?? []
            steps.append(.unknown(resources: resources))
        case "answered" where steps.indices.contains(index):
            let outcomes = document["outcomes"]?.array?.compactMap { StepOutcome($0) } ?? []
            steps[index] = .answered(outcomes)
        case "failed" where steps.indices.contains(index):
            steps[index] = .failed(
                resources: steps[index].resources, reason: document["reason"]?.string ?? "",
                wasSent: document["was_sent"]?.bool ?? true)
        default: return false
        }
        return true
    }
}
