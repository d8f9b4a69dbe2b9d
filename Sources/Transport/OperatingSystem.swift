// The operating system as the rest of the program sees it. Time, sockets, names and chance come
// from here and nowhere else, so that a simulated network can take its place in tests and demos.

/// What may be done on a handle now.
package struct SystemEvent: Sendable {
    /// The token the handle was registered with last.
    package var token: UInt64
    package var isReadable: Bool
    package var isWritable: Bool

    package init(token: UInt64, isReadable: Bool, isWritable: Bool) {
        self.token = token
        self.isReadable = isReadable
        self.isWritable = isWritable
    }
}

/// The outcome of starting a connection.
package enum OpenOutcome: Sendable, Equatable {
    /// Under way: the handle becomes writable when the connection stands or has failed.
    case opened(Int32)
    /// Not even started; the system's error number.
    case failed(Int32)
}

/// Why a name gave no address.
package enum LookupFailure: Error, Sendable, Equatable {
    /// The name server's answer in words, as getaddrinfo gives it.
    case notFound(String)
    /// Every lookup thread is stuck in an earlier lookup.
    case resolverBusy
}

/// The one door to the outside. Everything but `wake`, `now`, `wallClockMs` and `random` is called
/// on the loop's thread only.
package protocol OperatingSystem: AnyObject, Sendable {
    /// Monotonic time in nanoseconds.
    func now() -> UInt64
    /// Milliseconds since 1970, for what people read; never for measuring.
    func wallClockMs() -> Int64
    func random() -> UInt64

    /// Starts a connection and watches for it to become writable.
    func open(_ address: Address, token: UInt64) -> OpenOutcome
    /// 0 when the connection stands, else the system's error number.
    func connectError(_ handle: Int32) -> Int32
    /// Fills `tail`, then `scratch`; bytes read, 0 at the end, or a negated error number.
    func read(
        _ handle: Int32, tail: UnsafeMutableRawBufferPointer?,
        scratch: UnsafeMutableRawBufferPointer
    ) -> Int
    /// Bytes taken, or a negated error number.
    func write(_ handle: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
    func setInterest(_ handle: Int32, token: UInt64, reading: Bool, writing: Bool)
    func close(_ handle: Int32)

    /// Sleeps until something may be done, `wake` is called or the deadline has come (nil: none),
    /// and replaces the contents of `events`.
    func wait(until deadline: UInt64?, _ events: inout [SystemEvent])
    /// Ends the current or next wait; from any thread.
    func wake()

    /// Looks a name up. The completion is called once, on any thread, perhaps never: the caller has
    /// a deadline of its own.
    func resolve(
        _ host: String, port: UInt16,
        completion: @escaping @Sendable (Result<[Address], LookupFailure>) -> Void)
}
