// `highwater wait`: until something holds of a cluster, so that scripts of restarts and moves go on
// at the right moment and not after a guessed time.
internal import Arguments
internal import ClusterModel
internal import Glibc
internal import KafkaClient
internal import Polling
internal import TerminalIO
internal import Transport

/// One run of `wait`.
struct WaitCommand: Subcommand {
    static let entry = CommandEntry(
        "wait", "wait until something holds of the cluster",
        options: [
            Option(
                "until", value: "WHAT",
                "safe-to-stop:ID or :rack:NAME, no-urp (all replicas in sync), no-reassignment, or "
                    + "group-caught-up:NAME (has read all that was there when the wait began)"),
            Option(
                "timeout", value: "DURATION", kind: .duration, "give up after so long (10m)"),
        ])

    private let host: Host
    private let setup: Setup
    private let condition: WaitCondition
    private let timeoutNs: UInt64

    /// The limit of one look, and how long after one the next begins.
    private static let lookNs: UInt64 = 10_000_000_000
    private static let spacingMs: UInt32 = 1_000

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.host = host
        guard let text = invocation.value("until") else {
            throw Ending(
                code: .usage,
                sentence: "wait for what? --until safe-to-stop:ID, no-urp, no-reassignment or "
                    + "group-caught-up:NAME")
        }
        condition = try WaitCondition(text)
        timeoutNs = try invocation.timeoutNs(or: .seconds(600))
        setup = try Setup(invocation, host)
    }

    func run() throws(Ending) -> ExitCode {
        let loop = try Setup.startLoop()
        defer { loop.stop() }
        let started = MonotonicClock.now
        var condition = condition
        var told = ""
        var clusterID: String?
        while true {
            let (cluster, isFinished) = ClusterPass(
                session: ClusterSession(
                    loop: loop, config: setup.client.within(Self.lookNs), writes: .readOnly),
                ensemble: setup.ensemble, sections: condition.sections, timeoutNs: Self.lookNs,
                judging: setup.judging
            ).run()
            if let sentence = cluster.otherClusterSentence {
                throw Ending(code: .noCluster, sentence: "two clusters answer: \(sentence)")
            }
            if let known = clusterID, let id = cluster.clusterID, known != id {
                throw Ending(
                    code: .noCluster,
                    sentence: "cluster \(id) answers now, and \(known) did when the wait began")
            }
            clusterID = clusterID ?? cluster.clusterID
            let isRead = isFinished && !cluster.brokers.isEmpty
            let reason =
                isRead
                ? condition.judge(cluster)
                : cluster.failures.first?.message ?? "not everything was answered in time"
            guard let reason else {
                host.output.line(printable("\(condition.text) holds"))
                return .done
            }
            if reason != told {
                host.error.line(printable("highwater: waiting: \(reason)"))
                told = reason
            }
            if MonotonicClock.now - started >= timeoutNs {
                throw Ending(
                    code: isRead ? .warning : .noCluster,
                    sentence: "\(condition.text) does not hold after "
                        + "\(timeoutNs / 1_000_000_000) s: \(reason)")
            }
            rest(milliseconds: Self.spacingMs)
        }
    }
}

/// Does nothing for so long.
func rest(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

/// What is waited for.
struct WaitCondition {
    private enum Kind {
        case safeToStop(StopWish)
        case allInSync
        case noReassignment
        case groupCaughtUp(String)
    }

    let text: String
    private let kind: Kind
    /// Where the logs that the group reads ended at the first look.
    private var ends: [PartitionKey: Int64]?

    init(_ text: String) throws(Ending) {
        self.text = text
        let words = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch (words.first, words.dropFirst().first) {
        case ("safe-to-stop", let brokers?):
            kind = .safeToStop(try StopWish(brokers, of: "safe-to-stop"))
        case ("no-urp", nil): kind = .allInSync
        case ("no-reassignment", nil): kind = .noReassignment
        case ("group-caught-up", let name?): kind = .groupCaughtUp(name)
        default:
            throw Ending(
                code: .usage,
                sentence: "--until is safe-to-stop:ID, no-urp, no-reassignment or "
                    + "group-caught-up:NAME: \(text)")
        }
    }

    /// What must be asked to judge it. Ends of logs are asked of every broker, which shows who
    /// answers.
    var sections: Set<Section> {
        let always: Set<Section> = [.metadata, .brokers, .topics, .partitions]
        return switch kind {
        case .safeToStop: always.union([.offsets, .configs, .quorum, .coordinator])
        case .allInSync: always.union([.offsets])
        case .noReassignment: always.union([.reassignments])
        case .groupCaughtUp: always.union([.groups, .offsets])
        }
    }

    /// Why it does not hold yet; nil where it holds.
    mutating func judge(_ cluster: Cluster) -> String? {
        switch kind {
        case .safeToStop(let wish):
            let brokers: Set<BrokerID>
            do throws(Ending) { brokers = try wish.brokers(cluster) } catch {
                return error.sentence
            }
            let answer = StoppageAnswer(
                cluster.stoppage(of: brokers), cluster, racks: wish.racks, isAll: wish.ids.isEmpty)
            return answer.isSafe == true ? nil : answer.sentence
        case .allInSync:
            if !cluster.knowsPartitions { return "the partitions are not known yet" }
            let ill = cluster.countNotInSync()
            return ill == 0 ? nil : "\(plural(ill, "partition")) not in sync"
        case .noReassignment:
            guard cluster.health(.reassignments).answeredAt.happened else {
                return "reassignments are not known: "
                    + (cluster.failures.first?.message ?? "nobody has told of them")
            }
            let moving = (0..<cluster.partitions.count).count { cluster.facts($0).isMoving }
            return moving == 0 ? nil : "\(plural(moving, "partition")) being moved"
        case .groupCaughtUp(let name): return judge(group: name, cluster)
        }
    }

    private mutating func judge(group name: String, _ cluster: Cluster) -> String? {
        guard let group = cluster.group(name) else { return "there is no group \(name)" }
        guard let offsets = group.offsets, group.errorCode == 0 else {
            return "the offsets of \(name) are not known"
        }
        let live = offsets.filter { !$0.isGone }
        guard !live.isEmpty else { return "\(name) has committed nothing" }
        if ends == nil {
            guard live.allSatisfy({ $0.highWatermark != nil }) else {
                return "the ends of the logs that \(name) reads are not known"
            }
            ends = Dictionary(
                live.compactMap { offset in offset.highWatermark.map { (offset.partition, $0) } },
                uniquingKeysWith: max)
        }
        var behind: Int64 = 0
        for offset in live {
            guard let end = ends?[offset.partition] else { continue }
            guard let committed = offset.committed else {
                return "\(name) has committed nothing of \(offset.partition)"
            }
            behind += max(0, end - committed)
        }
        return behind == 0 ? nil : "\(name) has \(plural(Int(behind), "record")) to read"
    }
}

extension Cluster {
    /// Partitions that lack a replica in sync, or have one on a broker that does not answer:
    /// Metadata lists it in sync for seconds more.
    fileprivate func countNotInSync() -> Int {
        let lost = Set(brokers.filter(\.isIll).map(\.id.value))
        let assignments = Assignments(partitions)
        return (0..<assignments.count).count { row in
            let facts = assignments.facts(row, minInsyncReplicas: nil)
            if facts.isOffline || facts.isUnderReplicated { return true }
            return assignments.replicas(of: row).contains {
                assignments.replicaFlags[$0].contains(.inSync)
                    && lost.contains(assignments.replicaBroker[$0])
            }
        }
    }
}
