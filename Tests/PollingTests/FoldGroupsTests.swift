// Groups of every kind folded into the picture: lists, members, committed offsets, rates.
import ClusterModel
import KafkaWire
import Testing

@testable import Polling

@Suite struct FoldGroupsTests {
    private func listed(
        _ id: String, state: String = "Stable", type: String = "Classic"
    ) -> ListGroupsResponse.Group {
        var group = ListGroupsResponse.Group()
        group.groupID = id
        group.protocolType = "consumer"
        group.groupState = state
        group.groupType = type
        return group
    }

    private func key(_ topic: String, _ partition: Int32) -> PartitionKey {
        PartitionKey(topic: topic, partition: partition)
    }

    private func working(_ ids: [String] = ["g"]) -> WorkingCluster {
        var working = WorkingCluster()
        working.take([told("a", [told(0), told(1)]), told("b", [told(0)])])
        _ = working.fold(
            brokers: [Int32(1), 2, 3].map { id in
                var broker = MetadataResponse.Broker()
                broker.nodeID = id
                return broker
            }, now: second)
        working.list([1: ids.map { listed($0) }])
        return working
    }

    /// While nobody leads the partition that keeps a group, nobody lists it: it stays, and that
    /// there may be more is told.
    @Test func groupsWhoseHomeHasNoLeaderStay() {
        var working = WorkingCluster()
        let homes = told(GroupHomes.topic, [told(0), told(1)])
        working.take([told("a", [told(0)]), homes])
        _ = working.fold(
            brokers: [Int32(1), 2, 3].map { id in
                var broker = MetadataResponse.Broker()
                broker.nodeID = id
                return broker
            }, now: second)
        // By Java's hash "b" falls to the first partition, "a" to the second.
        working.list([1: [listed("a"), listed("b")], 2: [], 3: []])
        #expect(working.cluster.homesWithoutTeller?.count == 0)
        let row = working.cluster.home(ofGroup: "b") ?? -1
        working.cluster.partitions.leader[row] = -1
        for _ in 0..<4 { working.list([1: [listed("a")], 2: [], 3: []]) }
        #expect(working.cluster.groups.map(\.id) == ["a", "b"])
        #expect(working.cluster.homesWithoutTeller?.count == 1)
        // Led again, by a broker that does not list it: now it is gone.
        working.cluster.partitions.leader[row] = 2
        for _ in 0..<4 { working.list([1: [listed("a")], 2: [], 3: []]) }
        #expect(working.cluster.groups.map(\.id) == ["a"])
    }

    private func classic(
        _ id: String, _ members: [(String, [(String, [Int32])])]
    ) throws -> DescribeGroupsResponse.Group {
        var group = DescribeGroupsResponse.Group()
        group.groupID = id
        group.groupState = "Stable"
        group.protocolType = "consumer"
        group.protocolData = "range"
        group.members = try members.map { name, topics in
            var assignment = ConsumerAssignment()
            assignment.assignedPartitions = topics.map {
                var topic = ConsumerAssignment.TopicPartition()
                topic.topic = $0
                topic.partitions = IDList($1)
                return topic
            }
            var member = DescribeGroupsResponse.Member()
            member.memberID = name
            member.clientHost = "/10.1.1.1"
            member.memberAssignment = try assignment.encoded()
            return member
        }
        return group
    }

