// What the stop of brokers would cost: against the rules, row by row.
import ClusterModel
import ModelTesting
import Testing

@Suite struct StoppageTests {
    /// Three brokers that vote, one topic with `min.insync.replicas` 2.
    private func builder(brokers: Int = 4, voters: [Int32] = [1, 2, 3]) -> ClusterBuilder {
        var builder = ClusterBuilder(brokers: brokers)
        builder.cluster.quorum = Quorum(
            leader: BrokerID(1), leaderEpoch: 3, highWatermark: 90,
            voters: voters.map {
                Quorum.Replica(
                    id: BrokerID($0), logEndOffset: 90,
                    lastFetchAt: builder.cluster.takenAtWall)
            }, observers: [])
        builder.addTopic("orders")
        return builder
    }

    @Test func aHealthyBrokerMayStop() {
        var builder = builder()
        builder.addPartition(replicas: [1, 2, 3])
        builder.addPartition(replicas: [2, 3, 4])
        builder.addPartition(replicas: [2, 1, 4])
        builder.addGroup("readers", rows: [0], members: 1)
        let cluster = builder.finish(quorum: false)
        let stop = cluster.stoppage(of: [BrokerID(2)])
        #expect(stop.isSafe == true && stop.hasQuorum == true)
        #expect(stop.led == 2 && stop.successors == [BrokerID(3): 1, BrokerID(1): 1])
        #expect(stop.leaderless.isEmpty && stop.underMinISR.isEmpty && stop.groups == 0)
        #expect(cluster.stoppage(of: [BrokerID(1)]).groups == 1)
        // Two at once: one replica is left, and one voter.
        let both = cluster.stoppage(of: [BrokerID(2), BrokerID(3)])
        #expect(both.isSafe == false && both.underMinISR == [0, 1] && both.hasQuorum == false)
    }

    /// The rules, and what each broker of four may do: of every combination of replicas in sync.
    @Test func itAgreesWithTheRules() {
        for inSync in 0..<8 {
            for least in [1, 2, 3, 4, nil] as [Int?] {
                var builder = builder(voters: [101, 102, 103])
                builder.cluster.quorum?.leader = BrokerID(101)
                builder.addTopic("prices", minInsyncReplicas: least)
                let row = builder.addPartition(replicas: [1, 2, 3])
                for replica in 0..<3 where inSync & (1 << replica) == 0 {
                    builder.setLag(row, replica: replica, 10, inSync: false)
                }
                let isLed = inSync & 1 != 0
                builder.cluster.partitions.leader[row] = isLed ? 1 : -1
                let cluster = builder.finish(quorum: false)
                for broker in 1...4 {
                    let stop = cluster.stoppage(of: [BrokerID(Int32(broker))])
                    let isTouched = broker < 4 && inSync & (1 << (broker - 1)) != 0
                    let left = (inSync & ~(1 << (broker - 1))).nonzeroBitCount
                    let what = "in sync \(inSync), least \(least ?? -1), broker \(broker)"
                    #expect(stop.led == (isLed && broker == 1 ? 1 : 0), "\(what)")
                    #expect(!stop.leaderless.isEmpty == (isTouched && left == 0), "\(what)")
                    // A minimum above the number of replicas counts for all of them.
                    let isUnder = least.map { left > 0 && left < min($0, 3) } ?? false
                    #expect(!stop.underMinISR.isEmpty == (isTouched && isUnder), "\(what)")
                    #expect(stop.unknown == (isTouched && left > 0 && least == nil ? 1 : 0))
                    let isBad = isTouched && (left == 0 || isUnder)
                    let isUnknown = isTouched && least == nil
                    #expect(stop.isSafe == (isBad ? false : isUnknown ? nil : true), "\(what)")
                }
            }
        }
    }

