// What an operator does, and what must hold whatever is pressed.

import ClusterModel
import Drawing
import ModelTesting
import Screens
import Testing

@Suite struct Sessions {
    @Test("which partition stops writes? one key") func stoppedWrites() {
        var session = Session(Samples.ill)
        session.expect("orders-0: 1 of 3 in sync, writes with acks=all stop")
        session.press("2")
        session.expectSelected("clicks-0")
        session.press("j")
        session.expectSelected("orders-0")
        session.press(.enter)
        session.expect("acks=all fails")
    }

    @Test("who is behind and when will they catch up? one key") func behind() {
        var session = Session(Samples.ill)
        session.press("R")
        session.expectSelected("payments-0")
        session.expect("caught up in")
        session.press("/orders")
        session.press(.enter)
        session.expectSelected("orders-0")
        session.expect("falls behind")
    }

    @Test func drillDownAndBack() {
        var session = Session(Samples.healthy)
        session.press("N/orders")
        session.press(.enter, .enter)
        session.expect("topics › orders › partitions")
        session.expectSelected("orders-0")
        session.press("j")
        session.expectSelected("orders-1")
        session.press(.enter)
        session.expect("orders-1")
        session.expect("high watermark")
        session.press(.escape)
        session.expectSelected("orders-1")
        session.press(.escape)
        session.expectSelected("orders")
        // Esc takes the filter away first, then leaves.
        session.press(.escape)
        session.expect("sort:")
        session.press(.escape)
        session.expect("What is wrong")
        session.press(.escape)
        session.expect(":q quits")
        #expect(!session.drainEffects().contains(.quit))
    }

    /// The controller stands beside it where there is room, and never on it.
    @Test func aWellClusterSaysSoAtAnyWidth() {
        for width in 32...60 {
            let session = Session(Samples.healthy, width: width, height: 12)
            session.expect("all eight counts are 0")
        }
    }

    @Test func overviewWalksItsLists() {
        var session = Session(Samples.ill)
        session.press(.enter)
        session.expect("partitions on broker 3")
        session.press(.escape)
        session.press(.tab, .tab)
        session.press("j")
        session.press(.enter)
        session.expect("orders › partitions")
    }

    @Test func commandsGoAnywhere() {
        var session = Session(Samples.healthy)
        for (line, wanted) in [
            ("topics", "› topics"), ("group billing", "billing"), ("broker 2", "on broker 2"),
            ("partition orders-3", "high watermark"), ("replicas orders", "replicas of orders"),
            ("throughput clicks", "clicks"), ("offline", "offline"), ("wro", "what is wrong"),
        ] {
            session.press(":" + line)
            session.press(.enter)
            session.expect(wanted)
        }
        session.press(":refresh 5")
        session.press(.enter)
        #expect(session.drainEffects().contains(.setRefresh(seconds: 5)))
        session.press(":q")
        session.press(.enter)
        #expect(session.drainEffects().contains(.quit))
    }

    @Test func commandsComplete() {
        var session = Session(Samples.healthy)
        session.press(":top")
        session.press(.tab)
        session.expect(":topic")
        session.press(" or")
        session.press(.tab)
        session.expect(":topic orders")
        session.press(.enter)
        session.expect("orders › partitions")
        session.press(":nonsense")
        session.press(.enter)
        session.expect("no command nonsense")
        session.press(.escape)
        session.press(":group missing")
        session.press(.enter)
        session.expect("no group missing is known")
    }

    @Test func textInAPromptIsNeverAKey() {
        var session = Session(Samples.healthy)
        session.press("N/qpT0S?")
        session.expect("/qpT0S?")
        let effects = session.drainEffects()
        #expect(!effects.contains(.quit))
        session.press(.paste("x\n:q\n"))
        #expect(!session.drainEffects().contains(.quit))
        session.press(.escape)
        session.expectNot("qpT0S")
        // A paste with no prompt open does nothing.
        session.press(.paste("q:q\n"))
        #expect(!session.drainEffects().contains(.quit))
    }

    @Test func pauseHoldsThePicture() {
        var session = Session(Samples.healthy)
        session.press("p")
        session.show(Samples.ill)
        session.expect("PAUSED")
        session.expectNot("silent")
        session.press("p")
        session.expect("silent")
    }

