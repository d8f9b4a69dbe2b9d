// A review lets through what was typed exactly and nothing else, and never under read-only.

import ClusterModel
import KafkaClient
import ModelTesting
import Operations
import Testing

@testable import Planning

@Suite struct ReviewTests {
    private let cluster = ReviewTests.makeCluster()
    private let key = PartitionKey(topic: "orders", partition: 1)

    private static func makeCluster() -> Cluster {
        var builder = ClusterBuilder(brokers: 3)
        builder.addTopic("orders")
        for _ in 0..<4 { builder.addPartition(replicas: [1, 2, 3]) }
        builder.addTopic("payments")
        for _ in 0..<2 { builder.addPartition(replicas: [2, 3, 1]) }
        var cluster = builder.cluster
        for row in [1, 3, 4] { cluster.partitions.leader[row] = 3 }
        // The preferred replica of orders-3 is not in sync.
        let replica = cluster.partitions.replicas(of: 3).lowerBound
        cluster.partitions.replicaFlags[replica].remove(.inSync)
        return cluster
    }

    private func elections(of subjects: [ObjectID]) -> Proposal {
        PreferredElection.propose(
            ChangeRequest(PreferredElection.kind, of: subjects), in: cluster)
    }

    private func policy(isReadOnly: Bool = false) -> ReviewPolicy {
        var policy = ReviewPolicy(
            isReadOnly: isReadOnly, tools: KafkaTools(bootstrap: "kafka-1:9092"))
        policy.clusterName = "prod-eu"
        return policy
    }

    @Test func aProposalSaysWhatAnElectionChanges() {
        let proposal = elections(of: [.cluster])
        let change = proposal.change as? PreferredElection
        #expect(
            change?.items == [
                .init(key, leader: BrokerID(3), preferred: BrokerID(1)),
                .init(
                    PartitionKey(topic: "payments", partition: 0), leader: BrokerID(3),
                    preferred: BrokerID(2)),
            ])
        #expect(proposal.counts.map(\.count) == [2, 2, 3])
        #expect(
            proposal.warnings
                == ["1 partition stays as it is: the preferred replica is not in sync"])
        #expect(proposal.refusal == nil)
        let none = elections(of: [
            .partition(PartitionKey(topic: "orders", partition: 0)),
            .partition(PartitionKey(topic: "no", partition: 0)), .topic("none"), .group("orders"),
        ])
        #expect(none.refusal != nil)
    }

    @Test func whatCanBeTakenBackAsksForAWord() throws {
        let proposal = elections(of: [.partition(key)])
        var review = Review(proposal, policy(), cluster)
        #expect(review.obstacle == nil && review.phrase == "yes")
        #expect(review.confirm() == nil)
        review.type("y")
        #expect(review.confirm() == nil)
        review.type("ess")
        #expect(review.confirm() == nil)
        review.erase()
        let confirmed = try #require(review.confirm())
        #expect(confirmed.clusterID == cluster.clusterID)
        #expect(confirmed.change as? PreferredElection == proposal.change as? PreferredElection)
        #expect(confirmed.byHand == review.byHand)
        #expect(
            confirmed.byHand[0].hasPrefix("kafka-leader-election.sh --bootstrap-server kafka-1"))
    }

    @Test func whatIsLargeAsksForAName() {
        func phrase(_ change: any Change, _ policy: ReviewPolicy) -> String {
            Review(Proposal(change), policy, cluster).phrase
        }
        let move = Reassignment([.init(key, from: [BrokerID(1)], to: [BrokerID(2)])])
        let whole = PreferredElection(
            [.init(key, leader: BrokerID(3), preferred: BrokerID(1))], isWhole: true)
        #expect(phrase(move, policy()) == "orders")
        #expect(phrase(whole, policy()) == "prod-eu")
        var production = policy()
        production.isProduction = true
        #expect(phrase(move, production) == "prod-eu")
        #expect(phrase(PreferredElection(whole.items), production) == "prod-eu")
        production.clusterName = nil
        #expect(phrase(move, production) == cluster.clusterID)
    }

    /// Whatever is typed, there is no `Confirmed`.
    private func isShut(_ review: Review) -> Bool {
        var review = review
        for text in ["", "yes", "orders", "prod-eu", review.phrase] {
            while !review.typed.isEmpty { review.erase() }
            review.type(text)
            if review.confirm() != nil { return false }
        }
        return review.obstacle != nil
    }

    @Test func readOnlyMakesNoConfirmed() {
        let changes: [any Change] = [
            elections(of: [.cluster]).change,
            Reassignment([.init(key, from: [BrokerID(1)], to: [BrokerID(2)])]),
            ConfigAlteration([.init(.topic("orders"), "retention.ms", from: nil, to: "1")]),
            UncleanElection([.init(key, candidate: BrokerID(1))]),
            GroupOffsetAlteration(
                "g", [.init(key, from: nil, to: CommittedOffset(1, leaderEpoch: 2))]),
            GroupDeletion("g", [.init(key, CommittedOffset(1))]),
            MemberRemoval("g", [.init("m", client: "c on /10.0.0.1")]),
            TopicCreation("t", replicas: [[1]]), TopicDeletion([.init("t", partitions: 1)]),
            PartitionAddition("t", from: 1, to: 2, replicas: [[1]]),
            PlanExecution(
                plan: "drain", hash: "",
                moves: [PlannedMove(topic: "t", partition: 0, before: [1], after: [2])],
                throttle: nil),
        ]
        #expect(Set(changes.map { type(of: $0).kind }) == Set(allOperations.map { $0.kind }))
        for change in changes {
            #expect(isShut(Review(Proposal(change), policy(isReadOnly: true), cluster)))
            #expect(!isShut(Review(Proposal(change), policy(), cluster)))
        }
    }

    @Test func aReviewRefusesWhatMustNotBe() {
        let proposal = elections(of: [.partition(key)])
        var pinned = policy()
        pinned.expectedClusterID = "another"
        #expect(isShut(Review(proposal, pinned, cluster)))
        pinned.expectedClusterID = cluster.clusterID
        #expect(!isShut(Review(proposal, pinned, cluster)))
        var unknown = cluster
        unknown.clusterID = nil
        #expect(isShut(Review(proposal, policy(), unknown)))
        var refused = proposal
        refused.refusal = "no"
        #expect(isShut(Review(refused, policy(), cluster)))
        let same = Reassignment([.init(key, from: [BrokerID(1)], to: [BrokerID(1)])])
        #expect(isShut(Review(Proposal(same), policy(), cluster)))
    }

    @Test func typingHasAnEnd() {
        var review = Review(elections(of: [.partition(key)]), policy(), cluster)
        for _ in 0..<100 { review.type("0123456789") }
        #expect(review.typed.count == Limits.typedCharacters)
    }
}