    @Test func classicMembersAndOffsetsJoin() throws {
        var working = working()
        working.fold(
            described: try classic("g", [("m1", [("a", [1])]), ("m2", [("a", [0]), ("b", [0])])]),
            now: second)
        // Assigned, nothing committed yet; a committed partition that nobody has; no commit at all.
        working.commit("g", [("a", 1, 40), ("gone", 0, 7), ("a", 0, -1), ("b", 3, -1)], at: 2)
        working.foldHighWatermark(partition: 1, 100)
        working.joinEnds(isOnce: false)
        let offsets = try #require(working.cluster.group("g")?.offsets)
        #expect(
            offsets.map(\.partition) == [key("a", 0), key("a", 1), key("b", 0), key("gone", 0)])
        #expect(offsets.map(\.committed) == [nil, 40, nil, 7])
        #expect(offsets.map(\.member) == [1, 0, 1, nil])
        #expect(offsets.map(\.lag) == [nil, 60, nil, nil])
        #expect(working.cluster.group("g")?.assignor == "range")
        // The order in which the two answers come does not matter.
        var other = self.working()
        other.commit("g", [("b", 3, -1), ("a", 0, -1), ("gone", 0, 7), ("a", 1, 40)], at: 2)
        other.fold(
            described: try classic("g", [("m1", [("a", [1])]), ("m2", [("a", [0]), ("b", [0])])]),
            now: second)
        other.foldHighWatermark(partition: 1, 100)
        other.joinEnds(isOnce: false)
        #expect(other.cluster.group("g")?.offsets == offsets)
    }

    /// Members that are gone leave no index behind that points at nobody.
    @Test func emptyGroupHasNoMembers() throws {
        var working = working()
        working.fold(described: try classic("g", [("m", [("a", [0, 1])])]), now: second)
        working.commit("g", [("a", 1, 5)], at: 2)
        #expect(working.cluster.group("g")?.offsets?.count == 2)
        working.list([1: [listed("g", state: "Empty")]])
        working.fold(emptyGroup: "g", now: 3 * second)
        let group = try #require(working.cluster.group("g"))
        #expect(group.members == [])
        #expect(group.offsets?.map(\.member) == [nil])
        #expect(group.offsets?.map(\.committed) == [5])
    }

    @Test func newerProtocolAndHostileBytes() throws {
        var working = working()
        var group = ConsumerGroupDescribeResponse.Group()
        group.groupID = "g"
        group.groupState = "Assigning"
        var member = ConsumerGroupDescribeResponse.Member()
        member.memberID = "m"
        var topic = ConsumerGroupDescribeResponse.TopicPartitions()
        topic.topicName = "b"
        topic.partitions = [0]
        member.assignment.topicPartitions = [topic]
        group.members = [member]
        working.fold(described: group, now: second)
        #expect(working.cluster.group("g")?.state == "Assigning")
        #expect(working.cluster.group("g")?.members?[0].assignment == [key("b", 0)])
        // An error keeps what is known.
        group.error = .coordinatorLoadInProgress
        group.members = []
        working.fold(described: group, now: 2 * second)
        #expect(working.cluster.group("g")?.members?.count == 1)
        #expect(working.cluster.group("g")?.errorCode == 14)
        var broken = try classic("g", [("m", [("a", [0])])])
        broken.members[0].memberAssignment = [0, 0, 0x7f, 0xff, 0xff, 0xff, 1]
        working.fold(described: broken, now: 3 * second)
        #expect(working.cluster.group("g")?.members?[0].assignment == [])
        // A group nobody listed is not made up.
        working.fold(described: try classic("other", []), now: 3 * second)
        #expect(working.cluster.groups.count == 1)
    }

    @Test func groupsGoAfterTwoListsOfTheirCoordinator() {
        var working = working(["g", "h"])
        working.list([1: [listed("h")]])
        #expect(working.cluster.groups.map(\.id) == ["g", "h"])
        working.list([1: [listed("h")]])
        #expect(working.cluster.groups.map(\.id) == ["h"])
        // A silent coordinator's groups stay, however often the others are asked.
        for _ in 0..<5 { working.list([2: [], 3: []], isWhole: false) }
        #expect(working.cluster.groups.map(\.id) == ["h"])
        // The coordinator moves: the old one leaves it out before the new one has it.
        working.list([1: [], 2: []])
        working.list([1: [], 2: [listed("h")]])
        #expect(working.cluster.group("h")?.coordinator == BrokerID(2))
        working.list([1: [], 2: []])
        #expect(working.cluster.groups.count == 1)
        // Lists of a round that is not over yet say nothing of what is not there.
        for _ in 0..<5 { working.list([1: [], 2: []], isLast: false) }
        #expect(working.cluster.groups.count == 1)
        // The coordinator leaves the cluster and nobody takes the group over.
        working.list([2: [listed("h")]])
        working.cluster.brokers[1].isListed = false
        working.list([1: [], 3: []], isWhole: true)
        #expect(working.cluster.groups.count == 1)
        working.list([1: [], 3: []], isWhole: true)
        #expect(working.cluster.groups.isEmpty)
    }

    @Test func newGroupsStandInOrderAndKnownOnesTakeWhatTheirListSays() {
        var working = working(["g", "k"])
        working.list([
            1: [listed("g", state: "Empty"), listed("k")], 2: [listed("h", type: "Consumer")],
        ])
        #expect(working.cluster.groups.map(\.id) == ["g", "h", "k"])
        #expect(working.cluster.groups.map(\.state) == ["Empty", "Stable", "Stable"])
        #expect(working.cluster.groups.map(\.type) == ["classic", "consumer", "classic"])
        #expect(working.cluster.groups.map(\.coordinator) == [1, 2, 1].map { BrokerID($0) })
        #expect(Set(working.cluster.groups.map(\.historyIndex)).count == 3)
    }

    /// A write to groups that are published copies all of them.
    @Test func listsThatSayNothingNewWriteNothing() {
        var working = working(["g", "h"])
        let published = working.cluster.groups
        working.list([1: [listed("g"), listed("h")]])
        func place(_ groups: [ConsumerGroup]) -> UnsafePointer<ConsumerGroup>? {
            groups.withUnsafeBufferPointer { $0.baseAddress }
        }
        #expect(place(working.cluster.groups) == place(published))
        working.list([1: [listed("g"), listed("h", state: "Dead")]])
        #expect(working.cluster.groups.map(\.state) == ["Stable", "Dead"])
        #expect(published.map(\.state) == ["Stable", "Stable"])
    }

    /// Consumers commit every 5 s and are read every 2 s: the rate is steady and never 0 in
    /// between.
    @Test func ratesBetweenCommits() throws {
        var working = working()
        var rates: [Double] = []
        for round in 0..<60 {
            let at = 10 + 2 * Double(round)
            working.commit("g", [("a", 0, Int64(at / 5) * 500)], at: at)
            if let rate = working.cluster.group("g")?.offsets?[0].consumedPerSecond {
                rates.append(rate)
            }
        }
        #expect(rates.count > 50)
        #expect(rates.allSatisfy { $0 > 80 && $0 < 130 })
        let mean = rates.reduce(0, +) / Double(rates.count)
        #expect(abs(mean - 100) < 12)
        // It stops: after the patience the rate is 0.
        let last = working.cluster.group("g")?.offsets?[0].committed ?? 0
        for round in 0..<12 { working.commit("g", [("a", 0, last)], at: 130 + 2 * Double(round)) }
        #expect(working.cluster.group("g")?.offsets?[0].consumedPerSecond == 0)
        // Offsets are set back: nothing is known, and never a negative rate.
        working.commit("g", [("a", 0, 5)], at: 160)
        #expect(working.cluster.group("g")?.offsets?[0].consumedPerSecond == nil)
        working.commit("g", [("a", 0, 205)], at: 162)
        let again = try #require(working.cluster.group("g")?.offsets?[0].consumedPerSecond)
        #expect(abs(again - 100) < 1)
    }

    @Test func lyingOffsets() {
        var working = working()
        working.commit("g", [("a", 0, 5), ("a", 0, 9), ("b", -7, 3), ("", 0, 1)], at: 1)
        working.joinEnds(isOnce: false)
        #expect(working.cluster.group("g")?.offsets?.count == 3)
        working.commit("g", [], at: 5)
        working.joinEnds(isOnce: false)
        #expect(working.cluster.group("g")?.offsets == [])
    }

    @Test func endsFollowTheLayout() {
        var working = working()
        working.commit("g", [("b", 0, 5)], at: 1)
        working.foldHighWatermark(partition: 2, 30)
        working.joinEnds(isOnce: false)
        #expect(working.cluster.group("g")?.offsets?[0].lag == 25)
        working.take([
            told("a", [told(0), told(1)]), told("aa", [told(0)]), told("b", [told(0)]),
        ])
        working.foldHighWatermark(partition: 2, 999)
        working.joinEnds(isOnce: false)
        #expect(working.cluster.group("g")?.offsets?[0].lag == 25)
        for _ in 0..<2 { working.take([told("a", [told(0), told(1)])]) }
        working.joinEnds(isOnce: false)
        #expect(working.cluster.group("g")?.offsets?[0].lag == nil)
    }
}

extension WorkingCluster {
    fileprivate mutating func list(
        _ lists: [Int32: [ListGroupsResponse.Group]], isLast: Bool = true, isWhole: Bool = true
    ) {
        fold(groupLists: lists, isLast: isLast, isWhole: isWhole, now: second)
    }

    fileprivate mutating func commit(
        _ id: String, _ told: [(String, Int32, Int64)], at seconds: Double
    ) {
        let now = UInt64(seconds * 1e9)
        fold(
            offsets: committed(
                told.map { name, number, offset in
                    var partition = OffsetFetchResponse.Partition()
                    partition.partitionIndex = number
                    partition.committedOffset = offset
                    var topic = OffsetFetchResponse.Topic()
                    topic.name = name
                    topic.partitions = [partition]
                    return topic
                }), of: id, asked: now, now: now + 1_000_000)
    }
}
