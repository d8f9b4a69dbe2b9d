// Whole frames in both directions: what a client sends and what a server answers, with the length
// before it. The client uses one half, simulations and tests the other.

/// A request with the record that answers it.
package protocol ZooKeeperRequest: JuteRecord {
    associatedtype Reply: JuteRecord
    static var operation: OpCode { get }
}

/// A record without fields, as many requests and answers have.
package struct EmptyRecord: JuteRecord {
    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) {}
}

/// Frames and records to bytes and back.
package enum Jute {
    /// A record without a header and without a length.
    package static func bytes(_ record: some JuteRecord) -> [UInt8] {
        var record = record
        var writer = JuteWriter()
        record.walk(&writer)
        return writer.output
    }

    /// A frame of records one after the other: the length, then they.
    package static func frame(_ record: some JuteRecord) -> [UInt8] { framed(bytes(record)) }

    /// A request: length, header, body.
    package static func request<R: ZooKeeperRequest>(xid: Int32, _ request: R) -> [UInt8] {
        framed(bytes(RequestHead(xid: xid, operation: R.operation)) + bytes(request))
    }

    /// An answer: length, header, and the body unless the header names an error.
    package static func reply(_ head: ReplyHead, _ body: (some JuteRecord)?) -> [UInt8] {
        framed(bytes(head) + (head.code.isError ? [] : body.map { bytes($0) } ?? []))
    }

    /// An answer that is only a header.
    package static func reply(_ head: ReplyHead) -> [UInt8] { framed(bytes(head)) }

    /// A watch event; servers before 3.9 send a zxid of -1.
    package static func event(_ event: WatcherEvent, zxid: Int64 = -1) -> [UInt8] {
        framed(bytes(ReplyHead(xid: SpecialXid.watchEvent, zxid: zxid)) + bytes(event))
    }

    /// Reads one record that must fill the bytes.
    package static func read<T: JuteRecord>(
        _ type: T.Type = T.self, _ bytes: [UInt8]
    ) throws(JuteFault) -> T {
        var leftOver = 0
        let record = try read(type, bytes, leftOver: &leftOver)
        try refuse(leftOver, of: bytes, "\(T.self)")
        return record
    }

    /// Reads one record; `leftOver` is how many bytes stand behind it. ZooKeeper's own readers do
    /// not look at them.
    package static func read<T: JuteRecord>(
        _ type: T.Type = T.self, _ bytes: [UInt8], leftOver: inout Int
    ) throws(JuteFault) -> T {
        var record = T()
        leftOver = try lend(bytes) { bytes throws(JuteFault) in
            try JuteReader.run(bytes, record: "\(T.self)") { record.walk(&$0) }
        }
        return record
    }

    /// The header of a frame without its length; what follows is not looked at.
    package static func head<T: JuteRecord>(
        _ type: T.Type = T.self, _ frame: [UInt8]
    ) throws(JuteFault) -> T {
        var head = T()
        _ = try lend(frame) { bytes throws(JuteFault) in
            try JuteReader.run(bytes, record: "\(T.self)") { head.walk(&$0) }
        }
        return head
    }

    /// The body of a request or answer without its length, which ends with it.
    package static func body<H: JuteRecord, T: JuteRecord>(
        _ type: T.Type = T.self, after head: H.Type, _ frame: [UInt8]
    ) throws(JuteFault) -> T {
        var leftOver = 0
        let record = try body(type, after: head, frame, leftOver: &leftOver)
        try refuse(leftOver, of: frame, "\(T.self)")
        return record
    }

    /// The body of a request or answer without its length; `leftOver` is how many bytes stand
    /// behind it.
    package static func body<H: JuteRecord, T: JuteRecord>(
        _ type: T.Type = T.self, after head: H.Type, _ frame: [UInt8], leftOver: inout Int
    ) throws(JuteFault) -> T {
        var record = T()
        leftOver = try lend(frame) { bytes throws(JuteFault) in
            try JuteReader.run(bytes, record: "\(T.self)") {
                var head = H()
                head.walk(&$0)
                record.walk(&$0)
            }
        }
        return record
    }

    private static func refuse(
        _ leftOver: Int, of bytes: [UInt8], _ record: String
    ) throws(JuteFault) {
        if leftOver == 0 { return }
        throw JuteFault(
            record: record, offset: bytes.count - leftOver, reason: .leftOver(leftOver))
    }

    private static func lend<T>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(JuteFault) -> T
    ) throws(JuteFault) -> T {
        // The array's own lending does not keep the type of what is thrown.
        let result = bytes.withUnsafeBytes { raw -> Result<T, JuteFault> in
            do throws(JuteFault) { return .success(try body(raw)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        var writer = JuteWriter()
        var length = Int32(clamping: bytes.count)
        writer.int(&length)
        return writer.output + bytes
    }
}
