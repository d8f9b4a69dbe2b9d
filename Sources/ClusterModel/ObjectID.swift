// What a thing of the cluster is, whoever speaks of it: rows, marks, events, findings, links and
// exports carry this one identity and never a text that must be read back.

/// The identity of a thing across refreshes.
package enum ObjectID: Hashable, Sendable {
    case cluster
    case broker(BrokerID)
    case rack(String)
    case topic(String)
    case partition(PartitionKey)
    case replica(ReplicaKey)
    case group(String)
    case member(group: String, id: String)
    /// A log directory of a broker.
    case volume(BrokerID, path: String)
    /// The office of the active controller, whoever holds it.
    case controller
    /// The ZooKeeper ensemble as a whole, with our session.
    case ensemble
    /// A server of the ensemble, `host:port`.
    case server(String)
    /// A voter of the KRaft quorum.
    case voter(BrokerID)
    /// A broker's entry with the coordinator.
    case registration(BrokerID)
    /// An entity other than a topic that has configs, as ZooKeeper names it: `users/app`.
    case entity(String)
    /// A config of a topic, of a broker or, as `.cluster`, of all brokers.
    indirect case config(ObjectID, key: String)
    case section(Section)
    /// A question that was not answered, by Kafka's name of its API.
    case request(api: String, broker: BrokerID?)
    /// By its number in the log.
    case event(UInt64)
    indirect case finding(FindingID)
    /// A change made from here, by its id in the journal.
    case change(String)
    /// A part of what is shown that the cluster itself does not know: a wave of a plan.
    case part(String, Int)
}

/// The identity of a finding: it stays the same while the same thing is wrong.
package struct FindingID: Hashable, Sendable {
    /// The name of the rule that found it.
    package var rule: String
    package var subject: ObjectID
    /// What distinguishes two findings of one rule about one subject.
    package var detail: String
    package init(_ rule: String, _ subject: ObjectID, detail: String = "") {
        self.rule = rule
        self.subject = subject
        self.detail = detail
    }
}

extension ObjectID {
    /// The kind of thing, as snapshots write it.
    package var kind: String { words.kind }
    /// Its name among things of its kind, as snapshots write it.
    package var name: String { words.name }

    private var words: (kind: String, name: String) {
        switch self {
        case .cluster: ("cluster", "cluster")
        case .broker(let id): ("broker", "\(id)")
        case .rack(let name): ("rack", name)
        case .topic(let name): ("topic", name)
        case .partition(let key): ("partition", "\(key)")
        case .replica(let key): ("replica", "\(key.partition) on broker \(key.broker)")
        case .group(let id): ("group", id)
        case .member(let group, let id): ("member", "\(id) of \(group)")
        case .volume(let broker, let path): ("log_dir", "\(path) of broker \(broker)")
        case .controller: ("controller", "controller")
        case .ensemble: ("ensemble", "ZooKeeper")
        case .server(let name): ("server", name)
        case .voter(let id): ("voter", "\(id)")
        case .registration(let id): ("registration", "\(id)")
        case .entity(let name): ("entity", name)
        case .config(let resource, let key): ("config", "\(resource.name) \(key)")
        case .section(let section): ("section", section.rawValue)
        case .request(let api, let broker):
            ("request", broker.map { "\(api) of broker \($0)" } ?? api)
        case .event(let number): ("event", "\(number)")
        case .finding(let id): ("finding", "\(id.rule) \(id.subject)")
        case .change(let id): ("change", id)
        case .part(let kind, let number): (kind, "\(number)")
        }
    }
}

extension ObjectID: CustomStringConvertible {
    /// As it stands on a line of its own: `broker 3`, `controller 3001`, `orders-17`, `orders`.
    package var description: String {
        switch self {
        case .broker(let id), .registration(let id): "broker \(id)"
        case .voter(let id): "controller \(id)"
        case .rack(let name): "rack \(shownName(name))"
        case .event(let number): "event \(number)"
        case .part(let kind, let number): "\(kind) \(number)"
        case .member(let group, let id): "\(shownName(id)) of \(shownName(group))"
        case .volume(let broker, let path): "\(shownName(path)) of broker \(broker)"
        default: shownName(name)
        }
    }
}
