// Highwater's command line as a table: parser, help, completions and manual page read it.
internal import Arguments
internal import Settings

/// Highwater's command line.
@MainActor let program = Program(
    name: "highwater", summary: "a terminal operations console for Apache Kafka",
    version: toolVersion, options: globalOptions, commands: allSubcommands.map { $0.entry },
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
            terminal cannot be used, or a file or standard output not written; 6 a change was \
            refused before anything was sent, or nothing of a plan can be done; 7 a change was \
            sent and is not carried out, or not known to be, everywhere (the results say where); \
            128+n ended by signal n, of which 141 (SIGPIPE) is a reader of the output that has \
            gone away.
            """
        ),
    ], nearest: { nearestName(to: $0, among: $1) })

private let globalOptions: [Option] = [
    Option(
        "bootstrap-server", short: "b", value: "HOST:PORT",
        "brokers to start from, separated by commas"),
    Option(
        "command-config", value: "FILE", kind: .file,
        "a client.properties as Kafka's own tools and librdkafka take it"),
    Option(
        "context", short: "c", value: "NAME", completes: .output("contexts"),
        "a context's NAME.properties"),
    Option(
        "zookeeper", value: "HOST:PORT,…/PATH",
        "the ensemble of a cluster in ZooKeeper mode, where brokers name another address"),
    Option(
        "read-only",
        "never send a request that could change the cluster"),
    Option(
        "theme", value: "NAME", completes: .output("themes"),
        "dark, light, mono, colour-blind or one of your own"),
    Option("ascii", "draw with ASCII characters only"),
    Option("no-mouse", "leave the mouse to the terminal"),
    Option("no-color", "use no colours"),
    Option(
        "refresh", value: "SECONDS", kind: .duration, "how often what is shown is asked for (2s)"),
    Option("help", short: "h", "explain the program or the command"),
    Option("version", short: "V", "print the version"),
]

/// The version that `--version`, snapshots and the brokers' request logs show.
let toolVersion = "0.1.0"
