// What a broker says of a value that a config may not have.
import KafkaConfigs

extension ConfigType {
    /// Kafka's name of it.
    fileprivate var kafkaName: String {
        switch self {
        case .unknown: "UNKNOWN"
        case .boolean: "BOOLEAN"
        case .string: "STRING"
        case .int: "INT"
        case .short: "SHORT"
        case .long: "LONG"
        case .double: "DOUBLE"
        case .list: "LIST"
        case .class: "CLASS"
        case .password: "PASSWORD"
        }
    }
}

extension KnownConfig {
    /// What is wrong with a value in Kafka's words, or nil.
    func fault(in value: String) -> String? {
        if let fault = typeFault(value) {
            return "Invalid value \(value) for configuration \(name): \(fault)"
        }
        if let fault = ruleFault(value) {
            return "Invalid value \(fault.shown) for configuration \(name): \(fault.text)"
        }
        return nil
    }

    private func typeFault(_ value: String) -> String? {
        let isRight =
            switch type {
            case .boolean: value.lowercased() == "true" || value.lowercased() == "false"
            case .int: Int32(value) != nil
            case .short: Int16(value) != nil
            case .long: Int64(value) != nil
            case .double: Double(value) != nil
            case .unknown, .string, .list, .class, .password: true
            }
        if isRight { return nil }
        if type == .boolean { return "Expected value to be either true or false" }
        return "Not a number of type \(type.kafkaName)"
    }

    private func ruleFault(_ value: String) -> (shown: String, text: String)? {
        switch rule {
        case .any: return nil
        case .from(let least, let most):
            guard let number = Double(value) else { return nil }
            if number < least { return (value, "Value must be at least \(Self.written(least))") }
            guard let most, number > most else { return nil }
            return (value, "Value must be no more than \(Self.written(most))")
        case .oneOf(let known):
            let parts = type == .list ? ConfigForm.parts(value) : [value]
            guard let wrong = parts.first(where: { !known.contains($0) }) else { return nil }
            return (wrong, "String must be one of: \(known.joined(separator: ", "))")
        case .throttledReplicas:
            guard ThrottledReplicas(value) == nil else { return nil }
            return (
                "[\(ConfigForm.parts(value).joined(separator: ", "))]",
                "\(name) must be the literal '*' or a list of replicas in the following format: "
                    + "[partitionId]:[brokerId],[partitionId]:[brokerId],..."
            )
        }
    }

    private static func written(_ bound: Double) -> String {
        Int64(exactly: bound).map { "\($0)" } ?? "\(bound)"
    }
}
