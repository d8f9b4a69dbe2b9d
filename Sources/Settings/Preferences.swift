// What the person at the terminal likes, as opposed to how a cluster is reached.

/// How the console looks and how often it asks.
package struct Preferences: Equatable, Sendable {
    package var refresh: Duration
    /// The name of a theme or of a file in `~/.config/highwater/themes`; nil leaves the choice to
    /// the terminal's background.
    package var theme: String?
    /// Draw with ASCII only.
    package var usesASCII: Bool
    package var usesMouse: Bool
    package var usesColor: Bool

    package init(
        refresh: Duration = .milliseconds(Limits.refreshMs), theme: String? = nil,
        usesASCII: Bool = false, usesMouse: Bool = true, usesColor: Bool = true
    ) {
        self.refresh = refresh
        self.theme = theme
        self.usesASCII = usesASCII
        self.usesMouse = usesMouse
        self.usesColor = usesColor
    }

    /// The name of the theme to load: the chosen one; `mono` without colours; `light` when the
    /// terminal says its background is (`COLORFGBG`, as rxvt and Konsole set it); else `dark`.
    package func themeName(environment: [String: String]) -> String {
        if let theme { return theme }
        if !usesColor { return "mono" }
        let background = environment["COLORFGBG"]?.split(separator: ";").last
        return background == "7" || background == "15" ? "light" : "dark"
    }
}

/// What the command line said; nil and false mean it said nothing.
package struct Choices: Sendable {
    package var bootstrapServers: String?
    package var commandConfig: String?
    package var context: String?
    package var zookeeper: String?
    package var isReadOnly = false
    package var theme: String?
    package var refresh: Duration?
    package var usesASCII = false
    package var withoutMouse = false
    package var withoutColor = false

    package init() {}
}

/// Everything resolved, with what is worth telling about it.
package struct Configuration: Sendable {
    package var connection: ConnectionSettings
    package var preferences: Preferences
    /// The context's name, nil when none was chosen.
    package var contextName: String?
    /// The file of client settings that was read last, for Kafka's own tools; nil: none was.
    package var settingsPath: String?
    /// `highwater.color`, for the context's band in the title; nil: the theme's.
    package var contextColor: ContextColor?
    /// What was set of the limits of rules, by key, as it was written.
    package var limits: [String: String] = [:]
    /// Duplicate keys, misspelt keys, ignored environment: printed, never fatal.
    package var notes: [SettingsFault]
    /// Where each setting came from, for people who wonder.
    package var origins: [String: String]
    /// Variables that were read and hold secrets, or may: to be taken out of the environment.
    package var secretVariables: [String] = []
}

/// All that is wrong with the configuration; one line a fault.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let faults: [SettingsFault]
    package init(_ faults: [SettingsFault]) { self.faults = faults }
    package var description: String {
        faults.map(\.description).joined(separator: "\n")
    }
}
