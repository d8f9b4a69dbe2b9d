// From the words of the command line to values by name.

/// What was typed, checked against the table.
package struct Invocation: Sendable, Equatable {
    /// The command's name; the program's first when none was written.
    package let command: String
    package let arguments: [String]
    private let values: [String: [String]]
    private let durations: [String: Duration]

    init(
        command: String, arguments: [String], values: [String: [String]],
        durations: [String: Duration]
    ) {
        self.command = command
        self.arguments = arguments
        self.values = values
        self.durations = durations
    }

    /// The last value of an option, nil when it was not given.
    package func value(_ option: String) -> String? { values[option]?.last }
    /// Every value of an option that may be repeated.
    package func all(_ option: String) -> [String] { values[option] ?? [] }
    /// Whether a flag was given.
    package func has(_ option: String) -> Bool { values[option] != nil }
    /// The value of an option of kind `.duration`.
    package func duration(_ option: String) -> Duration? { durations[option] }
}

extension Program {
    /// Reads `words` (without the program's own name).
    ///
    /// `--x y`, `--x=y`, `-xy`, `-x y`, bundled flags `-ab`, `--` before arguments that start with
    /// a dash, negative numbers as values and arguments, unique prefixes of long options are
    /// *not* taken (a script must not change its meaning when an option is added).
    /// `--help` and `--version` end the reading: nothing after them can be wrong.
    package func parse(_ words: [String]) throws(UsageError) -> Invocation {
        var parser = Parser(program: self, words: words)
        return try parser.run()
    }
}

private struct Parser {
    let program: Program
    var words: ArraySlice<String>
    var command: CommandEntry?
    var arguments: [String] = []
    var values: [String: [String]] = [:]
    var durations: [String: Duration] = [:]
    var isDone = false

    init(program: Program, words: [String]) {
        self.program = program
        self.words = words[...]
        // The command decides which options there are, and it may stand behind some.
        command = Parser.findCommand(program, words)
    }

    /// The first word that is no option and no option's value, if it names a command.
    private static func findCommand(_ program: Program, _ words: [String]) -> CommandEntry? {
        let every = program.options + program.commands.flatMap(\.options)
        var at = 0
        while at < words.count {
            let word = words[at]
            if word == "--" { return nil }
            if !isOption(word) {
                return program.namedCommands.first { $0.name == word }
            }
            at += 1
            let takesNext: Bool
            if word.hasPrefix("--") {
                takesNext = every.contains { $0.value != nil && "--" + $0.name == word }
            } else {
                // In -qb VALUE the value follows the first letter that takes one, if it is last.
                let letters = word.dropFirst()
                let place = letters.firstIndex { letter in
                    every.contains { $0.value != nil && $0.short == letter }
                }
                takesNext = place.map { letters.index(after: $0) == letters.endIndex } ?? false
            }
            if takesNext { at += 1 }
        }
        return nil
    }

    mutating func run() throws(UsageError) -> Invocation {
        var hasCommand = false
        var onlyArguments = false
        while let word = words.popFirst(), !isDone {
            if onlyArguments || !isOption(word) {
                if let command, !hasCommand, word == command.name, !onlyArguments {
                    hasCommand = true
                } else if command == nil && !onlyArguments {
                    let names = program.namedCommands.map(\.name)
                    throw UsageError("unknown command \(word)" + hint(for: word, among: names))
                } else {
                    arguments.append(word)
                }
            } else if word == "--" {
                onlyArguments = true
            } else if word.hasPrefix("--") {
                try long(word)
            } else {
                try short(word)
            }
        }
        if !isDone { try checkArguments() }
        return Invocation(
            command: command?.name ?? program.commands.first?.name ?? "", arguments: arguments,
            values: values, durations: durations)
    }

    private mutating func long(_ word: String) throws(UsageError) {
        let parts = word.dropFirst(2).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let inline = parts.count == 2 ? String(parts[1]) : nil
        let known = program.options(of: command)
        guard let option = known.first(where: { $0.name == name }) else {
            let owner = program.commands.first { $0.options.contains { $0.name == name } }
            if let owner {
                throw UsageError("--\(name) belongs to the command \(owner.name)")
            }
            throw UsageError(
                "unknown option --\(name)" + hint(for: name, among: known.map(\.name), "--"))
        }
        guard option.value != nil else {
            guard inline == nil else { throw UsageError("--\(name) takes no value") }
            try take(option, "")
            return
        }
        if let inline {
            try take(option, inline)
        } else {
            try take(option, next(option))
        }
    }

