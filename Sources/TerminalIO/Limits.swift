// Bounds of what goes to and comes from a terminal.

enum Limits {
    /// How long a lone escape waits for the rest of a sequence (`ESCDELAY` overrides).
    static let escapeDelayMs = 25
    /// A sequence that is begun beyond doubt may take longer: slow links split them.
    static let sequenceDelayMs = 200
    /// Bytes of an unfinished sequence before it is given up.
    static let sequenceBytes = 256
    /// A paste is cut here.
    static let pasteBytes = 1 << 20
    /// Largest text for OSC 52, before base 64: what common terminals take.
    static let clipboardBytes = 74_994
    /// Unchanged columns between two changed ones that are rather sent than jumped over.
    static let mergedGap = 4
    /// Largest screen, each way: a size beyond it is a driver's nonsense.
    static let columns = 2_000
    /// How long a process that was told to end may take before it is ended.
    static let graceMs: Int32 = 1_000
    static let readBytes = 4_096
}
