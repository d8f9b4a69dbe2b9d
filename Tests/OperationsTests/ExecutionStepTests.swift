// The execution of a plan as a state machine alone: facts in, the next request out, and never a
// standstill of which nothing is said.
import KafkaClient
import Planning
import Testing

@testable import Operations

@Suite struct ExecutionStepTests {
    private let name = PartitionName(topic: "orders", number: 3)

    private func execution(
        throttle: Int64? = 1_000_000, topics known: [String: KnownTopic] = [:]
    ) -> Execution {
        let move = PlannedMove(
            topic: "orders", partition: 3, before: [1, 2], after: [1, 5], leaderBefore: 1,
            leaderAfter: 1)
        return Execution(
            PlanExecution(plan: "move", hash: "", moves: [move], throttle: throttle),
            clusterID: "id", earlier: EarlierThrottles(), topics: known)
    }

    /// The partition as it was planned from, with rates as they are to be.
    private func facts(brokers: [Int32] = [1, 2, 5], inSync: [Int32] = [1, 2]) -> ExecutionFacts {
        var facts = ExecutionFacts()
        facts.reading = MovingReading(clusterID: "id")
        facts.reading.brokers = brokers
        facts.reading.hasController = true
        facts.reading.states[name] = .init(leader: 1, replicas: [1, 2], inSync: inSync)
        facts.topics["orders"] = ThrottleLists()
        for broker in brokers {
            facts.brokers[broker] = ThrottleRates(
                leader: broker == 5 ? nil : "1000000", follower: broker == 5 ? "1000000" : nil)
        }
        facts.leastInSync["orders"] = 1
        return facts
    }

    private func next(_ execution: inout Execution, _ facts: ExecutionFacts) -> ExecutionDecision {
        execution.next(facts, .run, nowNs: 0)
    }

