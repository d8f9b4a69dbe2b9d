// A driven session: keys and events in, frames out. A failure prints the last frame and the keys.

import ClusterModel
import Drawing
import Health
import ModelTesting
import Screens
import Testing

/// The sample clusters, each built once.
enum Samples {
    static let ill = SampleCluster.ill()
    static let healthy = SampleCluster.healthy()
    static let zooKeeper = SampleCluster.zooKeeper()
    static let kraftQuorum = SampleCluster.kraftQuorum()
    static let configs = SampleCluster.configs()
    static let empty = SampleCluster.empty()
    static let loading = SampleCluster.loading()
}

/// A person at the console, in a test.
struct Session {
    var state: ScreenState
    private(set) var effects: [Effect] = []
    private var pressed: [String] = []
    private var now: Instant

    init(
        _ cluster: Cluster?, width: Int = 80, height: Int = 24, context: String = "prod-eu"
    ) {
        state = ScreenState(
            options: ScreenOptions(contextName: context, toolVersion: "0.1"))
        now = cluster?.takenAt ?? Instant(ns: 1_000_000_000_000)
        _ = state.update(.resized(width: width, height: height))
        tick(0)
        if let cluster { show(cluster) }
    }

    /// Lets seconds pass; the clock on the wall stood at 12:48:03 at the start.
    mutating func tick(_ seconds: Double) {
        now = Instant(ns: now.ns + UInt64(seconds * 1e9))
        let start = 12 * 3600 + 48 * 60 + 3
        elapsed += seconds
        let clock = NumberFormat.clock(secondsOfDay: start + Int(elapsed))
        effects += state.update(
            .tick(now: now, wall: WallTime(ms: 1_795_000_000_000), localTime: clock))
    }
    private var elapsed = 0.0

    /// Shows a cluster as an observation would hand it over: judged by the rules.
    mutating func show(_ cluster: Cluster) {
        var judged = cluster
        if !hasWatched, !cluster.groups.isEmpty {
            health.watchPast(of: cluster)
            hasWatched = true
        }
        health.advance(&judged)
        effects += state.update(.cluster(judged))
    }
    private var health = HealthState()
    /// Groups are judged over minutes: they were seen for so long.
    private var hasWatched = false
    mutating func send(_ event: Event) { effects += state.update(event) }

    /// Presses each character as a key.
    mutating func press(_ keys: String) {
        for scalar in keys.unicodeScalars { press(.character(scalar)) }
    }
    mutating func press(_ key: Key) {
        pressed.append("\(key)")
        effects += state.update(.key(key))
    }
    mutating func press(_ keys: Key...) { for key in keys { press(key) } }

    var frame: Frame { state.render() }
    var text: String { frame.text }

    /// The text of the selected line; empty where none is selected.
    var selectedLine: String {
        let frame = frame
        for y in 0..<frame.height {
            guard (0..<frame.width).contains(where: { frame[$0, y].isSelected }) else { continue }
            return frame.lines[y]
        }
        return ""
    }

    func expect(_ wanted: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(text.contains(wanted), "\(story(wanted))", sourceLocation: sourceLocation)
    }
    func expectNot(_ unwanted: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(!text.contains(unwanted), "\(story(unwanted))", sourceLocation: sourceLocation)
    }
    func expectSelected(_ wanted: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(
            selectedLine.contains(wanted), "\(story(wanted))", sourceLocation: sourceLocation)
    }
    mutating func drainEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    private func story(_ text: String) -> String {
        "\"\(text)\" after \(pressed.joined(separator: " ")):\n\(self.text)"
    }
}
