// The catalogue of configs against real brokers: each key they list, its type and its default.
import Foundation
import KafkaConfigs
import KafkaWire
import Testing

private enum Catalogue {
    /// A topic's and a broker's configs as a broker describes them.
    private static func described(
        _ cluster: KafkaCluster, _ type: ConfigResourceType, _ name: String
    ) throws -> [DescribeConfigsResponse.Config] {
        let address = try #require(cluster.bootstrap.split(separator: ",").first)
        let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
        var request = DescribeConfigsRequest()
        request.resources = [.init(resourceType: type, resourceName: name)]
        request.includeSynonyms = true
        request.includeDocumentation = true
        let answer = try #require(try RawBroker(port: port).ask(request, version: 3))
        let result = try #require(answer.results.first)
        #expect(result.error == .none, "\(result.errorMessage ?? "")")
        return result.configs
    }

    /// What the catalogue lacks of a broker's list, or has otherwise, a line each.
    static func check(
        _ cluster: KafkaCluster, topic: String, _ release: KafkaRelease
    ) throws {
        let catalogue = ConfigCatalogue.of(release)
        let told = try described(cluster, .topic, topic)
        #expect(told.count > 25)
        #expect(Set(told.map(\.name)) == Set(catalogue.topics.map(\.name)))
        for config in told {
            let known = try #require(catalogue.topic(config.name))
            #expect(known.type.rawValue == config.configType, "\(config.name)")
            #expect(config.documentation?.isEmpty == false, "\(config.name)")
            // What the broker's own file says is no default.
            if config.configSource == 5, !config.name.hasPrefix("message.format") {
                #expect(known.initial == config.value, "\(config.name)")
            }
            // What the broker holds can be typed, and what is shown of it too.
            let form = ConfigForm(config.name, known)
            let value = config.value ?? ""
            #expect(throws: Never.self, "\(config.name)=\(value)") { _ = try form.raw(value) }
            if let text = form.humanised(value) {
                #expect((try? form.raw(text)) == value, "\(config.name)=\(text)")
            }
        }
        for config in try described(cluster, .broker, "1") {
            guard let known = catalogue.broker(config.name) else { continue }
            #expect(known.type.rawValue == config.configType, "\(config.name)")
            #expect(
                (known.access == .atStart) == config.readOnly, "\(config.name) is read only or not")
        }
    }
}

extension Live.KRaft {
    @Test func theCatalogueIsWhatBrokersKnow() throws {
        try Catalogue.check(
            currentCluster(), topic: "quiet.topic_with-all-signs", KafkaRelease(4, 3))
    }
}

extension Live.ZooKeeperMode {
    @Test func theCatalogueIsWhatBrokersKnow() throws {
        try Catalogue.check(
            currentCluster(), topic: "quiet.topic_with-all-signs", KafkaRelease(3, 9))
    }
}
