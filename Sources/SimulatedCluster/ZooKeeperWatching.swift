// Watches of a session: set with a read, set again after a reconnect, persistent, taken away.
import ZooKeeperClient

extension Machine {
    mutating func watch(
        _ call: ZooKeeperCall, _ kind: ZooKeeperWatches.Kind?, _ path: String
    ) {
        guard let kind else { return }
        zooKeeper.watches.add(kind, path, call.connection.id)
    }

    mutating func setWatches(
        _ call: ZooKeeperCall, _ request: SetWatchesRequest
    ) throws(ZooKeeperRefusal) {
        var newer = SetWatches2Request()
        newer.relativeZxid = request.relativeZxid
        newer.data = request.data
        newer.exist = request.exist
        newer.child = request.child
        try setWatches(call, newer)
    }

    /// What happened since `relativeZxid` fires at once; the rest is watched again. Persistent
    /// watches are only set: what they missed is not sent.
    mutating func setWatches(
        _ call: ZooKeeperCall, _ request: SetWatches2Request
    ) throws(ZooKeeperRefusal) {
        for path in request.data + request.exist + request.child + request.persistent
            + request.persistentRecursive
        { try checkPath(path) }
        let tree = tree(call.connection)
        let since = request.relativeZxid
        var missed: [WatcherEvent] = []
        for path in request.data {
            guard let stat = znode(path, in: tree)?.stat else {
                missed.append(WatcherEvent(.deleted, path))
                continue
            }
            if stat.modifiedZxid > since {
                missed.append(WatcherEvent(.dataChanged, path))
            } else {
                watch(call, .data, path)
            }
        }
        for path in request.exist {
            if znode(path, in: tree) != nil {
                missed.append(WatcherEvent(.created, path))
            } else {
                watch(call, .data, path)
            }
        }
        for path in request.child {
            guard let stat = znode(path, in: tree)?.stat else {
                missed.append(WatcherEvent(.deleted, path))
                continue
            }
            if stat.childrenZxid > since {
                missed.append(WatcherEvent(.childrenChanged, path))
            } else {
                watch(call, .children, path)
            }
        }
        for path in request.persistent { watch(call, .persistent, path) }
        for path in request.persistentRecursive { watch(call, .recursive, path) }
        for event in missed {
            send(Jute.event(event), to: call.connection.id, afterNs: call.delay)
        }
        reply(call)
    }

    /// By kind: 1 children, 2 data, 3 any. A real server looks at persistent ones with either.
    mutating func checkWatches(
        _ call: ZooKeeperCall, _ path: String, _ kind: Int32, removing: Bool
    ) throws(ZooKeeperRefusal) {
        try checkPath(path)
        let kinds: [ZooKeeperWatches.Kind] =
            switch kind {
            case RemoveWatchesRequest.children: [.children, .persistent, .recursive]
            case RemoveWatchesRequest.data: [.data, .persistent, .recursive]
            case RemoveWatchesRequest.any: ZooKeeperWatches.Kind.allCases
            default: throw ZooKeeperRefusal(.badArguments)
            }
        let found = kinds.filter { zooKeeper.watches.has($0, path, call.connection.id) }
        guard !found.isEmpty else { throw ZooKeeperRefusal(.noWatcher) }
        if removing {
            for kind in found { _ = zooKeeper.watches.remove(kind, path, call.connection.id) }
        }
        reply(call)
    }
}
