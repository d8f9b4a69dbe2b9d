// What a config belongs to, as DescribeConfigs and the requests that alter configs number it.
// Source: Kafka's ConfigResource.Type.

/// The kind of a config's resource. A number without a name here (16 client metrics, 32 group) is
/// kept as it came.
package struct ConfigResourceType: Hashable, Sendable, RawRepresentable, ExpressibleByIntegerLiteral
{
    package var rawValue: Int8

    package init(rawValue: Int8) { self.rawValue = rawValue }
    package init(integerLiteral value: Int8) { rawValue = value }

    package static let unknown: ConfigResourceType = 0
    package static let topic: ConfigResourceType = 2
    /// Named by a broker's id, or by nothing for the default of all brokers.
    package static let broker: ConfigResourceType = 4
    package static let brokerLogger: ConfigResourceType = 8
}
