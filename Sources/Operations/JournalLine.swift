// The lines of a journal: what each moment of an operation leaves on the disk.
internal import JSON
package import Planning

/// One line: a moment of one operation.
package struct JournalLine: Sendable {
    package enum Event: Sendable {
        /// What was confirmed, by whom and why, and the same by hand.
        case begun(Beginning)
        /// What is kept of the cluster as it was before the first request of an execution.
        case noted(ExecutionNote)
        /// Another throttle holds for an execution from now on, in bytes a second; nil: none.
        case throttled(Int64?)
        /// A request is about to leave.
        case sending(step: Int, resources: [String])
        /// The cluster has answered for each resource.
        case answered(step: Int, outcomes: [StepOutcome])
        /// No answer; `wasSent`: the change may have been made all the same.
        case failed(step: Int, reason: String, wasSent: Bool)
        /// Nothing more is sent; a reason where steps were left out.
        case ended(reason: String?)
        /// Later, of a change that was cut short: what the cluster said of its values.
        case found([JournalEntry.Found])
    }

    /// All that is known of a change before its first request leaves.
    package struct Beginning: Sendable {
        package var change: any Change
        package var clusterID: String
        package var byHand: [String]
        package var steps: Int
        package var author = ChangeAuthor()
        package var note: String?

        package init(
            _ change: any Change, clusterID: String, byHand: [String], steps: Int,
            author: ChangeAuthor = ChangeAuthor(), note: String? = nil
        ) {
            self.change = change
            self.clusterID = clusterID
            self.byHand = byHand
            self.steps = steps
            self.author = author
            self.note = note
        }

        fileprivate var members: [JSONValue.Member] {
            [
                .init("operation", .string(type(of: change).kind)),
                .init("summary", .string(change.summary)),
                .init("cluster_id", .string(clusterID)),
                .init("user", .init(author.user)), .init("sudo_user", .init(author.sudoUser)),
                .init("ssh_connection", .init(author.sshConnection)),
                .init("principal", .init(author.principal)), .init("note", .init(note)),
                .init("values", .array(change.differences.map(\.document))),
                .init("change", change.document),
                .init("by_hand", .array(byHand.map(JSONValue.string))),
                .init("steps", .integer(Int64(steps))),
            ]
        }
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
        case .begun(let beginning):
            members += [.init("event", .string("begun"))] + beginning.members
        case .noted(let note):
            members += [.init("event", .string("noted")), .init("note", note.document)]
        case .throttled(let rate):
            members += [
                .init("event", .string("throttled")),
                .init("throttle", rate.map(JSONValue.integer) ?? .null),
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
                .init("reason", .init(reason)),
            ]
        case .found(let values):
            members += [
                .init("event", .string("found")), .init("values", .array(values.map(\.document))),
            ]
        }
        return .object(members)
    }
}

extension JSONValue {
    fileprivate init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
}

extension ValueChange {
    var document: JSONValue {
        .object([
            .init("resource", .string(resource)), .init("property", .string(property)),
            .init("before", .init(before)), .init("after", .init(after)),
        ])
    }

    init?(_ document: JSONValue) {
        guard let resource = document["resource"]?.string,
            let property = document["property"]?.string
        else { return nil }
        self.init(
            resource: resource, property: property, before: document["before"]?.string,
            after: document["after"]?.string)
    }
}

extension StepOutcome {
    var document: JSONValue {
        .object([
            .init("resource", .string(resource)),
            .init("error", .init(error)), .init("message", .init(message)),
        ])
    }

    init?(_ document: JSONValue) {
        guard let resource = document["resource"]?.string else { return nil }
        self.init(
            resource, error: document["error"]?.string, message: document["message"]?.string)
    }
}

extension JournalEntry.Found {
    var document: JSONValue {
        .object([
            .init("resource", .string(resource)), .init("property", .string(property)),
            .init("value", .init(now)), .init("verdict", .string(verdict.rawValue)),
        ])
    }

    init?(_ document: JSONValue) {
        guard let resource = document["resource"]?.string,
            let property = document["property"]?.string,
            let verdict = document["verdict"]?.string.flatMap(Verdict.init)
        else { return nil }
        self.init(
            resource: resource, property: property, now: document["value"]?.string,
            verdict: verdict)
    }
}
