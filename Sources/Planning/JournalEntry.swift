// A change that was made, or begun, as the journal tells it to whoever shows it: the screen and the
// command read the same.

/// Who makes changes: what the operating system and the connection say of them.
package struct ChangeAuthor: Hashable, Sendable {
    /// The user of the operating system.
    package var user: String?
    /// `$SUDO_USER`: whose hands they are, where that is another user.
    package var sudoUser: String?
    /// `$SSH_CONNECTION`: from where they came.
    package var sshConnection: String?
    /// As Kafka calls whoever is connected: "User:ANONYMOUS".
    package var principal: String?

    /// Whose hands they are, in a word.
    package var person: String { sudoUser ?? user ?? "somebody" }

    package init(
        user: String? = nil, sudoUser: String? = nil, sshConnection: String? = nil,
        principal: String? = nil
    ) {
        self.user = user
        self.sudoUser = sudoUser
        self.sshConnection = sshConnection
        self.principal = principal
    }
}

/// One change as the journal keeps it.
package struct JournalEntry: Hashable, Sendable {
    /// What became of all of it.
    package enum State: String, Hashable, Sendable {
        case done
        /// Some of it; what was refused or not sent stays as it was.
        case partly
        /// Nothing: each request was refused, or none was sent.
        case refused
        /// A request that may have left has no answer.
        case unknown
        /// Nothing says that it is over: it is under way, or its process was ended.
        case unfinished
    }

    /// What became of one resource.
    package struct Result: Hashable, Sendable {
        package enum Outcome: String, Hashable, Sendable {
            case done, refused, unknown
            case notSent = "not_sent"
            /// Nothing had said what became of it, and the cluster had it as before when it was
            /// asked later.
            case notDone = "not_done"
        }

        package var resource: String
        package var outcome: Outcome
        /// Kafka's name of the error.
        package var error: String?
        /// Kafka's own sentence, or ours where no answer came.
        package var message: String?

        package init(
            _ resource: String, _ outcome: Outcome, error: String? = nil, message: String? = nil
        ) {
            self.resource = resource
            self.outcome = outcome
            self.error = error
            self.message = message
        }
    }

    /// What the cluster said, when it was asked later, of a value of which nothing had said what
    /// became.
    package struct Found: Hashable, Sendable {
        /// Raw values are the document's and the journal's.
        package enum Verdict: String, Hashable, Sendable {
            case done
            case notDone = "not_done"
            /// Neither what it was nor what it was to be: something else has changed it.
            case other
        }

        package var resource: String
        package var property: String
        /// Nil where it is not set.
        package var now: String?
        package var verdict: Verdict

        package init(_ value: ValueChange, now: String?) {
            resource = value.resource
            property = value.property
            self.now = now
            verdict = now == value.after ? .done : now == value.before ? .notDone : .other
        }

        package init(resource: String, property: String, now: String?, verdict: Verdict) {
            self.resource = resource
            self.property = property
            self.now = now
            self.verdict = verdict
        }
    }

    package var id: String
    /// Milliseconds since 1970.
    package var atMs: Int64
    package var clusterID: String
    /// The stable name of the kind of change.
    package var operation: String
    package var summary: String
    package var author: ChangeAuthor
    /// Why, in the operator's words.
    package var note: String?
    package var values: [ValueChange]
    package var results: [Result]
    /// Why requests were left out; nil where none was.
    package var reason: String?
    package var byHand: [String]
    package var state: State
    /// What takes back as much of it as was done or may have been; nil where `noUndo` says why.
    package var undo: ChangeRequest?
    /// Words without a full stop.
    package var noUndo: String?

    package init(
        id: String, atMs: Int64, clusterID: String, operation: String, summary: String,
        author: ChangeAuthor, note: String?, values: [ValueChange], results: [Result],
        reason: String?, byHand: [String], state: State
    ) {
        self.id = id
        self.atMs = atMs
        self.clusterID = clusterID
        self.operation = operation
        self.summary = summary
        self.author = author
        self.note = note
        self.values = values
        self.results = results
        self.reason = reason
        self.byHand = byHand
        self.state = state
    }

    /// Its resource, or how many there are: "orders-3", "topic orders", "12 resources".
    package var resource: String {
        let first = results.first?.resource ?? values.first?.resource ?? ""
        return results.count > 1 ? counted(results.count, "resource") : first
    }

    /// What it is about, as far as it is told.
    package var resources: [String] {
        results.isEmpty ? values.map(\.resource) : results.map(\.resource)
    }
}