    @Test func refreshRateAndTheRest() {
        var session = Session(Samples.healthy)
        session.press("+")
        session.press("-")
        session.press("-")
        session.press("S")
        session.press(.control("l"), .control("z"), .control("r"))
        session.press("N")
        session.press("y")
        let effects = session.drainEffects()
        #expect(effects.contains(.setRefresh(seconds: 1)))
        #expect(effects.contains(.setRefresh(seconds: 5)))
        #expect(effects.contains(.snapshot(path: "highwater-prod-eu-124803.json")))
        #expect(effects.contains(.redraw) && effects.contains(.suspend))
        #expect(effects.contains(.pollNow))
        #expect(
            effects.contains {
                if case .copy(let text, of: "the row") = $0 { text.contains("\t") } else { false }
            }
        )
    }

    @Test func interestFollowsTheView() {
        var session = Session(Samples.healthy)
        session.press("N")
        session.press("/orders")
        session.press(.enter, .enter)
        let interests = session.drainEffects().compactMap { effect -> Interest? in
            if case .interest(let interest, _) = effect { interest } else { nil }
        }
        #expect(interests.last?.topics == ["orders"])
        #expect(interests.last?.partitions.count == 6)
        session.tick(1)
        session.tick(1)
        #expect(session.drainEffects().isEmpty, "an unchanged view says nothing")
    }

    @Test func whatTheOperatorBringsIntoViewIsAskedAtOnce() {
        var session = Session(Samples.ill)
        _ = session.drainEffects()
        session.press("R")
        func isAtOnce(_ effects: [Effect]) -> [Bool] {
            effects.compactMap {
                if case .interest(_, let isAtOnce) = $0 { isAtOnce } else { nil }
            }
        }
        #expect(isAtOnce(session.drainEffects()) == [true])
        session.tick(5)
        // Nobody at the keys: the worst are others now.
        var cluster = Samples.ill
        cluster.revision += 1
        for replica in 0..<cluster.partitions.replicaCount {
            cluster.partitions.replicaLogEnd[replica] = Int64(1_000 + replica * 37 % 101)
        }
        for _ in 0..<12 {
            cluster.revision += 1
            session.show(cluster)
            session.tick(2)
        }
        let moved = isAtOnce(session.drainEffects())
        #expect(!moved.isEmpty && !moved.contains(true))
        session.press("r")
        #expect(isAtOnce(session.drainEffects()) == [true])
    }

    @Test func mouse() {
        var session = Session(Samples.ill)
        let strip = session.frame.lines[1]
        let x = strip.distance(
            from: strip.startIndex,
            to: strip.firstRange(of: "minISR")?.lowerBound ?? strip.startIndex)
        session.press(.click(x: x, y: 1))
        session.expect("under min ISR")
        session.press("P")
        session.press(.click(x: 5, y: 7))
        session.expectSelected("clicks-5")
        session.press(.click(x: 5, y: 7))
        session.expect("high watermark")
        session.press(.escape, .wheelDown)
        session.expectSelected("orders-1")
    }
}

@Suite struct Identity {
    @Test("a new order waits for the keys to rest, and the selection stays on its row")
    func selectionFollowsTheRow() {
        var cluster = Samples.healthy
        var session = Session(cluster)
        session.tick(10)
        session.press("N")
        session.press("/s")
        session.press(.enter)
        session.press("j")
        let chosen = name(session.selectedLine)
        #expect(!chosen.isEmpty)
        let before = session.text
        // Another topic becomes the busiest.
        cluster.revision += 1
        for i in cluster.topics.indices { cluster.topics[i].recordsPerSecond = Double(i * 10) }
        session.tick(0.2)
        session.show(cluster)
        #expect(name(session.selectedLine) == chosen)
        #expect(rows(session.text) == rows(before), "rows changed places under the cursor")
        for _ in 0..<12 {
            session.tick(2)
            cluster.revision += 1
            session.show(cluster)
        }
        #expect(rows(session.text) != rows(before), "the new order never came")
        #expect(name(session.selectedLine) == chosen)
    }

    @Test func selectionSurvivesRowsThatComeAndGo() {
        var session = Session(Samples.healthy)
        session.press("N")
        session.press("jjj")
        let chosen = name(session.selectedLine)
        var builder = ClusterBuilder(brokers: 3)
        builder.addTopic("AAA-new")
        builder.addPartition(replicas: [1, 2, 3], end: 5, rate: 1)
        for topic in Samples.healthy.topics {
            builder.addTopic(topic.name)
            builder.addPartition(replicas: [1, 2, 3], end: 5, rate: 1)
        }
        var cluster = builder.finish()
        cluster.layout = 99
        cluster.revision = 99
        session.show(cluster)
        #expect(name(session.selectedLine) == chosen)
    }

    @Test func marksStayWithTheirRows() {
        var session = Session(Samples.healthy)
        session.press("Nj ")
        session.press("r")
        session.expect("1 marked")
        let marked = session.frame.lines.first { $0.hasPrefix("✓") } ?? ""
        session.press(">")
        #expect(session.frame.lines.contains { name($0) == name(marked) && $0.hasPrefix("✓") })
        session.press("*")
        session.expect("6 marked")
        session.press("**")
        session.expect("6 marked")
        session.press(.escape)
        session.expectNot("marked")
    }

    private func rows(_ text: String) -> [String] {
        text.split(separator: "\n").dropFirst(4).map { name(String($0)) }
    }
    private func name(_ line: String) -> String {
        String(line.dropFirst(3).prefix { $0 != " " })
    }
}

