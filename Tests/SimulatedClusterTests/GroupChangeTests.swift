// Groups as administrators change them: with the errors of real coordinators (seen on 3.9.2 and
// 4.3.1, protocol-live.md), and what is committed is what is told afterwards.
import KafkaWire
import Testing

@testable import SimulatedCluster

@Suite struct GroupChangeTests {
    private func asked(_ release: Release = .v43) -> Asked {
        var shape = smallShape()
        shape.groups = 24
        shape.release = release
        return Asked(shape)
    }

    private func find(
        _ asked: Asked, _ isWanted: (SimulatedGroup) -> Bool
    ) throws -> SimulatedGroup {
        let found = asked.machine.groups.first { isWanted($0) }
        return try #require(found)
    }

    private func commit(
        _ asked: inout Asked, _ group: String, _ topic: String, _ offset: Int64, at broker: Int32,
        epoch: Int32 = -1, metadata: String = ""
    ) throws -> KafkaError? {
        var partition = OffsetCommitRequest.Partition()
        partition.committedOffset = offset
        partition.committedLeaderEpoch = epoch
        partition.committedMetadata = metadata
        var wanted = OffsetCommitRequest.Topic()
        wanted.name = topic
        wanted.partitions = [partition]
        var request = OffsetCommitRequest()
        request.groupID = group
        request.topics = [wanted]
        return try asked.ask(request, version: 8, broker: broker)?
            .topics.first?.partitions.first?.error
    }

    private func deleteOffset(
        _ asked: inout Asked, _ group: String, _ topic: String, at broker: Int32
    ) throws -> OffsetDeleteResponse? {
        var wanted = OffsetDeleteRequest.Topic()
        wanted.name = topic
        wanted.partitions = [0]
        var request = OffsetDeleteRequest()
        request.groupID = group
        request.topics = [wanted]
        return try asked.ask(request, version: 0, broker: broker)
    }

    private func delete(
        _ asked: inout Asked, _ group: String, at broker: Int32
    ) throws -> KafkaError? {
        var request = DeleteGroupsRequest()
        request.groups = [group]
        return try asked.ask(request, version: 2, broker: broker)?.results.first?.error
    }

    private func offsets(
        _ asked: inout Asked, _ group: String, at broker: Int32
    ) throws -> [OffsetFetchResponse.Topic] {
        var request = OffsetFetchRequest()
        request.groupID = group
        return try asked.ask(request, version: 7, broker: broker)?.topics ?? []
    }

    @Test func aGroupWithMembersTakesNothing() throws {
        var asked = asked()
        let group = try find(asked) { $0.memberCount > 1 && $0.type == .classic }
        let topic = asked.machine.topics[group.topics[0]].name
        let home = asked.machine.coordinator(ofGroup: group.id)
        #expect(try commit(&asked, group.id, topic, 1, at: home) == .unknownMemberID)
        #expect(try delete(&asked, group.id, at: home) == .nonEmptyGroup)
        let told = try deleteOffset(&asked, group.id, topic, at: home)
        #expect(told?.error == KafkaError.none)
        #expect(told?.topics.first?.partitions.first?.error == .groupSubscribedToTopic)
        let other = home % 6 + 1
        #expect(try commit(&asked, group.id, topic, 1, at: other) == .notCoordinator)
        #expect(try deleteOffset(&asked, group.id, topic, at: other)?.error == .notCoordinator)
        let share = try find(asked) { $0.type == .share }
        let shareHome = asked.machine.coordinator(ofGroup: share.id)
        #expect(try commit(&asked, share.id, topic, 1, at: shareHome) == .groupIDNotFound)
    }

