// The partitions of a snapshot, the bulk of it: read from the columns, without a view a row.

import ClusterModel
internal import Health
internal import JSON

extension Snapshot {
    func writePartitions(to writer: inout JSONWriter) {
        writer.key("partitions")
        writer.openArray()
        let table = cluster.partitions
        let dirs = cluster.logDirs.map(\.path)
        let lost = LeadersLost(cluster)
        let unasked = Set(cluster.brokers.filter { $0.state == .unknown }.map(\.id.value))
        let wanted = rules.reduce(UInt16(0)) { $0 | (partitionMark(ofRule: $1) ?? 0) }
        for topic in cluster.topics {
            for row in topic.partitions {
                if !rules.isEmpty, cluster.partitionMarks[row] & wanted == 0 { continue }
                // A sink that is gone (a closed pipe) need not be sent 200,000 partitions.
                if writer.hasFailed { return writer.closeArray() }
                let leader = table.leader[row]
                let isServed = leader >= 0 && !lost.contains(leader)
                writePartition(
                    row, of: topic.name, table, dirs,
                    isServed: unasked.contains(leader) ? nil : isServed, to: &writer)
            }
        }
        writer.closeArray()
    }

    private func writePartition(
        _ row: Int, of topic: String, _ table: PartitionTable, _ dirs: [String], isServed: Bool?,
        to writer: inout JSONWriter
    ) {
        let replicas = table.replicas(of: row)
        var leaderLogEnd: Int64 = -1
        if let leader = table.leaderReplica(row), cluster.hasCurrentEnd(leader) {
            leaderLogEnd = table.replicaLogEnd[leader]
        }
        writer.openRecord()
        writer.field("topic", topic)
        writer.field("partition", table.partition[row])
        writer.field("leader", known(table.leader[row]))
        writer.field("leader_epoch", known(table.leaderEpoch[row]))
        writer.field("preferred_leader", known(table.preferredLeader(row)))
        writer.field("served", isServed)
        writer.key("replicas")
        writer.openArray()
        for index in replicas { writer.value(table.replicaBroker[index]) }
        writer.closeArray()
        writeBrokers("isr", .inSync, replicas, table, to: &writer)
        writeBrokers("offline_replicas", .offline, replicas, table, to: &writer)
        writeBrokers("adding_replicas", .adding, replicas, table, to: &writer)
        writeBrokers("removing_replicas", .removing, replicas, table, to: &writer)
        writer.field("log_start_offset", known(table.logStart[row]))
        writer.field("high_watermark", known(table.highWatermark[row]))
        writer.field(
            "last_stable_offset",
            table.lastStable.isEmpty ? nil : known(table.lastStable[row]))
        writer.field("log_end_offset", known(leaderLogEnd))
        writer.field(
            "read_at",
            wall(table.leaderReplica(row).map { Instant(ns: table.replicaLogEndAt[$0]) })?.iso8601)
        writer.key("replica_states")
        writer.openArray()
        for index in replicas {
            let end = cluster.hasCurrentEnd(index) ? table.replicaLogEnd[index] : -1
            let dir = Int(table.replicaDir[index])
            writer.openRecord()
            writer.field("broker", table.replicaBroker[index])
            writer.field("log_end_offset", known(end))
            writer.field("lag", end >= 0 && leaderLogEnd >= 0 ? table.lag(index, of: row) : nil)
            writer.field("in_sync", table.replicaFlags[index].contains(.inSync))
            writer.field("size_bytes", known(table.replicaSize[index]))
            writer.field("log_dir", dirs.indices.contains(dir) ? dirs[dir] : nil)
            writer.closeObject()
        }
        writer.closeArray()
        writer.closeObject()
    }

    private func writeBrokers(
        _ name: StaticString, _ flag: ReplicaFlags, _ replicas: Range<Int>,
        _ table: PartitionTable, to writer: inout JSONWriter
    ) {
        writer.key(name)
        writer.openArray()
        for index in replicas where table.replicaFlags[index].contains(flag) {
            writer.value(table.replicaBroker[index])
        }
        writer.closeArray()
    }

    /// Unknown numbers are negative in the columns.
    private func known<Number: SignedInteger>(_ number: Number) -> Number? {
        number < 0 ? nil : number
    }
}
