// Commands behind `:`: anything by name, with completion. What a key does, a command does.

internal import ClusterModel
internal import Drawing

/// What a command takes after its name: how it is written, completed and found in the cluster.
struct Argument: Sendable {
    /// "topic", in what is said of one that is not known.
    let noun: String
    /// "TOPIC", as help writes it.
    let placeholder: String
    var isOptional = false
    /// What has to be read before that there is no such thing is a fact.
    var section: Section?
    /// What the text can go on as.
    let completions: @Sendable (Scene, String) -> [String]
    /// What the text names; nil where the cluster has no such thing.
    var find: @Sendable (Cluster, String) -> ObjectID? = { _, _ in nil }

    /// What is said where nothing is found by that name.
    func notFound(_ text: String, _ scene: Scene) -> String {
        guard let section else { return "no \(noun) \(text) is known" }
        return switch scene.cluster.absence(in: section) {
        case .none, .watching: "no \(noun) \(text) is known"
        case .reading: "\(section.noun) are being read: \(text) is not among them yet"
        case .noneTold, .unknown:
            "\(text) is not among the \(section.noun) that were told: W lists what was not"
        }
    }

    var optional: Argument {
        var copy = self
        copy.isOptional = true
        return copy
    }

    static let topic = Argument(
        noun: "topic", placeholder: "TOPIC", section: .topics,
        completions: { matching($0.cluster.topics.lazy.map(\.name), $1) },
        find: { cluster, text in
            nameMeant(by: text, among: cluster.topics.lazy.map(\.name)) {
                cluster.topicIndex(named: $0) != nil
            }.map { .topic($0) }
        })
    static let partition = Argument(
        noun: "partition", placeholder: "TOPIC-N", section: .partitions,
        completions: { matching($0.cluster.topics.lazy.map { $0.name + "-" }, $1) },
        find: { cluster, text in
            let keys = [text, unquoted(text)].compactMap { $0.flatMap(PartitionKey.init(parsing:)) }
            return keys.first { cluster.row(of: $0) != nil }.map { .partition($0) }
        })
    static let broker = Argument(
        noun: "broker", placeholder: "ID", section: .brokers,
        completions: { matching($0.cluster.brokers.lazy.map(\.id.description), $1) },
        find: { cluster, text in
            Int32(text).flatMap { cluster.brokerIndex(BrokerID($0)) }
                .map { .broker(cluster.brokers[$0].id) }
        })
    static let group = Argument(
        noun: "group", placeholder: "ID", section: .groups,
        completions: { matching($0.cluster.groups.lazy.map(\.id), $1) },
        find: { cluster, text in
            nameMeant(by: text, among: cluster.groups.lazy.map(\.id)) {
                cluster.groupIndex($0) != nil
            }.map { .group($0) }
        })
    static let seconds = Argument(
        noun: "seconds", placeholder: "SECONDS",
        completions: { matching(["1", "2", "5", "10", "30"], $1) })
    static let file = Argument(
        noun: "file", placeholder: "FILE", isOptional: true, completions: { _, _ in [] })
}

/// A command: its names, what it takes, and what it asks for.
struct Command: Sendable {
    let name: String
    var aliases: [String] = []
    var argument: Argument?
    let help: String
    let run: @Sendable (_ argument: String, Scene) -> Request

    init(
        _ name: String, aliases: [String] = [], _ argument: Argument? = nil, help: String,
        run: @escaping @Sendable (String, Scene) -> Request
    ) {
        self.name = name
        self.aliases = aliases
        self.argument = argument
        self.help = help
        self.run = run
    }

    /// Opens the screen about what is named.
    init(
        _ name: String, aliases: [String] = [], _ argument: Argument?, help: String,
        opens screen: @escaping @Sendable (ObjectID?, Scene) -> (any Screen)?
    ) {
        self.init(name, aliases: aliases, argument, help: help) { text, scene in
            var subject: ObjectID?
            if let argument, !(text.isEmpty && argument.isOptional) {
                if text.isEmpty { return .refuse("\(name): which? Tab completes") }
                guard let found = argument.find(scene.cluster, text) else {
                    return .refuse(argument.notFound(text, scene))
                }
                subject = found
            }
            return screen(subject, scene).map { .go($0) } ?? .refuse("\(name): not here")
        }
    }

