// The table of Highwater's commands and options: parser, help, completions and manual page.

import Arguments
import SimulatedCluster

/// Names of commands, as `Invocation.command` gives them.
enum CommandName {
    static let console = "console"
    static let demo = "demo"
    static let snapshot = "snapshot"
    static let contexts = "contexts"
    static let themes = "themes"
    static let completions = "completions"
    static let manual = "man"
}

/// Highwater's command line. `themes` are the bundled ones, `sections` those of a snapshot.
func highwaterProgram(version: String, sections: [String]) -> Program {
    Program(
        name: "highwater", summary: "a terminal operations console for Apache Kafka",
        version: version, options: globalOptions,
        commands: [
            Command(CommandName.console, "watch a cluster and act on it"),
            Command(
                CommandName.demo, "the console on a simulated cluster, without a network",
                options: demoOptions),
            Command(
                CommandName.snapshot, "write what is true now as one JSON document",
                options: [
                    Option(
                        "sections", value: "LIST",
                        "only these, separated by commas: " + sections.joined(separator: ", ")),
                    Option(
                        "output", short: "o", value: "FILE", kind: .file,
                        "write to FILE, which is replaced whole or not at all"),
                    Option(
                        "timeout", value: "DURATION", kind: .duration,
                        "limit of the whole run (10s); what is known by then is written"),
                    Option("pretty", "indent the document"),
                ]),
            Command(CommandName.contexts, "list the contexts and the files they are in"),
            Command(CommandName.themes, "list the themes"),
            Command(
                CommandName.completions, "print a completion script",
                arguments: [Argument("SHELL", choices: Shell.allCases.map(\.rawValue))]),
            Command(CommandName.manual, "print the manual page"),
        ],
        notes: [
            (
                "Environment",
                """
                HIGHWATER_BOOTSTRAP_SERVERS, HIGHWATER_CONTEXT, HIGHWATER_COMMAND_CONFIG, \
                HIGHWATER_THEME, HIGHWATER_REFRESH_MS, HIGHWATER_READ_ONLY, HIGHWATER_ASCII and \
                HIGHWATER_MOUSE stand for the options; KAFKA_BOOTSTRAP_SERVERS and NO_COLOR are \
                honoured.
                An option counts more than the environment, that more than the context, that more \
                than client.properties.
                """
            ),
            (
                "Exit codes",
                """
                0 done; 2 the command line or a file is wrong; 3 nothing could be read of the \
                cluster; 4 the document is partial and says in "errors" what is missing; 5 the \
                terminal cannot be used or a file not written; 128+n ended by signal n.
                """
            ),
        ])
}

private let demoOptions: [Option] = [
    Option(
        "scenario", value: "NAME", choices: Scenario.allCases.map(\.rawValue),
        "the story it tells: "
            + Scenario.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: ", ")),
    Option("brokers", value: "COUNT", "how many brokers (9)"),
    Option("partitions", value: "COUNT", "how many partitions over all topics (900)"),
    Option("groups", value: "COUNT", "how many consumer groups (40)"),
    Option("seed", value: "NUMBER", "another cluster for each (1)"),
    Option("speed", value: "FACTOR", "how much faster than real time passes (1)"),
    Option(
        "release", value: "VERSION", choices: Release.allCases.map(\.rawValue),
        "the release of Kafka its brokers are (4.3)"),
    Option("zookeeper-mode", "its state is kept in ZooKeeper; release 3.9 unless another is named"),
    Option("serve", "listen on loopback for other programs instead, until SIGTERM"),
    Option("print", "print one frame as text instead"),
    Option("after", value: "DURATION", kind: .duration, "with --print: when (60s)"),
    Option("screen", value: "COMMAND", "with --print: what is shown, as after a colon (overview)"),
    Option("size", value: "COLUMNSxROWS", "with --print: how large (120x40)"),
]

private let globalOptions: [Option] = [
    Option(
        "bootstrap-server", short: "b", value: "HOST:PORT",
        "brokers to start from, separated by commas"),
    Option(
        "command-config", value: "FILE", kind: .file,
        "a client.properties as Kafka's own tools and librdkafka take it"),
    Option("context", short: "c", value: "NAME", "a context's NAME.properties"),
    Option(
        "zookeeper", value: "HOST:PORT,…/PATH",
        "the ensemble of a cluster in ZooKeeper mode, where brokers tell another address"),
    Option("read-only", "never send a request that could change the cluster"),
    Option("theme", value: "NAME", "dark, light, mono, colour-blind or one of your own"),
    Option("ascii", "draw with ASCII characters only"),
    Option("no-mouse", "leave the mouse to the terminal"),
    Option("no-color", "use no colours"),
    Option(
        "refresh", value: "SECONDS", kind: .duration, "how often what is shown is asked for (2s)"),
    Option("help", short: "h", "explain the program or the command"),
    Option("version", short: "V", "print the version"),
]
