// Bytes from a terminal to keys, for every terminal at once: the CSI and SS3 forms of xterm,
// screen, tmux, rxvt, the Linux console and the vt100 do not contradict each other.

package import Drawing

/// A state machine over the terminal's bytes. It never blocks and never loses a key because bytes
/// arrive in pieces; after a pause the caller calls `flush`.
package struct KeyDecoder {
    private var buffer: [UInt8] = []
    private var paste: [UInt8]?
    /// Whole sequences the terminal's own description adds.
    private let known: [[UInt8]: Key]

    private let escapeDelayMs: Int

    package init(known: [[UInt8]: Key] = [:], escapeDelayMs: Int? = nil) {
        self.known = known
        self.escapeDelayMs = min(max(escapeDelayMs ?? Limits.escapeDelayMs, 1), 5_000)
    }

    /// How long to wait before `flush`, nil when nothing is unfinished.
    package var pendingDelayMs: Int? {
        if buffer.isEmpty { return nil }
        return buffer == [0x1b]
            ? escapeDelayMs : max(escapeDelayMs, Limits.sequenceDelayMs)
    }

    package mutating func feed(_ bytes: some Sequence<UInt8>) -> [Key] {
        buffer.append(contentsOf: bytes)
        var keys: [Key] = []
        var at = 0
        while at < buffer.count {
            if paste != nil {
                guard continuePaste(&at, &keys) else { break }
                continue
            }
            let step = next(buffer[at...])
            if step.count == 0 {
                if buffer.count - at <= Limits.sequenceBytes { break }
                at += 1
                continue
            }
            at += step.count
            if step.startsPaste { paste = [] }
            if let key = step.key { keys.append(key) }
        }
        buffer.removeFirst(at)
        return keys
    }

    /// The pause is over: what is unfinished is what was meant.
    package mutating func flush() -> [Key] {
        guard paste == nil else { return [] }
        var keys: [Key] = []
        var rest = buffer[...]
        buffer = []
        // A lone escape, or escape with a letter: two keys. A broken sequence: nothing.
        if rest.first == 0x1b {
            rest = rest.dropFirst()
            let isSequence = rest.count > 1 && (rest.first == 0x5b || rest.first == 0x4f)
            guard !isSequence else { return [] }
            keys.append(.escape)
            if rest.count == 1, let byte = rest.first, byte >= 0x20 && byte < 0x7f {
                keys.append(.character(Unicode.Scalar(byte)))
            }
        }
        return keys
    }

    private struct Step {
        var count: Int
        var key: Key?
        var startsPaste = false
    }

    /// Up to the end mark ESC [ 201 ~; false when it has not come yet.
    private mutating func continuePaste(_ at: inout Int, _ keys: inout [Key]) -> Bool {
        let mark: [UInt8] = [0x1b, 0x5b, 0x32, 0x30, 0x31, 0x7e]
        while at < buffer.count {
            let rest = buffer[at...]
            if rest.first == 0x1b {
                if rest.starts(with: mark) {
                    at += mark.count
                    keys.append(.paste(clean(paste ?? [])))
                    paste = nil
                    return true
                }
                if rest.count < mark.count && mark.starts(with: rest) { return false }
            }
            if rest.first == 0x03 {
                // The end mark got lost: Ctrl-C must not be eaten for ever. The next one counts.
                at += 1
                paste = nil
                return true
            }
            if let count = paste?.count, count < Limits.pasteBytes { paste?.append(buffer[at]) }
            at += 1
        }
        return false
    }

    /// Pasted text without control characters, but line ends and tabs.
    private func clean(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\r": text.append("\n")
            case "\n", "\t": text.append(scalar)
            default:
                if scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) {
                    text.append(scalar)
                }
            }
        }
        return String(text)
    }

    /// The first key; a count of 0 means that more bytes are needed.
    private func next(_ bytes: ArraySlice<UInt8>) -> Step {
        guard let first = bytes.first else { return Step(count: 0) }
        switch first {
        case 0x1b: return escape(bytes)
        case 0x0d, 0x0a: return Step(count: 1, key: .enter)
        case 0x09: return Step(count: 1, key: .tab)
        case 0x7f, 0x08: return Step(count: 1, key: .backspace)
        case 0: return Step(count: 1, key: .control(" "))
        case 1...26: return Step(count: 1, key: .control(Unicode.Scalar(first + 0x60)))
        case 0x1c...0x1f: return Step(count: 1, key: .control(Unicode.Scalar(first + 0x40)))
        case 0x20..<0x7f: return Step(count: 1, key: .character(Unicode.Scalar(first)))
        default: return utf8(bytes)
        }
    }

    private func utf8(_ bytes: ArraySlice<UInt8>) -> Step {
        let first = bytes[bytes.startIndex]
        let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1
        guard length > 1 && first < 0xf5 else { return Step(count: 1) }
        let tail = bytes.dropFirst().prefix(length - 1)
        guard tail.allSatisfy({ $0 & 0xc0 == 0x80 }) else { return Step(count: 1) }
        guard tail.count == length - 1 else { return Step(count: 0) }
        guard let text = String(validating: bytes.prefix(length), as: UTF8.self),
            let scalar = text.unicodeScalars.first, scalar.value > 0x9f
        else { return Step(count: length) }
        return Step(count: length, key: .character(scalar))
    }

    private func escape(_ bytes: ArraySlice<UInt8>) -> Step {
        guard bytes.count > 1 else { return Step(count: 0) }
        switch bytes[bytes.startIndex + 1] {
        case 0x5b: return control(bytes)
        case 0x4f: return singleShift(bytes)
        case 0x5d, 0x50, 0x5f: return terminalString(bytes)
        default: return Step(count: 1, key: .escape)
        }
    }

    /// OSC, DCS and APC are answers of the terminal: skipped whole.
    private func terminalString(_ bytes: ArraySlice<UInt8>) -> Step {
        var previous: UInt8 = 0
        for (index, byte) in bytes.enumerated().dropFirst(2) {
            if byte == 0x07 || (previous == 0x1b && byte == 0x5c) { return Step(count: index + 1) }
            previous = byte
        }
        return Step(count: 0)
    }

    /// SS3: ESC O letter, as keypads in application mode send.
    private func singleShift(_ bytes: ArraySlice<UInt8>) -> Step {
        guard bytes.count > 2 else { return Step(count: 0) }
        let letter = bytes[bytes.startIndex + 2]
        if letter < 0x20 || letter > 0x7e { return Step(count: 1, key: .escape) }
        if let key = known[Array(bytes.prefix(3))] { return Step(count: 3, key: key) }
        if letter == 0x4d { return Step(count: 3, key: .enter) }
        return Step(count: 3, key: letterKey(letter))
    }

    private func letterKey(_ letter: UInt8) -> Key? {
        switch letter {
        case 0x41: .up
        case 0x42: .down
        case 0x43: .right
        case 0x44: .left
        case 0x46: .end
        case 0x48: .home
        case 0x5a: .backTab
        case 0x50...0x53: .function(Int(letter) - 0x4f)
        default: nil
        }
    }

    /// CSI: ESC [ parameters final.
    private func control(_ bytes: ArraySlice<UInt8>) -> Step {
        let start = bytes.startIndex + 2
        guard start < bytes.endIndex else { return Step(count: 0) }
        if bytes[start] == 0x4d { return oldMouse(bytes) }
        if bytes[start] == 0x5b {
            // The Linux console's F1 to F5.
            guard start + 1 < bytes.endIndex else { return Step(count: 0) }
            let letter = bytes[start + 1]
            return Step(
                count: 4, key: (0x41...0x45).contains(letter) ? .function(Int(letter) - 0x40) : nil)
        }
        var end = start
        while end < bytes.endIndex && (0x20...0x3f).contains(bytes[end]) { end += 1 }
        guard end < bytes.endIndex else { return Step(count: 0) }
        let count = end - bytes.startIndex + 1
        // Something that is no sequence at all: the escape was a key.
        guard (0x40...0x7e).contains(bytes[end]) else {
            return Step(count: end - bytes.startIndex)
        }
        if let key = known[Array(bytes.prefix(count))] { return Step(count: count, key: key) }
        let isMouse = bytes[start] == 0x3c
        let values = bytes[(isMouse ? start + 1 : start)..<end].split(
            separator: 0x3b, omittingEmptySubsequences: false
        ).map { number($0) }
        if isMouse {
            guard values.count == 3, bytes[end] == 0x4d else { return Step(count: count) }
            return Step(count: count, key: mouse(values[0], values[1] - 1, values[2] - 1))
        }
        guard bytes[end] == 0x7e else {
            // With other than modifiers it is an answer of the terminal, such as a cursor report.
            let isKey = values.count <= 2 && values[0] <= 1
            return Step(count: count, key: isKey ? letterKey(bytes[end]) : nil)
        }
        if values[0] == 200 { return Step(count: count, startsPaste: true) }
        return Step(count: count, key: numbered(values[0]))
    }

    private func number(_ digits: ArraySlice<UInt8>) -> Int {
        var value = 0
        for digit in digits where (0x30...0x39).contains(digit) {
            value = min(value * 10 + Int(digit) - 0x30, 1_000_000)
        }
        return value
    }

    private func numbered(_ number: Int) -> Key? {
        switch number {
        case 1, 7: .home
        case 2: .insert
        case 3: .delete
        case 4, 8: .end
        case 5: .pageUp
        case 6: .pageDown
        case 11...15: .function(number - 10)
        case 17...21: .function(number - 11)
        case 23, 24: .function(number - 12)
        default: nil
        }
    }

    /// ESC [ M button column row, each with 32 added: what screen and old xterms send.
    private func oldMouse(_ bytes: ArraySlice<UInt8>) -> Step {
        guard bytes.count >= 6 else { return Step(count: 0) }
        let values = bytes.dropFirst(3).prefix(3).map { Int($0) - 32 }
        return Step(count: 6, key: mouse(values[0], values[1] - 1, values[2] - 1))
    }

    private func mouse(_ button: Int, _ x: Int, _ y: Int) -> Key? {
        // Bits: 32 motion, 64 wheel; 3 in the low bits of the old form is a release.
        switch button & 0b110_0011 {
        case 0: x >= 0 && y >= 0 ? .click(x: x, y: y) : nil
        case 64: .wheelUp
        case 65: .wheelDown
        default: nil
        }
    }
}
