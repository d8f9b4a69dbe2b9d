// Persistent recursive watches: one for a whole subtree, on servers that know them.
import Transport

extension ZooKeeperSession {
    /// Watches a znode and everything below it: creations, deletions and
    /// changed data, never "children changed". Fails with `unsupported` on servers before 3.6,
    /// which is learned from the server first; one-shot watches remain then. Later losses are
    /// reported by `onGap`.
    package func watchTree(
        _ path: String, completion: @escaping (Result<Void, ZooKeeperError>) -> Void
    ) {
        let full = config.servers.full(path)
        if let reason = ZnodePath.fault(path) {
            loop.after(0) {
                completion(.failure(SessionFailure.badPath(reason).error("watch \(path)", nil)))
            }
            return
        }
        guard state != .closed else {
            loop.after(0) {
                completion(.failure(SessionFailure.closed.error("watch \(path)", nil)))
            }
            return
        }
        if state == .idle { start() }
        wantedTrees.append(WantedTree(path: full, completion: completion))
        loop.after(0) { [weak self] in self?.registerTrees() }
    }

    /// Registers what waits, once it is known whether the server in use can.
    func registerTrees() {
        guard !wantedTrees.isEmpty, !isRegisteringTrees, let link, link.isReady else { return }
        if let known = knowsTrees[link.server] { return known ? addTrees() : refuseTrees() }
        isRegisteringTrees = true
        askWord(.srvr, link.server) { [weak self] result in
            guard let self, self.link === link else { return }
            isRegisteringTrees = false
            if case .success(let text) = result,
                let version = ServerStatus(srvr: text).version
            {
                versions[link.server] = version
                knowsTrees[link.server] = version >= .withTrees
                registerTrees()
            } else {
                // Nobody says: the server's own answer to the attempt will.
                addTrees()
            }
        }
    }

    private func addTrees() {
        let wanted = wantedTrees
        wantedTrees = []
        for tree in wanted {
            let request = AddWatchRequest(
                path: tree.path, mode: AddWatchRequest.persistentRecursive)
            let name = config.servers.stripped(tree.path) ?? tree.path
            ask(request, "watch \(name)", isRead: true) { [weak self] result in
                self?.added(tree, result.map { _ in })
            }
        }
    }

    private func added(_ tree: WantedTree, _ result: Result<Void, ZooKeeperError>) {
        switch result {
        case .success:
            if let server { knowsTrees[server] = true }
            watches.addTree(tree.path)
            if tree.completion == nil {
                onGap(WatchGap(paths: strip([tree.path]), isLost: false))
            }
        case .failure(let error):
            // The server ends the connection after this answer; the next one may be newer.
            if error.zooKeeperCode == .unimplemented, let server = error.server {
                knowsTrees[server] = false
            }
            if tree.completion == nil { loseTrees([tree.path]) }
        }
        tree.completion?(result)
    }

    private func refuseTrees() {
        let wanted = wantedTrees
        wantedTrees = []
        let version = serverVersion.map { "\($0)" }
        for tree in wanted {
            let name = config.servers.stripped(tree.path) ?? tree.path
            let failure = SessionFailure.tooOld(version, "watches on whole subtrees", "3.6")
            tree.completion?(.failure(failure.error("watch \(name)", server)))
        }
        let lost = wanted.filter { $0.completion == nil }.map(\.path)
        if !lost.isEmpty { loseTrees(lost) }
    }

    private func loseTrees(_ paths: [String]) {
        for path in paths { watches.removeTree(path) }
        onGap(WatchGap(paths: strip(paths), isLost: true))
    }
}
