// Who watches what. One-shot watches go when they fire, persistent ones stay; a watch belongs to a
// connection and ends with it.
import ZooKeeperClient

/// The watches of all connections.
struct ZooKeeperWatches: Sendable {
    enum Kind: Int, CaseIterable, Sendable {
        /// Fires when the znode is created, changed or deleted: set by getData and exists.
        case data
        /// Fires when children come or go, or the znode goes: set by getChildren.
        case children
        case persistent
        /// For a znode and all below it; never notified of lists of children.
        case recursive
    }

    /// By kind: connections by path, in the order they came.
    private var tables: [[String: [Int]]] = Array(repeating: [:], count: Kind.allCases.count)
    private var pathsOf: [Int: Set<String>] = [:]

    var isEmpty: Bool { tables.allSatisfy(\.isEmpty) }
    /// Pairs of a connection and a path.
    var count: Int { tables.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } } }
    var connectionCount: Int { pathsOf.values.filter { !$0.isEmpty }.count }
    var pathCount: Int { Set(tables.flatMap(\.keys)).count }

    func count(of connection: Int) -> Int {
        (pathsOf[connection] ?? []).reduce(0) { sum, path in
            sum + tables.filter { $0[path]?.contains(connection) == true }.count
        }
    }

    mutating func add(_ kind: Kind, _ path: String, _ connection: Int) {
        if tables[kind.rawValue][path]?.contains(connection) == true { return }
        tables[kind.rawValue][path, default: []].append(connection)
        pathsOf[connection, default: []].insert(path)
    }

    func has(_ kind: Kind, _ path: String, _ connection: Int) -> Bool {
        tables[kind.rawValue][path]?.contains(connection) ?? false
    }

    mutating func remove(_ kind: Kind, _ path: String, _ connection: Int) -> Bool {
        guard has(kind, path, connection) else { return false }
        tables[kind.rawValue][path]?.removeAll { $0 == connection }
        if tables[kind.rawValue][path]?.isEmpty == true { tables[kind.rawValue][path] = nil }
        if !Kind.allCases.contains(where: { has($0, path, connection) }) {
            pathsOf[connection]?.remove(path)
        }
        return true
    }

    mutating func forget(_ connection: Int) {
        for path in pathsOf.removeValue(forKey: connection) ?? [] {
            for kind in Kind.allCases { _ = remove(kind, path, connection) }
        }
        pathsOf[connection] = nil
    }

    /// Who is notified of something, each once; one-shot watches are used up by it.
    mutating func fire(_ event: WatchEventKind, _ path: String) -> [Int] {
        var notified: [Int] = []
        func notify(_ connections: [Int]) {
            for connection in connections where !notified.contains(connection) {
                notified.append(connection)
            }
        }
        if event == .childrenChanged {
            notify(takeAll(.children, path))
            notify(tables[Kind.persistent.rawValue][path] ?? [])
            return notified
        }
        notify(takeAll(.data, path))
        if event == .deleted { notify(takeAll(.children, path)) }
        notify(tables[Kind.persistent.rawValue][path] ?? [])
        let recursive = tables[Kind.recursive.rawValue]
        guard !recursive.isEmpty else { return notified }
        var above = path
        while true {
            notify(recursive[above] ?? [])
            if above == "/" { return notified }
            above = ZnodeTree.split(above).parent
        }
    }

    private mutating func takeAll(_ kind: Kind, _ path: String) -> [Int] {
        let connections = tables[kind.rawValue].removeValue(forKey: path) ?? []
        for connection in connections
        where !Kind.allCases.contains(where: { has($0, path, connection) }) {
            pathsOf[connection]?.remove(path)
        }
        return connections
    }
}
