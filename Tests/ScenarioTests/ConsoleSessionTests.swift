// Effects are carried out in one place: what the screens ask for happens, and its answer comes back
// to them.
import ClusterModel
import Drawing
import Screens
import Session
import SimulatedCluster
import Testing

/// A terminal that can do little, and comes back from the shell with another size.
private struct PoorHost: SessionHost {
    mutating func quit() {}
    mutating func leavePlan(_ id: String) {}
    mutating func repaint() {}
    mutating func suspend() -> (width: Int, height: Int) { (100, 30) }
    mutating func copy(_ text: String) -> Bool { false }
    mutating func write(_ cluster: Cluster, to path: String) throws(EffectFailure) -> String {
        throw EffectFailure("the disk is full")
    }
}

@Suite struct ConsoleSessionTests {
    @Test func whatTheScreensAskForIsDone() {
        let session = DrivenSession(smallShape())
        defer { session.end() }
        session.run(until: 8)
        session.press("N")
        session.press("y")
        session.expect("copied the row")
        session.press("**y")
        #expect(session.host.copied.count == 2)
        session.press("S")
        session.expect("snapshot written to highwater-SIMULATED")
        #expect(session.host.written.count == 1)
        session.go("snapshot now.json")
        #expect(session.host.written.last == "now.json")
        session.press(.control("l"))
        session.press(.control("z"))
        #expect(session.host.repaints == 1 && session.host.suspensions == 1)
        session.press("-")
        #expect(session.refreshSeconds == 5)
        session.go("refresh 1")
        #expect(session.refreshSeconds == 1)
        let before = session.publicationCount
        session.press(.control("r"))
        session.run(seconds: 0.5)
        #expect(session.publicationCount > before)
        #expect(!session.host.hasQuit)
        session.press(.control("c"))
        #expect(session.host.hasQuit)
    }

    @Test func whatCannotBeDoneIsSaid() {
        let driven = DrivenSession(smallShape())
        defer { driven.end() }
        driven.run(until: 8)
        var host = PoorHost()
        var session = ConsoleSession(ScreenOptions(contextName: "poor"))
        session.apply(.resized(width: 120, height: 40), &host)
        session.apply(.key(.character("S")), &host)
        #expect(text(session).contains("nothing is known yet: no snapshot written"))
        let now = driven.cluster.takenAt
        let tick = Event.tick(now: now, wall: WallTime(ms: 0), localTime: "12:48:03")
        session.take(driven.cluster, at: tick, &host)
        session.apply(.key(.character("S")), &host)
        #expect(text(session).contains("the disk is full"))
        session.apply(.key(.character("N")), &host)
        session.apply(.key(.character("y")), &host)
        #expect(text(session).contains("no clipboard"))
        session.apply(.key(.control("z")), &host)
        #expect(session.screens.render().width == 100, "the answer to suspend reaches the screens")
    }

    private func text(_ session: ConsoleSession) -> String {
        session.screens.render().text
    }
}
