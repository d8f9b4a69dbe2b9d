// A plan as documents: `highwater.plan` 1.x for machines, the file that Kafka's own
// kafka-reassign-partitions takes, and a page of Markdown for a ticket. Field names and their order
// are a promise to scripts: fields may be added, never renamed or given another meaning within 1.x.
package import JSON

/// What a plan is written as.
package struct PlanDocument {
    package static let schema = "highwater.plan"
    package static let schemaVersion = "1.0"

    package let plan: Plan
    package let toolVersion: String
    /// How long the planning itself took.
    package let planningMs: Double

    package init(_ plan: Plan, toolVersion: String, planningMs: Double) {
        self.plan = plan
        self.toolVersion = toolVersion
        self.planningMs = planningMs
    }

    private var model: PlanningModel { plan.model }

    /// Writes the document to `sink` in pieces and throws the sink's first error.
    package func write(to sink: @escaping JSONWriter.Sink) throws {
        var writer = JSONWriter(isPretty: true, sink: sink)
        writer.openObject()
        writer.field("schema", Self.schema)
        writer.field("schema_version", Self.schemaVersion)
        writer.field("tool_version", toolVersion)
        writer.field("kind", plan.request.kind.rawValue)
        writer.key("arguments")
        plan.request.write(to: &writer)
        writer.field("cluster_id", model.clusterID)
        writer.field("taken_at", model.takenAt)
        writer.field("hash", plan.hash)
        writer.field("planning_ms", (planningMs * 1000).rounded() / 1000)
        writeMoves(to: &writer)
        writeSums(to: &writer)
        writeBrokers(to: &writer)
        writeWaves(to: &writer)
        writeEta(to: &writer)
        writeRefused(to: &writer)
        writer.key("warnings")
        writer.openArray()
        for warning in plan.warnings { writer.value(warning) }
        writer.closeArray()
        writer.closeObject()
        try writer.finish()
    }

    private func writeMoves(to writer: inout JSONWriter) {
        let ids = model.brokers.map(\.id)
        writer.key("moves")
        writer.openArray()
        for move in 0..<plan.count where !writer.hasFailed {
            let row = Int(plan.rows[move])
            writer.openRecord()
            writer.field("topic", model.topicName(row))
            writer.field("partition", model.partition[row])
            writer.key("replicas_before")
            writer.openArray()
            for index in model.replicas(of: row) { writer.value(ids[Int(model.replica[index])]) }
            writer.closeArray()
            writer.key("replicas_after")
            writer.openArray()
            for broker in plan.replicas(of: move) { writer.value(ids[Int(broker)]) }
            writer.closeArray()
            let (before, after) = (model.leader[row], plan.leaderAfter[move])
            writer.field("leader_before", before < 0 ? nil : ids[Int(before)])
            writer.field("leader_after", after < 0 ? nil : ids[Int(after)])
            writer.field("bytes", plan.bytes[move])
            writer.field("reason", plan.reasons[move])
            writer.closeObject()
        }
        writer.closeArray()
    }

    private func writeSums(to writer: inout JSONWriter) {
        writer.key("totals")
        writer.openRecord()
        writer.field("partitions", plan.totals.partitions)
        writer.field("replicas", plan.totals.replicas)
        writer.field("bytes", plan.totals.bytes)
        writer.field("leaders", plan.totals.leaders)
        writer.field("reorders", plan.totals.reorders)
        writer.closeObject()
        writer.key("minimum")
        writer.openRecord()
        writer.field("replicas", plan.minimum.replicas)
        writer.field("bytes", plan.minimum.bytes)
        writer.field("leaders", plan.minimum.leaders)
        writer.field("binding", plan.minimum.binding)
        writer.closeObject()
        writer.key("ratio")
        writer.openRecord()
        writer.field("replicas", plan.replicasRatio)
        writer.field("bytes", plan.bytesRatio)
        writer.closeObject()
    }

    private func writeBrokers(to writer: inout JSONWriter) {
        writer.key("brokers")
        writer.openArray()
        for (broker, change) in zip(model.brokers, plan.brokers) {
            writer.openRecord()
            writer.field("id", broker.id)
            writer.field("rack", broker.rack)
            writer.field("replicas_before", change.replicasBefore)
            writer.field("replicas_after", change.replicasAfter)
            writer.field("bytes_before", change.bytesBefore)
            writer.field("bytes_after", change.bytesAfter)
            writer.field("leaders_before", change.leadersBefore)
            writer.field("leaders_after", change.leadersAfter)
            writer.field("bytes_in", change.bytesIn)
            writer.field("bytes_out", change.bytesOut)
            writer.field("disk_peak", change.diskPeak)
            writer.closeObject()
        }
        writer.closeArray()
    }

    private func writeWaves(to writer: inout JSONWriter) {
        writer.key("waves")
        writer.openArray()
        for wave in plan.waves {
            // A wave stays on one line, as records do.
            writer.openRecordArray()
            for move in wave { writer.value(move) }
            writer.closeArray()
        }
        writer.closeArray()
    }

    private func writeEta(to writer: inout JSONWriter) {
        let eta = plan.eta
        writer.key("eta")
        writer.openRecord()
        writer.field("low_seconds", (eta.lowSeconds * 1000).rounded() / 1000)
        writer.field("high_seconds", (eta.highSeconds * 1000).rounded() / 1000)
        writer.field("binding_broker", eta.bindingBroker.map { model.brokers[$0].id })
        writer.field("direction", eta.direction?.rawValue)
        writer.field("throttle_bytes_per_second", plan.request.throttle)
        writer.closeObject()
    }

    private func writeRefused(to writer: inout JSONWriter) {
        writer.key("refused")
        writer.openArray()
        for refusal in plan.refused {
            writer.openRecord()
            writer.field("topic", refusal.row.map(model.topicName) ?? refusal.name?.topic)
            writer.field(
                "partition", refusal.row.map { model.partition[$0] } ?? refusal.name?.partition)
            writer.field("reason", refusal.reason)
            writer.closeObject()
        }
        writer.closeArray()
    }

    // MARK: Kafka's own

    /// What `kafka-reassign-partitions.sh --reassignment-json-file` takes.
    package func writeForKafka(to sink: @escaping JSONWriter.Sink) throws {
        let ids = model.brokers.map(\.id)
        var writer = JSONWriter(isPretty: true, sink: sink)
        writer.openObject()
        writer.field("version", 1)
        writer.key("partitions")
        writer.openArray()
        for move in 0..<plan.count where !writer.hasFailed {
            let row = Int(plan.rows[move])
            writer.openRecord()
            writer.field("topic", model.topicName(row))
            writer.field("partition", model.partition[row])
            writer.key("replicas")
            writer.openArray()
            for broker in plan.replicas(of: move) { writer.value(ids[Int(broker)]) }
            writer.closeArray()
            writer.closeObject()
        }
        writer.closeArray()
        writer.closeObject()
        try writer.finish()
    }
}

