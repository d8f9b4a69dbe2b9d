// The one table of commands and options. The parser, the hints, the help, the completions and the
// manual page are all made from it, so none of them can forget an option.

/// One option of the command line.
package struct Option: Sendable, Equatable {
    /// Without dashes: `bootstrap-server`.
    package let name: String
    package let short: Character?
    /// What the value is called in help (`HOST:PORT`); nil for a flag.
    package let value: String?
    /// The only values there are, if they are few.
    package let choices: [String]
    /// What help says of each choice, in their order; empty: their names say all.
    package let choiceNotes: [String]
    package let kind: ValueKind
    /// What shells offer for the value besides its choices.
    package let completion: Completion
    /// One line, without a full stop.
    package let summary: String

    package init(
        _ name: String, short: Character? = nil, value: String? = nil, choices: [String] = [],
        choiceNotes: [String] = [], kind: ValueKind = .text,
        completes completion: Completion = .none, _ summary: String
    ) {
        self.choiceNotes = choiceNotes
        self.completion = completion
        self.name = name
        self.short = short
        self.value = value
        self.choices = choices
        self.kind = kind
        self.summary = summary
    }

    /// `--context NAME`
    package var usage: String { "--\(name)" + (value.map { " " + $0 } ?? "") }
}

/// What a shell offers for a value that need not be one of it.
package enum Completion: Sendable, Equatable {
    case none
    case words([String])
    /// The first column of what a command of the program prints, asked when it is needed: tabs part
    /// its columns.
    case output(String)
}

/// What a value must look like; completions use it too.
package enum ValueKind: Sendable, Equatable {
    case text, file
    /// `10s`, `500ms`, `2m`, `1h`; a number alone is seconds.
    case duration
}

/// One command with what it takes.
package struct CommandEntry: Sendable, Equatable {
    package let name: String
    package let summary: String
    package let options: [Option]
    /// Names of the arguments that must follow, in order, with their choices (empty: anything).
    package let arguments: [Argument]

    package init(
        _ name: String, _ summary: String, options: [Option] = [], arguments: [Argument] = []
    ) {
        self.name = name
        self.summary = summary
        self.options = options
        self.arguments = arguments
    }
}

/// A positional argument of a command.
package struct Argument: Sendable, Equatable {
    package let name: String
    package let choices: [String]
    /// Any number of them, none too; only the last argument of a command.
    package let isRepeated: Bool

    package init(_ name: String, choices: [String] = [], isRepeated: Bool = false) {
        self.name = name
        self.choices = choices
        self.isRepeated = isRepeated
    }

    /// As help writes it: `SHELL`, `KEY=VALUE…`.
    package var usage: String { isRepeated ? name + "…" : name }
}

/// A whole program: what every command takes, the commands, and words around them.
package struct Program: Sendable {
    package let name: String
    package let summary: String
    package let version: String
    /// Taken before and after the command's name.
    package let options: [Option]
    /// The first is what runs when none is named; it is never written.
    package let commands: [CommandEntry]
    /// Closing paragraphs of help and manual page: title and text.
    package let notes: [(title: String, text: String)]
    /// Which of these names a misspelt one most likely meant; nil where none is close.
    let nearest: @Sendable (_ name: String, _ names: [String]) -> String?

    package init(
        name: String, summary: String, version: String, options: [Option], commands: [CommandEntry],
        notes: [(title: String, text: String)] = [],
        nearest: @escaping @Sendable (_ name: String, _ names: [String]) -> String?
    ) {
        self.nearest = nearest
        self.name = name
        self.summary = summary
        self.version = version
        self.options = options
        self.commands = commands
        self.notes = notes
    }

    func options(of command: CommandEntry?) -> [Option] {
        (command?.options ?? []) + options
    }
    var namedCommands: ArraySlice<CommandEntry> { commands.dropFirst() }
}

/// A sentence about a mistake on the command line; goes to stderr with exit code 2.
package struct UsageError: Error, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
