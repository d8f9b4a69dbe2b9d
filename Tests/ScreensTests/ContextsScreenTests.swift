// The list of contexts: which one Enter goes on with, what is refused and why, and the pin.
import ClusterModel
import Drawing
import Testing

@testable import Screens

struct ContextsScreenTests {
    private func entry(
        _ name: String, _ change: (inout ContextEntry) -> Void = { _ in }
    ) -> ContextEntry {
        var entry = ContextEntry(
            name: name, file: "/etc/\(name).properties", address: "\(name)-1:9092")
        change(&entry)
        return entry
    }

    private func session(_ change: (inout ContextEntry) -> Void = { _ in }) -> Session {
        var session = Session(Samples.ill)
        let current = entry("prod-eu") {
            $0.isCurrent = true
            $0.isProduction = true
            change(&$0)
        }
        let wrong = entry("broken") {
            $0.isWrong = true
            $0.address = "/etc/broken.properties:2:1: unknown key"
        }
        _ = session.state.update(.contexts(ContextList([current, entry("test"), wrong])))
        _ = session.drainEffects()
        return session
    }

    private func switches(_ session: inout Session) -> [Effect] {
        session.drainEffects().filter {
            if case .interest = $0 { false } else { true }
        }
    }

    @Test func enterGoesOnWithTheOneBeforeThis() {
        var session = session()
        session.press("X")
        #expect(session.text.contains("prod-eu  open production  prod-eu-1:9092"))
        #expect(session.text.contains("test"))
        session.press(.enter)
        #expect(switches(&session) == [.switchContext("test")])
        #expect(!(session.state.screens.last is ContextsScreen))
    }

    @Test func namesOfOtherContextsComplete() {
        let session = session()
        #expect(completions("ctx ", session.state.scene()) == ["ctx test", "ctx broken"])
        #expect(completions("contexts te", session.state.scene()) == ["contexts test"])
    }

    @Test func whatCannotBeOpenedIsRefused() {
        var session = session()
        for (line, words) in [
            (":ctx prod-eu", "prod-eu is open"), (":contexts nowhere", "no context nowhere"),
            (":ctx broken", "broken: /etc/broken.properties:2:1: unknown key"),
        ] {
            session.press(line)
            session.press(.enter)
            #expect(switches(&session).isEmpty)
            #expect(session.text.contains(words), "\(session.text)")
            session.press(.escape)
        }
        session.press(":ctx test")
        session.press(.enter)
        #expect(switches(&session) == [.switchContext("test")])
    }

    /// It would stand still while nobody is here.
    @Test func aPlanUnderWayKeepsTheContext() {
        var session = session()
        session.state.execution = ExecutionView(title: "carry out the plan")
        session.press(":ctx test")
        session.press(.enter)
        #expect(switches(&session).isEmpty)
        let said = session.state.notice?.text ?? session.text
        #expect(said.contains("a plan is carried out from here"), "\(said)")
        session.state.execution?.ending = .over(nil)
        session.press(.escape)
        session.press(":ctx test")
        session.press(.enter)
        #expect(switches(&session) == [.switchContext("test")])
    }

    @Test func theClusterInSightIsPinnedOnce() throws {
        let id = try #require(Samples.ill.clusterID)
        var fresh = session()
        fresh.press("X")
        fresh.press("w")
        #expect(switches(&fresh) == [.pinCluster(context: "prod-eu", id: id)])
        for (pinned, words) in [(id, "is pinned to this cluster"), ("other", "pinned to other")] {
            var session = session { $0.clusterID = pinned }
            session.press("X")
            session.press("w")
            #expect(switches(&session).isEmpty)
            let said = session.state.notice?.text ?? ""
            #expect(said.contains(words), "\(said)")
        }
    }
}
