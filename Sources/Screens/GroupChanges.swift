// Groups changed from the keyboard: offsets reset or deleted, the group deleted, a member removed.
// Keys open a command that begins with the row; every one ends in a review.

internal import ClusterModel
internal import Drawing
internal import Planning

extension Command {
    static let ofGroups = [resetOffsets, deleteOffsets, deleteGroup, removeMember]

    private static let resetOffsets = Command(
        "reset-offsets", .resetting,
        help: "of an empty group: earliest, latest, offset N, by N, time T, group G"
    ) { text, scene in
        changeOffsets("reset-offsets", text, scene) { words in
            guard let last = words.last else { return nil }
            if words.count > 1, let place = valuedPlaces[words[words.count - 2]] {
                words.removeLast(2)
                return .init(place, last)
            }
            guard places.contains(last) else { return nil }
            words.removeLast()
            return .init(last, nil)
        }
    }

    private static let deleteOffsets = Command(
        "delete-offsets", .offsets, help: "a group's commits, as if it had never read"
    ) { text, scene in
        changeOffsets("delete-offsets", text, scene) { _ in .init("delete", nil) }
    }

    private static let deleteGroup = Command(
        "delete-group", .group, help: "an empty group with all that it has committed"
    ) { text, scene in
        aboutGroup("delete-group", [text], scene) { group, _ in
            ChangeRequest("delete_group", of: [group])
        }
    }

    private static let removeMember = Command(
        "remove-member", .membered, help: "take a member out of its group: by member or client id"
    ) { text, scene in
        aboutGroup("remove-member", words(text), scene) { group, rest in
            rest.isEmpty
                ? nil
                : ChangeRequest(
                    "remove_members", of: [group], values: rest.map { .init("member", $0) })
        }
    }

    /// Places without a value, and those with one by the word that is typed.
    fileprivate static let places = ["earliest", "latest"]
    fileprivate static let valuedPlaces = [
        "offset": "offset", "by": "shift", "time": "time", "group": "group",
    ]

    /// The group that the first word names; `make` gets the other words.
    private static func aboutGroup(
        _ name: String, _ words: [String], _ scene: Scene,
        _ make: (ObjectID, [String]) -> ChangeRequest?
    ) -> Request {
        if scene.isReadOnly { return .refuse("\(name): this session is read-only") }
        guard let first = words.first, !first.isEmpty else {
            return .refuse("\(name): which? Tab completes")
        }
        guard let group = Argument.group.find(scene.cluster, first) else {
            return .refuse("\(name): " + Argument.group.notFound(first, scene))
        }
        guard let request = make(group, Array(words.dropFirst())) else {
            return .refuse("\(name): which member? Its member id or its client id")
        }
        return .effect(.propose(request))
    }

    /// GROUP [TOPIC[:N,N]…] PLACE; `place` takes the place away from the words' end.
    private static func changeOffsets(
        _ name: String, _ text: String, _ scene: Scene,
        _ place: (inout [String]) -> ChangeRequest.Value?
    ) -> Request {
        var refusal: String?
        let request = aboutGroup(name, words(text), scene) { group, rest in
            var rest = rest
            guard let value = place(&rest) else {
                refusal = "to where? earliest, latest, offset N, by N, time T or group GROUP"
                return nil
            }
            var subjects = [group]
            for word in rest {
                guard let found = partitions(word, scene) else {
                    refusal = Argument.topic.notFound(word, scene)
                    return nil
                }
                subjects += found
            }
            return ChangeRequest("alter_group_offsets", of: subjects, values: [value])
        }
        return refusal.map { .refuse("\(name): \($0)") } ?? request
    }

    /// "orders" or "orders:0,3"; nil where the cluster has no such topic.
    private static func partitions(_ word: String, _ scene: Scene) -> [ObjectID]? {
        if let topic = Argument.topic.find(scene.cluster, word) { return [topic] }
        guard let colon = word.lastIndex(of: ":"),
            case .topic(let topic)? = Argument.topic.find(scene.cluster, String(word[..<colon]))
        else { return nil }
        let numbers = word[word.index(after: colon)...].split(separator: ",").map { Int32($0) }
        guard !numbers.isEmpty, !numbers.contains(nil) else { return nil }
        return numbers.compactMap { $0 }
            .map { .partition(PartitionKey(topic: topic, partition: $0)) }
    }
}

/// The words of a text; what stands between quotation marks is one.
func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = String.UnicodeScalarView()
    var isQuoted = false
    var hasWord = false
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"" where isQuoted || word.isEmpty:
            isQuoted.toggle()
            hasWord = true
        case " " where !isQuoted:
            if hasWord { words.append(String(word)) }
            (word, hasWord) = (String.UnicodeScalarView(), false)
        default:
            word.append(scalar)
            hasWord = true
        }
    }
    if hasWord { words.append(String(word)) }
    return words
}

/// A name as one word of a command.
func asWord(_ name: String) -> String {
    let shown = shownName(name)
    return shown.unicodeScalars.contains(" ") || shown.hasPrefix("\"") ? "\"\(shown)\"" : shown
}

