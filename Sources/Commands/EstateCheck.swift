// All contexts opened side by side, each read once within its own limit: one that does not answer
// holds up nobody.
internal import Arguments
internal import ClusterModel
internal import KafkaClient
internal import Polling
internal import Settings
internal import TerminalIO
internal import Transport

/// How the cluster of one context stands.
struct EstateEntry {
    let name: String
    let path: String
    /// Nil: its settings are wrong, and `fault` says what.
    var setup: Setup?
    var fault: String?
    var cluster = Cluster()
    /// All that was asked is answered, or failed.
    var isFinished = false
}

/// One look at the clusters of many contexts.
@MainActor
struct EstateCheck {
    private let invocation: Invocation
    private let host: Host
    private let timeoutNs: UInt64

    /// Clusters that are read side by side.
    private static let atOnce = 8
    /// How long is waited for what is published when the time is over.
    private static let publishMs: Int32 = 200

    init(_ invocation: Invocation, _ host: Host, _ timeoutNs: UInt64) {
        self.invocation = invocation
        self.host = host
        self.timeoutNs = timeoutNs
    }

    func run(_ contexts: [(name: String, path: String)]) throws(Ending) -> [EstateEntry] {
        var entries = contexts.map { context in
            var entry = EstateEntry(name: context.name, path: context.path)
            do throws(Ending) {
                entry.setup = try Setup(invocation, context: context.name, host)
            } catch {
                entry.fault = error.sentence
            }
            return entry
        }
        let loop = try Setup.startLoop()
        defer { loop.stop() }
        var first = 0
        while first < entries.count {
            let last = min(entries.count, first + Self.atOnce)
            read(&entries, first..<last, loop)
            first = last
        }
        return entries
    }

    private func read(_ entries: inout [EstateEntry], _ places: Range<Int>, _ loop: Loop) {
        let inbox = Inbox<(place: Int, cluster: Cluster?)>()
        var observations: [Observation] = []
        for place in places {
            guard let setup = entries[place].setup else { continue }
            let session = ClusterSession(loop: loop, config: setup.client.within(timeoutNs))
            let observation = Observation(
                session, mode: .once(limitNs: timeoutNs), ensemble: setup.ensemble,
                judging: setup.judging,
                publish: { inbox.post((place, $0)) }, finished: { inbox.post((place, nil)) })
            observation.start()
            observations.append(observation)
        }
        let endsAt = MonotonicClock.now + timeoutNs
        var waiting = observations.count
        func take() {
            for (place, cluster) in inbox.drain() {
                if let cluster {
                    entries[place].cluster = cluster
                } else if !entries[place].isFinished {
                    entries[place].isFinished = true
                    waiting -= 1
                }
            }
        }
        while waiting > 0, MonotonicClock.now < endsAt {
            let leftMs = (endsAt - MonotonicClock.now) / 1_000_000 + 1
            _ = inbox.wait(milliseconds: Int32(clamping: leftMs))
            take()
        }
        if waiting > 0 {
            // What is known by now of those that are not through.
            for observation in observations { observation.publishNow() }
            rest(milliseconds: UInt32(Self.publishMs))
            take()
        }
        for observation in observations { observation.stop() }
    }
}
