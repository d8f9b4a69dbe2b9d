// The honesty script, groups with and without members: what real consumers' groups are like.
import Foundation
import KafkaWire

extension HonestCluster {
    /// Groups to compare, by kind; nil where the release has none.
    struct Groups {
        var classic: String
        var empty: String
        var consumer: String?
    }

    /// The first groups of each kind that are at rest, over all brokers.
    func findGroups() throws -> Groups {
        var found: [String: String] = [:]
        for id in Int32(1)...3 {
            for group in try broker(id).ask(ListGroupsRequest(), version: 5)?.groups ?? [] {
                found["\(group.groupType) \(group.groupState)"] = group.groupID
            }
        }
        guard let classic = found["classic Stable"], let empty = found["classic Empty"] else {
            throw HarnessError("the simulated cluster has not every kind of group: \(found)")
        }
        return Groups(classic: classic, empty: empty, consumer: found["consumer Stable"])
    }

    private func coordinator(_ group: String) throws -> Int32 {
        var request = FindCoordinatorRequest()
        request.key = group
        return try broker(1).ask(request, version: 3)?.nodeID ?? -1
    }

    func readMembers(_ groups: Groups) throws {
        let newest = min(try offered()[15]?.upperBound ?? 5, 6)
        for (kind, group) in [
            ("classic", groups.classic), ("empty", groups.empty), ("consumer", groups.consumer),
        ] {
            guard let group else { continue }
            let owner = try coordinator(group)
            let list = try broker(owner).ask(ListGroupsRequest(), version: 5)
            let entry = list?.groups.first { $0.groupID == group }
            note(
                "listed \(kind)",
                entry.map { entry in
                    // The real one never had members: no protocol stands there.
                    let type = kind == "empty" ? "" : entry.protocolType
                    return "\(type) \(entry.groupState) \(entry.groupType)"
                } ?? "nothing")
            for version in Int16(3)...newest {
                var request = DescribeGroupsRequest()
                request.groups = [group]
                request.includeAuthorizedOperations = version == 5
                try note("described \(kind)", request, version, at: owner) { answer -> Any in
                    // The name of a group stands in what is said about it.
                    var answer = answer
                    let text = answer.groups.first?.errorMessage
                    if !answer.groups.isEmpty {
                        answer.groups[0].errorMessage = text?.replacingOccurrences(
                            of: group, with: "GROUP")
                        if kind == "empty" { answer.groups[0].protocolType = "" }
                    }
                    return answer
                }
            }
            var rights = DescribeGroupsRequest()
            rights.groups = [group]
            rights.includeAuthorizedOperations = true
            let told = try broker(owner).ask(rights, version: 4)
            note("rights on \(kind)", "\(told?.groups.first?.authorizedOperations ?? 0)")
            // Nor did a consumer commit for it, who would know the leader's epoch.
            if kind == "empty" { continue }
            var offsets = OffsetFetchRequest()
            offsets.groupID = group
            try note("offsets of \(kind)", offsets, 7, at: owner)
            var many = OffsetFetchRequest()
            many.groups = [OffsetFetchRequest.Group(groupID: group)]
            try note("offsets of \(kind)", many, 8, at: owner)
            guard let range = try offered()[69], groups.consumer != nil else { continue }
            for version in range {
                var request = ConsumerGroupDescribeRequest()
                request.groupIDs = [group]
                try note("new description of \(kind)", request, version, at: owner) {
                    answer -> Any in
                    var answer = answer
                    let text = answer.groups.first?.errorMessage
                    if !answer.groups.isEmpty {
                        answer.groups[0].errorMessage = text?.replacingOccurrences(
                            of: group, with: "GROUP")
                    }
                    return answer
                }
            }
        }
    }
}