    @Test func whatKeepsAMoveFromBeginningIsSaid() {
        func why(_ facts: ExecutionFacts) -> String? {
            var execution = execution()
            #expect(next(&execution, facts) == .wait)
            return execution.progress(facts).waits.first
        }
        #expect(
            why(facts(brokers: [1, 2]))
                == "1 partition waits: orders-3: broker 5, which is to get it, is not there, or "
                + "fenced")
        var leaderless = facts()
        leaderless.reading.states[name]?.leader = nil
        #expect(why(leaderless) == "1 partition waits: orders-3: no broker leads it")
        var few = facts()
        few.leastInSync["orders"] = 2
        few.reading.states[name] = .init(leader: 2, replicas: [1, 2], inSync: [2])
        #expect(why(few) == "1 partition waits: orders-3: it has 1 in sync and needs 2")
        var silent = facts()
        silent.brokers[5] = nil
        #expect(why(silent) == "broker 5 does not tell its throttled rates")
        var unread = facts()
        unread.reading.states = [:]
        unread.reading.unread["orders"] = "TOPIC_AUTHORIZATION_FAILED"
        #expect(why(unread) == "topic orders is not told of: TOPIC_AUTHORIZATION_FAILED")
        var full = facts()
        full.topics["orders"] = ThrottleLists(
            leader: (0..<4_400).map { "\($0):77" }.joined(separator: ","))
        #expect(why(full)?.hasSuffix("as many as Kafka keeps") == true)
    }

    /// Somebody takes the throttle away as often as it is set: that is said, and neither the
    /// journal nor the cluster is filled with it.
    @Test func whoeverTakesItsThrottleAwayIsSaid() {
        var execution = execution()
        var sent = 0
        for _ in 0..<100 {
            if case .send(.lists) = next(&execution, facts()) { sent += 1 }
        }
        #expect(sent > 20 && sent < 60)
        #expect(
            execution.waits == [
                "the throttle of topic orders is set again and again and is not there a moment "
                    + "later: somebody else changes it"
            ])
        // It stands: the move begins, and nothing is said any more.
        var standing = facts()
        standing.topics["orders"] = ThrottleLists(leader: "3:1,3:2", follower: "3:5")
        #expect(
            next(&execution, standing)
                == .send(.reassign([.init(partition: name, replicas: [1, 5])])))
        #expect(execution.waits.isEmpty)
    }

    /// A topic that is deleted, made anew or extended is dropped, and the rest goes on.
    @Test func topicsThatAreNotWhatTheyWereAreDropped() {
        func dropped(_ change: (inout ExecutionFacts) -> Void) -> String? {
            let moves = ["orders", "clicks"].map {
                PlannedMove(
                    topic: $0, partition: 3, before: [1, 2], after: [1, 5], leaderBefore: 1,
                    leaderAfter: 1)
            }
            var execution = Execution(
                PlanExecution(plan: "move", hash: "", moves: moves, throttle: nil),
                clusterID: "id", earlier: EarlierThrottles(),
                topics: ["orders": KnownTopic(id: "first", partitions: 4)])
            var facts = facts()
            let other = PartitionName(topic: "clicks", number: 3)
            facts.reading.states[other] = facts.reading.states[name]
            for broker in facts.reading.brokers { facts.brokers[broker] = ThrottleRates() }
            facts.topics["clicks"] = ThrottleLists()
            facts.reading.topicIDs["orders"] = "first"
            facts.reading.partitionCounts["orders"] = 4
            change(&facts)
            for _ in 0..<5 {
                guard case .send(.reassign(let items)) = next(&execution, facts) else { continue }
                for item in items where item.partition == other {
                    facts.reading.states[other]?.replicas = [1, 5]
                    facts.reading.states[other]?.inSync = [1, 5]
                }
            }
            let progress = execution.progress(facts)
            #expect(progress.done >= 1 && progress.done + progress.dropped == 2)
            let last = next(&execution, facts)
            guard case .end(let reason?) = last else {
                #expect(last == .end(nil))
                return nil
            }
            #expect(reason.hasPrefix("1 partition of 2 not moved: orders-3: "))
            #expect(progress.droppedBecause.map { "1 partition of 2 not moved: " + $0 } == reason)
            return progress.droppedBecause
        }
        #expect(dropped { $0.reading.states[name] = nil } == "orders-3: it was deleted")
        #expect(
            dropped { $0.reading.topicIDs["orders"] = "second" }
                == "orders-3: its topic was deleted and created again")
        #expect(
            dropped { $0.reading.partitionCounts["orders"] = 6 }
                == "orders-3: its topic has 6 partitions now, and not 4: plan again")
        // What has begun ends all the same.
        #expect(
            dropped { facts in
                facts.reading.partitionCounts["orders"] = 6
                facts.reading.states[name] = .init(
                    leader: 1, replicas: [1, 5], inSync: [1, 5])
            } == nil)
    }

    @Test func listsAreChangedByTheEntry() {
        func setting(_ now: String?, _ wanted: String?) -> ConfigSetting? {
            Execution.setting("k", from: now, to: wanted)
        }
        #expect(setting("0:1", "0:1") == nil)
        #expect(setting(nil, "0:1") == ConfigSetting("k", "0:1"))
        #expect(setting("", "0:1") == ConfigSetting("k", "0:1"))
        #expect(setting("9:9", "9:9,0:1,0:2") == ConfigSetting("k", append: ["0:1", "0:2"]))
        #expect(setting("9:9,0:1", "9:9") == ConfigSetting("k", subtract: ["0:1"]))
        // First what goes, then what comes.
        #expect(setting("9:9,0:1", "9:9,0:2") == ConfigSetting("k", subtract: ["0:1"]))
        #expect(setting("0:1", nil) == ConfigSetting("k", nil))
        #expect(setting("0:1", "") == ConfigSetting("k", ""))
        #expect(setting("8:8,9:9", "9:9, 8:8")?.operation == .subtract)
        #expect(setting("9:9,8:8", "8:8,9:9") == ConfigSetting("k", "8:8,9:9"))
    }

    /// One process at a time, of a journal in memory too.
    @Test func oneAtATimeCarriesOut() throws {
        for journal in [Journal(inMemory: "id"), try Journal(path: Folder().file)] {
            var first = try ExecutionLock.take(journal)
            #expect(first != nil)
            #expect(try ExecutionLock.take(journal) == nil)
            first = nil
            #expect(try ExecutionLock.take(journal) != nil)
        }
    }
}
