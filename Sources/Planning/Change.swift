// A change of a cluster as data: which values it takes from what to what, how it is made by hand,
// how it is taken back. Each kind of change is one file of Operations.
package import JSON

/// One value of the cluster that a change depends on or sets.
package struct Fact: Hashable, Sendable {
    /// Whose value it is, as Kafka's tools name it: "orders-3", "topic orders", "broker 3".
    package var subject: String
    /// Which value: "leader", "replicas", or the key of a config.
    package var property: String
    /// Nil where it is not set.
    package var value: String?

    package init(_ subject: String, _ property: String, _ value: String?) {
        self.subject = subject
        self.property = property
        self.value = value
    }
}

/// What the operator must type before a change may begin.
package enum Confirmation: Hashable, Sendable {
    /// A word of consent: it can be taken back.
    case yes
    /// The name of the one resource that it moves or destroys.
    case resource(String)
    /// The cluster's name: it touches many resources.
    case cluster
}

/// What every change says of itself.
package protocol Change: Sendable, Equatable {
    /// The kind of change that takes it back.
    associatedtype Undo: Change = Self
    /// Its stable name in journals: "elect_preferred_leaders".
    static var kind: String { get }
    /// What it does, in a few words: "elect the preferred leader of orders-3".
    var summary: String { get }
    /// The values that must hold when it is sent.
    var before: [Fact] { get }
    /// The same values once it is carried out, in the same order.
    var after: [Fact] { get }
    var confirmation: Confirmation { get }
    /// The change that restores `before`; nil where Kafka has no request for that.
    var undo: Undo? { get }
    /// What it changes, each once, in its order: what outcomes are told of.
    var resources: [String] { get }
    /// The part of it that is about these resources, as facts name them.
    func restricted(to isWanted: (String) -> Bool) -> Self
    /// The same wish on values that were read since: what was before is what they say.
    func rebased(on facts: [Fact]) -> Self
    /// The same with Kafka's own tools: lines for bash, in order.
    func byHand(_ tools: KafkaTools) -> [String]
    /// The change as a journal keeps it, without its kind.
    var document: JSONValue { get }
    /// Nil where the document is not of this kind.
    init?(_ document: JSONValue)
}

/// A value that a change sets: what it was and what it becomes.
package struct ValueChange: Hashable, Sendable {
    package var resource: String
    package var property: String
    /// Nil where it is not set.
    package var before: String?
    package var after: String?

    package init(resource: String, property: String, before: String?, after: String?) {
        self.resource = resource
        self.property = property
        self.before = before
        self.after = after
    }
}

extension Change {
    /// What differs afterwards; what must only hold for it is left out.
    package var differences: [ValueChange] {
        zip(before, after).compactMap { before, after in
            before.value == after.value
                ? nil
                : ValueChange(
                    resource: before.subject, property: before.property, before: before.value,
                    after: after.value)
        }
    }

    /// What it is about, each once, in its order.
    package var resources: [String] {
        var seen: Set<String> = []
        return before.map(\.subject).filter { seen.insert($0).inserted }
    }
}

/// Values by whose they are, for a change that is made anew on them.
package struct FactTable {
    private var values: [Fact: String?] = [:]

    package init(_ facts: [Fact]) {
        for fact in facts { values[Fact(fact.subject, fact.property, nil)] = fact.value }
    }

    /// The value there is now, else the one known before.
    package func value(_ subject: String, _ property: String, else known: String?) -> String? {
        values[Fact(subject, property, nil)] ?? known
    }
}

/// "1 partition", "3 partitions".
package func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}