    /// Metadata still lists a silent broker's replicas in sync; nobody may count on them.
    @Test func aSilentBrokerIsNoReserve() {
        var builder = builder(voters: [101, 102, 103])
        builder.cluster.quorum?.leader = BrokerID(101)
        builder.addPartition(replicas: [1, 2, 3])
        builder.cluster.brokers[1].state = .silent(since: builder.now)
        let cluster = builder.finish(quorum: false)
        #expect(cluster.stoppage(of: [BrokerID(3)]).underMinISR == [0])
        #expect(cluster.stoppage(of: [BrokerID(4)]).isSafe == true)
    }

    @Test func withoutAQuorumToldNothingIsCertain() {
        var builder = builder()
        builder.addPartition(replicas: [1, 2, 3])
        builder.cluster.quorum = nil
        #expect(builder.finish(quorum: false).stoppage(of: [BrokerID(4)]).isSafe == nil)
    }

    /// One pass for all brokers says what a look at each alone says.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func thePassOverAllAgreesWithEachLook(_ seed: UInt64) {
        var cluster = SampleCluster.huge(brokers: 7, partitions: 200, groups: 0, topics: 12)
        var state = seed
        func below(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        for index in cluster.topics.indices {
            cluster.configs.setMinInsyncReplicas(
                [nil, 1, 2, 3, 9][Int(below(5))],
                historyIndex: cluster.topics[index].historyIndex)
        }
        cluster.brokers[Int(below(7))].state = .silent(since: cluster.takenAt)
        cluster.capsMinISR = seed % 2 == 0
        for replica in cluster.partitions.replicaFlags.indices where below(3) == 0 {
            cluster.partitions.replicaFlags[replica] = []
        }
        let costs = cluster.costOfEachStop()
        for (place, cost) in costs.enumerated() {
            let stop = cluster.stoppage(of: [cluster.brokers[place].id])
            #expect(Int(cost.leaderless) == stop.leaderless.count)
            #expect(Int(cost.underMinISR) == stop.underMinISR.count)
            #expect(Int(cost.unknown) == stop.unknown)
        }
    }

    /// Of a broker's two directories one is lost with what lies in it; an only one takes the
    /// broker.
    @Test func aLostDirectory() {
        var builder = builder(voters: [101, 102, 103])
        builder.cluster.quorum?.leader = BrokerID(101)
        let first = builder.addPartition(replicas: [1, 2, 3])
        let second = builder.addPartition(replicas: [1, 3, 4])
        builder.cluster.logDirs = [
            LogDir(broker: BrokerID(1), path: "/a"), LogDir(broker: BrokerID(1), path: "/b"),
            LogDir(broker: BrokerID(2), path: "/a"),
        ]
        for (row, dir) in [(first, 0), (second, 1)] as [(Int, Int32)] {
            let replica = builder.cluster.partitions.replicas(of: row).lowerBound
            builder.cluster.partitions.replicaDir[replica] = dir
        }
        let cluster = builder.finish(quorum: false)
        let one = cluster.stoppage(ofLogDir: 0)
        #expect(one.brokers.isEmpty && one.led == 1 && one.successors == [BrokerID(2): 1])
        #expect(one.leaderless.isEmpty && one.underMinISR.isEmpty)
        let only = cluster.stoppage(ofLogDir: 2)
        #expect(only.brokers == [BrokerID(2)] && only == cluster.stoppage(of: [BrokerID(2)]))
    }

    @Test func whatOthersTakeOn() {
        var builder = builder()
        builder.addPartition(replicas: [1, 2, 3], rate: 100)
        builder.addPartition(replicas: [1, 3, 2], rate: 50)
        let cluster = builder.finish(quorum: false)
        let stop = cluster.stoppage(of: [BrokerID(1)])
        #expect(stop.gainedPerSecond == [BrokerID(2): 100, BrokerID(3): 50])
        let votes = cluster.votersLeft(without: [BrokerID(1)])
        #expect(votes?.left == 2 && votes?.all == 3 && votes?.needed == 2)
        #expect(cluster.votersLeft(without: [BrokerID(4)]) == nil)
    }
}
