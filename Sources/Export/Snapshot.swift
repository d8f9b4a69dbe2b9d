// Writes a cluster as one JSON document, schema `highwater.snapshot` 1.x: flat arrays of records,
// streamed from the columns in constant memory. Field names and order are a promise to scripts;
// fields may be added, never renamed, moved or given another meaning within 1.x.

package import ClusterModel
package import JSON

/// The parts of a snapshot that can be asked for; raw values are names on the command line and keys
/// in the document.
package enum SnapshotSection: String, CaseIterable, Sendable {
    case brokers, topics, partitions, groups
    case logDirs = "log_dirs"
    case quorum, coordinator, events, findings
}

/// One snapshot to be written.
package struct Snapshot {
    package static let schema = "highwater.snapshot"
    /// 1.1 adds `notes`, members of groups, replicas that come and go, commits outside the log.
    package static let schemaVersion = "1.1"

    package var cluster: Cluster
    package var sections: Set<SnapshotSection>
    package var toolVersion: String
    /// Names of rules of Health: of the partitions only those are written for which one of these
    /// holds. Empty: all.
    package var rules: [String] = []
    /// What is missing, and whether anything is: the caller's exit code.
    package let gaps: SnapshotGaps

    package init(
        _ cluster: Cluster, sections: Set<SnapshotSection> = Set(SnapshotSection.allCases),
        toolVersion: String
    ) {
        self.cluster = cluster
        self.sections = sections
        self.toolVersion = toolVersion
        gaps = SnapshotGaps(cluster, sections: sections)
    }

    /// Writes the document to `sink` in pieces of up to 64 KB and throws the sink's first error.
    /// `isPretty` puts each record on a line of its own.
    package func write(isPretty: Bool = false, to sink: @escaping JSONWriter.Sink) throws {
        var writer = JSONWriter(isPretty: isPretty, sink: sink)
        writer.openObject()
        writeHead(to: &writer)
        for part in Part.all where sections.contains(part.section) { part.write(self, &writer) }
        writer.closeObject()
        try writer.finish()
    }

    private func writeHead(to writer: inout JSONWriter) {
        writer.field("schema", Self.schema)
        writer.field("schema_version", Self.schemaVersion)
        writer.field("tool_version", toolVersion)
        writer.field("taken_at", cluster.takenAtWall.iso8601)
        writer.field("cluster_id", cluster.clusterID)
        writer.field("complete", gaps.isComplete)
        if !rules.isEmpty {
            writer.key("only")
            writer.openArray()
            for rule in rules { writer.value(rule) }
            writer.closeArray()
        }
        write(gaps.errors, as: "errors", to: &writer)
        write(gaps.notes, as: "notes", to: &writer)
    }

    private func write(
        _ failures: [ObservationFailure], as key: String, to writer: inout JSONWriter
    ) {
        writer.key(key)
        writer.openArray()
        for failure in failures {
            writer.openRecord()
            writer.field("api", failure.api)
            writer.field("broker", failure.broker?.value)
            writer.field("code", failure.code)
            writer.field("message", failure.message)
            writer.closeObject()
        }
        writer.closeArray()
    }

    func writeBrokers(to writer: inout JSONWriter) {
        writer.key("brokers")
        writer.openArray()
        for broker in cluster.brokers {
            writer.openRecord()
            writer.field("id", broker.id.value)
            writer.field("host", broker.host.isEmpty ? nil : broker.host)
            writer.field("port", broker.port < 0 ? nil : broker.port)
            writer.field("rack", broker.rack)
            writer.field("is_controller", cluster.controller.map { $0 == broker.id })
            writer.field("state", broker.state.name)
            writer.closeObject()
        }
        writer.closeArray()
    }

    func writeTopics(to writer: inout JSONWriter) {
        writer.key("topics")
        writer.openArray()
        for (index, topic) in cluster.topics.enumerated() where !writer.hasFailed {
            writer.openRecord()
            writer.field("name", topic.name)
            writer.field("topic_id", topic.id?.description)
            writer.field("internal", topic.isInternal)
            writer.field("partition_count", topic.partitionCount)
            writer.field("replication_factor", topic.replicationFactor)
            writer.field("override_count", cluster.overrides(topic: index)?.count)
            writer.closeObject()
        }
        writer.closeArray()
    }

    func writeGroups(to writer: inout JSONWriter) {
        writer.key("groups")
        writer.openArray()
        for group in cluster.groups where !writer.hasFailed {
            writer.openRecord()
            writer.field("id", group.id)
            writer.field("type", group.type)
            writer.field("protocol", group.protocolType)
            writer.field("state", group.state)
            writer.field("coordinator", group.coordinator.exists ? group.coordinator.value : nil)
            writer.field("member_count", group.memberCount)
            // A sum that lacks a part would look like the whole.
            writer.field("lag", group.unknownLagCount > 0 ? nil : group.lag)
            writer.field("members_read_at", wall(group.describedAt)?.iso8601)
            writer.field("offsets_read_at", wall(group.offsetsAt)?.iso8601)
            writeMembers(of: group, to: &writer)
            writer.key("partitions")
            writeOffsets(of: group, to: &writer)
            writeStanding(of: group, to: &writer)
            writer.closeObject()
        }
        writer.closeArray()
    }

    /// How the group stands; null what was not watched for long enough, or takes more than one
    /// look.
    private func writeStanding(of group: ConsumerGroup, to writer: inout JSONWriter) {
        let standing = group.standing
        // To the millisecond.
        func known(_ value: Float) -> Double? {
            value.isFinite ? (Double(value) * 1_000).nearestWhole / 1_000 : nil
        }
        writer.field("verdict", standing.verdict?.name)
        let isJudged = standing.verdict != nil || !group.isNotJudged
        writer.field(
            "verdict_basis",
            !isJudged || group.offsets == nil
                ? nil : standing.isFromOneLook ? "one_look" : "window")
        let isOpen = isJudged && group.offsets != nil && standing.verdict == nil
        writer.field(
            "verdict_note", isOpen ? group.standingSentence(at: cluster.takenAt) : nil)
        let isDated = standing.verdict != nil && !standing.isSinceStart
        writer.field("verdict_since", isDated ? wall(standing.since)?.iso8601 : nil)
        writer.field("seconds_behind", known(standing.secondsBehind))
        writer.field("seconds_behind_estimated", standing.isEstimated)
        writer.field("seconds_lost_per_minute", known(standing.secondsLostPerMinute))
        writer.field("lag_per_second", known(standing.lagPerSecond))
        writer.field("seconds_to_catch_up", known(standing.secondsToCatchUp))
        writer.field("seconds_until_loss", known(standing.secondsUntilLoss))
    }

    private func writeMembers(of group: ConsumerGroup, to writer: inout JSONWriter) {
        writer.key("members")
        guard let members = group.members else { return writer.null() }
        writer.openArray()
        for member in members {
            writer.openRecord()
            writer.field("id", member.id)
            writer.field("instance_id", member.instanceID)
            writer.field("client_id", member.clientID)
            writer.field("host", member.host)
            writer.key("assignment")
            writer.openArray()
            for key in member.assignment {
                writer.openObject()
                writer.field("topic", key.topic)
                writer.field("partition", key.partition)
                writer.closeObject()
            }
            writer.closeArray()
            writer.closeObject()
        }
        writer.closeArray()
    }

    private func writeOffsets(of group: ConsumerGroup, to writer: inout JSONWriter) {
        guard let offsets = group.offsets else { return writer.null() }
        writer.openArray()
        for offset in offsets {
            var member: GroupMember?
            if let index = offset.member, let members = group.members,
                members.indices.contains(index)
            {
                member = members[index]
            }
            writer.openRecord()
            writer.field("topic", offset.partition.topic)
            writer.field("partition", offset.partition.partition)
            writer.field("committed_offset", offset.committed)
            writer.field("log_end_offset", offset.highWatermark)
            writer.field("lag", offset.lag)
            writer.field("committed_beyond_end", offset.beyondEnd)
            writer.field("records_lost", offset.lost)
            writer.field("topic_deleted", offset.isGone)
            writer.field("member_id", member?.id)
            writer.field("client_id", member?.clientID)
            writer.field("host", member?.host)
            writer.closeObject()
        }
        writer.closeArray()
    }

    func writeLogDirs(to writer: inout JSONWriter) {
        writer.key("log_dirs")
        writer.openArray()
        for dir in cluster.logDirs {
            writer.openRecord()
            writer.field("broker", dir.broker.value)
            writer.field("path", dir.path)
            writer.field("total_bytes", dir.totalBytes)
            writer.field("usable_bytes", dir.usableBytes)
            // A directory that failed lists nothing: its size is unknown, not 0.
            writer.field("size_bytes", dir.errorCode == 0 ? dir.sizeBytes : nil)
            writer.field("error", cluster.errorName(dir.errorCode))
            writer.field("read_at", wall(dir.answeredAt)?.iso8601)
            writer.closeObject()
        }
        writer.closeArray()
    }

    func writeQuorum(to writer: inout JSONWriter) {
        writer.key("quorum")
        guard let quorum = cluster.quorum else { return writer.null() }
        writer.openObject()
        writer.field("leader_id", quorum.leader.exists ? quorum.leader.value : nil)
        writer.field("leader_epoch", quorum.leaderEpoch)
        writer.field("high_watermark", quorum.highWatermark < 0 ? nil : quorum.highWatermark)
        writer.key("voters")
        writeReplicas(quorum.voters, of: quorum, to: &writer)
        writer.key("observers")
        writeReplicas(quorum.observers, of: quorum, to: &writer)
        writer.closeObject()
    }

    private func writeReplicas(
        _ replicas: [Quorum.Replica], of quorum: Quorum, to writer: inout JSONWriter
    ) {
        writer.openArray()
        for replica in replicas {
            let isKnown = replica.logEndOffset >= 0
            writer.openRecord()
            writer.field("id", replica.id.value)
            writer.field("log_end_offset", isKnown ? replica.logEndOffset : nil)
            writer.field("lag", quorum.lag(of: replica))
            writer.field("last_fetch_at", replica.lastFetchAt?.iso8601)
            writer.field("last_caught_up_at", replica.lastCaughtUpAt?.iso8601)
            writer.closeObject()
        }
        writer.closeArray()
    }
}
