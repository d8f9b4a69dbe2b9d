// What may be said where nothing is shown, by what has been answered.
import ClusterModel
import ModelTesting
import Testing

@Suite struct AbsenceTests {
    @Test func statesOfASection() {
        var cluster = SampleCluster.empty()
        let cases: [(SectionHealth.State, Absence)] = [
            (.notLoaded, .reading(nil)), (.loading(0.5), .reading(0.5)), (.fresh, .none),
            (.partial, .noneTold), (.failed("why"), .unknown("why")),
            (.unsupported("why"), .unknown("why")),
        ]
        for (state, absence) in cases {
            cluster.sections[.groups]?.state = state
            #expect(cluster.absence(in: .groups) == absence)
        }
    }

    @Test func nothingIsWrongOnlyWhenAllWasAnswered() {
        var builder = ClusterBuilder(brokers: 2)
        builder.addLogDirs()
        builder.addTopic("a")
        let well = builder.finish()
        #expect(well.absenceOfFaults == .none)
        for section in Section.allCases {
            var cluster = well
            cluster.sections[section]?.state = .loading(nil)
            #expect(cluster.absenceOfFaults == .reading(nil), "\(section)")
            cluster.sections[section]?.state = .partial
            #expect(cluster.absenceOfFaults == .noneTold, "\(section)")
        }
        var cluster = well
        cluster.brokers[1].state = .unknown
        #expect(cluster.absenceOfFaults == .reading(nil))
        // Everything was answered, and only watching tells how a group keeps up.
        var watched = builder
        watched.addPartition(replicas: [1, 2])
        watched.addGroup("billing", rows: [0], members: 1, lag: 5)
        cluster = watched.finish()
        cluster.groups[0].standing.verdict = .ok
        #expect(cluster.absenceOfFaults == .none)
        cluster.groups[0].standing.verdict = nil
        #expect(cluster.absenceOfFaults == .watching(groups: 1))
        cluster.sections[.configs]?.state = .loading(nil)
        #expect(cluster.absenceOfFaults == .reading(nil))
        // What was answered long ago says how it was then.
        cluster = well
        cluster.takenAt.ns += 60_000_000_000
        #expect(cluster.absenceOfFaults == .noneTold)
    }

    /// Java's `"…".hashCode()`, whose absolute value is taken, not its lower bits.
    @Test func homesOfGroups() {
        let cases: [(String, Int32)] = [
            ("", 0), ("a", 97 % 50), ("ab", 3_105 % 50), ("polygenelubricants", 0),
            ("billing", 109_829_509 % 50), ("zzzzzz", 685_785_664 % 50),
        ]
        for (id, partition) in cases {
            #expect(GroupHomes.partition(ofGroup: id, among: 50) == partition, "\(id)")
        }
        #expect(GroupHomes.partition(ofGroup: "a", among: 0) == nil)
    }
}