    private mutating func short(_ word: String) throws(UsageError) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let known = program.options(of: command)
            guard let option = known.first(where: { $0.short == letter }) else {
                throw UsageError(
                    "unknown option -\(letter)"
                        + hint(for: String(word.dropFirst()), among: known.map(\.name), "--"))
            }
            guard option.value != nil else {
                try take(option, "")
                continue
            }
            var value = String(letters)
            if value.hasPrefix("=") { value.removeFirst() }
            try take(option, letters.isEmpty ? try next(option) : value)
            return
        }
    }

    /// `: did you mean X?`, or nothing.
    private func hint(for name: String, among names: [String], _ dashes: String = "") -> String {
        program.nearest(name, names).map { ": did you mean \(dashes)\($0)?" } ?? ""
    }

    /// The word after an option, unless it is an option itself.
    private mutating func next(_ option: Option) throws(UsageError) -> String {
        guard let value = words.first, !isOption(value) || value == "-" else {
            throw UsageError("--\(option.name) needs a value: \(option.usage)")
        }
        words = words.dropFirst()
        return value
    }

    private mutating func take(_ option: Option, _ value: String) throws(UsageError) {
        if option.value != nil && value.isEmpty {
            throw UsageError("--\(option.name) needs a value: \(option.usage)")
        }
        if !option.choices.isEmpty && !option.choices.contains(value) {
            throw UsageError(
                "--\(option.name): \(value) is not one of "
                    + option.choices.joined(separator: ", ")
                    + hint(for: value, among: option.choices))
        }
        if option.kind == .duration {
            guard let duration = parseDuration(value) else {
                throw UsageError(
                    "--\(option.name): \(value) is not a duration such as 10s, 500ms or 2m")
            }
            durations[option.name] = duration
        }
        values[option.name, default: []].append(value)
        if option.name == "help" || option.name == "version" { isDone = true }
    }

    private func checkArguments() throws(UsageError) {
        var wanted = command?.arguments ?? []
        if let last = wanted.last, last.isRepeated {
            wanted.removeLast()
            while wanted.count < arguments.count { wanted.append(last) }
        }
        if arguments.count > wanted.count {
            throw UsageError("unexpected argument \(arguments[wanted.count])")
        }
        if arguments.count < wanted.count {
            let missing = wanted[arguments.count]
            let choices =
                missing.choices.isEmpty ? "" : ": " + missing.choices.joined(separator: ", ")
            throw UsageError("\(command?.name ?? "") needs \(missing.name)\(choices)")
        }
        for (value, argument) in zip(arguments, wanted)
        where !argument.choices.isEmpty && !argument.choices.contains(value) {
            throw UsageError(
                "\(command?.name ?? ""): \(value) is not one of "
                    + argument.choices.joined(separator: ", ")
                    + hint(for: value, among: argument.choices))
        }
    }
}

/// A word that starts with a dash and is neither `-` nor a negative number.
private func isOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word != "-" else { return false }
    let second = word.utf8.dropFirst().first ?? 0
    return !(second >= 48 && second <= 57) && second != UInt8(ascii: ".")
}

/// `10s`, `500ms`, `2m`, `1.5h`, `1d`; a number alone is seconds. Nil for anything else, negative
/// or longer than a year.
package func parseDuration(_ text: String) -> Duration? {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    let unitMs: Double
    switch text.dropFirst(digits.count) {
    case "ms": unitMs = 1
    case "s", "": unitMs = 1_000
    case "m", "min": unitMs = 60_000
    case "h": unitMs = 3_600_000
    case "d": unitMs = 86_400_000
    default: return nil
    }
    guard digits.first != ".", digits.last != ".", let number = Double(digits),
        number * unitMs <= 366 * 86_400_000
    else { return nil }
    return .milliseconds(Int64((number * unitMs).rounded()))
}
