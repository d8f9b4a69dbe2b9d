// The coordinator and the event log in a snapshot. What one kind of coordinator lacks is null with
// its reason in `errors`, or empty where there is none of it.

internal import ClusterModel
internal import JSON

extension Snapshot {
    func writeCoordinator(to writer: inout JSONWriter) {
        let coordinator = cluster.coordinator
        writer.key("coordinator")
        writer.openObject()
        writer.field("kind", cluster.kind?.rawValue)
        writer.field("controller_id", cluster.controller.flatMap { $0.exists ? $0.value : nil })
        writer.field("controller_epoch", cluster.controllerEpoch)
        writer.field(
            "controller_since",
            coordinator.isSinceSeen ? nil : coordinator.controllerSince?.iso8601)
        writer.key("servers")
        writer.openArray()
        for server in coordinator.servers { write(server, to: &writer) }
        writer.closeArray()
        writer.key("registrations")
        writer.openArray()
        for registration in registrations { write(registration, to: &writer) }
        writer.closeArray()
        writer.key("pending")
        writer.openRecord()
        writer.field("reassignments", coordinator.pending.reassignments)
        writer.field("preferred_elections", coordinator.pending.preferredElections)
        writer.field("topic_deletions", coordinator.pending.topicDeletions)
        writer.closeObject()
        writeMembers("voters", cluster.quorum?.voters, isVoter: true, to: &writer)
        writeMembers("observers", cluster.quorum?.observers, isVoter: false, to: &writer)
        writer.field("survives_one_more_loss", cluster.survivesOneMoreLoss)
        writer.closeObject()
    }

    /// In KRaft mode the live brokers: their endpoints and racks are known, the rest is null.
    private var registrations: [Registration] {
        guard cluster.kind == .kraft else { return cluster.coordinator.registrations }
        let registered = cluster.brokers.filter { $0.isListed || $0.isFenced }
        return registered.filter { !$0.endpoint.isEmpty }.map { broker in
            var entry = Registration(
                broker: broker.id, endpoints: [broker.endpoint], rack: broker.rack)
            entry.isFenced = cluster.coordinator.tellsFenced ? broker.isFenced : nil
            return entry
        }
    }

    private func write(_ server: ZooKeeperServer, to writer: inout JSONWriter) {
        writer.openRecord()
        writer.field("host", server.host)
        writer.field("port", server.port)
        writer.field("mode", server.mode)
        writer.field("version", server.version)
        writer.field("zxid", server.zxid)
        writer.field("latency_avg_ms", server.latencyAverageMs)
        writer.field("outstanding", server.outstanding)
        writer.field("connections", server.connections)
        writer.field("error", server.error)
        writer.closeObject()
    }

    private func write(_ registration: Registration, to writer: inout JSONWriter) {
        writer.openRecord()
        writer.field("broker", registration.broker.value)
        writer.field("registered_at", registration.registeredAt?.iso8601)
        writer.field("epoch", registration.epoch)
        writer.key("endpoints")
        writer.openArray()
        for endpoint in registration.endpoints { writer.value(endpoint) }
        writer.closeArray()
        writer.field("rack", registration.rack)
        writer.field("fenced", registration.isFenced)
        writer.closeObject()
    }

    /// Null in ZooKeeper mode, where there is no such thing, and where the quorum was not read.
    private func writeMembers(
        _ key: String, _ replicas: [Quorum.Replica]?, isVoter: Bool, to writer: inout JSONWriter
    ) {
        writer.key(key)
        guard let quorum = cluster.quorum, let replicas else { return writer.null() }
        writer.openArray()
        for replica in replicas {
            let isKnown = replica.logEndOffset >= 0
            writer.openRecord()
            writer.field("id", replica.id.value)
            writer.field(
                "role",
                !isVoter ? "observer" : replica.id == quorum.leader ? "leader" : "follower")
            writer.field("log_end_offset", isKnown ? replica.logEndOffset : nil)
            writer.field("lag", quorum.lag(of: replica))
            writer.field("last_fetch_at", replica.lastFetchAt?.iso8601)
            writer.field("last_caught_up_at", replica.lastCaughtUpAt?.iso8601)
            writer.closeObject()
        }
        writer.closeArray()
    }

    func writeEvents(to writer: inout JSONWriter) {
        writer.key("events")
        writer.openArray()
        for event in cluster.events.events where !writer.hasFailed {
            writer.openRecord()
            writer.field("at", event.at.iso8601)
            writer.field("kind", event.kind.rawValue)
            writer.field("subject", event.subject.description)
            writer.field("text", event.text)
            writer.field("source", event.source)
            writer.closeObject()
        }
        writer.closeArray()
    }
}
