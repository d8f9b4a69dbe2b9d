// What a thing opens, whoever names it: a row of the event log, a finding, a member.

internal import ClusterModel

/// The screen about a thing; nil where there is none, or the cluster does not know the thing.
func screen(about subject: ObjectID, _ cluster: Cluster) -> Screen? {
    switch subject {
    case .broker(let id), .registration(let id):
        return .partitions(PartitionsScreen(Scope(broker: id)))
    case .topic(let name):
        guard cluster.topicIndex(named: name) != nil else { return nil }
        return .partitions(PartitionsScreen(Scope(topic: name)))
    case .partition(let key):
        return cluster.row(of: key) == nil ? nil : .partition(PartitionScreen(key))
    case .group(let id), .member(let id, _): return .group(GroupScreen(id))
    case .volume: return .volumes(VolumesScreen())
    case .controller, .ensemble, .server, .voter: return .coordinator(CoordinatorScreen())
    default: return nil
    }
}
