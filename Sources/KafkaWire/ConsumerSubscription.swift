// The bytes inside a member of a classic consumer group: which topics it subscribes to. Not a frame
// of its own. Source: Kafka's ConsumerProtocolSubscription.json, versions 0-3, never flexible.

/// What a member of a group of protocol type `consumer` has told when it joined.
package struct ConsumerSubscription: WireStruct {
    package var version: Int16 = 0
    package var topics: [String] = []

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int16(&version)
        w.strings(&topics)
    }

    /// Reads `memberMetadata` of DescribeGroups. No bytes is no topic. What follows the topics, in
    /// every version, is left alone.
    package init(decoding bytes: [UInt8]) throws(WireFault) {
        self.init()
        guard !bytes.isEmpty else { return }
        var outcome: Result<ConsumerSubscription, WireFault> = .success(self)
        bytes.withUnsafeBytes { buffer in
            var value = ConsumerSubscription()
            do throws(WireFault) {
                try WireReader.run(
                    buffer, version: 0, flexible: false, api: "ConsumerSubscription"
                ) { value.walk(&$0) }
                outcome = .success(value)
            } catch {
                outcome = .failure(error)
            }
        }
        self = try outcome.get()
    }
}
