// The parts of a snapshot: what each is made of and who writes it. Who asks the cluster, who says
// what is missing and who writes the document all read this one table.

package import ClusterModel
internal import JSON

/// One part of the document.
package struct Part: Sendable {
    package let section: SnapshotSection
    /// What it is made of: where one of these was not read, the part is not whole.
    package let needs: Set<Section>
    /// What is asked for it besides: where that was not read, fields are null and it is said of
    /// them.
    let asks: Set<Section>
    let write: @Sendable (Snapshot, inout JSONWriter) -> Void

    private init(
        _ section: SnapshotSection, needs: Set<Section>, asks: Set<Section> = [],
        _ write: @escaping @Sendable (Snapshot, inout JSONWriter) -> Void
    ) {
        self.section = section
        self.needs = needs
        self.asks = asks
        self.write = write
    }

    /// In the order of the document.
    package static let all: [Part] = [
        // The controller is the quorum's leader.
        Part(.brokers, needs: [], asks: [.quorum]) { $0.writeBrokers(to: &$1) },
        Part(.topics, needs: [.topics, .configs]) { $0.writeTopics(to: &$1) },
        Part(.partitions, needs: [.partitions, .offsets, .logDirs, .reassignments]) {
            $0.writePartitions(to: &$1)
        },
        Part(.groups, needs: [.groups, .offsets]) { $0.writeGroups(to: &$1) },
        Part(.logDirs, needs: [.logDirs]) { $0.writeLogDirs(to: &$1) },
        Part(.quorum, needs: [.quorum]) { $0.writeQuorum(to: &$1) },
        Part(.coordinator, needs: [.quorum, .coordinator]) { $0.writeCoordinator(to: &$1) },
        Part(.events, needs: [.coordinator], asks: [.quorum]) { $0.writeEvents(to: &$1) },
        // What rules read: all there is.
        Part(.findings, needs: Set(Section.allCases)) { $0.writeFindings(to: &$1) },
    ]

    /// What every part needs: names of brokers and topics, and who answers at all.
    private static let always: Set<Section> = [.metadata, .brokers]

    /// What is missing from a document of these parts where it was not read.
    static func needed(by sections: Set<SnapshotSection>) -> Set<Section> {
        all.filter { sections.contains($0.section) }.reduce(into: always) { $0.formUnion($1.needs) }
    }

    /// What to ask of the cluster for a document of these parts.
    package static func observed(for sections: Set<SnapshotSection>) -> Set<Section> {
        all.filter { sections.contains($0.section) }
            .reduce(into: always.union([.topics, .partitions])) {
                $0.formUnion($1.needs)
                $0.formUnion($1.asks)
            }
    }
}