extension PlanRequest {
    /// What was asked for, by the names of the command's options; what does not belong to the kind
    /// is left out.
    fileprivate func write(to writer: inout JSONWriter) {
        func list<Value>(
            _ name: StaticString, _ values: [Value], _ writer: inout JSONWriter,
            _ write: (Value, inout JSONWriter) -> Void
        ) {
            guard !values.isEmpty else { return }
            writer.key(name)
            writer.openArray()
            for value in values { write(value, &writer) }
            writer.closeArray()
        }
        writer.openRecord()
        list("broker", brokers, &writer) { $1.value($0) }
        switch level {
        case .share(let share): writer.field("to_share", share)
        case .bytes(let bytes): writer.field("to_bytes", bytes)
        case nil: break
        }
        if let factor { writer.field("factor", factor) }
        list("topic", topics, &writer) { $1.value($0) }
        list("exclude_topic", excludedTopics, &writer) { $1.value($0) }
        list("exclude_partition", excludedPartitions, &writer) { $1.value("\($0)") }
        list("exclude_broker", excludedBrokers, &writer) { $1.value($0) }
        if [.balance, .fill].contains(kind) { writer.field("tolerance", tolerance) }
        if mayWorsenRacks { writer.field("any_rack", true) }
        writer.closeObject()
    }
}
