// `highwater themes`: the names that --theme takes.
internal import Arguments
internal import Settings
internal import Themes

/// One run of `themes`.
struct ThemesCommand: Subcommand {
    static let entry = CommandEntry("themes", "list the themes")

    private let host: Host

    init(_ invocation: Invocation, _ host: Host) { self.host = host }

    func run() -> ExitCode {
        let folders = ConfigFolders(environment: host.environment)
        for name in themeNames(folders: folders, files: HostFiles()) { host.output.line(name) }
        return .done
    }
}