    @Test func whatIsCommittedIsTold() throws {
        var asked = asked()
        let group = try find(asked) { $0.memberCount == 0 && $0.type != .share }
        let topic = asked.machine.topics[group.topics[0]].name
        let home = asked.machine.coordinator(ofGroup: group.id)
        #expect(
            try commit(&asked, group.id, topic, 5, at: home, epoch: 3, metadata: "m")
                == KafkaError.none)
        asked.advance(seconds: 100)
        let told = try offsets(&asked, group.id, at: home).first { $0.name == topic }
        let entry = try #require(told?.partitions.first)
        #expect(entry.committedOffset == 5 && entry.committedLeaderEpoch == 3)
        #expect(entry.metadata == "m")
        #expect(
            try deleteOffset(&asked, group.id, topic, at: home)?.topics.first?.partitions.first?
                .error == KafkaError.none)
        let after = try offsets(&asked, group.id, at: home).first { $0.name == topic }
        #expect(after?.partitions.contains { $0.partitionIndex == 0 } != true)
        #expect(try commit(&asked, group.id, "none", 5, at: home) == .unknownTopicOrPartition)
        #expect(
            try commit(&asked, "", topic, 5, at: asked.machine.coordinator(ofGroup: ""))
                == .invalidGroupID)
        #expect(try delete(&asked, group.id, at: home) == KafkaError.none)
        #expect(try offsets(&asked, group.id, at: home) == [])
        #expect(try delete(&asked, group.id, at: home) == .groupIDNotFound)
        // A commit makes a group.
        let fresh = asked.machine.coordinator(ofGroup: "fresh")
        #expect(try commit(&asked, "fresh", topic, 5, at: fresh) == KafkaError.none)
        let listed = try asked.ask(ListGroupsRequest(), version: 5, broker: fresh)?.groups
            .first { $0.groupID == "fresh" }
        #expect(listed?.groupState == "Empty" && listed?.groupType == "classic")
    }

    /// Members that come back read on from where the group was set, and catch up.
    @Test func membersReadOnFromWhatWasSet() throws {
        var asked = asked(.v39)
        let group = try find(asked) { $0.memberCount == 0 && $0.type == .classic }
        let index = try #require(asked.machine.groupIndex[group.id])
        asked.machine.groups[index].pace = nil
        let topic = group.topics[0]
        let row = asked.machine.topics[topic].firstPartition
        let home = asked.machine.coordinator(ofGroup: group.id)
        let start = asked.machine.logStart(row, end: asked.machine.written(row, 0))
        let name = asked.machine.topics[topic].name
        #expect(try commit(&asked, group.id, name, start, at: home) == KafkaError.none)
        asked.machine.resize(index, 2)
        func committed() throws -> Int64 {
            try offsets(&asked, group.id, at: home).first { $0.name == name }?
                .partitions.first?.committedOffset ?? -1
        }
        asked.advance(seconds: 1)
        let soon = try committed()
        #expect(soon >= start && soon <= start + 50_000)
        asked.advance(seconds: 5)
        #expect(try committed() >= soon)
    }

    @Test func membersAreRemoved() throws {
        var asked = asked()
        let group = try find(asked) { $0.memberCount == 2 && $0.type == .classic }
        let home = asked.machine.coordinator(ofGroup: group.id)
        func leave(_ id: String, instance: String? = nil) throws -> KafkaError? {
            var member = LeaveGroupRequest.Member()
            member.memberID = id
            member.groupInstanceID = instance
            var request = LeaveGroupRequest()
            request.groupID = group.id
            request.members = [member]
            return try asked.ask(request, version: 5, broker: home)?.members.first?.error
        }
        #expect(try leave(group.memberID(0)) == KafkaError.none)
        #expect(try leave(group.memberID(0)) == .unknownMemberID)
        #expect(try leave("", instance: "i") == .unknownMemberID)
        let before = try offsets(&asked, group.id, at: home)
        #expect(try leave(group.memberID(1)) == KafkaError.none)
        asked.advance(seconds: 60)
        // Nobody reads any more: what was committed stays.
        let topic = asked.machine.topics[group.topics[0]].name
        let after = try offsets(&asked, group.id, at: home)
        #expect(after.count == before.count && after.contains { $0.name == topic })
        #expect(try offsets(&asked, group.id, at: home) == after)
        #expect(try delete(&asked, group.id, at: home) == KafkaError.none)
    }
}
