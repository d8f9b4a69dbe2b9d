// The catalogue itself: every line of its tables is read, and each default may be set.
import KafkaConfigs
import Testing

@Suite struct ConfigCatalogueTests {
    private let releases = [
        KafkaRelease(2, 4), KafkaRelease(2, 8), KafkaRelease(3, 9), KafkaRelease(4, 3),
    ]

    @Test func everyReleaseKnowsEachKeyOnce() {
        let counts = releases.map { release in
            let catalogue = ConfigCatalogue.of(release)
            for list in [catalogue.topics, catalogue.brokers] {
                #expect(list.map(\.name) == Set(list.map(\.name)).sorted())
            }
            return [catalogue.topics.count, catalogue.brokers.count]
        }
        #expect(counts == [[26, 99], [26, 99], [36, 118], [33, 121]])
    }

    @Test func everyDefaultIsAValueThatMayBeTyped() throws {
        for release in releases {
            let catalogue = ConfigCatalogue.of(release)
            for known in catalogue.topics + catalogue.brokers {
                guard let initial = known.initial else { continue }
                let raw = try ConfigForm(known.name, known).raw(initial)
                #expect(raw == initial, "\(known.name)")
            }
        }
    }

    @Test func theBrokersConfigBehindATopicsIsOfTheSameType() {
        for release in releases {
            let catalogue = ConfigCatalogue.of(release)
            for known in catalogue.topics {
                guard let name = known.brokerName, let behind = catalogue.broker(name) else {
                    continue
                }
                #expect(behind.type == known.type, "\(known.name)")
            }
        }
    }

    @Test func releasesThatAreInNoTableTakeTheNearestWord() {
        let old = ConfigCatalogue.topic("segment.bytes", KafkaRelease(3, 6))
        #expect(old?.rule == .from(14, to: nil))
        let new = ConfigCatalogue.topic("segment.bytes", KafkaRelease(5, 0))
        #expect(new?.rule == .from(1_048_576, to: nil))
        #expect(ConfigCatalogue.topic("segment.bytes")?.rule == new?.rule)
        #expect(ConfigCatalogue.topic("remote.storage.enable", KafkaRelease(3, 0)) != nil)
        #expect(ConfigCatalogue.topic("no.such.key") == nil)
        #expect(ConfigCatalogue.broker("listener.name.a.b") == nil)
    }

    @Test func whatMayBeChangedWhere() {
        #expect(ConfigCatalogue.broker("log.dirs")?.access == .atStart)
        #expect(ConfigCatalogue.broker("listeners")?.access == .oneBroker)
        #expect(ConfigCatalogue.broker("num.io.threads")?.access == .anywhere)
        #expect(ConfigCatalogue.broker("leader.replication.throttled.rate")?.type == .long)
    }

    /// No line of the table speaks of a key that nobody knows.
    @Test func whatIsRiskyIsSaidOfKeysThatAreKnown() {
        var keys: Set<String> = ["leader.replication.throttled.rate"]
        keys.insert("follower.replication.throttled.rate")
        for release in releases {
            let catalogue = ConfigCatalogue.of(release)
            for known in catalogue.topics + catalogue.brokers { keys.insert(known.name) }
        }
        let risky = keys.filter {
            (ConfigCatalogue.topic($0) ?? ConfigCatalogue.broker($0))?.risk != nil
        }
        #expect(risky.count == 46)
        #expect(
            ConfigCatalogue.topic("unclean.leader.election.enable")?.risk
                == "true lets a replica lead that lacks records: those are lost")
    }

    @Test func theBrokersWordOnTheTypeIsTheLast() {
        let known = ConfigCatalogue.topic("retention.ms")
        #expect(ConfigForm("retention.ms", known, told: .string).kind == .text)
        #expect(ConfigForm("retention.ms", known, told: .unknown).kind == .whole(-1 ... .max))
        #expect(ConfigForm("retention.ms", known, told: .int).kind != .text)
        #expect(ConfigForm("no.such.ms", nil, told: .long).kind == .text)
    }

    @Test func releasesAreReadByTheirFirstTwoNumbers() {
        #expect(KafkaRelease("4.3.1") == KafkaRelease(4, 3))
        #expect(KafkaRelease("3.9")! < KafkaRelease("3.10")!)
        #expect(KafkaRelease("4") == nil)
        #expect(KafkaRelease("trunk") == nil)
    }
}