    /// The command of a screen's own entry.
    init<S: Screen>(_ screen: S.Type) {
        let entry = S.entry
        self.init(
            entry.name, aliases: entry.aliases, entry.argument, help: entry.help,
            opens: { S($0, $1) })
    }

    /// ":topic TOPIC", ":replicas [TOPIC]".
    var usage: String {
        guard let argument else { return ":" + name }
        let written = argument.placeholder
        return ":\(name) " + (argument.isOptional ? "[\(written)]" : written)
    }

    /// All commands: those of the screens, then those of the console.
    static let all: [Command] =
        allScreens.flatMap { $0.commands } + ofTheConsole
        + ofGroups + ofTopics + ofConfigs + ofPlans

    private static let ofTheConsole: [Command] = [
        Command("refresh", .seconds, help: "how often visible things are asked for") { text, _ in
            guard let seconds = Double(text), seconds >= Limits.leastRefreshSeconds,
                seconds <= Limits.greatestRefreshSeconds
            else {
                let (least, greatest) = (Limits.leastRefreshSeconds, Limits.greatestRefreshSeconds)
                return .refuse("refresh: a number of seconds from \(least) to \(Int(greatest))")
            }
            return .effect(.setRefresh(seconds: seconds))
        },
        Command("pause", help: "hold the picture still, or let it go on") { _, _ in
            .perform(.pause)
        },
        Command("snapshot", .file, help: "write all that is known to a JSON file") { path, _ in
            path.isEmpty ? .perform(.snapshot) : .effect(.snapshot(path: path))
        },
        .elect, .maintenance,
        Command("identity", help: "which cluster to go on with, where another one answers") {
            $1.cluster.otherCluster.map { .open(IdentityScreen($0)) }
                ?? .refuse("identity: no other cluster is met here")
        },
        Command("help", help: "every key of this screen") { _, _ in .perform(.help) },
        Command("quit", aliases: ["q", "q!", "exit"], help: "leave; :q does the same") { _, _ in
            .perform(.quit)
        },
    ]

    /// The command meant by a word: its name, another name of it, or a unique beginning.
    static func named(_ word: String) -> Command? {
        if let command = all.first(where: { $0.name == word || $0.aliases.contains(word) }) {
            return command
        }
        let starting = all.filter { $0.name.hasPrefix(word) }
        return word.count >= 2 && starting.count == 1 ? starting[0] : nil
    }
}

/// What is wrong with a command line that no cluster is needed for: its name; nil where it is well.
package func commandFault(_ line: String) -> String? {
    guard let first = line.unicodeScalars.split(separator: " ").first.map({ String($0) }) else {
        return "no command is named"
    }
    if Command.named(first) != nil { return nil }
    let near = suggestions(first).first.map { "; did you mean \(trimmed($0))?" }
    return "no command \(first)\(near ?? "")"
}

/// Names of all commands, for completions.
package let commandNames: [String] = Command.all.map(\.name)

/// Understands a command line.
func run(_ line: String, _ scene: Scene) -> Request {
    // By scalars: a mark at the beginning of a name makes one character with the blank before it.
    let words = line.unicodeScalars.split(separator: " ", maxSplits: 1)
    guard let first = words.first else { return .refuse("") }
    guard let command = Command.named(String(first)) else {
        let near = suggestions(String(first)).first.map { "; did you mean :\(trimmed($0))?" }
        return .refuse("no command \(String(first))\(near ?? "; Tab shows all")")
    }
    return command.run(words.count > 1 ? trimmed(String(words[1])) : "", scene)
}

