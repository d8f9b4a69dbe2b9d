// From bytes to a picture: decoding, folding, summing up, remembering.
import ClusterModel
import KafkaWire
import ModelTesting
import Polling

/// When the first answers came; what follows comes two seconds later each time.
private let start = Instant(ns: 1_000_000_000_000)
private func moment(_ round: Int) -> Instant {
    Instant(ns: start.ns + UInt64(round) * 2_000_000_000)
}

extension Cases {
    /// Metadata of everything: decoding, the first fold, and a fold that finds nothing new.
    static func metadata(_ report: inout Report) throws {
        let bytes = try Answers.body(
            MetadataRequest.self, Answers.metadata(), Answers.metadataVersion)
        func decode() throws -> MetadataColumns {
            try decodeResponse(
                MetadataColumnsRequest.self, version: Answers.metadataVersion, bytes: bytes)
        }
        let decoding = try best(of: 7, decode)
        report.bytes("metadata, an answer", UInt64(bytes.count))
        report.time("metadata, decode", decoding.seconds, budget: Budget.metadataDecode)
        report.each("metadata, decode, a partition", decoding.seconds, of: Size.partitions)
        report.count(
            "metadata, decode, allocations", decoding.allocations,
            budget: Budget.metadataAllocations)

        let answer = try decode()
        let first = best(of: 3, prepare: { AnswerFold() }) { $0.fold(answer, at: start) }
        report.time("metadata, first fold", first.seconds, budget: Budget.fold)
        report.count(
            "metadata, first fold, allocations", first.allocations, budget: Budget.foldAllocations)
        var known = AnswerFold()
        known.fold(answer, at: start)
        let again = best(
            of: 3,
            prepare: {
                // The picture before is on the screen, and shares the columns.
                (fold: known, published: known.cluster)
            }
        ) { $0.fold.fold(answer, at: moment(1)) }
        report.time("metadata, fold again", again.seconds, budget: Budget.fold)
        report.count(
            "metadata, fold again, allocations", again.allocations,
            budget: Budget.foldAllocations)
        report.bytes("metadata, fold again, copied", again.bytes)
    }

    /// One sweep over the log ends of all replicas.
    static func offsets(_ report: inout Report) throws {
        var known = AnswerFold()
        known.fold(try Answers.metadataColumns(), at: start)
        let sweep = try Sweep(known, end: 1_000)
        let decoding = try best(of: 3) {
            for index in sweep.bodies.indices { keep(try sweep.decode(index)) }
        }
        report.bytes("offsets, answers", UInt64(sweep.bodies.reduce(0) { $0 + $1.count }))
        report.time("offsets, decode", decoding.seconds, budget: Budget.offsetsDecode)
        report.each("offsets, decode, a replica", decoding.seconds, of: Size.replicaCount)
        report.count(
            "offsets, decode, allocations", decoding.allocations,
            budget: Budget.offsetsAllocationsPerTopic * Double(sweep.topicCount))

        let answers = try sweep.bodies.indices.map(sweep.decode)
        let later = try Sweep(known, end: 2_000)
        let laterAnswers = try later.bodies.indices.map(later.decode)
        func fold(_ into: inout AnswerFold, _ answers: [OffsetColumns], round: Int) {
            for (index, answer) in answers.enumerated() {
                into.fold(
                    logEnds: answer, to: sweep.requests[index], of: sweep.brokers[index],
                    asked: moment(round), answered: Instant(ns: moment(round).ns + 2_000_000))
            }
        }
        fold(&known, answers, round: 1)
        let folding = best(of: 3, prepare: { (fold: known, published: known.cluster) }) {
            fold(&$0.fold, laterAnswers, round: 2)
        }
        report.time("offsets, fold", folding.seconds, budget: Budget.fold)
        report.each("offsets, fold, a replica", folding.seconds, of: Size.replicaCount)
        report.count(
            "offsets, fold, allocations", folding.allocations,
            budget: Budget.foldOffsetsAllocations)
        report.bytes("offsets, fold, copied", folding.bytes)
    }

    /// What the poller does every two seconds: a tenth of the sweep, the sums, the history.
    static func round(_ report: inout Report) throws {
        var known = AnswerFold()
        known.fold(try Answers.metadataColumns(), at: start)
        let sweep = try Sweep(known, end: 1_000)
        var published = known.cluster
        var round = 0
        let spent = try best(of: 9) {
            round += 1
            for turn in 0..<Size.brokersPerRound {
                let index = (round * Size.brokersPerRound + turn) % Size.brokers
                known.fold(
                    logEnds: try sweep.decode(index), to: sweep.requests[index],
                    of: sweep.brokers[index],
                    asked: moment(round), answered: Instant(ns: moment(round).ns + 2_000_000))
            }
            known.summarise()
            var picture = known.cluster
            picture.history = published.history
            picture.remember(from: published.takenAt)
            published = picture
        }
        report.time("a round of 60,000 replicas", spent.seconds, budget: Budget.round)
        report.count(
            "a round, allocations", spent.allocations, budget: Budget.roundAllocations)
        report.bytes("a round, allocated", spent.bytes)
    }

    /// Sums over the largest cluster, its groups included, while a picture is out.
    static func sums(_ report: inout Report) {
        let cluster = Huge.cluster
        let spent = best(of: 5, prepare: { cluster }) { $0.summarise() }
        report.time("sums", spent.seconds, budget: Budget.summarise)
        report.count("sums, allocations", spent.allocations, budget: Budget.summariseAllocations)
        report.bytes("sums, allocated", spent.bytes)
    }

    /// What a picture takes of the heap.
    static func memory(_ report: inout Report) throws {
        let answer = try Answers.metadataColumns()
        var (bytes, known) = retained {
            var known = AnswerFold()
            known.fold(answer, at: start)
            return known
        }
        report.bytes("memory, partitions and poller's own", bytes)
        let sweep = try Sweep(known, end: 1_000)
        let published = known.cluster
        bytes = try retained {
            for index in sweep.bodies.indices {
                known.fold(
                    logEnds: try sweep.decode(index), to: sweep.requests[index],
                    of: sweep.brokers[index], asked: moment(1),
                    answered: moment(1))
            }
        }.bytes
        keep(published)
        report.bytes("memory, a picture before it that is still shown", bytes)
        let (all, cluster) = retained { SampleCluster.huge() }
        report.bytes(
            "memory, a cluster with 10,000 groups", all, budget: Budget.residentBytes)
        keep(cluster)
    }

    /// Six hours of ticks.
    static func history(_ report: inout Report) {
        let base = Huge.cluster
        var history = History()
        var tick = base.tick(from: start)
        var least = Double.infinity
        let (total, _) = cost {
            for index in 1...Size.ticks {
                tick.from = moment(index - 1)
                tick.to = moment(index)
                let (spent, _) = cost { history.append(tick) }
                least = min(least, spent.seconds)
            }
        }
        report.time("history, a tick (least)", least)
        report.time(
            "history, a tick (mean of six hours)", total.seconds / Double(Size.ticks),
            budget: Budget.historyAppend)
        report.bytes("history, six hours", UInt64(history.sizeBytes), budget: Budget.historyBytes)
        let series = best(of: 5) { history.series(.cluster, .records, .sixHours, now: history.end) }
        report.time("history, a series of six hours", series.seconds)
        let making = best(of: 5) { base.tick(from: start) }
        report.time("history, making a tick", making.seconds)
    }
}
