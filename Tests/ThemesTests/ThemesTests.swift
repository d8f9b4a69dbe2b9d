// Bundled themes are complete and readable; theme files are judged with their places.

import Drawing
import Glibc
import Settings
import Testing
import Themes

private let roles = Role.allCases.map(\.name)

private struct Files: ConfigFiles {
    var texts: [String: String] = [:]
    func read(_ path: String) -> Result<[UInt8], FileProblem> {
        texts[path].map { .success(Array($0.utf8)) }
            ?? .failure(FileProblem(isMissing: true, description: "\(path): not there"))
    }
    func list(_ folder: String) -> [String] {
        texts.keys.filter { $0.hasPrefix(folder + "/") }
            .map { String($0.dropFirst(folder.count + 1)) }.sorted()
    }
}

private func faults(_ text: String) -> [String] {
    do throws(ConfigurationError) {
        _ = try readTheme(Array(text.utf8), name: "x", file: "x.theme", roles: roles)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

@Suite struct ThemesTests {
    @Test func theFolderAndTheListAgree() {
        let folder =
            #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Themes"
        let files = HostFiles().list(folder).filter { $0.hasSuffix(".theme") }
        #expect(files == BundledThemes.names.map { $0 + ".theme" }.sorted())
    }

    /// Each bundled theme sets every role itself, readable on the backgrounds it is made for and
    /// on the selected row: 4.5 for text, 3 for lines that carry none (WCAG 1.4.3 and 1.4.11).
    @Test func everyRoleIsReadable() throws {
        let grounds = [
            "dark": ["#000000", "#1c1c1c"], "colour-blind": ["#000000", "#1c1c1c"],
            "light": ["#ffffff", "#f8f8f8"], "mono": [],
            "high-contrast": ["#000000", "#1c1c1c"],
            "solarized-dark": ["#000000", "#1c1c1c", "#002b36"],
            "solarized-light": ["#ffffff", "#f8f8f8", "#fdf6e3"],
            "gruvbox": ["#000000", "#1d2021", "#282828"],
            "nord": ["#000000", "#1c1c1c", "#2e3440"],
            "dracula": ["#000000", "#1c1c1c", "#282a36"],
        ]
        for name in BundledThemes.names {
            let bytes = try #require(BundledThemes.text(name))
            let file = Properties(bytes: bytes, file: name)
            let theme = try readTheme(bytes, name: name, file: name + ".theme", roles: roles)
            let row = theme["selected"].background
            for role in roles {
                #expect(file[role] != nil, "\(name): \(role)")
                let style = theme[role]
                guard let ink = style.foreground else { continue }
                let least = ["border", "grid", "graphFill"].contains(role) ? 3 : 4.5
                let made = try #require(grounds[name], "\(name): for which backgrounds?")
                let defaults = try made.map { try #require(Color(hex: $0[...])) }
                for ground in style.background.map({ [$0] }) ?? defaults {
                    let found = ink.contrast(with: ground)
                    #expect(found >= least, "\(name): \(role) has \(found)")
                }
                if let row, style.background == nil, least == 4.5 {
                    let found = ink.contrast(with: row)
                    #expect(found >= least, "\(name): selected \(role) has \(found)")
                }
            }
        }
    }

    @Test func monoHasNoColours() throws {
        let theme = try loadTheme(
            "mono", roles: roles, folders: ConfigFolders(environment: [:]), files: Files())
        #expect(theme.styles.values.allSatisfy { $0.foreground == nil && $0.background == nil })
        // Weight alone tells nothing apart where everything is bold.
        var plain = theme.styles
        for role in plain.keys { plain[role]?.isBold = false }
        for other in ["cursor", "selected", "banner", "marked", "warning", "moving", "stale"] {
            #expect(plain["critical"] != plain[other], "critical looks like \(other)")
        }
    }

    /// The README names each, and every role is told apart from what stands beside it.
    @Test func everyThemeIsNamedAndTellsSeveritiesApart() throws {
        let path =
            #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/README.md"
        guard case .success(let bytes) = HostFiles().read(path) else {
            Issue.record("no README")
            return
        }
        let readme = String(decoding: bytes, as: UTF8.self)
        #expect(BundledThemes.names.count >= 8)
        for name in BundledThemes.names {
            #expect(readme.contains("`\(name)`"), "\(name)")
            let theme = try loadTheme(
                name, roles: roles, folders: ConfigFolders(environment: [:]), files: Files())
            let severities = ["critical", "warning", "good", "moving", "text"].map { theme[$0] }
            #expect(Set(severities).count == severities.count || name == "mono", "\(name)")
            #expect(theme["critical"] != theme["cursor"], "\(name)")
        }
    }

    @Test func contrastIsThatOfWCAG() throws {
        let white = Color(red: 255, green: 255, blue: 255)
        let black = Color(red: 0, green: 0, blue: 0)
        #expect(abs(white.contrast(with: black) - 21) < 0.01)
        #expect(white.contrast(with: white) == 1)
        let grey = Color(red: 0x76, green: 0x76, blue: 0x76)
        #expect(abs(white.contrast(with: grey) - 4.54) < 0.05)
    }

    @Test func readsStylesAndInherits() throws {
        let files = Files(texts: [
            "/c/highwater/themes/mine.theme":
                "$w = #010203\ninherits = light\ntext = $w on #ffffff bold underline\n"
                + "dim=default on default"
        ])
        let folders = ConfigFolders(environment: ["XDG_CONFIG_HOME": "/c"])
        let theme = try loadTheme("mine", roles: roles, folders: folders, files: files)
        var text = Style(
            foreground: Color(red: 1, green: 2, blue: 3),
            background: Color(red: 255, green: 255, blue: 255))
        text.isBold = true
        text.isUnderlined = true
        #expect(theme["text"] == text)
        #expect(theme["dim"] == Style())
        let light = try loadTheme("light", roles: roles, folders: folders, files: files)
        #expect(theme["graph"] == light["graph"])
        #expect(throws: ConfigurationError.self) {
            try loadTheme("drak", roles: roles, folders: folders, files: files)
        }
    }

    @Test func namesFaultsWithTheirPlace() {
        #expect(
            faults(
                "txet = #000000\ntext = #00000\n$a = red\ndim = $b\ntitle = #000000 blod\n"
                    + "key = #000000 on\ninherits = drak\nborder=#+00000\ninput=bold\ninput=dim")
                == [
                    "x.theme:10:1: input is already set in line 9; this one counts",
                    "x.theme:3:1: $a: red is not a colour: write #rrggbb",
                    "x.theme:1:1: txet: unknown role: did you mean text?",
                    "x.theme:2:1: text: #00000 is not a colour: write #rrggbb, default or a $name "
                        + "of this file",
                    "x.theme:4:1: dim: $b is not a colour: write #rrggbb, default or a $name of "
                        + "this file",
                    "x.theme:5:1: title: blod is neither on, bold, dim, underline nor reverse",
                    "x.theme:6:1: key: a colour must follow on",
                    "x.theme:7:1: inherits: no bundled theme drak: did you mean dark?",
                    "x.theme:8:1: border: #+00000 is not a colour: write #rrggbb, default or a "
                        + "$name of this file",
                ])
    }
}

extension Color {
    /// Contrast by WCAG 2: 1 (none) to 21.
    fileprivate func contrast(with other: Color) -> Double {
        let (a, b) = (luminance, other.luminance)
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// Relative luminance, by WCAG's curve.
    private var luminance: Double {
        func linear(_ channel: UInt8) -> Double {
            let c = Double(channel) / 255
            return c <= 0.040_45 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}

@Suite struct ContextBandTests {
    /// The band of a context is read on every colour that has a name.
    @Test func textOnABandCanBeRead() throws {
        let theme = try loadTheme(
            "dark", roles: Role.allCases.map(\.name), folders: ConfigFolders(environment: [:]),
            files: HostFiles())
        for (name, _) in ContextColor.named {
            let color = try #require(ContextColor(parsing: name))
            let style = theme.withGround(color, of: "banner")["banner"]
            let (ink, ground) = (try #require(style.foreground), try #require(style.background))
            #expect(ink.contrast(with: ground) >= 3.5, "\(name)")
            #expect(ground == Color(red: color.red, green: color.green, blue: color.blue))
        }
        let other = theme.withGround(try #require(ContextColor(parsing: "#102030")), of: "banner")
        #expect(other["text"] == theme["text"])
    }
}
