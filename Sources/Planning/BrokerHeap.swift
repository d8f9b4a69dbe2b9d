// Brokers by a key that changes: the one with the smallest is at hand.

/// A binary heap of brokers with the place of each, smallest key first; of equal keys the lower
/// broker.
struct BrokerHeap {
    private var heap: [Int32] = []
    /// By broker its place in `heap`; -1 outside.
    private var place: [Int32]
    private(set) var key: [Double]

    init(brokers: Int) {
        place = [Int32](repeating: -1, count: brokers)
        key = [Double](repeating: 0, count: brokers)
    }

    var isEmpty: Bool { heap.isEmpty }
    var least: Int32? { heap.first }

    func contains(_ broker: Int32) -> Bool { place[Int(broker)] >= 0 }

    /// Puts the broker in, or moves it to its new key.
    mutating func set(_ broker: Int32, _ value: Double) {
        key[Int(broker)] = value
        if place[Int(broker)] < 0 {
            place[Int(broker)] = Int32(heap.count)
            heap.append(broker)
        }
        let at = Int(place[Int(broker)])
        sink(rise(at))
    }

    mutating func remove(_ broker: Int32) {
        let at = Int(place[Int(broker)])
        guard at >= 0 else { return }
        let last = heap.removeLast()
        place[Int(broker)] = -1
        guard at < heap.count else { return }
        heap[at] = last
        place[Int(last)] = Int32(at)
        sink(rise(at))
    }

    /// The first of the brokers, by key, that `isGood` takes; at most `limit` are asked.
    mutating func first(limit: Int, where isGood: (Int32) -> Bool) -> Int32? {
        var passed: [Int32] = []
        var found: Int32?
        while let broker = heap.first, passed.count < limit {
            if isGood(broker) {
                found = broker
                break
            }
            passed.append(broker)
            remove(broker)
        }
        for broker in passed { set(broker, key[Int(broker)]) }
        return found
    }

    /// The same, and where none of so many does, all are asked.
    mutating func first(quickly limit: Int, where isGood: (Int32) -> Bool) -> Int32? {
        if let found = first(limit: limit, where: isGood) { return found }
        guard heap.count > limit else { return nil }
        var found: Int32?
        for broker in heap where found.map({ isBefore(broker, $0) }) ?? true {
            if isGood(broker) { found = broker }
        }
        return found
    }

    private func isBefore(_ a: Int32, _ b: Int32) -> Bool {
        let (keyA, keyB) = (key[Int(a)], key[Int(b)])
        return keyA < keyB || keyA == keyB && a < b
    }

    private mutating func rise(_ start: Int) -> Int {
        var at = start
        while at > 0, isBefore(heap[at], heap[(at - 1) / 2]) {
            swap(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
        return at
    }

    private mutating func sink(_ start: Int) {
        var at = start
        while true {
            var least = at
            for child in (2 * at + 1)...(2 * at + 2)
            where child < heap.count && isBefore(heap[child], heap[least]) {
                least = child
            }
            if least == at { return }
            swap(at, least)
            at = least
        }
    }

    private mutating func swap(_ a: Int, _ b: Int) {
        heap.swapAt(a, b)
        place[Int(heap[a])] = Int32(a)
        place[Int(heap[b])] = Int32(b)
    }
}
