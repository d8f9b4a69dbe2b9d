// StreamsGroupDescribe: groups of stream processors, each with one topology of one part.
import KafkaWire

extension Handler {
    static let describeStreamsGroups = reads(RequestContext.describeStreamsGroups)
}

extension RequestContext {
    func describeStreamsGroups(
        _ request: StreamsGroupDescribeRequest
    ) -> StreamsGroupDescribeResponse {
        var response = StreamsGroupDescribeResponse()
        response.groups = request.groupIDs.map { id in
            var entry = StreamsGroupDescribeResponse.Group()
            entry.groupID = id
            let (found, error, message) = group(id, .streams)
            guard let group = found else {
                (entry.error, entry.errorMessage) = (error, message)
                return entry
            }
            entry.groupState = state(group)
            entry.groupEpoch = 8
            entry.assignmentEpoch = 8
            entry.topology = topology(group)
            entry.members = members(group).map { described($0, group) }
            if request.includeAuthorizedOperations { entry.authorizedOperations = groupOperations }
            return entry
        }
        return response
    }

    private func topology(_ group: SimulatedGroup) -> StreamsGroupDescribeResponse.Topology {
        var part = StreamsGroupDescribeResponse.Subtopology()
        part.subtopologyID = "0"
        part.sourceTopics = group.topics.map { machine.topics[$0].name }
        var topology = StreamsGroupDescribeResponse.Topology()
        topology.epoch = 0
        topology.subtopologies = [part]
        return topology
    }

    private func described(
        _ member: Member, _ group: SimulatedGroup
    ) -> StreamsGroupDescribeResponse.Member {
        var entry = StreamsGroupDescribeResponse.Member()
        entry.memberID = member.id
        entry.memberEpoch = 8
        entry.clientID = member.clientID
        entry.clientHost = member.host
        entry.processID = member.id
        // A task is a partition number over all source topics.
        var tasks = IDList()
        for part in member.assignment {
            for partition in part.partitions where !tasks.contains(partition) {
                tasks.append(partition)
            }
        }
        var active = StreamsGroupDescribeResponse.TaskIDs()
        active.subtopologyID = "0"
        active.partitions = IDList(tasks.sorted())
        if !active.partitions.isEmpty { entry.assignment.activeTasks = [active] }
        entry.targetAssignment = entry.assignment
        return entry
    }
}
