// How values of a config are typed and read by people: `7d`, `10GiB`, `compact,delete`. What is
// typed becomes exactly what Kafka keeps, and what Kafka keeps is shown so that it can be typed.

/// Why what was typed is no value, in one sentence without a full stop.
package struct ConfigFault: Error, Hashable, Sendable {
    package var sentence: String

    init(_ sentence: String) { self.sentence = sentence }
}

/// How values of one config are typed.
package struct ConfigForm: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Anything: what is typed is the value.
        case text
        case boolean
        case choice([String])
        /// Parts with commas between them; no choices: any.
        case list([String])
        case whole(ClosedRange<Int64>)
        case fraction(least: Double?, most: Double?)
        /// `*`, or partitions each with a broker: `0:1,1:2`.
        case throttledReplicas
    }

    package let key: String
    package let kind: Kind
    package let unit: ConfigUnit
    package let words: [ConfigWord]

    /// - Parameter known: nil where the catalogue has no such key: its values are raw text.
    /// - Parameter told: the broker's word on the type, which is the last; nil where it told none.
    package init(_ key: String, _ known: KnownConfig?, told: ConfigType? = nil) {
        self.key = key
        guard let known else {
            kind = .text
            unit = .none
            words = []
            return
        }
        let type = told.flatMap { $0 == .unknown ? nil : $0 } ?? known.type
        unit = ConfigUnit(key: key)
        words = known.words
        kind = Self.kind(type, type == known.type ? known.rule : .any)
    }

    private static func kind(_ type: ConfigType, _ rule: KnownConfig.Rule) -> Kind {
        switch (type, rule) {
        case (.boolean, _): .boolean
        case (.list, .throttledReplicas), (.string, .throttledReplicas): .throttledReplicas
        case (.list, .oneOf(let choices)): .list(choices)
        case (.list, _): .list([])
        case (.string, .oneOf(let choices)): .choice(choices)
        case (.int, .from(let least, let most)), (.short, .from(let least, let most)),
            (.long, .from(let least, let most)):
            .whole(
                max(
                    type.range.lowerBound, Int64(least))...min(
                        type.range.upperBound, most.map { Int64($0) } ?? .max))
        case (.int, _), (.short, _), (.long, _): .whole(type.range)
        case (.double, .from(let least, let most)): .fraction(least: least, most: most)
        case (.double, _): .fraction(least: nil, most: nil)
        default: .text
        }
    }

    /// What can be chosen from, if there is a choice.
    package var choices: [String] {
        switch kind {
        case .boolean: ["true", "false"]
        case .choice(let choices), .list(let choices): choices
        default: []
        }
    }

    /// What values look like: "a time such as 7d, 36h or 90s"; nil of raw text.
    package var hint: String? {
        switch kind {
        case .text: nil
        case .boolean: "true or false"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        case .list(let choices):
            choices.isEmpty
                ? "parts with commas between them"
                : "of \(choices.joined(separator: ", ")), with commas between them"
        case .throttledReplicas: "* or PARTITION:BROKER with commas between them, such as 0:1,1:2"
        case .whole, .fraction:
            example + words.map { ", or \($0.value) (\($0.text))" }.joined()
        }
    }

    private var example: String {
        switch unit {
        case .milliseconds: "a time such as 7d, 36h or 90s"
        case .seconds: "a time such as 5m or 90s"
        case .minutes: "a time such as 7d or 36h"
        case .hours: "a time such as 7d or 36h"
        case .bytes: "a size such as 10GiB or 2MiB"
        case .bytesPerSecond: "bytes a second such as 50MiB"
        case .none: if case .fraction = kind { "a number such as 0.5" } else { "a whole number" }
        }
    }
}

extension ConfigForm {
    /// The raw value that is meant by what was typed.
    /// - Parameter present: the value before, to which `+part` and `-part` of a list are applied.
    package func raw(_ typed: String, present: String? = nil) throws(ConfigFault) -> String {
        if kind == .text { return typed }
        let text = Self.trimmed(typed)
        switch kind {
        case .text: return typed
        case .boolean:
            let lower = text.lowercased()
            if lower == "true" || lower == "false" { return lower }
            throw misfit(text)
        case .choice(let choices):
            guard let choice = Self.choice(text, choices) else { throw misfit(text) }
            return choice
        case .list(let choices): return try list(text, choices, present)
        case .throttledReplicas:
            guard Self.isThrottledReplicas(text) else { throw misfit(text) }
            return text
        case .whole(let range): return try whole(text, range)
        case .fraction(let least, let most): return try fraction(text, least, most)
        }
    }

    private func misfit(_ text: String) -> ConfigFault {
        let hint = hint ?? "a value"
        return ConfigFault(
            text.isEmpty ? "\(key) takes \(hint)" : "\(key) takes \(hint): \(text) is not")
    }

