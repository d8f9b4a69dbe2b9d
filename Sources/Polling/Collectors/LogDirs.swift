// Log directories: sizes and volumes.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks every broker for its log directories: slow for the broker, so on its own connection. A
/// broker that was silent when it was its turn is asked as soon as it answers again.
final class LogDirCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()
    private var failedAt: [BrokerID: UInt64] = [:]
    /// What each broker's last answer took.
    private var bytes: [BrokerID: Int] = [:]
    /// In a large cluster: whose turn it is, and how many times all brokers have been asked.
    private var cursor = 0
    private var pass = 0

    init(_ observer: Observer) { self.observer = observer }

    var isSlow: Bool { true }

    func round(_ due: Due) {
        let now = observer.loop.now
        if observer.isLarge, due == .live { return askInTurn() }
        let interval =
            observer.interest.wantsSizes
            ? Limits.logDirInterval
            : Pace.interval(
                bytes: bytes.values.reduce(0, +),
                bytesPerSecond: observer.budget.logDirBytesPerSecond,
                least: Limits.logDirInterval, most: Limits.longLogDirInterval)
        let isDue = clock.isDue(due, every: interval, at: now)
        guard isDue || !failedAt.isEmpty else { return }
        if isDue { clock.start(at: now) }
        observer.setInterval(.logDirs, ns: interval)
        for broker in observer.working.cluster.brokers where broker.isListed {
            let isBack =
                failedAt[broker.id].map { now &- $0 >= Limits.logDirRetry } == true
                && broker.isAnswering
            if isDue || isBack { ask(broker.id) }
        }
    }

    /// In a large cluster some brokers a round, so that all have had their turn within the
    /// interval: sooner while sizes are in view, and the first time.
    private func askInTurn() {
        let interval =
            observer.interest.wantsSizes ? Limits.logDirInterval : Limits.longLogDirInterval
        observer.setInterval(.logDirs, ns: interval)
        let listed = observer.working.cluster.brokers.filter(\.isListed)
        guard !listed.isEmpty else { return }
        let haste: UInt64 = pass == 0 ? 12 : 1
        let rounds = Int(max(1, interval / haste / max(1, observer.refreshNs)))
        let piece = (listed.count + rounds - 1) / rounds
        // One that failed is asked again with its next turn, and that is soon enough.
        for step in 0..<piece { ask(listed[(cursor + step) % listed.count].id) }
        cursor += piece
        if cursor >= listed.count {
            cursor = 0
            pass += 1
        }
    }

    private func ask(_ id: BrokerID) {
        var question = Question(.logDirs, to: .broker(id.value))
        question.lane = .slow
        question.timeoutNs = observer.patience(live: Limits.slowTimeout)
        question.isAlone = true
        observer.ask(
            question, { _ in LogDirColumnsRequest(DescribeLogDirsRequest()) },
            failed: { [weak self] in
                guard let self else { return }
                failedAt[id] = observer.loop.now
            }
        ) { [weak self, question] answer in
            guard let self else { return }
            failedAt[id] = nil
            bytes[id] = answer.sizeBytes
            // Before version 3 a broker answers whoever may not ask with nothing.
            let isMute = answer.version < 3 && answer.value.dirs.isEmpty
            let error = isMute ? KafkaError.clusterAuthorizationFailed : answer.value.error
            guard !error.isError else {
                // As soon as the refusal is over it is asked again.
                if error.isRefusal { failedAt[id] = observer.loop.now }
                observer.note(
                    error, in: answer, to: question, api: LogDirColumnsRequest.name,
                    message: "Broker \(id) did not list its log directories: \(error.reason). It "
                        + "needs DESCRIBE on the cluster.")
                return
            }
            observer.working.fold(logDirs: answer.value, broker: id, now: observer.loop.now)
        }
    }
}

extension WorkingCluster {
    /// Folds all log directories of one broker. Sizes of replicas it does not list stay.
    mutating func fold(logDirs reported: LogDirColumns, broker: BrokerID, now: UInt64) {
        var position: [String: Int] = [:]
        for index in cluster.logDirs.indices where cluster.logDirs[index].broker == broker {
            position[cluster.logDirs[index].path] = index
        }
        var seen: Set<String> = []
        for (place, dir) in reported.dirs.enumerated() where seen.insert(dir.logDir).inserted {
            let index: Int
            if let known = position.removeValue(forKey: dir.logDir) {
                index = known
            } else {
                index = cluster.logDirs.count
                cluster.logDirs.append(LogDir(broker: broker, path: dir.logDir))
            }
            cluster.logDirs[index].errorCode = dir.error.code
            cluster.logDirs[index].totalBytes = dir.totalBytes >= 0 ? dir.totalBytes : nil
            cluster.logDirs[index].usableBytes = dir.usableBytes >= 0 ? dir.usableBytes : nil
            cluster.logDirs[index].answeredAt = Instant(ns: now)
            // An offline directory lists nothing: what was on it is still on it.
            guard !dir.error.isError else { continue }
            let (bytes, replicas) = foldSizes(
                reported, dir: place, broker: broker, dirIndex: Int32(index))
            cluster.logDirs[index].sizeBytes = bytes
            cluster.logDirs[index].replicaCount = replicas
        }
        removeLogDirs(Set(position.values))
        markAnswered(.logDirs, at: now)
    }

    private mutating func foldSizes(
        _ reported: LogDirColumns, dir: Int, broker: BrokerID, dirIndex: Int32
    ) -> (bytes: Int64, replicas: Int) {
        var bytes: Int64 = 0
        var replicas = 0
        for topic in reported.topics(of: dir) {
            let known = topicNames.find(topic, of: reported.topics)
            for place in reported.rows(of: topic) {
                let partition = reported.replicas[place]
                bytes &+= max(0, partition.partitionSize)
                replicas += 1
                // A future replica is a copy being made in another directory, not the replica.
                guard !partition.isFutureKey, let known,
                    let row = cluster.row(ofPartition: partition.partitionIndex, topicIndex: known),
                    let replica = replicaRow(partition: row, broker: broker)
                else { continue }
                foldSize(
                    replica: replica, bytes: max(0, partition.partitionSize), dir: dirIndex)
            }
        }
        return (bytes, replicas)
    }

    /// Takes directories out and keeps every replica's index pointing at its own.
    mutating func removeLogDirs(_ gone: Set<Int>) {
        guard !gone.isEmpty else { return }
        var moved: [Int32] = []
        var kept: [LogDir] = []
        for (index, dir) in cluster.logDirs.enumerated() {
            moved.append(gone.contains(index) ? -1 : Int32(kept.count))
            if !gone.contains(index) { kept.append(dir) }
        }
        cluster.logDirs = kept
        for replica in 0..<cluster.partitions.replicaCount {
            let dir = Int(cluster.partitions.replicaDir[replica])
            if dir >= 0 { cluster.partitions.replicaDir[replica] = moved[dir] }
        }
    }
}
