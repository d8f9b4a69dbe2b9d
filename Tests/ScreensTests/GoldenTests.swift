// Golden frames: what every screen looks like, in characters and roles. UPDATE_GOLDEN=1 rewrites.

import ClusterModel
import Drawing
import GoldenFiles
import KafkaClient
import ModelTesting
import Operations
import Planning
import Screens
import Testing

/// A situation worth a golden frame.
private struct Scenario: Sendable {
    var name: String
    var cluster: @Sendable () -> Cluster?
    var keys: [Key]
    var sizes: [(Int, Int)]
}

private let standard = [(40, 12), (80, 24), (120, 40), (200, 60)]

private func typed(_ text: String) -> [Key] { text.unicodeScalars.map { .character($0) } }

private let scenarios: [Scenario] = {
    let ill: @Sendable () -> Cluster? = { Samples.ill }
    let healthy: @Sendable () -> Cluster? = { Samples.healthy }
    // Those that need samples of their own stand below.
    let others: Set<String> = ["coordinator", "events", "configs", "journal"]
    let screens: [(String, [Key])] =
        screenEntries.compactMap { entry in
            guard let key = entry.key, !others.contains(entry.name) else { return nil }
            return (entry.name, [.character(key)])
        } + [
            ("partition", typed(":partition orders-0") + [.enter]),
            ("group", typed(":group billing") + [.enter]),
            ("topic", typed(":topic orders") + [.enter]),
            ("heat", typed("R") + [.tab]),
            ("heat-racks", typed("R") + [.tab, .tab]),
        ]
    var all: [Scenario] = []
    for (name, keys) in screens {
        all.append(Scenario(name: "ill-\(name)", cluster: ill, keys: keys, sizes: standard))
        all.append(
            Scenario(
                name: "well-\(name)", cluster: healthy, keys: keys, sizes: [(40, 12), (80, 24)]))
        all.append(
            Scenario(
                name: "empty-\(name)", cluster: { Samples.empty }, keys: keys,
                sizes: [(80, 24)]))
        all.append(
            Scenario(
                name: "loading-\(name)", cluster: { Samples.loading }, keys: keys,
                sizes: [(80, 24)]))
    }
    all += [
        Scenario(name: "connecting", cluster: { nil }, keys: [], sizes: [(40, 12), (80, 24)]),
        Scenario(
            name: "coordinator-zookeeper", cluster: { Samples.zooKeeper }, keys: typed("K"),
            sizes: standard),
        Scenario(
            name: "coordinator-kraft", cluster: { Samples.kraftQuorum }, keys: typed("K"),
            sizes: standard),
        Scenario(
            name: "coordinator-unread", cluster: healthy, keys: typed("K"), sizes: [(80, 24)]),
        Scenario(
            name: "events", cluster: { Samples.zooKeeper }, keys: typed("V"), sizes: standard),
        Scenario(
            name: "events-none", cluster: healthy, keys: typed("V"), sizes: [(80, 24)]),
        Scenario(
            name: "events-losses", cluster: { Samples.zooKeeper }, keys: typed("Vf"),
            sizes: [(80, 24)]),
        Scenario(
            name: "partition-stored", cluster: { Samples.zooKeeper },
            keys: typed(":partition orders-0") + [.enter], sizes: [(80, 24), (120, 40)]),
        Scenario(name: "journal", cluster: ill, keys: typed("J"), sizes: standard),
        Scenario(name: "journal-whole", cluster: ill, keys: typed("J"), sizes: [(80, 24)]),
        Scenario(name: "journal-compared", cluster: ill, keys: typed("J"), sizes: [(80, 24)]),
        Scenario(name: "journal-none", cluster: ill, keys: typed("J"), sizes: [(80, 24)]),
        Scenario(name: "journal-unread", cluster: ill, keys: typed("J"), sizes: [(80, 24)]),
        Scenario(
            name: "configs", cluster: { Samples.configs },
            keys: typed(":configs clicks") + [.enter] + typed("jjjj"), sizes: standard),
        Scenario(
            name: "configs-edited", cluster: { Samples.configs },
            keys: typed(":configs clicks") + [.enter] + typed("jjjje") + [.control("u")]
                + typed("3x"), sizes: [(80, 24), (120, 40), (40, 12)]),
        Scenario(
            name: "configs-choice", cluster: { Samples.configs },
            keys: typed(":configs clicks") + [.enter] + typed("e") + [.tab, .tab, .tab],
            sizes: [(80, 24)]),
        Scenario(
            name: "configs-overrides", cluster: { Samples.configs },
            keys: typed(":configs clicks") + [.enter] + typed("f"), sizes: [(80, 24)]),
        Scenario(
            name: "configs-unread", cluster: healthy, keys: typed(":configs clicks") + [.enter],
            sizes: [(80, 24)]),
        Scenario(
            name: "plan", cluster: ill, keys: typed(":drain 3") + [.enter], sizes: standard),
        Scenario(
            name: "plan-partitions", cluster: healthy,
            keys: typed(":drain 3") + [.enter, .tab, .tab, .tab], sizes: [(80, 24), (120, 40)]),
        Scenario(
            name: "plan-balance", cluster: healthy, keys: typed(":balance") + [.enter],
            sizes: [(80, 24), (120, 40)]),
        Scenario(
            name: "plan-safety", cluster: ill,
            keys: typed(":drain 3") + [.enter] + Array(repeating: .tab, count: 5),
            sizes: [(80, 24)]),
        Scenario(
            name: "plan-unread", cluster: { Samples.loading }, keys: typed(":balance") + [.enter],
            sizes: [(80, 24)]),
        Scenario(name: "review", cluster: ill, keys: typed("L"), sizes: standard),
        Scenario(name: "review-under-way", cluster: ill, keys: typed("L"), sizes: [(80, 24)]),
        Scenario(name: "review-changed", cluster: ill, keys: typed("L"), sizes: [(80, 24)]),
        Scenario(name: "review-over", cluster: ill, keys: typed("L"), sizes: [(80, 24), (40, 12)]),
        Scenario(name: "small", cluster: ill, keys: [], sizes: [(19, 24), (30, 8), (80, 4)]),
        Scenario(name: "help-partitions", cluster: ill, keys: typed("P?"), sizes: standard),
        Scenario(name: "volumes", cluster: ill, keys: typed("8"), sizes: standard),
        Scenario(name: "why", cluster: ill, keys: typed("Pi"), sizes: [(80, 24), (40, 12)]),
        Scenario(
            name: "throughput-brokers", cluster: ill, keys: typed("T") + [.tab],
            sizes: [(80, 24), (120, 40)]),
        Scenario(
            name: "throughput-cursor", cluster: ill,
            keys: typed("T]") + Array(repeating: .left, count: 20), sizes: [(80, 24)]),
        Scenario(
            name: "throughput-group", cluster: healthy, keys: typed("OT"),
            sizes: [(80, 24), (120, 40)]),
        Scenario(
            name: "filtered", cluster: ill, keys: typed("P/clicks lag=?") + [.enter] + typed("*"),
            sizes: [(80, 24)]),
        Scenario(
            name: "filter-none", cluster: ill, keys: typed("P/nothing") + [.enter],
            sizes: [(80, 24)]),
        Scenario(
            name: "filter-fault", cluster: ill, keys: typed("P/lag>many"), sizes: [(80, 24)]),
        Scenario(name: "faults-none", cluster: healthy, keys: typed("Pf"), sizes: [(80, 24)]),
        Scenario(name: "command", cluster: ill, keys: typed(":g") + [.tab], sizes: [(80, 24)]),
        Scenario(name: "scrolled", cluster: ill, keys: typed("Pll"), sizes: [(80, 24)]),
        Scenario(
            name: "huge-topics",
            cluster: {
                SampleCluster.huge(brokers: 30, partitions: 2_000, groups: 100, topics: 200)
            }, keys: typed("N"), sizes: [(80, 24), (200, 60)]),
    ]
    return all
}()

