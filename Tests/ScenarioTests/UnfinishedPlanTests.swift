// Plans that were cut short, moves of somebody else and throttles left behind, as whole sessions.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing

@Suite struct UnfinishedPlanTests {
    private static let list = "leader.replication.throttled.replicas"

    private func shape(_ scenario: Scenario = .quietDay) -> Shape {
        var shape = smallShape(scenario)
        shape.storyAtSeconds = 1e9
        shape.copySpeed = 1_000_000
        return shape
    }

    /// A console that has begun to drain a broker and was killed, and another one on the same
    /// cluster that knows what the first has written down.
    private func consoles() -> (one: DrivenSession, two: DrivenSession) {
        var options = SessionOptions()
        options.memory = SessionMemory()
        options.canDetach = true
        let one = DrivenSession(shape(), options)
        one.run(until: 30)
        one.go("drain 2")
        #expect(one.run(atMost: 10) { $0.text.contains("   plan ") })
        one.press("t")
        one.press(.control("u"))
        one.press("100GB")
        one.press(.enter)
        one.press(.enter)
        one.confirmReview()
        #expect(one.run(atMost: 30) { $0.cluster.counts["moving"] ?? 0 > 0 }, "\(one.text)")
        // Whoever quits meanwhile may leave it to a process of its own.
        one.press(.control("c"))
        one.expect("leave it to a process of its own")
        one.press("d")
        #expect(one.host.hasQuit && one.host.left?.isEmpty == false)
        one.kill()
        let two = DrivenSession(beside: one, options)
        two.run(seconds: 10)
        return (one, two)
    }

    private func isThrottled(_ session: DrivenSession) -> Bool {
        session.network.inspect { machine in
            session.cluster.topics.contains { machine.overrideTruth($0.name, Self.list) != nil }
                || (1...6).contains {
                    machine.overrideTruth(
                        ofBroker: $0, "follower.replication.throttled.rate") != nil
                }
        }
    }

    @Test func theNextConsoleSaysSoAndGoesOn() {
        let (one, two) = consoles()
        defer {
            two.end()
            one.end()
        }
        two.expect("plan unfinished: J")
        two.press("M")
        two.run(seconds: 2)
        two.expect("Not finished: ")
        two.press("J")
        two.run(seconds: 2)
        two.expect("c go on  a adopt  x forget")
        two.press("c")
        two.expect("go on with it")
        // Anything but the word does nothing.
        two.press("no")
        two.press(.enter)
        two.expect("type yes")
        two.press(.control("u"))
        two.press("yes")
        two.press(.enter)
        two.run(seconds: 3)
        two.expect("overview \(Glyph.trail) moves")
        two.expect("\(Glyph.moving) plan")
        #expect(
            two.run(atMost: 600) { $0.text.contains("done, as the cluster says") }, "\(two.text)")
        two.run(seconds: 20)
        two.expectNot("plan unfinished")
        #expect(!two.cluster.partitions.replicaBroker.contains(2))
        #expect(!isThrottled(two))
    }

    @Test func itIsAdoptedAndItsThrottlesGo() {
        let (one, two) = consoles()
        defer {
            two.end()
            one.end()
        }
        two.press("J")
        two.run(seconds: 2)
        two.press("a")
        two.press("yes")
        two.press(.enter)
        #expect(two.run(atMost: 600) { $0.text.contains("over, and") }, "\(two.text)")
        two.run(seconds: 20)
        #expect(two.cluster.counts["moving"] == 0)
        two.expectNot("plan unfinished")
        #expect(!isThrottled(two))
    }

    @Test func itIsForgottenAndItsThrottlesGo() {
        let (one, two) = consoles()
        defer {
            two.end()
            one.end()
        }
        #expect(isThrottled(two))
        let topic = two.cluster.topics.first { !$0.isInternal }?.name ?? ""
        two.network.change { $0.setOverride(ofTopic: topic, Self.list, "0:99") }
        two.press("J")
        two.run(seconds: 2)
        two.press("x")
        two.press("forget")
        two.press(.enter)
        #expect(two.run(atMost: 60) { $0.text.contains("over, and forgotten") }, "\(two.text)")
        two.expectNot("plan unfinished")
        two.press("J")
        two.run(seconds: 2)
        two.press("c")
        two.expectNot("x forget")
        two.expect("go on: this is no plan that was cut short")
        // What somebody else has set stays, and is taken away by hand.
        #expect(two.network.inspect { $0.overrideTruth(topic, Self.list) } == "0:99")
        two.press("M")
        #expect(two.run(atMost: 120) { $0.text.contains("takes them away") }, "\(two.text)")
        two.press("t")
        two.confirmReview(typing: "yes")
        #expect(two.run(atMost: 60) { $0.text.contains("Over.") }, "\(two.text)")
        #expect(!isThrottled(two))
    }

    @Test func aMoveOfSomebodyElseIsCancelled() {
        var shape = smallShape(.reassignmentUnderLoad)
        shape.storyAtSeconds = 40
        let session = DrivenSession(shape)
        defer { session.end() }
        #expect(session.run(atMost: 200) { $0.cluster.counts["moving"] ?? 0 > 0 })
        session.press("M")
        session.run(seconds: 5)
        session.expect("moved by somebody else")
        let before = session.cluster.counts["moving"] ?? 0
        session.press("d")
        let topic = session.run(atMost: 20) { $0.text.contains("and press Enter to begin") }
        #expect(topic, "\(session.text)")
        session.run(seconds: 0.5)
        let line = session.text.split(separator: "\n").last { $0.contains("Type ") } ?? ""
        session.press(line.split(separator: " ").dropFirst().first.map(String.init) ?? "")
        session.press(.enter)
        #expect(session.run(atMost: 60) { $0.text.contains("Over.") }, "\(session.text)")
        #expect(session.run(atMost: 30) { $0.cluster.counts["moving"] ?? 0 < before })
    }
}
