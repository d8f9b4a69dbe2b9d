// Prints each measured figure beside its budget: `swift run -c release Benchmarks`.
// `--filter TEXT` runs the cases whose name holds it; `--json` prints JSON. The exit code is 1
// where a count is over its budget; times never decide. `Benchmarks scale` is a run of its own: the
// real client on a simulated cluster in another process (`--tenth` and `--full` choose the size,
// `--screens a,b` where its steady state is looked at, `--zookeeper` counts instead what the
// ensemble of such a cluster is asked).
import ClusterModel
import Glibc
import ModelTesting
import TerminalIO
import Transport

/// The largest cluster, made once for all cases that need it.
enum Huge {
    static let cluster = SampleCluster.huge()
}

/// All cases by name, in the order they run.
enum Cases {
    static let all: [(name: String, run: @Sendable (inout Report) throws -> Void)] = [
        ("metadata", metadata), ("offsets", offsets), ("round", round), ("memory", memory),
        ("sums", sums), ("history", history), ("frames", frames), ("diff", diff),
        ("order", order), ("keys", keys), ("snapshot", snapshot), ("plans", plans),
        ("reviews", reviews),
    ]
}

@main
struct Main {
    @MainActor
    static func main() throws {
        // A console blocks signals before any thread exists.
        let words = Array(CommandLine.arguments.dropFirst())
        switch words.first {
        case "serve": try serveScale(Array(words.dropFirst()))
        case "console":
            blockTerminalSignals()
            mapLargeBlocks()
            guard var console = ScaleConsole(Array(words.dropFirst())) else { exit(2) }
            return try console.run()
        case "scale": return try scale(Array(words.dropFirst()))
        default: try cases(words)
        }
    }

    private static func scale(_ words: [String]) throws {
        var report = Report(isJSON: words.contains("--json"))
        var sizes: [ScaleSize] = []
        if !words.contains("--full") { sizes.append(.tenth) }
        if !words.contains("--tenth") { sizes.append(.full) }
        if words.contains("--zookeeper") {
            measureEnsemble(sizes, &report)
            if report.isJSON { try report.printJSON() }
            exit(report.isOverExactBudget ? 1 : 0)
        }
        let screens = words.firstIndex(of: "--screens").map { words[($0 + 1)...].prefix(1) } ?? []
        let names = screens.first?.split(separator: ",").map(String.init)
        measureScale(sizes, on: names ?? ["partitions", "replicas", "groups"], &report)
        if report.isJSON { try report.printJSON() }
    }

    private static func cases(_ words: [String]) throws {
        var filter = ""
        var isJSON = false
        var arguments = words[...]
        while let argument = arguments.popFirst() {
            switch argument {
            case "--json": isJSON = true
            case "--filter": filter = arguments.popFirst() ?? ""
            default:
                let names = Cases.all.map(\.name).joined(separator: ", ")
                print("usage: Benchmarks [scale] [--filter NAME] [--json]\ncases: \(names)")
                exit(2)
            }
        }
        var report = Report(isJSON: isJSON)
        for item in Cases.all where filter.isEmpty || item.name.contains(filter) {
            try item.run(&report)
        }
        if isJSON { try report.printJSON() }
        exit(report.isOverExactBudget ? 1 : 0)
    }
}