private func frame(_ scenario: Scenario, _ width: Int, _ height: Int) -> Frame {
    var session = Session(scenario.cluster(), width: width, height: height)
    if scenario.name == "connecting" {
        session.send(.connecting("Connecting to kafka-1.example.com:9092, 10.0.0.2:9092"))
        session.tick(3)
    }
    for key in scenario.keys { session.press(key) }
    if scenario.name.hasPrefix("plan"), let cluster = scenario.cluster() { session.plan(cluster) }
    if scenario.name.hasPrefix("journal") { session.tellJournal(scenario.name) }
    if scenario.name.hasPrefix("review"), let cluster = scenario.cluster() {
        session.review(cluster, scenario.name)
    }
    return session.frame
}

extension Session {
    /// Four changes: made, taken back, refused in part and cut short.
    fileprivate static var changes: [JournalEntry] {
        let author = ChangeAuthor(
            user: "root", sudoUser: "ann", sshConnection: "10.0.0.9 50022 10.0.0.1 22",
            principal: "User:ANONYMOUS")
        func alteration(_ topics: [String], _ before: String?, _ after: String?) -> any Change {
            ConfigAlteration(
                topics.map { .init(.topic($0), "retention.ms", from: before, to: after) })
        }
        func entry(
            _ id: Int64, _ change: any Change, _ results: [JournalEntry.Result],
            _ state: JournalEntry.State, note: String? = nil, reason: String? = nil
        ) -> JournalEntry {
            var entry = JournalEntry(
                id: "179500\(id)-7f3a", atMs: 1_794_999_000_000 + id * 60_000, clusterID: "c",
                operation: type(of: change).kind, summary: change.summary, author: author,
                note: note, values: change.differences, results: results, reason: reason,
                byHand: change.byHand(KafkaTools(bootstrap: "kafka-1:9092")), state: state)
            entry.undo = change.undo.map { ChangeRequest($0) }
            return entry
        }
        let orders = "topic orders"
        return [
            entry(
                9, alteration(["clicks", "orders"], nil, "60000"),
                [
                    .init("topic clicks", .unknown, message: "no answer came"),
                    .init(orders, .notSent),
                ], .unfinished),
            entry(
                8, alteration(["audit", "quiet"], "7", "-2"),
                [
                    .init("topic audit", .done),
                    .init(
                        "topic quiet", .refused, error: "INVALID_CONFIG",
                        message: "Invalid value -2 for configuration retention.ms"),
                ], .partly, note: "OPS-18"),
            entry(7, alteration(["orders"], "86400000", nil), [.init(orders, .done)], .done),
            entry(
                2, alteration(["orders"], nil, "86400000"), [.init(orders, .done)], .done,
                note: "OPS-17 \u{202E}drowssap"),
        ]
    }

