// What must hold for every key, size and name: never a trap, never a lie, never an escape.

import ClusterModel
import Drawing
import GoldenFiles
import ModelTesting
import Screens
import Testing

/// The same numbers for the same seed.
private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

@Suite struct Holds {
    /// Every key that does anything, and some that do not.
    private static let keys: [Key] =
        Keymap.all.flatMap(\.keys) + [.enter, .delete, .insert, .paste("x\u{1B}[2J")]

    @Test("random keys, sizes and pictures never trap; frames keep their size") func property() {
        let clusters = [
            Samples.ill, Samples.healthy, Samples.empty,
            Samples.loading, Samples.zooKeeper, Samples.kraftQuorum, Cluster(), hostile(),
        ]
        for seed in 1...6 {
            var dice = Dice(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
            var session = Session(clusters[0])
            for step in 0..<120 {
                switch Int.random(in: 0..<12, using: &dice) {
                case 0:
                    session.send(
                        .resized(
                            width: Int.random(in: -1...130, using: &dice),
                            height: Int.random(in: -1...45, using: &dice)))
                case 1:
                    var cluster = clusters[Int.random(in: 0..<clusters.count, using: &dice)]
                    cluster.revision = UInt64(step)
                    cluster.layout = UInt64(step)
                    session.show(cluster)
                case 2: session.tick(Double.random(in: 0...3, using: &dice))
                case 3:
                    session.press(
                        .click(
                            x: Int.random(in: -2...140, using: &dice),
                            y: Int.random(in: -2...50, using: &dice)))
                default: session.press(Self.keys.randomElement(using: &dice) ?? .enter)
                }
                if step % 4 == 0 { check(session.frame) }
            }
        }
    }

    private func check(_ frame: Frame) {
        var isRight = frame.cells.count == frame.width * frame.height
        for y in 0..<frame.height {
            for x in 0..<frame.width {
                let cell = frame[x, y]
                // A wide scalar has its other half; nothing that moves a cursor is ever drawn.
                if cell.width == 2 { isRight = isRight && frame[x + 1, y].width == 0 }
                isRight = isRight && cell.scalar.value >= 0x20
                isRight = isRight && harmless(cell.scalar) == cell.scalar
            }
        }
        #expect(isRight, "\(frame.text)")
    }

    private func hostile() -> Cluster {
        var builder = ClusterBuilder(brokers: 2)
        for name in [
            "\u{1B}[31mred", "\u{202E}drowssap", "a\u{200B}b", "日本語のトピック",
            "👩‍🚀🚀", "e\u{301}", "tab\tnew\nline", String(repeating: "x", count: 249),
        ].sorted() {
            builder.addTopic(name)
            builder.addPartition(replicas: [1, 2], end: 5, rate: 1)
        }
        builder.addGroup("\u{9B}2J\u{7}", rows: [0, 1], members: 1, lag: 3)
        return builder.finish()
    }

    @Test func hostileNamesAreHarmless() {
        for (width, height) in [(80, 24), (40, 12), (200, 60)] {
            for keys in ["", "N", "P", "R", "O", "W"] {
                var session = Session(
                    hostile(), width: width, height: height, context: "\u{1B}]0;x\u{7}日本")
                session.press(keys)
                check(session.frame)
            }
        }
    }

    @Test("unknown is ?, old says ~, and neither is 0") func unknownAndStale() {
        var session = Session(Samples.ill, width: 120, height: 40)
        session.press("O/undescribed")
        session.press(.enter)
        session.expectSelected("?")
        #expect(!session.selectedLine.contains(" 0"))
        session.press("i")
        session.expect("its offsets have not been read yet")
        session.press(.escape, .escape)
        session.press("P/clicks-3")
        session.press(.enter)
        session.expectSelected("?")
        session.press("i")
        session.expect("rec/s ?: a rate needs two answers of its leader")
        session.press(.escape, .escape)
        session.press("/orders-0")
        session.press(.enter)
        session.expectSelected("~48.1K")
    }

    /// While a cluster migrates its brokers leave ZooKeeper one by one, and are well.
    @Test func aBrokerThatHasMovedToKRaftIsNotMissed() {
        var cluster = Samples.zooKeeper
        var session = Session(cluster, width: 120, height: 40)
        session.press("K")
        session.expectNot("moved to KRaft")
        cluster.coordinator.migration = "to KRaft, controller 3000, epoch 2"
        session = Session(cluster, width: 120, height: 40)
        session.press("K")
        session.expect("moved to KRaft")
        session.expect("migration: to KRaft, controller 3000, epoch 2")
    }

    /// Since when a broker is not registered any more is told where that was seen.
    @Test func aLostRegistrationSaysSinceWhen() throws {
        var cluster = Samples.zooKeeper
        var session = Session(cluster, width: 120, height: 40)
        session.press("K")
        session.expectNot("47s")
        let registered = Set(cluster.coordinator.registrations.map(\.broker))
        let gone = try #require(cluster.brokers.first { !registered.contains($0.id) }).id
        cluster.events.append(
            ClusterEvent(
                at: WallTime(ms: cluster.takenAtWall.ms - 47_000), seenAt: cluster.takenAt,
                subject: .broker(gone), change: .unregistered, source: "/brokers/ids/\(gone)"))
        session.show(cluster)
        session.expect("47s")
    }

    /// An event opens what it is about, a sum of one broker too.
    @Test func anEventOpensItsSubject() {
        for (words, place) in [
            ("lost", "partitions on broker 9"), ("retention", "orders"), ("led by", "clicks-1"),
        ] {
            var session = Session(Samples.zooKeeper, width: 120, height: 40)
            session.press("V")
            session.press("/")
            session.press(words)
            session.press(.enter)
            session.press(.enter)
            session.expect("events › \(place)")
        }
    }

    /// What the strip has no room for is reached from "what is wrong" and by its name in a filter.
    @Test func aRuleLeadsToItsPartitions() {
        var session = Session(Samples.ill, width: 120, height: 40)
        session.press("W")
        session.press("/")
        session.press("min ISR: one more")
        session.press(.enter)
        session.press(.enter)
        session.expect("what is wrong › at min ISR")
        session.press("P")
        session.press("/")
        session.press("rule=at_min_isr")
        session.press(.enter)
        session.expect("1 of ")
    }

    /// A strip's key pressed again leads on to the rules that stand behind its place.
    @Test func theStripLeadsOnToRulesBehindAPlace() {
        var session = Session(Samples.ill, width: 120, height: 40)
        for (key, titles) in [
            ("2", ["under min ISR", "at min ISR", "under min ISR"]),
            ("4", ["under-replicated", "rack spread", "under-replicated"]),
            ("5", ["wrong leader", "wrong leader"]),
        ] {
            session.press("0")
            for title in titles {
                session.press(key)
                session.expect("› \(title)")
            }
        }
    }

    @Test("none, being read and cannot tell are three things") func emptyWords() {
        var session = Session(Samples.empty)
        session.press("N")
        session.expect("No topics here.")
        session = Session(Samples.loading)
        session.press("O")
        session.expect("Reading groups.")
        session.expectNot("No groups here")
        // What is wrong can only be said of what was answered.
        session.press("W")
        session.expect("Reading findings.")
        session.expectNot("very question was answered")
        var cluster = Samples.empty
        cluster.sections[.groups] = SectionHealth(state: .failed("No broker could be asked."))
        session = Session(cluster)
        session.press("O")
        session.expect("Cannot tell which groups there are.")
        session.expect("No broker could be asked.")
        session.expectNot("No groups here")
        cluster.sections[.groups] = SectionHealth(state: .loading(0.25))
        session.show(cluster)
        session.expect("Reading groups (25 % so far).")
    }

    @Test("numbers that lie do not trap") func lyingNumbers() {
        var cluster = Samples.ill
        for row in 0..<cluster.partitions.count {
            cluster.partitions.recordsPerSecond[row] = row % 2 == 0 ? 3e38 : -.infinity
            cluster.partitions.bytesPerSecond[row] = .infinity
        }
        for i in cluster.partitions.replicaRate.indices {
            cluster.partitions.replicaRate[i] = -3e38
            cluster.partitions.replicaSize[i] = .max
        }
        for i in cluster.brokers.indices {
            cluster.brokers[i].recordsPerSecond = 1e300
            cluster.brokers[i].roundTripSeconds = .infinity
            cluster.brokers[i].state = .slow(1e300)
        }
        cluster.totals.recordsPerSecond = .infinity
        cluster.revision += 1
        for keys in ["", "B", "N", "P", "R", "O", "W", "T", "8", "Pi", "Ri"] {
            var session = Session(cluster, width: 200, height: 60)
            session.press(keys)
            check(session.frame)
        }
    }

    @Test func overviewListsStandStillUnderTheKeys() {
        var session = Session(Samples.ill)
        session.tick(10)
        session.press(.tab, .tab)
        session.press("j")
        session.expectSelected("orders")
        var cluster = Samples.ill
        cluster.revision += 1
        for i in cluster.topics.indices { cluster.topics[i].recordsPerSecond = Double(i) }
        session.show(cluster)
        session.press("k")
        session.expectSelected("clicks")
        // Nobody is at the keys, and the last order is ten seconds old.
        session.tick(11)
        session.press("g")
        session.expectSelected("quiet")
    }

    @Test("failures alone are no picture: the sentence stays") func nothingAnswered() {
        var session = Session(nil)
        session.send(.connecting("connecting to kafka-1:9092"))
        var cluster = Cluster()
        cluster.takenAt = Instant(ns: 1_000_000_000_000)
        cluster.failures = [
            ObservationFailure(
                api: "ApiVersions", broker: nil, code: "REFUSED",
                message: "kafka-1:9092 refuses connections.", section: .metadata)
        ]
        session.show(cluster)
        session.expect("kafka-1:9092 refuses connections.")
        session.expectNot("nothing known of this yet")
        session.press("N")
        session.expect("Reading topics.")
    }

    @Test func healthStripOpensWhatItCounts() {
        for (number, wanted) in [
            ("1", "clicks-0"), ("2", "orders-0"), ("3", "silent"), ("4", "orders-1"),
            ("5", "clicks-1"), ("6", "payments-0"), ("7", "zz-stuck"), ("8", "91 %"),
        ] {
            var session = Session(Samples.ill)
            session.press(number)
            session.expect(wanted)
        }
    }

    @Test func throughputReadsValues() {
        var session = Session(Samples.ill)
        session.press("T")
        session.expect("5 min")
        session.press("]]")
        session.press(.left)
        session.expect("12:4")
        session.press("u")
        session.expect("bytes/s")
        session.press(.escape)
        session.press(.tab)
        session.expect("broker 1")
        session.press(.escape)
        session.expect("What is wrong")
    }

    @Test func aLeaderThatMovedIsBright() {
        var cluster = Samples.healthy
        var session = Session(cluster)
        session.press(":topic orders")
        session.press(.enter)
        let row = cluster.row(of: PartitionKey(topic: "orders", partition: 0)) ?? 0
        cluster.partitions.leader[row] =
            cluster.partitions.replicaBroker[
                Int(cluster.partitions.firstReplica[row]) + 1]
        cluster.append(leaderChanges: [
            LeaderChange(
                partition: cluster.key(ofRow: row), from: BrokerID(2), to: BrokerID(3),
                at: cluster.takenAt)
        ])
        cluster.revision += 1
        session.tick(2)
        session.show(cluster)
        #expect(session.frame.golden.contains("*"))
        session.press("W")
        session.expect("1 leader changed in 5 min, newest: orders-0 from 2 to 3")
        session.press(.escape)
        session.tick(6)
        let plane = session.frame.golden.split(separator: "---\n").last ?? ""
        #expect(!plane.contains("*"))
    }
}
