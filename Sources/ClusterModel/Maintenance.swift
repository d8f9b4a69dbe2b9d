// What is being worked on: objects of which faults are expected for a while. They are counted and
// not cried. Kept with the operator's state, not in the cluster.

/// The objects of one cluster that are in maintenance.
package struct Maintenance: Sendable, Equatable {
    /// One object, by whom, and until when.
    package struct Entry: Sendable, Equatable {
        package var object: ObjectID
        /// The user who said so.
        package var by: String
        package var since: WallTime
        package var until: WallTime
        /// Why, as it was typed; empty: nothing was.
        package var note: String

        package init(
            _ object: ObjectID, by: String, since: WallTime, until: WallTime, note: String = ""
        ) {
            self.object = object
            self.by = by
            self.since = since
            self.until = until
            self.note = note
        }
    }

    package var entries: [Entry]

    /// The longest that anything is in maintenance for: 30 days.
    package static let longestMs: Int64 = 30 * 86_400_000

    package init(_ entries: [Entry] = []) { self.entries = entries }

    package var isEmpty: Bool { entries.isEmpty }

    /// Those whose time is not over. One that begins in the future was written by another clock.
    package func active(at now: WallTime) -> Maintenance {
        Maintenance(entries.filter { $0.until.ms > now.ms })
    }

    /// The entry of exactly this object.
    package func entry(of object: ObjectID) -> Entry? {
        entries.first { $0.object == object }
    }
}

extension ObjectID {
    /// What is put in maintenance where this is selected: a replica stands for its partition, a
    /// member for its group, a registration for its broker, a finding for its subject; nil: it is
    /// nothing that anybody works on.
    package var maintained: ObjectID? {
        switch self {
        case .broker, .rack, .topic, .partition, .group, .volume, .server: self
        case .registration(let id), .voter(let id): .broker(id)
        case .replica(let key): .partition(key.partition)
        case .member(let group, _): .group(group)
        case .config(let resource, _): resource.maintained
        case .finding(let id): id.subject.maintained
        case .request(_, let broker?): .broker(broker)
        default: nil
        }
    }
}

extension Cluster {
    /// The entry by which an object is in maintenance: its own, or that of what it is part of.
    package func maintenance(covering object: ObjectID) -> Maintenance.Entry? {
        guard !maintenance.isEmpty else { return nil }
        if let own = maintenance.entry(of: object) { return own }
        switch object {
        case .broker(let id):
            let rack = broker(id)?.rack
            return rack.flatMap { maintenance.entry(of: .rack($0)) }
        case .volume(let id, _): return maintenance(covering: .broker(id))
        case .partition(let key): return maintenance.entry(of: .topic(key.topic))
        default:
            guard let whole = object.maintained, whole != object else { return nil }
            return maintenance(covering: whole)
        }
    }
}

extension Maintenance.Entry {
    /// "by ann, 1 h 20 m left: new disk".
    package func words(at now: WallTime) -> String {
        let left = Double(max(0, until.ms &- now.ms)) / 1_000
        // Whole minutes, so that the sentence stands still.
        let minutes = max(1, (left / 60).wholeAbove)
        let reason = note.isEmpty ? "" : ": \(note)"
        return "by \(shownName(by)), \(NumberFormat.duration(minutes * 60)) left\(reason)"
    }
}
