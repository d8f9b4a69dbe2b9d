// What people type becomes exactly what Kafka keeps, and what is shown can be typed again.
import KafkaConfigs
import Simulation
import Testing

@Suite struct ConfigFormTests {
    private func topic(_ key: String) -> ConfigForm { ConfigForm(key, ConfigCatalogue.topic(key)) }
    private func broker(_ key: String) -> ConfigForm {
        ConfigForm(key, ConfigCatalogue.broker(key))
    }

    private func raw(_ form: ConfigForm, _ typed: String, present: String? = nil) -> String {
        do throws(ConfigFault) {
            return try form.raw(typed, present: present)
        } catch {
            return "fault: \(error.sentence)"
        }
    }

    @Test(arguments: [
        ("retention.ms", "7d", "604800000"), ("retention.ms", "36h", "129600000"),
        ("retention.ms", " 1d 12h ", "129600000"), ("retention.ms", "1.5h", "5400000"),
        ("retention.ms", "2w", "1209600000"), ("retention.ms", "90 s", "90000"),
        ("retention.ms", "500ms", "500"), ("retention.ms", "-1", "-1"),
        ("retention.ms", "no limit", "-1"), ("retention.ms", "604800000", "604800000"),
        ("retention.bytes", "10GiB", "10737418240"), ("retention.bytes", "10 gb", "10000000000"),
        ("max.message.bytes", "2MiB", "2097152"), ("max.message.bytes", "1MiB 12B", "1048588"),
        ("flush.ms", "no limit", "9223372036854775807"),
        ("local.retention.ms", "as retention.ms", "-2"),
        ("preallocate", "TRUE", "true"), ("compression.type", "ZSTD", "zstd"),
        ("cleanup.policy", "compact, delete", "compact,delete"),
        ("min.cleanable.dirty.ratio", "0.25", "0.25"), ("min.insync.replicas", "2", "2"),
        ("leader.replication.throttled.replicas", "0:1,1:2", "0:1,1:2"),
        ("leader.replication.throttled.replicas", "*", "*"),
        ("some.key.of.a.plugin", " as it is ", " as it is "),
    ])
    func topicValues(_ key: String, _ typed: String, _ expected: String) {
        #expect(raw(topic(key), typed) == expected)
    }

    @Test(arguments: [
        ("log.retention.hours", "7d", "168"),
        ("leader.imbalance.check.interval.seconds", "5m", "300"),
        ("leader.replication.throttled.rate", "50MiB", "52428800"),
        ("log.cleaner.io.max.bytes.per.second", "10MiB", "10485760"),
        ("log.cleaner.io.max.bytes.per.second", "1.5E7", "1.5E7"),
        ("listener.name.internal.ssl.keystore.type", "PEM", "PEM"),
        ("max.connections", "no limit", "2147483647"),
    ])
    func brokerValues(_ key: String, _ typed: String, _ expected: String) {
        #expect(raw(broker(key), typed) == expected)
    }

    @Test(arguments: [
        (
            "retention.ms", "7x",
            "retention.ms takes a time such as 7d, 36h or 90s, or -1 (no limit): 7x is not"
        ),
        ("retention.ms", "", "retention.ms takes a time such as 7d, 36h or 90s, or -1 (no limit)"),
        ("retention.ms", "-2", "retention.ms must be at least -1 (no limit)"),
        (
            "retention.ms", "1.0001s",
            "retention.ms counts whole milliseconds: 1.0001s does not come out even"
        ),
        ("retention.ms", "999999999999d", "retention.ms: 999999999999d is too much"),
        ("segment.bytes", "1KiB", "segment.bytes must be at least 1048576 (1MiB)"),
        ("segment.bytes", "4GiB", "segment.bytes must be at most 2147483647"),
        (
            "segment.bytes", "10G",
            "segment.bytes: write GiB for powers of 1024 or GB for powers of 1000"
        ),
        ("min.insync.replicas", "0", "min.insync.replicas must be at least 1"),
        ("min.insync.replicas", "two", "min.insync.replicas takes a whole number: two is not"),
        ("preallocate", "yes", "preallocate takes true or false: yes is not"),
        (
            "message.timestamp.type", "now",
            "message.timestamp.type takes one of CreateTime, LogAppendTime: now is not"
        ),
        (
            "cleanup.policy", "keep",
            "cleanup.policy takes of compact, delete, with commas between them: keep is not"
        ),
        ("cleanup.policy", "delete,delete", "cleanup.policy: delete stands there twice"),
        ("min.cleanable.dirty.ratio", "1.5", "min.cleanable.dirty.ratio must be at most 1"),
        (
            "min.cleanable.dirty.ratio", "nan",
            "min.cleanable.dirty.ratio takes a number such as 0.5: nan is not"
        ),
        ("compression.gzip.level", "10", "compression.gzip.level must be at most 9"),
        (
            "leader.replication.throttled.replicas", "0-1",
            "leader.replication.throttled.replicas takes * or PARTITION:BROKER with commas between "
                + "them, such as 0:1,1:2: 0-1 is not"
        ),
    ])
    func topicFaults(_ key: String, _ typed: String, _ sentence: String) {
        #expect(raw(topic(key), typed) == "fault: \(sentence)")
    }

