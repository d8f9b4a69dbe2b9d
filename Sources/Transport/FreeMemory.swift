// Memory that nobody uses, back to the system.
import CHost

/// Gives pages that hold nothing any more back to the system; the allocator keeps them otherwise.
/// A few milliseconds for a heap of hundreds of megabytes.
package func giveBackFreeMemory() { chost_trim_heap() }

/// From now on columns of a large Cluster are mapped one by one, so that an old Cluster's
/// memory goes back to the system with it. Left alone, glibc raises its threshold to the largest
/// block ever freed (mallopt(3), M_MMAP_THRESHOLD), and the holes that columns leave in its heap
/// were a third of what 200,000 partitions took. Call it before any thread exists.
package func mapLargeBlocks() { chost_map_large_blocks(largeBlock) }

/// Bytes. A column of 65,536 partitions; what comes and goes with each answer is smaller.
private let largeBlock: Int32 = 262_144
