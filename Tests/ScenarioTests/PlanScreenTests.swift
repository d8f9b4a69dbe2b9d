// Plans from the keyboard as whole sessions: seen, changed, confirmed, carried out while the
// operator looks elsewhere, held, stopped and taken back.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing

@Suite struct PlanScreenTests {
    private func session(
        isReadOnly: Bool = false, _ change: (inout Shape) -> Void = { _ in }
    ) -> DrivenSession {
        var shape = smallShape()
        shape.storyAtSeconds = 1e9
        shape.copySpeed = 50_000
        change(&shape)
        var options = SessionOptions()
        options.isReadOnly = isReadOnly
        let session = DrivenSession(shape, options)
        session.run(until: 70)
        return session
    }

    /// Replicas that the cluster itself has on a broker.
    private func held(_ session: DrivenSession, by broker: Int32) -> Int {
        let table = session.cluster.partitions
        return table.replicaBroker.count { $0 == broker }
    }

    /// From the Plan screen through the review; the plan is under way then.
    private func carryOut(_ session: DrivenSession, throttle: String = "none") {
        session.press("t")
        session.press(.control("u"))
        session.press(throttle)
        session.press(.enter)
        session.press(.enter)
        session.confirmReview()
    }

    private func awaitEnd(_ session: DrivenSession, atMost seconds: Double = 900) {
        let isOver = session.run(atMost: seconds) { $0.text.contains("done, as the cluster says") }
        #expect(isOver, "\(session.text)")
    }

    /// From the overview: three keys, one typed word.
    @Test func aBrokerIsDrainedWithFourKeysAndOneWord() throws {
        let session = session()
        defer { session.end() }
        #expect(session.keys.isEmpty)
        session.press("B")
        session.run(seconds: 1)
        session.press("D")
        #expect(session.run(atMost: 10) { $0.text.contains("   plan ") }, "\(session.text)")
        session.expect("Drain broker 1")
        session.expect("(least ")
        session.expect("50 MB/s for each broker")
        #expect(session.keys.count == 2)
        let before = held(session, by: 1)
        #expect(before > 0)
        carryOut(session)
        session.expect("moves")
        // It goes on while its operator looks elsewhere, and every screen says so.
        session.press("N")
        session.run(seconds: 3)
        session.expect("\(Glyph.moving) plan")
        session.press("M")
        awaitEnd(session)
        session.run(seconds: 20)
        #expect(held(session, by: 1) == 0, "\(session.text)")
        session.expectNot("\(Glyph.moving) plan")
        // No throttle is left anywhere, and all is where it was when it is taken back.
        let left = session.network.inspect { machine in
            session.cluster.topics.contains {
                machine.overrideTruth($0.name, "leader.replication.throttled.replicas") != nil
            }
        }
        #expect(!left)
        session.press("u")
        session.confirmReview()
        awaitEnd(session)
        session.run(seconds: 20)
        #expect(held(session, by: 1) == before)
    }

    @Test func everythingFollowsWhatIsChangedInIt() throws {
        let session = session()
        defer { session.end() }
        session.go("drain 2")
        #expect(session.run(atMost: 10) { $0.text.contains("   plan ") }, "\(session.text)")
        func hash() -> Substring? {
            session.text.split(separator: "\n").first { $0.contains("   plan ") }
                .flatMap { $0.split(separator: " ").last }
        }
        let first = try #require(hash())
        // The throttle changes how long it takes and not what moves.
        session.press("t")
        session.press(.control("u"))
        session.press("fast")
        session.press(.enter)
        session.expect("such as 50MB, or none")
        session.press(.control("u"))
        session.press("5MB")
        session.press(.enter)
        session.run(seconds: 2)
        session.expect("5 MB/s for each broker")
        #expect(hash() == first)
        session.press("+")
        session.run(seconds: 1)
        session.expect("10 MB/s for each broker")
        session.press("t")
        session.press(.control("u"))
        session.press("none")
        session.press(.enter)
        session.expect("without a throttle")
        // A partition that is left out makes another plan; taken in again it is the first one.
        session.press(.tab, .tab, .tab)
        session.expect("[Partitions")
        session.press("x")
        session.run(seconds: 2)
        session.expect("left out: ")
        let second = try #require(hash())
        #expect(second != first)
        session.press("X")
        session.run(seconds: 2)
        session.expectNot("left out: ")
        #expect(hash() == first)
        session.press("o")
        session.expect("tolerance: only where brokers are balanced or filled")
        session.press(.tab)
        session.expect("[Waves")
        session.press(.tab)
        session.expect("[Safety")
        session.expect("Every broker that gets replicas is in service")
    }

