// Memory that nobody uses, back to the system.
import CHost

/// Gives pages that hold nothing any more back to the system; the allocator keeps them otherwise.
/// A few milliseconds for a heap of hundreds of megabytes.
package func giveBackFreeMemory() { chost_trim_heap() }
