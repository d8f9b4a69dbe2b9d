// Commands behind `:`: anything by name, with completion. What a key does, a command does.

internal import ClusterModel
internal import Drawing

/// A command's name, how it is used and what it does.
enum Command: String, CaseIterable, Sendable {
    case overview, throughput, brokers, broker, topics, topic, partitions, partition, replicas
    case groups, group, volumes, coordinator, events, wrong, failures, offline, refresh, pause,
        snapshot, help
    case quit

    var usage: String {
        switch self {
        case .broker: ":broker ID"
        case .topic: ":topic NAME"
        case .partition: ":partition TOPIC-N"
        case .replicas: ":replicas [TOPIC]"
        case .throughput: ":throughput [TOPIC]"
        case .group: ":group ID"
        case .refresh: ":refresh SECONDS"
        case .snapshot: ":snapshot [FILE]"
        case .quit: ":quit  :q"
        default: ":" + rawValue
        }
    }

    var help: String {
        switch self {
        case .overview: "is it well, and if not, where to look"
        case .throughput: "what flows, as a graph: of the cluster or of a topic"
        case .brokers: "all brokers"
        case .broker: "the partitions on a broker"
        case .topics: "all topics"
        case .topic: "the partitions of a topic"
        case .partitions: "all partitions"
        case .partition: "one partition"
        case .replicas: "followers, worst lag first"
        case .groups: "all consumer groups"
        case .group: "one consumer group"
        case .volumes: "log directories and their volumes"
        case .coordinator: "the ZooKeeper ensemble or the KRaft quorum, and its controller"
        case .events: "what happened: elections, leaders, ISRs, configs"
        case .wrong: "what is wrong"
        case .failures: "which questions were not answered"
        case .offline: "partitions without a leader"
        case .refresh: "how often visible things are asked for"
        case .pause: "hold the picture still, or let it go on"
        case .snapshot: "write all that is known to a JSON file"
        case .help: "every key of this screen"
        case .quit: "leave"
        }
    }

    /// The command meant by a word: its name, a unique beginning of it, or an old habit.
    static func named(_ word: String) -> Command? {
        let habits: [String: Command] = [
            "zookeeper": .coordinator, "zk": .coordinator, "quorum": .coordinator,
            "controller": .coordinator, "q": .quit, "q!": .quit, "exit": .quit,
            "consumergroups": .groups, "nodes": .brokers,
            "t": .topics, "p": .partitions, "g": .groups, "b": .brokers, "errors": .failures,
        ]
        if let command = Command(rawValue: word) ?? habits[word] { return command }
        let starting = allCases.filter { $0.rawValue.hasPrefix(word) }
        return word.count >= 2 && starting.count == 1 ? starting[0] : nil
    }
}

/// What a command line asks for.
enum CommandResult: Sendable {
    case action(Action)
    case open(Screen)
    case refresh(Double)
    case snapshot(String)
    case fault(String)
}

/// Understands a command line.
func run(_ line: String, _ scene: Scene) -> CommandResult {
    let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard let first = words.first else { return .fault("") }
    let argument = words.count > 1 ? trimmed(String(words[1])) : ""
    guard let command = Command.named(String(first)) else {
        return .fault("no command \(first); Tab shows all")
    }
    let cluster = scene.cluster
    switch command {
    case .overview, .brokers, .topics, .partitions, .groups, .volumes, .coordinator, .events,
        .wrong:
        return ScreenKind(rawValue: command.rawValue).map { .action(.go($0)) } ?? .fault("")
    case .throughput:
        if argument.isEmpty { return .open(.throughput(ThroughputScreen(.cluster))) }
        return known(cluster.topicIndex(named: argument), "topic", argument) {
            _ in .throughput(ThroughputScreen(.topic(argument)))
        }
    case .broker:
        guard let id = Int32(argument) else { return .fault("broker: which? :broker ID") }
        return known(cluster.brokerIndex(BrokerID(id)), "broker", argument) { _ in
            .partitions(PartitionsScreen(Scope(broker: BrokerID(id))))
        }
    case .topic:
        return known(cluster.topicIndex(named: argument), "topic", argument) { _ in
            .partitions(PartitionsScreen(Scope(topic: argument)))
        }
    case .partition:
        guard let key = partitionKey(argument) else {
            return .fault("partition: which? :partition TOPIC-N")
        }
        return known(cluster.row(of: key), "partition", argument) { _ in
            .partition(PartitionScreen(key))
        }
    case .replicas:
        if argument.isEmpty { return .action(.go(.replicas)) }
        return known(cluster.topicIndex(named: argument), "topic", argument) { _ in
            .replicas(ReplicasScreen(Scope(topic: argument)))
        }
    case .group:
        return known(cluster.groupIndex(argument), "group", argument) { _ in
            .group(GroupScreen(argument))
        }
    case .failures: return .action(.go(.wrong))
    case .offline: return .open(.partitions(PartitionsScreen(Scope(fault: .offline))))
    case .refresh:
        guard let seconds = Double(argument), seconds >= Limits.leastRefreshSeconds,
            seconds <= Limits.greatestRefreshSeconds
        else { return .fault("refresh: a number of seconds from 0.2 to 3600") }
        return .refresh(seconds)
    case .snapshot: return .snapshot(argument)
    case .pause: return .action(.pause)
    case .help: return .action(.help)
    case .quit: return .action(.quit)
    }
}

private func known<Index>(
    _ index: Index?, _ noun: String, _ name: String, _ screen: (Index) -> Screen
) -> CommandResult {
    if name.isEmpty { return .fault("\(noun): which? Tab completes") }
    return index.map { .open(screen($0)) } ?? .fault("no \(noun) \(name) is known")
}

/// "orders-17" as a key; topic names may hold dashes themselves.
func partitionKey(_ text: String) -> PartitionKey? {
    guard let dash = text.lastIndex(of: "-"), let number = Int32(text[text.index(after: dash)...]),
        number >= 0, dash > text.startIndex
    else { return nil }
    return PartitionKey(topic: String(text[..<dash]), partition: number)
}

/// What a command line can go on as; whole lines.
func completions(_ line: String, _ cluster: Cluster) -> [String] {
    guard let blank = line.firstIndex(of: " ") else {
        return Command.allCases.map(\.rawValue).filter { $0.hasPrefix(line) }.map { name in
            takesArgument.contains(name) ? name + " " : name
        }
    }
    let command = Command.named(String(line[..<blank]))
    let start = String(line[line.index(after: blank)...])
    let names: [String]
    switch command {
    case .topic, .replicas, .throughput:
        names = matching(cluster.topics.lazy.map(\.name), start)
    case .partition: names = matching(cluster.topics.lazy.map { $0.name + "-" }, start)
    case .group: names = matching(cluster.groups.lazy.map(\.id), start)
    case .broker: names = matching(cluster.brokers.lazy.map(\.id.description), start)
    case .refresh: names = matching(["1", "2", "5", "10", "30"], start)
    default: names = []
    }
    return names.map { String(line[...blank]) + $0 }
}

private let takesArgument: Set<String> = ["broker", "topic", "partition", "group", "refresh"]

private func matching(_ names: some Sequence<String>, _ start: String) -> [String] {
    var found: [String] = []
    for name in names where name.hasPrefix(start) {
        found.append(name)
        if found.count == Limits.completions { break }
    }
    return found
}

func trimmed(_ text: String) -> String {
    var rest = Substring(text)
    while rest.first == " " { rest = rest.dropFirst() }
    while rest.last == " " { rest = rest.dropLast() }
    return String(rest)
}
