// What must hold of every frame and every picture, whatever goes wrong: the program's promises,
// held against what is really so in the simulated cluster.
internal import ClusterModel
internal import Drawing
internal import Session
internal import SimulatedCluster

/// Looks at a session again and again, and remembers what was wrong.
struct Inspector {
    private(set) var faults: [String] = []
    private var partitions = 0
    private var topics = 0
    private var revision: UInt64 = 0
    /// Since when each broker is not what it says in the picture, as seen by us.
    private var strangeSince: [Int32: Double] = [:]
    private let hasFaults: Bool

    init(hasFaults: Bool) { self.hasFaults = hasFaults }

    private mutating func require(_ holds: Bool, _ fault: @autoclosure () -> String) {
        if !holds, faults.count < Limits.faults { faults.append(fault()) }
    }

    mutating func look(at session: DrivenSession) {
        let (frame, size) = (session.frame, session.size)
        require(
            frame.width == size.width && frame.height == size.height,
            "a frame of \(frame.width)x\(frame.height) for a terminal of \(size)")
        checkCells(frame)
        let cluster = session.cluster
        if !cluster.brokers.contains(where: \.answeredAt.happened) {
            require(!frame.lines.joined().contains(" 0 brokers"), "nothing known is shown as 0")
        }
        guard cluster.revision != revision else { return }
        revision = cluster.revision
        let machine = session.network.inspect { $0 }
        checkTable(cluster, machine)
        checkSums(cluster, machine)
        checkBrokers(cluster, machine, session)
        checkGroups(cluster)
        checkWords(cluster)
    }

    /// Ends the cluster's faults and waits until the screen shows the truth. Returns what was wrong
    /// on the way, or is still after so many seconds.
    mutating func recover(
        _ session: DrivenSession, atMost seconds: Double, refresh: Double
    ) -> [String] {
        session.network.change { $0.stopFaults() }
        session.setRefresh(seconds: refresh)
        var mismatches: [String] = []
        let isRight = session.run(atMost: seconds) { session in
            look(at: session)
            mismatches = session.mismatches()
            return mismatches.isEmpty || !faults.isEmpty
        }
        if !faults.isEmpty || isRight { return faults }
        return mismatches.prefix(Limits.faults).map { "\(seconds) s after the faults: \($0)" }
    }

    // MARK: Frames

    /// Nothing that a terminal would obey, and no wide character cut in half.
    private mutating func checkCells(_ frame: Frame) {
        var left = 0
        for (index, cell) in frame.cells.enumerated() {
            let column = frame.width > 0 ? index % frame.width : 0
            if column == 0 { left = 0 }
            let value = cell.scalar.value
            if value >= 0x80, isUnprintable(cell.scalar) {
                require(false, "U+\(String(value, radix: 16)) on the screen")
            } else if value < 0x20 || value == 0x7f {
                require(false, "control character \(value) on the screen")
            }
            if left > 0 {
                require(cell.width == 0, "a wide character is overwritten")
                left = 0
            } else {
                require(cell.width > 0, "half a character stands alone")
                if cell.width == 2 {
                    left = 1
                    require(column + 1 < frame.width, "a wide character passes the edge")
                }
            }
        }
    }

    private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    // MARK: Pictures

