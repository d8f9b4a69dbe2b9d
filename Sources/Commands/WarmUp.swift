// The hour before a demo's session begins, in virtual time.
internal import Polling
internal import SimulatedCluster
internal import Simulation

/// The time before the operator sees anything, in which the simulated cluster is observed already,
/// so that graphs have something to show.
struct WarmUp: Sendable {
    let system: SimulatedSystem
    /// When the operator's session begins, in the simulation's clock.
    let beginsNs: UInt64
    let refreshNs: UInt64

    /// The refresh interval, and for how long before the session at most: coarse where only the
    /// long graphs keep it, finer for the graphs of an hour and of five minutes.
    private static let paces: [(refreshNs: UInt64, spanNs: UInt64)] = [
        (120_000_000_000, 21_600_000_000_000),
        (150_000_000_000, 3_600_000_000_000),
        (12_000_000_000, 312_000_000_000),
    ]
    /// Clusters observed just before the session are shown.
    private static let shownSpanNs: UInt64 = 10_000_000_000
    private static let longSeconds: UInt64 = 3_600
    private static let shortSeconds: UInt64 = 40
    /// Above so many partitions a long warm-up would keep the operator waiting.
    private static let longWarmUpPartitions = 5_000

    static func seconds(_ shape: Shape) -> UInt64 {
        shape.partitions <= longWarmUpPartitions ? longSeconds : shortSeconds
    }

    var firstRefreshNs: UInt64 { Self.paces[0].refreshNs }

    /// Time stands at the beginning until it is reached.
    var now: UInt64 { max(system.now(), beginsNs) }

    func shows(_ now: UInt64) -> Bool { now + Self.shownSpanNs >= beginsNs }

    /// Which refresh interval holds from which moment on before the session begins at `beginsNs`.
    /// Nothing is observed before the first: no graph keeps what happened longer ago.
    static func plan(_ beginsNs: UInt64) -> [(atNs: UInt64, refreshNs: UInt64)] {
        paces.map { pace in
            (max(SimulatedSystem.startNs, beginsNs - min(beginsNs, pace.spanNs)), pace.refreshNs)
        }
    }

    /// Starts the observation and sets its refresh interval for every part of the warm-up.
    func start(_ observation: Observation) {
        let plan = Self.plan(beginsNs)
        system.at(plan[0].atNs) { observation.start() }
        for (moment, refresh) in plan.dropFirst() {
            system.at(moment) { observation.setRefresh(ns: refresh) }
        }
        let refresh = refreshNs
        system.at(beginsNs - 100_000_000) { observation.setRefresh(ns: refresh) }
    }
}
