// The one way to a cluster: its loop, its client and whether changes may leave. Made once, handed
// to whatever reads the cluster and to whatever changes it.
internal import KafkaWire
package import Transport

/// Whether requests that change the cluster may leave.
package enum WritePolicy: Hashable, Sendable {
    /// A request whose effect is `changes` fails with READ_ONLY before anything is sent.
    case readOnly
    /// The same, but a request that only asks whether a change would be taken may leave.
    case trials
    case allowed
}

/// One cluster's loop and client, shared by all who talk to the cluster. May be held by any thread.
package final class ClusterSession: Sendable {
    package let loop: Loop
    package let writes: WritePolicy
    private let bound: LoopBound<KafkaClient>

    package init(loop: Loop, config: ClientConfig, writes: WritePolicy = .readOnly) {
        self.loop = loop
        self.writes = writes
        bound = LoopBound(loop) { KafkaClient(loop: loop, config: config, writes: writes) }
    }

    /// The client; traps on any thread but the loop's.
    package var client: KafkaClient { bound.value }

    /// Does `work` on the loop's thread, soon; from any thread.
    package func run(_ work: @escaping @Sendable (KafkaClient) -> Void) {
        loop.post { [self] in work(client) }
    }

    /// Does `work` on the loop's thread after a time; called on that thread.
    package func after(nanoseconds: UInt64, _ work: @escaping () -> Void) {
        loop.after(nanoseconds, work)
    }

    /// The loop's time; on its thread.
    package var nowNs: UInt64 { loop.now }
    /// Milliseconds since 1970.
    package var wallClockMs: Int64 { loop.system.wallClockMs() }
    package var random: UInt64 { loop.system.random() }
}
