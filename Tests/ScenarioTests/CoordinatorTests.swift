// The ensemble lived through in virtual time: its leader is lost, sessions expire, words are
// refused, nodes are protected; what the console says of it and what it costs the servers.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing
import ZooKeeperClient

@Suite struct CoordinatorTests {
    private func shape(_ release: Release = .v39, seed: UInt64 = 7) -> Shape {
        var shape = smallShape(seed: seed)
        shape.release = release
        shape.coordination = .zookeeper
        return shape
    }

    private func session(_ shape: Shape) -> DrivenSession {
        let session = DrivenSession(shape)
        session.run(seconds: 6)
        session.press("K")
        session.run(seconds: 3)
        return session
    }

    private func elections(_ session: DrivenSession) -> [ClusterEvent] {
        session.cluster.events.newest(20, of: .election).filter { !$0.isLoss }
    }

    /// With persistent watches (3.8) and without (3.5).
    @Test(arguments: [Release.v24, .v39])
    func electionsAreToldByWatchWithinTwoSeconds(_ release: Release) throws {
        let session = session(shape(release))
        defer { session.end() }
        session.expect("ZooKeeper of 3 servers")
        session.expect("outlives the loss of one more server")
        let before = try #require(session.cluster.controller)
        let epoch = try #require(session.cluster.controllerEpoch)
        // No round of Metadata helps: they are far apart.
        session.setRefresh(seconds: 60)
        session.run(seconds: 1)
        session.network.plan(in: 0, .expireController)
        let isShown = session.run(atMost: 2) {
            ($0.cluster.controllerEpoch ?? 0) > epoch && $0.cluster.controller?.exists == true
        }
        #expect(isShown, "\(session.text)")
        let election = try #require(elections(session).last)
        #expect(election.isExact && election.source == "/controller")
        #expect(election.text.contains("epoch \(epoch + 1)"))
        #expect(
            session.cluster.events.events.contains {
                $0.kind == .registration && $0.isLoss && $0.subject == .broker(before)
            })
        session.press("V")
        session.run(seconds: 2)
        session.expect("was elected (epoch \(epoch + 1))")
    }

    @Test func theEnsemblesLeaderIsLostAndNothingIsMissed() throws {
        let session = session(shape())
        defer { session.end() }
        session.network.plan(in: 0, .killLeader)
        #expect(
            session.run(atMost: 5) { session in
                let servers = session.cluster.coordinator.servers
                guard case .connected = session.cluster.coordinator.session else { return false }
                return servers.contains { $0.isServing == false }
                    && servers.contains { $0.mode == "leader" }
            }, "\(session.text)")
        session.expect("one more loss stops all changes")
        session.press("W")
        session.run(seconds: 2)
        session.expect("one more loss stops all changes")
        // What happens now is still told by the watches of before.
        let epoch = session.cluster.controllerEpoch ?? 0
        session.network.plan(in: 0, .expireController)
        #expect(session.run(atMost: 3) { ($0.cluster.controllerEpoch ?? 0) > epoch })
        session.network.plan(in: 0, .startAll)
        #expect(session.run(atMost: 20) { $0.cluster.survivesOneMoreLoss == true })
    }

    @Test func anExpiredSessionIsFollowedByOneThatMissesNothing() throws {
        let session = session(shape())
        defer { session.end() }
        session.network.plan(in: 0, .expireClients)
        #expect(
            session.run(atMost: 10) { session in
                session.cluster.events.events.contains { $0.text.contains("expired") }
            }, "\(session.text)")
        #expect(
            session.run(atMost: 10) { session in
                if case .connected = session.cluster.coordinator.session { true } else { false }
            })
        let epoch = session.cluster.controllerEpoch ?? 0
        session.network.plan(in: 0, .expireController)
        #expect(session.run(atMost: 3) { ($0.cluster.controllerEpoch ?? 0) > epoch })
    }

    /// All servers gone: what was known stays, with its age; all back: it goes on.
    @Test func theWholeEnsembleIsLost() {
        let session = session(shape())
        defer { session.end() }
        for server in 1...3 { session.network.plan(in: 0, .kill(server: server)) }
        #expect(
            session.run(atMost: 10) { session in
                if case .lost = session.cluster.coordinator.session { true } else { false }
            })
        session.run(seconds: 5)
        session.expect("no session")
        #expect(session.cluster.coordinator.registrations.count == 6)
        #expect(session.cluster.health(.coordinator).state == .partial)
        session.network.plan(in: 0, .startAll)
        #expect(
            session.run(atMost: 30) { $0.cluster.health(.coordinator).state == .fresh },
            "\(session.text)")
    }

    @Test func whatServersRefuseIsSaid() {
        var onlySrvr = shape()
        onlySrvr.zooKeeper.words = ["srvr"]
        onlySrvr.zooKeeper.chroot = "/kafka/eu"
        let first = session(onlySrvr)
        first.resize(width: 200, height: 40)
        first.expect("chroot /kafka/eu")
        #expect(
            first.cluster.coordinator.servers.allSatisfy { $0.mode != nil && $0.watches == nil })
        first.press("gi")
        first.expect("watches and size: ")
        first.end()

        var mute = shape()
        mute.zooKeeper.words = []
        let second = session(mute)
        second.resize(width: 200, height: 40)
        second.press("gi")
        second.expect("refuses four-letter words: add srvr and mntr to")
        second.press(.escape)
        #expect(second.cluster.survivesOneMoreLoss == nil)
        // The znodes tell all the same.
        #expect(second.cluster.coordinator.registrations.count == 6)
        second.expectNot("not serving")
        second.end()

        var open = shape()
        open.zooKeeper.words = ["*"]
        let third = session(open)
        #expect(third.cluster.coordinator.servers.contains { ($0.watches ?? 0) > 0 })
        third.end()
    }

    @Test func protectedNodesAreNamed() {
        var shape = shape()
        shape.zooKeeper.deniedPrefixes = ["/config/users", "/admin/delete_topics"]
        let session = session(shape)
        defer { session.end() }
        session.expect("protected by ACL: /admin/delete_topics /config/users")
        #expect(session.cluster.coordinator.pending.topicDeletions == nil)
        #expect(session.cluster.coordinator.pending.reassignments == 0)
    }

    /// However many partitions: a handful of watches, the states in view, a bounded start.
    @Test func theServersAreNotBurdened() {
        var large = shape()
        large.brokers = 20
        large.partitions = 1_500
        large.groups = 2
        let session = session(large)
        defer { session.end() }
        let start = session.network.inspect { ($0.zooKeeperWatches, $0.zooKeeperReceived) }
        #expect(start.0 < 20, "\(start.0) watches")
        #expect(start.1 < 200, "\(start.1) requests")
        session.press("P")
        session.run(seconds: 4)
        for _ in 0..<5 {
            session.press(.pageDown)
            session.run(seconds: 1)
        }
        let inView = session.network.inspect { $0.zooKeeperWatches }
        #expect(inView > 20 && inView < 20 + 64 + 30, "\(inView) watches")
        #expect(session.cluster.coordinator.storedStates.count <= 64)
        session.press("0")
        session.run(seconds: 3)
        // What is out of view is not watched any more, or at most until it changes once.
        #expect(session.cluster.coordinator.storedStates.isEmpty)
    }

    /// What the ensemble is asked does not grow with the number of partitions: not at the start,
    /// not with rows of them in view, not at rest. (At 200,000 partitions: `Benchmarks scale
    /// --zookeeper`.)
    @Test func whatIsAskedDoesNotDependOnPartitions() {
        struct Cost: Equatable {
            var start: [OpCode: Int] = [:]
            var startWatches = 0
            var inView = 0
            var rest: [OpCode: Int] = [:]
            var restWatches = 0
        }
        func cost(_ partitions: Int) -> Cost {
            var shape = shape()
            shape.brokers = 6
            shape.partitions = partitions
            shape.groups = 2
            let session = session(shape)
            defer { session.end() }
            func look() -> (tally: ZooKeeperTally, watches: Int) {
                session.network.inspect { ($0.zooKeeperTally, $0.zooKeeperWatches) }
            }
            var cost = Cost()
            let start = look()
            cost.start = start.tally.requests
            cost.startWatches = start.watches
            session.press("P")
            session.run(seconds: 4)
            cost.inView = look().watches
            session.press("0")
            session.run(seconds: 5)
            let before = look()
            session.run(seconds: 8)
            cost.rest = look().tally.since(before.tally).requests
            cost.restWatches = look().watches
            return cost
        }
        let (few, many) = (cost(120), cost(600))
        #expect(few == many)
        #expect(many.startWatches < 20 && many.inView < 60, "\(many)")
        // Nothing changes: nothing is read, the session is kept alive.
        #expect(Set(many.rest.keys) == [.ping], "\(many.rest)")
    }

    /// What the brokers tell and what is stored agree through a story of losses.
    @Test func storedStatesFollowTheBrokers() {
        var shape = shape(seed: 11)
        shape.scenario = .brokerLost
        let session = session(shape)
        defer { session.end() }
        session.press("P")
        session.run(seconds: 30)
        #expect(!session.cluster.coordinator.storedStates.isEmpty)
        let cluster = session.cluster
        for (key, stored) in cluster.coordinator.storedStates {
            let row = cluster.row(of: key)
            #expect(row.map { cluster.partition($0).leader } == stored.leader, "\(key)")
        }
        session.press("W")
        session.run(seconds: 2)
        session.expectNot("ZooKeeper says")
    }

    /// A quorum that loses its leader: by DescribeQuorum, with the election in the log.
    @Test func theQuorumElects() throws {
        var shape = smallShape()
        shape.scenario = .quietDay
        let session = session(shape)
        defer { session.end() }
        session.expect("KRaft quorum of 3 voters")
        session.expect("high watermark")
        session.expect("metadata.version")
        let before = try #require(session.cluster.controller)
        session.network.failOverController()
        #expect(
            session.run(atMost: 4) {
                $0.cluster.controller?.exists == true && $0.cluster.controller != before
            }, "\(session.text)")
        #expect(elections(session).last?.source == "DescribeQuorum")
    }
}
