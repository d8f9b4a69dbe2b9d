// Leadership: what an operator reads off it, small and large.

import ClusterModel
import Drawing
import ModelTesting
import Testing

@testable import Screens

@Suite struct LeadershipScreenTests {
    @Test func anIllClusterSaysWhatOneElectionChanges() {
        var session = Session(Samples.ill, width: 120, height: 40)
        session.press("L")
        session.expect("One election moves 1 leader")
        session.expect("leaders/pref")
        session.expect("Leaders that moved")
        session.press("f")
        session.expect("faults only")
        session.expectSelected("clicks")
        session.expectNot("orders")
        session.press("i")
        session.expect("clicks-1 led by")
        session.press(.enter, .enter)
        session.expect("clicks › partitions")
        session.press(.escape)
        session.press(.tab)
        session.press(.tab)
        session.expect("over fair")
        session.press(.backTab)
        session.expect("eu-1a")
    }

    @Test func aHealthyClusterHasNothingToElect() {
        var session = Session(Samples.healthy)
        session.press(":leadership")
        session.press(.enter)
        session.expect("an election changes nothing")
        session.press("f")
        session.expect("No faults")
    }

    @Test func aLargeClusterIsShownByRackAndBroker() {
        let cluster = SampleCluster.huge(brokers: 60, partitions: 2_000, groups: 1, topics: 200)
        var session = Session(cluster, width: 120, height: 40)
        session.press("L")
        session.expect("over fair")
        let first = session.text
        session.press("G")
        #expect(session.text != first, "it scrolls down")
        session.press("g")
        let unmoved = session.frame.lines[9]
        session.press("l")
        session.press("l")
        #expect(session.frame.lines[9] != unmoved, "it scrolls to the right")
        session.press("h")
        session.press("h")
        session.press(.tab)
        session.expect("broker 1")
        for _ in 0..<20 { session.press("l") }
        session.expectNot("broker 2 ")
        session.expect("broker 25")
    }

    @Test func movesAreListedWithTimeAndDirection() {
        var cluster = Samples.healthy
        var session = Session(cluster, width: 120, height: 40)
        session.press("L")
        session.expect("none in 5 min")
        let row = cluster.row(of: PartitionKey(topic: "orders", partition: 0)) ?? 0
        let replicas = cluster.partitions.replicas(of: row)
        cluster.partitions.leader[row] = cluster.partitions.replicaBroker[replicas.lowerBound + 1]
        cluster.append(leaderChanges: [
            LeaderChange(
                partition: cluster.key(ofRow: row), from: BrokerID(2), to: BrokerID(3),
                at: cluster.takenAt)
        ])
        cluster.revision += 1
        session.tick(2)
        session.show(cluster)
        session.expect("orders-0  from 2 to 3  not preferred")
        session.expect("One election moves 1 leader: broker 2 +1, 3 -1")
    }

    /// What is derived is derived once a picture, and the covered screen keeps none of it.
    @Test func aCoveredScreenKeepsNoSums() {
        var session = Session(Samples.ill, width: 120, height: 40)
        session.press("L")
        session.press(.enter)
        var cluster = Samples.ill
        cluster.revision += 1
        session.show(cluster)
        session.press(.escape)
        session.expect("One election moves")
    }
}
