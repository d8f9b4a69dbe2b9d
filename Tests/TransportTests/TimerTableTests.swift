import Simulation
// The deadline heap: order, equal times, cancelling, and memory that stays bounded.
import Testing
import TransportTesting

@testable import Transport

@Suite struct TimerTableTests {
    @Test func timersFireInOrderOfTimeThenOfSetting() {
        var random = SeededGenerator(seed: 7)
        var table = TimerTable()
        var expected: [(UInt64, Int)] = []
        var fired: [Int] = []
        var cancelled: Set<Int> = []
        var ids: [TimerID] = []
        for number in 0..<2000 {
            let at = UInt64.random(in: 0..<50, using: &random)
            ids.append(table.add(at: at) { fired.append(number) })
            expected.append((at, number))
        }
        for number in stride(from: 0, to: 2000, by: 3) {
            table.cancel(ids[number])
            table.cancel(ids[number])
            cancelled.insert(number)
        }
        #expect(table.count == 2000 - cancelled.count)
        for now in UInt64(0)..<50 {
            while let action = table.popDue(now) { action() }
            if let next = table.next() { #expect(next > now) }
        }
        let order = expected.sorted { $0 < $1 }.map(\.1).filter { !cancelled.contains($0) }
        #expect(fired == order)
        #expect(table.next() == nil)
        #expect(table.count == 0)
    }

    @Test func anOldIDDoesNotCancelTheNextTimerInItsPlace() {
        var table = TimerTable()
        var fired = 0
        let old = table.add(at: 1) { fired += 1 }
        table.popDue(1)?()
        _ = table.add(at: 2) { fired += 10 }
        table.cancel(old)
        table.popDue(2)?()
        #expect(fired == 11)
    }

    @Test func cancelledTimersDoNotPileUp() {
        var table = TimerTable()
        for _ in 0..<20_000 { table.cancel(table.add(at: 1_000_000) {}) }
        #expect(table.heapCount <= Limits.staleTimers + 1)
        #expect(table.count == 0)
    }
}
