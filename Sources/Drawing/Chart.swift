// Bars, sparklines and braille graphs. Values are sampled to columns by time; what was not known
// stays empty: a gap in knowledge is a gap in the line.

/// A bar of `fraction` (0...1) in `width` columns, in eighths of a column.
package func bar(_ fraction: Double, width: Int) -> String {
    guard fraction.isFinite && width > 0 else { return "" }
    let eighths = Int((min(1, max(0, fraction)) * Double(width * 8)) + 0.5)
    var scalars = String.UnicodeScalarView()
    for _ in 0..<(eighths / 8) { scalars.append(Glyph.leftBlocks[7]) }
    if eighths % 8 > 0 { scalars.append(Glyph.leftBlocks[eighths % 8 - 1]) }
    // Something is never drawn as nothing.
    if eighths == 0 && fraction > 0 { scalars.append(Glyph.leftBlocks[0]) }
    return String(scalars)
}

/// A sparkline of the newest values in `width` columns, scaled to `maximum` (their own when nil).
package func sparkline(_ values: [Float], width: Int, maximum: Float? = nil) -> String {
    let columns = resampled(values, to: width)
    let top = maximum ?? columns.reduce(0) { $1.isNaN ? $0 : max($0, $1) }
    var scalars = String.UnicodeScalarView()
    for value in columns {
        if value.isNaN {
            scalars.append(Glyph.gap)
        } else {
            let level = top > 0 ? Int((Double(min(1, max(0, value / top))) * 7) + 0.5) : 0
            scalars.append(Glyph.lowerBlocks[level])
        }
    }
    return String(scalars)
}

/// `values` averaged (or repeated) into `count` columns; NaN where a column knows nothing.
package func resampled(_ values: [Float], to count: Int) -> [Float] {
    guard count > 0 else { return [] }
    guard !values.isEmpty else { return Array(repeating: .nan, count: count) }
    return (0..<count).map { column in
        let from = column * values.count / count
        let to = max(from + 1, (column + 1) * values.count / count)
        var sum: Float = 0
        var known = 0
        for index in from..<min(to, values.count) where !values[index].isNaN {
            sum += values[index]
            known += 1
        }
        return known == 0 ? .nan : sum / Float(known)
    }
}

/// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `value`.
package func roundScale(_ value: Double) -> Double {
    guard value.isFinite && value > 0 else { return 1 }
    var power = 1.0
    while power * 10 < value { power *= 10 }
    while power >= value && power > 1e-6 { power /= 10 }
    for step in [1, 2, 2.5, 5, 10.0] where power * step >= value { return power * step }
    return power * 10
}

/// The next scale for a graph whose greatest value is now `maximum`: it grows at once, and shrinks
/// only when less than two fifths of it are in use, so that it does not jump with each sample.
package func steadyScale(_ scale: Double, maximum: Double) -> Double {
    let wanted = roundScale(maximum * 1.05)
    return wanted > scale || maximum < scale * 0.4 ? wanted : scale
}

/// How a graph marks its values.
package enum GraphStyle: Sendable {
    case area, line
}

extension Frame {
    /// Draws one value per braille dot column (two a cell) into `rect`, from 0 at its bottom to
    /// `scale` at its top. Cells already drawn keep their dots, so lines can lie over each other.
    package mutating func graph(
        _ values: [Float], in rect: Rect, scale: Double, role: Role = .graph,
        style: GraphStyle = .area
    ) {
        guard !rect.isEmpty && scale > 0 else { return }
        let levels = rect.height * 4
        var previous: Int?
        for (index, value) in values.prefix(rect.width * 2).enumerated() {
            guard !value.isNaN else {
                previous = nil
                continue
            }
            let share = min(1, max(0, Double(value) / scale))
            var top = Int((share * Double(levels)) + 0.5)
            if value > 0 && top == 0 { top = 1 }
            let x = rect.x + index / 2
            switch style {
            case .area:
                // A known zero still shows: a base line is not a gap.
                for level in 0..<max(1, top) { dot(rect, x: x, side: index % 2, level, role) }
            case .line:
                let level = max(0, top - 1)
                let from = previous.map { $0 < level ? $0 + 1 : $0 > level ? $0 - 1 : level }
                for step in min(level, from ?? level)...max(level, from ?? level) {
                    dot(rect, x: x, side: index % 2, step, role)
                }
                previous = level
            }
        }
    }

    private mutating func dot(_ rect: Rect, x: Int, side: Int, _ level: Int, _ role: Role) {
        let y = rect.bottom - 1 - level / 4
        // Braille dots of a column from bottom to top.
        let bits: [UInt32] = side == 0 ? [0x40, 0x04, 0x02, 0x01] : [0x80, 0x20, 0x10, 0x08]
        let old = self[x, y].scalar.value
        let base = (0x2800...0x28FF).contains(old) ? old : Glyph.braille
        if let scalar = Unicode.Scalar(base | bits[level % 4]) {
            self[x, y] = Cell(scalar, role, isSelected: self[x, y].isSelected)
        }
    }
}
