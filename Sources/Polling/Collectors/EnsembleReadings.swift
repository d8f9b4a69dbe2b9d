// How each part of what Kafka keeps in ZooKeeper is read and folded.
import ClusterModel
import Transport
import ZooKeeperClient

extension EnsembleWatch {
    /// One-shot watches are asked for where no persistent one covers the node.
    private var watches: Bool { !usesTrees && !observer.isOnce }

    /// Reads one thing; `finish` gets whether it could be read.
    func start(_ reading: Reading, _ finish: @escaping (Bool) -> Void) {
        switch reading {
        case .controller: readController(finish)
        case .registrations: readRegistrations(finish)
        case .reassignments:
            readQueue(ZnodePaths.reassignments, \.reassignments, finish)
        case .elections:
            readQueue(ZnodePaths.elections, \.preferredElections, finish)
        case .deletions: readDeletions(finish)
        case .configChanges: readConfigChanges(finish)
        case .topics: readTopics(finish)
        case .migration: readMigration(finish)
        case .users: readUsers(finish)
        }
    }

    /// Reads a node that may be missing; a watch is set either way. Other failures are noted.
    private func node(_ path: String, _ then: @escaping (Result<Znode?, ZooKeeperError>) -> Void) {
        session.get(path, watch: watches) { [weak self] result in
            guard let self else { return }
            stampWall()
            switch result {
            case .success(let node):
                settle(path)
                then(.success(node))
            case .failure(let error) where error.isMissing:
                settle(path)
                guard watches else { return then(.success(nil)) }
                session.exists(path, watch: true) { [weak self] result in
                    guard let self else { return }
                    stampWall()
                    if case .success(let found) = result, found.stat != nil {
                        // It came between the two questions.
                        node(path, then)
                    } else {
                        then(.success(nil))
                    }
                }
            case .failure(let error):
                fail(error, path)
                then(.failure(error))
            }
        }
    }

