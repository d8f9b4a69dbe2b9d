// What a snapshot may lose when one broker of three does not answer, and what it may not.
import Testing

/// A broker that is frozen or dead, and the snapshot of the paused cluster before.
struct Illness {
    var broker: Int
    var before: SnapshotDocument
    /// A request may take four fifths of `--timeout`, which is 10 s where none is given: that is
    /// the first time-out, and all else is known by then. The run ends with `--timeout`.
    static let limitSeconds = 10.5

    /// `states` are those the ill broker may be shown in.
    func check(_ taken: Highwater.Snapshot, states: Set<String>) {
        let document = taken.document
        #expect(taken.ended.exitCode == ExitCode.partial)
        #expect(!document.complete)
        let said = taken.ended.errors.split(separator: "\n")
        #expect(
            said.count == 1 && said.first?.lowercased().contains("broker \(broker)") == true,
            "\(said)")
        let reasons = document.errors.filter { $0.broker == broker && !$0.message.isEmpty }
        #expect(!reasons.isEmpty, "errors name \(document.errors)")
        #expect(
            document.errors.allSatisfy { $0.broker == nil || $0.broker == broker },
            "a broker that is well is blamed: \(document.errors)")

        var differences = Differences()
        differences.compare("brokers", document.brokers?.count, before.brokers?.count)
        for row in document.brokers ?? [] {
            let allowed = row.id == broker ? states : ["answering", "slow"]
            differences.require(allowed.contains(row.state), "broker \(row.id) is \(row.state)")
        }
        differences.compare("topics", document.topics?.count, before.topics?.count)
        comparePartitions(document, &differences)
        compareGroups(document, &differences)
        differences.expectNone(atLeast: 200, "with broker \(broker) ill")
    }

    private func comparePartitions(
        _ document: SnapshotDocument, _ differences: inout Differences
    ) {
        let rows = document.partitionsByID
        for (id, truth) in before.partitionsByID {
            guard let row = rows[id] else {
                differences.require(false, "\(id) has vanished")
                continue
            }
            let isLed = row.leader != broker && row.leader != nil
            let isMoving = Truth.isInternal(id.topic)
            let end = isLed ? truth.logEndOffset : nil
            differences.compare("\(id) replicas", row.replicas, truth.replicas)
            differences.require(
                isMoving ? (row.logEndOffset != nil) == isLed : row.logEndOffset == end,
                "\(id), leader \(row.leader ?? -1): end \(row.logEndOffset ?? -1)")
            differences.require(
                isMoving || row.highWatermark == end && (row.logStartOffset != nil) == isLed,
                "\(id), leader \(row.leader ?? -1): high watermark or log start")
            for replica in row.replicaStates {
                let what = "\(id), leader \(row.leader ?? -1), on \(replica.broker)"
                if replica.broker == broker {
                    differences.compare("\(what) end", replica.logEndOffset, nil)
                    differences.compare("\(what) lag", replica.lag, nil)
                    differences.compare("\(what) size", replica.sizeBytes, nil)
                    continue
                }
                differences.require(replica.sizeBytes != nil, "\(what): no size")
                differences.require(replica.logEndOffset != nil, "\(what): no end")
                if isMoving { continue }
                differences.compare("\(what) end", replica.logEndOffset, truth.logEndOffset)
                differences.compare("\(what) lag", replica.lag, isLed ? 0 : nil)
            }
        }
    }

    /// Only a group's coordinator lists it, so those of the ill broker may be away until they have
    /// another; all others are there, with their commits.
    private func compareGroups(_ document: SnapshotDocument, _ differences: inout Differences) {
        let leaders = document.partitionsByID.mapValues(\.leader)
        for truth in before.groups ?? [] where truth.coordinator != broker {
            guard let row = document.group(truth.id) else {
                differences.require(false, "group \(truth.id) has vanished")
                continue
            }
            for offset in truth.partitions ?? [] {
                let got = row.offsetsByID[offset.id]
                let isLed = leaders[offset.id].map { $0 != broker } ?? false
                let what = "\(truth.id) \(offset.id)"
                differences.compare("\(what)", got?.committedOffset, offset.committedOffset)
                differences.compare("\(what) lag", got?.lag, isLed ? offset.lag : nil)
            }
            // A sum of what is known must not pass for the whole.
            let isWhole = (row.partitions ?? []).allSatisfy { $0.lag != nil }
            differences.compare("\(truth.id) lag", row.lag, isWhole ? truth.lag : nil)
        }
    }
}
