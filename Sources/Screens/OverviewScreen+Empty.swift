// What the overview says where one of its lists is empty: that there is none is said only where
// whoever would know has answered.

internal import ClusterModel
internal import Drawing

extension OverviewScreen {
    /// How much is wrong, behind the heading; nothing while that there is none is no fact.
    func wrongCount(_ scene: Scene) -> String {
        let count = scene.cluster.concerns.count
        return count == 0 && scene.cluster.absenceOfFaults != .none ? "" : " \(count)"
    }

    /// What a list leaves out because nothing happens there: "56 topics idle"; nil: nothing.
    func quietRun(_ item: Pane, _ scene: Scene) -> Run? {
        let cluster = scene.cluster
        switch item {
        case .topics:
            let idle = cluster.topics.indices.count { cluster.topics[$0].recordsPerSecond == 0 }
            return idle > 0 ? Run("\(plural(idle, "topic")) idle", .dim) : nil
        case .groups:
            let done = cluster.groups.indices.count { place in
                cluster.groups[place].lag == 0 && !Self.isBusy(cluster.groups[place])
            }
            return done > 0 ? Run("\(plural(done, "group")) caught up and idle", .dim) : nil
        default: return nil
        }
    }

    /// What stands where a list has no rows.
    func emptyRun(_ item: Pane, _ scene: Scene) -> Run {
        switch item {
        case .wrong:
            return switch scene.cluster.absenceOfFaults {
            case .none: Run("Nothing: every question was answered.", .good)
            case .reading: Run("Still asking: nothing found wrong so far.", .unknown)
            case .watching(let groups):
                Run("Nothing so far; \(plural(groups, "group")) still watched.", .unknown)
            case .noneTold, .unknown: Run("Nothing in what was answered.", .unknown)
            }
        case .brokers: return Run("reading brokers", .unknown)
        case .topics:
            let absence = scene.cluster.absence(in: .topics)
            guard scene.cluster.topics.isEmpty else {
                return Run("rates need two answers", .unknown)
            }
            return absence == .none ? Run("no topics", .dim) : absenceRun(absence, "topics")
        case .groups:
            let absence = scene.cluster.absenceOfLags
            return absence == .none
                ? Run("no group has a lag to tell", .dim) : absenceRun(absence, "groups")
        }
    }

    private func absenceRun(_ absence: Absence, _ noun: String) -> Run {
        switch absence {
        case .reading: Run("reading \(noun)", .unknown)
        case .none, .noneTold, .watching: Run("none among what was answered", .unknown)
        case .unknown(let why): Run(why, .unknown)
        }
    }
}
