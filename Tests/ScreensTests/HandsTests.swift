// Keys and lines typed: what has nothing behind it, the list of columns, the list above the prompt.

import Drawing
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
}
