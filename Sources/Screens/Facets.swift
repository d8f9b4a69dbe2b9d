// Rack, broker and topic of any row: filters ask for them on every table, whatever its columns.

internal import ClusterModel

/// What a row of any table lies on or belongs to.
enum Facet: String, Sendable, CaseIterable {
    case rack, broker, topic

    /// Whether rows have it, by their identities. `wanted` is in small letters.
    func keep(
        _ rows: [Int32], _ spec: TableSpec, _ scene: Scene, _ wanted: String, isEqual: Bool
    ) -> [Int32] {
        let cluster = scene.cluster
        // Which brokers are meant, by place: a partition has several.
        let brokers = Set(
            cluster.brokers.filter { broker in
                self == .rack
                    ? (broker.rack ?? "").lowercased() == wanted : "\(broker.id)" == wanted
            }.map(\.id.value))
        var topics: [String: Bool] = [:]
        func isTopic(_ name: String) -> Bool {
            if let known = topics[name] { return known }
            let isMeant = name.lowercased() == wanted
            topics[name] = isMeant
            return isMeant
        }
        return rows.filter { row in
            has(spec.id(scene, Int(row)), cluster, brokers, isTopic) == isEqual
        }
    }

    private func has(
        _ id: ObjectID, _ cluster: Cluster, _ brokers: Set<Int32>, _ isTopic: (String) -> Bool
    ) -> Bool {
        switch id {
        case .broker(let id), .registration(let id), .voter(let id), .volume(let id, _):
            return self != .topic && brokers.contains(id.value)
        case .rack(let name):
            return self == .rack
                && cluster.brokers.contains { $0.rack == name && brokers.contains($0.id.value) }
        case .topic(let name):
            if self == .topic { return isTopic(name) }
            guard let rows = cluster.topic(named: name)?.partitions else { return false }
            return rows.contains { Self.isOn(brokers, $0, cluster) }
        case .partition(let key):
            if self == .topic { return isTopic(key.topic) }
            return cluster.row(of: key).map { Self.isOn(brokers, $0, cluster) } ?? false
        case .replica(let key):
            return self == .topic
                ? isTopic(key.partition.topic) : brokers.contains(key.broker.value)
        case .group(let name):
            guard let group = cluster.group(name) else { return false }
            if self == .topic {
                return group.offsets?.contains { isTopic($0.partition.topic) } == true
            }
            return brokers.contains(group.coordinator.value)
        case .member(let name, _): return has(.group(name), cluster, brokers, isTopic)
        case .config(let subject, _): return has(subject, cluster, brokers, isTopic)
        case .finding(let finding):
            return has(finding.subject, cluster, brokers, isTopic)
        case .request(_, let broker?): return self != .topic && brokers.contains(broker.value)
        case .event(let number):
            let event = cluster.events.events.first { $0.number == number }
            return event.map { has($0.subject, cluster, brokers, isTopic) } ?? false
        default: return false
        }
    }

    /// A replica of the partition lies on one of the brokers.
    private static func isOn(_ brokers: Set<Int32>, _ row: Int, _ cluster: Cluster) -> Bool {
        cluster.partitions.replicas(of: row).contains {
            brokers.contains(cluster.partitions.replicaBroker[$0])
        }
    }
}
