// Which versions of which APIs a broker speaks, learned anew on every connection, since brokers are
// upgraded one at a time.
package import KafkaWire
import Transport

/// A broker's answer to ApiVersions.
package struct VersionTable: Hashable, Sendable {
    /// By API key, as the broker says it.
    package let ranges: [Int16: ClosedRange<Int16>]

    /// Feature levels in force and those the broker supports (KIP-584; ApiVersions v3 and newer).
    package let finalizedFeatures: [String: Int16]
    package let supportedFeatures: [String: ClosedRange<Int16>]
    /// The epoch of the finalised features; negative where none are reported.
    package let featuresEpoch: Int64

    package init(_ response: ApiVersionsResponse) {
        var finalized: [String: Int16] = [:]
        for feature in response.finalizedFeatures {
            finalized[feature.name] = feature.maxVersionLevel
        }
        finalizedFeatures = finalized
        var supported: [String: ClosedRange<Int16>] = [:]
        for feature in response.supportedFeatures where feature.minVersion <= feature.maxVersion {
            supported[feature.name] = feature.minVersion...feature.maxVersion
        }
        supportedFeatures = supported
        featuresEpoch = response.finalizedFeaturesEpoch
        var ranges: [Int16: ClosedRange<Int16>] = [:]
        for api in response.apiKeys where api.minVersion <= api.maxVersion {
            ranges[api.apiKey] = api.minVersion...api.maxVersion
        }
        self.ranges = ranges
    }

    /// The newest version both sides know, or nil.
    package func version(key: Int16, ours: ClosedRange<Int16>) -> Int16? {
        guard let theirs = ranges[key] else { return nil }
        let best = min(ours.upperBound, theirs.upperBound)
        return best >= max(ours.lowerBound, theirs.lowerBound) ? best : nil
    }

    package func version<R: ClientRequest>(of type: R.Type) -> Int16? {
        version(key: R.apiKey, ours: R.versions)
    }
}

extension ApiVersionsResponse {
    /// The first answer of a connection, and how many bytes stand behind it; nil where it makes no
    /// sense. Zeros alone read as an answer that lists nothing.
    static func read(
        _ buffer: FrameBuffer, _ version: Int16
    ) -> (response: ApiVersionsResponse, leftOver: Int)? {
        var leftOver = 0
        let response = try? buffer.withBytes { bytes throws(WireFault) in
            try decodeResponse(
                ApiVersionsRequest.self, version: version, bytes: bytes, leftOver: &leftOver)
        }
        guard let response, leftOver == 0 || !response.apiKeys.isEmpty else { return nil }
        return (response, leftOver)
    }
}
