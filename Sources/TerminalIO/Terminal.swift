// The terminal: opened once, drawn on frame by frame, and left as it was found. All of curses and
// of the process's signal handling is behind this type.

import CTerminal
package import Drawing
import Glibc
package import Themes

/// Why the console cannot run here: sentences for stderr.
package enum TerminalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// stdin or stdout is a file, a pipe or nothing.
    case notATerminal
    /// terminfo does not know `$TERM`.
    case unknownTerminal(String)
    /// The terminal cannot place its cursor.
    case incapableTerminal(String)
    /// The operating system refused what is needed, such as a thread.
    case refused(String)

    package var description: String {
        let other = "; 'highwater snapshot' needs no terminal"
        return switch self {
        case .notATerminal:
            "the console needs a terminal on stdin and stdout" + other
        case .unknownTerminal(let name):
            "TERM=\(name) is not in this host's terminfo: set TERM to xterm-256color, or install "
                + "the terminal's description" + other
        case .incapableTerminal(let name):
            "TERM=\(name) cannot place its cursor, so nothing can be drawn" + other
        case .refused(let what): "the terminal could not be opened: \(what)"
        }
    }
}

/// What a person asked the terminal to be.
package struct TerminalOptions: Sendable {
    /// ASCII even where UTF-8 would do.
    package var usesASCII: Bool
    package var usesMouse: Bool
    package var usesColor: Bool
    package init(usesASCII: Bool = false, usesMouse: Bool = true, usesColor: Bool = true) {
        self.usesASCII = usesASCII
        self.usesMouse = usesMouse
        self.usesColor = usesColor
    }
}

/// Call first in `main`, before any thread exists: the signals the console handles are blocked, so
/// that only its own thread takes them.
package func blockTerminalSignals() {
    ct_block_signals()
}

