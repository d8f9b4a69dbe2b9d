// Leaders at the end of an execution: Kafka elects only the first of the replicas, so that another
// leader is elected by putting it first for a moment. Neither copies anything.
internal import KafkaClient
internal import Planning

extension Execution {
    /// Moves leadership where it is to be; nil where it is there, or is given up.
    mutating func leaders(_ facts: ExecutionFacts) -> ExecutionDecision? {
        var elect: [PartitionName] = []
        var turn: [ExecutionRequest.Assignment] = []
        var isWaiting = false
        for index in moves.indices where states[index] == .done || states[index] == .turned {
            guard let wanted = moves[index].leaderAfter,
                let told = facts.reading.states[names[index]]
            else { continue }
            // The others' turn comes with the next looks.
            if max(elect.count, turn.count) >= Limits.partitionsPerRequest { break }
            let after = moves[index].after
            let isRight = told.leader == wanted
            if isRight, states[index] == .done {
                leaderLooks[index] = nil
                continue
            }
            let looks = leaderLooks[index, default: 0]
            guard looks < Limits.leaderLooks || states[index] == .turned else { continue }
            leaderLooks[index] = looks + 1
            isWaiting = true
            let name = names[index]
            if states[index] == .turned, isRight || looks + 1 >= Limits.leaderLooks {
                turn.append(.init(partition: name, replicas: after))
            } else if !told.inSync.contains(wanted) || looks % Limits.looksPerElection != 0 {
                continue
            } else if states[index] == .done, after.first != wanted {
                turn.append(
                    .init(partition: name, replicas: MoveStep.turned(after, first: wanted)))
                leaderLooks[index] = looks
            } else {
                elect.append(name)
            }
        }
        if !turn.isEmpty { return .send(.reassign(turn)) }
        if !elect.isEmpty { return .send(.elect(elect)) }
        return isWaiting ? .wait : nil
    }

    /// Partitions whose leader could not be made the one they were to have.
    var unled: [String] {
        let given = leaderLooks.filter { $0.value >= Limits.leaderLooks }.keys
        guard let first = given.min() else { return [] }
        let why = failures["elect " + names[first].resource].map { ": \($0.text)" } ?? ""
        return [
            "\(counted(given.count, "partition")) not led as planned: \(names[first].resource) by "
                + "broker \(moves[first].leaderAfter ?? -1)\(why)"
        ]
    }
}
