// The bounds of the codec, in one place. They keep a lying length from costing memory; none of
// them is ever reached by an answer of a real broker.

/// Bounds and fixed numbers of the wire format.
package enum Limits {
    /// Up to this many elements an array is read without working out the least size of an element:
    /// so few cannot hurt, and most arrays are that short.
    static let uncheckedCount = 16
    /// An unsigned varint of 32 bits never needs more bytes.
    static let varintBytes = 5
    /// Tags in one section; the writer keeps the count in one byte.
    static let tagsPerSection = 127
    /// Bytes before the header's tag section in an answer: its correlation id.
    static let correlationBytes = 4
    /// Bytes of the size in front of every frame.
    static let sizeBytes = 4
    /// The largest text or byte field of a classic (non flexible) version that has an int16 length.
    static let classicStringBytes = 32_767
    /// `firstFlexible` of an API that has no flexible version.
    package static let neverFlexible = Int16.max
    /// Versions looked at when the bounds of a range are printed.
    static let versionsScanned: Int16 = 64
}
