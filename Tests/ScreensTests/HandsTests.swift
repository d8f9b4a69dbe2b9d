// Keys and lines typed: what has nothing behind it, the list of columns, the list above the prompt.

import ClusterModel
import Drawing
import Health
import ModelTesting
import Planning
import Testing

@testable import Screens

@Suite struct HandsTests {
    @Test func aKeyWithNothingBehindItSaysSo() {
        var session = Session(Samples.ill)
        session.press("P")
        session.press("z")
        session.expect("no key z here; ? lists all")
        session.press("u")
        session.expect("only on")
    }

    /// Ctrl-x begins the command that puts the row in maintenance; on what is in it, it ends it.
    @Test func maintenanceOfTheRow() throws {
        var session = Session(Samples.ill, width: 120, height: 40)
        session.press("B")
        session.press(.control("x"))
        session.expect(":maintenance broker ")
        session.press("new disk")
        _ = session.drainEffects()
        session.press(.enter)
        let objects = session.drainEffects().compactMap { effect -> ObjectID? in
            guard case .setMaintenance(let object, 3_600?, "new disk") = effect else { return nil }
            return object
        }
        let asked = try #require(objects.first)
        var cluster = Samples.ill
        let now = cluster.takenAtWall
        let entry = Maintenance.Entry(
            asked, by: "ann", since: now, until: WallTime(ms: now.ms + 3_600_000), note: "new disk")
        cluster.clusterID = "c"
        cluster.revision += 1
        Judging { _ in Maintenance([entry]) }.prepare(&cluster)
        session.show(cluster)
        session.expect("maint")
        _ = session.drainEffects()
        session.press(.control("x"))
        #expect(session.drainEffects().contains(.setMaintenance(asked, seconds: nil, note: "")))
        session.press(":maintenance")
        session.press(.enter)
        session.expect("\(asked) is in maintenance by ann, 60 m left: new disk")
        for (line, why) in [
            ("broker 99 1h", "no broker 99 is known"), ("table x 1h", "not table"),
            ("broker 1", "how long?"), ("broker 1 soon", "soon is no time"),
            ("broker 1 99d", "99d is no time"), ("broker", "which broker?"),
        ] {
            session.press(":maintenance \(line)")
            session.press(.enter)
            session.expect(why)
            session.press(.escape)
        }
        let scene = session.state.scene()
        #expect(completions("maintenance ra", scene) == ["maintenance rack "])
        #expect(!completions("maintenance volume 1", scene).isEmpty)
    }

    /// A broker that is down for maintenance is no alarm, and nobody says that all is well.
    @Test func whatIsDownForMaintenanceIsNotCalledWell() throws {
        var cluster = Samples.healthy
        let broker = try #require(cluster.brokers.first?.id)
        cluster.brokers[0].state = .silent(since: cluster.takenAt)
        cluster.clusterID = "c"
        cluster.revision += 1
        let now = cluster.takenAtWall
        let entry = Maintenance.Entry(
            .broker(broker), by: "ann", since: now, until: WallTime(ms: now.ms + 3_600_000),
            note: "")
        Judging { _ in Maintenance([entry]) }.prepare(&cluster)
        cluster.summarise()
        var session = Session(Samples.healthy, width: 120, height: 40)
        session.expect("well")
        session.show(cluster)
        session.expect("broker \(broker) in maintenance")
        session.expectNot("\(Glyph.marked) well")
    }

    @Test func sortByALetter() {
        var session = Session(Samples.ill)
        session.press("P")
        session.press("s")
        session.expect("sort by")
        session.expect("worst lag")
        session.press("w")
        session.expect("sort: lag ↓")
        session.press("sw")
        session.expect("sort: lag ↑")
        session.press("s")
        session.press(.escape)
        session.expectNot("sort by")
        session.press("s")
        session.press(.down, .enter)
        session.expectNot("sort: lag")
    }

    @Test func theColonListsWhatThereIs() {
        var session = Session(Samples.healthy)
        session.press(":")
        session.expect("throughput")
        session.press("grp")
        session.expect(":groups")
        session.expect("consumer groups")
        session.press(.tab)
        session.expect(":group")
        session.press(.escape)
        session.press(":topcis")
        session.press(.enter)
        session.expect("did you mean :topics?")
        session.press(.escape)
        session.press(":topic o")
        session.expect("orders")
    }

    /// Rows that do not fit are counted, the brokers among them.
    @Test func whatIsHiddenIsCounted() {
        var session = Session(Samples.ill, width: 80, height: 24)
        session.expect("[What is wrong 16] +")
        session.press("W")
        session.expect("press")
        session.expect("Enter")
    }

    /// `i` on a broker says what its stop would cost.
    @Test func whatIf() {
        var session = Session(Samples.healthy, width: 120, height: 40)
        session.press("Bjj")
        session.press("i")
        session.expect("If it stops now: ")
        session.expect("would move to broker")
        session.expect("rec/s then")
        session.press(.escape)
        session.press("8")
        session.press("i")
        session.expect("If it fails now, its broker stops")
        session.press(.escape)
        session = Session(Samples.kraftQuorum, width: 120, height: 40)
        session.press("K")
        session.press("i")
        session.expect("would be left, ")
        session = Session(Samples.zooKeeper, width: 120, height: 40)
        session.press("K")
        session.press("i")
        session.expect("servers would be left, ")
    }

    /// Framed from 160x45 on, with the lanes of the last quarter of an hour.
    @Test func largeScreensAreFramed() {
        var session = Session(Samples.zooKeeper, width: 160, height: 45)
        session.expect("Last 15 minutes")
        session.expect("controller")
        #expect(session.frame.lines.contains { $0.hasPrefix("┌─What is wrong") })
        session = Session(Samples.zooKeeper, width: 159, height: 45)
        session.expectNot("Last 15 minutes")
        session.press("i")
    }

    /// Our own changes are read where they are shown, and stand in a lane; so do faults of groups.
    @Test func lanesShowGroupsAndOurOwnChanges() {
        var cluster = Samples.healthy
        cluster.clusterID = "c"
        var session = Session(cluster, width: 160, height: 45)
        #expect(session.drainEffects().contains(.readJournal))
        func lane(_ name: String) -> String {
            session.frame.lines.first { $0.contains("│ \(name) ") } ?? ""
        }
        #expect(!lane("by us").contains("○") && !lane("groups").contains("●"))
        let entry = JournalEntry(
            id: "1", atMs: cluster.takenAtWall.ms - 300_000, clusterID: "c", operation: "elect",
            summary: "elect", author: ChangeAuthor(), note: nil, values: [], results: [],
            reason: nil, byHand: [], state: .done)
        session.send(.journal(JournalView([entry])))
        #expect(lane("by us").contains("○"), "\(session.text)")
    }

    /// `u` on the overview: records, bytes, bands of the busiest topics.
    @Test func theOverviewStandsOnItsTopics() {
        var session = Session(Samples.healthy, width: 160, height: 45)
        session.expect("Records in")
        session.press("u")
        session.expect("Bytes in")
        session.press("u")
        session.expect("Records in by topic")
        session.press("u")
        session.expectNot("by topic")
    }
}
