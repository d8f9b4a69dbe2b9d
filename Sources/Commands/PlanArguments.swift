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
        request.mayWorsenRacks = invocation.has("any-rack")
        if let text = invocation.value("tolerance") {
            guard let share = share(text), share <= 1 else {
                throw wrong("--tolerance is a share such as 5%: \(text)")
            }
            request.tolerance = share
        }
        if let text = invocation.value("throttle") {
            let rate = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
            guard let bytes = bytes(rate), bytes > 0 else {
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
        if text.hasSuffix("%"), let share = share(text), share < 1 { return .share(share) }
        if !text.hasSuffix("%"), let bytes = bytes(text) { return .bytes(bytes) }
        throw wrong("--to is a share of the volumes such as 80%, or bytes such as 2TB: \(text)")
    }

    /// "5%", "2.5 %", "0.05".
    static func share(_ text: String) -> Double? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard digits.first?.isNumber == true, let number = Double(digits) else { return nil }
        switch text.dropFirst(digits.count) {
        case "%", " %": return number / 100
        case "": return number < 1 ? number : nil
        default: return nil
        }
    }

    /// "50MB", "1.5GiB", "1000"; nil for anything else.
    static func bytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard digits.first?.isNumber == true, let number = Double(digits) else { return nil }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let size: Double
        switch unit {
        case "", "B": size = 1
        case "kB", "KB": size = 1e3
        case "MB": size = 1e6
        case "GB": size = 1e9
        case "TB": size = 1e12
        case "KiB": size = 0x1p10
        case "MiB": size = 0x1p20
        case "GiB": size = 0x1p30
        case "TiB": size = 0x1p40
        default: return nil
        }
        let bytes = (number * size).rounded()
        return bytes < 0x1p57 ? Int64(bytes) : nil
    }

    /// `orders-17=1,5,9`: its replicas in order; `orders-17=-3,+12`: 12 in the place of 3.
    static func move(_ word: String) throws(Ending) -> PlanRequest.WantedMove {
        let fault = wrong(
            "\(word) is not TOPIC-N=IDS: orders-17=1,5,9 (its replicas in order) or "
                + "orders-17=-3,+12")
        guard let sign = word.lastIndex(of: "="), let dash = word[..<sign].lastIndex(of: "-"),
            let partition = Int32(word[word.index(after: dash)..<sign]), partition >= 0
        else { throw fault }
        var move = PlanRequest.WantedMove(
            topic: String(word[..<dash]), partition: partition, replicas: [])
        for item in word[word.index(after: sign)...].split(
            separator: ",", omittingEmptySubsequences: false)
        {
            let digits = item.drop { $0 == "+" || $0 == "-" }
            guard item.count - digits.count <= 1, let id = Int32(digits), id >= 0 else {
                throw fault
            }
            switch item.first {
            case "+": move.coming.append(id)
            case "-": move.leaving.append(id)
            default: move.replicas.append(id)
            }
        }
        let isChange = !move.coming.isEmpty || !move.leaving.isEmpty
        guard isChange != !move.replicas.isEmpty else { throw fault }
        return move
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
