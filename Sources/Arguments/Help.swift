// Help and the manual page, from the table.

extension Program {
    /// `--help`, of the whole program or of one command.
    package func help(for commandName: String? = nil) -> String {
        let command = namedCommands.first { $0.name == commandName }
        var text =
            "\(name)\(command.map { " " + $0.name } ?? "") - \(command?.summary ?? summary)\n\n"
        if let command {
            let arguments = command.arguments.map { " " + $0.usage }.joined()
            text += "Usage: \(name) \(command.name) [OPTIONS]\(arguments)\n"
            for argument in command.arguments where !argument.choices.isEmpty {
                text += "\n\(argument.name): \(argument.choices.joined(separator: ", "))\n"
            }
            if !command.options.isEmpty {
                text += "\nOptions of \(command.name):\n" + lines(command.options)
            }
            text += "\nOptions of every command:\n" + lines(options)
            return text
        }
        text += "Usage: \(name) [OPTIONS] [COMMAND]\n\nCommands:\n"
        if let first = commands.first { text += row("(none)", first.summary) }
        for command in namedCommands {
            let arguments = command.arguments.map { " " + $0.usage }.joined()
            text += row(command.name + arguments, command.summary)
        }
        text += "\nOptions:\n" + lines(options)
        for note in notes {
            text += "\n\(note.title):\n"
            for paragraph in note.text.split(separator: "\n") {
                text += wrapped(String(paragraph), indent: 2, first: 2)
            }
        }
        return text + "\n'\(name) COMMAND --help' explains a command.\n"
    }

    private func lines(_ options: [Option]) -> String {
        options.map { option in
            let short = option.short.map { "-\($0), " } ?? "    "
            return row(short + option.usage, option.explanation)
        }.joined()
    }

    private func row(_ left: String, _ right: String) -> String {
        let head = "  " + left
        if head.count > Limits.helpIndent - 2 {
            return head + "\n" + wrapped(right, indent: Limits.helpIndent, first: Limits.helpIndent)
        }
        let pad = String(repeating: " ", count: Limits.helpIndent - head.count)
        return head + pad + wrapped(right, indent: Limits.helpIndent, first: 0)
    }

    /// `text` in lines of at most 80 columns behind `indent` blanks, ended by a line end.
    private func wrapped(_ text: String, indent: Int, first: Int) -> String {
        var result = String(repeating: " ", count: first)
        var column = indent
        for word in text.split(separator: " ") {
            if column + word.count > Limits.helpColumns && column > indent {
                result += "\n" + String(repeating: " ", count: indent)
                column = indent
            } else if column > indent {
                result += " "
                column += 1
            }
            result += word
            column += word.count
        }
        return result + "\n"
    }

    /// The manual page, in man(7).
    package func manual() -> String {
        var page = ".TH \(roff(name.uppercased())) 1 \"\" \"\(roff(name)) \(roff(version))\"\n"
        page += ".SH NAME\n\(roff(name)) \\- \(roff(summary))\n"
        page += ".SH SYNOPSIS\n.B \(roff(name))\n[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR]\n"
        page += ".SH COMMANDS\n"
        for (index, command) in commands.enumerated() {
            let arguments = command.arguments.map { " \\fI\(roff($0.usage))\\fR" }.joined()
            let title = index == 0 ? "(none)" : "\\fB\(roff(command.name))\\fR" + arguments
            page += ".TP\n\(title)\n\(roff(command.summary)).\n"
            if !command.options.isEmpty {
                page += ".RS\n" + command.options.map(manualRow).joined() + ".RE\n"
            }
        }
        page += ".SH OPTIONS\n" + options.map(manualRow).joined()
        for note in notes {
            page += ".SH \(roff(note.title.uppercased()))\n"
            page +=
                note.text.split(separator: "\n").map { roff(String($0)) }
                .joined(separator: "\n.PP\n") + "\n"
        }
        return page
    }

    private func manualRow(_ option: Option) -> String {
        let short = option.short.map { "\\fB\\-\($0)\\fR, " } ?? ""
        let value = option.value.map { " \\fI\(roff($0))\\fR" } ?? ""
        return ".TP\n\(short)\\fB\\-\\-\(roff(option.name))\\fR\(value)\n"
            + "\(roff(option.explanation)).\n"
    }

    /// Text that roff prints as it is: dashes that can be searched for, no commands at line starts.
    private func roff(_ text: String) -> String {
        var safe = ""
        for character in text {
            switch character {
            case "\\": safe += "\\e"
            case "-": safe += "\\-"
            case "'" where safe.isEmpty, "." where safe.isEmpty: safe += "\\&\(character)"
            default: safe.append(character)
            }
        }
        return safe
    }
}

extension Option {
    /// The summary with its choices.
    fileprivate var explanation: String {
        guard !choices.isEmpty else { return summary }
        let named = choices.enumerated().map { place, choice in
            choiceNotes.indices.contains(place) ? "\(choice) (\(choiceNotes[place]))" : choice
        }
        return summary + ": " + named.joined(separator: ", ")
    }
}
