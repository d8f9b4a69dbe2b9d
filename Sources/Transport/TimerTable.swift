// All deadlines of a loop: one binary heap ordered by time and then by the order they were set,
// with cancelled ones dropped when they come up or when too many have piled up.

/// Names a timer; stays harmless after the timer has fired.
package struct TimerID: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
}

struct TimerTable {
    private struct Entry {
        let at: UInt64
        let sequence: UInt64
        let id: TimerID

        func isBefore(_ other: Entry) -> Bool {
            at != other.at ? at < other.at : sequence < other.sequence
        }
    }

    private struct Slot {
        var generation: UInt32 = 0
        var action: (() -> Void)?
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var sequence: UInt64 = 0

    /// Timers set and neither fired nor cancelled.
    private(set) var count = 0
    /// Heap entries, cancelled ones included.
    var heapCount: Int { heap.count }

    mutating func add(at time: UInt64, _ action: @escaping () -> Void) -> TimerID {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(index)].action = action
        let id = TimerID(slot: index, generation: slots[Int(index)].generation)
        sequence += 1
        push(Entry(at: time, sequence: sequence, id: id))
        count += 1
        return id
    }

    mutating func cancel(_ id: TimerID) {
        guard take(id) != nil else { return }
        if heap.count > Limits.staleTimers, heap.count > 2 * count { sweep() }
    }

    /// When the next live timer is due.
    mutating func next() -> UInt64? {
        while let first = heap.first {
            if isLive(first.id) { return first.at }
            pop()
        }
        return nil
    }

    /// Takes the first action that is due, in order of time.
    mutating func popDue(_ now: UInt64) -> (() -> Void)? {
        while let first = heap.first, first.at <= now {
            pop()
            if let action = take(first.id) { return action }
        }
        return nil
    }

    mutating func removeAll() {
        heap = []
        for index in slots.indices where slots[index].action != nil {
            slots[index].action = nil
            slots[index].generation &+= 1
            free.append(UInt32(index))
        }
        count = 0
    }

    private func isLive(_ id: TimerID) -> Bool { slots[Int(id.slot)].generation == id.generation }

    private mutating func take(_ id: TimerID) -> (() -> Void)? {
        guard isLive(id), let action = slots[Int(id.slot)].action else { return nil }
        slots[Int(id.slot)].action = nil
        slots[Int(id.slot)].generation &+= 1
        free.append(id.slot)
        count -= 1
        return action
    }

    private mutating func sweep() {
        let live = heap.filter { isLive($0.id) }
        heap = []
        heap.reserveCapacity(live.count)
        for entry in live { push(entry) }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func pop() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
