// The product's own observation of a real cluster, inside the test: what it knew at which moment.
import ClusterModel
import Drawing
import Foundation
import KafkaClient
import Polling
import Screens
import Synchronization
import Transport

/// A live observation and its newest picture.
final class WatchedCluster: Sendable {
    private struct State {
        var newest = Cluster()
        /// When the newest picture was published.
        var at = 0.0
    }

    private let loop: Loop
    private let observation: Observation
    private let state: Mutex<State>

    /// `map` says where an advertised address is dialled.
    init(
        _ bootstrap: String, ensemble: EnsembleConfig = EnsembleConfig(),
        map: @escaping @Sendable (Endpoint) -> Endpoint = { $0 }
    ) throws {
        loop = Loop(try EpollSystem())
        guard loop.start() else { throw HarnessError("no thread for the loop") }
        var client = ClientConfig(
            bootstrap: try bootstrap.split(separator: ",").map { try Endpoint(parsing: $0) })
        client.map = { endpoint, _ in map(endpoint) }
        let box = Box()
        observation = Observation(
            ClusterSession(loop: loop, config: client), mode: .live(refreshNs: 2_000_000_000),
            ensemble: ensemble,
            publish: { cluster in box.give(cluster) })
        state = Mutex(State())
        box.owner.withLock { [weak self] in $0 = self }
        var interest = Interest()
        interest.wantsCoordinator = true
        observation.setInterest(interest)
        observation.start()
    }

    private final class Box: Sendable {
        let owner = Mutex<WatchedCluster?>(nil)
        func give(_ cluster: Cluster) { owner.withLock { $0 }?.take(cluster) }
    }

    private func take(_ cluster: Cluster) {
        state.withLock { $0 = State(newest: cluster, at: Date().timeIntervalSince1970) }
    }

    var newest: Cluster { state.withLock { $0.newest } }

    /// What is in view from now on.
    func look(at partitions: [PartitionKey]) {
        var interest = Interest()
        interest.wantsCoordinator = true
        interest.partitions = partitions
        observation.setInterest(interest)
    }

    /// What the console would show of the newest picture, after `:` and a screen's name.
    func screen(_ command: String, keys: String = "", width: Int = 200) -> String {
        let cluster = newest
        var screens = ScreenState(options: ScreenOptions(contextName: "live"))
        _ = screens.update(.resized(width: width, height: 50))
        _ = screens.update(
            .tick(now: cluster.takenAt, wall: cluster.takenAtWall, localTime: "12:00:00"))
        _ = screens.update(.cluster(cluster))
        for scalar in ":\(command)".unicodeScalars {
            _ = screens.update(.key(.character(scalar)))
        }
        _ = screens.update(.key(.enter))
        for scalar in keys.unicodeScalars { _ = screens.update(.key(.character(scalar))) }
        return screens.render().text
    }

    /// Waits for a picture for which `holds`; the picture and when it was published, in seconds
    /// since 1970.
    func wait(
        for what: String, seconds: Double, _ holds: (Cluster) -> Bool
    ) throws -> (cluster: Cluster, at: Double) {
        var found: State?
        try waitUntil(what, seconds: seconds, every: 0.02) {
            let now = state.withLock { $0 }
            if holds(now.newest) { found = now }
            return found != nil
        }
        guard let found else { throw HarnessError(what) }
        return (found.newest, found.at)
    }

    func end() {
        observation.stop()
        loop.stop()
        loop.waitUntilEnded()
    }
}
