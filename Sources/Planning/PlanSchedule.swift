// In which waves a plan runs, and how long it takes at a throttle.

extension Plan {
    /// How long copying takes. No schedule is faster than the lower number; the waves one after
    /// another take the higher one.
    package struct Eta: Sendable, Equatable {
        package enum Direction: String, Sendable { case `in`, out }

        package var lowSeconds = 0.0
        package var highSeconds = 0.0
        /// The place of the broker that has most to take or to send; nil where no byte moves.
        package var bindingBroker: Int?
        package var direction: Direction?
    }

    /// Waves, what they need on disks, and their time.
    mutating func schedule() {
        let added = addedReplicas()
        waves = makeWaves(added)
        setDiskPeaks(added)
        setEta(added)
    }

    /// By move the brokers that get a new replica.
    private func addedReplicas() -> [[Int32]] {
        (0..<count).map { move in
            let row = Int(rows[move])
            guard bytes[move] > 0 || replicasDiffer(move, row) else { return [] }
            let before = model.replica[model.replicas(of: row)]
            return replicas(of: move).filter { !before.contains($0) }
        }
    }

    private func replicasDiffer(_ move: Int, _ row: Int) -> Bool {
        let before = model.replica[model.replicas(of: row)]
        return replicas(of: move).contains { !before.contains($0) }
    }

    /// The largest first, each in the first wave in which its brokers and its leader are not busy;
    /// what copies nothing comes last.
    private func makeWaves(_ added: [[Int32]]) -> [[Int32]] {
        let copying = (0..<Int32(count)).filter { !added[Int($0)].isEmpty }
            .sorted { (-bytes[Int($0)], $0) < (-bytes[Int($1)], $1) }
        var waves: [[Int32]] = []
        var busyIn = WaveCounts(brokers: brokers.count)
        var busyOut = WaveCounts(brokers: brokers.count)
        for move in copying {
            let leader = model.leader[Int(rows[Int(move)])]
            let targets = added[Int(move)]
            var wave = leader < 0 ? 0 : busyOut.firstFree(leader)
            for target in targets { wave = max(wave, busyIn.firstFree(target)) }
            while true {
                let isFree =
                    (wave >= waves.count || waves[wave].count < Limits.wavePartitions)
                    && (leader < 0 || busyOut.isFree(leader, wave))
                    && targets.allSatisfy { busyIn.isFree($0, wave) }
                if isFree { break }
                wave += 1
            }
            while waves.count <= wave { waves.append([]) }
            waves[wave].append(move)
            if leader >= 0 { busyOut.add(leader, wave) }
            for target in targets { busyIn.add(target, wave) }
        }
        let others = (0..<Int32(count)).filter { added[Int($0)].isEmpty }
        for start in stride(from: 0, to: others.count, by: Limits.wavePartitions) {
            waves.append(Array(others[start..<min(start + Limits.wavePartitions, others.count)]))
        }
        return waves.filter { !$0.isEmpty }
    }

    /// How many moves of each wave a broker is busy with.
    private struct WaveCounts {
        private var counts: [[UInt8]]
        private var first: [Int]

        init(brokers: Int) {
            counts = [[UInt8]](repeating: [], count: brokers)
            first = [Int](repeating: 0, count: brokers)
        }

        func firstFree(_ broker: Int32) -> Int { first[Int(broker)] }

        func isFree(_ broker: Int32, _ wave: Int) -> Bool {
            let known = counts[Int(broker)]
            return wave >= known.count || known[wave] < Limits.moversPerBroker
        }

        mutating func add(_ broker: Int32, _ wave: Int) {
            let at = Int(broker)
            while counts[at].count <= wave { counts[at].append(0) }
            counts[at][wave] += 1
            while first[at] < counts[at].count,
                counts[at][first[at]] >= Limits.moversPerBroker
            {
                first[at] += 1
            }
        }
    }

    private mutating func setDiskPeaks(_ added: [[Int32]]) {
        var held = brokers.map(\.bytesBefore)
        var incoming = [Int64](repeating: 0, count: brokers.count)
        var peaks = held
        for wave in waves {
            for move in wave {
                for broker in added[Int(move)] {
                    incoming[Int(broker)] += model.size[Int(rows[Int(move)])]
                }
            }
            for broker in held.indices where incoming[broker] > 0 {
                held[broker] += incoming[broker]
                peaks[broker] = max(peaks[broker], held[broker])
                incoming[broker] = 0
            }
            for move in wave {
                let row = Int(rows[Int(move)])
                let after = replicas(of: Int(move))
                for index in model.replicas(of: row) where !after.contains(model.replica[index]) {
                    held[Int(model.replica[index])] -= model.replicaSize[index]
                }
            }
        }
        for broker in peaks.indices { brokers[broker].diskPeak = peaks[broker] }
    }

    private mutating func setEta(_ added: [[Int32]]) {
        let throttle = Double(max(1, request.throttle))
        var most: Int64 = 0
        for (place, broker) in brokers.enumerated() {
            if broker.bytesIn > most {
                (most, eta.bindingBroker, eta.direction) = (broker.bytesIn, place, .in)
            }
            if broker.bytesOut > most {
                (most, eta.bindingBroker, eta.direction) = (broker.bytesOut, place, .out)
            }
        }
        eta.lowSeconds = Double(most) / throttle
        var incoming = [Int64](repeating: 0, count: brokers.count)
        var outgoing = incoming
        var sum = 0.0
        for wave in waves {
            for move in wave {
                let row = Int(rows[Int(move)])
                for broker in added[Int(move)] { incoming[Int(broker)] += model.size[row] }
                if model.leader[row] >= 0 { outgoing[Int(model.leader[row])] += bytes[Int(move)] }
            }
            var slowest: Int64 = 0
            for broker in incoming.indices {
                slowest = max(slowest, incoming[broker], outgoing[broker])
                (incoming[broker], outgoing[broker]) = (0, 0)
            }
            sum += Double(slowest) / throttle
        }
        eta.highSeconds = max(eta.lowSeconds, sum)
    }
}
