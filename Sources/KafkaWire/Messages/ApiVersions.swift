// ApiVersions (key 18): which versions of which APIs a broker speaks. The first request on a
// connection. Source: Kafka's ApiVersionsRequest/Response.json; v5 as 4.4 sends it.

/// Asks a broker for its versions. Name and version of the software must match Kafka's pattern
/// (letters, digits, `-` and `.`, neither at the ends being `-` or `.`), else error 42.
package struct ApiVersionsRequest: KafkaRequest {
    package static let apiKey: Int16 = 18
    package static let name = "ApiVersions"
    package static let effect = ApiEffect.reads
    package static let verb = "read API versions"
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexible: Int16 = 3
    package typealias Response = ApiVersionsResponse

    package var clientSoftwareName = ""
    package var clientSoftwareVersion = ""
    /// The cluster and broker we mean to talk to; a mismatch is answered with error 129 (4.4).
    package var clusterID: String?
    package var nodeID: Int32 = -1
    package var unknownTags = UnknownTags()

    package init() {}

    /// The header of this answer never has tags: a client must be able to read it before it knows
    /// what the broker speaks.
    package static func hasResponseHeaderTags(_ version: Int16) -> Bool { false }

    /// A broker that does not know the version answers in the layout of v0 with error 35.
    package static func answeredVersion(asked: Int16, error: KafkaError) -> Int16 {
        error == .unsupportedVersion ? 0 : asked
    }

    package mutating func walk(_ w: inout some WireVisitor) {
        w.string(&clientSoftwareName, 3..., ignorable: true)
        w.string(&clientSoftwareVersion, 3..., ignorable: true)
        w.string(&clusterID, 5..., ignorable: true)
        w.int32(&nodeID, 5..., default: -1, ignorable: true)
        w.tags()
    }
}

/// What a broker speaks.
package struct ApiVersionsResponse: KafkaResponse {
    /// The range of one API.
    package struct ApiVersion: WireStruct {
        package var apiKey: Int16 = 0
        package var minVersion: Int16 = 0
        package var maxVersion: Int16 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int16(&apiKey)
            w.int16(&minVersion)
            w.int16(&maxVersion)
            w.tags()
        }
    }

    /// A feature the broker could run, with its range of levels.
    package struct SupportedFeature: WireStruct {
        package var name = ""
        package var minVersion: Int16 = 0
        package var maxVersion: Int16 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.int16(&minVersion)
            w.int16(&maxVersion)
            w.tags()
        }
    }

    /// A feature in force in the cluster.
    package struct FinalizedFeature: WireStruct {
        package var name = ""
        package var maxVersionLevel: Int16 = 0
        package var minVersionLevel: Int16 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.int16(&maxVersionLevel)
            w.int16(&minVersionLevel)
            w.tags()
        }
    }

    package var error = KafkaError.none
    package var apiKeys: [ApiVersion] = []
    package var throttleTimeMs: Int32 = 0
    package var supportedFeatures: [SupportedFeature] = []
    /// -1 when the broker does not know it.
    package var finalizedFeaturesEpoch: Int64 = -1
    package var finalizedFeatures: [FinalizedFeature] = []
    package var zkMigrationReady = false
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.error(&error)
        w.structs(&apiKeys)
        w.int32(&throttleTimeMs, 1..., ignorable: true)
        w.openTags()
        if w.openTag(0, isDefault: supportedFeatures.isEmpty) {
            w.structs(&supportedFeatures)
            w.closeTag()
        }
        if w.openTag(1, isDefault: finalizedFeaturesEpoch == -1) {
            w.int64(&finalizedFeaturesEpoch)
            w.closeTag()
        }
        if w.openTag(2, isDefault: finalizedFeatures.isEmpty) {
            w.structs(&finalizedFeatures)
            w.closeTag()
        }
        if w.openTag(3, isDefault: !zkMigrationReady) {
            w.bool(&zkMigrationReady)
            w.closeTag()
        }
        w.closeTags()
    }
}
