// The bytes of one answer, in memory of their own: filled in place as they arrive and only read
// afterwards.
import Glibc

/// One answer without its length and correlation id.
package final class FrameBuffer {
    private var bytes: UnsafeMutableRawBufferPointer

    /// Memory is claimed from the system page by page as bytes arrive, so a false length costs
    /// nothing but address space.
    init?(count: Int) {
        guard let base = malloc(max(count, 1)) else { return nil }
        bytes = UnsafeMutableRawBufferPointer(start: base, count: count)
    }

    /// A buffer with these contents, for tests and simulations.
    package init(_ contents: [UInt8]) {
        let base = UnsafeMutableRawPointer.allocate(
            byteCount: max(contents.count, 1), alignment: 16)
        bytes = UnsafeMutableRawBufferPointer(start: base, count: contents.count)
        bytes.copyBytes(from: contents)
    }

    deinit { free(bytes.baseAddress) }

    package var count: Int { bytes.count }

    /// Lends the bytes for the length of the call.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(bytes))
    }

    /// Gives the memory back before the last reference goes: an answer of a large cluster is read
    /// long before those who handed it over return.
    package func discard() {
        free(bytes.baseAddress)
        bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    func tail(from filled: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
    }
}
