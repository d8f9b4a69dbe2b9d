// When a cluster is published: at the latest some moments after the first answer of a round, since
// one slow broker must not hold back what the others answered.
import ClusterModel
import Transport

/// What is known of the clusters published so far and of the next.
struct Publication {
    let publish: (Cluster) -> Void
    /// Called once, after the last cluster of a snapshot.
    let finished: () -> Void
    var isFinished = false
    /// Something was answered since the last one.
    var isDirty = false
    var timer: TimerID?
    /// When the timer is due, and when the newest cluster was published.
    var due: UInt64 = 0
    var publishedAt: UInt64 = 0

    init(publish: @escaping (Cluster) -> Void, finished: @escaping () -> Void) {
        self.publish = publish
        self.finished = finished
    }
}

extension Observer {
    /// Something was learned outside a round.
    func changed() {
        guard !isStopped else { return }
        publication.isDirty = true
        publishSoon(isUrgent: true)
    }

    func publishSoon(isUrgent: Bool = false) {
        guard !isOnce else { return }
        let now = loop.now
        var at =
            now &+ (working.cluster.layout == 0 ? Limits.firstPublishDelay : Limits.publishDelay)
        if isLarge, !isUrgent {
            // Making and drawing such a cluster takes tens of milliseconds: of a round, or of the
            // first pass, one is enough.
            let pause = progress.wasIdle ? refreshNs / 4 * 3 : Limits.largePublishDelay
            at = max(at, publication.publishedAt &+ pause)
        }
        if let timer = publication.timer {
            guard at < publication.due else { return }
            loop.cancel(timer)
        }
        publication.due = at
        publication.timer = loop.at(at) { [weak self] in
            guard let self else { return }
            publication.timer = nil
            // In the middle of a round some brokers have answered a piece and others have not yet.
            let whole = offsets.askedAt &+ Limits.roundGrace
            if isLarge, progress.wasIdle, !isUrgent, offsets.isUnderWay, loop.now < whole {
                publication.due = whole
                publication.timer = loop.at(whole) { [weak self] in self?.publishNow() }
                return
            }
            publishNow()
        }
    }

    func publishNow() {
        if let timer = publication.timer { loop.cancel(timer) }
        publication.timer = nil
        publication.isDirty = false
        let now = loop.now
        publication.publishedAt = now
        refreshDerived(now)
        publication.publish(working.cluster)
    }
}
