// Large clusters in small: what is asked when not everything can be asked in each round, and
// snapshots, which ask everything once.
import ClusterModel
import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import Polling

@Suite struct SweepTests {
    /// A sweep of pieces reaches every replica, log start and group, also while topics come and go.
    @Test func sweepsCoverEverything() {
        for isChurning in [false, true] {
            let cluster = FakeCluster()
            cluster.addTopics(10, partitions: 7)
            cluster.change { state in
                for number in 0..<50 {
                    state.groups["g\(number)"] = .init(coordinator: Int32(number % 3) + 1)
                }
            }
            var budget = Budget()
            budget.replicasPerRound = 40
            budget.offsetsPerRequest = 5
            budget.groupsPerRound = 7
            budget.groupsPerRequest = 3
            budget.topicsPerConfigRequest = 3
            budget.wholeMetadataPartitions = 1_000
            var script: [(at: Double, act: @Sendable (Observation) -> Void)] = []
            if isChurning {
                for step in 0..<20 {
                    script.append(
                        (
                            3 + 2 * Double(step),
                            { _ in
                                cluster.change { state in
                                    let one = state.topics["t0"]?[0]
                                    state.topics["aa"] =
                                        step.isMultiple(of: 2) ? one.map { [$0] } : nil
                                }
                            }
                        ))
                }
            }
            let pictures = observe(cluster, seconds: 50, budget: budget, script: script)
            let picture = pictures.last?.cluster ?? Cluster()
            let (asked, groups) = cluster.state.withLock { ($0.asked, $0.groupsAsked) }
            for id: Int32 in 1...3 {
                let ends = asked[id, default: []].filter { $0.hasPrefix("t") }
                #expect(ends.count == 70, "broker \(id), churning \(isChurning)")
            }
            let starts = asked.values.joined().filter { $0.hasPrefix("start t") }
            #expect(Set(starts).count == 70)
            #expect(groups.count == 50)
            #expect(picture.groups.allSatisfy { $0.offsets != nil && $0.members != nil })
            #expect(picture.topics.indices.allSatisfy { picture.overrides(topic: $0)?.count == 1 })
            // 210 replicas at 40 a round are 6 rounds of 2 s.
            #expect(picture.health(.offsets).intervalSeconds == 12)
            #expect(picture.failures.isEmpty)
        }
    }

    /// What somebody looks at is asked in every round, and within moments of the first look.
    @Test func whatIsInViewIsFresh() throws {
        let cluster = FakeCluster()
        cluster.addTopics(10, partitions: 7, perSecond: 100)
        var budget = Budget()
        budget.replicasPerRound = 21
        budget.wholeMetadataPartitions = 10
        var interest = Interest()
        interest.topics = ["t6", "not there"]
        let wanted = interest
        let pictures = observe(
            cluster, seconds: 41, budget: budget,
            script: [(10.3, { $0.setInterest(wanted) })])
        func oldest(_ name: String, _ cluster: Cluster) throws -> Double {
            let rows = try #require(cluster.topic(named: name)).partitions
            return rows.map {
                cluster.takenAt.seconds(since: cluster.partition($0).logEndAt)
            }.max() ?? 0
        }
        for picture in pictures where picture.at > 11 {
            #expect(try oldest("t6", picture.cluster) < 3)
        }
        let last = try #require(pictures.last?.cluster)
        #expect(try oldest("t2", last) > 3)
        // A topic in view that does not exist must not have all Metadata asked for again and again.
        let asked = cluster.state.withLock { state in
            state.seen.filter { $0.key[1] == 3 }.values.reduce(0, +)
        }
        #expect(asked < 45)
    }

    /// Faults that stay must not become a storm of Metadata requests.
    @Test func lastingFaultsAreNoStorm() {
        let cluster = FakeCluster()
        cluster.addTopics(10, partitions: 7)
        cluster.change { $0.errors = [2: .kafkaStorageError] }
        var budget = Budget()
        budget.wholeMetadataPartitions = 2
        _ = observe(cluster, seconds: 60, budget: budget)
        let asked = cluster.state.withLock { state in
            state.seen.filter { $0.key[1] == 3 }.values.reduce(0, +)
        }
        // Beside these each connection asks once which cluster answers.
        #expect(asked < 50 + 2 * 3)
        let offsets = cluster.state.withLock { $0.seen[[1, 2]] ?? 0 }
        #expect(offsets < 31 * 3 + 6)
    }

    @Test func onceIsWhole() throws {
        let cluster = FakeCluster()
        cluster.addTopics(4, partitions: 3)
        cluster.change { state in
            for id: Int32 in 1...3 { state.groups["g\(id)"] = .init(coordinator: id) }
        }
        let pictures = observe(cluster, .once(limitNs: 10_000_000_000), seconds: 30)
        #expect(pictures.count == 1)
        let picture = try #require(pictures.last?.cluster)
        #expect(pictures[0].at < 0.5)
        #expect(picture.failures.isEmpty)
        #expect(Section.allCases.allSatisfy { picture.health($0).state == .fresh })
        for row in 0..<12 {
            let view = picture.partition(row)
            #expect(view.logEnd == 1_000 && view.highWatermark == 1_000 && view.logStart == 0)
            #expect(view.replicas.allSatisfy { $0.lag == 0 && $0.sizeBytes != nil })
            #expect(view.minInsyncReplicas == 2)
        }
        #expect(picture.groups.allSatisfy { $0.members != nil && $0.offsets?.count == 1 })
    }

