// Ctrl-x and `:maintenance`: an object that somebody works on is counted and not cried, until a
// time. It is written down with the operator's state and changes nothing in the cluster.

internal import ClusterModel
internal import Drawing
internal import Health

/// The key and the command behind maintenance.
enum MaintenanceKeys {
    static let binding = Binding(
        keys: [.control("x")], label: "Ctrl-x", action: .maintenance, title: "maintenance",
        help: "worked on: its faults are counted, not cried; again ends it",
        needs: .rows, area: "Act", why: noSubject)

    @Sendable private static func noSubject(_ scene: Scene, _ row: ObjectID?) -> String? {
        guard let row else { return "there is no row here" }
        return row.maintained == nil ? "nobody works on \(row)" : nil
    }

    /// What the key does on a row: ends the maintenance, or opens the command that begins one.
    static func request(_ row: ObjectID?, _ scene: Scene) -> Request {
        guard let object = row?.maintained else { return .refuse("maintenance: of what?") }
        if scene.cluster.maintenance.entry(of: object) != nil {
            return .effect(.setMaintenance(object, seconds: nil, note: ""))
        }
        return .prompt("maintenance \(usage(of: object)) 1h ")
    }

    /// An object as the command names it.
    static func usage(of object: ObjectID) -> String {
        switch object {
        case .volume(let broker, let path): "volume \(broker) \(asWord(path))"
        default: "\(object.kind) \(asWord(object.name))"
        }
    }

    static let kinds = ["broker", "group", "partition", "rack", "server", "topic", "volume"]

    /// The object that the first words name, and the words behind them.
    static func object(
        _ all: [String], _ scene: Scene
    ) -> (object: ObjectID?, rest: ArraySlice<String>) {
        guard all.count > 1 else { return (nil, []) }
        let (cluster, name) = (scene.cluster, all[1])
        func known(_ object: ObjectID, _ isKnown: Bool) -> ObjectID? {
            isKnown || cluster.maintenance.entry(of: object) != nil ? object : nil
        }
        switch all[0] {
        case "broker":
            let id = Int32(name).map { BrokerID($0) }
            let found = id.flatMap { known(.broker($0), cluster.broker($0) != nil) }
            return (found, all[2...])
        case "rack":
            let isKnown = cluster.brokers.contains { $0.rack == name }
            return (known(.rack(name), isKnown), all[2...])
        case "topic", "group", "partition":
            let argument: Argument =
                all[0] == "topic" ? .topic : all[0] == "group" ? .group : .partition
            return (argument.find(cluster, name), all[2...])
        case "server":
            let isKnown = cluster.coordinator.servers.contains { $0.name == name }
            return (known(.server(name), isKnown), all[2...])
        case "volume":
            guard all.count > 2, let id = Int32(name) else { return (nil, []) }
            let object = ObjectID.volume(BrokerID(id), path: all[2])
            let isKnown = cluster.logDirs.contains { $0.broker.value == id && $0.path == all[2] }
            return (known(object, isKnown), all[3...])
        default: return (nil, [])
        }
    }

    /// Seconds of "30m", "2h", "1d"; nil: it is none, or not from a minute to 30 days.
    static func seconds(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let last = text.last, let unit = units[last], let number = Int(text.dropLast()),
            number > 0
        else { return nil }
        let seconds = Double(number) * unit
        return seconds >= 60 && seconds <= Double(Maintenance.longestMs) / 1_000 ? seconds : nil
    }

    static func run(_ text: String, _ scene: Scene) -> Request {
        let all = words(text)
        guard let kind = all.first else { return .go(WrongScreen()) }
        guard kinds.contains(kind) else {
            return .refuse("maintenance: of which \(kinds.joined(separator: ", "))? not \(kind)")
        }
        guard all.count > 1 else { return .refuse("maintenance: which \(kind)? Tab completes") }
        let (object, rest) = object(all, scene)
        guard let object else { return .refuse("maintenance: no \(kind) \(all[1]) is known") }
        guard let length = rest.first else {
            return .refuse("maintenance: how long? 30m, 2h, 1d, or off to end it")
        }
        if length == "off" {
            guard scene.cluster.maintenance.entry(of: object) != nil else {
                return .refuse("maintenance: \(object) is in none")
            }
            return .effect(.setMaintenance(object, seconds: nil, note: ""))
        }
        guard let seconds = seconds(length) else {
            return .refuse("maintenance: \(length) is no time such as 30m, 2h or 1d, 30 d at most")
        }
        return .effect(
            .setMaintenance(object, seconds: seconds, note: rest.dropFirst().joined(separator: " "))
        )
    }
}

extension Command {
    static let maintenance = Command(
        "maintenance", .maintained,
        help: "what somebody works on: its faults are counted and not cried"
    ) { MaintenanceKeys.run($0, $1) }
}

extension Argument {
    fileprivate static let maintained = Argument(
        noun: "object", placeholder: "KIND NAME TIME [NOTE]", isOptional: true,
        completions: { scene, text in
            guard let blank = text.unicodeScalars.firstIndex(of: " ") else {
                return MaintenanceKeys.kinds.filter { $0.hasPrefix(text) }.map { $0 + " " }
            }
            let kind = String(text.unicodeScalars[..<blank])
            let rest = String(text.unicodeScalars[text.unicodeScalars.index(after: blank)...])
            guard !rest.unicodeScalars.contains(" ") else { return [] }
            let cluster = scene.cluster
            let names: [String] =
                switch kind {
                case "broker": broker.completions(scene, rest)
                case "topic": topic.completions(scene, rest).map(asWord)
                case "group": group.completions(scene, rest).map(asWord)
                case "partition": partition.completions(scene, rest)
                case "rack":
                    matching(Set(cluster.brokers.compactMap(\.rack)).sorted(), rest).map(asWord)
                case "server": matching(cluster.coordinator.servers.map(\.name), rest)
                case "volume":
                    matching(
                        cluster.logDirs.map { "\($0.broker) \(asWord($0.path))" }, rest)
                default: []
                }
            return names.map { "\(kind) \($0)" + (kind == "partition" ? "" : " ") }
        })
}
