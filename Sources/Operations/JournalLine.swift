// The lines of a journal and what they say together: for each operation what was intended, which
// steps were sent, which were answered, and what is not known.
internal import JSON
package import Planning

/// One line: a moment of one operation.
package struct JournalLine: Sendable {
    package enum Event: Sendable {
        /// What was confirmed, for which cluster, and the same by hand.
        case begun(change: any Change, clusterID: String, byHand: [String], steps: Int)
        /// A request is about to leave.
        case sending(step: Int, resources: [String])
        /// The cluster has answered for each resource.
        case answered(step: Int, outcomes: [StepOutcome])
        /// No answer; `wasSent`: the change may have been made all the same.
        case failed(step: Int, reason: String, wasSent: Bool)
        /// Nothing more is sent; a reason where steps were left out.
        case ended(reason: String?)
    }

    package var id: String
    /// Milliseconds since 1970.
    package var atMs: Int64
    package var event: Event

    var document: JSONValue {
        var members: [JSONValue.Member] = [
            .init("at_ms", .integer(atMs)), .init("id", .string(id)),
        ]
        switch event {
        case .begun(let change, let clusterID, let byHand, let steps):
            members += [
                .init("event", .string("begun")),
                .init("operation", .string(type(of: change).kind)),
                .init("summary", .string(change.summary)),
                .init("cluster_id", .string(clusterID)), .init("change", change.document),
                .init("by_hand", .array(byHand.map(JSONValue.string))),
                .init("steps", .integer(Int64(steps))),
            ]
        case .sending(let step, let resources):
            members += [
                .init("event", .string("sending")), .init("step", .integer(Int64(step))),
                .init("resources", .array(resources.map(JSONValue.string))),
            ]
        case .answered(let step, let outcomes):
            members += [
                .init("event", .string("answered")), .init("step", .integer(Int64(step))),
                .init("outcomes", .array(outcomes.map(\.document))),
            ]
        case .failed(let step, let reason, let wasSent):
            members += [
                .init("event", .string("failed")), .init("step", .integer(Int64(step))),
                .init("reason", .string(reason)), .init("was_sent", .bool(wasSent)),
            ]
        case .ended(let reason):
            members += [
                .init("event", .string("ended")),
                .init("reason", reason.map(JSONValue.string) ?? .null),
            ]
        }
        return .object(members)
    }
}

extension StepOutcome {
    var document: JSONValue {
        .object([
            .init("resource", .string(resource)),
            .init("error", error.map(JSONValue.string) ?? .null),
            .init("message", message.map(JSONValue.string) ?? .null),
        ])
    }

    init?(_ document: JSONValue) {
        guard let resource = document["resource"]?.string else { return nil }
        self.init(
            resource, error: document["error"]?.string, message: document["message"]?.string)
    }
}

/// All that a journal says of one operation.
package struct JournalRecord: Sendable {
    /// How far a step has come.
    package enum Step: Hashable, Sendable {
        /// Its request may have left; nothing says what became of it.
        case unknown(resources: [String])
        case answered([StepOutcome])
        /// `wasSent`: the change may have been made all the same.
        case failed(reason: String, wasSent: Bool)
    }

    package var id: String
    package var atMs: Int64
    package var operation: String
    package var summary: String
    package var clusterID: String
    /// Nil where this version does not know the kind of change.
    package var change: (any Change)?
    package var byHand: [String]
    package var stepCount: Int
    /// The steps whose intent was written, in order.
    package var steps: [Step] = []
    package var isEnded = false
    /// Why steps were left out.
    package var endReason: String?

    /// Whether it cannot be said what became of the change: it was cut short, or a request that
    /// may have left has no answer.
    package var isUnknown: Bool {
        !isEnded
            || steps.contains { step in
                switch step {
                case .unknown: true
                case .failed(_, let wasSent): wasSent
                case .answered: false
                }
            }
    }

    /// Reads whole lines; one that is no journal line, or belongs to no operation, is counted.
    static func fold(_ bytes: [UInt8]) -> (records: [JournalRecord], unreadable: Int) {
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
        return (records, unreadable)
    }

    private init?(_ id: String, _ document: JSONValue) {
        guard let atMs = document["at_ms"]?.integer, let kind = document["operation"]?.string,
            let clusterID = document["cluster_id"]?.string, let change = document["change"],
            let steps = document["steps"]?.integer
        else { return nil }
        self.id = id
        self.atMs = atMs
        operation = kind
        summary = document["summary"]?.string ?? ""
        self.clusterID = clusterID
        self.change = readChange(kind: kind, change)
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
        guard let number = document["step"]?.integer else { return false }
        let index = Int(number) - 1
        switch event {
        case "sending" where index == steps.count:
            let resources = document["resources"]?.array?.compactMap(\.string) ?? []
            steps.append(.unknown(resources: resources))
        case "answered" where steps.indices.contains(index):
            let outcomes = document["outcomes"]?.array?.compactMap { StepOutcome($0) } ?? []
            steps[index] = .answered(outcomes)
        case "failed" where steps.indices.contains(index):
            steps[index] = .failed(
                reason: document["reason"]?.string ?? "",
                wasSent: document["was_sent"]?.bool ?? true)
        default: return false
        }
        return true
    }
}
