// The bundled themes and the reader of theme files. A theme gives every role a style; it knows
// roles by name only, so that it depends on no drawing.

package import Settings

/// A colour as written, before the terminal picks its nearest.
package struct Color: Hashable, Sendable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// `#rrggbb`.
    package init?(hex: Substring) {
        let digits = hex.dropFirst()
        guard hex.first == "#", digits.count == 6, let value = UInt32(digits, radix: 16),
            digits.first != "+", digits.first != "-"
        else { return nil }
        self.init(
            red: UInt8(value >> 16), green: UInt8(value >> 8 & 0xff), blue: UInt8(value & 0xff))
    }
}

/// How a role looks; nil colours are the terminal's own.
package struct Style: Hashable, Sendable {
    package var foreground: Color?
    package var background: Color?
    package var isBold = false
    package var isDim = false
    package var isUnderlined = false
    package var isReversed = false

    package init(foreground: Color? = nil, background: Color? = nil) {
        self.foreground = foreground
        self.background = background
    }
}

/// A complete theme: a style for every role it was asked for.
package struct Theme: Sendable {
    package let name: String
    package private(set) var styles: [String: Style]

    /// The same with another ground for one role, and text that can be read on it.
    package func withGround(_ color: ContextColor, of role: String) -> Theme {
        let ink: UInt8 = color.isLight ? 0 : 255
        var theme = self
        theme.styles[role] = Style(
            foreground: Color(red: ink, green: ink, blue: ink),
            background: Color(red: color.red, green: color.green, blue: color.blue))
        theme.styles[role]?.isBold = true
        return theme
    }

    package subscript(role: String) -> Style { styles[role] ?? Style() }
}

/// The themes inside the binary, in the order `highwater themes` lists them.
package enum BundledThemes {
    package static let names = [
        "dark", "light", "mono", "colour-blind", "high-contrast", "solarized-dark",
        "solarized-light", "gruvbox", "nord", "dracula",
    ]

    /// The text of a bundled theme, nil for any other name.
    package static func text(_ name: String) -> [UInt8]? {
        switch name {
        case "dark": PackageResources.dark_theme
        case "light": PackageResources.light_theme
        case "mono": PackageResources.mono_theme
        case "colour-blind", "color-blind": PackageResources.colour_blind_theme
        case "high-contrast": PackageResources.high_contrast_theme
        case "solarized-dark": PackageResources.solarized_dark_theme
        case "solarized-light": PackageResources.solarized_light_theme
        case "gruvbox": PackageResources.gruvbox_theme
        case "nord": PackageResources.nord_theme
        case "dracula": PackageResources.dracula_theme
        default: nil
        }
    }
}

/// The themes there are: the bundled ones, then a person's and a site's own.
package func themeNames(folders: ConfigFolders, files: some ConfigFiles) -> [String] {
    var names = BundledThemes.names
    for folder in folders.folders {
        for file in files.list(folder + "/themes") where file.hasSuffix(".theme") {
            let name = String(file.dropLast(".theme".count))
            if !name.isEmpty, !names.contains(name) { names.append(name) }
        }
    }
    return names
}

/// Loads a theme by name: a person's own file, then a site's, then a bundled one.
/// - Parameter roles: every role there is, by name.
/// - Throws: all faults of the file, or that there is no such theme with the nearest name.
package func loadTheme(
    _ name: String, roles: [String], folders: ConfigFolders, files: some ConfigFiles
) throws(ConfigurationError) -> Theme {
    if !name.utf8.contains(UInt8(ascii: "/")) {
        for path in folders.themePaths(name) {
            switch files.read(path) {
            case .success(let bytes):
                return try readTheme(bytes, name: name, file: path, roles: roles)
            case .failure(let problem):
                guard problem.isMissing else {
                    throw ConfigurationError([
                        SettingsFault(file: "--theme", message: problem.description)
                    ])
                }
            }
        }
    }
    guard let bytes = BundledThemes.text(name) else {
        let names = themeNames(folders: folders, files: files)
        throw ConfigurationError([
            SettingsFault(
                file: "--theme",
                message: "no theme \(name): there are \(names.joined(separator: ", "))"
                    + hint(for: name, among: names))
        ])
    }
    return try readTheme(bytes, name: name, file: name + ".theme", roles: roles)
}

