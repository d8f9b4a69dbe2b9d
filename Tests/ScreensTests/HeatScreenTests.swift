// The heat map of replica lag and the page of a topic: what an operator reads off them.

import ClusterModel
import Drawing
import ModelTesting
import Testing

@testable import Screens

@Suite struct HeatScreenTests {
    /// So many brokers that lead one partition of 1,000 records a second for each other.
    private func cluster(
        brokers: Int32 = 4, _ lag: (_ leader: Int32, _ follower: Int32) -> Int64
    ) -> Cluster {
        var builder = ClusterBuilder(brokers: Int(brokers))
        builder.addTopic("orders")
        for leader in 1...brokers {
            for follower in 1...brokers where follower != leader {
                let row = builder.addPartition(
                    replicas: [leader, follower], end: 1_000_000, rate: 1_000)
                let records = lag(leader, follower)
                if records > 0 { builder.setLag(row, replica: 1, records, inSync: false) }
            }
        }
        return builder.finish()
    }

    private func heat(_ cluster: Cluster, width: Int = 120, height: Int = 40) -> Session {
        var session = Session(cluster, width: width, height: height)
        session.press("R")
        session.press(.tab)
        return session
    }

    @Test func aSlowDiskIsNamedAsARow() {
        var session = heat(cluster { $1 == 3 ? Int64($0) * 10_000 : 0 })
        session.expect("Broker 3 is behind 3 of the 3 it follows, up to 40 s: its disk")
        session.expectSelected("40s")
        session.expect("of 4")
        session.press("i")
        session.expect("followers on broker 3")
        session.expect("broker 4: 1 follower 40 s behind, lacking 40K records, 1 out of sync")
        session.expect("furthest:")
        session.press(.escape)
        // Its followers are behind Enter, the worst first.
        session.press(.enter)
        session.expect("replicas on broker 3")
        session.expectSelected("40K")
        session.press(.escape)
        session.expect("replica lag by leader's broker")
        session.press("f")
        session.expect("1 of 4")
    }

    @Test func aBadLinkIsNamedAsACell() {
        let session = heat(cluster { $0 == 1 && $1 == 4 ? 15_000 : 0 })
        session.expect("Broker 4 is 15 s behind broker 1 and nobody else: the link between them.")
    }

    @Test func aLeaderThatIsSlowToReadIsNamedAsAColumn() {
        let session = heat(cluster { leader, _ in leader == 2 ? 15_000 : 0 })
        session.expect("3 of 3 are behind broker 2, up to 15 s")
    }

    @Test func aCalmMapSaysSo() {
        let session = heat(cluster { _, _ in 0 })
        session.expect("No followers are 5s behind their leaders.")
    }

    @Test func racksLeadToTheirFollowers() {
        var session = heat(cluster(brokers: 6) { _, follower in follower == 2 ? 20_000 : 0 })
        session.press(.tab)
        session.expect("in rack")
        session.expect("Rack eu-1b")
        session.expectSelected("eu-1b")
        session.press(.enter)
        session.expect("rack=eu-1b")
        session.expectSelected("20K")
        session.press(.backTab)
        session.expect("in rack")
    }

    /// Without colours and without Unicode each shade is a character of its own.
    @Test func shadesAreToldApartInASCII() {
        let twins = Set(Heat.allCases.map { asciiTwin($0.glyph) })
        #expect(twins.count == Heat.allCases.count && !twins.contains("?"))
        #expect(Heat(.nan) == .cool && Heat(0.99) == .cool && Heat(30) == .out)
    }

    @Test func aLargeClusterScrollsBothWays() {
        let huge = SampleCluster.huge(brokers: 300, partitions: 3_000, groups: 1, topics: 20)
        var session = heat(huge)
        session.expect("The 256 furthest behind of 300.")
        let first = session.text
        session.press("l")
        #expect(session.text != first, "it scrolls to the right")
        session.press("G")
        session.press(.tab)
        session.expect("in rack")
    }

    @Test func theMapOfATopicCountsItsPartitionsOnly() {
        var session = Session(Samples.ill, width: 120, height: 40)
        session.press(":heat orders")
        session.press(.enter)
        session.expect("replica lag by leader's broker of orders")
    }
}

@Suite struct TopicScreenTests {
    @Test func wideItShowsEverythingBesideEachOther() {
        var cluster = Samples.configs
        cluster.setOverrides(
            [ConfigOverride(name: "retention.ms", value: "86400000")],
            topic: cluster.topicIndex(named: "clicks") ?? 0)
        var session = Session(cluster, width: 140, height: 40)
        session.press("N/clicks")
        session.press(.enter, .enter)
        session.expect("flow")
        session.expect("clicks-0")
        session.expect("retention.ms")
        session.expect("default")
        session.expect("read by")
        session.expectSelected("clicks-")
        session.press(.tab)
        session.expect("clicks › overrides")
        session.press("i")
        session.expect("Would become")
        session.press(.escape)
        session.press(.enter)
        session.expect("clicks › configs")
        session.press(.escape)
        session.press(.tab)
        session.expect("clicks › readers")
        session.press(.enter)
        session.expect("coordinator broker")
    }

    @Test func narrowItShowsOneAtATime() {
        var session = Session(Samples.healthy, width: 80, height: 24)
        session.press(":topic orders")
        session.press(.enter)
        session.expect("[partitions 6]")
        session.expectNot("read by")
        session.press(.tab)
        session.expect("[overrides 0]")
        session.expect("Nothing is set on this topic itself")
        session.press(.backTab, .backTab)
        session.expect("read by")
        session.expectSelected("billing")
    }

    @Test func topicsSayHowManyGroupsReadThem() {
        var session = Session(Samples.healthy, width: 160, height: 40)
        session.press("N/^orders")
        session.press(.escape)
        session.press(":topics")
        session.press(.enter)
        session.expect("groups")
        session.press("/groups>0")
        session.press(.enter)
        session.expect("orders")
        session.expectNot("quiet ")
        session.press("i")
        session.expect("Read by ")
        // And the other way round.
        session.press(.escape)
        session.press("O/topic=orders")
        session.press(.enter)
        session.expectSelected("billing")
    }

    @Test func itsKeysAreAboutTheTopic() {
        var session = Session(Samples.healthy, width: 120, height: 40)
        session.press(":topic orders")
        session.press(.enter)
        session.press("a")
        session.expect(":add-partitions orders")
        session.press(.escape)
        session.press("T")
        session.expect("throughput of orders")
        session.press(.escape)
        session.press("c")
        session.expect("orders › configs")
    }
}
