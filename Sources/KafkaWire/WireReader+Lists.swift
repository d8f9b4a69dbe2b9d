// Lists that a reader reads element by element, without following a pointer itself.

extension WireReader {
    private mutating func texts(_ count: Int) -> [String] {
        var list: [String] = []
        list.reserveCapacity(count)
        for _ in 0..<count where fault == nil { list.append(text(required(textLength()))) }
        return list
    }

    package mutating func strings(_ value: inout [String]) {
        value = texts(required(longLength(least: flexible ? 1 : 2)))
    }

    package mutating func strings(_ value: inout [String]?, nullable: Bool) {
        let count = longLength(least: flexible ? 1 : 2)
        value = nullable && count < 0 ? nil : texts(required(count))
    }

    /// An array put behind those of other owners.
    @inline(__always)
    mutating func structs<T: WireStruct>(behind list: inout [T]) {
        for _ in 0..<required(longLength(least: 1)) {
            var element = T()
            element.walk(&self)
            if fault != nil { return }
            list.append(element)
        }
    }

    /// The elements of an array that is kept in columns, one by one until the first fault.
    @inline(__always)
    mutating func each(_ read: (inout WireReader) -> Void) {
        for _ in 0..<required(longLength(least: 1)) {
            read(&self)
            if fault != nil { return }
        }
    }
}
