// The watches a session has set, so that they can be set again on another server.

/// Paths with watches, as the server knows them (chroot included).
struct WatchTable {
    private(set) var data: Set<String> = []
    private(set) var exist: Set<String> = []
    private(set) var child: Set<String> = []
    /// Persistent recursive watches that the owner wants.
    private(set) var trees: Set<String> = []

    /// One-shot watches held.
    var count: Int { data.count + exist.count + child.count }
    var isEmpty: Bool { count == 0 && trees.isEmpty }

    mutating func addData(_ path: String) { data.insert(path) }
    mutating func addExist(_ path: String) { exist.insert(path) }
    mutating func addChild(_ path: String) { child.insert(path) }
    mutating func addTree(_ path: String) { trees.insert(path) }
    mutating func removeTree(_ path: String) { trees.remove(path) }

    /// Forgets every one-shot watch on a path.
    mutating func removeOneShot(_ path: String) {
        data.remove(path)
        exist.remove(path)
        child.remove(path)
    }

    mutating func removeAll() { self = WatchTable() }

    /// A one-shot watch is gone once it has fired.
    mutating func fired(_ event: WatcherEvent) {
        switch event.kind {
        case .created, .dataChanged:
            data.remove(event.path)
            exist.remove(event.path)
        case .deleted: removeOneShot(event.path)
        case .childrenChanged: child.remove(event.path)
        default: break
        }
    }

    /// The requests that set everything again, none with more than `limit` bytes of paths. Trees
    /// are in only when `withTrees`, since older servers close the connection on them.
    func requests(since zxid: Int64, withTrees: Bool, limit: Int) -> [SetWatches2Request] {
        var requests: [SetWatches2Request] = []
        var current = SetWatches2Request()
        current.relativeZxid = zxid
        let empty = current
        var bytes = 0
        func add(_ paths: Set<String>, _ field: WritableKeyPath<SetWatches2Request, [String]>) {
            for path in paths.sorted() {
                let size = path.utf8.count + 4
                if bytes + size > limit, bytes > 0 {
                    requests.append(current)
                    current = empty
                    bytes = 0
                }
                current[keyPath: field].append(path)
                bytes += size
            }
        }
        add(data, \.data)
        add(exist, \.exist)
        add(child, \.child)
        if withTrees { add(trees, \.persistentRecursive) }
        if bytes > 0 { requests.append(current) }
        return requests
    }
}

extension SetWatches2Request {
    /// The form every server knows; only for requests without persistent watches.
    var classic: SetWatchesRequest {
        var request = SetWatchesRequest()
        request.relativeZxid = relativeZxid
        request.data = data
        request.exist = exist
        request.child = child
        return request
    }

    var hasTrees: Bool { !persistent.isEmpty || !persistentRecursive.isEmpty }
}
