// From a picture and keys to frames, at the largest size.
import ClusterModel
import Drawing
import Export
import ModelTesting
import Screens

/// A console without a terminal.
struct Session {
    var screens: ScreenState
    var now: Instant
    private var revision: UInt64

    init(_ cluster: Cluster, command: String = "") {
        screens = ScreenState(options: ScreenOptions(contextName: "prod"))
        now = cluster.takenAt
        revision = cluster.revision
        _ = screens.update(.resized(width: Size.frameWidth, height: Size.frameHeight))
        wait(0)
        _ = screens.update(.cluster(cluster))
        if !command.isEmpty {
            press(.character(":"))
            type(command)
            press(.enter)
        }
    }

    mutating func press(_ key: Key) { _ = screens.update(.key(key)) }
    mutating func type(_ text: String) {
        for scalar in text.unicodeScalars { press(.character(scalar)) }
    }
    mutating func wait(_ seconds: Double) {
        now.ns += UInt64(seconds * 1e9)
        _ = screens.update(
            .tick(now: now, wall: WallTime(ms: 1_795_438_083_042), localTime: "12:48:03"))
    }
    /// A picture after `cluster`, with a leader moved: columns of its own, as a fold leaves them.
    mutating func next(_ cluster: inout Cluster) {
        revision += 1
        cluster.revision = revision
        cluster.takenAt = now
        let row = Int(revision) % max(1, cluster.partitions.count)
        let replicas = cluster.partitions.replicas(of: row)
        cluster.partitions.leader[row] = cluster.partitions.replicaBroker[replicas.upperBound - 1]
        cluster.partitions.recordsPerSecond[row] += 1
    }
}

extension Cases {
    private static let tables = ["", "brokers", "topics", "partitions", "replicas", "groups"]

    static func frames(_ report: inout Report) {
        for name in tables {
            let session = Session(Huge.cluster, command: name)
            let spent = best(of: 50) { session.screens.render() }
            let title = "frame 200x60, " + (name.isEmpty ? "overview" : name)
            report.time(title, spent.seconds, budget: Budget.frame)
            report.count(
                title + ", allocations", spent.allocations, budget: Budget.frameAllocations)
        }
    }

    /// Finding the cells that changed, as the terminal does it.
    static func diff(_ report: inout Report) {
        var session = Session(Huge.cluster, command: "partitions")
        let first = session.screens.render()
        let same = session.screens.render()
        session.press(.character("j"))
        let second = session.screens.render()
        let spent = best(of: 50) {
            var changed = 0
            for y in 0..<second.height {
                let row = y * second.width
                for x in 0..<second.width where first.cells[row + x] != second.cells[row + x] {
                    changed += 1
                }
            }
            return changed
        }
        report.time("diff of two frames", spent.seconds, budget: Budget.diff)
        report.count("diff of two frames, allocations", spent.allocations, budget: 0)
        let equal = best(of: 50) { first == same }
        report.time("two frames that are equal", equal.seconds, budget: Budget.diff)
    }

    static func order(_ report: inout Report) {
        for name in ["partitions", "replicas"] {
            let session = Session(Huge.cluster, command: name)
            for (key, title) in [("r", "reverse"), (">", "next column"), ("f", "faults only")] {
                let spent = best(of: 5, prepare: { session }) { $0.type(key) }
                report.time("\(name), \(title)", spent.seconds, budget: Budget.reorder)
            }
            var open = session
            open.press(.character("/"))
            for (key, title) in [("9", "one letter"), ("z", "no row"), ("9", "filter 99")] {
                if title == "filter 99" { open.type("9") }
                let spent = best(of: 5, prepare: { open }) { $0.type(key) }
                report.time("\(name), \(title)", spent.seconds, budget: Budget.reorder)
            }
        }
        var session = Session(Huge.cluster, command: "partitions")
        var columns: [(Double, Int)] = []
        for column in 0..<14 {
            let (spent, _) = cost { session.type(">") }
            columns.append((spent.seconds, column))
        }
        let slowest = columns.max { $0.0 < $1.0 } ?? (0, 0)
        report.time(
            "partitions, the slowest column (\(slowest.1) on)", slowest.0, budget: Budget.reorder)
    }

    /// j and k while every key finds a new picture, and pictures that come while no key does.
    static func keys(_ report: inout Report) {
        for name in ["", "partitions", "replicas", "groups"] {
            let title = name.isEmpty ? "overview" : name
            var cluster = Huge.cluster
            var session = Session(cluster, command: name)
            session.type("j")
            var spans: [Double] = []
            for key in 0..<Size.keys {
                session.wait(0.05)
                session.next(&cluster)
                let (spent, frame) = cost {
                    _ = session.screens.update(.cluster(cluster))
                    session.press(.character(key % 5 == 4 ? "k" : "j"))
                    return session.screens.render()
                }
                keep(frame)
                spans.append(spent.seconds)
            }
            spans.sort()
            report.time("key and picture to frame, \(title), median", spans[spans.count / 2])
            report.time(
                "key and picture to frame, \(title), p99", spans[spans.count * 99 / 100],
                budget: Budget.keyToFrame)
            let rest = best(
                of: 5,
                prepare: {
                    session.wait(2)
                    session.next(&cluster)
                    return cluster
                }
            ) { cluster in
                _ = session.screens.update(.cluster(cluster))
                return session.screens.render()
            }
            report.time(
                "picture at rest to frame, \(title)", rest.seconds, budget: Budget.keyToFrame)
            report.count("picture at rest, \(title), allocations", rest.allocations)
        }
    }

    /// The document of everything, written to nowhere.
    static func snapshot(_ report: inout Report) throws {
        let cluster = Huge.cluster
        var size = 0
        let spent = try best(of: 3) {
            size = 0
            try Snapshot(cluster, toolVersion: "0").write { piece in size += piece.count }
        }
        report.bytes("snapshot, document", UInt64(size))
        report.time("snapshot, write", spent.seconds, budget: Budget.snapshot)
        report.count(
            "snapshot, allocations", spent.allocations, budget: Budget.snapshotAllocations)
    }
}