    /// One broker of three is frozen: all that the others know, soon, and every gap is named.
    @Test func onceWithAFrozenBroker() throws {
        for frozen: Int32 in 1...3 {
            let cluster = FakeCluster(seed: UInt64(frozen))
            cluster.addTopics(4, partitions: 3)
            cluster.change { state in
                for id: Int32 in 1...3 { state.groups["g\(id)"] = .init(coordinator: id) }
            }
            cluster.freeze(frozen)
            let pictures = observe(cluster, .once(limitNs: 10_000_000_000), seconds: 60)
            #expect(pictures.count == 1)
            let picture = try #require(pictures.last?.cluster)
            // A broker may take four fifths of the time; 3 s after that all else is known.
            #expect(pictures[0].at > 8 && pictures[0].at < 9.8)
            #expect(picture.health(.offsets).state == .partial)
            #expect(picture.health(.logDirs).state == .partial)
            #expect(picture.health(.groups).state == .partial)
            #expect(picture.health(.configs).state == .fresh)
            #expect(picture.health(.quorum).state == .fresh)
            #expect(picture.groups.count == 2)
            #expect(picture.failures.allSatisfy { $0.broker == BrokerID(frozen) })
            for row in 0..<12 {
                for replica in picture.partition(row).replicas {
                    #expect((replica.logEnd != nil) == (replica.broker != BrokerID(frozen)))
                }
                #expect(picture.partition(row).minInsyncReplicas == 2)
            }
        }
    }

    /// Connections that are cut cost nothing but the time to ask again.
    @Test func onceWithConnectionsCut() throws {
        for tenths in 2..<16 {
            let cluster = FakeCluster(seed: UInt64(tenths))
            var link = SimulatedLink()
            link.latencyNs = 50_000_000
            cluster.system.setLink(link)
            cluster.addTopics(4, partitions: 3)
            cluster.change { state in
                for id: Int32 in 1...3 { state.groups["g\(id)"] = .init(coordinator: id) }
            }
            cluster.system.after(UInt64(tenths) * 50_000_000) {
                for id: Int32 in 1...3 { cluster.disconnect(id) }
            }
            let pictures = observe(cluster, .once(limitNs: 10_000_000_000), seconds: 30)
            let picture = try #require(pictures.last?.cluster)
            #expect(picture.failures.isEmpty, "\(tenths): \(picture.failures.map(\.message))")
            #expect(picture.partitions.replicaLogEnd.allSatisfy { $0 >= 0 })
            #expect(picture.groups.count == 3)
            #expect(pictures[0].at < 3)
        }
    }

    @Test func onceWithNobodyThere() throws {
        let cluster = FakeCluster()
        for id: Int32 in 1...3 { cluster.kill(id) }
        let pictures = observe(cluster, .once(limitNs: 10_000_000_000), seconds: 60)
        let picture = try #require(pictures.last?.cluster)
        #expect(pictures.count == 1)
        #expect(picture.failures.map(\.api) == ["Metadata"])
        guard case .failed = picture.health(.metadata).state else {
            Issue.record("\(picture.health(.metadata).state)")
            return
        }
    }

    /// Leaders that moved between Metadata and ListOffsets are asked once more.
    @Test func onceWithBrokerDeadAndUnlisted() throws {
        let cluster = FakeCluster()
        cluster.addTopics(4, partitions: 3)
        cluster.kill(2)
        let pictures = observe(cluster, .once(limitNs: 10_000_000_000), seconds: 60)
        let picture = try #require(pictures.last?.cluster)
        #expect(picture.health(.offsets).state == .partial)
        #expect(Set(picture.failures.compactMap(\.broker)) == [BrokerID(2)])
        #expect(picture.failures.contains { $0.code.hasPrefix("BROKER_") })
        #expect(picture.counts["offline", default: 0] == 0)
    }

    /// How far transactions are done is asked of all in a snapshot, else of what is looked at.
    @Test func lastStableOffsets() throws {
        func makeCluster() -> FakeCluster {
            let cluster = FakeCluster()
            cluster.addTopics(2, partitions: 3)
            cluster.change { $0.topics["t1"]?[2].openRecords = 7 }
            return cluster
        }
        let key = PartitionKey(topic: "t1", partition: 2)
        let once = try #require(
            observe(makeCluster(), .once(limitNs: 10 * second)).last
        ).cluster
        let stable = once.partitions.lastStable
        #expect(stable.count == 6 && stable.count { $0 == 1_000 } == 5)
        #expect(try stable[#require(once.row(of: key))] == 993)
        var interest = Interest()
        interest.partitions = [key, key]
        let wanted = interest
        let live = observe(makeCluster(), seconds: 10, script: [(5, { $0.setInterest(wanted) })])
        #expect(try #require(live.first { $0.at > 4 }).cluster.partitions.lastStable.isEmpty)
        let last = try #require(live.last).cluster
        #expect(last.partitions.lastStable.count { $0 >= 0 } == 1 && last.failures.isEmpty)
        let view = try last.partition(#require(last.row(of: key)))
        #expect(view.lastStableOffset == 993 && view.openRecords == 7)
    }
}
