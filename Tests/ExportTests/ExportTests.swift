// The snapshot document: its exact text for a small cluster, read back for larger ones, and what it
// says of what it does not know.

import ClusterModel
import Export
import Health
import JSON
import ModelTesting
import Testing

private final class Sink {
    var bytes: [UInt8] = []
    var count = 0
    var largest = 0
}

private func text(
    _ cluster: Cluster, sections: Set<SnapshotSection> = Set(SnapshotSection.allCases),
    isPretty: Bool = false
) throws -> String {
    let sink = Sink()
    let snapshot = Snapshot(cluster, sections: sections, toolVersion: "1.2.3")
    try snapshot.write(isPretty: isPretty) { sink.bytes += $0 }
    return String(decoding: sink.bytes, as: UTF8.self)
}

private func document(
    _ cluster: Cluster, sections: Set<SnapshotSection> = Set(SnapshotSection.allCases)
) throws -> JSONValue {
    try JSONValue(parsing: text(cluster, sections: sections))
}

/// What is written of `small()`.
private let smallDocument = #"""
    {
      "schema": "highwater.snapshot",
      "schema_version": "1.1",
      "tool_version": "1.2.3",
      "taken_at": "2026-11-23T12:48:03.042Z",
      "cluster_id": "Qb1Uyz6WTvO3h6FQhNNCmA",
      "complete": true,
      "errors": [],
      "notes": [
        {"api": "DescribeQuorum", "broker": null, "code": "NOT_TOLD", "message": "A KRaft \#
    quorum tells neither when its controller was elected nor when brokers \#
    registered: controller_since, registered_at and epoch are null."}
      ],
      "brokers": [
        {"id": 1, "host": "kafka-1.example.com", "port": 9092, "rack": "eu-1a", \#
    "is_controller": true, "state": "answering"},
        {"id": 2, "host": "kafka-2.example.com", "port": 9092, "rack": null, \#
    "is_controller": false, "state": "answering"}
      ],
      "topics": [
        {"name": "orders", "topic_id": "kAAAAAAAAAEAAAAAAAAAAA", "internal": false, \#
    "partition_count": 1, "replication_factor": 2, "override_count": 3}
      ],
      "partitions": [
        {"topic": "orders", "partition": 0, "leader": 1, "leader_epoch": 5, \#
    "preferred_leader": 1, "served": true, "replicas": [1, 2], "isr": [1], \#
    "offline_replicas": [], \#
    "adding_replicas": [], "removing_replicas": [], \#
    "log_start_offset": 0, "high_watermark": 1000, "last_stable_offset": null, \#
    "log_end_offset": 1000, "read_at": "2026-11-23T12:48:02.042Z", \#
    "replica_states": [{"broker": 1, "log_end_offset": 1000, "lag": 0, \#
    "in_sync": true, "size_bytes": 100000, "log_dir": "/var/lib/kafka/data"}, \#
    {"broker": 2, "log_end_offset": 960, "lag": 40, "in_sync": false, \#
    "size_bytes": 100000, "log_dir": "/var/lib/kafka/data"}]}
      ],
      "groups": [
        {"id": "bil\"ling", "type": "classic", "protocol": "consumer", \#
    "state": "Stable", "coordinator": 1, "member_count": 1, "lag": 7, \#
    "members_read_at": "2026-11-23T12:48:02.042Z", "offsets_read_at": "2026-11-23T12:48:02.042Z", \#
    "members": [{"id": "bil\"ling-1-4f2a", "instance_id": null, "client_id": "bil\"ling-1", \#
    "host": "/10.0.0.1", "assignment": [{"topic": "orders", "partition": 0}]}], \#
    "partitions": [{"topic": "orders", "partition": 0, "committed_offset": 993, \#
    "log_end_offset": 1000, "lag": 7, "committed_beyond_end": 0, "records_lost": 0, \#
    "topic_deleted": false, "member_id": "bil\"ling-1-4f2a", \#
    "client_id": "bil\"ling-1", "host": "/10.0.0.1"}], \#
    "verdict": "ok", "verdict_basis": "window", "verdict_note": null, \#
    "verdict_since": "2026-11-23T12:46:02.042Z", "seconds_behind": 0.7, \#
    "seconds_behind_estimated": false, "seconds_lost_per_minute": 0.233, \#
    "lag_per_second": 0.039, \#
    "seconds_to_catch_up": null, "seconds_until_loss": null}
      ],
      "log_dirs": [
        {"broker": 1, "path": "/var/lib/kafka/data", "total_bytes": 1000000000000, \#
    "usable_bytes": 600000000000, "size_bytes": 100000, "error": null, \#
    "read_at": "2026-11-23T12:48:02.042Z"},
        {"broker": 2, "path": "/var/lib/kafka/data", "total_bytes": 1000000000000, \#
    "usable_bytes": 600000000000, "size_bytes": 100000, "error": null, \#
    "read_at": "2026-11-23T12:48:02.042Z"}
      ],
      "quorum": {
        "leader_id": 1,
        "leader_epoch": 41,
        "high_watermark": 48211,
        "voters": [
          {"id": 1, "log_end_offset": 48211, "lag": 0, \#
    "last_fetch_at": "2026-11-23T12:48:03.042Z", \#
    "last_caught_up_at": "2026-11-23T12:48:03.042Z"},
          {"id": 2, "log_end_offset": 48211, "lag": 0, \#
    "last_fetch_at": "2026-11-23T12:48:03.042Z", \#
    "last_caught_up_at": "2026-11-23T12:48:03.042Z"}
        ],
        "observers": []
      },
      "coordinator": {
        "kind": "kraft",
        "controller_id": 1,
        "controller_epoch": 41,
        "controller_since": null,
        "servers": [],
        "registrations": [
          {"broker": 1, "registered_at": null, "epoch": null, "endpoints": \#
    ["kafka-1.example.com:9092"], "rack": "eu-1a", "fenced": null},
          {"broker": 2, "registered_at": null, "epoch": null, "endpoints": \#
    ["kafka-2.example.com:9092"], "rack": null, "fenced": null}
        ],
        "pending": {"reassignments": null, "preferred_elections": null, \#
    "topic_deletions": null},
        "voters": [
          {"id": 1, "role": "leader", "log_end_offset": 48211, "lag": 0, \#
    "last_fetch_at": "2026-11-23T12:48:03.042Z", \#
    "last_caught_up_at": "2026-11-23T12:48:03.042Z"},
          {"id": 2, "role": "follower", "log_end_offset": 48211, "lag": 0, \#
    "last_fetch_at": "2026-11-23T12:48:03.042Z", \#
    "last_caught_up_at": "2026-11-23T12:48:03.042Z"}
        ],
        "observers": [],
        "survives_one_more_loss": false
      },
      "events": [],
      "findings": [
        {"rule": "under_min_isr", "severity": "critical", \#
    "subject": {"kind": "partition", "name": "orders-0"}, "since": null, "count": 1, \#
    "text": "orders-0: 1 of 2 in sync, writes with acks=all stop", \#
    "advice": "Bring the brokers back that are out of sync; writes with acks=all wait for \#
    them.", "key": "Enter", "last_seen": "2026-11-23T12:48:03.042Z", \#
    "unwritable_partitions": 1, \#
    "records_per_second": 10, "evidence": {"in_sync": 1, "replicas": 2}, "caused_by": null, \#
    "in_maintenance": false},
        {"rule": "coordinator_quorum", "severity": "warning", \#
    "subject": {"kind": "cluster", "name": "cluster"}, "since": null, "count": 1, \#
    "text": "the coordinator: one more loss stops all changes to the cluster", \#
    "advice": "Bring the members back that do not serve.", \#
    "key": "Enter", "last_seen": "2026-11-23T12:48:03.042Z", "unwritable_partitions": 0, \#
    "records_per_second": 0, "evidence": {}, "caused_by": null, \#
    "in_maintenance": false}
      ],
      "maintenance": [],
      "limits": {}
    }
    """#

@Suite struct Timestamps {
    @Test func known() {
        let table: [(Int64, String)] = [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_795_438_083_042, "2026-11-23T12:48:03.042Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ]
        for (ms, expected) in table { #expect(WallTime(ms: ms).iso8601 == expected) }
    }

    /// Days of 160 years, counted the slow way.
    @Test func everyDay() {
        var (year, month, day) = (1970, 1, 1)
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for days in 0..<60_000 {
            if days % 7 == 0 || day > 27 {
                let text = WallTime(ms: Int64(days) * 86_400_000).iso8601
                let expected = [
                    String(year), (month < 10 ? "0" : "") + String(month),
                    (day < 10 ? "0" : "") + String(day),
                ].joined(separator: "-")
                #expect(text == expected + "T00:00:00.000Z")
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > lengths[month - 1] + (month == 2 && isLeap ? 1 : 0) {
                day = 1
                month += 1
            }
            if month > 12 {
                month = 1
                year += 1
            }
        }
    }
}

@Suite struct Documents {
    private func small() -> Cluster {
        var builder = ClusterBuilder(brokers: 2)
        builder.addLogDirs()
        builder.cluster.brokers[1].rack = nil
        builder.addTopic("orders", overrides: 3)
        let row = builder.addPartition(replicas: [1, 2], end: 1_000, rate: 10)
        builder.setLag(row, replica: 1, 40, inSync: false)
        builder.addGroup("bil\"ling", rows: [row], members: 1, lag: 7, consumed: 10)
        return builder.finish()
    }

    @Test func golden() throws {
        let written = try text(small(), isPretty: true)
        #expect(written == smallDocument + "\n", "\(written)")
    }

    /// Whoever leads and does not answer serves nobody; of one never asked it is not known.
    @Test func served() throws {
        var cluster = small()
        let cases: [(Broker.State, Int32, JSONValue)] = [
            (.answering, 1, .bool(true)), (.slow(2), 1, .bool(true)),
            (.silent(since: cluster.takenAt), 1, .bool(false)),
            (.missing(since: cluster.takenAt), 1, .bool(false)), (.unknown, 1, .null),
            (.answering, -1, .bool(false)), (.answering, 7, .bool(false)),
        ]
        for (state, leader, served) in cases {
            cluster.brokers[0].state = state
            cluster.partitions.leader[0] = leader
            let partition = try document(cluster)["partitions"]?.array?.first
            #expect(partition?["served"] == served, "\(state) \(leader)")
        }
    }

    @Test func compactAndPrettySayTheSame() throws {
        for cluster in [small(), SampleCluster.ill(), SampleCluster.empty()] {
            let pretty = try JSONValue(parsing: text(cluster, isPretty: true))
            #expect(try document(cluster) == pretty)
        }
    }

    /// The rows that the strip counts by a rule are those that the document has of it.
    @Test func onlyPartitionsForWhichARuleHolds() throws {
        var cluster = SampleCluster.ill()
        var health = HealthState()
        health.advance(&cluster)
        var counted = 0
        for rule in partitionRules.map({ $0.entry.name }) {
            let sink = Sink()
            var snapshot = Snapshot(cluster, sections: [.partitions], toolVersion: "1.2.3")
            snapshot.rules = [rule]
            try snapshot.write { sink.bytes += $0 }
            let json = try JSONValue(parsing: sink.bytes)
            #expect(json["only"] == .array([.string(rule)]))
            let records = try #require(json["partitions"]?.array)
            if let count = cluster.counts[rule] { #expect(records.count == count, "\(rule)") }
            counted += records.count
            for record in records {
                let topic = try #require(record["topic"]?.string)
                let number = try #require(record["partition"]?.integer)
                let key = PartitionKey(topic: topic, partition: Int32(number))
                let row = try #require(cluster.row(of: key))
                #expect(cluster.rules(at: row).contains { $0.name == rule })
            }
        }
        #expect(counted > 5)
        #expect(try document(cluster)["only"] == nil)
    }

    /// Share groups commit no offsets, and the commit of a deleted topic measures nothing: neither
    /// makes a document partial. Where a commit lies outside the log stands beside it.
    @Test func commitsThatMeasureNothingAreNoGap() throws {
        var cluster = small()
        #expect(Snapshot(cluster, toolVersion: "1").gaps.isComplete)
        var share = ConsumerGroup(id: "sharers", coordinator: BrokerID(1))
        share.type = "share"
        share.members = []
        cluster.groups.append(share)
        var gone = GroupOffset(
            partition: PartitionKey(topic: "tmp", partition: 0), committed: 50)
        gone.isGone = true
        var beyond = GroupOffset(
            partition: PartitionKey(topic: "zeta", partition: 1), committed: 5_000,
            highWatermark: 1_000)
        beyond.beyondEnd = 4_000
        cluster.groups[0].offsets?.append(gone)
        cluster.groups[0].offsets?.append(beyond)
        cluster.summarise()
        let gaps = Snapshot(cluster, toolVersion: "1").gaps
        #expect(gaps.isComplete, "\(gaps.errors)")
        #expect(gaps.notes.contains { $0.code == "TOPIC_DELETED" })
        let rows = try #require(
            try document(cluster, sections: [.groups])["groups"]?.array?.first?["partitions"]?.array
        )
        #expect(rows.map { $0["topic_deleted"]?.bool } == [false, true, false])
        #expect(rows.map { $0["committed_beyond_end"]?.integer } == [0, 0, 4_000])
        #expect(rows[2]["lag"] == .null)
    }

    /// What the screens say is what the document says, in their order.
    @Test func findings() throws {
        var cluster = SampleCluster.ill()
        var health = HealthState()
        health.watchPast(of: cluster)
        health.advance(&cluster)
        let json = try document(cluster, sections: [.findings])
        let records = try #require(json["findings"]?.array)
        #expect(records.count == cluster.findings.count && !records.isEmpty)
        for (record, finding) in zip(records, cluster.findings) {
            #expect(record["rule"] == .string(finding.rule))
            #expect(record["severity"] == .string(finding.severity.rawValue))
            #expect(record["subject"]?["kind"] == .string(finding.subject.kind))
            #expect(record["subject"]?["name"] == .string(finding.subject.name))
            #expect(record["text"] == .string(finding.text))
            #expect(record["count"]?.integer == 1)
            #expect(record["advice"] != .string(""))
        }
        // Broker 3 is silent for 12 s; of what was there from the start on nobody knows since when.
        let silent = try #require(records.first { $0["subject"]?["name"] == .string("3") })
        #expect(
            silent["since"] == .string(WallTime(ms: cluster.takenAtWall.ms - 12_000).iso8601))
        let offline = try #require(records.first { $0["rule"] == .string("offline") })
        #expect(offline["since"] == .null)
    }

    @Test func sectionsAreLeftOut() throws {
        let head =
            ["schema", "schema_version", "tool_version", "taken_at", "cluster_id"]
            + ["complete", "errors", "notes"]
        let cluster = SampleCluster.ill()
        for section in SnapshotSection.allCases {
            let keys = try document(cluster, sections: [section]).keys
            let more = section == .findings ? ["maintenance", "limits"] : []
            #expect(keys == head + [section.rawValue] + more)
        }
        let all = SnapshotSection.allCases.map(\.rawValue)
        #expect(try document(cluster).keys == head + all + ["maintenance", "limits"])
    }

    /// Whatever a part is made of is asked for, and missing from the document where it failed.
    @Test func everyPartSaysWhatItLacks() throws {
        #expect(Part.all.map(\.section) == SnapshotSection.allCases)
        for part in Part.all {
            #expect(Part.observed(for: [part.section]).isSuperset(of: part.needs))
            for section in part.needs {
                var cluster = SampleCluster.healthy()
                cluster.sections[section] = SectionHealth(state: .failed("It was refused."))
                let gaps = SnapshotGaps(cluster, sections: [part.section])
                #expect(!gaps.isComplete, "\(part.section) without \(section)")
                #expect(gaps.errors.contains { $0.section == section })
            }
        }
    }

    @Test func healthyIsComplete() throws {
        let cluster = SampleCluster.healthy()
        let json = try document(cluster)
        #expect(json["complete"] == .bool(true))
        // Nothing is missing; what KRaft tells nobody is said.
        #expect(json["errors"]?.array?.isEmpty == true)
        #expect(json["notes"]?.array?.count == 1)
        #expect(json["notes"]?[0]?["code"] == .string("NOT_TOLD"))
        #expect(json["brokers"]?.array?.count == 3)
        let partitions = try #require(json["partitions"]?.array)
        #expect(partitions.count == cluster.partitions.count)
        for (row, record) in partitions.enumerated() {
            let view = cluster.partition(row)
            #expect(record["topic"]?.string == view.topic)
            #expect(record["partition"]?.integer == Int64(view.partition))
            #expect(record["log_end_offset"]?.integer == view.logEnd)
            #expect(record["leader"]?.integer == Int64(view.leader.value))
            #expect(record["replica_states"]?.array?.count == view.replicas.count)
        }
    }

    /// Every null that stands for something unknown has a reason, and the document is not complete.
    @Test func illSaysWhy() throws {
        let cluster = SampleCluster.ill()
        let json = try document(cluster)
        #expect(json["complete"] == .bool(false))
        let errors = try #require(json["errors"]?.array)
        for error in errors {
            #expect(error.keys == ["api", "broker", "code", "message"])
            #expect(error["message"]?.string?.hasSuffix(".") == true)
        }
        let codes = errors.compactMap { $0["code"]?.string }
        #expect(codes.contains("TIMED_OUT"))
        #expect(codes.contains("CLUSTER_AUTHORIZATION_FAILED"))
        #expect(codes.contains("BROKER_NOT_AVAILABLE"))
        #expect(codes.contains("LEADER_NOT_AVAILABLE"))
        #expect(codes.contains("NOT_READ"))
        let offline = try #require(
            json["partitions"]?.array?.first {
                $0["topic"]?.string == "clicks" && $0["partition"]?.integer == 0
            })
        #expect(offline["leader"] == .null)
        #expect(offline["log_end_offset"] == .null)
        #expect(offline["isr"] == .array([]))
        let groups = try #require(json["groups"]?.array)
        let clickStream = try #require(groups.first { $0["id"]?.string == "click-stream" })
        #expect(clickStream["lag"] == .null)
        let undescribed = try #require(groups.first { $0["id"]?.string == "zz-undescribed" })
        #expect(undescribed["member_count"] == .null)
        #expect(undescribed["partitions"] == .null)
        let dirs = try #require(json["log_dirs"]?.array)
        #expect(dirs[1]["error"]?.string == "KAFKA_STORAGE_ERROR")
        #expect(dirs[1]["size_bytes"] == .null)
        #expect(
            json["brokers"]?.array?.compactMap { $0["state"]?.string }
                == ["answering", "answering", "silent", "slow", "missing"])
        #expect(json["brokers"]?[4]?["host"] == .null)
    }

    @Test func completeness() {
        func gaps(_ change: (inout Cluster) -> Void) -> SnapshotGaps {
            var cluster = SampleCluster.healthy()
            change(&cluster)
            return Snapshot(cluster, toolVersion: "1").gaps
        }
        #expect(gaps { _ in }.isComplete)
        #expect(gaps { _ in }.shortReason.isEmpty)
        let lost = gaps { $0.brokers[1].state = .silent(since: $0.takenAt) }
        #expect(lost.shortReason.hasPrefix(" (partial: ") && lost.shortReason.contains("Broker 2"))
        let unsupported = gaps {
            $0.sections[.quorum]?.state = .unsupported("ZooKeeper keeps this cluster's state.")
            $0.quorum = nil
        }
        #expect(unsupported.isComplete)
        #expect(unsupported.notes.map(\.code) == ["UNSUPPORTED_VERSION", "NOT_TOLD"])
        let changes: [(inout Cluster) -> Void] = [
            { $0.sections[.groups] = nil },
            { $0.sections[.configs]?.state = .loading(0.3) },
            { $0.sections[.offsets]?.state = .partial },
            { $0.sections[.metadata]?.state = .failed("No broker answered.") },
            { $0.controller = nil },
            // An offset of minutes ago is not the present one.
            { $0.partitions.replicaLogEndAt[5] -= 40_000_000_000 },
        ]
        for (i, change) in changes.enumerated() {
            let found = gaps(change)
            #expect(!found.isComplete, "change \(i)")
        }
        let oneOffset = gaps { $0.partitions.replicaLogEnd[5] = -1 }
        #expect(!oneOffset.isComplete)
        #expect(oneOffset.errors.map(\.code) == ["OFFSET_UNKNOWN"])
        // What was not asked for is not missed.
        var cluster = SampleCluster.healthy()
        cluster.sections[.groups] = nil
        #expect(Snapshot(cluster, sections: [.topics], toolVersion: "1").gaps.isComplete)
    }

    /// The first error is the reason: what explains a null is a note, and what follows from a
    /// broker that does not answer stands behind it.
    @Test func causesStandFirst() {
        var cluster = SampleCluster.ill()
        cluster.failures.append(
            ObservationFailure(
                api: "DescribeConfigs", broker: nil, code: "TOPIC_AUTHORIZATION_FAILED",
                message: "Configs of 2 topics could not be read.", section: .configs))
        cluster.failures.reverse()
        cluster.traffic.overlongAnswers = 3
        cluster.brokers[0].overlongAnswers = 3
        let gaps = SnapshotGaps(cluster, sections: Set(SnapshotSection.allCases))
        #expect(gaps.errors.first?.code == "TIMED_OUT")
        #expect(gaps.errors.first?.broker == BrokerID(3))
        let codes = gaps.errors.map(\.code)
        #expect(!codes.contains("NOT_TOLD") && !codes.contains("UNSUPPORTED_VERSION"))
        #expect(gaps.notes.map(\.code).suffix(2) == ["NOT_TOLD", "BYTES_BEHIND_ANSWER"])
        #expect(
            gaps.notes.last?.message
                == "3 answers of broker 1 had bytes behind the last field: they were passed over.")
    }

    /// A document about the quorum does not speak of ZooKeeper, nor the other way round.
    @Test func theAPIIsTheOneAsked() {
        for (cluster, api) in [
            (SampleCluster.healthy(), "DescribeQuorum"), (SampleCluster.zooKeeper(), "ZooKeeper"),
        ] {
            var cluster = cluster
            cluster.sections[.coordinator] = nil
            let gaps = SnapshotGaps(cluster, sections: [.coordinator])
            #expect(gaps.errors.filter { $0.section == .coordinator }.first?.api == api)
        }
        for section in Section.allCases {
            #expect(section.api(of: .kraft) != section.rawValue)
        }
    }

    @Test func theEnsembleWithWhatEachServerRefused() throws {
        let json = try document(SampleCluster.zooKeeper(), sections: [.coordinator, .events])
        let told = try #require(json["coordinator"])
        #expect(told["kind"] == .string("zookeeper"))
        #expect(told["controller_since"] == .string("2026-11-23T10:47:00.042Z"))
        #expect(told["servers"]?[1]?["mode"] == .string("leader"))
        #expect(told["servers"]?[2]?["mode"] == .null)
        #expect(told["servers"]?[2]?["error"] != .null)
        #expect(told["registrations"]?[0]?["epoch"] == .integer(12_884_901_931))
        #expect(told["pending"]?["topic_deletions"] == .integer(2))
        #expect(told["voters"] == .null && told["observers"] == .null)
        #expect(told["survives_one_more_loss"] == .bool(false))
        #expect(json["events"]?[0]?["kind"] == .string("election"))
        #expect(json["events"]?[0]?["source"] == .string("/controller"))
    }

    /// What the ensemble would not tell is null, and the reason stands in the errors.
    @Test func theEnsembleThatTellsLittle() throws {
        func errors(_ change: (inout Coordinator) -> Void) -> [ObservationFailure] {
            var cluster = SampleCluster.zooKeeper()
            change(&cluster.coordinator)
            let gaps = Snapshot(cluster, sections: [.coordinator], toolVersion: "1").gaps
            return gaps.errors.filter { $0.section == .coordinator }
        }
        #expect(errors { _ in } == [])
        let mute = errors { coordinator in
            for index in coordinator.servers.indices {
                coordinator.servers[index].mode = nil
                coordinator.servers[index].isServing = nil
                coordinator.servers[index].syncedFollowers = nil
                coordinator.servers[index].error = "it refuses."
            }
        }
        #expect(mute.map(\.code) == ["MODE_UNKNOWN"])
        #expect(mute.first?.message.hasSuffix("zk-3.example.com:2181: it refuses.") == true)
        let readOnly = errors { $0.session = .connected(server: "zk-1:2181", isReadOnly: true) }
        #expect(readOnly.map(\.code) == ["READ_ONLY"])
        let hidden = errors { $0.protectedPaths = ["/admin/delete_topics", "/config/users"] }
        #expect(hidden.map(\.code) == ["NOAUTH"])
        #expect(hidden.first?.message.hasPrefix("/admin/delete_topics is protected") == true)
    }

    @Test func loadingIsNotComplete() throws {
        let json = try document(SampleCluster.loading())
        #expect(json["complete"] == .bool(false))
        #expect(json["quorum"] == .null)
        #expect(json["brokers"]?[0]?["is_controller"] == .null)
    }

    @Test func manyPartitionsInPieces() throws {
        let cluster = SampleCluster.huge(brokers: 10, partitions: 1_000, groups: 5, topics: 20)
        let sink = Sink()
        try Snapshot(cluster, toolVersion: "1").write {
            sink.count += $0.count
            sink.largest = max(sink.largest, $0.count)
        }
        #expect(sink.largest <= 65_536)
        #expect(sink.count > 300_000)
    }
}
