// The bytes inside a member of a classic consumer group: which partitions it was given. Not a frame
// of its own. Source: Kafka's ConsumerProtocolAssignment.json, versions 0-3, never flexible.

/// What a member of a group of protocol type `consumer` was assigned.
package struct ConsumerAssignment: WireStruct {
    /// The partitions of one topic.
    package struct TopicPartition: WireStruct {
        package var topic = ""
        package var partitions = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topic)
            w.ids(&partitions)
        }
    }

    package var version: Int16 = 0
    package var assignedPartitions: [TopicPartition] = []
    package var userData: [UInt8]?

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int16(&version)
        w.structs(&assignedPartitions)
        w.bytes(&userData, nullable: true)
    }

    /// Reads `memberAssignment` of DescribeGroups. No bytes is no assignment. Versions above ours
    /// are read as ours: Kafka only ever adds at the end, so what follows is left alone.
    package init(decoding bytes: [UInt8]) throws(WireFault) {
        self.init()
        guard !bytes.isEmpty else { return }
        var outcome: Result<ConsumerAssignment, WireFault> = .success(self)
        bytes.withUnsafeBytes { buffer in
            var value = ConsumerAssignment()
            do throws(WireFault) {
                try WireReader.run(
                    buffer, version: 0, flexible: false, api: "ConsumerAssignment"
                ) { value.walk(&$0) }
                outcome = .success(value)
            } catch {
                outcome = .failure(error)
            }
        }
        self = try outcome.get()
    }

    /// The same bytes again, for the simulated cluster and tests.
    package func encoded() throws(WireFault) -> [UInt8] {
        var writer = WireWriter(version: 0, flexible: false)
        var value = self
        value.walk(&writer)
        guard let reason = writer.fault else { return writer.output }
        throw WireFault(
            api: "ConsumerAssignment", version: version, offset: writer.faultOffset, reason: reason)
    }
}