    private mutating func checkTable(_ cluster: Cluster, _ machine: Machine) {
        let table = cluster.partitions
        let before = partitions
        require(
            table.count >= before && cluster.topics.count >= topics,
            "rows vanished: \(before) partitions became \(table.count)")
        (partitions, topics) = (table.count, cluster.topics.count)
        for row in 0..<table.count {
            let key = cluster.key(ofRow: row)
            let rate = table.recordsPerSecond[row]
            require(!(rate < 0), "\(key): \(rate) records/s")
            if rate > 0, let greatest = machine.greatestRate(key.topic, key.partition) {
                let most = greatest * Limits.rateSlack + Limits.rateGrain
                // How wrong it may be is said beside it: one answer came seconds late.
                let error = table.rateError.isEmpty ? 0 : Double(table.rateError[row])
                require(
                    Double(rate) * (1 - error) <= most,
                    "\(key): \(rate) records/s, never above \(greatest)")
            }
            require(!(table.bytesPerSecond[row] < 0), "\(key): a negative rate of bytes")
            for replica in table.replicas(of: row) {
                require(!(table.replicaRate[replica] < 0), "\(key): a replica shrinks")
                let end = table.replicaLogEnd[replica]
                guard end >= 0, table.replicaLogEndAt[replica] > 0 else { continue }
                let most = machine.logEnd(
                    key.topic, key.partition, atNs: table.replicaLogEndAt[replica])
                require(
                    end <= (most ?? 0) + 1,
                    "\(key) on \(table.replicaBroker[replica]): end \(end) of \(most ?? -1)")
                require(
                    table.lag(replica, of: row) >= -1, "\(key): a lag below unknown")
            }
        }
    }

    /// A sum of nothing known is unknown.
    private mutating func checkSums(_ cluster: Cluster, _ machine: Machine) {
        let totals = cluster.totals
        let count = cluster.partitions.count
        require((totals.recordsPerSecond ?? 0) >= 0, "flow \(totals.recordsPerSecond ?? 0)")
        if count > 0, totals.staleRateCount == count {
            require(totals.recordsPerSecond == nil, "a flow, and no partition's is fresh")
        }
        for broker in cluster.brokers where broker.leaderCount > 0 {
            if broker.staleRateCount == broker.leaderCount {
                require(broker.recordsPerSecond == nil, "broker \(broker.id): a flow of nothing")
            }
        }
        require(
            cluster.traffic.openConnections <= 2 * machine.brokerIDs.count + Limits.spareLanes,
            "\(cluster.traffic.openConnections) connections")
    }

    /// What a broker is shown to be agrees with what it is, some seconds later at most.
    private mutating func checkBrokers(
        _ cluster: Cluster, _ machine: Machine, _ session: DrivenSession
    ) {
        let patience =
            Limits.noticeSeconds + 3 * session.refreshSeconds
            + (hasFaults ? Limits.faultSeconds : 0)
        // A broker that answers nobody, or is cut off itself, is known through the others.
        let isToldOfOthers = machine.brokerTruths.contains { truth in
            truth.isRunning && truth.isRegistered
        }
        for truth in machine.brokerTruths {
            guard let shown = cluster.broker(BrokerID(truth.id)) else { continue }
            let isWrong =
                (shown.isAnswering && !truth.isRunning)
                || (truth.isRegistered != shown.isListed && isToldOfOthers)
            guard isWrong else {
                strangeSince[truth.id] = nil
                continue
            }
            let since = strangeSince[truth.id, default: session.seconds]
            strangeSince[truth.id] = since
            require(
                session.seconds - since <= patience,
                "broker \(truth.id) is \(shown.state), listed \(shown.isListed), for "
                    + "\(session.seconds - since) s; in truth \(truth)")
        }
    }

    private mutating func checkGroups(_ cluster: Cluster) {
        for group in cluster.groups {
            let lags = (group.offsets ?? []).compactMap(\.lag)
            require(group.lag == nil || !lags.isEmpty, "group \(group.id): a lag of nothing known")
            require(lags.allSatisfy { $0 >= 0 }, "group \(group.id): a negative lag")
            require((group.consumedPerSecond ?? 0) >= 0, "group \(group.id) consumes backwards")
            for offset in group.offsets ?? [] {
                require((offset.consumedPerSecond ?? 0) >= 0, "\(group.id) consumes backwards")
            }
        }
    }

    private mutating func checkWords(_ cluster: Cluster) {
        for failure in cluster.failures {
            require(!failure.message.isEmpty, "\(failure.api): a failure without words")
            require(
                failure.message.unicodeScalars.allSatisfy { $0.value >= 0x20 },
                "\(failure.api): control characters in \(failure.message.debugDescription)")
        }
    }
}
