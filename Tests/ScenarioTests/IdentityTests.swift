// An address is not an identity: other clusters and other brokers at the addresses of those
// observed.
import ClusterModel
import Drawing
import Session
import SimulatedCluster
import Testing
import Transport

@Suite struct IdentityTests {
    private func shape(seed: UInt64 = 7, brokers: Int = 3) -> Shape {
        var shape = smallShape(seed: seed)
        shape.brokers = brokers
        shape.partitions = 6 * brokers
        shape.storyAtSeconds = 1e9
        return shape
    }

    private func session(
        _ shape: Shape? = nil, other: Shape? = nil, isReadOnly: Bool = false
    ) -> DrivenSession {
        var options = SessionOptions()
        options.otherShape = other
        options.isReadOnly = isReadOnly
        let session = DrivenSession(shape ?? self.shape(), options)
        session.run(until: 8)
        return session
    }

    private func id(_ network: ClusterNetwork) -> String { network.inspect { $0.clusterID } }

    /// What must hold of a picture of the first cluster, whatever else answers: its own brokers and
    /// topics, and nothing that never happened to it.
    private func expectOnlyTheFirst(
        _ session: DrivenSession, _ topics: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let cluster = session.cluster
        #expect(cluster.clusterID == id(session.network), sourceLocation: sourceLocation)
        #expect(cluster.topics.map(\.name) == topics, sourceLocation: sourceLocation)
        #expect(
            cluster.brokers.map(\.id.value) == session.network.inspect { $0.brokerIDs },
            sourceLocation: sourceLocation)
        for event in cluster.events.events {
            switch event.change {
            case .left, .joined, .deleted, .created, .madeAnew, .config, .overridesChanged:
                Issue.record("\(event)", sourceLocation: sourceLocation)
            default: break
            }
        }
    }

    private func expectFinding(
        _ session: DrivenSession, _ start: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let texts = session.cluster.findings.map(\.text)
        #expect(
            texts.contains { $0.contains(start) }, "\(texts)", sourceLocation: sourceLocation)
    }

    @Test func twoClustersInOneListAreAskedAboutAtOnce() {
        let session = session(other: shape(seed: 9, brokers: 2))
        defer { session.end() }
        let other = session.otherNetwork.map(id) ?? ""
        session.expect("Another cluster answers")
        session.expect(id(session.network))
        session.expect(other)
        #expect(session.cluster.otherCluster?.address == "site1-broker-1.simulated:9092")
        session.press("s")
        session.expectNot("Another cluster answers")
        session.expect("staying with \(id(session.network))")
        // It stays among what is wrong, and can be asked for again.
        session.run(seconds: 10)
        session.expectNot("Another cluster answers")
        session.go("wrong")
        session.expect("cluster \(other) answers at site1-broker-1.simulated:9092")
        session.go("identity")
        session.expect("Another cluster answers")
        session.press(.escape)
        session.expectNot("Another cluster answers")
    }

    /// The case of the field: the first of two clusters in one list stops.
    @Test func theSecondClusterOfAListIsNotMixedInWhenTheFirstStops() {
        let session = session(other: shape(seed: 9, brokers: 2))
        defer { session.end() }
        session.press("s")
        let topics = session.cluster.topics.map(\.name)
        let answered = session.cluster.health(.metadata).answeredAt
        session.network.withdraw()
        session.run(seconds: 20)
        expectOnlyTheFirst(session, topics)
        #expect(
            session.cluster.health(.metadata).answeredAt.seconds(since: answered) < 3,
            "its age is that of its own last answer")
        #expect(session.cluster.brokers.allSatisfy { $0.isIll })
        // It comes back and all goes on.
        session.network.restore()
        session.run(seconds: 10)
        expectOnlyTheFirst(session, topics)
        #expect(session.cluster.brokers.allSatisfy { $0.isAnswering })
    }

    @Test func theOperatorBeginsAnewWithTheOther() {
        let session = session(other: shape(seed: 9, brokers: 2))
        defer { session.end() }
        session.network.withdraw()
        session.press("n")
        session.expect("Beginning anew with cluster \(session.otherNetwork.map(id) ?? "")")
        session.run(seconds: 8)
        let cluster = session.cluster
        #expect(cluster.clusterID == session.otherNetwork.map(id))
        #expect(cluster.brokers.map(\.id.value) == [1, 2])
        #expect(cluster.brokers.allSatisfy { $0.isAnswering })
        #expect(cluster.topics.count > 0 && cluster.otherCluster == nil)
        #expect(!cluster.events.events.contains { $0.kind == .registration })
        session.expect("2 brokers")
        // What the first one says now is late.
        session.network.restore()
        session.run(seconds: 10)
        #expect(session.cluster.clusterID == session.otherNetwork.map(id))
    }

    /// A cluster made anew at the same names and addresses: every broker id is there again.
    @Test(arguments: [3, 70]) func aClusterMadeAnewIsAnotherCluster(brokers: Int) {
        let session = session(shape(brokers: brokers))
        defer { session.end() }
        let topics = session.cluster.topics.map(\.name)
        #expect(session.cluster.otherCluster == nil && !topics.isEmpty)
        session.network.withdraw()
        session.run(seconds: 1)
        let anew = session.joinNetwork(shape(seed: 11, brokers: brokers))
        defer { anew.dismantle() }
        session.run(seconds: 8)
        expectOnlyTheFirst(session, topics)
        #expect(session.cluster.otherCluster?.id == id(anew))
        session.expect("Another cluster answers")
        session.press("n")
        session.run(seconds: 8)
        #expect(session.cluster.clusterID == id(anew))
        #expect(session.cluster.brokers.allSatisfy { $0.isAnswering })
    }

    /// One tunnel leads into another cluster, to a broker of the same id: the rest goes on.
    @Test func aTunnelIntoAnotherClusterCostsOneBroker() {
        let session = session()
        defer { session.end() }
        let topics = session.cluster.topics.map(\.name)
        let other = session.joinNetwork(shape(seed: 9), site: 1)
        defer { other.dismantle() }
        session.network.lead(2, to: 2, of: other)
        session.run(seconds: 8)
        expectOnlyTheFirst(session, topics)
        session.expect("Another cluster answers")
        session.expect("broker-2.simulated:9092")
        session.press(.escape)
        #expect(session.cluster.brokers.map(\.isIll) == [false, true, false])
        expectFinding(session, "broker 2 cannot be reached (cluster \(id(other)) answers there")
        let place = "broker-2.simulated:9092, the address of broker 2"
        expectFinding(session, "cluster \(id(other)) answers at \(place)")
        session.network.restore()
        session.run(seconds: 8)
        #expect(session.cluster.otherCluster == nil)
        #expect(session.cluster.brokers.allSatisfy { $0.isAnswering })
    }

    /// Two names of one broker: its replicas and directories are not told as the other's.
    @Test func aBrokerBehindTwoAddressesIsOneBroker() {
        let session = session()
        defer { session.end() }
        let dirs = session.cluster.logDirs.filter { $0.broker == BrokerID(2) }
        session.network.lead(2, to: 1)
        session.run(seconds: 12)
        let cluster = session.cluster
        #expect(cluster.brokers.map(\.isIll) == [false, true, false])
        expectFinding(session, "broker 2 cannot be reached (broker 1 answers at its address)")
        for after in cluster.logDirs where after.broker == BrokerID(2) {
            let before = dirs.first { $0.path == after.path }
            #expect(before?.answeredAt == after.answeredAt && before?.sizeBytes == after.sizeBytes)
        }
        for row in 0..<cluster.partitions.count {
            for place in cluster.partitions.replicas(of: row)
            where cluster.partitions.replicaBroker[place] == 2 {
                let age = cluster.takenAt.ns &- cluster.partitions.replicaLogEndAt[place]
                #expect(age > 9_000_000_000, "an end of broker 2 was told by broker 1")
            }
        }
        #expect(cluster.failures.contains { $0.broker == BrokerID(2) && $0.code == "WRONG_BROKER" })
    }

    @Test func swappedTunnelsTellNothingOfEither() {
        let session = session()
        defer { session.end() }
        session.network.lead(1, to: 2)
        session.network.lead(2, to: 1)
        session.run(seconds: 12)
        #expect(session.cluster.brokers.map(\.isIll) == [true, true, false])
        expectFinding(session, "broker 1 cannot be reached (broker 2 answers at its address)")
        expectFinding(session, "broker 2 cannot be reached (broker 1 answers at its address)")
        session.network.restore()
        session.run(seconds: 12)
        #expect(session.cluster.brokers.allSatisfy { $0.isAnswering })
    }

    /// Where a broker may not be asked who it is, two brokers at one address are in doubt both.
    @Test func whereNobodySaysWhoItIsTwoAtOneAddressAreBothInDoubt() {
        var shape = shape()
        shape.access.deniesConfigs = true
        var options = SessionOptions()
        options.map = { endpoint in
            let isSecond = endpoint.host == "broker-2.simulated"
            return isSecond ? Endpoint(host: "broker-1.simulated", port: endpoint.port) : endpoint
        }
        let session = DrivenSession(shape, options)
        defer { session.end() }
        session.run(until: 10)
        #expect(session.cluster.brokers.map(\.isIll) == [true, true, false])
        let both = "brokers 1 and 2 are both reached at broker-1.simulated:9092"
        expectFinding(session, "broker 1 cannot be reached (\(both)")
    }

    /// What is asked of each connection is small, and nothing more is asked later.
    @Test(arguments: [3, 70]) func identityIsAskedOnceAConnection(brokers: Int) {
        var options = SessionOptions()
        options.isWatching = false
        let session = DrivenSession(shape(brokers: brokers), options)
        defer { session.end() }
        let lines = Lines()
        session.network.listen { lines.add($0) }
        session.run(until: 20)
        // "DescribeConfigs v4, 60 bytes": one key of one broker.
        let configs = lines.all.filter { $0.contains("\tbroker 2 DescribeConfigs") }
        #expect(configs.count <= 3, "\(configs)")
        let metadata = (1...brokers).map { id in
            lines.all.count { $0.contains("\tbroker \(id) Metadata") }
        }
        // Of many brokers each would name all of them: only those that are asked for it anyway.
        let once = metadata.count { $0 > 0 }
        #expect(brokers > 64 ? once <= 3 : once == brokers, "\(metadata)")
    }
}

private final class Lines: Sendable {
    private let lines = Locked<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
