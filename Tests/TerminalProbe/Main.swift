// A small program on TerminalIO that the tests in a pseudo-terminal drive: it draws one frame,
// echoes keys, and misbehaves on request.

import Drawing
import Glibc
import Settings
import TerminalIO
import Themes

@main
struct Main {
    @MainActor
    static func main() {
        blockTerminalSignals()
        exit(run())
    }

    @MainActor
    private static func run() -> Int32 {
        let words = CommandLine.arguments
        let roles = Role.allCases.map(\.name)
        let folders = ConfigFolders(environment: [:])
        do {
            let name = words.contains("--light") ? "light" : "dark"
            let theme = try loadTheme(name, roles: roles, folders: folders, files: HostFiles())
            let mono = try loadTheme("mono", roles: roles, folders: folders, files: HostFiles())
            let options = TerminalOptions(
                usesASCII: words.contains("--ascii"), usesMouse: !words.contains("--no-mouse"),
                usesColor: !words.contains("--no-color"))
            var terminal = try Terminal.open(theme: theme, mono: mono, options: options)
            return loop(&terminal)
        } catch {
            _ = "\(error)\n".withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
            return 2
        }
    }

    @MainActor
    private static func loop(_ terminal: inout Terminal) -> Int32 {
        var note = "-"
        var count = 0
        var floods = false
        while true {
            let isDrawn = terminal.draw(
                floods ? flood(terminal.size, count) : frame(terminal, note, count))
            let timeout: Duration? = floods && isDrawn ? .zero : nil
            for event in terminal.wait(inbox: -1, timeout: timeout) {
                switch event {
                case .ended(let signal): return 128 + signal
                case .vanished: return 129
                case .resized: note = "resized"
                case .inbox, .writable: break
                case .keys(let keys):
                    for key in keys {
                        count += 1
                        note = "\(key)"
                        switch key {
                        case .character("q"): return 0
                        case .character("F"): floods = true
                        case .character("X"): crash(count)
                        case .character("E"):
                            _ = "held\n".withCString { Glibc.write(STDERR_FILENO, $0, 5) }
                        case .character("Y"): terminal.copy("copied")
                        case .character("S"): count -= 1
                        case .control("z"): terminal.suspend()
                        case .control("l"): terminal.repaint()
                        default: break
                        }
                    }
                }
            }
            if floods { count += 1 }
        }
    }

    /// Traps, as a fault of the program would.
    private static func crash(_ count: Int) {
        precondition(count < 0, "asked to crash")
    }

    @MainActor
    private static func frame(_ terminal: borrowing Terminal, _ note: String, _ count: Int) -> Frame
    {
        var frame = Frame(width: terminal.size.width, height: terminal.size.height)
        let (width, height) = terminal.size
        write("probe \(width)x\(height) \(terminal.depth)", 0, .title, &frame)
        write("● ▲ ⣿ │ é 日本 end", 1, .critical, &frame)
        write("count \(count)", 2, .text, &frame)
        write("key \(note)", 3, .accent, &frame)
        write("chosen", 4, .text, &frame)
        for x in 0..<width { frame[x, 4].isSelected = true }
        write("last", height - 1, .dim, &frame)
        if width > 0 { frame[width - 1, height - 1] = Cell("#", .good) }
        return frame
    }

    private static func flood(_ size: (width: Int, height: Int), _ count: Int) -> Frame {
        var frame = Frame(width: size.width, height: size.height)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let letter = UInt8(65 + (x &* 7 &+ y &* 13 &+ count) % 26)
                frame[x, y] = Cell(Unicode.Scalar(letter), x % 2 == 0 ? .good : .critical)
            }
        }
        return frame
    }

    private static func write(_ text: String, _ y: Int, _ role: Role, _ frame: inout Frame) {
        var x = 0
        for scalar in text.unicodeScalars {
            let isWide = (0x4e00...0x9fff).contains(scalar.value)
            frame[x, y] = Cell(scalar, role, width: isWide ? 2 : 1)
            if isWide { frame[x + 1, y] = Cell(" ", role, width: 0) }
            x += isWide ? 2 : 1
        }
    }
}
