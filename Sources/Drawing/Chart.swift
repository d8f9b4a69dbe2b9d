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

/// From which value to which a graph reaches.
package struct GraphScale: Equatable, Sendable {
    package var low = 0.0
    package var high = 1.0

    package init(low: Double = 0, high: Double = 1) { (self.low, self.high) = (low, high) }

    /// It does not start at zero, which is to be seen.
    package var isBand: Bool { low > 0 }

    /// Values that differ by less than a third are shown in a band of their own, so that they have
    /// a shape; those that hardly differ are flat, and their noise is not blown up.
    package init(from minimum: Double, to maximum: Double) {
        self.init(from: minimum, to: maximum, flat: 1 / 25.0, wide: 1 / 4.0)
    }

    private init(from minimum: Double, to maximum: Double, flat: Double, wide: Double) {
        let spread = maximum - minimum
        self.init(high: roundScale(maximum * 1.05))
        guard minimum > 0, spread.isFinite, spread < maximum * wide, spread > maximum * flat else {
            return
        }
        let step = roundScale(spread / 3)
        // Beyond 2^53 nothing is rounded: a lying number must not trap a conversion.
        guard maximum / step < 9e15 else { return }
        let foot = Double(Int64((minimum - spread * 0.15) / step)) * step
        guard foot > 0 else { return }
        low = foot
        high = Double(Int64((maximum + spread * 0.15) / step) + 1) * step
    }

    /// The next scale: it grows at once, and changes otherwise only when little of it is in use, so
    /// that it does not jump with each sample.
    package func next(from minimum: Double, to maximum: Double) -> GraphScale {
        if isBand {
            let isInside = minimum >= low && maximum <= high
            if isInside && (maximum - minimum) > (high - low) * 0.25 { return self }
            return GraphScale(from: minimum, to: maximum, flat: 1 / 40.0, wide: 1 / 3.0)
        }
        let band = GraphScale(from: minimum, to: maximum)
        if band.isBand { return band }
        return GraphScale(high: steadyScale(high, maximum: maximum))
    }

    /// How high a value stands, 0...1.
    func share(_ value: Double) -> Double {
        high > low ? min(1, max(0, (value - low) / (high - low))) : 0
    }
}

/// A sparkline in `width` columns from the values' own minimum to their maximum, so that it has a
/// shape; nil where they differ by less than a tenth: they are flat, and their noise is no shape.
/// The newest value does not count for the scale: it is not over yet.
package func shapedSparkline(_ columns: [Float]) -> (text: String, isFlat: Bool) {
    var known = columns.filter { !$0.isNaN }
    if known.count > 3, columns.last?.isNaN == false { known.removeLast() }
    let low = known.min() ?? 0
    let high = known.max() ?? 0
    let isFlat = !(high - low >= abs(high) / 10) || high == low
    var scalars = String.UnicodeScalarView()
    for value in columns {
        if value.isNaN {
            scalars.append(Glyph.gap)
        } else {
            let share = isFlat ? 0 : min(1, max(0, (value - low) / (high - low)))
            scalars.append(Glyph.lowerBlocks[Int(Double(share) * 7 + 0.5)])
        }
    }
    return (String(scalars), isFlat)
}

/// How a graph marks its values.
package enum GraphStyle: Sendable {
    case line
    /// Filled in one role.
    case area
    /// Filled at half strength, its line by height.
    case ramp
}

extension Frame {
    /// Draws one value per braille dot column (two a cell) into `rect`, from the low end of the
    /// scale at its bottom to the high end at its top. Cells already drawn keep their dots, so
    /// lines can lie over each other.
    package mutating func graph(
        _ values: [Float], in rect: Rect, scale: GraphScale, role: Role = .graph,
        style: GraphStyle = .area
    ) {
        guard !rect.isEmpty && scale.high > scale.low else { return }
        let levels = rect.height * 4
        var previous: Int?
        for (index, value) in values.prefix(rect.width * 2).enumerated() {
            guard !value.isNaN else {
                previous = nil
                continue
            }
            var top = Int((scale.share(Double(value)) * Double(levels)) + 0.5)
            if value > 0 && top == 0 { top = 1 }
            let x = rect.x + index / 2
            switch style {
            case .area, .ramp:
                // A known zero still shows: a base line is not a gap.
                for level in 0..<max(1, top) {
                    let fill = style == .ramp ? rampRole(level, below: top, rect, at: x) : role
                    dot(rect, x: x, side: index % 2, level, fill)
                }
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

    /// The role of a dot of a filled graph whose column reaches `top`: the cell of its line by how
    /// high it stands, those beneath at half strength. A cell in which the line of the column
    /// beside stands keeps that.
    private func rampRole(_ level: Int, below top: Int, _ rect: Rect, at x: Int) -> Role {
        let row = level / 4
        let line = max(0, top - 1) / 4
        guard row == line else {
            let old = self[x, rect.bottom - 1 - row]
            return old.scalar == " " ? .graphFill : old.role
        }
        let steps: [Role] = [.graphLow, .graphMiddle, .graphHigh]
        return steps[min(2, row * 3 / max(1, rect.height))]
    }

    /// Draws bands that stand on each other, the first at the bottom, each value a dot column wide;
    /// a line of no dots parts them, so that they are told apart without colours.
    package mutating func stack(
        _ bands: [(values: [Float], role: Role)], in rect: Rect, scale: GraphScale
    ) {
        guard !rect.isEmpty && scale.high > scale.low else { return }
        let levels = rect.height * 4
        for column in 0..<rect.width * 2 {
            var sum = 0.0
            var from = 0
            for (values, role) in bands where column < values.count && !values[column].isNaN {
                sum += Double(values[column])
                let to = Int((scale.share(sum) * Double(levels)) + 0.5)
                guard to > from else { continue }
                // The lowest band stands on the axis; a band of one dot keeps it.
                let first = from > 0 && to - from > 1 ? from + 1 : from
                for level in first..<to {
                    dot(rect, x: rect.x + column / 2, side: column % 2, level, role)
                }
                from = to
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
