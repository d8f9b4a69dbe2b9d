// Colours as themes write them to colours as a terminal numbers them.

package import Themes

/// What a terminal can do with colour.
package enum ColorDepth: Equatable, Sendable {
    case none, eight, indexed, direct

    package init(colors: Int) {
        switch colors {
        case ..<8: self = .none
        case 8..<256: self = .eight
        case 256..<0x100_0000: self = .indexed
        default: self = .direct
        }
    }

    /// The terminal's number for a colour, -1 for the terminal's own (nil).
    package func index(_ color: Color?) -> Int32 {
        guard let color else { return -1 }
        switch self {
        case .none: return -1
        case .eight: return hue(color)
        case .indexed: return nearestIndexed(color)
        case .direct:
            return Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue)
        }
    }
}

/// Steps of each channel of the 6x6x6 cube that indexes 16 to 231 are.
private let cube: [Int] = [0, 95, 135, 175, 215, 255]

/// The nearest of indexes 16 to 255: the first sixteen are whatever the person made of them.
private func nearestIndexed(_ color: Color) -> Int32 {
    let wanted = [Int(color.red), Int(color.green), Int(color.blue)]
    let steps = wanted.map { value in
        cube.indices.min { abs(cube[$0] - value) < abs(cube[$1] - value) } ?? 0
    }
    let inCube = steps[0] * 36 + steps[1] * 6 + steps[2] + 16
    let average = (wanted[0] + wanted[1] + wanted[2]) / 3
    let greyStep = min(23, max(0, (average - 3) / 10))
    let grey = 8 + greyStep * 10
    let cubeDistance = distance(wanted, steps.map { cube[$0] })
    let greyDistance = distance(wanted, [grey, grey, grey])
    return Int32(greyDistance < cubeDistance ? 232 + greyStep : inCube)
}

/// Squared distance, the channels weighted roughly as the eye does.
private func distance(_ a: [Int], _ b: [Int]) -> Int {
    let weights = [3, 4, 2]
    return zip(zip(a, b), weights).reduce(0) { sum, next in
        let ((x, y), weight) = next
        return sum + weight * (x - y) * (x - y)
    }
}

/// One of the eight colours by hue: the nearest in space would make every pastel white.
private func hue(_ color: Color) -> Int32 {
    let channels = [color.red, color.green, color.blue].map(Int.init)
    let (high, low) = (channels.max() ?? 0, channels.min() ?? 0)
    if (high - low) * 5 < high || high < 48 {
        return high < 48 ? 0 : high < 96 ? -1 : 7
    }
    // A channel counts when it is nearer the strongest than the weakest.
    let middle = (high + low) / 2
    return (channels[0] >= middle ? 1 : 0) | (channels[1] >= middle ? 2 : 0)
        | (channels[2] >= middle ? 4 : 0)
}
