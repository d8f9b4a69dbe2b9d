// An operation that stands around a real one: all it says is the other's, and only how it is sent
// is the test's own.
import ClusterModel
import JSON
import KafkaClient
import Operations
import Planning

/// What a test puts around a change, to count or to break what is sent.
protocol Wrapped: Operations.Operation {
    associatedtype Inner: Operations.Operation
    var change: Inner { get }
    /// The same around another change.
    func around(_ change: Inner) -> Self
}

extension Wrapped {
    static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        Inner.propose(request, in: cluster)
    }
    static func == (a: Self, b: Self) -> Bool { a.change == b.change }

    var summary: String { change.summary }
    var before: [Fact] { change.before }
    var after: [Fact] { change.after }
    var confirmation: Planning.Confirmation { change.confirmation }
    var undo: Self? { nil }
    var document: JSONValue { change.document }
    var neededRight: Rights.Operation? { change.neededRight }
    func restricted(to isWanted: (String) -> Bool) -> Self {
        around(change.restricted(to: isWanted))
    }
    func rebased(on facts: [Fact]) -> Self { around(change.rebased(on: facts)) }
    func byHand(_ tools: KafkaTools) -> [String] { change.byHand(tools) }
    func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        change.read(client, completion)
    }
}
