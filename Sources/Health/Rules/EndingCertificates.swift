// Certificates that brokers show and that end soon: when one has ended, nobody connects any more.
// They are seen in the handshakes of our own connections.

internal import ClusterModel

/// Certificates near their end.
enum EndingCertificates: Rule {
    static let entry = RuleEntry(
        "certificate_ends", "certificates ending", .warning, .brokers,
        advice: "Renew it, and let the broker take it up: a restart, or its key store set anew.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        let now = cluster.takenAtWall.ms / 1_000
        let soon = Int64(cluster.thresholds[.certificateEnds])
        let ending = cluster.brokers.filter { broker in
            broker.certificateEnds.map { $0 &- now < soon } ?? false
        }
        // The certificate of a wildcard is one fault of all brokers.
        let byEnd = Dictionary(grouping: ending) { $0.certificateEnds ?? 0 }
        return byEnd.sorted { $0.key < $1.key }.map { end, brokers in
            let left = Double(end &- now)
            let names =
                brokers.count == 1
                ? "broker \(brokers[0].id)" : plural(brokers.count, "broker")
            let shows = brokers.count == 1 ? "shows" : "show"
            let when =
                left <= 0
                ? "has ended: nobody can connect anew"
                : "ends in \(NumberFormat.duration((left / 3_600).wholeBelow * 3_600 + 3_600))"
            return finding(
                brokers.count == 1 ? .broker(brokers[0].id) : .cluster,
                "the certificate that \(names) \(shows) \(when)",
                severity: left <= 0 ? .critical : .warning,
                link: brokers.count == 1 ? .subject : .rows, detail: "\(end)",
                evidence: [.init("seconds_left", end &- now), .init("brokers", brokers.count)])
        }
    }
}