/// The one terminal of the process. Only the main thread's loop touches it; `deinit` restores the
/// screen, and so do a crash and a terminal that reads no more (see `ct_watch`).
@MainActor
package struct Terminal: ~Copyable {
    private let screen: OpaquePointer
    let rescue: UnsafeMutablePointer<ct_rescue>
    private let inks: Inks
    private let usesMouse: Bool
    /// Knows the private modes of xterm: mouse, bracketed paste, clipboard.
    private let hasModes: Bool
    private let isWide: Bool
    private var shown: Frame?
    var decoder: KeyDecoder
    var isGone = false
    /// The last frame was not taken.
    var isBehind = false
    /// Columns and rows now.
    package private(set) var size: (width: Int, height: Int)
    /// What `TERM` was taken as.
    package let name: String
    package let depth: ColorDepth
    /// Whether marks are drawn as their ASCII twins.
    package let usesASCII: Bool

    /// Takes the terminal over; one at a time.
    /// - Parameter mono: the theme instead of `theme` where there are no colours.
    package static func open(
        theme: Theme, mono: Theme, options: TerminalOptions = TerminalOptions()
    ) throws(TerminalError) -> Terminal {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw .notATerminal
        }
        let isUTF8 = ct_set_locale() == 1
        let name = try usableName()
        guard let rescue = ct_rescue_new(Limits.graceMs), rescue.pointee.wake >= 0 else {
            throw .refused("no descriptor is left")
        }
        ct_rescue_prepare(rescue)
        ct_block_signals()
        guard ct_start_watching(rescue) == 1 else { throw .refused("no thread can be started") }
        guard let screen = ct_open(name) else { throw .unknownTerminal(name) }
        ct_hold_errors(rescue)
        ct_catch_crashes(rescue)
        let depth = options.usesColor ? ColorDepth(colors: Int(ct_start_color())) : .none
        return Terminal(
            screen: screen, rescue: rescue, name: name, isUTF8: isUTF8, depth: depth,
            inks: Inks(depth == .none ? mono : theme, depth), options: options)
    }

    private init(
        screen: OpaquePointer, rescue: UnsafeMutablePointer<ct_rescue>, name: String,
        isUTF8: Bool, depth: ColorDepth, inks: Inks, options: TerminalOptions
    ) {
        self.screen = screen
        self.rescue = rescue
        self.name = name
        self.depth = depth
        self.inks = inks
        isWide = isUTF8
        usesASCII = options.usesASCII || !isUTF8
        hasModes = !Terminal.capability("kmous").isEmpty
        usesMouse = hasModes && options.usesMouse
        // The variable that curses programs have for slow links.
        let delay = getenv("ESCDELAY").flatMap { Int(String(cString: $0)) }
        decoder = KeyDecoder(known: Terminal.keySequences(), escapeDelayMs: delay)
        size = (Int(ct_columns()), Int(ct_rows()))
        arm()
        enterModes()
        measure()
    }

    deinit {
        ct_allow_background()
        if hasModes { Terminal.writeAll(Terminal.mouseOff + Terminal.pasteOff) }
        ct_close(screen)
        ct_rescue_disarm(rescue)
        ct_release_errors(rescue)
    }

    /// `$TERM` if terminfo has it, else what is near enough to it.
    private static func usableName() throws(TerminalError) -> String {
        let wanted = getenv("TERM").map { String(cString: $0) } ?? ""
        var names = [wanted]
        let modern = ["xterm", "foot", "alacritty", "kitty", "wezterm", "ghostty", "konsole"]
        if modern.contains(where: wanted.hasPrefix) { names += ["xterm-256color", "xterm"] }
        if wanted.hasPrefix("tmux") || wanted.hasPrefix("screen") {
            names += ["screen-256color", "screen"]
        }
        for name in names where !name.isEmpty {
            switch ct_terminal_kind(name) {
            case 2: return name
            case 1: throw .incapableTerminal(name)
            default: continue
            }
        }
        throw .unknownTerminal(wanted.isEmpty ? "(unset)" : wanted)
    }

    private nonisolated static func capability(_ name: String) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { room in
            let count = ct_capability(name, room.baseAddress, 128)
            return room[..<Int(count)].map { UInt8(bitPattern: $0) }
        }
    }

    /// Keys as terminfo describes them, for terminals that are unlike the rest.
    private static func keySequences() -> [[UInt8]: Key] {
        var names: [(String, Key)] = [
            ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right),
            ("khome", .home), ("kend", .end), ("kpp", .pageUp), ("knp", .pageDown),
            ("kich1", .insert), ("kdch1", .delete), ("kcbt", .backTab), ("kent", .enter),
        ]
        names += (1...24).map { ("kf\($0)", .function($0)) }
        var found: [[UInt8]: Key] = [:]
        for (name, key) in names {
            let sequence = capability(name)
            if sequence.count > 2 && found[sequence] == nil { found[sequence] = key }
        }
        return found
    }

    // MARK: Entering and leaving

    private nonisolated static let mouseOn = Array("\u{1b}[?1000h\u{1b}[?1006h".utf8)
    private nonisolated static let mouseOff = Array("\u{1b}[?1006l\u{1b}[?1000l".utf8)
    private nonisolated static let pasteOn = Array("\u{1b}[?2004h".utf8)
    private nonisolated static let pasteOff = Array("\u{1b}[?2004l".utf8)

    /// Prepares what undoes everything from any thread.
    private func arm() {
        var restore = hasModes ? Terminal.mouseOff + Terminal.pasteOff : []
        for capability in ["sgr0", "op", "rmacs", "rmkx", "cnorm", "rmcup"] {
            restore += Terminal.capability(capability)
        }
        if Terminal.capability("rmcup").isEmpty { restore += Array("\r\n".utf8) }
        restore.withUnsafeBytes { bytes in
            ct_rescue_arm(
                rescue, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count))
        }
    }

    /// Modes that curses does not know.
    private func enterModes() {
        if hasModes { send((usesMouse ? Terminal.mouseOn : []) + Terminal.pasteOn) }
    }

    private func leaveModes() {
        if hasModes { send(Terminal.mouseOff + Terminal.pasteOff) }
    }

    private func send(_ bytes: [UInt8]) { Terminal.writeAll(bytes) }

    private nonisolated static func writeAll(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Stops the process as the shell's Ctrl-Z does; returns when it is in the foreground again,
    /// with everything to be repainted; the next `wait` says `.resized`.
    package mutating func suspend() {
        leaveModes()
        ct_rescue_disarm(rescue)
        curs_set(1)
        endwin()
        ct_release_errors(rescue)
        ct_stop_here(rescue)
        ct_hold_errors(rescue)
        arm()
        resume()
    }

    /// After a stop, whoever asked for it: the shell has changed the terminal's modes.
    mutating func resume() {
        reset_prog_mode()
        ct_forget()
        shown = nil
        // The refresh after endwin enters the alternate screen and the keypad mode again.
        ct_update()
        enterModes()
        ct_cursor(-1, 0)
        measure()
    }

    /// Takes over the size the driver has, and repaints.
    mutating func measure() {
        var rows: Int32 = 0
        var columns: Int32 = 0
        if ct_window_size(STDOUT_FILENO, &rows, &columns) == 1 {
            resizeterm(
                min(rows, Int32(Limits.columns)), min(columns, Int32(Limits.columns)))
        }
        size = (Int(ct_columns()), Int(ct_rows()))
        repaint()
    }

    /// The next frame is sent whole (Ctrl-L: something else wrote on the screen).
    package mutating func repaint() {
        ct_forget()
        shown = nil
    }

    // MARK: Drawing

    /// Shows a frame: only what differs from the one before is sent, and nothing when nothing
    /// does. False when the terminal does not take anything just now; then nothing was shown, and
    /// the caller draws again when `wait` says `.writable`. Frames larger than the terminal are
    /// clipped.
    @discardableResult
    package mutating func draw(_ frame: Frame) -> Bool {
        if shown == frame { return true }
        guard !isGone && canWrite() else {
            isBehind = !isGone
            return false
        }
        let width = min(frame.width, size.width)
        let before = shown.flatMap {
            $0.width == frame.width && $0.height == frame.height ? $0 : nil
        }
        if before == nil { ct_forget() }
        for y in 0..<min(frame.height, size.height) {
            drawRow(y, frame, before, width)
        }
        if let cursor = frame.cursor, cursor.x < size.width, cursor.y < size.height {
            ct_cursor(Int32(cursor.y), Int32(cursor.x))
        } else if before == nil || before?.cursor != nil {
            ct_cursor(-1, 0)
        }
        ct_update()
        shown = frame
        return true
    }

    private func canWrite() -> Bool {
        var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }

    /// Sends the changed runs of one row.
    private func drawRow(_ y: Int, _ frame: Frame, _ before: Frame?, _ width: Int) {
        let row = y * frame.width
        var x = 0
        while x < width {
            if let before, before.cells[row + x] == frame.cells[row + x] {
                x += 1
                continue
            }
            var start = x
            var end = x + 1
            var gap = 0
            var at = end
            while at < width && gap < Limits.mergedGap {
                if let before, before.cells[row + at] == frame.cells[row + at] {
                    gap += 1
                } else {
                    gap = 0
                    end = at + 1
                }
                at += 1
            }
            // Never half of a wide character, old or new.
            while start > 0 && isRightHalf(frame, before, row + start) { start -= 1 }
            while end < width && isRightHalf(frame, before, row + end) { end += 1 }
            put(frame.cells[(row + start)..<(row + end)], at: (start, y), limit: width)
            x = end
        }
    }

    private func isRightHalf(_ frame: Frame, _ before: Frame?, _ index: Int) -> Bool {
        frame.cells[index].width == 0 || before?.cells[index].width == 0
    }

    private func put(_ cells: ArraySlice<Cell>, at place: (x: Int, y: Int), limit: Int) {
        withUnsafeTemporaryAllocation(of: ct_cell.self, capacity: cells.count + 1) { line in
            var count = 0
            var index = cells.startIndex
            func add(_ scalar: Unicode.Scalar, _ ink: Ink) {
                line[count] = ct_cell(
                    scalar: scalar.value, attributes: ink.attributes, pair: ink.pair)
                count += 1
            }
            while index < cells.endIndex {
                let cell = cells[index]
                let ink = inks[cell]
                let isDouble =
                    cell.width == 2 && index + 1 < cells.endIndex && cells[index + 1].width == 0
                let glyph = glyph(cell, columns: isDouble ? 2 : 1)
                add(glyph.scalar, ink)
                if isDouble {
                    // A twin is one column wide: it stands twice.
                    if glyph.columns == 1 { add(glyph.scalar, ink) }
                    index += 1
                }
                index += 1
            }
            ct_put(Int32(place.y), Int32(place.x), line.baseAddress, Int32(count))
        }
    }

    /// What is sent for a cell. The terminal's opinion of a width counts: where it differs from
    /// the frame's, everything to the right would shift, so a twin is sent instead.
    private func glyph(_ cell: Cell, columns: Int) -> (scalar: Unicode.Scalar, columns: Int) {
        let scalar = cell.width == 0 ? " " : cell.scalar
        if scalar.value >= 0x20 && scalar.value < 0x7f { return (scalar, 1) }
        if !usesASCII && isWide && ct_scalar_width(scalar.value) == Int32(columns) {
            return (scalar, columns)
        }
        return (asciiTwin(scalar), 1)
    }

    /// Sets the terminal's clipboard (OSC 52). False where no terminal of this name can.
    @discardableResult
    package func copy(_ text: String) -> Bool {
        guard hasModes else { return false }
        let bytes = Array(text.utf8.prefix(Limits.clipboardBytes))
        let sequence = Array("\u{1b}]52;c;".utf8) + base64(bytes) + [0x07]
        // screen passes on only what is wrapped for it.
        let isScreen = name.hasPrefix("screen") && getenv("TMUX") == nil
        send(isScreen ? [0x1b, 0x50] + sequence + [0x1b, 0x5c] : sequence)
        return true
    }
}