    fileprivate mutating func tellJournal(_ name: String) {
        switch name {
        case "journal-none": send(.journal(JournalView([])))
        case "journal-unread":
            send(
                .journal(
                    JournalView(
                        [], fault: "cannot open the journal j.ndjson: Permission denied")))
        default: send(.journal(JournalView(Self.changes, unreadable: name == "journal" ? 1 : 0)))
        }
        tick(2)
        switch name {
        case "journal-whole":
            press("j")
            press(.enter)
        case "journal-compared": press("jj  d")
        default: break
        }
    }

    /// Answers what was asked to be planned.
    fileprivate mutating func plan(_ cluster: Cluster) {
        for case .plan(let request) in drainEffects() {
            guard let draft = try? PlanDraft(request, cluster) else { continue }
            send(.planned(.draft(draft)))
            let costs = PlanCost.tolerances.compactMap {
                PlanCost(request, at: $0, for: draft.model)
            }
            if request.hasTolerance { send(.planned(.costs(request, costs))) }
        }
    }

    /// Reviews an election of all preferred leaders, as far as the golden frame's name says.
    fileprivate mutating func review(_ cluster: Cluster, _ name: String) {
        let request = ChangeRequest("elect_preferred_leaders", of: [.cluster])
        guard let proposal = propose(request, in: cluster) else { return }
        send(.proposed(request, proposal))
        tick(0)
        tick(1)
        press("a word")
        guard name != "review", let phrase = cluster.clusterID else { return }
        press(.control("u"))
        press(phrase)
        press(.enter)
        switch name {
        case "review-under-way": send(.operation(.progress(done: 1, of: 3)))
        case "review-changed":
            let fact = proposal.change.before[0]
            send(.operation(.refused(.changed([.init(reviewed: fact, now: "7")]))))
        default:
            let outcomes = proposal.change.before.enumerated().map { index, fact in
                StepOutcome(
                    fact.subject, error: index == 0 ? "NOT_CONTROLLER" : nil,
                    message: index == 0 ? "The active controller moved." : nil)
            }
            send(.operation(.ended(outcomes: outcomes, reason: nil)))
        }
    }
}

@Test func goldenFrames() throws {
    var frames: [String: String] = [:]
    for scenario in scenarios {
        for (width, height) in scenario.sizes {
            let name = "\(scenario.name)-\(width)x\(height).txt"
            let shown = frame(scenario, width, height)
            // The samples' names are ASCII: all else must have a twin for `--ascii`.
            let strangers = shown.cells.filter {
                asciiTwin($0.scalar) == "?" && $0.scalar != "?"
            }
            #expect(strangers.isEmpty, "\(name) draws what has no ASCII twin")
            frames[name] = shown.golden
        }
    }
    for entry in screenEntries {
        for (width, height) in standard {
            let isThere = frames.keys.contains {
                $0.contains(entry.name) && $0.hasSuffix("-\(width)x\(height).txt")
            }
            #expect(isThere, "no golden frame of \(entry.name) at \(width)x\(height)")
        }
    }
    for difference in try GoldenFolder("ScreensTests/Golden").differences(frames) {
        Issue.record("\(difference)")
    }
}