    static func trimmed(_ text: String) -> String {
        var rest = text.unicodeScalars[...]
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }

    private static func choice(_ text: String, _ choices: [String]) -> String? {
        let lower = text.lowercased()
        return choices.first { $0.lowercased() == lower }
    }

    // MARK: Lists

    /// The parts of a list as Kafka takes it apart.
    package static func parts(_ value: String) -> [String] {
        value.split(separator: ",").map { trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    private func list(
        _ text: String, _ choices: [String], _ present: String?
    ) throws(ConfigFault) -> String {
        let isEdit = text.hasPrefix("+") || text.hasPrefix("-")
        var parts = isEdit ? Self.parts(present ?? "") : []
        let words =
            isEdit
            ? text.split { $0 == " " || $0 == "," }.map(String.init) : Self.parts(text)
        for word in words {
            let isTaken = isEdit && word.hasPrefix("-")
            let name = isEdit && (isTaken || word.hasPrefix("+")) ? String(word.dropFirst()) : word
            guard let part = choices.isEmpty ? name : Self.choice(name, choices), !part.isEmpty
            else { throw misfit(word) }
            if isTaken {
                guard let place = parts.firstIndex(of: part) else {
                    throw ConfigFault("\(key) has no part \(part) to take away")
                }
                parts.remove(at: place)
            } else if parts.contains(part) {
                throw ConfigFault("\(key): \(part) stands there twice")
            } else {
                parts.append(part)
            }
        }
        return parts.joined(separator: ",")
    }

    private static func isThrottledReplicas(_ text: String) -> Bool {
        if text == "*" || text.isEmpty { return true }
        return text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { pair in
            let numbers = pair.split(separator: ":", omittingEmptySubsequences: false)
            return numbers.count == 2 && numbers.allSatisfy { Int32($0).map { $0 >= 0 } ?? false }
        }
    }

    // MARK: Numbers

    private func whole(
        _ text: String, _ range: ClosedRange<Int64>
    ) throws(ConfigFault) -> String {
        if let word = words.first(where: { $0.text == text.lowercased() }) {
            return "\(word.value)"
        }
        guard let value = try quantity(text) else { throw misfit(text) }
        guard range.contains(value) else { throw outside(value < range.lowerBound, range) }
        return "\(value)"
    }

    /// A plain number, or one with units; nil where it is neither.
    private func quantity(_ text: String) throws(ConfigFault) -> Int64? {
        if let plain = Int64(text), !text.hasPrefix("+") { return plain }
        switch unit {
        case .none: return nil
        case .bytes, .bytesPerSecond: return try Quantity.bytes(text, key)
        case .milliseconds, .seconds, .minutes, .hours:
            guard let one = unit.milliseconds, let total = try Quantity.milliseconds(text, key)
            else { return nil }
            guard total % one == 0 else {
                throw ConfigFault("\(key) counts whole \(unit): \(text) is not one of them")
            }
            return total / one
        }
    }

    private func outside(_ isBelow: Bool, _ range: ClosedRange<Int64>) -> ConfigFault {
        let bound = isBelow ? range.lowerBound : range.upperBound
        let shown = humanised("\(bound)").map { " (\($0))" } ?? ""
        return ConfigFault("\(key) must be at \(isBelow ? "least" : "most") \(bound)\(shown)")
    }

    private func fraction(
        _ text: String, _ least: Double?, _ most: Double?
    ) throws(ConfigFault) -> String {
        let isSize = unit == .bytes || unit == .bytesPerSecond
        let isPlain = text.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
        var raw = text
        if !isPlain, isSize, let size = try Quantity.bytes(text, key) { raw = "\(size)" }
        guard isPlain || raw != text, let value = Double(raw), value.isFinite else {
            throw misfit(text)
        }
        if let least, value < least {
            throw ConfigFault("\(key) must be at least \(Self.short(least))")
        }
        if let most, value > most {
            throw ConfigFault("\(key) must be at most \(Self.short(most))")
        }
        return raw
    }

    private static func short(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}

extension ConfigForm {
    /// A raw value as people write it, which read again is the same raw value; nil where the raw
    /// value says as much.
    package func humanised(_ raw: String) -> String? {
        switch kind {
        case .whole, .fraction: break
        default: return nil
        }
        guard let value = Int64(raw) else { return nil }
        if let word = words.first(where: { $0.value == value }) { return word.text }
        guard value > 0 else { return nil }
        switch unit {
        case .none: return nil
        case .bytes, .bytesPerSecond: return Quantity.bytesText(value)
        case .milliseconds, .seconds, .minutes, .hours:
            guard let one = unit.milliseconds, value <= Int64.max / one else { return nil }
            return Quantity.timeText(value * one)
        }
    }
}