/// Reads one theme file. Roles it does not set come from the bundled theme that its line
/// `inherits = NAME` names, else from `dark`.
package func readTheme(
    _ bytes: [UInt8], name: String, file: String, roles: [String]
) throws(ConfigurationError) -> Theme {
    var reader = ThemeReader(file: Properties(bytes: bytes, file: file), roles: roles)
    var styles = reader.read()
    if reader.faults.isEmpty, roles.contains(where: { styles[$0] == nil }) {
        if let base = BundledThemes.text(reader.base), file != reader.base + ".theme" {
            let inherited = try readTheme(
                base, name: reader.base, file: reader.base + ".theme", roles: roles)
            styles.merge(inherited.styles) { own, _ in own }
        }
    }
    guard reader.faults.isEmpty else { throw ConfigurationError(reader.faults) }
    return Theme(name: name, styles: styles)
}

/// One pass over the palette, one over the roles; collects every fault.
private struct ThemeReader {
    let file: Properties
    let roles: [String]
    var palette: [String: Color] = [:]
    var faults: [SettingsFault]
    var base = "dark"

    init(file: Properties, roles: [String]) {
        self.file = file
        self.roles = roles
        faults = file.faults + file.duplicates
    }

    mutating func read() -> [String: Style] {
        for entry in file.entries where entry.key.hasPrefix("$") {
            if let color = Color(hex: entry.value[...].trimmed) {
                palette[entry.key] = color
            } else {
                faults.append(
                    file.fault(entry.key, "\(entry.value) is not a colour: write #rrggbb"))
            }
        }
        var styles: [String: Style] = [:]
        for entry in file.entries where !entry.key.hasPrefix("$") {
            if entry.key == "inherits" {
                base = String(entry.value[...].trimmed)
                if BundledThemes.text(base) == nil {
                    faults.append(
                        file.fault(
                            entry.key,
                            "no bundled theme \(base)" + hint(for: base, among: BundledThemes.names)
                        ))
                }
            } else if roles.contains(entry.key) {
                styles[entry.key] = style(entry)
            } else {
                faults.append(
                    file.fault(entry.key, "unknown role" + hint(for: entry.key, among: roles)))
            }
        }
        return styles
    }

    /// `FOREGROUND [on BACKGROUND] [bold] [dim] [underline] [reverse]`; each colour is `#rrggbb`,
    /// `$name` or `default`.
    private mutating func style(_ entry: Properties.Entry) -> Style {
        var style = Style()
        var words = entry.value.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
        var hasForeground = false
        while let word = words.popFirst() {
            switch word {
            case "bold": style.isBold = true
            case "dim": style.isDim = true
            case "underline": style.isUnderlined = true
            case "reverse": style.isReversed = true
            case "on":
                guard let next = words.popFirst() else {
                    faults.append(file.fault(entry.key, "a colour must follow on"))
                    return style
                }
                style.background = color(next, entry)
            default:
                if hasForeground {
                    faults.append(
                        file.fault(
                            entry.key,
                            "\(word) is neither on, bold, dim, underline nor reverse"))
                } else {
                    style.foreground = color(word, entry)
                    hasForeground = true
                }
            }
        }
        return style
    }

    private mutating func color(_ word: Substring, _ entry: Properties.Entry) -> Color? {
        if word == "default" { return nil }
        if let color = Color(hex: word) ?? palette[String(word)] { return color }
        let names = palette.keys.sorted()
        faults.append(
            file.fault(
                entry.key,
                "\(word) is not a colour: write #rrggbb, default or a $name of this file"
                    + hint(for: String(word), among: names)))
        return nil
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text = text.dropFirst() }
        while text.last == " " || text.last == "\t" { text = text.dropLast() }
        return text
    }
}
