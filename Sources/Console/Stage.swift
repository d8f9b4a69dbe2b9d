// What a session of the console plays on: a real cluster in real time, or a simulated one.
import Glibc
import KafkaClient
import Polling
import Settings
import Transport

/// Where a session's loop runs and which clock it lives by.
@MainActor
struct Stage {
    /// The name in the title.
    var title: String
    /// What is being tried while there is no picture yet.
    var sentence: String
    var client: ClientConfig
    var ensemble = EnsembleConfig()
    var preferences: Preferences
    var isReadOnly: Bool
    /// Of the loop's clock; a simulation may run faster than the wall's.
    var refreshNs: UInt64
    /// The loop, started. What else it needs to stay alive comes along.
    var startLoop: () throws(Ending) -> Loop
    /// Monotonic nanoseconds of the loop's clock.
    var now: () -> UInt64
    /// Milliseconds since 1970.
    var wallMs: () -> Int64
    /// Why the cluster reached is not the one meant, from its id; nil where it is.
    var identityWarning: (_ clusterID: String?) -> String?
    /// How the observation is begun and steered besides what the operator does.
    var rehearsal: Rehearsal?

    /// A real cluster.
    init(_ setup: Setup) {
        title = setup.title
        let servers = setup.configuration.connection.bootstrap.map(\.description)
        sentence =
            "connecting to " + servers.prefix(3).joined(separator: ", ")
            + (servers.count > 3 ? ", …" : "")
        client = setup.client
        ensemble = setup.ensemble
        preferences = setup.configuration.preferences
        isReadOnly = setup.configuration.connection.isReadOnly
        refreshNs = preferences.refresh.nanoseconds
        startLoop = { () throws(Ending) -> Loop in try Setup.startLoop() }
        now = { EpollClock.now }
        wallMs = { LocalClock.wallMs }
        identityWarning = setup.identityWarning
        rehearsal = nil
    }
}