    @Test func aBalanceShowsWhatOtherTolerancesWouldCopy() {
        let session = session()
        defer { session.end() }
        session.press("B")
        session.press("b")
        #expect(session.run(atMost: 20) { $0.text.contains("copied at") }, "\(session.text)")
        for share in ["1 %", "2 %", "5 %", "10 %"] { session.expect(share) }
        session.press("o")
        session.press(.control("u"))
        session.press("300%")
        session.press(.enter)
        session.expect("such as 5 %")
        session.press(.control("u"))
        session.press("20%")
        session.press(.enter)
        session.run(seconds: 3)
        session.expect("tolerance 20 %")
    }

    @Test func markedPartitionsAreMovedAsAsked() throws {
        let session = session()
        defer { session.end() }
        session.go("topic orders.created")
        session.press("/created-0")
        session.press(.enter)
        session.run(seconds: 2)
        session.press("m")
        session.expect("move orders.created-0 to")
        session.press("first")
        session.press(.enter)
        session.expect("is not 1,5,9")
        let key = PartitionKey(topic: "orders.created", partition: 0)
        let row = try #require(session.cluster.row(of: key))
        let now = session.cluster.partition(row).replicas.map(\.broker.value)
        let wanted = Array(now.reversed())
        session.press(.control("u"))
        session.press(wanted.map(String.init).joined(separator: ","))
        session.press(.enter)
        #expect(session.run(atMost: 10) { $0.text.contains("only reordered") }, "\(session.text)")
        carryOut(session)
        awaitEnd(session)
        session.run(seconds: 10)
        let after = session.cluster.partition(try #require(session.cluster.row(of: key)))
        #expect(after.replicas.map(\.broker.value) == wanted)
    }

    @Test func itIsHeldMadeSlowerAndStopped() throws {
        // Slow enough to be met on its way.
        let session = session { $0.copySpeed = 1_000_000 }
        defer { session.end() }
        let before = session.cluster.partitions.replicaBroker
        session.go("drain 2")
        #expect(session.run(atMost: 10) { $0.text.contains("   plan ") })
        carryOut(session, throttle: "100GB")
        #expect(session.run(atMost: 60) { $0.text.contains("in flight") }, "\(session.text)")
        #expect(session.run(atMost: 60) { $0.cluster.counts["moving"] ?? 0 > 0 })
        session.press("p")
        #expect(session.run(atMost: 20) { $0.text.contains("Paused by the operator") })
        session.expect("held")
        session.press("p")
        #expect(session.run(atMost: 30) { !$0.text.contains("Paused by the operator") })
        session.press("-")
        #expect(session.run(atMost: 20) { $0.text.contains("throttle 50 GB/s") }, "\(session.text)")
        let rate = session.network.inspect {
            $0.overrideTruth(ofBroker: 2, "leader.replication.throttled.rate")
        }
        #expect(rate == "50000000000")
        // Whoever quits is asked what is to become of it.
        session.go("quit")
        session.expect("A plan is being carried out from here.")
        #expect(!session.host.hasQuit)
        session.press(.escape)
        session.press("x")
        session.expect("stop the plan")
        session.press("stop")
        session.press(.enter)
        #expect(session.run(atMost: 300) { $0.text.contains("over, and") }, "\(session.text)")
        // Its throttles are gone, and nothing says that any is left.
        session.run(seconds: 3)
        session.expectNot("that nothing needs")
        session.run(seconds: 17)
        #expect(session.cluster.counts["moving"] == 0)
        // What was done stays, until it is taken back.
        session.press("u")
        session.confirmReview()
        awaitEnd(session)
        session.run(seconds: 20)
        #expect(session.cluster.partitions.replicaBroker == before)
        session.go("quit")
        #expect(session.host.hasQuit)
    }

    @Test func aSessionThatMayChangeNothingPlansAndCarriesNothingOut() {
        let session = session(isReadOnly: true)
        defer { session.end() }
        session.press("B")
        session.press("F")
        #expect(session.run(atMost: 10) { $0.text.contains("   plan ") }, "\(session.text)")
        session.press(.enter)
        session.expect("carry out: this session is read-only")
        session.press("0")
        session.press("m")
        session.expect("move: only where rows are partitions or topics")
    }
}
