// Completion scripts for three shells, from the table.

/// The shells that completions exist for.
package enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

extension Program {
    package func completions(for shell: Shell) -> String {
        switch shell {
        case .bash: bash()
        case .zsh: zsh()
        case .fish: fish()
        }
    }

    private func bash() -> String {
        let function = "_" + name.replacingDashes
        var script = """
            # bash completion for \(name)
            \(function)() {
                local cur prev cmd="" word i
                cur="${COMP_WORDS[COMP_CWORD]}"
                prev="${COMP_WORDS[COMP_CWORD-1]}"
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word="${COMP_WORDS[i]}"
                    case "$word" in
                        \(namedCommands.map(\.name).joined(separator: "|"))) cmd="$word"; break ;;
                    esac
                done
                case "$prev" in

            """
        var seen: Set<String> = []
        for option in options + commands.flatMap(\.options)
        where option.value != nil && seen.insert(option.name).inserted {
            let names = (option.short.map { "-\($0)|" } ?? "") + "--" + option.name
            let reply =
                option.kind == .file
                ? "$(compgen -f -- \"$cur\")"
                : "$(compgen -W \"\(shellWords(option))\" -- \"$cur\")"
            script += "        \(names)) COMPREPLY=(\(reply)); return ;;\n"
        }
        script += "    esac\n    local words=\"\(bashWords(options))\"\n    case \"$cmd\" in\n"
        script +=
            "        \"\") words=\"$words "
            + namedCommands.map(\.name).joined(separator: " ") + "\" ;;\n"
        for command in namedCommands {
            let choices = command.arguments.flatMap(\.choices)
            let words = (command.options.map { "--" + $0.name } + choices).joined(separator: " ")
            script += "        \(command.name)) words=\"$words \(words)\" ;;\n"
        }
        script += """
                esac
                COMPREPLY=($(compgen -W "$words" -- "$cur"))
            }
            complete -F \(function) \(name)

            """
        return script
    }

    /// The words for a value, as they stand in double quotes or a list of a shell's: some are asked
    /// of the program itself.
    private func shellWords(_ option: Option) -> String {
        switch option.completion {
        case .none: option.choices.joined(separator: " ")
        case .words(let words): (option.choices + words).joined(separator: " ")
        case .output(let command): "$(\(asking(command)))"
        }
    }

    private func asking(_ command: String) -> String { "\(name) \(command) 2>/dev/null | cut -f1" }

    private func bashWords(_ options: [Option]) -> String {
        options.map { "--" + $0.name }.joined(separator: " ")
    }

    private func zsh() -> String {
        var script = "#compdef \(name)\n\n_\(name.replacingDashes)() {\n    local -a global\n"
        script += "    global=(\n" + options.map { "        \(zshLine($0))\n" }.joined() + "    )\n"
        script +=
            "    local cmd=\"${words[(r)(\(namedCommands.map(\.name).joined(separator: "|")))]}\"\n"
        script += "    case \"$cmd\" in\n"
        for command in namedCommands {
            script += "        \(command.name))\n            _arguments -s $global"
            for option in command.options { script += " \\\n                \(zshLine(option))" }
            script += " \\\n                '1: :(\(command.name))'"
            for (index, argument) in command.arguments.enumerated() {
                let choices = argument.choices.joined(separator: " ")
                script += " \\\n                '\(index + 2):\(argument.name):(\(choices))'"
            }
            script += " ;;\n"
        }
        let described = namedCommands.map { "\($0.name)\\:\(shellQuoted($0.summary, "\""))" }
        script += "        *) _arguments -s $global \\\n            '1:command:(("
        script += described.joined(separator: " ") + "))' ;;\n    esac\n}\n\n"
        script += "_\(name.replacingDashes) \"$@\"\n"
        return script
    }

    private func zshLine(_ option: Option) -> String {
        let summary = option.summary.filter { !"[]'\\:".contains($0) }
        var action = ""
        if let value = option.value {
            let label = String(value.map { $0 == ":" ? " " : $0 })
            action =
                option.kind == .file
                ? ":\(label):_files"
                : ":\(label):" + zshAction(option)
        }
        guard let short = option.short else { return "'--\(option.name)[\(summary)]\(action)'" }
        return "{-\(short),--\(option.name)}'[\(summary)]\(action)'"
    }

    private func zshAction(_ option: Option) -> String {
        if case .output(let command) = option.completion {
            // In braces: run when it is needed.
            return "{compadd -- ${(f)\"$(\(asking(command)))\"}}"
        }
        let words = shellWords(option)
        return words.isEmpty ? " " : "(\(words))"
    }

    private func fish() -> String {
        let noCommand = "__fish_use_subcommand"
        var script = "# fish completion for \(name)\ncomplete -c \(name) -f\n"
        for option in options { script += fishLine(option, condition: nil) }
        for command in namedCommands {
            script += "complete -c \(name) -n \(noCommand) -a \(command.name)"
            script += " -d '\(shellQuoted(command.summary, "'"))'\n"
            let condition = "'__fish_seen_subcommand_from \(command.name)'"
            for option in command.options { script += fishLine(option, condition: condition) }
            for argument in command.arguments where !argument.choices.isEmpty {
                script += "complete -c \(name) -n \(condition)"
                script += " -a '\(argument.choices.joined(separator: " "))'\n"
            }
        }
        return script
    }

    private func fishLine(_ option: Option, condition: String?) -> String {
        var line = "complete -c \(name)" + (condition.map { " -n " + $0 } ?? "")
        if let short = option.short { line += " -s \(short)" }
        line += " -l \(option.name)"
        if option.value != nil { line += option.kind == .file ? " -r -F" : " -x" }
        if case .output(let command) = option.completion {
            line += " -a '(\(asking(command)))'"
        } else if !shellWords(option).isEmpty {
            line += " -a '\(shellWords(option))'"
        }
        return line + " -d '\(shellQuoted(option.summary, "'"))'\n"
    }

    private func shellQuoted(_ text: String, _ quote: Character) -> String {
        let safe = String(text.filter { !"'\"\\$`".contains($0) })
        return quote == "\"" ? "\"\(safe)\"" : safe
    }
}

extension String {
    fileprivate var replacingDashes: String { String(map { $0 == "-" ? "_" : $0 }) }
}
