// Every bound of this module in one place.

enum Limits {
    /// Bytes gathered before the sink is called.
    static let bufferBytes = 65_536
    /// Objects and arrays inside one another; a document of ours needs six.
    static let depth = 128
    /// The longest piece written without looking at the room left: a number, an escape, a bracket.
    static let pieceBytes = 64
    /// The longest string, key or number of a text that is read in pieces.
    static let tokenBytes = 1_048_576
    /// So many characters of an integer always fit 64 bits.
    static let plainDigits = 18
}
