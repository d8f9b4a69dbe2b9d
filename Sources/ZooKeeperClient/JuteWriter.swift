// Writes records to bytes.

/// A visitor that appends the wire form to `output`. Text goes out as plain UTF-8, which is what
/// servers read, though they write surrogates one by one.
package struct JuteWriter: JuteVisitor {
    package private(set) var output: [UInt8]

    package init(output: [UInt8] = []) { self.output = output }

    private mutating func put(_ value: some FixedWidthInteger) {
        var shift = value.bitWidth - 8
        while shift >= 0 {
            output.append(UInt8(truncatingIfNeeded: value >> shift))
            shift -= 8
        }
    }

    /// Lengths beyond 2 GiB cannot be sent; no server takes a frame of more than a few MiB.
    private mutating func length(_ count: Int) { put(Int32(clamping: count)) }

    package mutating func bool(_ value: inout Bool) { output.append(value ? 1 : 0) }
    package mutating func int(_ value: inout Int32) { put(value) }
    package mutating func long(_ value: inout Int64) { put(value) }

    package mutating func string(_ value: inout String) {
        length(value.utf8.count)
        output.append(contentsOf: value.utf8)
    }

    package mutating func buffer(_ value: inout [UInt8]?) {
        guard let bytes = value else { return length(-1) }
        length(bytes.count)
        output.append(contentsOf: bytes)
    }

    package mutating func strings(_ value: inout [String]) {
        length(value.count)
        for index in value.indices { string(&value[index]) }
    }

    package mutating func records<T: JuteRecord>(_ value: inout [T]) {
        length(value.count)
        for index in value.indices { value[index].walk(&self) }
    }

    package mutating func trailing(_ value: inout Bool?) {
        if var flag = value { bool(&flag) }
    }

    package mutating func parts<T: JutePart>(_ value: inout [T]) {
        for index in value.indices {
            var header = value[index].header
            header.walk(&self)
            value[index].walkBody(&self)
        }
        var end = MultiHeader.end
        end.walk(&self)
    }
}
