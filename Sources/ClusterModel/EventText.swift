// Events in words: the one place that makes a sentence of what happened, for screens and snapshots.

extension ClusterEvent {
    /// What happened to the subject, in a few words.
    package var text: String {
        switch kind {
        case .election: electionText
        case .registration: registrationText
        case .leadership, .isr, .reassignment: partitionText
        case .config, .topic: topicText
        case .coordinator: coordinatorText
        }
    }

    private var electionText: String {
        switch change {
        case .elected(let id, let office, let epoch, let before, let missed):
            let winner =
                switch office {
                case .broker: "broker \(id)"
                case .migration: "KRaft controller \(id)"
                case .voter: "\(id)"
                }
            let number = epoch.map { " (epoch \($0))" } ?? ""
            let old = before.map { $0.exists ? ", \($0) before" : ", after none" } ?? ""
            let more = missed > 0 ? "; \(missed) elections since it was seen last" : ""
            return "\(winner) was elected\(number)\(old)\(more)"
        case .controllerLost(let before, as: .voter):
            return "none: \(name(before ?? .none)) leads no more"
        case .controllerLost(let before, _):
            let old = before.flatMap { $0.exists ? "broker \($0)" : nil } ?? "nobody"
            return "none: \(old) is it no more"
        default: return ""
        }
    }

    private var registrationText: String {
        switch change {
        case .joined: "joined the cluster"
        case .left: "left the cluster"
        case .registered(let again): again ? "registered again" : "registered"
        case .unregistered: "its registration is gone"
        default: ""
        }
    }

    private var partitionText: String {
        switch change {
        case .leader(let from, let to, let epoch):
            let number = epoch.map { " (leader epoch \($0))" } ?? ""
            return to.exists
                ? "led by \(to) instead of \(name(from))\(number)"
                : "has no leader, \(name(from)) before\(number)"
        case .leadersLost(let count, let without):
            let rest = without > 0 ? ", \(without) without leader now" : ""
            return "lost the lead of \(partitions(count))\(rest)"
        case .leadersGained(let count): return "got the lead of \(partitions(count))"
        case .inSync(let from, let to): return "in sync: \(list(from)) to \(list(to))"
        case .fellOutOfSync(let count): return "fell out of sync in \(count) partitions"
        case .backInSync(let count): return "is back in sync in \(count) partitions"
        case .moveBegan(let adding, let removing):
            return "is being moved: \(list(adding)) come, \(list(removing)) go"
        case .moveEnded: return "the move ended"
        case .movesBegan(let count): return "\(count) moves began"
        case .movesEnded(let count): return "\(count) moves ended"
        default: return ""
        }
    }

    private var topicText: String {
        switch change {
        case .config(let key, let old?, let new?):
            return "\(key): \(shownName(old)) to \(shownName(new))"
        case .config(let key, nil, let new?): return "\(key) set to \(shownName(new))"
        case .config(let key, let old, nil):
            return "\(key) is not overridden any more (was \(shownName(old ?? "")))"
        case .overridesRead(let all):
            return "overrides are now: "
                + all.map { "\($0.name)=\(shownName($0.text))" }.joined(separator: " ")
        case .overridesChanged(let names):
            return names.isEmpty
                ? "no overrides any more" : "overrides changed: \(names.joined(separator: ", "))"
        case .created: return "was created"
        case .deleted: return "was deleted"
        case .madeAnew: return "was deleted and made anew: its offsets begin again at 0"
        case .grew(let from, let to): return "grew from \(from) to \(to) partitions"
        default: return ""
        }
    }

    private var coordinatorText: String {
        switch change {
        case .stoppedServing: "does not serve any more"
        case .servesAgain(let mode): "serves again" + (mode.map { " (\($0))" } ?? "")
        case .mode(let from, let to): "is \(to) now, \(from) before"
        case .sessionLost(let why): "our session has no server: \(why)"
        case .sessionReadOnly(let server):
            "only \(server) is left, read-only: what it keeps may be old"
        case .sessionRestored(let server): "our session goes on through \(server)"
        case .sessionExpired: "our session expired; a new one follows"
        case .voterAdded: "is a voter now"
        case .voterRemoved: "is no voter any more"
        case .stoppedFetching: "does not fetch any more"
        case .fetchesAgain: "fetches again"
        default: ""
        }
    }

    private func name(_ id: BrokerID) -> String { id.exists ? "\(id)" : "none" }

    private func list(_ ids: [BrokerID]) -> String {
        ids.isEmpty ? "none" : ids.map(\.description).joined(separator: ", ")
    }

    private func partitions(_ count: Int) -> String {
        "\(count) partition\(count == 1 ? "" : "s")"
    }
}
