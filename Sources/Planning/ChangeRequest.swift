// What an operator asks for, in the words of a key, a command or a script: all three say it alike,
// and the kind of change that is named makes the proposal of it.
package import ClusterModel
package import JSON

/// A kind of change and what it is asked of.
package struct ChangeRequest: Hashable, Sendable {
    /// One value asked for.
    package struct Value: Hashable, Sendable {
        package var key: String
        /// Nil: not set any more.
        package var value: String?

        package init(_ key: String, _ value: String?) {
            self.key = key
            self.value = value
        }
    }

    /// The stable name of the kind of change: "elect_preferred_leaders".
    package var kind: String
    /// Topics, partitions, brokers; `.cluster` is all of it.
    package var subjects: [ObjectID]
    package var values: [Value]
    /// One change exactly, as a journal keeps it, instead of subjects and values.
    package private(set) var document: JSONValue?
    /// A plan that is to be carried out, instead of subjects and values.
    package private(set) var plan: PlanFile?
    /// Values read since the cluster was: they count more than what is known of it.
    package var facts: [Fact] = []

    package init(_ kind: String, of subjects: [ObjectID], values: [Value] = []) {
        self.kind = kind
        self.subjects = subjects
        self.values = values
    }

    /// It takes a change back: where a value is not what that one had made of it, this is said.
    package private(set) var isUndo = false

    /// The kind of change that carries a plan out.
    package static let ofPlans = "execute_plan"

    /// To carry this plan out.
    package init(_ plan: PlanFile) {
        self.init(Self.ofPlans, of: [])
        self.plan = plan
    }

    /// Exactly this change.
    package init(_ change: any Change, isUndo: Bool = false) {
        self.init(type(of: change).kind, of: [])
        document = change.document
        self.isUndo = isUndo
    }
}