    /// Reads the names of a node's children; nil where the node is missing. Other failures are
    /// noted.
    private func children(
        _ path: String, isWatched: Bool,
        _ then: @escaping (Result<[String]?, ZooKeeperError>) -> Void
    ) {
        session.children(path, watch: isWatched) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let children):
                settle(path)
                then(.success(children.names))
            case .failure(let error) where error.isMissing: then(.success(nil))
            case .failure(let error):
                fail(error, path)
                then(.failure(error))
            }
        }
    }

    private func fail(_ error: ZooKeeperError, _ path: String) {
        guard error.isForbidden else { return note(error, path) }
        let known = observer.working.cluster.coordinator.protectedPaths
        if !known.contains(path) {
            observer.working.cluster.coordinator.protectedPaths = (known + [path]).sorted()
        }
    }

    // MARK: Controller and brokers

    private func readController(_ finish: @escaping (Bool) -> Void) {
        node(ZnodePaths.controller) { [weak self] result in
            guard let self, case .success(let controller) = result else { return finish(false) }
            node(ZnodePaths.controllerEpoch) { [weak self] result in
                guard let self, case .success(let epoch) = result else { return finish(false) }
                let before = observer.working.cluster.controller
                observer.working.fold(
                    controller: controller, epoch: epoch.flatMap { ZnodeContent.epoch($0.data) },
                    now: observer.loop.now)
                if observer.working.cluster.controller != before { observer.metadata.request() }
                finish(true)
            }
        }
    }

    private func readRegistrations(_ finish: @escaping (Bool) -> Void) {
        children(ZnodePaths.brokers, isWatched: watches) { [weak self] result in
            guard let self, case .success(let names?) = result else { return finish(false) }
            let all = Set(names)
            registrations = registrations.filter { all.contains($0.key) }
            readRegistrations(names.filter { registrations[$0] == nil }[...], finish)
        }
    }

    /// Some at a time: a thousand brokers' nodes are not asked for at once.
    private func readRegistrations(
        _ names: ArraySlice<String>, _ finish: @escaping (Bool) -> Void
    ) {
        let wave = names.prefix(Limits.znodesAtOnce)
        guard !wave.isEmpty else {
            stampWall()
            observer.working.fold(
                registrations: Array(registrations.values), now: observer.loop.now)
            observer.metadata.request()
            return finish(true)
        }
        var left = wave.count
        for name in wave {
            let path = ZnodePaths.broker(name)
            session.get(path, watch: watches) { [weak self] result in
                guard let self else { return }
                switch result {
                case .success(let node):
                    settle(path)
                    if let id = Int32(name), id >= 0 {
                        registrations[name] = ZnodeContent.registration(
                            node.data, broker: BrokerID(id), stat: node.stat)
                    }
                case .failure(let error):
                    // A broker that has gone in between is not there: that is what it says.
                    if !error.isMissing { fail(error, path) }
                }
                left -= 1
                if left == 0 { readRegistrations(names.dropFirst(wave.count), finish) }
            }
        }
    }

    // MARK: Queues and the rest

    private func readQueue(
        _ path: String, _ field: WritableKeyPath<PendingWork, Int?>,
        _ finish: @escaping (Bool) -> Void
    ) {
        node(path) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let node):
                let count = node.map { ZnodeContent.partitionCount($0.data) } ?? 0
                observer.working.cluster.coordinator.pending[keyPath: field] = count
                finish(true)
            case .failure:
                observer.working.cluster.coordinator.pending[keyPath: field] = nil
                finish(false)
            }
        }
    }

    private func readDeletions(_ finish: @escaping (Bool) -> Void) {
        children(ZnodePaths.deletions, isWatched: watches) { [weak self] result in
            guard let self, case .success(let topics) = result else { return finish(false) }
            observer.working.cluster.coordinator.pending.topicDeletions = topics?.count ?? 0
            observer.working.cluster.coordinator.pending.deletingTopics = Array(
                (topics ?? []).prefix(Limits.deletingTopics))
            finish(true)
        }
    }

    /// Names end in ten digits that grow: what is greater than the last one seen is new. What is
    /// there at the first reading was announced before we came.
    private func readConfigChanges(_ finish: @escaping (Bool) -> Void) {
        children(ZnodePaths.configChanges, isWatched: watches) { [weak self] result in
            guard let self, case .success(let names) = result else { return finish(false) }
            let new = (names ?? []).filter { name in lastConfigChange.map { $0 < name } ?? false }
            lastConfigChange = names.map { $0.max() ?? lastConfigChange ?? "" } ?? ""
            for name in new.suffix(Limits.configChangesAtOnce) { readConfigChange(name) }
            finish(true)
        }
    }

    private func readConfigChange(_ name: String) {
        session.get("\(ZnodePaths.configChanges)/\(name)") { [weak self] result in
            guard let self, case .success(let node) = result,
                let entity = ZnodeContent.changedEntity(node.data)
            else { return }
            let path = ZnodePaths.config(entity)
            session.get(path) { [weak self] result in
                guard let self else { return }
                stampWall()
                switch result {
                case .success(let config):
                    guard let overrides = ZnodeContent.overrides(config.data) else { return }
                    observer.working.fold(
                        overrides: overrides, of: entity, at: WallTime(ms: config.stat.modifiedMs),
                        now: observer.loop.now)
                    readStoredTopic(of: entity)
                case .failure(let error):
                    if error.isMissing {
                        observer.working.fold(
                            overrides: [:], of: entity, at: WallTime(ms: node.stat.createdMs),
                            now: observer.loop.now)
                    } else {
                        fail(error, path)
                    }
                }
                observer.changed()
            }
        }
    }

    private func readTopics(_ finish: @escaping (Bool) -> Void) {
        children(ZnodePaths.topics, isWatched: !observer.isOnce) { [weak self] result in
            guard let self, case .success(let topics?) = result else { return finish(false) }
            let before = observer.working.cluster.coordinator.topicCount
            observer.working.cluster.coordinator.topicCount = topics.count
            if before != nil, before != topics.count { observer.metadata.request() }
            finish(true)
        }
    }

    private func readMigration(_ finish: @escaping (Bool) -> Void) {
        node(ZnodePaths.migration) { [weak self] result in
            guard let self, case .success(let node) = result else { return finish(false) }
            observer.working.cluster.coordinator.migration = node.flatMap {
                ZnodeContent.migration($0.data)
            }
            finish(true)
        }
    }

    /// Whether the ensemble protects what Kafka protects with zookeeper.set.acl.
    private func readUsers(_ finish: @escaping (Bool) -> Void) {
        session.children(ZnodePaths.users) { [weak self] result in
            guard let self else { return }
            if case .failure(let error) = result, error.isForbidden {
                fail(error, ZnodePaths.users)
            }
            finish(true)
        }
    }

    // MARK: What is in view

    /// The partitions whose stored state is wanted: a bounded number, with a watch each.
    func setStates(_ wanted: [PartitionKey]) {
        let next = Set(wanted.prefix(Limits.watchedStates))
        guard next != states else { return }
        for gone in states.subtracting(next) {
            session.unwatch(ZnodePaths.state(gone))
            observer.working.cluster.coordinator.storedStates[gone] = nil
            observer.working.pendingEvents.announced[gone] = nil
        }
        let topics = Set(next.map(\.topic))
        for gone in observer.working.cluster.coordinator.storedTopics.keys
        where !topics.contains(gone) {
            observer.working.cluster.coordinator.storedTopics[gone] = nil
        }
        let new = next.subtracting(states)
        states = next
        guard session.state.isConnected else { return }
        for key in new { readState(key) }
        for topic in Set(new.map(\.topic)) { readStoredTopic(topic) }
    }

    func readState(_ key: PartitionKey) {
        session.get(ZnodePaths.state(key), watch: !observer.isOnce) { [weak self] result in
            guard let self, states.contains(key) else { return }
            stampWall()
            switch result {
            case .success(let node):
                let before = observer.working.cluster.coordinator.storedStates[key]
                let state = ZnodeContent.state(node.data, stat: node.stat)
                observer.working.fold(state: state, of: key, now: observer.loop.now)
                if before != nil, before != state { observer.metadata.request() }
            case .failure(let error):
                if !error.isMissing { fail(error, ZnodePaths.state(key)) }
                observer.working.cluster.coordinator.storedStates[key] = nil
            }
            observer.changed()
        }
    }

    private func readStoredTopic(of entity: String) {
        guard let topic = ZnodePaths.topic(ofEntity: entity) else { return }
        if states.contains(where: { $0.topic == topic }) { readStoredTopic(topic) }
    }

    /// Assignment and overrides of a topic in view.
    func readStoredTopic(_ topic: String) {
        session.get(ZnodePaths.topic(topic)) { [weak self] result in
            guard let self, case .success(let node) = result,
                let assignment = ZnodeContent.assignment(node.data)
            else { return }
            session.get(ZnodePaths.config("topics/\(topic)")) { [weak self] result in
                guard let self, states.contains(where: { $0.topic == topic }) else { return }
                observer.working.cluster.coordinator.storedTopics[topic] = StoredTopic(
                    assignment: assignment)
                if case .success(let config) = result,
                    let overrides = ZnodeContent.overrides(config.data)
                {
                    stampWall()
                    observer.working.fold(
                        overrides: overrides, ofTopic: topic,
                        at: WallTime(ms: config.stat.modifiedMs), now: observer.loop.now)
                }
                observer.changed()
            }
        }
    }
}
