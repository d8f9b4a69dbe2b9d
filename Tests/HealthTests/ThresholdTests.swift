// Thresholds: each is described once, read as it is written, and moves its rule.

import ClusterModel
import ModelTesting
import Testing

@testable import Health

@Suite struct ThresholdTests {
    @Test func eachIsDescribed() {
        let rules = Set(allRules.map { $0.entry.name })
        for threshold in Threshold.allCases {
            let entry = threshold.entry
            #expect(entry.allowed.contains(entry.standard), "\(entry.name)")
            #expect(!entry.meaning.isEmpty && !entry.source.isEmpty)
            #expect(entry.rules.allSatisfy(rules.contains), "\(entry.name): \(entry.rules)")
            // What is shown of a value can be written.
            let shown = threshold.text(entry.standard).replacing(" ", with: "")
            let number = shown.prefix { $0.isNumber || $0 == "." || $0 == "," }
            #expect(!number.isEmpty, "\(shown)")
        }
        #expect(Set(Threshold.allCases.map(\.key)).count == Threshold.allCases.count)
        #expect(Thresholds.standard.changed.isEmpty)
    }

    @Test(arguments: [
        (Threshold.volumeFull, "80", 0.8), (.volumeFull, "80%", 0.8), (.volumeFull, "80 %", 0.8),
        (.volumeFull, "100", 1), (.volumeFilling, "2d", 172_800), (.moveStuck, "90", 90),
        (.moveStuck, "5m", 300), (.groupLosing, "500ms", 0.5), (.hotBrokerTimes, "2.5", 2.5),
        (.skewLeast, "40", 40), (.groupWindows, "1", 1),
    ])
    func valuesAreRead(_ threshold: Threshold, _ text: String, _ value: Double) {
        #expect(threshold.parse(text) == value)
        #expect(threshold.fault(text) == nil)
    }

    @Test(arguments: [
        (Threshold.volumeFull, "101"), (.volumeFull, "0"), (.volumeFull, ""), (.volumeFull, "nan"),
        (.volumeFull, "1e1"), (.volumeFull, "-5"), (.volumeFilling, "10m"), (.moveStuck, "inf"),
        (.moveStuck, "1 w"), (.skewLeast, "1.5"), (.groupWindows, "99"), (.hotRate, "0x10"),
        (.moveStuck, "9999999999999999999999"),
    ])
    func othersAreRefused(_ threshold: Threshold, _ text: String) {
        #expect(threshold.parse(text) == nil)
        let fault = threshold.fault(text) ?? ""
        #expect(fault.contains("is not a") && fault.contains(threshold.allowedText), "\(fault)")
    }

    /// Lowered or raised, a threshold changes what its rule says.
    @Test func rulesFollowThem() {
        func rules(_ change: (inout Cluster) -> Void) -> Set<String> {
            var cluster = SampleCluster.huge(brokers: 6, partitions: 120, groups: 0, topics: 6)
            change(&cluster)
            var health = HealthState()
            health.advance(&cluster)
            return Set(cluster.findings.map(\.rule))
        }
        #expect(!rules { _ in }.contains("volumes_full"))
        #expect(rules { $0.thresholds[.volumeFull] = 0.1 }.contains("volumes_full"))
        func hot(_ cluster: inout Cluster) {
            cluster.brokers[0].recordsPerSecond = 90_000
            for place in 1..<6 { cluster.brokers[place].recordsPerSecond = 20_000 }
        }
        #expect(rules { hot(&$0) }.contains("hot_broker"))
        let patient = rules {
            hot(&$0)
            $0.thresholds[.hotBrokerTimes] = 10
        }
        #expect(!patient.contains("hot_broker"))
    }
}