@Suite struct Filters {
    private func rows(_ filter: String, on key: String = "P") -> [String] {
        var session = Session(Samples.ill, width: 200, height: 60)
        session.press(key + "/" + filter)
        if session.text.contains("Nothing matches") { return [] }
        return session.frame.lines.dropFirst(5).dropLast(2)
            .map { String($0.dropFirst(3).prefix { $0 != " " }) }.filter { !$0.isEmpty }
    }

    @Test func words() {
        #expect(rows("orders").count == 6)
        #expect(rows("ORDERS").count == 6, "capital and small letters are the same")
        #expect(rows("orders-3") == ["orders-3"])
        // Heads as they stand, and blanks around operators.
        #expect(rows("rec/s > 1K") == rows("records>1000") && !rows("rec/s>1K").isEmpty)
        #expect(rows("worst lag >= 1") == rows("lag>=1") && !rows("lag>=1").isEmpty)
        #expect(rows("orders lag = ?") == rows("orders lag=?"))
        // On every table, whatever its columns.
        #expect(rows("topic=ORDERS").count == 6 && rows("topic!=orders").count == 28 - 6)
        #expect(!rows("rack=eu-1a").isEmpty && rows("rack=nowhere").isEmpty)
        #expect(rows("broker=9").isEmpty || rows("broker=9").count < 28)
        #expect(rows("topic=orders", on: "O").count < rows("", on: "O").count)
        #expect(rows("broker != 1", on: "O").isEmpty && !rows("broker = 1", on: "O").isEmpty)
        #expect(rows("ders-3") == ["orders-3"])
        #expect(Set(rows("clicks-1")) == ["clicks-1", "clicks-10", "clicks-11"])
        #expect(rows("!orders !clicks").count == 28 - 6 - 12)
        #expect(rows("orders pay").isEmpty)
        #expect(rows("re:^(orders|quiet)$").count == 8)
        #expect(rows("re:s$ !re:^c").count == 6 + 3 + 4)
    }

    @Test func columns() {
        #expect(rows("leader=2 orders").allSatisfy { $0.hasPrefix("orders") })
        #expect(rows("lag>1000").sorted() == ["orders-0", "payments-0"])
        #expect(rows("lag>=48.1K").sorted() == ["orders-0", "payments-0"])
        #expect(rows("lag=?").contains("clicks-0"))
        #expect(!rows("lag=?").contains("orders-0"))
        #expect(rows("!lag=?").contains("orders-0"))
        #expect(rows("state=Stable", on: "O").count == 5)
        #expect(rows("state!=stable", on: "O").sorted() == ["search-index", "zz-undescribed"])
        var session = Session(Samples.ill)
        session.press("B/rack=eu-1c")
        session.expect("1 of 5")
    }

    @Test("typing a filter keeps the order, and taking letters back brings rows back")
    func typing() {
        var session = Session(Samples.ill)
        session.press("R")
        let all = session.text
        session.press("/orders")
        session.expectSelected("orders-0")
        session.expect("12 of 55")
        for _ in 0..<6 { session.press(.backspace) }
        #expect(session.text.split(separator: "\n")[5] == all.split(separator: "\n")[5])
        session.press(.escape)
        #expect(session.text == all)
    }

    @Test func faultsAreSaid() {
        for (filter, wanted) in [
            ("lag>many", "many is no number"), ("colour=red", "no column colour"),
            ("re:(", "a ( is not closed"), ("lag>", "a value is missing"),
        ] {
            var session = Session(Samples.ill, width: 120, height: 40)
            session.press("P/" + filter)
            session.expect(wanted)
            // The rows stay while it is being typed.
            session.expect("orders-0")
        }
    }

    @Test("expressions match in linear time, whatever they are") func expressions() throws {
        func matches(_ pattern: String, _ text: String) throws -> Bool {
            try SmallExpression.read(pattern).get().matches(text)
        }
        for (pattern, text, wanted) in [
            ("a.c", "xabcx", true), ("^a", "ba", false), ("b$", "ab", true), ("a+b", "aaab", true),
            ("a*b", "b", true), ("ab?c", "ac", true), ("(ab|cd)+e", "abcde", true),
            ("[0-9]+-[^a]", "orders-17-b", true), ("\\d\\d", "a1b2", false), ("", "x", true),
            ("a\\.b", "axb", false), ("(a|)b", "b", true), ("Abc", "abc", false),
            ("abc", "ABC", true), ("[]x]", "]", true), ("(a*)*b", "aaac", false),
        ] {
            #expect(try matches(pattern, text) == wanted, "\(pattern) on \(text)")
        }
        #expect(try !matches("(a+)+$", String(repeating: "a", count: 2_000) + "!"))
        for bad in ["(", ")", "[", "[z-a]", "*", "a|+", "\\", String(repeating: "(", count: 90)] {
            #expect(throws: SmallExpression.Fault.self) { try SmallExpression.read(bad).get() }
        }
    }
}
