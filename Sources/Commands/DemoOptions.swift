// What the command line says of a demo: which cluster is simulated, and in which way it is shown.
internal import Arguments
internal import Screens
internal import SimulatedCluster

/// What the command line says of a demo.
struct DemoOptions {
    var shape = Shape()
    var speed = 1.0
    var servesOnly = false
    /// Nil: the live console.
    var print: PrintOptions?

    struct PrintOptions {
        var afterNs: UInt64
        var screen: String
        var width: Int
        var height: Int
    }

    static let table: [Option] = [
        Option(
            "scenario", value: "NAME", choices: Scenario.allCases.map(\.rawValue),
            choiceNotes: Scenario.allCases.map(\.summary), "the story it tells"),
        Option("brokers", value: "COUNT", "how many brokers (9)"),
        Option("partitions", value: "COUNT", "how many partitions over all topics (900)"),
        Option("groups", value: "COUNT", "how many consumer groups (40)"),
        Option("seed", value: "NUMBER", "another cluster for each (1)"),
        Option("speed", value: "FACTOR", "how much faster than real time passes (1)"),
        Option(
            "release", value: "VERSION", choices: Release.allCases.map(\.rawValue),
            "the release of Kafka its brokers are (4.3)"),
        Option(
            "zookeeper-mode", "its state is kept in ZooKeeper; release 3.9 unless one is named"),
        Option("serve", "listen on loopback for other programs instead, until SIGTERM"),
        Option("print", "print one frame as text instead"),
        Option("after", value: "DURATION", kind: .duration, "with --print: when (60s)"),
        Option(
            "screen", value: "COMMAND", completes: .words(commandNames),
            "with --print: what is shown, as after a colon (overview)"),
        Option("size", value: "COLUMNSxROWS", "with --print: how large (120x40)"),
    ]

    init(_ invocation: Invocation) throws(Ending) {
        shape.brokers = try Self.count(invocation, "brokers", 1...2_000) ?? shape.brokers
        shape.partitions = try Self.count(invocation, "partitions", 1...400_000) ?? shape.partitions
        shape.groups = try Self.count(invocation, "groups", 0...20_000) ?? shape.groups
        let seed = try Self.count(invocation, "seed", 0...Int(Int32.max)).map { UInt64($0) }
        shape.seed = seed ?? 1
        if let name = invocation.value("scenario"), let scenario = Scenario(rawValue: name) {
            shape.scenario = scenario
            // An upgrade needs a release to go to.
            if scenario == .rollingUpgrade { shape.release = .v39 }
        }
        // The last release that keeps its state there.
        let needsZooKeeper = shape.scenario == .zooKeeperLeaderLost
        if needsZooKeeper || invocation.has("zookeeper-mode") {
            shape.coordination = .zookeeper
            shape.release = .v39
            shape.zooKeeper.words = ["srvr", "mntr", "ruok", "stat", "conf", "cons", "wchs"]
        }
        if let name = invocation.value("release"), let release = Release(rawValue: name) {
            shape.release = release
        }
        if let text = invocation.value("speed") {
            guard let speed = Double(text), speed >= 0.1, speed <= 1_000 else {
                throw Ending(
                    code: .usage,
                    sentence: "--speed is how much faster than real, 0.1 to 1000")
            }
            self.speed = speed
        }
        servesOnly = invocation.has("serve")
        if invocation.has("print") { print = try Self.printOptions(invocation) }
    }

    private static func printOptions(_ invocation: Invocation) throws(Ending) -> PrintOptions {
        let after = invocation.duration("after") ?? .seconds(60)
        guard after <= .seconds(7 * 86_400) else {
            throw Ending(code: .usage, sentence: "--after takes a week at most")
        }
        let sides = (invocation.value("size") ?? "120x40").split(separator: "x")
            .map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1],
            (1...1_000).contains(width), (1...1_000).contains(height)
        else {
            throw Ending(
                code: .usage, sentence: "--size is COLUMNSxROWS, such as 120x40")
        }
        let screen = invocation.value("screen") ?? "overview"
        if let fault = commandFault(screen) {
            throw Ending(code: .usage, sentence: "--screen: \(fault)")
        }
        return PrintOptions(
            afterNs: after.nanoseconds, screen: screen,
            width: width, height: height)
    }

    private static func count(
        _ invocation: Invocation, _ option: String, _ range: ClosedRange<Int>
    ) throws(Ending) -> Int? {
        guard let text = invocation.value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Ending(
                code: .usage,
                sentence: "--\(option) is a number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }
}
