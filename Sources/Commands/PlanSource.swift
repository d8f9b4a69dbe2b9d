// What `plan` plans on: a snapshot file, read as it comes, or the live cluster, read once.
internal import Arguments
internal import ClusterModel
internal import Export
internal import Glibc
internal import JSON
internal import KafkaClient
internal import Planning
internal import Transport

/// Where the model of a plan comes from.
@MainActor
struct PlanSource {
    private enum Place {
        case file(String)
        case cluster(Setup, timeoutNs: UInt64)
    }
    private let place: Place

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        if let path = invocation.value("from") {
            place = .file(path)
            return
        }
        place = .cluster(
            try Setup(invocation, host), timeoutNs: try invocation.timeoutNs(or: .seconds(10)))
    }

    /// The model, and what is to be said of it.
    func model() throws(Ending) -> (model: PlanningModel, warnings: [String]) {
        switch place {
        case .file(let path): try read(path)
        case .cluster(let setup, let timeoutNs): try observe(setup, timeoutNs)
        }
    }

    private func read(
        _ path: String
    ) throws(Ending) -> (model: PlanningModel, warnings: [String]) {
        let name = path == "-" ? "standard input" : path
        let pieces = try FilePieces(path, of: "plan --from")
        var reader = JSONReader(pieces: { pieces.next() })
        do throws(SnapshotFault) {
            let snapshot = try PlanningSnapshot(&reader)
            let warning = "\(name) says of itself that it is partial: the plan knows no more"
            return (snapshot.model, snapshot.isPartial ? [warning] : [])
        } catch {
            let why = pieces.failure ?? error.description
            throw Ending(
                code: .usage, sentence: "plan --from: \(name) is no snapshot to plan from: \(why)")
        }
    }

    private func observe(
        _ setup: Setup, _ timeoutNs: UInt64
    ) throws(Ending) -> (model: PlanningModel, warnings: [String]) {
        let loop = try Setup.startLoop()
        defer { loop.stop() }
        let (cluster, isFinished) = ClusterPass(
            session: ClusterSession(loop: loop, config: setup.client.within(timeoutNs)),
            ensemble: setup.ensemble, sections: Self.sections, timeoutNs: timeoutNs
        ).run()
        if let sentence = cluster.otherClusterSentence {
            throw Ending(
                code: .noCluster, sentence: "nothing is planned over two clusters: \(sentence)")
        }
        guard cluster.knowsPartitions, !cluster.brokers.isEmpty else {
            throw Ending(
                code: .noCluster,
                sentence: cluster.failures.first?.message ?? "no broker has answered in time")
        }
        if !isFinished {
            throw Ending(
                code: .noCluster,
                sentence: "not everything was answered within \(Double(timeoutNs) / 1e9) s: a plan "
                    + "on half a picture would be none; give more with --timeout")
        }
        var warnings = cluster.failures.map(\.message)
        if let warning = setup.identityWarning(cluster.clusterID) { warnings.append(warning) }
        do throws(PlanningFault) {
            return (
                try PlanningModel(cluster, takenAt: cluster.takenAtWall.iso8601), warnings
            )
        } catch {
            throw Ending(code: .noCluster, sentence: error.description)
        }
    }

    private static let sections: Set<Section> = [
        .metadata, .brokers, .topics, .partitions, .logDirs, .reassignments,
    ]
}

/// A file in pieces, whatever its length; `-` is standard input.
final class FilePieces {
    private let descriptor: Int32
    private let isOwned: Bool
    /// Why it could not be read to its end.
    private(set) var failure: String?

    private static let pieceBytes = 1 << 18

    init(_ path: String, of what: String) throws(Ending) {
        isOwned = path != "-"
        descriptor = isOwned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard descriptor >= 0 else {
            throw Ending(code: .usage, sentence: "\(what): \(path): \(SystemError.text(errno))")
        }
    }

    deinit { if isOwned { close(descriptor) } }

    /// Empty at the end, and where it cannot be read.
    func next() -> [UInt8] {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, length in
            repeat {
                count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            length = max(0, count)
        }
        if count < 0 { failure = SystemError.text(errno) }
        return bytes
    }
}
