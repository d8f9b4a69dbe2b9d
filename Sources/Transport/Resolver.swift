// Name lookups on a few threads of their own, since getaddrinfo blocks for as long as it likes. The
// caller has the deadline; a thread that hangs is left behind, and a name is asked once at a time.
import Glibc

/// Looks up names without blocking anyone.
final class Resolver: Sendable {
    typealias Completion = @Sendable (Result<[Address], LookupFailure>) -> Void

    private struct Query: Hashable {
        let host: String
        let port: UInt16
    }

    private struct State {
        /// Who waits for each name; a name is in `queue` or in a thread's hands.
        var waiters: [Query: [Completion]] = [:]
        var queue: [Query] = []
        var threads = 0
        var busy = 0
    }

    private let state = Locked(State())

    /// The completion runs on a lookup thread, or at once when every thread is stuck.
    func resolve(_ host: String, port: UInt16, completion: @escaping Completion) {
        let query = Query(host: host, port: port)
        let needsThread = state.withLock { state -> Bool in
            state.waiters[query, default: []].append(completion)
            guard state.waiters[query]?.count == 1 else { return false }
            state.queue.append(query)
            guard state.busy + state.queue.count > state.threads,
                state.threads < Limits.resolverThreads
            else { return false }
            state.threads += 1
            return true
        }
        state.signal()
        guard needsThread else { return }
        let work: @Sendable () -> Void = { [state] in Self.serve(state) }
        guard !Thread.startDetached(stackBytes: Limits.resolverStackBytes, work) else { return }
        let stranded = state.withLock { state -> [Completion] in
            state.threads -= 1
            guard state.threads == 0 else { return [] }
            state.queue = []
            defer { state.waiters = [:] }
            return state.waiters.values.flatMap(\.self)
        }
        for completion in stranded { completion(.failure(.resolverBusy)) }
    }

    private static func serve(_ state: Locked<State>) {
        while true {
            let query = state.waitUntil { state -> Query? in
                guard !state.queue.isEmpty else { return nil }
                state.busy += 1
                return state.queue.removeFirst()
            }
            let result = lookUp(query.host, port: query.port)
            let waiters = state.withLock { state -> [Completion] in
                state.busy -= 1
                return state.waiters.removeValue(forKey: query) ?? []
            }
            for completion in waiters { completion(result) }
        }
    }

    /// Asks the system's resolver; blocks.
    static func lookUp(_ host: String, port: UInt16) -> Result<[Address], LookupFailure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let outcome = getaddrinfo(host, nil, &hints, &list)
        guard outcome == 0 else {
            let reason = gai_strerror(outcome).map { String(cString: $0) } ?? "error \(outcome)"
            return .failure(.notFound(reason))
        }
        defer { freeaddrinfo(list) }
        var found: [Address] = []
        var entry = list
        while let current = entry {
            if let address = address(current.pointee, port: port), !found.contains(address) {
                found.append(address)
            }
            entry = current.pointee.ai_next
        }
        return .success(found)
    }

    private static func address(_ info: addrinfo, port: UInt16) -> Address? {
        guard let raw = UnsafeRawPointer(info.ai_addr) else { return nil }
        switch info.ai_family {
        case AF_INET:
            let address = raw.loadUnaligned(as: sockaddr_in.self)
            let value = UInt32(bigEndian: address.sin_addr.s_addr)
            return Address(high: 0, low: UInt64(value), isIPv6: false, port: port)
        case AF_INET6:
            let address = raw.loadUnaligned(as: sockaddr_in6.self)
            return Address(address.sin6_addr, scope: address.sin6_scope_id, port: port)
        default: return nil
        }
    }
}
