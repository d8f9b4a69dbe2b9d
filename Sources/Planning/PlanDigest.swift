// The hash of a plan: whoever reads its document computes it again, so that what is carried out is
// what was reviewed.

/// FNV-1a of 128 bits: enough to notice a difference, and no protection against forgery.
struct PlanDigest {
    private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// - Parameter cluster: the id of the cluster that the plan is for.
    init(cluster: String?) { add(text: cluster ?? "") }

    /// One move begins: its partition; then come its replicas before, -1, and those after.
    mutating func begin(_ topic: String, _ partition: Int32) {
        add(text: topic)
        add(partition)
    }

    mutating func end(leaderAfter: Int32) {
        add(-1)
        add(leaderAfter)
    }

    mutating func add(_ number: Int32) {
        for shift: Int32 in [0, 8, 16, 24] {
            add(byte: UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private mutating func add(text: String) {
        for byte in text.utf8 { add(byte: byte) }
        add(byte: 0xFF)
    }

    private mutating func add(byte: UInt8) {
        state = (state ^ UInt128(byte)) &* 0x0100_0000_0000_0000_0000_013b
    }

    /// 32 hexadecimal digits.
    var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }
}
