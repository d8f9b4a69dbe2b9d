// The same as one JSON document.
internal import ClusterModel
internal import JSON
internal import KafkaClient
internal import Settings
internal import Transport

extension DoctorReport {
    var document: JSONValue {
        let clusterID = servers.first(where: \.isUsable)?.clusterID
        return .object([
            .init("schema", .string("highwater.doctor")),
            .init("schema_version", .string("1.0")),
            .init("taken_at", .string(WallTime(ms: nowSeconds * 1000).iso8601)),
            .init("context", Self.text(setup.configuration.contextName)),
            .init("reached", .bool(isReached)),
            .init("cluster_id", Self.text(clusterID)),
            .init("addresses", .array(servers.map(record))),
            .init("brokers", .array(brokers.map(record))),
            .init("access", .array(look == nil ? [] : verdicts.map(Self.record))),
            .init("look", lookRecord),
            .init("clock", clockRecord),
            .init("to_change", .array(remedies.map(Self.record))),
        ])
    }

    private static func text(_ text: String?) -> JSONValue {
        text.map { .string(printable($0)) } ?? .null
    }

    private static func milliseconds(_ nanoseconds: UInt64?) -> JSONValue {
        nanoseconds.map { .number(Double($0 / 1_000) / 1_000) } ?? .null
    }

    private func record(_ server: ExaminedServer) -> JSONValue {
        .object([
            .init("endpoint", .string(printable(server.endpoint.description))),
            .init("dialled", .string(printable(server.dialled.description))),
            .init("broker", server.brokerID.map { .integer(Int64($0)) } ?? .null),
            .init("rack", Self.text(server.rack)),
            .init("usable", .bool(server.isUsable && server.failure == nil)),
            .init("steps", .array(server.steps.map(Self.record))),
            .init("tls", server.protection.map(Self.record) ?? .null),
            .init("apis", server.versions.map { Self.record($0) } ?? .null),
            .init("cluster_id", Self.text(server.clusterID)),
        ])
    }

    private static func record(_ step: ExaminationStep) -> JSONValue {
        .object([
            .init("step", .string(step.kind.rawValue)),
            .init("outcome", .string(step.outcome.rawValue)),
            .init("text", .string(step.text)),
            .init("advice", .string(step.advice)),
            .init("code", step.code.map { .string($0.rawValue) } ?? .null),
            .init("milliseconds", milliseconds(step.tookNs)),
        ])
    }

    private static func record(_ protection: Protection) -> JSONValue {
        func date(_ seconds: Int64?) -> JSONValue {
            guard let ms = seconds?.multipliedReportingOverflow(by: 1000), !ms.overflow else {
                return .null
            }
            return .string(WallTime(ms: ms.partialValue).iso8601)
        }
        return .object([
            .init("version", .string(protection.version)),
            .init("cipher", .string(protection.cipher)),
            .init("checks_certificate", .bool(protection.checksCertificate)),
            .init("checks_name", .bool(protection.checksName)),
            .init(
                "chain",
                .array(
                    protection.chain.map { certificate in
                        .object([
                            .init("subject", .string(printable(certificate.subject))),
                            .init("issuer", .string(printable(certificate.issuer))),
                            .init("not_before", date(certificate.notBefore)),
                            .init("not_after", date(certificate.notAfter)),
                            .init(
                                "names",
                                .array(certificate.names.map { .string(printable($0)) })),
                        ])
                    })),
        ])
    }

    /// What it speaks: versions by the number of the API.
    private static func record(_ table: VersionTable) -> JSONValue {
        .object(
            table.ranges.sorted { $0.key < $1.key }.map { key, range in
                .init(
                    "\(key)",
                    .array([.integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))]))
            })
    }

    private static func record(_ verdict: AccessVerdict) -> JSONValue {
        let isKnown = !verdict.missing.isEmpty || !verdict.isUnknown
        return .object([
            .init("use", .string(verdict.use.what)),
            .init("place", .string(verdict.use.place)),
            .init("changes", .bool(verdict.use.isChange)),
            .init("available", isKnown ? .bool(verdict.missing.isEmpty) : .null),
            .init("missing", .array(verdict.missing.map { .string($0) })),
        ])
    }

    private var lookRecord: JSONValue {
        guard let look else { return .null }
        let cluster = look.cluster
        return .object([
            .init("complete", .bool(look.isFinished && cluster.failures.isEmpty)),
            .init("brokers", .integer(Int64(cluster.brokers.count))),
            .init("topics", .integer(Int64(cluster.topics.count))),
            .init("partitions", .integer(Int64(cluster.partitions.count))),
            .init("groups", .integer(Int64(cluster.groups.count))),
            .init("errors", .array(cluster.failures.map { .string(printable($0.message)) })),
        ])
    }

    private var clockRecord: JSONValue {
        guard let clock = access.clock else { return .null }
        return .object([
            .init("controller_ahead_ms", .integer(clock.aheadMs)),
            .init("within_ms", .integer(clock.withinMs)),
        ])
    }

    private static func record(_ remedy: DoctorRemedy) -> JSONValue {
        .object([
            .init("severity", .string(remedy.severity.rawValue)),
            .init("code", .string(remedy.code)),
            .init("text", .string(printable(remedy.text))),
            .init("advice", .string(printable(remedy.advice))),
        ])
    }
}
