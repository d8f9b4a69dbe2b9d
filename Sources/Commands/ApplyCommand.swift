// `highwater apply PLAN.json`: carries out a plan that `highwater plan` made, here or elsewhere, on
// the cluster it was made for and only while that still is as it was.
internal import Arguments
internal import ClusterModel
internal import JSON
internal import Operations
internal import Planning

/// One run of `apply`.
struct ApplyCommand: Subcommand {
    static let entry = CommandEntry(
        "apply", "carry out a plan of highwater plan",
        options: ChangeOptions.table + [throttle, alongside, detach] + ExecutionFollower.options,
        arguments: [Argument("PLAN.json")])

    static let throttle = Option(
        "throttle", value: "RATE",
        "bytes a second that each broker takes and sends at most (the plan's), or none")
    static let detach = Option(
        "detach", "leave it to a process of its own, and end once it has begun")
    private static let alongside = Option(
        "alongside", "begin although somebody else is moving other partitions")

    private let road: ChangeRun
    private let file: PlanFile
    private let execution: PlanExecution

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        let path = invocation.arguments.first ?? ""
        let asked = try Self.readThrottle(invocation)
        file = try Self.read(path)
        var execution = PlanExecution(
            file, throttle: asked.map { $0.bytesPerSecond } ?? file.throttle)
        execution.runsAlongside = invocation.has("alongside")
        self.execution = execution
        road = try ChangeRun(invocation, host)
    }

    /// Nil where none was given.
    static func readThrottle(_ invocation: Invocation) throws(Ending) -> ExecutionThrottle? {
        guard let text = invocation.value("throttle") else { return nil }
        if text == "none" { return ExecutionThrottle(nil) }
        guard let bytes = PlanWords.bytes(text), bytes > 0 else {
            throw Ending(
                code: .usage,
                sentence: "--throttle is bytes a second such as 50MB, or none: \(text)")
        }
        return ExecutionThrottle(bytes)
    }

    private static func read(_ path: String) throws(Ending) -> PlanFile {
        let pieces = try FilePieces(path, of: "apply")
        var reader = JSONReader(pieces: { pieces.next() })
        do throws(JSONFault) {
            return try PlanFile(&reader)
        } catch {
            throw Ending(
                code: .usage,
                sentence: "apply: \(path) is no plan to carry out: \(pieces.failure ?? "\(error)")"
                    + " (highwater plan import FILE makes one of a reassignment file)")
        }
    }

    func run() throws(Ending) -> ExitCode {
        try road.run(reading: []) { (cluster: Cluster) throws(Ending) -> ChangeRequest in
            guard file.clusterID == nil || file.clusterID == cluster.clusterID else {
                throw Ending(
                    code: .refused,
                    sentence: "nothing was sent: the plan is for cluster \(file.clusterID ?? "?"), "
                        + "and \(cluster.clusterID ?? "?") answers")
            }
            return ChangeRequest(execution)
        }
    }
}
