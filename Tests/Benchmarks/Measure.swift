// What a piece of work costs: processor time, allocations and bytes; the best of several runs.
import AllocationCounter
import CTerminal
import Glibc

/// The cost of one run, or the least of several.
struct Cost {
    var seconds = Double.infinity
    var allocations = UInt64.max
    var bytes = UInt64.max
}

/// Processor time of this process in seconds.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Keeps the optimiser from leaving out work whose result nobody reads.
@inline(never)
func keep<Value>(_ value: borrowing Value) {}

/// Runs `body` once. What it returns is given back only after the clock has been read.
func cost<Value>(_ body: () throws -> Value) rethrows -> (Cost, Value) {
    let (count, bytes, start) = (allocation_count(), allocation_bytes(), processorSeconds())
    let value = try body()
    let end = processorSeconds()
    let spent = Cost(
        seconds: end - start, allocations: allocation_count() - count,
        bytes: allocation_bytes() - bytes)
    return (spent, value)
}

/// The least cost of `runs` runs, each on what `prepare` makes.
func best<Input, Value>(
    of runs: Int, prepare: () throws -> Input, _ body: (inout Input) throws -> Value
) rethrows -> Cost {
    var least = Cost()
    for _ in 0..<runs {
        var input = try prepare()
        let (spent, value) = try cost { try body(&input) }
        keep(value)
        least.seconds = min(least.seconds, spent.seconds)
        least.allocations = min(least.allocations, spent.allocations)
        least.bytes = min(least.bytes, spent.bytes)
    }
    return least
}

/// The least cost of `runs` runs.
func best<Value>(of runs: Int, _ body: () throws -> Value) rethrows -> Cost {
    try best(of: runs, prepare: {}) { (_: inout Void) in try body() }
}

/// Bytes of the heap that what `body` makes holds on to.
func retained<Value>(_ body: () throws -> Value) rethrows -> (bytes: UInt64, value: Value) {
    let before = allocation_live_bytes()
    let value = try body()
    return (allocation_live_bytes() &- before, value)
}
