// The command line of `plan` as a request: which options belong to which kind, and what their
// values mean.
internal import Arguments
internal import ClusterModel
internal import JSON
internal import Planning

/// Reads requests from command lines.
enum PlanArguments {
    static func read(
        _ invocation: Invocation
    ) throws(Ending) -> (request: PlanRequest, notes: [String]) {
        let kind = invocation.arguments.first.flatMap(PlanRequest.Kind.init) ?? .balance
        let words = Array(invocation.arguments.dropFirst())
        var request = PlanRequest(kind)
        var notes: [String] = []
        try refuseStrangers(invocation, kind, words)
        request.brokers = try brokers("broker", invocation)
        request.excludedBrokers = try brokers("exclude-broker", invocation)
        request.topics = invocation.all("topic")
        request.excludedTopics = invocation.all("exclude-topic")
        for text in invocation.all("exclude-partition") {
            guard let key = PartitionKey(parsing: text) else {
                throw wrong("--exclude-partition is TOPIC-N: \(text)")
            }
            request.excludedPartitions.append(key)
        }
        request.mayWorsenRacks = invocation.has("any-rack")
        if let text = invocation.value("tolerance") {
            guard let share = PlanWords.share(text), share <= 1 else {
                throw wrong("--tolerance is a share such as 5%: \(text)")
            }
            request.tolerance = share
        }
        if let text = invocation.value("throttle") {
            guard let bytes = PlanWords.rate(text) else {
                throw wrong("--throttle is bytes a second, such as 50MB: \(text)")
            }
            request.throttle = bytes
        }
        switch kind {
        case .drain, .fill, .relieve:
            guard !request.brokers.isEmpty else {
                throw wrong("\(kind.rawValue) which brokers? --broker 3,4")
            }
            if kind == .relieve { request.level = try level(invocation) }
        case .replication:
            guard let text = invocation.value("factor"), let factor = Int(text),
                (1...mostFactor).contains(factor)
            else { throw wrong("replication needs --factor N, such as 3") }
            request.factor = factor
        case .move:
            guard !words.isEmpty else {
                throw wrong(
                    "move what? orders-17=1,5,9 (its replicas in order) or orders-17=-3,+12")
            }
            for word in words { request.moves.append(try move(word)) }
        case .import:
            guard words.count == 1 else { throw wrong("import takes one FILE") }
            let file = try reassignments(words[0])
            request.moves = file.moves
            if file.namesLogDirs {
                notes.append("\(words[0]) names log directories: brokers choose, the plan has none")
            }
        case .balance, .leaders, .elect, .racks: break
        }
        return (request, notes)
    }

    private static let mostFactor = 100

    private static func wrong(_ sentence: String) -> Ending {
        Ending(code: .usage, sentence: "plan: \(sentence)")
    }

    /// An option that means nothing to the kind would be thought to.
    private static func refuseStrangers(
        _ invocation: Invocation, _ kind: PlanRequest.Kind, _ words: [String]
    ) throws(Ending) {
        let owners: [(option: String, kinds: Set<PlanRequest.Kind>)] = [
            ("broker", [.drain, .fill, .relieve]), ("to", [.relieve]),
            ("factor", [.replication]), ("tolerance", [.balance, .fill]),
            ("any-rack", [.move, .import]),
        ]
        for owner in owners where invocation.has(owner.option) && !owner.kinds.contains(kind) {
            let kinds = PlanRequest.Kind.allCases.filter(owner.kinds.contains).map(\.rawValue)
            throw wrong(
                "--\(owner.option) is for \(kinds.joined(separator: ", ")), not for "
                    + kind.rawValue)
        }
        if let word = words.first, kind != .move, kind != .import {
            throw wrong("\(kind.rawValue) takes no \(word)")
        }
    }

    // MARK: Values

    private static func brokers(
        _ option: String, _ invocation: Invocation
    ) throws(Ending) -> [Int32] {
        var ids: Set<Int32> = []
        for text in invocation.all(option) {
            for id in try BrokerList.parse(text, of: "--\(option)") { ids.insert(id.value) }
        }
        return ids.sorted()
    }

    private static func level(_ invocation: Invocation) throws(Ending) -> PlanRequest.Level {
        guard let text = invocation.value("to") else {
            throw wrong("relieve down to which level? --to 80% of the volumes, or --to 2TB")
        }
        if text.hasSuffix("%"), let share = PlanWords.share(text), share < 1 {
            return .share(share)
        }
        if !text.hasSuffix("%"), let bytes = PlanWords.bytes(text) { return .bytes(bytes) }
        throw wrong("--to is a share of the volumes such as 80%, or bytes such as 2TB: \(text)")
    }

    /// `orders-17=1,5,9`: its replicas in order; `orders-17=-3,+12`: 12 in the place of 3.
    static func move(_ word: String) throws(Ending) -> PlanRequest.WantedMove {
        let fault = wrong(
            "\(word) is not TOPIC-N=IDS: orders-17=1,5,9 (its replicas in order) or "
                + "orders-17=-3,+12")
        guard let sign = word.lastIndex(of: "="), let dash = word[..<sign].lastIndex(of: "-"),
            let partition = Int32(word[word.index(after: dash)..<sign]), partition >= 0
        else { throw fault }
        let wish = PlanWords.wish(
            String(word[word.index(after: sign)...]), topic: String(word[..<dash]),
            partition: partition)
        guard let wish else { throw fault }
        return wish
    }

    private static func reassignments(_ path: String) throws(Ending) -> ReassignmentFile {
        let pieces = try FilePieces(path, of: "plan import")
        var reader = JSONReader(pieces: { pieces.next() })
        do throws(JSONFault) {
            return try ReassignmentFile(&reader)
        } catch {
            throw wrong(
                "import: \(path) is no reassignment file: \(pieces.failure ?? "\(error)")")
        }
    }
}
