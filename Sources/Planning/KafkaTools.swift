// The same by hand: command lines of Kafka's own tools that can be pasted into bash as they stand,
// whatever the names in them are made of.

/// Where the tools connect, as the operator's own commands would name it.
package struct KafkaTools: Hashable, Sendable {
    /// HOST:PORT,HOST:PORT.
    package var bootstrap: String
    /// The client.properties to give the tools; nil for none.
    package var configFile: String?

    package init(bootstrap: String, configFile: String? = nil) {
        self.bootstrap = bootstrap
        self.configFile = configFile
    }

    /// kafka-leader-election.sh names its file of client settings otherwise than the others do.
    package func leaderElection(_ arguments: [String]) -> String {
        command("kafka-leader-election.sh", "--admin.config", arguments)
    }

    package func configs(_ arguments: [String]) -> String {
        command("kafka-configs.sh", "--command-config", arguments)
    }

    package func reassignPartitions(_ arguments: [String]) -> String {
        command("kafka-reassign-partitions.sh", "--command-config", arguments)
    }

    package func topics(_ arguments: [String]) -> String {
        command("kafka-topics.sh", "--command-config", arguments)
    }

    package func consumerGroups(_ arguments: [String]) -> String {
        command("kafka-consumer-groups.sh", "--command-config", arguments)
    }

    package func shareGroups(_ arguments: [String]) -> String {
        command("kafka-share-groups.sh", "--command-config", arguments)
    }

    /// Writes a file that a following command reads.
    package static func write(_ text: String, to file: String) -> String {
        "printf '%s\\n' \(shellQuoted(text)) > \(shellQuoted(file))"
    }

    private func command(_ tool: String, _ option: String, _ arguments: [String]) -> String {
        let connection =
            ["--bootstrap-server", bootstrap] + (configFile.map { [option, $0] } ?? [])
        return ([tool] + (connection + arguments).map(shellQuoted)).joined(separator: " ")
    }
}

/// `text` as one word of bash, on one line and with nothing in it that a terminal would act on.
package func shellQuoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    if !text.isEmpty, scalars.allSatisfy(isPlainInShell) { return text }
    if scalars.allSatisfy(isVisible) {
        return "'"
            + text.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
    var quoted = "$'"
    for scalar in scalars {
        switch scalar {
        case "'", "\\": quoted += "\\" + String(scalar)
        case "\n": quoted += "\\n"
        case _ where isVisible(scalar): quoted.unicodeScalars.append(scalar)
        default:
            for byte in String(scalar).utf8 {
                let digits = String(byte, radix: 16)
                quoted += "\\x" + (digits.count == 1 ? "0" : "") + digits
            }
        }
    }
    return quoted + "'"
}

private func isPlainInShell(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", ",", ":", "/", "=", "@", "+": true
    default: false
    }
}

/// ASCII that prints; everything else is written as bytes, since what looks alike is not alike.
private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && scalar.value < 0x7F
}
