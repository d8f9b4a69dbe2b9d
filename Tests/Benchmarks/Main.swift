// Prints each measured figure beside its budget: `swift run -c release Benchmarks`.
// `--filter TEXT` runs the cases whose name holds it; `--json` prints JSON. The exit code is 1 where
// a count is over its budget; times never decide.
import ClusterModel
import Glibc
import ModelTesting

/// The largest cluster, made once for all cases that need it.
enum Huge {
    static let cluster = SampleCluster.huge()
}

/// All cases by name, in the order they run.
enum Cases {
    static let all: [(name: String, run: @Sendable (inout Report) throws -> Void)] = [
        ("metadata", metadata), ("offsets", offsets), ("round", round), ("memory", memory),
        ("sums", sums), ("history", history), ("frames", frames), ("diff", diff),
        ("order", order), ("keys", keys), ("snapshot", snapshot),
    ]
}

@main
struct Main {
    static func main() throws {
        var filter = ""
        var isJSON = false
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--json": isJSON = true
            case "--filter": filter = arguments.popFirst() ?? ""
            default:
                let names = Cases.all.map(\.name).joined(separator: ", ")
                print("usage: Benchmarks [--filter NAME] [--json]\ncases: \(names)")
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