extension Argument {
    /// A group by its first word; `more` says what can follow the whole words behind it.
    private static func grouped(
        _ placeholder: String, _ more: @escaping @Sendable (Scene, [String]) -> [String]
    ) -> Argument {
        Argument(
            noun: "group", placeholder: placeholder, section: .groups,
            completions: { scene, text in
                guard let last = text.unicodeScalars.lastIndex(of: " "),
                    let whole = Optional(words(String(text.unicodeScalars[...last]))),
                    let first = whole.first, group.find(scene.cluster, first) != nil
                else {
                    return group.completions(scene, text).map(asWord)
                }
                let start = String(text.unicodeScalars[...last])
                let rest = String(
                    text.unicodeScalars[text.unicodeScalars.index(after: last)...])
                return more(scene, whole).filter { $0.hasPrefix(rest) && $0 != rest }
                    .map { start + $0 }
            },
            find: { cluster, text in group.find(cluster, words(text).first ?? "") })
    }

    fileprivate static let resetting = grouped("GROUP [TOPIC[:N]] PLACE") { scene, words in
        guard words.count < 2 || Command.valuedPlaces[words[words.count - 1]] == nil else {
            return words.last == "group" ? group.completions(scene, "").map(asWord) : []
        }
        return Command.places + Command.valuedPlaces.keys.sorted() + topics(scene, words)
    }
    fileprivate static let offsets = grouped("GROUP [TOPIC[:N]]", topics)
    fileprivate static let membered = grouped("GROUP MEMBER") { scene, words in
        let members = words.first.flatMap { name -> [GroupMember]? in
            guard case .group(let id)? = group.find(scene.cluster, name) else { return nil }
            return scene.cluster.group(id)?.members
        }
        return (members ?? []).prefix(Limits.completions).map { asWord($0.clientID) }
    }

    /// The topics that the group has committed for.
    @Sendable private static func topics(_ scene: Scene, _ words: [String]) -> [String] {
        guard let name = words.first, case .group(let id)? = group.find(scene.cluster, name) else {
            return []
        }
        let all = Set((scene.cluster.group(id)?.offsets ?? []).map(\.partition.topic))
        return all.sorted().prefix(Limits.completions).map(shownName)
    }
}

/// The keys that change groups.
enum GroupKeys {
    static let reset = Binding(
        keys: [.character("o")], label: "o", action: .resetOffsets, title: "reset offsets",
        help: "reset offsets of the group, of the marked partitions: to where?", hint: 62,
        area: "Act", why: reason)

    static func delete(_ title: String, help: String) -> Binding {
        Binding(
            keys: [.character("d")], label: "d", action: .delete, title: title, help: help,
            area: "Act", why: reason)
    }

    static let remove = Binding(
        keys: [.character("x")], label: "x", action: .removeMember, title: "remove member",
        help: "take the member that reads this partition out of the group", area: "Act",
        why: { scene, row in
            if let why = reason(scene, row) { return why }
            guard case .partition(let key)? = row, GroupScreen.member(scene, key) != nil else {
                return "nobody is assigned this partition"
            }
            return nil
        })

    @Sendable private static func reason(_ scene: Scene, _ row: ObjectID?) -> String? {
        if scene.isReadOnly { return "this session is read-only" }
        return row == nil ? "no row is selected" : nil
    }
}

extension GroupScreen {
    static func member(_ scene: Scene, _ key: PartitionKey) -> GroupMember? {
        guard let index = scene.groupIndex,
            let place = scene.cluster.groups[index].offsets?
                .first(where: { $0.partition == key })?.member,
            let members = scene.cluster.groups[index].members, members.indices.contains(place)
        else { return nil }
        return members[place]
    }

    /// The marked partitions, else the selected one.
    private func chosen(_ scene: Scene) -> [PartitionKey] {
        let rows = state.marks.isEmpty ? row(scene).map { [$0] } ?? [] : Array(state.marks)
        return rows.compactMap { if case .partition(let key) = $0 { key } else { nil } }.sorted()
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .resetOffsets:
            var text = "reset-offsets \(asWord(group)) "
            // Without marks it is the whole group.
            let marked = state.marks.isEmpty ? [] : chosen(scene)
            for (topic, own) in Dictionary(grouping: marked, by: \.topic).sorted(by: {
                $0.key < $1.key
            }) {
                text +=
                    asWord(
                        "\(topic):" + own.map { "\($0.partition)" }.joined(separator: ",")) + " "
            }
            return [.prompt(text)]
        case .delete:
            let subjects = chosen(scene).map { ObjectID.partition($0) }
            return [
                .effect(
                    .propose(
                        ChangeRequest(
                            "alter_group_offsets", of: [.group(group)] + subjects,
                            values: [.init("delete", nil)])))
            ]
        case .removeMember:
            guard case .partition(let key)? = row(scene),
                let member = Self.member(scene, key)
            else { return [] }
            return [
                .effect(
                    .propose(
                        ChangeRequest(
                            "remove_members", of: [.member(group: group, id: member.id)])))
            ]
        default: return updateTable(action, scene)
        }
    }
}

extension GroupsScreen {
    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        guard case .group(let id)? = row(scene) else { return updateTable(action, scene) }
        switch action {
        case .resetOffsets: return [.prompt("reset-offsets \(asWord(id)) ")]
        case .delete:
            if state.marks.count > 1 {
                return [.refuse("delete group: one at a time, so that its name is typed")]
            }
            return [.effect(.propose(ChangeRequest("delete_group", of: [.group(id)])))]
        default: return updateTable(action, scene)
        }
    }
}
