// The list of broker ids of a partition (replicas, ISR, ...): five fit in place, so a cluster of
// ordinary replication factors is decoded without an allocation per partition.

/// A list of int32 ids. Up to `inlineCapacity` of them are held in place; more go to an array.
package struct IDList: Hashable, Sendable, RandomAccessCollection, ExpressibleByArrayLiteral,
    CustomStringConvertible
{
    package static let inlineCapacity = 5

    private var length: Int32 = 0
    private var place = InlineArray<5, Int32>(repeating: 0)
    private var spill: [Int32]?

    package init() {}

    package init(arrayLiteral elements: Int32...) { self.init(elements) }

    package init(_ ids: some Sequence<Int32>) {
        for id in ids { append(id) }
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { Int(length) }

    package subscript(index: Int) -> Int32 {
        precondition(index >= 0 && index < Int(length))
        if let spill { return spill[index] }
        return place[index]
    }

    /// Whether `id` is in the list. Written out, like the iterator: in another module the general
    /// ones go through a table and take from the heap for every id, millions of times a fold.
    package func contains(_ id: Int32) -> Bool {
        if let spill { return spill.contains(id) }
        for index in 0..<Int(length) where place[index] == id { return true }
        return false
    }

    /// Walks along the list.
    package struct Iterator: IteratorProtocol {
        private let list: IDList
        private var at: Int = 0

        fileprivate init(_ list: IDList) { self.list = list }

        package mutating func next() -> Int32? {
            guard at < Int(list.length) else { return nil }
            defer { at += 1 }
            return list[at]
        }
    }

    package func makeIterator() -> Iterator { Iterator(self) }

    /// Adds one id at the end.
    package mutating func append(_ id: Int32) {
        let at = Int(length)
        if at < Self.inlineCapacity {
            place[at] = id
        } else if spill != nil {
            spill?.append(id)
        } else {
            spill = (0..<at).map { place[$0] } + [id]
        }
        length += 1
    }

    /// Makes this a list of at most `inlineCapacity` ids, each given by its index. For the reader.
    @inline(__always)
    mutating func setInline(count: Int, _ id: (Int) -> Int32) {
        for index in 0..<count { place[index] = id(index) }
        length = Int32(count)
        spill = nil
    }

    package static func == (left: IDList, right: IDList) -> Bool {
        guard left.length == right.length else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(length)
        for id in self { hasher.combine(id) }
    }

    package var description: String { Array(self).description }
}
