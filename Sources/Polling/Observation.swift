// The handle by which other threads start, steer and stop the observation of a cluster.
package import ClusterModel
package import Health
package import KafkaClient
internal import Transport

/// One cluster being observed. Every method may be called from any thread; clusters are handed to
/// `publish` on the loop's thread.
package final class Observation: Sendable {
    private let loop: Loop
    private let observer: LoopBound<ObserverSeat>

    /// How long and how much to look.
    package enum Mode: Sendable {
        /// Rounds for ever, one every `refreshNs`.
        case live(refreshNs: UInt64)
        /// One pass over everything, meant to be over within `limitNs`; `finished` is called when
        /// nothing more can come.
        case once(limitNs: UInt64)
    }

    /// - Parameters:
    ///   - session: the cluster; its client is closed by `stop`.
    ///   - sections: what to ask for; Metadata always is.
    ///   - budget: how much is asked at once.
    ///   - ensemble: how to reach ZooKeeper, where the cluster needs it.
    ///   - judging: by what rules judge besides what is observed.
    ///   - publish: takes each new cluster; called on the loop's thread.
    ///   - finished: called once in `once` mode, after the last cluster.
    package init(
        _ session: ClusterSession, mode: Mode,
        sections: Set<Section> = Set(Section.allCases),
        budget: Budget = Budget(), ensemble: EnsembleConfig = EnsembleConfig(),
        judging: Judging = Judging(),
        publish: @escaping @Sendable (Cluster) -> Void,
        finished: @escaping @Sendable () -> Void = {}
    ) {
        let loop = session.loop
        self.loop = loop
        observer = LoopBound(loop) {
            let onceLimit: UInt64?
            let refreshNs: UInt64
            switch mode {
            case .once(let limit): (onceLimit, refreshNs) = (limit, Limits.second)
            case .live(let ns): (onceLimit, refreshNs) = (nil, max(ns, Limits.leastRefresh))
            }
            return ObserverSeat(
                Observer(
                    loop: loop, client: session.client,
                    plan: ObservationPlan(
                        sections: sections, onceLimit: onceLimit, budget: budget,
                        ensemble: ensemble, judging: judging),
                    refreshNs: refreshNs, publish: publish, finished: finished))
        }
    }

    private func post(_ work: @escaping @Sendable (Observer) -> Void) {
        loop.post { [observer] in work(observer.value.observer) }
    }

    package func start() { post { $0.start() } }
    /// No cluster is published after this has run on the loop.
    package func stop() { post { $0.stop() } }
    /// What is in view now: asked first and most often; `isAtOnce`: before the next round.
    package func setInterest(_ interest: Interest, isAtOnce: Bool = true) {
        post { $0.setInterest(interest, isAtOnce: isAtOnce) }
    }
    package func setRefresh(ns: UInt64) { post { $0.setRefresh(ns) } }
    /// A round out of turn.
    package func pollNow() { post { $0.pollNow() } }
    /// These were changed: their configs are read at once, not when their turn comes.
    package func readConfigs(of resources: [ObjectID]) {
        post { $0.readConfigs(of: resources) }
    }
    /// Frees a cluster that is shown no more, on the loop's thread: ten thousand groups take longer
    /// to free than a key may wait. The caller gives its last copy away.
    package func retire(_ cluster: consuming Cluster) {
        let last = LastCopy(cluster)
        loop.post { last.release() }
    }
    /// Lets everything known of the cluster go and observes another one, which was met at an
    /// address of this one (`Cluster.otherCluster`).
    package func beginAnew(with cluster: OtherCluster) {
        loop.post { [observer] in observer.value.beginAnew(with: cluster) }
    }
    /// Publishes what is known now, as when a snapshot's time is over.
    package func publishNow() { post { $0.publishNow() } }
}

/// Holds the observer of the cluster that is observed now.
private final class ObserverSeat {
    private(set) var observer: Observer

    init(_ observer: Observer) { self.observer = observer }

    func beginAnew(with other: OtherCluster) {
        guard !observer.isStopped else { return }
        let old = observer
        old.leave()
        old.client.beginAnew(
            cluster: other.id,
            at: UInt16(exactly: other.port).map { Endpoint(host: other.host, port: $0) })
        observer = Observer(
            loop: old.loop, client: old.client, plan: old.plan, refreshNs: old.refreshNs,
            publish: old.publication.publish, finished: old.publication.finished)
        observer.start()
    }
}

/// A cluster on its way to the thread that frees it.
private final class LastCopy: Sendable {
    private let cluster: Locked<Cluster?>

    init(_ cluster: consuming sending Cluster) { self.cluster = Locked(cluster) }

    func release() { cluster.withLock { $0 = nil } }
}