/// What a command line can go on as; whole lines.
func completions(_ line: String, _ scene: Scene) -> [String] {
    guard let blank = line.unicodeScalars.firstIndex(of: " ") else {
        return Command.all.filter { $0.name.hasPrefix(line) }.map { command in
            command.argument?.isOptional == false ? command.name + " " : command.name
        }
    }
    let argument = Command.named(String(line[..<blank]))?.argument
    let after = line.unicodeScalars.index(after: blank)
    let start = String(line[after...])
    return (argument?.completions(scene, start) ?? []).map { String(line[..<after]) + $0 }
}

/// Commands that a word may mean though none begins with it: those that hold its letters in this
/// order, in the name, another name or a word of what they do; else those a slip away.
func suggestions(_ word: String) -> [String] {
    let wanted = Array(word.lowercased().unicodeScalars)
    guard !wanted.isEmpty, !wanted.contains(" ") else { return [] }
    func line(_ command: Command) -> String {
        command.argument?.isOptional == false ? command.name + " " : command.name
    }
    func distance(_ command: Command) -> Int? {
        if command.name.hasPrefix(word) { return nil }
        let names = [command.name] + command.aliases
        if names.contains(where: { $0.contains(word) }) { return 0 }
        if names.contains(where: { holds(Array($0.unicodeScalars), wanted) }) { return 1 }
        return names.contains { slips($0, word) <= (wanted.count > 4 ? 2 : 1) } ? 2 : nil
    }
    let found = Command.all.enumerated().compactMap { place, command in
        distance(command).map { ($0, place, line(command)) }
    }
    return found.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
}

/// The letters stand in the name in their order, the first of them at its beginning.
private func holds(_ name: [Unicode.Scalar], _ letters: [Unicode.Scalar]) -> Bool {
    guard letters.count > 1, name.first == letters.first else { return false }
    var at = 0
    for scalar in name where at < letters.count && scalar == letters[at] { at += 1 }
    return at == letters.count
}

/// Letters to change, leave out, put in or swap until one word is the other.
private func slips(_ a: String, _ b: String) -> Int {
    let (x, y) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
    guard abs(x.count - y.count) <= 2, !x.isEmpty, !y.isEmpty else { return 3 }
    var rows = Array(repeating: Array(repeating: 0, count: y.count + 1), count: x.count + 1)
    for i in 0...x.count { rows[i][0] = i }
    for j in 0...y.count { rows[0][j] = j }
    for i in 1...x.count {
        for j in 1...y.count {
            let cost = x[i - 1] == y[j - 1] ? 0 : 1
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1, j > 1, x[i - 1] == y[j - 2], x[i - 2] == y[j - 1] {
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
            }
        }
    }
    return rows[x.count][y.count]
}

/// Names as they are shown: what is offered can be read, and found by what is read.
func matching(_ names: some Sequence<String>, _ start: String) -> [String] {
    var found: [String] = []
    for name in names where name.hasPrefix(start) || shownName(name).hasPrefix(start) {
        found.append(shownName(name))
        if found.count == Limits.completions { break }
    }
    return found
}

/// The name that is meant by what was typed: the name itself, the same in quotation marks, or what
/// is seen of it where only one name looks so.
private func nameMeant(
    by text: String, among names: some Sequence<String>, isKnown: (String) -> Bool
) -> String? {
    if isKnown(text) { return text }
    if let inner = unquoted(text), isKnown(inner) { return inner }
    let look = looks(text)
    var found: String?
    for name in names where looks(shownName(name)) == look {
        guard found == nil else { return nil }
        found = name
    }
    return found
}

/// What stands between quotation marks; nil where there are none.
private func unquoted(_ text: String) -> String? {
    let scalars = text.unicodeScalars
    guard scalars.count >= 2, scalars.first == "\"", scalars.last == "\"" else { return nil }
    return String(scalars.dropFirst().dropLast())
}

/// A text as it is drawn.
private func looks(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var drawn = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.lazy.map(harmless) where displayWidth(of: scalar) > 0 {
        drawn.append(scalar)
    }
    return String(drawn)
}

func trimmed(_ text: String) -> String {
    var rest = text.unicodeScalars[...]
    while rest.first == " " { rest = rest.dropFirst() }
    while rest.last == " " { rest = rest.dropLast() }
    return String(rest)
}
