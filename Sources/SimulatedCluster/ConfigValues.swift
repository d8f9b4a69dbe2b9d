// Whether a config may have a value, and what a broker says when it may not.

extension KnownConfig {
    private static let typeNames = [
        "UNKNOWN", "BOOLEAN", "STRING", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS",
        "PASSWORD",
    ]

    var isList: Bool { type == 7 }

    /// What is wrong with a value in Kafka's words, or nil.
    func fault(in value: String, _ release: Release) -> String? {
        if let fault = typeFault(value) {
            return "Invalid value \(value) for configuration \(name): \(fault)"
        }
        if let fault = ruleFault(value, release) {
            return "Invalid value \(fault.shown) for configuration \(name): \(fault.text)"
        }
        return nil
    }

    private func typeFault(_ value: String) -> String? {
        let isRight =
            switch type {
            case 1: value.lowercased() == "true" || value.lowercased() == "false"
            case 3: Int32(value) != nil
            case 4: Int16(value) != nil
            case 5: Int64(value) != nil
            case 6: Double(value) != nil
            default: true
            }
        if isRight { return nil }
        if type == 1 { return "Expected value to be either true or false" }
        return "Not a number of type \(Self.typeNames[Int(type)])"
    }

    private func ruleFault(_ value: String, _ release: Release) -> (shown: String, text: String)? {
        switch rule {
        case .any: return nil
        case .atLeast(let usual):
            // Segments have a sensible least size since 4.0.
            let least = name == "segment.bytes" && release >= .v43 ? 1_048_576 : usual
            guard let number = Double(value), number < Double(least) else { return nil }
            return (value, "Value must be at least \(least)")
        case .oneOf(let known):
            let parts = isList ? Self.parts(value) : [value]
            guard let wrong = parts.first(where: { !known.contains($0) }) else { return nil }
            return (wrong, "String must be one of: \(known.joined(separator: ", "))")
        case .throttledReplicas:
            guard ThrottledReplicas(value) == nil else { return nil }
            return (
                "[\(Self.parts(value).joined(separator: ", "))]",
                "\(name) must be the literal '*' or a list of replicas in the following format: "
                    + "[partitionId]:[brokerId],[partitionId]:[brokerId],..."
            )
        }
    }

    /// The parts of a list.
    static func parts(_ value: String) -> [String] {
        value.split(separator: ",").map { part in
            let start = part.drop { $0 == " " }
            return String(start.reversed().drop { $0 == " " }.reversed())
        }
    }
}
