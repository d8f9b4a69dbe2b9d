// The model as a plan leaves it: to plan on, and to see what is left to do.

extension PlanningModel {
    /// The cluster once the plan is carried out: all in sync, who was to lead leads.
    package func applying(_ plan: Plan) -> PlanningModel {
        var result = self
        result.replica = []
        result.replicaSize = []
        result.isInSync = []
        result.firstReplica = [0]
        var move = 0
        for row in 0..<count {
            let range = replicas(of: row)
            if move < plan.count, plan.rows[move] == row {
                for broker in plan.replicas(of: move) {
                    let known = range.first { replica[$0] == broker }
                    result.replica.append(broker)
                    result.replicaSize.append(known.map { replicaSize[$0] } ?? size[row])
                    result.isInSync.append(known.map { isInSync[$0] } ?? true)
                }
                result.leader[row] = plan.leaderAfter[move]
                move += 1
            } else {
                result.replica += replica[range]
                result.replicaSize += replicaSize[range]
                result.isInSync += isInSync[range]
            }
            result.firstReplica.append(Int32(result.replica.count))
        }
        return result
    }
}
