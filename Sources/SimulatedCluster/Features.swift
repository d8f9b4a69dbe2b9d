// The feature levels that ApiVersions tells with the versions, as seen on real brokers.
import KafkaWire

extension RequestContext {
    private struct Feature {
        let name: String
        let least: Int16
        let greatest: Int16
        /// The level in force; no broker answers 0.
        let level: Int16
    }

    private var features: [Feature] {
        guard shape.coordination == .kraft else { return [] }
        if broker.release >= .v43 {
            return [
                Feature(name: "group.version", least: 0, greatest: 1, level: 1),
                Feature(name: "kraft.version", least: 0, greatest: 1, level: 0),
                Feature(name: "metadata.version", least: 7, greatest: 30, level: 30),
                Feature(name: "share.version", least: 0, greatest: 1, level: 1),
                Feature(name: "streams.version", least: 0, greatest: 1, level: 1),
                Feature(name: "transaction.version", least: 0, greatest: 2, level: 2),
                Feature(
                    name: "eligible.leader.replicas.version", least: 0, greatest: 1, level: 1),
            ]
        }
        return [
            Feature(name: "kraft.version", least: 0, greatest: 1, level: 0),
            Feature(name: "metadata.version", least: 1, greatest: 21, level: 21),
        ]
    }

    /// Adds what the version of the request can carry: before 4 no range may begin at 0.
    func addFeatures(to response: inout ApiVersionsResponse) {
        guard version >= 3, broker.release > .v24 else { return }
        for feature in features where version >= 4 || feature.least > 0 {
            var entry = ApiVersionsResponse.SupportedFeature()
            entry.name = feature.name
            entry.minVersion = feature.least
            entry.maxVersion = feature.greatest
            response.supportedFeatures.append(entry)
        }
        response.finalizedFeaturesEpoch = features.isEmpty ? 0 : 740 + Int64(t * 2)
        for feature in features where feature.level > 0 {
            var entry = ApiVersionsResponse.FinalizedFeature()
            entry.name = feature.name
            entry.maxVersionLevel = feature.level
            entry.minVersionLevel = feature.level
            response.finalizedFeatures.append(entry)
        }
    }
}