    @Test func unitsThatDoNotFitTheKeyAreFaults() {
        #expect(
            raw(broker("log.retention.hours"), "90m")
                == "fault: log.retention.hours counts whole hours: 90m is not one of them")
    }

    @Test func partsOfAListAreAddedAndTakenAway() {
        let policy = topic("cleanup.policy")
        #expect(raw(policy, "+compact", present: "delete") == "delete,compact")
        #expect(raw(policy, "+compact -delete", present: "delete") == "compact")
        #expect(
            raw(policy, "-compact", present: "delete")
                == "fault: cleanup.policy has no part compact to take away")
        #expect(
            raw(policy, "+delete", present: "delete")
                == "fault: cleanup.policy: delete stands there twice")
    }

    @Test(arguments: [
        ("retention.ms", "604800000", "7d"), ("retention.ms", "-1", "no limit"),
        ("retention.ms", "5400000", "1h 30m"), ("retention.ms", "604800001", "7d 1ms"),
        ("retention.bytes", "1073741824", "1GiB"), ("max.message.bytes", "1048588", "1MiB 12B"),
        ("retention.bytes", "500000000", "500MB"),
        ("segment.bytes", "1", "1B"), ("local.retention.bytes", "-2", "as retention.bytes"),
    ])
    func humanised(_ key: String, _ raw: String, _ expected: String) {
        #expect(topic(key).humanised(raw) == expected)
    }

    @Test func whatSaysNothingMoreIsNotSaidTwice() {
        #expect(topic("min.insync.replicas").humanised("2") == nil)
        #expect(topic("cleanup.policy").humanised("delete") == nil)
        #expect(topic("retention.ms").humanised("0") == nil)
        #expect(topic("retention.bytes").humanised("123456789") == nil)
        #expect(topic("retention.ms").humanised("not a number") == nil)
        #expect(topic("some.key.of.a.plugin.ms").humanised("1000") == nil)
    }

    /// Every known key, whatever number a broker may hold of it.
    @Test func whatIsShownCanBeTypedAgain() {
        var chance = SeededGenerator(seed: 16)
        let all =
            ConfigCatalogue.of(KafkaRelease(4, 3)).topics
            + ConfigCatalogue.of(KafkaRelease(4, 3)).brokers
        var shown = 0
        for known in all {
            let form = ConfigForm(known.name, known)
            guard case .whole(let range) = form.kind else { continue }
            for _ in 0..<200 {
                let number = Int64(chance.next() >> (1 + chance.next() % 63))
                let step: Int64 = [1, 1000, 1024, 60_000, 86_400_000][Int(chance.next() % 5)]
                let value = min(max(range.lowerBound, number / step * step), range.upperBound)
                guard let text = form.humanised("\(value)") else { continue }
                shown += 1
                #expect(raw(form, text) == "\(value)", "\(known.name) \(text)")
            }
            for word in form.words { #expect(raw(form, word.text) == "\(word.value)") }
        }
        #expect(shown > 5_000)
    }
}
