// One pass over a cluster, for commands that read it once: what is known when it is over, or when
// its time is.
internal import ClusterModel
internal import Health
internal import KafkaClient
internal import Polling
internal import TerminalIO

/// One pass over everything of some sections.
@MainActor
struct ClusterPass {
    let session: ClusterSession
    let ensemble: EnsembleConfig
    let sections: Set<Section>
    let timeoutNs: UInt64
    /// By what rules judge; of no matter where findings are not read.
    var judging = Judging()

    /// Kept back from the time-out for what is done with what is known.
    private static let reserveNs: UInt64 = 200_000_000
    /// How long is waited for what is published when the time is over.
    private static let publishMs: Int32 = 100

    /// The cluster as it is known by then; `isFinished`: all that was asked is answered, or failed.
    func run() -> (cluster: Cluster, isFinished: Bool) {
        let started = MonotonicClock.now
        let inbox = Inbox<News>()
        let observation = Observation(
            session, mode: .once(limitNs: timeoutNs), sections: sections, ensemble: ensemble,
            judging: judging,
            publish: { inbox.post(.cluster($0)) }, finished: { inbox.post(.finished) })
        observation.start()
        var cluster = Cluster()
        let budget = timeoutNs > 2 * Self.reserveNs ? timeoutNs - Self.reserveNs : timeoutNs / 2
        var wasToldToPublish = false
        while true {
            let spent = MonotonicClock.now - started
            if spent >= budget {
                // Time is over: what is known so far is published once.
                if wasToldToPublish { return (cluster, false) }
                wasToldToPublish = true
                observation.publishNow()
                _ = inbox.wait(milliseconds: Self.publishMs)
            } else {
                _ = inbox.wait(milliseconds: Int32((budget - spent) / 1_000_000) + 1)
            }
            var isFinished = false
            for news in inbox.drain() {
                switch news {
                case .cluster(let next): cluster = next
                case .finished: isFinished = true
                }
            }
            if isFinished { return (cluster, true) }
        }
    }
}

private enum News: Sendable {
    case cluster(Cluster)
    case finished
}
